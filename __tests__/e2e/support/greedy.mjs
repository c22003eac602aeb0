// A client that asks for more than its share: does what its first argument says to one address, and prints what came of
// it as JSON. Runs by `node - ACT URL SECONDS …` on any Node from 18 on.
import { Agent, request } from "node:http";
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const [act, url, seconds, amount] = process.argv.slice(2);
const end = Date.now() + Number(seconds) * 1000;
const counts = {};
const latencies = [];

/** Counts an answer by its status, or by what went wrong. */
function count(outcome) {
  counts[outcome] = (counts[outcome] ?? 0) + 1;
}

function ask(agent) {
  const begun = performance.now();
  return new Promise((resolve) => {
    const sent = request(url, { agent, timeout: 20_000 }, (answer) => {
      answer.resume().on("end", () => {
        count(answer.statusCode);
        if (answer.statusCode === 200) latencies.push(performance.now() - begun);
        resolve();
      });
      answer.on("error", () => {});
    });
    sent.on("timeout", () => sent.destroy(new Error("timeout")));
    sent.on("error", (error) => {
      count(error.code ?? error.message);
      resolve();
    });
    sent.end();
  });
}

const acts = {
  /** As many at once as are wanted, each the next as soon as it is answered: what the other side sustains. */
  async sustain() {
    const agent = new Agent({ keepAlive: true, maxSockets: Number(amount) });
    const one = async () => {
      while (Date.now() < end) await ask(agent);
    };
    await Promise.all(Array.from({ length: Number(amount) }, one));
    agent.destroy();
  },
  /** So many a second, whether or not the earlier ones are answered. */
  async rate() {
    const agent = new Agent({ keepAlive: true });
    const begun = Date.now();
    const pending = new Set();
    let asked = 0;
    while (Date.now() < end) {
      for (const due = ((Date.now() - begun) / 1000) * Number(amount); asked < due; asked++) {
        // What is not answered for so long is given up by a client too.
        if (pending.size >= 1000) {
          count("not sent");
          continue;
        }
        const one = ask(agent).finally(() => pending.delete(one));
        pending.add(one);
      }
      await sleep(5);
    }
    await Promise.all(pending);
    agent.destroy();
  },
  /** Opens so many connections, asks once on each, and holds them all. */
  async connections() {
    const { hostname, port, pathname, search } = new URL(url);
    const sockets = Array.from({ length: Number(amount) }, () => {
      const socket = createConnection({ host: hostname, port: Number(port) });
      const settle = (outcome) => {
        if (socket.outcome === undefined) count(outcome);
        socket.outcome ??= outcome;
      };
      socket.on("connect", () => socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`));
      socket.on("data", (data) => settle(/^HTTP\/1.1 (\d+)/.exec(data)?.[1] ?? "no answer"));
      socket.on("error", (error) => settle(error.code));
      socket.on("close", () => settle("closed"));
      return socket;
    });
    await sleep(Math.max(0, end - Date.now()));
    for (const socket of sockets) {
      if (socket.outcome === undefined) count("held");
      socket.outcome ??= "held";
      socket.destroy();
    }
  },
};

await acts[act]();
latencies.sort((a, b) => a - b);
const at = (share) => Math.round(latencies[Math.floor(latencies.length * share)] ?? 0);
console.log(JSON.stringify({ counts, milliseconds: { median: at(0.5), p99: at(0.99) } }));
