// A client that opens more connections than its share: asks URL once on each of AMOUNT, holds them all for SECONDS, and
// prints what came of it as JSON. Runs by `node - URL SECONDS AMOUNT` on any Node from 18 on.
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const [url, seconds, amount] = process.argv.slice(2);
const { hostname, port, pathname, search } = new URL(url);
const counts = {};

const sockets = Array.from({ length: Number(amount) }, () => {
  const socket = createConnection({ host: hostname, port: Number(port) });
  const settle = (outcome) => {
    if (socket.outcome === undefined) counts[outcome] = (counts[outcome] ?? 0) + 1;
    socket.outcome ??= outcome;
  };
  socket.on("connect", () => socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`));
  socket.on("data", (data) => settle(/^HTTP\/1.1 (\d+)/.exec(data)?.[1] ?? "no answer"));
  socket.on("error", (error) => settle(error.code));
  socket.on("close", () => settle("closed"));
  socket.settle = settle;
  return socket;
});

await sleep(Number(seconds) * 1000);
for (const socket of sockets) {
  socket.settle("held");
  socket.destroy();
}
console.log(JSON.stringify(counts));
