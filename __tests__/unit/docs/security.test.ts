import { readFileSync } from "node:fs";
import { type Grant, grantsFor } from "../../../lib/consul/acl/acl-grants.js";
import { AUDIT_LOGS, NOBODYS, VERBS_LOG } from "../../../lib/consul/nginx/audit.js";

const text = readFileSync("docs/security.md", "utf8");

/** Consumer and rules of each row of the first table in docs/security.md. */
const rows = [...text.matchAll(/^\| `(\w+)` \| (.+?) \| .+ \|$/gm)].map(([, name, rules]) => [name, rules]);

/** The rules as the table writes them. */
function written({ rules }: Grant): string {
  return Object.entries(rules)
    .flatMap(([resource, access]: [string, string | Readonly<Record<string, string>>]) => {
      if (typeof access === "string") return [`\`${resource} ${access}\``];
      if (resource === "service") return ['`service "NAME" write` for each declared name'];
      return Object.entries(access).map(([label, policy]) => `\`${resource} "${label}" ${policy}\``);
    })
    .sort()
    .join(", ");
}

test("docs/security.md has every consumer with its rules, and no other", () => {
  const grants: Readonly<Record<string, Grant>> = grantsFor({ services: [], dynamic: [] });
  const sorted = rows.map(([name, rules = ""]) => [name, rules.split(", ").sort().join(", ")]);
  expect(sorted).toEqual(Object.entries(grants).map(([name, grant]) => [name, written(grant)]));
});

test("docs/security.md has every file of the audit log with its size, and every word in the place of an accessor id", () => {
  const script = readFileSync("lib/consul/scripts/rotate-audit.sh", "utf8");
  const sizes = [...script.matchAll(/\b(\w+):(\d)000000\b/g)].map(([, name, size]) => [
    `${name}.log`,
    `2 × ${size} MB`,
  ]);
  const told = [...text.matchAll(/^\| `(\w+\.log)` \| .+ \| (.+) \|$/gm)].map(([, name, size]) => [name, size]);
  expect(told).toEqual(sizes);
  expect(sizes.map(([name]) => name)).toEqual([...Object.values(AUDIT_LOGS), VERBS_LOG]);
  for (const word of Object.values(NOBODYS)) expect(text).toContain(`| \`${word}\` |`);
});
