// A client that begins what it never ends: opens AMOUNT connections, says on each what it gets on its standard input, holds
// them for SECONDS, and prints as JSON how many were answered or closed meanwhile, and when the last one was. Says "held"
// once all are open.
//   unfinished.mjs HOST PORT AMOUNT SECONDS <FILE
import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const [host, port, amount, seconds] = process.argv.slice(2);
const text = readFileSync(0);
const outcomes = {};
let last = 0;
const begun = performance.now();
const settle = (outcome) => {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  last = (performance.now() - begun) / 1000;
};

const opened = Array.from({ length: Number(amount) }, () => {
  const socket = createConnection({ host, port: Number(port), allowHalfOpen: true });
  let answer = "";
  const end = (outcome) => {
    if (socket.isSettled) return;
    socket.isSettled = true;
    settle(outcome);
  };
  socket.on("data", (data) => {
    answer += data;
  });
  socket.on("end", () => end(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? "closed"));
  socket.on("error", ({ code }) => end(code === "ECONNRESET" ? "closed" : code));
  return new Promise((resolve) => {
    socket.on("close", resolve);
    socket.on("connect", () => {
      socket.write(text);
      resolve();
    });
  });
});

await Promise.all(opened);
console.log("held");
await sleep(Number(seconds) * 1000);
console.log(JSON.stringify({ outcomes, last }));
process.exit(0);
