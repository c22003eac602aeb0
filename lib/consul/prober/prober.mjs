// @ts-check
// The prober: makes the checks that Consul does not know and answers as Consul's HTTP check reads it: 200 passing, 429
// warning, 503 critical. It takes any Node from 18 on, and nothing but Node.
//
//   GET /postgres/HOST:PORT?user=U&database=D   a PostgreSQL server that accepts connections
//   GET /redis/HOST:PORT                        a Redis server that answers commands
//   GET /resources?cpu=90&memory=90&disk=90     the machine, a warning at most
//   any /https/HOST:PORT/PATH                   the same request over TLS, trusting the certificates (DER, base64, with
//                                               commas) of the header Rollcall-Trusted-CA alone; the server's must
//                                               carry the name in Rollcall-Server-Name, or HOST. No redirect is followed
//   GET /health                                 the prober itself
//
// What it answers is shown to everybody by Consul, so it is said in words of its own: of what was asked no more than a
// status or a code. PROBER_LISTEN is the address that it listens on, PROBER_PORT the port.

import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { createServer, STATUS_CODES } from "node:http";
import { request } from "node:https";
import { connect } from "node:net";
import { cpus, freemem, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** @typedef {{ status: 200 | 429 | 503, says: string }} Outcome */

/** Consul gives up after the check's own timeout, which it does not tell: nothing is waited for longer than this. */
const LONGEST_MS = 30_000;
/** No answer of interest is longer. */
const MOST_BYTES = 8192;
const CA_HEADER = "rollcall-trusted-ca";
const SERVER_NAME_HEADER = "rollcall-server-name";

/**
 * Sends one request and gives what came back once `isWhole` says so, or the server has ended.
 * @param {string} host
 * @param {number} port
 * @param {Buffer} request
 * @param {(answer: Buffer) => boolean} isWhole
 * @param {AbortSignal} signal ends it where nobody waits any more
 * @returns {Promise<Buffer>}
 */
function ask(host, port, request, isWhole, signal) {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = connect({ host, port, signal });
    socket.setTimeout(LONGEST_MS, () => socket.destroy(new Error("no answer")));
    socket.on("connect", () => socket.write(request));
    socket.on("data", (part) => {
      answer = Buffer.concat([answer, part]);
      if (isWhole(answer) || answer.length > MOST_BYTES) socket.end();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

/**
 * The start of a session, as far as a server can answer without a password. The rule is that of PostgreSQL's own
 * `pg_isready`: every answer but "cannot connect now" (57P03) is one of a server that accepts connections.
 * @param {string} host
 * @param {number} port
 * @param {string} user
 * @param {string} database
 * @param {AbortSignal} signal
 * @returns {Promise<Outcome>}
 */
export async function postgres(host, port, user, database, signal) {
  const fields = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + fields.length, 0);
  head.writeInt32BE(0x0003_0000, 4); // protocol 3.0
  const answer = await ask(host, port, Buffer.concat([head, fields]), isWholeOrStrange, signal);
  if (answer.length < 5 || isStrange(answer)) return critical("no PostgreSQL server answers there");
  const [type, length] = [String.fromCharCode(answer[0] ?? 0), answer.readInt32BE(1)];
  const body = answer.subarray(5, 1 + length);
  if (type === "R" && length >= 8) return passing("PostgreSQL accepts connections");
  const told = type === "E" ? errorFields(body) : undefined;
  if (told?.C === undefined || !/^[0-9A-Z]{5}$/.test(told.C)) return critical("no PostgreSQL server answers there");
  const meaning = POSTGRES_CODES[told.C];
  const says = `PostgreSQL says ${told.C}${meaning === undefined ? "" : `: ${meaning}`}`;
  if (told.C === "57P03") return critical(says);
  return told.C === "53300" ? warning(says) : passing(says);
}

/** What the codes mean that a server answers the start of a session with. @type {Record<string, string>} */
const POSTGRES_CODES = {
  28000: "it does not let this role in",
  "28P01": "it wants another password",
  "3D000": "it has no such database",
  42501: "this role may not connect",
  53300: "it has no connection left",
  "57P01": "it is shut down",
  "57P03": "it does not accept connections now",
};

/** Whether this cannot be an answer to the start of a session: those are of two types, and none is long. */
const isStrange = (/** @type {Buffer} */ answer) =>
  !["R", "E"].includes(String.fromCharCode(answer[0] ?? 0)) || (answer.length >= 5 && answer.readUInt32BE(1) > 4096);

const isWholeOrStrange = (/** @type {Buffer} */ answer) =>
  isStrange(answer) || (answer.length >= 5 && answer.length > answer.readInt32BE(1));

/**
 * The fields of PostgreSQL's ErrorResponse: a letter and a text each, ended by NUL.
 * @param {Buffer} body
 * @returns {Record<string, string>}
 */
function errorFields(body) {
  const texts = body.toString("utf8").split("\0").filter(Boolean);
  return Object.fromEntries(texts.map((text) => [text.slice(0, 1), text.slice(1)]));
}

/**
 * A PING. A server that wants a password first is one that answers commands.
 * @param {string} host
 * @param {number} port
 * @param {AbortSignal} signal
 * @returns {Promise<Outcome>}
 */
export async function redis(host, port, signal) {
  const answer = await ask(host, port, Buffer.from("PING\r\n"), (text) => text.includes("\r\n"), signal);
  const line = answer.toString("utf8").split("\r\n")[0] ?? "";
  if (line === "+PONG") return passing("Redis answers");
  if (/^-(NOAUTH|NOPERM) /.test(line)) return passing("Redis answers, and wants a password");
  const [, code] = /^-([A-Z]{1,20}) /.exec(line) ?? [];
  return critical(code === undefined ? "no Redis server answers there" : `Redis says ${code}`);
}

/**
 * A request passed on over TLS, judged by Consul's rule for HTTP checks: 2xx passes, 429 warns, all else is critical.
 * @param {URL} url
 * @param {import("node:http").IncomingMessage} incoming
 * @param {AbortSignal} signal
 * @returns {Promise<Outcome>}
 */
export function https(url, incoming, signal) {
  const { host, connection: _, [CA_HEADER]: ca, [SERVER_NAME_HEADER]: servername, ...headers } = incoming.headers;
  const trusted = String(ca)
    .split(",")
    .map((der) => `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`);
  const { method = "GET" } = incoming;
  return new Promise((resolve, reject) => {
    const options = {
      method,
      // A Host of the check's own is passed on; the one that Consul makes up names the prober.
      headers: { ...headers, host: host === undefined || host.startsWith("consul-prober:") ? url.host : host },
      ca: trusted,
      // Left out, Node would take the Host that is passed on; for an address there is no name to ask for.
      servername: String(
        servername ?? (/[^\d.]/.test(url.hostname) && !url.hostname.startsWith("[") ? url.hostname : ""),
      ),
      agent: false,
      timeout: LONGEST_MS,
      signal,
    };
    const asked = request(url, options, (answer) => {
      answer.on("error", reject);
      answer.resume().on("end", () => {
        const { statusCode = 0 } = answer;
        const says = `HTTP ${method} ${url}: ${statusCode} ${STATUS_CODES[statusCode] ?? ""}`.trimEnd();
        resolve(
          statusCode === 429 ? warning(says) : statusCode >= 200 && statusCode < 300 ? passing(says) : critical(says),
        );
      });
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    asked.on("error", reject);
    incoming.pipe(asked);
  });
}

/**
 * The machine below the containers. A warning at most: what runs on a busy machine still runs.
 * @param {{ cpu: number, memory: number, disk: number }} limits percent in use from which it warns
 * @returns {Promise<Outcome>}
 */
export async function resources(limits) {
  try {
    const [before, , disk] = [busy(), await sleep(500), await statfs("/")];
    const after = busy();
    const used = {
      cpu: (100 * (after.busy - before.busy)) / Math.max(1, after.all - before.all),
      memory: 100 * (1 - available() / totalmem()),
      disk: 100 * (1 - disk.bavail / disk.blocks),
    };
    const says = Object.entries(used).map(([what, percent]) => `${what} ${percent.toFixed(0)} %`);
    const over = used.cpu >= limits.cpu || used.memory >= limits.memory || used.disk >= limits.disk;
    return over ? warning(says.join(", ")) : passing(says.join(", "));
  } catch (error) {
    return warning(`cannot be read: ${reason(error)}`);
  }
}

/** What could be given to a program; what the kernel uses as cache counts as free. */
function available() {
  const line = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
  return line?.[1] === undefined ? freemem() : Number(line[1]) * 1024;
}

function busy() {
  const times = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({ idle, busy: user + nice + sys + irq }));
  const sum = times.reduce((all, one) => ({ idle: all.idle + one.idle, busy: all.busy + one.busy }));
  return { busy: sum.busy, all: sum.busy + sum.idle };
}

/** @param {string} says @returns {Outcome} */
const passing = (says) => ({ status: 200, says });
/** @param {string} says @returns {Outcome} */
const warning = (says) => ({ status: 429, says });
/** @param {string} says @returns {Outcome} */
const critical = (says) => ({ status: 503, says });

/** @param {unknown} error */
const reason = (error) => (typeof error === "object" && error !== null && "message" in error ? error.message : error);

/**
 * What a request asks for; undefined where the prober does not know it.
 * @param {URL} url
 * @param {AbortSignal} signal
 * @returns {Promise<Outcome> | undefined}
 */
function outcomeOf(url, signal) {
  const number = (/** @type {string} */ name) => Number(url.searchParams.get(name) ?? 90);
  if (url.pathname === "/health") return Promise.resolve(passing("the prober runs"));
  if (url.pathname === "/resources")
    return resources({ cpu: number("cpu"), memory: number("memory"), disk: number("disk") });
  const aim = /^\/(postgres|redis)\/(\[[0-9a-fA-F:.]+\]|[^/:[\]]+):(\d{1,5})$/.exec(url.pathname);
  const [, kind, host = "", port] = aim ?? [];
  const user = url.searchParams.get("user") ?? "";
  const place = host.replace(/^\[|\]$/g, "");
  if (kind === "postgres") return postgres(place, Number(port), user, url.searchParams.get("database") ?? user, signal);
  return kind === "redis" ? redis(place, Number(port), signal) : undefined;
}

/**
 * @param {URL} url
 * @param {import("node:http").IncomingMessage} incoming
 * @param {AbortSignal} signal
 * @returns {Promise<Outcome> | undefined}
 */
function passedOn(url, incoming, signal) {
  const target = /^\/https\/([^/]+)(\/.*)?$/.exec(url.pathname);
  if (target === null || incoming.headers[CA_HEADER] === undefined) return undefined;
  const asked = `https://${target[1]}${target[2] ?? "/"}${url.search}`;
  return URL.canParse(asked) ? https(new URL(asked), incoming, signal) : undefined;
}

/** The server, not yet listening. */
export function prober() {
  return createServer((request, answer) => {
    const gone = new AbortController();
    answer.on("close", () => gone.abort());
    const path = request.url ?? "/";
    const url = new URL(URL.canParse(path, "http://prober") ? path : "/", "http://prober");
    const asked =
      passedOn(url, request, gone.signal) ?? (request.method === "GET" ? outcomeOf(url, gone.signal) : undefined);
    const outcome = asked ?? Promise.resolve({ status: 404, says: "the prober does not know this check" });
    outcome
      .catch((error) => critical(String(reason(error))))
      .then(({ status, says }) => answer.writeHead(status, { "content-type": "text/plain" }).end(`${says}\n`));
  });
}

if (process.env.PROBER_LISTEN !== undefined) {
  prober().listen(Number(process.env.PROBER_PORT), process.env.PROBER_LISTEN);
  process.on("SIGTERM", () => process.exit(0));
}
