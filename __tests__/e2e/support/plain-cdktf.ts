import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { plainCdktf } from "./clone.js";
import { platform, token } from "./platform.js";

/** The stacks of the platform under test. */
export const STACKS = [
  "access",
  "foundation",
  "gateway",
  "monitor",
  "monitoring",
  "queries",
  "registry",
  "server-1",
  "server-2",
  "server-3",
  "workloads",
];

/** What its applies say they did, each once. It loses the last lines of a stack now and then, so they are not counted. */
export function sums(text: string): readonly string[] {
  return [...new Set(text.match(/Apply complete! Resources: .*/g))];
}

const stateSchema = z.object({ resources: z.array(z.object({ type: z.string(), instances: z.array(z.unknown()) })) });

/** Runs plain `npx cdktf` in the clone, keeps what it prints, and notes the secrets that must not be in it. */
export class Printed {
  private text = "";
  private readonly secrets = new Set<string>();

  async cdktf(args: string, before = ""): Promise<string> {
    const text = await plainCdktf(args, before);
    this.text += text;
    return text;
  }

  /** Notes the secrets that the platform has now: tokens, keys and what they were made of. */
  async noteSecrets(): Promise<void> {
    for (const name of ["management", "metrics", "discovery", "operator"]) this.secrets.add(await token(name));
    const text = readFileSync(join(platform().folder, "state", "foundation.tfstate"), "utf8");
    const made = stateSchema.parse(JSON.parse(text)).resources.filter(({ type }) => /^random_|private_key$/.test(type));
    // A key is printed line by line: its second one is enough to know it by.
    for (const [, value = ""] of JSON.stringify(made).matchAll(/"(?:hex|base64|private_key_pem)":"([^"]+)"/g))
      this.secrets.add(value.split("\\n")[1] ?? value);
  }

  /** @param secrets how many must have been noted */
  expectNoSecret(secrets: number): void {
    expect(this.secrets.size).toBe(secrets);
    expect(this.text).toContain("<sensitive>");
    expect([...this.secrets].filter((secret) => this.text.includes(secret))).toEqual([]);
  }
}
