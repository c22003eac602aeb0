import { createServer } from "node:http";
import type { Report } from "./report.js";

/** Answers `/health`, `/metrics` and `/refused` on the control network, to reads alone. */
export function serve(report: Report, port: number): void {
  const answers: Readonly<
    Record<string, () => { readonly type: string; readonly text: string; readonly fault?: string }>
  > = {
    "/health": () => {
      const { fault } = report;
      const type = "text/plain";
      return fault === undefined
        ? { type, text: `${report.registered} services carried\n` }
        : { type, text: `${fault}\n`, fault };
    },
    "/metrics": () => ({ type: "text/plain; version=0.0.4", text: report.metrics() }),
    "/refused": () => ({ type: "application/json", text: `${JSON.stringify(report.refusals)}\n` }),
  };
  const server = createServer((request, response) => {
    const isRead = request.method === "GET" || request.method === "HEAD";
    const { type, text, fault } = (isRead ? answers[request.url ?? ""] : undefined)?.() ?? {
      type: "text/plain",
      text: "There are /health, /metrics and /refused.\n",
      fault: undefined,
    };
    const status = !isRead || answers[request.url ?? ""] === undefined ? 404 : fault === undefined ? 200 : 503;
    // In the status line too: that is all that `docker inspect` has of a health check that failed.
    if (fault === undefined) response.writeHead(status, { "content-type": type });
    else response.writeHead(status, fault, { "content-type": type });
    response.end(request.method === "HEAD" ? "" : text);
  });
  server.maxConnections = 64;
  server.requestTimeout = 10_000;
  server.listen(port);
}
