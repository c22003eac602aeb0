import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { platform } from "./platform.js";

const stateSchema = z.object({
  outputs: z.record(z.string(), z.object({ value: z.unknown(), sensitive: z.boolean().default(false) })),
  resources: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      instances: z.array(
        z.object({
          attributes: z.record(z.string(), z.unknown()),
          sensitive_attributes: z.array(z.array(z.object({ value: z.unknown() }))).default([]),
        }),
      ),
    }),
  ),
});

function readState(stack: string) {
  return stateSchema.parse(JSON.parse(readFileSync(join(platform().folder, "state", `${stack}.tfstate`), "utf8")));
}

/** A stack's output. Quicker than the verbs, which have tests of their own. */
export function outputInState(stack: string, name: string): string {
  return z.string().parse(readState(stack).outputs[name]?.value);
}

/** The certificate of the platform's CA. */
export function caCertificate(): string {
  return outputInState("foundation", "ca-certificate");
}

/** The name of the platform under test: what the label `rollcall.instance` says of everything in it. */
export function instanceName(): string {
  return readFileSync(join(platform().folder, "state", "instance"), "utf8").trim();
}

/** A token's accessor id, with which nobody can do anything: marked as sensitive only because it crosses stacks. */
const ACCESSOR = /-consul_acl_token[a-z-]+_Token_[0-9A-F]{8}id$/;

/**
 * Every secret of the platform, by what it is: each value that Terraform knows to be sensitive in any stack's state. A
 * private key counts as its first line, the one with the secret number in it, so that it is found however its lines
 * are joined.
 */
export function secretValues(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const stacks = readdirSync(join(platform().folder, "state")).filter((name) => name.endsWith(".tfstate"));
  for (const stack of stacks.map((name) => name.replace(/\.tfstate$/, ""))) {
    const { outputs, resources } = readState(stack);
    for (const [name, { value, sensitive }] of Object.entries(outputs))
      if (sensitive && !ACCESSOR.test(name)) add(`${stack} ${name}`, value);
    // Deeper ones, and a whole block that is sensitive, repeat what stands in a value of its own elsewhere.
    for (const { type, name, instances } of resources)
      for (const { attributes, sensitive_attributes } of instances)
        for (const [first, ...deeper] of sensitive_attributes)
          if (deeper.length === 0) add(`${stack} ${type}.${name} ${first?.value}`, attributes[String(first?.value)]);
  }
  return found;

  function add(what: string, value: unknown): void {
    // All that comes from another stack is marked sensitive, certificates too.
    if (typeof value !== "string" || value === "" || value.startsWith("-----BEGIN CERTIFICATE")) return;
    const [secret = ""] = value.split("\n").filter((line) => !line.startsWith("-----"));
    if (![...found.values()].includes(secret)) found.set(what, secret);
  }
}
