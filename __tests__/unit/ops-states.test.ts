import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStates } from "../../ops/states";
import { Terraform } from "../../ops/terraform";

const folder = mkdtempSync(join(tmpdir(), "rollcall-states-test-"));
const log = join(folder, "log");

afterAll(() => rmSync(folder, { recursive: true }));

/** A Terraform that writes down when it begins to read a state, and when it has. */
function terraform(): Terraform {
  const program = join(folder, "terraform");
  const script = ["#!/bin/sh", `echo begin >>${log}`, "sleep 0.2", `echo end >>${log}`, 'echo ""'];
  writeFileSync(program, `${script.join("\n")}\n`, { mode: 0o755 });
  return new Terraform(program, { PATH: process.env.PATH });
}

function stack(name: string) {
  const place = join(folder, name);
  mkdirSync(join(place, ".terraform"), { recursive: true });
  return { name, folder: place, dependencies: [], names: { container: [], network: [], volume: [] }, places: [] };
}

test("a database is asked for one state alone before it is asked for the others: the first one makes what all share", async () => {
  const stacks = ["foundation", "server-1", "gateway"].map(stack);
  await expect(readStates({ backend: "pg", stateFolder: folder }, terraform(), stacks)).resolves.toEqual(new Map());
  const said = readFileSync(log, "utf8").trim().split("\n");
  expect(said).toHaveLength(6);
  expect(said.slice(0, 2)).toEqual(["begin", "end"]);
});
