import { setTimeout as sleep } from "node:timers/promises";
import type { MonitorConfig } from "../../lib/monitoring/monitor-config.js";
import { readEntries } from "../registrar/agent.js";
import { Unreachable } from "../registrar/consul.js";
import { type Declarations, Declaring, NOTHING_DECLARED } from "./declared.js";
import { readChecks, readNames, readRegistered, type SeenCheck } from "./seen.js";
import type { Servers } from "./servers.js";
import { lacksChecks, type View, viewOf } from "./states.js";

/** What changes together is read together, and nobody is asked more often. */
const GATHER_MS = 1000;
const RETRY_MS = 1000;
const NONE = Buffer.alloc(0);
const HEALTH = "/v1/health/state/any";

/** What the watch tells. */
export interface Watcher {
  /** What there is now; `isNew` where the declarations are others than before. */
  saw(view: View, reading: { readonly at: number; readonly lastContact: number; readonly isNew: boolean }): void;
  /** Nobody answered; or somebody did, and refused. */
  failed(reason: string, isRefused: boolean): void;
}

/** Follows Consul by two blocking queries: what is declared, and how everything is. */
export class Watch {
  private declarations: Declarations = NOTHING_DECLARED;
  private readonly declaring: Declaring;
  private checks: readonly SeenCheck[] | undefined;
  /** The answers that the last view comes from, and itself: of the same answers there is no other. */
  private checksBody: Buffer = NONE;
  private others: readonly Buffer[] = [];
  private view: View | undefined;
  private lastRead: string | undefined;
  private isNew = false;
  /** What could not be read the last time: a view needs both. */
  private readonly failing = new Set<"kv" | "health">();

  constructor(
    private readonly config: MonitorConfig,
    private readonly servers: Servers,
    private readonly watcher: Watcher,
  ) {
    this.declaring = new Declaring(config.prefix);
  }

  run(): void {
    void this.follow("kv");
    void this.follow("health");
  }

  private async follow(what: "kv" | "health"): Promise<never> {
    for (let index: string | undefined; ; ) {
      try {
        index = await (what === "kv" ? this.readKv(index) : this.readHealth(index));
        this.failing.delete(what);
        await sleep(GATHER_MS);
      } catch (error) {
        index = undefined;
        this.failing.add(what);
        const reason = `${what}: ${error instanceof Error ? error.message : error}`;
        // What it cannot read is no silence either.
        this.watcher.failed(reason, !(error instanceof Unreachable));
        await sleep(RETRY_MS);
      }
    }
  }

  private async readKv(index: string | undefined): Promise<string> {
    const reading = await this.servers.read(`/v1/kv/${this.config.prefix}?recurse=true`, index);
    const body = reading.status === 404 ? "[]" : reading.body.toString("utf8");
    if (body === this.lastRead) return reading.index;
    const next = this.declaring.read(readEntries(Buffer.from(body)));
    const isFewer = [...this.declarations.declared.keys()].some(
      (id) => !next.declared.has(id) && !next.doubtful.has(id),
    );
    // Keys that the token may not read look like keys that are gone; here Consul says so.
    if (isFewer || reading.status === 404) await this.servers.read(`/v1/kv/${this.config.prefix}`);
    this.isNew ||= this.lastRead !== undefined;
    this.lastRead = body;
    this.declarations = next;
    this.view = undefined;
    this.failing.delete("kv");
    if (this.checks !== undefined) await this.look(this.checks);
    return reading.index;
  }

  private async readHealth(index: string | undefined): Promise<string> {
    const reading = await this.servers.read(HEALTH, index);
    const checks = this.takeChecks(reading.body);
    this.failing.delete("health");
    if (this.lastRead !== undefined) await this.look(checks);
    return reading.index;
  }

  private takeChecks(body: Buffer): readonly SeenCheck[] {
    if (this.checks !== undefined && body.equals(this.checksBody)) return this.checks;
    this.checksBody = body;
    this.view = undefined;
    this.checks = readChecks(body);
    return this.checks;
  }

  /** What has no check stands in no list of checks. */
  private async look(checks: readonly SeenCheck[], tries = 3): Promise<void> {
    const { node, facts } = this.config;
    const at = Date.now();
    const registered = await this.servers.read(`/v1/catalog/node-services/${encodeURIComponent(node)}`);
    const names = await this.servers.read("/v1/catalog/services");
    // The other query may have been answered meanwhile.
    if (checks !== this.checks || this.failing.has("kv")) return;
    const others = [registered.body, names.body];
    if (this.view === undefined || !others.every((body, which) => body.equals(this.others[which] ?? NONE))) {
      const seen = { checks, registered: readRegistered(registered.body), names: readNames(names.body) };
      // Registered between the two answers: without its check it would look as if it passed.
      if (tries > 1 && lacksChecks(this.declarations, seen))
        return this.look(this.takeChecks((await this.servers.read(HEALTH)).body), tries - 1);
      this.view = viewOf(this.declarations, seen, node, facts);
      this.others = others;
    }
    const { isNew } = this;
    this.isNew = false;
    this.watcher.saw(this.view, { at, lastContact: names.lastContact, isNew });
  }
}
