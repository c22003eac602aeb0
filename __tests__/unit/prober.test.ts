import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

const program = join(__dirname, "../../lib/consul/prober/prober.mjs");
let ask: (path: string) => Promise<{ status: number | undefined; text: string }>;
let end: () => void;

beforeAll(async () => {
  const [port] = await listening(createServer());
  const env = { ...process.env, PROBER_LISTEN: "127.0.0.1", PROBER_PORT: String(port) };
  const child = spawn(process.execPath, [program], { env, stdio: "inherit" });
  end = () => child.kill();
  ask = (path) =>
    new Promise((resolve, reject) => {
      get({ host: "127.0.0.1", port, path }, (answer) => {
        let text = "";
        answer.on("data", (part) => {
          text += part;
        });
        answer.on("end", () => resolve({ status: answer.statusCode, text: text.trim() }));
      }).on("error", reject);
    });
  for (const until = Date.now() + 15_000; Date.now() < until; )
    if (
      await ask("/health").then(
        ({ status }) => status === 200,
        () => false,
      )
    )
      return;
  throw new Error("the prober does not start");
});
afterAll(() => end());

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
  ["does not know the role", says(fault("28000", "no such role")), 200, "PostgreSQL says 28000: no such role"],
  ["has no connection left", says(fault("53300", "too many")), 429, "PostgreSQL says 53300: too many"],
  ["is starting", says(fault("57P03", "starting up")), 503, "PostgreSQL says 57P03: starting up"],
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
  ["is loading", says("-LOADING Redis is loading\r\n"), 503, "Redis says LOADING Redis is loading"],
  ["is a web server", says("HTTP/1.1 400 Bad Request\r\n\r\n"), 503, "no Redis server answers there"],
  ["only listens", hangsUp, 503, "no Redis server answers there"],
])("a Redis check of a server that %s answers as Consul reads it", async (_, behave, status, text) => {
  await onServer(behave, async (port) => {
    expect(await ask(`/redis/127.0.0.1:${port}`)).toEqual({ status, text });
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

test.each(["/", "/mysql/127.0.0.1:3306", "/redis/127.0.0.1", "/redis/a/b:1", "/redis/:1"])(
  "it does not know %s",
  async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404 });
  },
);
