// A client that asks and never reads: opens AMOUNT connections, asks URL on each as often as TIMES says, some milliseconds
// between two rounds, holds them all for some seconds, and prints as JSON how many of them it still had in the end. Runs by
// `node - URL AMOUNT TIMES` on any Node from 18 on.
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const [url, amount, times] = process.argv.slice(2);
const { hostname, port, pathname, search } = new URL(url);
const question = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`;
let held = Number(amount);

const sockets = Array.from({ length: held }, () => {
  const socket = createConnection({ host: hostname, port: Number(port) }).pause();
  socket.on("error", () => {});
  socket.on("close", () => {
    held -= 1;
  });
  return socket;
});
for (let round = 0; round < Number(times); round++)
  for (const [index, socket] of sockets.entries()) {
    socket.write(question);
    if (index % 10 === 9) await sleep(5);
  }
await sleep(5000);
console.log(JSON.stringify({ held }));
process.exit(0);
