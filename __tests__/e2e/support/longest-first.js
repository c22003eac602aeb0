import { readFileSync } from "node:fs";
import Sequencer from "@jest/test-sequencer";
import { extract, parse } from "jest-docblock";

/** Files run side by side end together where the longest begin first. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const seconds = new Map(
      tests.map((test) => [test, Number(parse(extract(readFileSync(test.path, "utf8"))).seconds)]),
    );
    return [...tests].sort((a, b) => seconds.get(b) - seconds.get(a) || a.path.localeCompare(b.path));
  }
}
