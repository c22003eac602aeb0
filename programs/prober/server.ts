import { createServer, type IncomingMessage, type Server } from "node:http";
import { postgres, redis } from "./databases.js";
import { https, saysWhomToTrust } from "./https.js";
import { critical, type Outcome, passing, reason } from "./outcome.js";
import { resources } from "./resources.js";

/**
 * The prober, not yet listening:
 *
 *     GET /postgres/HOST:PORT?user=U&database=D   a PostgreSQL server that accepts connections
 *     GET /redis/HOST:PORT                        a Redis server that answers commands
 *     GET /resources?cpu=90&memory=90&disk=90     the machine, a warning at most
 *     any /https/HOST:PORT/PATH                   the same request over TLS, trusting the certificates of the header
 *                                                 Rollcall-Trusted-CA alone; the server's must carry the name in
 *                                                 Rollcall-Server-Name, or HOST
 *     GET /health                                 the prober itself
 */
export function prober(): Server {
  return createServer((request, answer) => {
    const gone = new AbortController();
    answer.on("close", () => gone.abort());
    const path = request.url ?? "/";
    const url = new URL(URL.canParse(path, "http://prober") ? path : "/", "http://prober");
    const check =
      passedOn(url, request, gone.signal) ?? (request.method === "GET" ? outcomeOf(url, gone.signal) : undefined);
    const outcome: Promise<Outcome> =
      check ?? Promise.resolve({ status: 404, says: "the prober does not know this check" });
    outcome
      .catch((error: unknown) => critical(reason(error)))
      .then(({ status, says }) => answer.writeHead(status, { "content-type": "text/plain" }).end(`${says}\n`));
  });
}

/** What a request asks for; undefined where the prober does not know it. */
function outcomeOf(url: URL, signal: AbortSignal): Promise<Outcome> | undefined {
  const number = (name: string) => Number(url.searchParams.get(name) ?? 90);
  if (url.pathname === "/health") return Promise.resolve(passing("the prober runs"));
  if (url.pathname === "/resources")
    return resources({ cpu: number("cpu"), memory: number("memory"), disk: number("disk") });
  const aim = /^\/(postgres|redis)\/(\[[0-9a-fA-F:.]+\]|[^/:[\]]+):(\d{1,5})$/.exec(url.pathname);
  const [, kind, host = "", port] = aim ?? [];
  const place = { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
  const user = url.searchParams.get("user") ?? "";
  if (kind === "postgres") return postgres(place, user, url.searchParams.get("database") ?? user, signal);
  return kind === "redis" ? redis(place, signal) : undefined;
}

function passedOn(url: URL, incoming: IncomingMessage, signal: AbortSignal): Promise<Outcome> | undefined {
  const target = /^\/https\/([^/]+)(\/.*)?$/.exec(url.pathname);
  if (target === null || !saysWhomToTrust(incoming)) return undefined;
  const address = `https://${target[1]}${target[2] ?? "/"}${url.search}`;
  return URL.canParse(address) ? https(new URL(address), incoming, signal) : undefined;
}
