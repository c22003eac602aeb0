import {
  behind,
  connectionsFor,
  FRONT_SYSCTLS,
  type Front,
  renderEvents,
  renderFronts,
} from "../../../../../lib/consul/nginx/nginx-front.js";
import { blockOf, valuesOf } from "../../../../support/nginx-text.js";

const plain: Front = { name: "http", listen: ["8500"], perAddress: 50, all: 80 };
const tls: Front = { name: "https", listen: ["10.0.0.1:8501", "10.0.1.1:8501"], perAddress: 10, all: 20 };
const stream = blockOf(renderFronts([plain, tls]), "stream {");
const [first = "", second = ""] = [stream, stream.slice(stream.indexOf("server {") + 1)].map((text) =>
  blockOf(text, "server {"),
);

test("each port is bounded by address and in all, and counts by itself", () => {
  expect(valuesOf(stream, "limit_conn_zone")).toEqual([
    "$binary_remote_addr zone=http_per_address:1m",
    "all zone=http_all:32k",
    "$binary_remote_addr zone=https_per_address:1m",
    "all zone=https_all:32k",
  ]);
  expect([first, second].map((server) => valuesOf(server, "limit_conn"))).toEqual([
    ["http_per_address 50", "http_all 80"],
    ["https_per_address 10", "https_all 20"],
  ]);
});

test("it listens where it is told, with room for a burst", () => {
  expect([first, second].map((server) => valuesOf(server, "listen"))).toEqual([
    ["8500 backlog=4096 sndbuf=16k"],
    ["10.0.0.1:8501 backlog=4096 sndbuf=16k", "10.0.1.1:8501 backlog=4096 sndbuf=16k"],
  ]);
});

test("what it takes goes to where the server behind it listens, the client's address first", () => {
  expect([first, second].map((server) => valuesOf(server, "proxy_pass"))).toEqual([
    ["127.0.0.1:18500"],
    ["127.0.0.1:18501"],
  ]);
  expect([behind(plain), behind(tls, "ssl")]).toEqual([
    "127.0.0.1:18500 proxy_protocol backlog=4096 sndbuf=16k",
    "127.0.0.1:18501 ssl proxy_protocol backlog=4096 sndbuf=16k",
  ]);
  expect(valuesOf(stream, "proxy_protocol")).toEqual(["on"]);
});

test("of answers that nobody reads little is kept on each connection, and none in a Unix socket, which takes 180 KB", () => {
  for (const listen of [...valuesOf(stream, "listen"), behind(plain)]) expect(listen).toContain("sndbuf=16k");
  expect(stream).not.toContain("unix:");
  expect(FRONT_SYSCTLS).toEqual({ "net.ipv4.tcp_rmem": expect.stringMatching(/^4096 16384 /) });
});

test("a blocking query, which says nothing for up to 640 s, is not ended here", () => {
  const [seconds] = valuesOf(stream, "proxy_timeout").map(Number.parseFloat);
  expect(seconds).toBeGreaterThan(640);
});

test("an answer that ends the connection reaches a client that is still sending", () => {
  expect(valuesOf(stream, "proxy_half_close")).toEqual(["on"]);
});

test("a busy worker takes all connections that wait, not one each time round", () => {
  const events = blockOf(renderEvents(7), "events {");
  expect([valuesOf(events, "worker_connections"), valuesOf(events, "multi_accept")]).toEqual([["7"], ["on"]]);
});

test("there are three connections for each that is let in, and those to the servers", () => {
  expect(connectionsFor([plain, tls], 7)).toBe(3 * (80 + 20) + 7);
});
