import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

/** As much of a Consul server's API as the monitor reads, over TLS, to whoever shows a certificate. */
export class FakeServer {
  /** Values in Consul KV. */
  readonly kv = new Map<string, unknown>();
  readonly checks: Readonly<Record<string, string>>[] = [];
  readonly services = new Map<string, string>();
  /** Every path that was asked. */
  readonly asked: string[] = [];
  /** Headers besides the index. */
  headers: Readonly<Record<string, string>> = { "x-consul-knownleader": "true", "x-consul-lastcontact": "0" };
  token = "geheim";
  leader = "127.0.0.1:8300";
  private index = 10;
  private readonly waiting = new Set<() => void>();
  private readonly server: Server;

  constructor(certPem: string, keyPem: string) {
    const tls = { cert: certPem, key: keyPem, ca: certPem, requestCert: true, rejectUnauthorized: true };
    this.server = createServer(tls, (request, response) => {
      this.answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((done) => this.server.listen(port, "127.0.0.1", done));
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.changed();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Lets go of whoever waits. */
  changed(): void {
    this.index += 1;
    for (const go of [...this.waiting]) go();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://consul");
    this.asked.push(url.pathname + url.search);
    if (request.headers["x-consul-token"] !== this.token) {
      response.writeHead(403).end("Permission denied");
      return;
    }
    if (url.searchParams.get("index") === String(this.index)) await this.wait();
    const body = this.bodyOf(url.pathname);
    response
      .writeHead(body === undefined ? 404 : 200, { ...this.headers, "x-consul-index": String(this.index) })
      .end(body === undefined ? "" : JSON.stringify(body));
  }

  private wait(): Promise<void> {
    return new Promise((done) => {
      const go = () => {
        clearTimeout(timer);
        this.waiting.delete(go);
        done();
      };
      const timer = setTimeout(go, 1000);
      this.waiting.add(go);
    });
  }

  private bodyOf(path: string): unknown {
    if (path === "/v1/kv/catalog/" && this.kv.size > 0)
      return [...this.kv].map(([Key, value]) => ({
        Key,
        Value: Buffer.from(JSON.stringify(value)).toString("base64"),
      }));
    if (path === "/v1/health/state/any") return this.checks;
    if (path === "/v1/status/leader") return this.leader;
    if (path === "/v1/catalog/services")
      return Object.fromEntries([...new Set(this.services.values())].map((name) => [name, []]));
    if (path.startsWith("/v1/catalog/node-services/"))
      return { Services: [...this.services].map(([ID, Service]) => ({ ID, Service })) };
    return undefined;
  }
}
