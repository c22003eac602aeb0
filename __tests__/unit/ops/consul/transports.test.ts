import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { CommandFailed } from "../../../../lib/process.js";
import { GatewayTransport } from "../../../../ops/consul/api/gateway-transport.js";
import { InsideTransport } from "../../../../ops/consul/api/inside-transport.js";
import type { ConsulTransport } from "../../../../ops/consul/api/transport.js";
import { UrlTransport } from "../../../../ops/consul/api/url-transport.js";
import { selfSigned } from "../../../support/self-signed.js";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const { certPem, keyPem } = selfSigned("consul");
const servers: Server[] = [];
let seen: Seen[] = [];
let status = 200;
let text = "{}";
/** What happens instead of an answer. */
let fault: "silent" | "torn" | undefined;

const listener: RequestListener = (request, answer) => {
  let body = "";
  request.on("data", (part) => {
    body += part;
  });
  request.on("end", () => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    if (fault === "silent") return;
    if (fault === "torn") {
      answer.writeHead(200, { "Content-Length": 1000 });
      answer.write("cut", () => answer.destroy());
      return;
    }
    answer.writeHead(status, { "X-Consul-Index": "7" }).end(text);
  });
};

/** Starts a server on a free port. */
async function started(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** `docker exec … nc 127.0.0.1 8500`, without Docker: what it is given goes to the server, and what comes back is printed. */
function netcatTo(port: number, container: string) {
  return async (name: string, args: readonly string[], input = ""): Promise<string> => {
    expect([name, args.slice(3)]).toEqual([container, ["busybox", "nc", "127.0.0.1", "8500"]]);
    const socket = connect(port, "127.0.0.1");
    const timer = setTimeout(() => socket.destroy(), Number(args[2]) * 1000);
    let printed = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      printed += part;
    });
    socket.on("error", (error) => {
      printed = `nc: ${error.message}`;
    });
    socket.write(input);
    await new Promise((resolve) => socket.on("close", resolve));
    clearTimeout(timer);
    if (printed.startsWith("nc: ")) throw new CommandFailed("docker exec", "exit", 1, [printed]);
    if (printed === "" && fault === "silent") throw new CommandFailed("docker exec", "exit", 143, []);
    return printed;
  };
}

/** The ways to a Consul that answers, each with one to a port where nobody listens, and how each says what is wrong. */
const ways: Record<string, { to: ConsulTransport; toNobody: ConsulTransport; silent: RegExp; refused: RegExp }> = {};

beforeAll(async () => {
  const plain = await started(createServer(listener));
  const tls = await started(createTlsServer({ key: keyPem, cert: certPem }, listener));
  const closed = createServer();
  const nobody = await started(closed);
  closed.close();
  Object.assign(ways, {
    gateway: {
      to: new GatewayTransport(tls, certPem),
      toNobody: new GatewayTransport(nobody, certPem),
      silent: /^Consul does not answer through the gateway: /,
      refused: /^Consul refuses the request through the gateway: said$/,
    },
    inside: {
      to: new InsideTransport("server-1", netcatTo(plain, "server-1")),
      toNobody: new InsideTransport("server-1", netcatTo(nobody, "server-1")),
      silent: /^Consul in server-1 does not answer: /,
      refused: /^Consul in server-1 refuses the request: said$/,
    },
    url: {
      to: new UrlTransport(`http://127.0.0.1:${plain}`),
      toNobody: new UrlTransport(`http://127.0.0.1:${nobody}`),
      silent: /^http:\/\/127\.0\.0\.1:\d+ does not answer as Consul does: ./,
      refused: /^http:\/\/127\.0\.0\.1:\d+ refuses the request: said$/,
    },
  });
});
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});
beforeEach(() => {
  [seen, status, text, fault] = [[], 200, "{}", undefined];
});

function wayBy(name: string) {
  const way = ways[name];
  if (way === undefined) throw new Error(name);
  return way;
}

describe.each(["gateway", "inside", "url"])("the way %s", (name) => {
  test("carries method, path, body and token, and brings status, headers and body back", async () => {
    [status, text] = [403, "Größe"];
    const body = Buffer.from('{"Key":"ü"}');
    const request = { method: "DELETE", path: '/v1/x?filter=a+"b"', body, token: "secret" } as const;
    const response = await wayBy(name).to.send(request);
    expect({ ...response, body: response.body.toString() }).toMatchObject({ status, body: text });
    expect(response.headers["x-consul-index"]).toBe("7");
    expect(seen).toMatchObject([{ method: "DELETE", url: '/v1/x?filter=a+"b"', body: '{"Key":"ü"}' }]);
    expect(seen[0]?.headers["x-consul-token"]).toBe("secret");
  });

  test("sends no token where there is none", async () => {
    await wayBy(name).to.send({ method: "GET", path: "/v1/x" });
    expect(seen[0]?.headers).not.toHaveProperty("x-consul-token");
  });

  test("fails where nobody listens, where no answer comes in time, and where one is cut off", async () => {
    const { to, toNobody, silent } = wayBy(name);
    await expect(toNobody.send({ method: "GET", path: "/v1/x" })).rejects.toThrow(silent);
    fault = "silent";
    const told = to.send({ method: "GET", path: "/v1/x", timeoutMs: 300 });
    await expect(told).rejects.toMatchObject({ name: "UserError", message: expect.stringMatching(silent) });
    fault = "torn";
    await expect(to.send({ method: "GET", path: "/v1/x" })).rejects.toThrow(silent);
  });

  test("says what Consul said where it refuses", () => {
    expect(wayBy(name).to.refused("said").message).toMatch(wayBy(name).refused);
  });
});

test("a gateway with another authority's certificate is not believed", async () => {
  const port = await started(createTlsServer({ key: keyPem, cert: certPem }, listener));
  const other = new GatewayTransport(port, selfSigned("consul").certPem);
  await expect(other.send({ method: "GET", path: "/v1/x", token: "secret" })).rejects.toThrow("does not answer");
  expect(seen).toEqual([]);
});

test("an address that is none is no Consul that answers", async () => {
  await expect(new UrlTransport("http://:0").send({ method: "GET", path: "/v1/x" })).rejects.toThrow(
    "does not answer as Consul does",
  );
});

test("a Docker that is missing, and a Ctrl-C, are not taken for a Consul that does not answer", async () => {
  for (const reason of ["missing", "aborted"] as const) {
    const failed = new CommandFailed("docker", reason, undefined, []);
    const inside = new InsideTransport("server-1", () => Promise.reject(failed));
    await expect(inside.send({ method: "GET", path: "/v1/x" })).rejects.toBe(failed);
  }
});
