import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { cut, isPrintable, printable, printableLines } from "../../../lib/printable.js";
import { quoted } from "../../../ops/cli/quoted.js";
import { describeFindings } from "../../../ops/platform/until-services-pass.js";
import { renderProblems } from "../../../ops/report/status/render.js";
import { faultsOf } from "../../../ops/verbs/audit.js";
import { describeChecks } from "../../../ops/verbs/logs.js";
import { anyTextUpTo } from "../../support/any-text.js";
import { catalogOf, team } from "../../support/catalog-helpers.js";

const anyText = anyTextUpTo(60);

test.each([
  ["a bidirectional override", "a\u202eb", "a\\u202eb"],
  ["a C1 control", "a\u009b31mb", "a\\u009b31mb"],
  ["an escape", "\u001b[31m", "\\u001b[31m"],
  ["a zero-width space", "a\u200bb", "a\\u200bb"],
  ["a line separator", "a\u2028b", "a\\u2028b"],
  ["a variation selector", "a\ufe0fb", "a\\ufe0fb"],
  ["a space that is none", "a\u00a0b\u3000c", "a\\u00a0b\\u3000c"],
  ["a blank", "a\u2800b c", "a\\u2800b c"],
  ["a tag character", "a\u{e0041}b", "a\\udb40\\udc41b"],
  ["half of a pair", "a\ud800b", "a\\ud800b"],
  ["a line feed", "a\nb", "a\\nb"],
  ["a letter, an accent and a picture", "aé🚀", "aé🚀"],
])("%s is shown", (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test("nothing unseen is left of any text, and JSON stays JSON of the same values", () => {
  fc.assert(
    fc.property(anyText, fc.jsonValue(), (text, value) => {
      expect(isPrintable(printable(text))).toBe(true);
      expect(JSON.parse(printableLines(JSON.stringify([text, value], null, 2)))).toEqual(
        JSON.parse(JSON.stringify([text, value])),
      );
    }),
  );
});

test("a text of several lines keeps them", () => {
  expect(printableLines("a\u202e\nb")).toBe("a\\u202e\nb");
});

test("a long text is cut where everybody sees it, and never within a character", () => {
  expect(cut("abc", 3)).toBe("abc");
  expect(cut("abcdef", 3)).toBe("abc… (3 characters more)");
  expect(cut("ab🚀d", 3)).toBe("ab… (3 characters more)");
});

test("a shell gets any text as it was, and the command shows everything that it holds", () => {
  const lines = anyTextUpTo(30).map((text) => text.replaceAll("\0", ""));
  fc.assert(
    fc.property(lines, (text) => {
      const word = quoted(`${text}.`);
      expect(isPrintable(word)).toBe(true);
      expect(execFileSync("sh", ["-c", `printf %s ${word}`], { encoding: "utf8" })).toBe(`${text}.`);
    }),
    { numRuns: 60 },
  );
});

describe("what Consul or a catalog holds cannot steer a terminal, nor hide", () => {
  const evil = "\u001b[2Ja\u202eb\u009b31m\u200b";
  const shown = "\\u001b[2Ja\\u202eb\\u009b31m\\u200b";
  const service = catalogOf({ "a.yaml": team("team-a", ["x: { port: 1 }"]) }).services[0];

  test.each<[string, () => string]>([
    ["status", () => renderProblems([{ what: evil, remedy: evil }])],
    [
      "verify",
      () =>
        describeFindings(
          { teams: [], services: [], dynamic: [] },
          {
            findings: [{ name: evil, team: "", standing: "extra", why: evil }],
            refusals: [{ key: evil, reason: evil }],
          },
        ),
    ],
    [
      "logs",
      () =>
        service === undefined
          ? ""
          : describeChecks(service, [{ node: "n", serviceId: "x", status: "critical", type: "http", output: evil }]),
    ],
    [
      "audit's commands",
      () =>
        faultsOf(
          { teams: [], services: [], dynamic: [] },
          [],
          [{ node: evil, id: evil, name: "y", address: "h", port: 1, tags: [], meta: {} }],
          [],
          { prefix: "", httpPort: 8500 },
        )[0]?.mend ?? "",
    ],
  ])("%s", (_, print) => {
    expect(printableLines(print())).toBe(print());
    expect(print()).toContain(shown);
  });
});
