import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

interface Check {
  readonly CheckID: string;
  readonly ServiceID: string;
  Status: string;
  Output: string;
  readonly interval: string;
}
/** What was asked of the agent to do. */
interface Told {
  readonly what: "register" | "deregister";
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** As much of Consul's agent as the registrar talks to. */
export class FakeAgent {
  readonly kv = new Map<string, string | Buffer>();
  readonly services = new Set<string>();
  readonly checks = new Map<string, Check>();
  readonly told: Told[] = [];
  /** What it answers a registration of a service with instead. */
  readonly refuses = new Map<string, number>();
  /** Called before a registration is answered, which waits for it. */
  onRegister: (id: string) => void | Promise<void> = () => {};
  mayRead = true;
  isAway = false;
  /** Somebody else answers in its place that there is nothing. */
  isStrange = false;
  private index = 1;
  private readonly waiting = new Set<() => void>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.changed();
    this.server.closeAllConnections();
    this.server.close();
  }

  put(key: string, value: unknown): void {
    this.kv.set(key, typeof value === "string" || Buffer.isBuffer(value) ? value : JSON.stringify(value));
    this.changed();
  }

  delete(key: string): void {
    this.kv.delete(key);
    this.changed();
  }

  /** A check has run. */
  check(id: string, status: string, output = "it ran"): void {
    const check = this.checks.get(id);
    if (check === undefined) throw new Error(`there is no ${id}`);
    check.Status = status;
    check.Output = output;
    this.changed();
  }

  /** It forgets a service, as Consul does one that was critical for too long. */
  lose(id: string): void {
    this.services.delete(id);
    for (const [key, { ServiceID }] of this.checks) if (ServiceID === id) this.checks.delete(key);
    this.changed();
  }

  registrationsOf(id: string): readonly Told[] {
    return this.told.filter((each) => each.what === "register" && each.id === id);
  }

  changed(): void {
    this.index += 1;
    for (const wake of this.waiting) wake();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://agent");
    const body = await text(request);
    if (this.isAway) return void response.writeHead(502).end();
    const json = (value: unknown, status = 200) => {
      response.writeHead(status, { "x-consul-index": String(this.index), "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (Number(url.searchParams.get("index") ?? "0") === this.index)
      await new Promise<void>((wake) => this.waiting.add(wake));
    if (url.pathname.startsWith("/v1/kv/")) return this.answerKv(url, response, json);
    if (url.pathname.startsWith("/v1/health/node/")) return json([]);
    if (url.pathname === "/v1/agent/checks") return json(Object.fromEntries(this.checks));
    if (url.pathname === "/v1/agent/services")
      return json(Object.fromEntries([...this.services].map((id) => [id, {}])));
    const [, gone] = /^\/v1\/agent\/service\/deregister\/(.*)$/.exec(url.pathname) ?? [];
    if (gone !== undefined) {
      const id = decodeURIComponent(gone);
      this.told.push({ what: "deregister", id, body: {} });
      const isThere = this.services.has(id);
      this.lose(id);
      return isThere ? json({}) : void response.writeHead(404).end(`Unknown service ID "${id}"`);
    }
    await this.register(JSON.parse(body), response);
  }

  private answerKv(url: URL, response: ServerResponse, json: (value: unknown, status?: number) => void): void {
    const prefix = decodeURIComponent(url.pathname.slice("/v1/kv/".length));
    if (this.isStrange) return void response.writeHead(404).end("no such page");
    if (!url.searchParams.has("recurse")) {
      if (this.mayRead) json("", 404);
      else response.writeHead(403).end("Permission denied");
      return;
    }
    const entries = [...this.kv]
      .filter(([key]) => this.mayRead && key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([Key, value]) => ({ Key, Value: Buffer.from(value).toString("base64") }));
    json(entries, entries.length === 0 ? 404 : 200);
  }

  private async register(
    body: { id: string; checks: Record<string, string>[] },
    response: ServerResponse,
  ): Promise<void> {
    const { id } = body;
    this.told.push({ what: "register", id, body });
    const refused = this.refuses.get(id);
    if (refused !== undefined) return void response.writeHead(refused).end("Permission denied");
    this.services.add(id);
    const before = new Map(this.checks);
    for (const [key, { ServiceID }] of this.checks) if (ServiceID === id) this.checks.delete(key);
    for (const { CheckID = "", status = "", interval = "" } of body.checks)
      this.checks.set(CheckID, {
        CheckID,
        ServiceID: id,
        Status: status,
        Output: "",
        ...before.get(CheckID),
        interval,
      });
    await this.onRegister(id);
    response.end();
    this.changed();
  }
}
