import { readFileSync } from "node:fs";
import fc from "fast-check";
import { readArguments } from "../../ops/command-line.cjs";
import { warning } from "../../ops/token";
import { help, helpOfAll, howTo } from "../../ops/usage.cjs";
import { USAGES } from "../../ops/usages.cjs";
import { askedOf } from "./asked";

const scripts: Record<string, string> = JSON.parse(readFileSync("package.json", "utf8")).scripts;
const verbs = new Set(Object.values(scripts).flatMap((script) => /^node ops\/run\.mjs (\S+)/.exec(script)?.[1] ?? []));

test("every verb that npm starts says how it is called, and no other does", () => {
  expect(Object.keys(USAGES).sort()).toEqual([...verbs].sort());
});

test("each way to call a verb begins with its name, and what it does is one line", () => {
  for (const [verb, { calls, does }] of Object.entries(USAGES)) {
    expect(calls.filter((call) => !new RegExp(`^(-s )?${verb}( -- |$)`).test(call))).toEqual([]);
    expect(does).not.toMatch(/\n|\.$/);
  }
});

test("help names the calls, what comes of it and more; all verbs have a line", () => {
  expect(help("synth")).toBe("npm run synth\n\nwrites every stack for Terraform, changes nothing.");
  expect(help("diff")).toContain("--against REF: ");
  expect(helpOfAll().split("\n")).toHaveLength(Object.keys(USAGES).length + 2);
  expect(howTo("down")).toBe("Run `npm run down -- [NAME] [--yes]`.");
});

test.each([
  ["restore", ["FILE", "--yes"], { words: ["FILE"], flags: ["yes"] }],
  ["restore", ["--yes", "FILE"], { words: ["FILE"], flags: ["yes"] }],
  ["logs", ["agent", "--tail", "5", "--follow"], { words: ["agent"], flags: ["follow"], named: { tail: "5" } }],
  ["logs", ["agent", "--tail=5"], { words: ["agent"], named: { tail: "5" } }],
  ["down", [], {}],
  ["down", ["--yes"], { flags: ["yes"] }],
  ["down", ["clone-ab12", "--yes"], { words: ["clone-ab12"], flags: ["yes"] }],
  ["diff", ["--against", "HEAD", "--format", "json"], { named: { against: "HEAD", format: "json" } }],
  ["rotate", ["tokens", "--finish"], { action: "tokens", flags: ["finish"] }],
  ["rotate", ["--finish", "tokens"], { action: "tokens", flags: ["finish"] }],
  ["catalog", ["show", "billing_service"], { action: "show", words: ["billing_service"] }],
  ["catalog", ["show", "help"], { action: "show", words: ["help"] }],
  ["github", ["comment", "--pull-request", "7"], { action: "comment", named: { "pull-request": "7" } }],
  ["test", [], {}],
  ["test", ["e2e", "01-up", "99-down"], { action: "e2e", words: ["01-up", "99-down"] }],
  ["bench", ["cold"], { action: "cold" }],
  ["token", [], {}],
  ["soak", ["5"], { words: ["5"] }],
])("%s %j is taken", (verb, args, expected) => {
  const { action, words, flags, named } = askedOf(verb, args);
  const asked = { action, words, flags: [...flags], named: Object.fromEntries(named) };
  expect(asked).toEqual({ action: "", words: [], flags: [], named: {}, ...expected });
});

test.each([
  ["status", ["--jsno"], "`status` has no option --jsno\nDid you mean `--json`?"],
  ["down", ["-y"], "`down` has no option -y\nDid you mean `--yes`?"],
  ["down", ["--yes=no"], "--yes takes no value"],
  ["down", ["a", "b"], '`down` does not take "b"'],
  // `npm run down -- "$NAME"` without a NAME: the word of everything that has no label of ours.
  ["down", [""], "An argument of `down` is empty"],
  ["diff", ["--format", "jsn"], '--format takes text, markdown, json, not "jsn"\nDid you mean `json`?'],
  ["diff", ["--against"], "--against needs a value: REF"],
  ["diff", ["--against="], "--against needs a value: REF"],
  ["catalog", ["lint", "--nonsense"], "`catalog` has no option --nonsense"],
  ["catalog", ["list", "extra"], '`catalog list` does not take "extra"'],
  ["catalog", ["lint", "--from", "x"], "`catalog lint` has no option --from"],
  ["catalog", ["lnit"], '`catalog` knows no "lnit"\nDid you mean `lint`?'],
  ["catalog", [], "`catalog` needs to be told what: lint, list, show, render, audit, import"],
  ["catalog", ["show"], "`catalog show` needs NAME"],
  ["restore", [], "`restore` needs FILE"],
  ["logs", [], "`logs` needs NAME"],
  ["rotate", ["gossip", "--finish"], "`rotate gossip` has no option --finish"],
  ["test", ["unti"], '`test` knows no "unti"\nDid you mean `unit`?'],
  ["bench:discovery", ["pick"], "Did you mean `picks`?"],
  ["github", ["drift", "now"], '`github drift` does not take "now"'],
])("%s %j is refused", (verb, args, cause) => {
  expect(() => askedOf(verb, args)).toThrow(cause);
  expect(() => askedOf(verb, args)).toThrow(howTo(verb));
});

/** Words that people type, and what a script makes of them by mistake. */
const typed = fc.oneof(
  fc.constantFrom(
    "",
    "-",
    "--",
    "-n",
    "-y",
    "-f",
    "--yes",
    "--no-yes",
    "--dry-run",
    "--dry-run=false",
    "--json",
    "help",
    "__proto__",
    "--__proto__",
  ),
  fc.string(),
  fc.stringMatching(/^--?[a-z-]{1,12}(=[a-z]*)?$/),
);

/** The verbs that take nothing at all. */
const BARE = Object.keys(USAGES).filter((verb) => USAGES[verb]?.calls.join() === verb);

test("whatever is typed after a verb that takes nothing, it is refused", () => {
  expect(BARE).toEqual(expect.arrayContaining(["up", "verify", "synth", "schema", "check", "doctor"]));
  const nothing = (args: readonly string[]) => args.length === 0 || (args.length === 1 && args[0] === "--");
  fc.assert(
    fc.property(fc.constantFrom(...BARE, "env"), fc.array(typed, { minLength: 1, maxLength: 4 }), (verb, args) => {
      fc.pre(!nothing(args));
      expect(() => askedOf(verb, args)).toThrow();
    }),
    { numRuns: 2_000 },
  );
});

test("no spelling gets a word or an option to a verb that its usage does not have", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(USAGES)), fc.array(typed, { maxLength: 4 }), (verb, args) => {
      const read = readArguments(verb, args);
      fc.pre("asked" in read);
      if (!("asked" in read)) return;
      const { named, flags, action, words } = read.asked;
      const usage = USAGES[verb]?.calls.join(" ") ?? "";
      for (const name of [...named.keys(), ...flags]) expect(usage).toContain(`--${name}`);
      expect(usage).toContain(action);
      expect(words.every((word) => word !== "" && word !== undefined)).toBe(true);
      // A surplus word would have been one that nobody reads.
      const most = usage.includes("...") ? Number.POSITIVE_INFINITY : 1;
      expect(words.length).toBeLessThanOrEqual(most);
    }),
    { numRuns: 2_000 },
  );
});

test("whoever shows a token is told how to pass it on unseen", () => {
  expect(warning("operator")).toContain('export CONSUL_HTTP_TOKEN="$(npm run -s token -- operator)"');
  expect(warning("operator")).toContain("umask 077");
});
