import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderHttp } from "../../../lib/catalog/checks/http.js";
import { bundleProgram } from "../../../lib/docker/bundle.js";
import { unless, waitUntil } from "../../../lib/wait-until.js";
import { reason } from "../../../programs/prober/outcome.js";
import { selfSigned } from "../../support/self-signed.js";

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
let ask: (path: string, options?: Asked) => Promise<{ status: number | undefined; text: string }>;
let end: () => void;

beforeAll(async () => {
  const [port] = await listening(createServer());
  const folder = mkdtempSync(join(tmpdir(), "rollcall-prober-"));
  const program = join(folder, "prober.mjs");
  writeFileSync(program, bundleProgram("prober"));
  const env = { ...process.env, PROBER_LISTEN: "127.0.0.1", PROBER_PORT: String(port) };
  const child = spawn(process.execPath, [program], { env, stdio: "inherit" });
  end = () => {
    child.kill();
    rmSync(folder, { recursive: true });
  };
  ask = (path, { body, ...options } = {}) =>
    new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port, path, ...options }, (answer) => {
        let text = "";
        answer.on("data", (part) => {
          text += part;
        });
        answer.on("end", () => resolve({ status: answer.statusCode, text: text.trim() }));
      })
        .on("error", reject)
        .end(body);
    });
  await waitUntil({
    seconds: 15,
    pauseMs: 20,
    look: async () => {
      const { status } = await ask("/health").catch(() => ({ status: undefined }));
      return unless(status === 200 ? "" : "the prober");
    },
  });
});
afterAll(() => end());

/** The headers with which Consul asks the prober to trust this certificate. */
function headersFor(certPem: string): Record<string, string> {
  const check = { path: "/", tls: true, method: "GET", interval: "2s", timeout: "1s", ca_pem: certPem };
  const { header = {} } = renderHttp(check, { address: "x", port: 1 });
  return Object.fromEntries(Object.entries(header).map(([name, [value = ""]]) => [name, value]));
}

/** A port that is free: of a server that was there for a moment. */
async function listening(server: Server): Promise<readonly [number]> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return [port];
}

