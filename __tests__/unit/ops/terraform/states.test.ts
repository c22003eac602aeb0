import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokenStates } from "../../../../ops/terraform/state-files.js";
import { readStates } from "../../../../ops/terraform/states.js";
import { Terraform } from "../../../../ops/terraform/terraform.js";
import { container, stateOf } from "../../../support/state-fixtures.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-states-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A Terraform that runs this script. */
function terraform(...script: readonly string[]): Terraform {
  const program = join(folder, "terraform");
  writeFileSync(program, `${["#!/bin/sh", ...script].join("\n")}\n`, { mode: 0o755 });
  return new Terraform(program, { PATH: process.env.PATH });
}

function stack(name: string) {
  const place = join(folder, name);
  mkdirSync(join(place, ".terraform"), { recursive: true });
  return { name, folder: place, dependencies: [], names: { container: [], network: [], volume: [] }, places: [] };
}

test("a database is asked for one state alone before it is asked for the others: the first one makes what all share", async () => {
  const stacks = ["foundation", "server-1", "gateway"].map(stack);
  const log = join(folder, "log");
  const slow = terraform(`echo begin >>${log}`, "sleep 0.2", `echo end >>${log}`, 'echo ""');
  await expect(readStates({ backend: "pg", stateFolder: folder }, slow, stacks)).resolves.toEqual(new Map());
  const said = readFileSync(log, "utf8").trim().split("\n");
  expect(said).toHaveLength(6);
  expect(said.slice(0, 2)).toEqual(["begin", "end"]);
});

