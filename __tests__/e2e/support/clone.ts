import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { settingsFor } from "../../../dev/fresh-clone.js";
import { command, docker, type Ended, measured, platform, VERB_ENV } from "./platform.js";

/** The catalog files of the clone, as a person edits them. */
export class CatalogFiles {
  private readonly originals = new Map<string, string>();

  /** Replaces a text that stands in the file exactly once. */
  edit(file: string, from: string, to: string): void {
    const path = this.path(file);
    const text = readFileSync(path, "utf8");
    if (!this.originals.has(path)) this.originals.set(path, text);
    if (text.split(from).length !== 2) throw new Error(`${file} does not have exactly one ${from}`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }

  /** `line:column` of a text in a file as it is now. */
  placeOf(file: string, text: string): string {
    const before = readFileSync(this.path(file), "utf8").split(text)[0] ?? "";
    const lines = before.split("\n");
    return `${lines.length}:${(lines.at(-1) ?? "").length + 1}`;
  }

  /** Puts the files back, or one of them; tells whether one had been edited. */
  restore(file?: string): boolean {
    const paths = [...this.originals.keys()].filter((path) => file === undefined || path === this.path(file));
    for (const path of paths) {
      writeFileSync(path, this.originals.get(path) ?? "");
      this.originals.delete(path);
    }
    return paths.length > 0;
  }

  private path(file: string): string {
    return join(platform().folder, "service-catalog", file);
  }
}

/** Runs shell commands in the clone as a person does who works without the verbs: `eval "$(npx rollcall env)"` first. */
export function inClone(script: string): Promise<Ended> {
  const test = platform();
  return command("sh", ["-c", `exports="$(npx rollcall env)" || exit; eval "$exports"; ${script}`], {
    cwd: test.folder,
    // CI: the CDK for Terraform prints lines then, no spinner.
    env: { ...settingsFor(test), ...VERB_ENV, CI: "true" },
  });
}

/** A plain `npx cdktf` in the clone, after `eval "$(npx rollcall env)"`; gives what it printed, without colours. */
export async function plainCdktf(args: string, before = ""): Promise<string> {
  // Where providers come from a mirror, `terraform providers lock` would look for a registry, in a folder that has not
  // been initialized yet.
  const mirrored = args === "synth" ? "" : '$([ "$ROLLCALL_PROVIDERS" = registry ] || echo --skip-provider-lock)';
  const ended = await inClone(`${before} npx cdktf ${args} ${mirrored}`);
  const text = stripVTControlCharacters(`${ended.stdout}${ended.stderr}`);
  if (ended.code !== 0) throw new Error(`cdktf ${args} gave ${ended.code}:\n${text.slice(-4000)}`);
  measured(`cdktf ${args}`, ended.seconds, 60);
  return text;
}

const changeSchema = z.object({
  address: z.string(),
  change: z.object({ actions: z.array(z.string()), before: z.unknown(), after: z.unknown() }),
});
const planSchema = z.object({ resource_changes: z.array(changeSchema).default([]) });

/** What Terraform would do to one stack. */
export interface Plan {
  /** The resources that would change. */
  readonly changes: readonly z.infer<typeof changeSchema>[];
  /** As a person reads it. */
  readonly text: string;
}

/** Synthesizes and plans some stacks. */
export async function plan<Stack extends string>(...stacks: readonly Stack[]): Promise<Record<Stack, Plan>> {
  // A plan file holds the state in clear: in a folder that only we can read, and not for long.
  const folder = mkdtempSync(join(tmpdir(), "rollcall-plan-"));
  try {
    const each = stacks.map((stack) =>
      [
        `cd cdktf.out/stacks/${stack}`,
        `$terraform plan -input=false -out=${folder}/${stack} >&2`,
        `$terraform show -no-color ${folder}/${stack} >${folder}/${stack}.txt`,
        `$terraform show -json ${folder}/${stack} >${folder}/${stack}.json`,
      ].join(" && "),
    );
    const script = ["npx rollcall synth", ...each.map((line) => `(${line})`)].join(" && ");
    const ended = await inClone(`terraform="\${ROLLCALL_TERRAFORM:-terraform}"; ${script}`);
    if (ended.code !== 0) throw new Error(ended.stderr);
    const plans = stacks.map((stack) => {
      const { resource_changes } = planSchema.parse(JSON.parse(readFileSync(join(folder, `${stack}.json`), "utf8")));
      const changes = resource_changes.filter(({ change }) => change.actions.join() !== "no-op");
      return [stack, { changes, text: readFileSync(join(folder, `${stack}.txt`), "utf8") }];
    });
    return Object.fromEntries(plans) as Record<Stack, Plan>;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What `npx rollcall up` says it did: stack → "no change", or "1 added, 0 changed, 1 destroyed". */
export function applied(stderr: string): Readonly<Record<string, string>> {
  const lines = stderr.matchAll(/^ *[\d.]+ s {2}(\S+) +(no change|\d+ added, \d+ changed, \d+ destroyed) \(/gm);
  return Object.fromEntries([...lines].map(([, stack = "", sum = ""]) => [stack, sum]));
}

/** Every container of the platform by name: which one it is and since when it runs. */
export async function containers(): Promise<Readonly<Record<string, string>>> {
  const instance = readFileSync(join(platform().folder, "state", "instance"), "utf8").trim();
  const ids = await docker("ps", "--all", "--quiet", "--filter", `label=rollcall.instance=${instance}`);
  const format = "{{.Name}} {{.Id}} {{.State.StartedAt}}";
  const text = await docker("inspect", "--format", format, ...ids.split("\n").filter(Boolean));
  const rows = text.split("\n").filter(Boolean);
  return Object.fromEntries(rows.map((row) => [row.slice(1, row.indexOf(" ")), row.slice(row.indexOf(" ") + 1)]));
}

/** The keys whose values differ, or that only one of them has. */
export function differing(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key])).sort();
}