/** Runs `use` on the port of a server that does this with each connection. */
async function onServer<T>(behave: (socket: Socket) => void, use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    behave(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

const says = (answer: Buffer | string) => (socket: Socket) => socket.once("data", () => socket.write(answer));
const hangsUp = (socket: Socket) => socket.end();
/** PostgreSQL's message of a type, with its length in front. */
function message(type: string, body: string | Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([head, Buffer.from(body)]);
}
const fault = (code: string, text: string) => message("E", `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);

test.each<[string, (socket: Socket) => void, number, string]>([
  ["wants a password", says(message("R", Buffer.from([0, 0, 0, 10]))), 200, "PostgreSQL accepts connections"],
  [
    "does not know the role",
    says(fault("28000", "s3cret")),
    200,
    "PostgreSQL says 28000: it does not let this role in",
  ],
  ["has no connection left", says(fault("53300", "s3cret")), 429, "PostgreSQL says 53300: it has no connection left"],
  ["is starting", says(fault("57P03", "s3cret")), 503, "PostgreSQL says 57P03: it does not accept connections now"],
  ["says something else", says(fault("XX000", "s3cret")), 200, "PostgreSQL says XX000"],
  ["is a web server", says("HTTP/1.1 400 Bad Request\r\n\r\n"), 503, "no PostgreSQL server answers there"],
  ["is Redis", says("-ERR unknown command\r\n"), 503, "no PostgreSQL server answers there"],
  ["only listens", hangsUp, 503, "no PostgreSQL server answers there"],
])("a PostgreSQL check of a server that %s answers as Consul reads it", async (_, behave, status, text) => {
  await onServer(behave, async (port) => {
    expect(await ask(`/postgres/127.0.0.1:${port}?user=app&database=orders`)).toEqual({ status, text });
  });
});

test("PostgreSQL is told the role and the database, and nothing else", async () => {
  let told = "";
  const server = (socket: Socket) =>
    socket.once("data", (data) => {
      told = data.toString("latin1");
      socket.end();
    });
  await onServer(server, (port) => ask(`/postgres/127.0.0.1:${port}?user=app&database=orders`));
  expect(told.slice(4)).toBe("\0\x03\0\0user\0app\0database\0orders\0\0");
  expect(Buffer.from(told, "latin1").readInt32BE(0)).toBe(told.length);
});

test.each<[string, (socket: Socket) => void, number, string]>([
  ["answers", says("+PONG\r\n"), 200, "Redis answers"],
  ["wants a password", says("-NOAUTH Authentication required.\r\n"), 200, "Redis answers, and wants a password"],
  ["is loading", says("-LOADING s3cret\r\n"), 503, "Redis says LOADING"],
  ["is a web server", says("HTTP/1.1 400 Bad Request\r\n\r\n"), 503, "no Redis server answers there"],
  ["only listens", hangsUp, 503, "no Redis server answers there"],
])("a Redis check of a server that %s answers as Consul reads it", async (_, behave, status, text) => {
  await onServer(behave, async (port) => {
    expect(await ask(`/redis/127.0.0.1:${port}`)).toEqual({ status, text });
  });
});

describe("an HTTP check over TLS with an authority of its own", () => {
  const certificate = selfSigned("db.example.com");
  const trusted = headersFor(certificate.certPem);
  let server: TlsServer;
  let at: string;
  let seen: { method?: string | undefined; headers: Record<string, unknown>; body: string };

  beforeAll(async () => {
    server = createTlsServer({ cert: certificate.certPem, key: certificate.keyPem }, (request, answer) => {
      let body = "";
      request.on("data", (part) => {
        body += part;
      });
      request.on("end", () => {
        seen = { method: request.method, headers: request.headers, body };
        answer.writeHead(Number(/^\/(\d{3})/.exec(request.url ?? "")?.[1] ?? 200)).end(`you asked ${request.url}`);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    at = `/https/127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test.each([
    ["204", 200],
    ["429", 429],
    ["302", 503],
    ["500", 503],
  ])("a status of %s is %d for Consul", async (status, expected) => {
    const outcome = await ask(`${at}/${status}`, { headers: trusted });
    expect(outcome).toMatchObject({ status: expected, text: expect.stringContaining(`: ${status} `) });
    // What was answered is nobody's but the operator's.
    expect(outcome.text).not.toContain("you asked");
  });

  test("method, headers, body and query are the check's own, and what the prober was told stays with it", async () => {
    const headers = { ...trusted, "X-Own": "yes", Host: "consul-prober:8080" };
    await ask(`${at}/200?deep=1`, { headers, method: "POST", body: "{}" });
    expect(seen).toMatchObject({ method: "POST", body: "{}", headers: { "x-own": "yes", host: at.slice(7) } });
    expect(Object.keys(seen.headers).filter((name) => name.startsWith("rollcall"))).toEqual([]);
    await ask(`${at}/200`, { headers: { ...trusted, Host: "own.example.com" } });
    expect(seen.headers.host).toBe("own.example.com");
  });

  test("a certificate of another authority, or for another name, is critical", async () => {
    const foreign = await ask(`${at}/200`, { headers: headersFor(selfSigned("db.example.com").certPem) });
    expect(foreign).toMatchObject({ status: 503, text: expect.stringMatching(/certificate|signature/) });
    const named = (name: string) => ask(`${at}/200`, { headers: { ...trusted, "Rollcall-Server-Name": name } });
    expect(await named("db.example.com")).toMatchObject({ status: 200 });
    expect(await named("other.example.com")).toMatchObject({ status: 503, text: expect.stringContaining("altnames") });
  });

  test("without an authority, or with an address that is none, it does not know the check", async () => {
    expect(await ask(`${at}/200`)).toMatchObject({ status: 404 });
    expect(await ask("/https/a:b:c/", { headers: trusted })).toMatchObject({ status: 404 });
  });
});

test("where nothing listens, both are critical and say why", async () => {
  const [port] = await listening(createServer());
  for (const kind of ["postgres", "redis"])
    expect(await ask(`/${kind}/127.0.0.1:${port}?user=a`)).toEqual({
      status: 503,
      text: expect.stringContaining("ECONNREFUSED"),
    });
});

test("where none of a host's addresses answers, it says why of each", () => {
  const refused = ["connect ECONNREFUSED ::1:1", "connect ECONNREFUSED 127.0.0.1:1"];
  expect(reason(new AggregateError(refused.map((text) => new Error(text))))).toBe(refused.join("; "));
  expect(reason(new Error("no answer"))).toBe("no answer");
});

test("the machine's resources warn from their limits on, and are never critical", async () => {
  const shares = /^cpu \d+ %, memory \d+ %, disk \d+ %$/;
  expect(await ask("/resources?cpu=101&memory=101&disk=101")).toEqual({
    status: 200,
    text: expect.stringMatching(shares),
  });
  expect(await ask("/resources?cpu=101&memory=1&disk=101")).toEqual({
    status: 429,
    text: expect.stringMatching(shares),
  });
});

test.each(["/", "//", "/mysql/127.0.0.1:3306", "/redis/127.0.0.1", "/redis/a/b:1", "/redis/:1"])(
  "it does not know %s",
  async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404 });
  },
);
