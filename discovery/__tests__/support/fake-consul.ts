import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** An instance as the fake has it. */
export interface FakeInstance {
  readonly id: string;
  readonly port?: number;
  readonly address?: string;
  readonly status?: string;
  readonly serf?: string;
  readonly tags?: readonly string[];
  readonly meta?: Readonly<Record<string, string>>;
  readonly weights?: { readonly Passing: number; readonly Warning: number };
}

/** What goes wrong with an answer. */
export type Fault = "429" | "500" | "403" | "400" | "torn" | "silent" | "garbage" | "shape" | "reset";

/** As much of a Consul agent as the client speaks to, in this process: it blocks, and does whatever fault is wanted. */
export class FakeConsul {
  readonly services = new Map<string, readonly FakeInstance[]>();
  readonly requests: string[] = [];
  /** What the agent itself has registered, by id. */
  readonly agentServices = new Map<string, Record<string, unknown>>();
  readonly checks = new Map<string, { status: string; note: string }>();
  index = 10;
  fault: Fault | undefined;
  /** Without a token (false), everything is hidden and nobody is told; with a weak one, the header tells. */
  acl: "open" | "anonymous-blind" | "weak-token" = "open";
  streaming = true;
  knownLeader = true;
  lagMs = 0;
  /** A server that has not caught up after a start: what it says to whoever takes any server's word. */
  behind: { readonly index: number; readonly services: ReadonlyMap<string, readonly FakeInstance[]> } | undefined;
  /** Whether the leader can be asked; without it a question that is for it alone gets a 500. */
  hasLeader = true;
  mostConnections = 0;
  private readonly waiting = new Set<() => void>();
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((request, answer) => this.serve(request, answer));

  async start(port = 0): Promise<number> {
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      this.mostConnections = Math.max(this.mostConnections, this.sockets.size);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get connections(): number {
    return this.sockets.size;
  }

  set(service: string, instances: readonly FakeInstance[]): void {
    this.services.set(service, instances);
    this.index++;
    this.wake();
  }

  /** Answers every blocking query now, changed or not. */
  wake(): void {
    for (const answer of [...this.waiting]) answer();
  }

  /** As a restored or rebuilt server would be: all indexes are small again. */
  goBackTo(index: number): void {
    this.index = index;
    this.wake();
  }

  asked(part: string): number {
    return this.requests.filter((each) => each.includes(part)).length;
  }

  private serve(request: IncomingMessage, answer: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://consul");
    this.requests.push(`${request.method} ${request.url}`);
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      if (this.fail(request, answer)) return;
      const wanted = Number(url.searchParams.get("index") ?? 0);
      if (wanted < this.index || !url.pathname.startsWith("/v1/health/"))
        return this.answer(url, request, body, answer);
      const wait = Number.parseInt(url.searchParams.get("wait") ?? "60000", 10);
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(done);
        if (!this.fail(request, answer)) this.answer(url, request, body, answer);
      };
      const timer = setTimeout(done, wait);
      this.waiting.add(done);
      answer.on("close", () => {
        clearTimeout(timer);
        this.waiting.delete(done);
      });
    });
  }

  private fail(request: IncomingMessage, answer: ServerResponse): boolean {
    switch (this.fault) {
      case undefined:
        return false;
      case "silent":
        return true;
      case "reset":
        request.socket.destroy();
        return true;
      case "torn":
        answer.writeHead(200, { "content-length": "1000" }).write('[{"Node"');
        setImmediate(() => request.socket.destroy());
        return true;
      case "garbage":
        answer.writeHead(200).end("<html>a proxy's page</html>");
        return true;
      case "shape":
        answer.writeHead(200).end('[{"Node":{}}]');
        return true;
      default:
        answer.writeHead(Number(this.fault)).end("as the test wants it");
        return true;
    }
  }

  private answer(url: URL, request: IncomingMessage, body: string, answer: ServerResponse): void {
    const headers: Record<string, string> = { "content-type": "application/json" };
    const [, , area = "", kind = "", verb = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
    const isStale = url.searchParams.has("stale");
    if (!isStale && !this.hasLeader && (area === "health" || area === "catalog")) {
      answer.writeHead(500).end("No cluster leader");
      return;
    }
    const { index, services } = (isStale ? this.behind : undefined) ?? this;
    if (area === "health") {
      const blocking = url.searchParams.has("index");
      headers["x-consul-index"] = `${index}`;
      headers["x-consul-query-backend"] = blocking && this.streaming ? "streaming" : "blocking-query";
      headers["x-consul-knownleader"] = `${this.knownLeader && !(blocking && this.streaming)}`;
      headers["x-consul-lastcontact"] = `${this.lagMs}`;
      const isHidden = this.acl !== "open";
      if (this.acl === "weak-token" && !blocking) headers["x-consul-results-filtered-by-acls"] = "true";
      const found = isHidden ? [] : (services.get(verb) ?? []);
      answer.writeHead(200, headers).end(JSON.stringify(found.map((each) => entryOf(verb, each))));
    } else if (area === "catalog") {
      const names = this.acl === "open" ? ["consul", ...services.keys()] : [];
      answer.writeHead(200, headers).end(JSON.stringify(Object.fromEntries(names.map((name) => [name, []]))));
    } else {
      const [status, text] = this.agent(`${request.method} ${kind} ${verb}`, rest[0] ?? verb, url, body);
      answer.writeHead(status).end(text);
    }
  }

  private agent(what: string, id: string, url: URL, body: string): readonly [status: number, text: string] {
    if (what === "GET services ") return [200, JSON.stringify(Object.fromEntries(this.agentServices))];
    if (what === "PUT service register") {
      const definition = JSON.parse(body);
      this.agentServices.set(definition.ID, { ...definition, Service: definition.Name });
      return [200, ""];
    }
    if (what === "PUT service deregister") return [this.agentServices.delete(id) ? 200 : 404, ""];
    if (what.startsWith("GET service ")) {
      const found = this.agentServices.get(id);
      return found === undefined ? [404, "unknown service ID"] : [200, JSON.stringify(found)];
    }
    const state = /^PUT check (pass|warn|fail)$/.exec(what)?.[1];
    if (state === undefined) return [404, "no such path"];
    if (!this.checks.has(id)) return [404, `Unknown check ID ${JSON.stringify(id)}`];
    this.checks.set(id, { status: state, note: url.searchParams.get("note") ?? "" });
    return [200, ""];
  }
}

function entryOf(service: string, instance: FakeInstance): unknown {
  const { id, port = 80, address = "", status = "passing", serf = "passing", tags = [], meta = {}, weights } = instance;
  return {
    Node: { Node: "agent", Address: "127.0.0.1" },
    Service: {
      ID: id,
      Service: service,
      Address: address,
      Port: port,
      Tags: tags,
      Meta: meta,
      Weights: weights ?? { Passing: 1, Warning: 1 },
    },
    Checks: [
      { CheckID: "serfHealth", Status: serf },
      { CheckID: `${id}:http`, Status: status, Output: `${Math.random()}` },
    ],
  };
}
