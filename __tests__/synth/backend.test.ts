import { synthPlatform } from "./synth-app.js";

const DATABASE = {
  ROLLCALL_BACKEND: "pg",
  PGHOST: "db.example.com",
  PGUSER: "somebody",
  PGPASSWORD: "a-password",
  PG_CONN_STR: "postgres://somebody:a-password@db.example.com/states",
};
const stacks = Object.entries(synthPlatform({ ...DATABASE, ROLLCALL_PREFIX: "two-" }).stacks);

test("with ROLLCALL_BACKEND=pg the state of each stack has a schema of its own", () => {
  expect(Object.fromEntries(stacks.map(([name, { terraform }]) => [name, terraform.backend]))).toEqual(
    Object.fromEntries(stacks.map(([name]) => [name, { pg: { conn_str: "", schema_name: `rollcall-two-${name}` } }])),
  );
});

test("a stack finds what it needs of another in that one's schema", () => {
  const reads = stacks.flatMap(([name, stack]) =>
    Object.values(stack.data.terraform_remote_state ?? {}).map(({ backend, config }) => ({ name, backend, config })),
  );
  expect(reads).toContainEqual({
    name: "registry",
    backend: "pg",
    config: { conn_str: "", schema_name: "rollcall-two-foundation" },
  });
  expect(reads.filter(({ backend }) => backend !== "pg")).toEqual([]);
});

test("neither the database's place nor a password is in what is synthesized", () => {
  for (const [, { text }] of stacks) expect(text).not.toMatch(/a-password|db\.example\.com|somebody/);
});