describe("a local state", () => {
  const whole = stateOf([container("c1")]);
  const local = () => ({ backend: "local", stateFolder: folder }) as const;
  const file = () => join(folder, "server-1.tfstate");
  const read = () => readStates(local(), terraform("exit 1"), []);

  test("that is whole is read, and one that holds nothing, as after `cdktf destroy`, is that of no stack", async () => {
    writeFileSync(file(), whole);
    writeFileSync(join(folder, "gateway.tfstate"), stateOf([]));
    await expect(read()).resolves.toEqual(new Map([["server-1", whole]]));
    expect(brokenStates(local())).toEqual([]);
  });

  test.each([
    ["a quarter", whole.slice(0, whole.length / 4), "is cut off or damaged: it is not whole JSON"],
    ["a half", whole.slice(0, whole.length / 2), "is cut off or damaged: it is not whole JSON"],
    ["garbage", "\0\0\0\0", "is cut off or damaged: it is not whole JSON"],
    ["nothing", "", "is empty (0 bytes)"],
    ["white space", "\n", "is empty (0 bytes)"],
    ["{}", "{}", "is JSON, but not a Terraform state (format 4)"],
    ["a list", "[]", "is JSON, but not a Terraform state (format 4)"],
    [
      "a state of another format",
      '{"version":3,"serial":1,"modules":[]}',
      "is JSON, but not a Terraform state (format 4)",
    ],
    [
      "a state whose resources are none",
      '{"version":4,"serial":1,"outputs":{},"resources":{}}',
      "is JSON, but not a Terraform state (format 4)",
    ],
  ])("of which %s is left is refused by the name of its file", async (_, text, why) => {
    writeFileSync(file(), text);
    await expect(read()).rejects.toMatchObject({
      message: `The state of the stack server-1, ${file()}, ${why}`,
      remedy: `Terraform made no copy of it (${file()}.backup): take the state from a backup (docs/operations.md, "A lost state").`,
    });
    expect(brokenStates(local()).map((each) => each.stack)).toEqual(["server-1"]);
  });

  test("that is damaged is refused with the copy that Terraform made, where that one is whole", async () => {
    writeFileSync(file(), whole.slice(0, 100));
    writeFileSync(`${file()}.backup`, whole);
    await expect(read()).rejects.toMatchObject({
      remedy: expect.stringMatching(
        /^Terraform's copy .* holds 1 resource: `cp (\S+)\.backup \1`, then `npx rollcall diff`/,
      ),
    });
    writeFileSync(`${file()}.backup`, whole.slice(0, 50));
    await expect(read()).rejects.toMatchObject({ remedy: expect.stringMatching(/backup, holds nothing either/) });
    writeFileSync(`${file()}.backup`, stateOf([]));
    await expect(read()).rejects.toMatchObject({ remedy: expect.stringMatching(/backup, holds nothing either/) });
  });

  test("is named where it cannot be read at all", async () => {
    mkdirSync(file());
    await expect(read()).rejects.toMatchObject({ message: expect.stringMatching(/server-1\.tfstate, cannot be read/) });
  });

  test("that Terraform made empty when a first apply took the lock is that of no stack", async () => {
    writeFileSync(file(), "");
    writeFileSync(join(folder, ".server-1.tfstate.lock.info"), "{}");
    await expect(read()).resolves.toEqual(new Map());
    // Where it was written over, the copy has what was there before.
    writeFileSync(`${file()}.backup`, whole);
    await expect(read()).rejects.toMatchObject({ message: expect.stringMatching(/is empty \(0 bytes\)/) });
  });

  test("of several, all that are damaged are named, and none of the others", async () => {
    for (const name of ["access", "foundation"]) writeFileSync(join(folder, `${name}.tfstate`), "{");
    writeFileSync(file(), whole);
    await expect(read()).rejects.toMatchObject({
      message: expect.stringMatching(/^The state of the stack access, .*; the state of the stack foundation, [^;]*$/),
    });
  });

  describe("that OpenTofu encrypted", () => {
    const encrypted = '{"serial":1,"lineage":"l","meta":{},"encrypted_data":"AAAA","encryption_version":"v0"}';
    beforeEach(() => writeFileSync(file(), encrypted));

    test("is decrypted in memory, and is not damaged", async () => {
      expect(brokenStates(local())).toEqual([]);
      const tofu = terraform(`cat <<'END'\n${whole}END`);
      await expect(readStates(local(), tofu, [])).resolves.toEqual(new Map([["server-1", whole]]));
    });

    test("and cut off is damaged", async () => {
      writeFileSync(file(), encrypted.slice(0, 40));
      await expect(read()).rejects.toMatchObject({ message: expect.stringMatching(/is cut off/) });
    });

    test("with another key is refused with the key as the remedy", async () => {
      const tofu = terraform('echo "Error: decryption failed for all provided methods" >&2', "exit 1");
      await expect(readStates(local(), tofu, [])).rejects.toMatchObject({
        message: "The state is encrypted, and not with the key of TF_ENCRYPTION",
      });
    });

    test("is refused by name where Terraform cannot read it", async () => {
      await expect(read()).rejects.toMatchObject({
        message: `${file()} is encrypted and cannot be decrypted`,
        remedy: expect.stringMatching(/^Use OpenTofu/),
      });
    });
  });
});

describe("an output", () => {
  const output = (...script: readonly string[]) => terraform(...script).output(stack("access").folder, "token-x");

  test("is read by its name", async () => {
    await expect(output(`echo '{"token-x":{"sensitive":true,"type":"string","value":"s"}}'`)).resolves.toBe("s");
  });

  test("that is not there is none, also where the state has no output at all, of which Terraform warns", async () => {
    await expect(output("echo '{}'")).resolves.toBeUndefined();
    await expect(output(`echo '{"token-y":{"value":"s"}}'`)).resolves.toBeUndefined();
  });

  test("of a state that Terraform cannot read is refused in its words, without its box and colours", async () => {
    const box = String.raw`printf '\033[31m╷\033[0m\n\033[31m│\033[0m \033[1mError: \033[0mUnsupported state file format\n\033[31m│\033[0m \n\033[31m│\033[0m It has no version.\n\033[31m╵\033[0m\n' >&2`;
    await expect(output(box, "exit 1")).rejects.toMatchObject({
      message: "Terraform cannot read the state: Unsupported state file format It has no version.",
      remedy: "`npx rollcall doctor` looks further.",
    });
  });
});
