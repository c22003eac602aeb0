import { literal } from "../../../lib/literal.js";

/** What Terraform makes of a template, by HCL's rules; fails where it would interpolate. */
function asTerraformReads(template: string): string {
  const rest = template.replace(/([$%])\1\{/g, "");
  if (/[$%]\{/.test(rest)) throw new Error(`Terraform would interpolate ${template}`);
  return template.replace(/([$%])\1\{/g, "$1{");
}

test.each([
  ["${HOME}", "$${HOME}"],
  ["%{ if x }", "%%{ if x }"],
  ["${a:-${b}}", "$${a:-$${b}}"],
  ["a ${b} c %{d}", "a $${b} c %%{d}"],
  ["$${already}", "$$${already}"],
  ["%%{already}", "%%%{already}"],
  ["$%{x}", "$%%{x}"],
])("%s is escaped as %s", (text, escaped) => {
  expect(literal(text)).toBe(escaped);
});

test.each(["", "$HOME", "$1 100% { }", "$$", "%%", "{ $ }", "proxy_set_header Host $http_host;", "line\nline"])(
  "%j has nothing to escape",
  (text) => {
    expect(literal(text)).toBe(text);
  },
);

test.each(["${a}", "$${a}", "$$${a}", "%{a}", "%%%{a}", "${${a}}", "%${a}", "$%{a}", "${", "a$", "${~ a ~}", "\\${a}"])(
  "Terraform reads %s as it was written",
  (text) => {
    expect(asTerraformReads(literal(text))).toBe(text);
  },
);

test("the reading in this test would notice what was not escaped", () => {
  expect(() => asTerraformReads("${a}")).toThrow("interpolate");
  expect(() => asTerraformReads("$$ %{a}")).toThrow("interpolate");
});
