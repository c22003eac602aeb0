import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { importedFiles, type Registration } from "../lib/catalog/imported";
import { hasCode } from "../lib/error-code";
import { UserError } from "../lib/user-error";
import type { Asked } from "./command-line.cjs";
import { fromStartFolder } from "./start-folder";
import { howTo } from "./usage.cjs";

const USAGE = howTo("catalog");

const entriesSchema = z.array(
  z.object({
    Node: z.object({ Address: z.string() }),
    Service: z.object({
      ID: z.string(),
      Service: z.string(),
      Address: z.string().default(""),
      Port: z.number().default(0),
      Tags: z.array(z.string()).nullish(),
      Meta: z.record(z.string(), z.string()).nullish(),
      Weights: z.object({ Passing: z.number(), Warning: z.number() }).default({ Passing: 1, Warning: 1 }),
    }),
    Checks: z.array(
      z.object({
        ServiceID: z.string(),
        Type: z.string().default(""),
        Interval: z.string().default(""),
        Timeout: z.string().default(""),
        Output: z.string(),
      }),
    ),
  }),
);

/**
 * `npm run catalog -- import --from URL --to FOLDER`: writes the catalog files of what a running Consul holds. Asks only
 * for what it reads; the token, where it needs one, comes from a file, so that it is on no command line.
 */
export async function importCatalog({ named }: Asked): Promise<number> {
  const { from, to, token } = importOptions(named);
  inFolder(to, () => {
    if (existsSync(to) && readdirSync(to).length > 0)
      throw new UserError(`${to} is not empty, and nothing is overwritten`, "Name a new folder with --to.");
  });
  const services = z.record(z.string(), z.unknown()).parse(await ask(from, "/v1/catalog/services", token));
  const names = Object.keys(services).filter((name) => name !== "consul");
  const registrations: Registration[] = [];
  for (const name of names)
    registrations.push(...registered(await ask(from, `/v1/health/service/${encodeURIComponent(name)}`, token)));
  if (registrations.length === 0)
    throw new UserError(
      `${from} holds no service that this token may read`,
      "Give a token that may read services and nodes with --token-file.",
    );
  const files = importedFiles(registrations);
  inFolder(to, () => {
    mkdirSync(to, { recursive: true });
    for (const { name, text } of files) writeFileSync(join(to, name), text);
  });
  for (const { name, services: count, left } of files) {
    console.log(`${join(to, name)}  ${count} services`);
    for (const why of left) console.log(`  left out ${why}`);
  }
  return files.some(({ left }) => left.length > 0) ? 1 : 0;
}

/** @throws UserError where the folder is none, or may not be written to */
function inFolder(folder: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`${folder} cannot be used: ${why}`, "Name a folder with --to that is new or empty and yours.");
  }
}

function registered(answer: unknown): readonly Registration[] {
  return entriesSchema.parse(answer).map(({ Node, Service, Checks }) => ({
    id: Service.ID,
    name: Service.Service,
    address: Service.Address || Node.Address,
    port: Service.Port,
    tags: Service.Tags ?? [],
    meta: Service.Meta ?? {},
    weights: { passing: Service.Weights.Passing, warning: Service.Weights.Warning },
    checks: Checks.filter(({ ServiceID }) => ServiceID === Service.ID).map((check) => ({
      type: check.Type,
      interval: check.Interval,
      timeout: check.Timeout,
      output: check.Output,
    })),
  }));
}

async function ask(from: string, path: string, token: string | undefined): Promise<unknown> {
  try {
    const answer = await fetch(`${from}${path}`, {
      headers: token === undefined ? {} : { "X-Consul-Token": token },
      signal: AbortSignal.timeout(30_000),
    });
    if (answer.ok) return await answer.json();
    throw new UserError(
      `${from} answered ${answer.status} to ${path}`,
      "Look at the address and at the token's rights.",
    );
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${from} is no Consul that answers`, "Look at the address, such as http://localhost:8500.");
  }
}

function importOptions(given: Asked["named"]) {
  const [from, to, file] = [given.get("from"), given.get("to"), given.get("token-file")];
  if (from === undefined || to === undefined) throw new UserError("From where, and to which folder?", USAGE);
  if (!/^https?:\/\/[^/]+\/?$/.test(from)) throw new UserError(`${from} is no address of a Consul`, USAGE);
  return {
    from: from.replace(/\/$/, ""),
    to: fromStartFolder(to),
    token: file === undefined ? undefined : readToken(fromStartFolder(file)),
  };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new UserError("The token's file is not there", USAGE);
    throw new UserError(error instanceof Error ? error.message : String(error), USAGE);
  }
}
