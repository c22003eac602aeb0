import { Agent, createServer, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { platform } from "./platform.js";

/** What becomes of each answer. `dead` holds what is open and never says anything again, as a host that is gone. */
export type ProxyFault = "429" | "500" | "torn" | "dead" | "garbage" | "reset";

/** Stands between a client and the platform's gateway, and does whatever fault is wanted to what comes back. */
export class FaultProxy {
  private fault: ProxyFault | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(private readonly server: Server) {
    server.on("connection", (socket) => {
      this.sockets.add(socket.on("close", () => this.sockets.delete(socket)));
    });
    server.on("request", (asked, answer) => {
      if (this.fault === "dead") return;
      const to = { host: "127.0.0.1", port: platform().httpPort, agent: this.agent };
      const call = request({ ...to, path: asked.url, method: asked.method, headers: asked.headers }, (got) => {
        const parts: Buffer[] = [];
        got.on("data", (part: Buffer) => parts.push(part));
        got.on("error", () => answer.destroy());
        got.on("end", () => this.answer(answer, got.statusCode ?? 502, got.headers, Buffer.concat(parts)));
      });
      call.on("error", () => answer.destroy());
      answer.on("close", () => call.destroy());
      asked.pipe(call);
    });
  }

  static async start(): Promise<FaultProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FaultProxy(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on. Blocking queries that wait are met by it too: their connections break, or go silent. */
  begin(fault: ProxyFault): void {
    this.fault = fault;
    if (fault !== "dead") this.breakOff();
  }

  end(): void {
    this.fault = undefined;
    this.breakOff();
  }

  async stop(): Promise<void> {
    this.breakOff();
    this.agent.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private breakOff(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private answer(to: ServerResponse, status: number, headers: Record<string, unknown>, body: Buffer): void {
    const head = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("x-consul")));
    switch (this.fault) {
      case undefined:
        to.writeHead(status, head as Record<string, string>).end(body);
        return;
      case "429":
      case "500":
        to.writeHead(Number(this.fault)).end("as the test wants it");
        return;
      case "torn":
        to.writeHead(status, { "content-length": body.length + 1 }).write(body.subarray(0, body.length / 2), () =>
          to.destroy(),
        );
        return;
      case "garbage":
        to.writeHead(status, head as Record<string, string>).end(`<html>${body.toString("latin1")}`);
        return;
      case "reset":
        to.destroy();
        return;
      case "dead":
        return;
    }
  }
}
