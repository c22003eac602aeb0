import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { literal } from "../../lib/literal.js";
import { allContainers } from "./containers.js";
import { synthPlatform } from "./synth-app.js";

// It needs no provider, no Docker and no network, only the binary.
const terraform = (folder: string, ...args: readonly string[]) =>
  spawnSync(process.env.ROLLCALL_TERRAFORM || "terraform", [`-chdir=${folder}`, ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "/dev/null" },
  });

/** What Terraform itself makes of these texts. */
function asTerraformReads(texts: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-terraform-"));
  try {
    writeFileSync(join(folder, "main.tf.json"), JSON.stringify({ output: { texts: { value: texts } } }));
    const { status, stderr, error } = terraform(folder, "apply", "-auto-approve", "-input=false", "-no-color");
    if (status !== 0) throw error ?? new Error(stderr);
    return z.array(z.string()).parse(JSON.parse(terraform(folder, "output", "-json", "texts").stdout));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("Terraform reads a literal as it was written", () => {
  const texts = [
    "${a}",
    "$${a}",
    "$$${a}",
    "%{if x}",
    "%%{a}",
    "%%%{a}",
    "$%{a}",
    "${${a}}",
    "${~ a ~}",
    "${",
    "$ % {}",
  ];
  expect(asTerraformReads(texts.map(literal))).toEqual(texts);
});

test("without it, the same text is refused or changed", () => {
  expect(() => asTerraformReads(["${HOME}"])).toThrow("Invalid reference");
  expect(asTerraformReads(["$${a}"])).toEqual(["${a}"]);
});

test("every script reaches its container byte for byte", () => {
  const uploads = allContainers(synthPlatform()).flatMap(({ stack, upload }) =>
    upload.map((file) => ({ stack, ...file })),
  );
  const read = (stack: string, name: string) =>
    uploads.find((upload) => upload.stack === stack && upload.file === `/rollcall/config/${name}`)?.content ?? "";
  const lib = (path: string) => readFileSync(join("lib/consul", path), "utf8");
  expect(
    asTerraformReads([read("server-1", "healthy.sh"), read("gateway", "healthy.sh"), read("registry", "agent.sh")]),
  ).toEqual([lib("scripts/server-healthy.sh"), lib("scripts/leader-known.sh"), lib("scripts/agent.sh")]);
});
