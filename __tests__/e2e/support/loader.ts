import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { renderDefinition } from "../../../lib/catalog/definition.js";
import { judgeDefinition } from "../../../lib/catalog/definition-schema.js";
import { freePorts } from "../../../ops/platform/free-ports.js";
import { registrationOf } from "../../../programs/registrar/registration.js";
import { anyCatalog } from "../../support/catalog-generator.js";
import { catalogOf } from "../../support/catalog-helpers.js";

type Fields = Record<string, unknown>;

/** Fields that Consul knows besides, and one that it does not. */
const FURTHER = [
  "kind",
  "token",
  "proxy",
  "ports",
  "enable_tag_override",
  "args",
  "tcp",
  "udp",
  "status",
  "Interval",
  "x",
];
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, "", " ", "0s", "-1s", "1e9h", "99999999h", "10", "5 s", "1d", true, false, [], {}),
  fc.constantFrom<unknown>([""], [null], { "": "" }, { passing: 0, warning: -1 }, { "consul-x": "y" }, "x".repeat(600)),
  fc.constantFrom<unknown>(0, -1, 1.5, 65_536, 1e21, "0.0.0.0", "::", "\ud800", "a\u0000b", "file:///etc/passwd"),
  fc.integer(),
  fc.string({ maxLength: 20 }),
);
interface Mutation {
  readonly inCheck: boolean;
  readonly what: "replace" | "remove" | "add";
  readonly field: number;
  readonly name: string;
  readonly value: unknown;
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  inCheck: fc.boolean(),
  what: fc.constantFrom<Mutation["what"]>("replace", "remove", "add"),
  field: fc.nat(),
  name: fc.constantFrom(...FURTHER),
  value: junk,
});

function mutated(definition: Fields, { inCheck, what, field, name, value }: Mutation): Fields {
  const [check, ...others] = Array.isArray(definition.checks) ? (definition.checks as Fields[]) : [];
  if (inCheck && typeof check === "object" && check !== null)
    return { ...definition, checks: [mutated(check, { inCheck: false, what, field, name, value }), ...others] };
  const fields = Object.keys(definition);
  const chosen = what === "add" ? name : (fields[field % fields.length] ?? name);
  const { [chosen]: _, ...rest } = definition;
  return what === "remove" ? rest : { ...rest, [chosen]: value };
}

/** Definitions, each with a name of its own: as synth renders them, and with one or two things changed. */
export function anyDefinitions(count: number, seed: number): readonly Fields[] {
  const catalogs = fc.sample(anyCatalog, { numRuns: Math.ceil(count / 20), seed }).map(catalogOf);
  const sound = catalogs.flatMap(({ services }) => services).slice(0, count);
  const changes = fc.sample(fc.array(mutation, { maxLength: 2 }), { numRuns: count, seed });
  return changes.map((mutations, n) => {
    const service = sound[n % sound.length];
    if (service === undefined) throw new Error("the generator gave nothing");
    const id = `s${n}`;
    const renamed = JSON.stringify(renderDefinition({ ...service, id, name: id }));
    return mutations.reduce(mutated, JSON.parse(renamed) as Fields);
  });
}

/** Consul's program, as an agent in memory or as its loader, in a folder of its own. */
export class Consul {
  private readonly home = mkdtempSync(join(tmpdir(), "rollcall-loader-"));
  private readonly processes: ChildProcess[] = [];
  private port = 0;

  constructor(private readonly program: string) {}

  /** Starts an agent whose API is asked. */
  async start(folder?: string): Promise<void> {
    const [server = 0, lan = 0, wan = 0, http = 0] = await freePorts(4);
    const ports = { server, serf_lan: lan, serf_wan: wan, http, https: -1, dns: -1, grpc: -1, grpc_tls: -1 };
    const file = join(this.home, `agent-${http}.json`);
    const config = { bind_addr: "127.0.0.1", client_addr: "127.0.0.1", log_level: "ERROR", disable_update_check: true };
    writeFileSync(file, JSON.stringify({ ...config, ports }));
    const files = folder === undefined ? [] : ["-config-dir", folder];
    const child = spawn(this.program, ["agent", "-dev", "-config-file", file, ...files], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    child.stdout.on("data", (part) => {
      said += part;
    });
    this.processes.push(child);
    this.port = http;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the agent does not start: ${said.slice(0, 1000)}`);
      const answer = await fetch(`http://127.0.0.1:${http}/v1/agent/services`).catch(() => undefined);
      if (answer?.ok === true) return;
      await sleep(50);
    }
  }

  /** What the agent's API says of a definition: "" where it takes it. */
  async asked(body: string, id: string): Promise<string> {
    const put = (path: string, text?: string) =>
      fetch(`http://127.0.0.1:${this.port}/v1/agent/service/${path}`, {
        method: "PUT",
        ...(text === undefined ? {} : { body: text }),
      });
    const answer = await put("register", body);
    const said = await answer.text();
    if (answer.ok) await put(`deregister/${encodeURIComponent(id)}`);
    return answer.ok ? "" : `${answer.status} ${said}`;
  }

  async services(): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/v1/agent/services`);
    return Object.keys(JSON.parse(await answer.text())).length;
  }

  /** Writes definitions as the registrar does, a file each. */
  write(definitions: readonly Fields[]): string {
    const folder = mkdtempSync(join(this.home, "definitions-"));
    mkdirSync(folder, { recursive: true });
    for (const [n, service] of definitions.entries())
      writeFileSync(join(folder, `t.${n}.json`), JSON.stringify({ service }));
    return folder;
  }

  /** What the loader says of a folder; "" where it takes it. */
  validate(folder: string): string {
    const file = join(this.home, "validate.json");
    writeFileSync(file, JSON.stringify({ bind_addr: "127.0.0.1", data_dir: this.home }));
    const { status, stdout, stderr } = spawnSync(this.program, ["validate", "-quiet", file, folder], {
      encoding: "utf8",
    });
    return status === 0 ? "" : stdout + stderr;
  }

  stopLast(): void {
    this.processes.pop()?.kill("SIGKILL");
  }

  stop(): void {
    for (const child of this.processes) child.kill("SIGKILL");
    rmSync(this.home, { recursive: true, force: true });
  }
}

/**
 * Puts definitions before the schema, then the agent's API, then an agent that starts with the files of all that both took.
 * @returns how many there were of each
 */
export async function throughAllJudges(program: string, definitions: readonly Fields[]) {
  const consul = new Consul(program);
  try {
    await consul.start();
    const taken: Fields[] = [];
    const refusedByApi: string[] = [];
    for (const value of definitions) {
      const judged = judgeDefinition(value);
      if ("fault" in judged) continue;
      const { definition } = judged;
      const said = await consul.asked(registrationOf(JSON.stringify(definition), new Map(), false), definition.id);
      if (said === "")
        taken.push({ ...definition, checks: definition.checks.map((check) => ({ ...check, status: "critical" })) });
      else refusedByApi.push(`${said.trim()}: ${JSON.stringify(value)}`);
    }
    let started = 0;
    for (let from = 0; from < taken.length; from += 500) {
      const folder = consul.write(taken.slice(from, from + 500));
      const said = consul.validate(folder);
      if (said !== "") throw new Error(`the loader refuses what the schema and the API took: ${said.slice(0, 2000)}`);
      await consul.start(folder);
      // The agent has a service of its own, as a server.
      started += await consul.services();
      consul.stopLast();
    }
    return { judged: definitions.length, taken: taken.length, refusedByApi, started };
  } finally {
    consul.stop();
  }
}
