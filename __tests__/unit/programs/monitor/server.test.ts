import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorServer } from "../../../../programs/monitor/server.js";

let server: Server;
let base: string;
let fault: string | undefined;
let blindness: string | undefined;
let taken: (receiver: string, text: string) => void;
const asked: (readonly [number, number])[] = [];

beforeAll(async () => {
  const after = (seq: number, most: number) => {
    asked.push([seq, most]);
    return seq < 5 ? { first: 6, lastSeq: 9 } : { lines: ['{"seq":6}', '{"seq":7}'], lastSeq: 9 };
  };
  server = monitorServer({
    metrics: () => "a 1\n",
    fault: () => fault,
    blindness: () => blindness,
    history: { after },
    alerts: { take: (receiver, text) => taken(receiver, text) },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

async function ask(path: string, method = "GET") {
  const answer = await fetch(base + path, { method });
  const { status, statusText, headers } = answer;
  return {
    status,
    statusText,
    type: headers.get("content-type"),
    last: headers.get("rollcall-last-seq"),
    text: await answer.text(),
  };
}

test("what Alertmanager tells is taken, for a receiver each", async () => {
  const told: string[] = [];
  taken = (receiver, text) => void told.push(`${receiver} ${text}`);
  const post = async (path: string, body: string) => (await fetch(base + path, { method: "POST", body })).status;
  expect([await post("/alerts/payments-page", "{}"), await post("/alerts/x", "1")]).toEqual([200, 200]);
  expect(told).toEqual(["payments-page {}", "x 1"]);
  expect([await post("/alerts/", "{}"), await post("/alerts/a/b", "{}"), await post("/events", "{}")]).toEqual([
    404, 404, 404,
  ]);
});

test("what is none of its messages is refused, and what the disk does not take is to come again", async () => {
  const post = async (body: string) => (await fetch(`${base}/alerts/x`, { method: "POST", body })).status;
  taken = (_, text) => JSON.parse(text);
  expect(await post("{")).toBe(400);
  taken = () => {
    throw new Error("no space left on device");
  };
  expect(await post("{}")).toBe(503);
  expect(await post("x".repeat(8_000_001))).toBe(413);
});

test("metrics come as Prometheus takes them", async () => {
  expect(await ask("/metrics")).toMatchObject({ status: 200, type: "text/plain; version=0.0.4", text: "a 1\n" });
});

test("health says what is wrong, in the status line too", async () => {
  expect(await ask("/health")).toMatchObject({ status: 200, text: "ok\n" });
  blindness = "blind: nobody answers";
  expect(await ask("/health")).toMatchObject({ status: 200, text: "blind: nobody answers\n" });
  fault = "consul: nö answer";
  expect(await ask("/health")).toMatchObject({
    status: 503,
    statusText: "consul: n  answer",
    text: "consul: nö answer\n",
  });
});

test("events come as lines, with the number of the last one there is", async () => {
  expect(await ask("/events?after=5")).toMatchObject({
    ...{ status: 200, type: "application/x-ndjson", last: "9", text: '{"seq":6}\n{"seq":7}\n' },
  });
  await ask("/events?after=5&limit=3");
  await ask("/events?after=5&limit=999999");
  expect(asked.map(([, most]) => most).slice(-3)).toEqual([1000, 3, 10_000]);
});

test("a reader that is too late gets 410 and the first that is there", async () => {
  for (const path of ["/events", "/events?after=4"])
    expect(await ask(path)).toMatchObject({ status: 410, last: "9", text: '{"first":6,"last":9}\n' });
});

test("what is no number, no read or no such path is refused", async () => {
  for (const path of ["/events?after=x", "/events?after=-1", "/events?after=1&limit=0", "/events?after=1e3"])
    expect((await ask(path)).status).toBe(400);
  expect((await ask("/metrics", "POST")).status).toBe(404);
  expect((await ask("/")).text).toContain("/events?after=SEQ");
  expect(await ask("/events?after=5", "HEAD")).toMatchObject({ status: 200, text: "" });
});
