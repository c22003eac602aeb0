// Three servers behind a gateway in the same network namespace, and a client in front of it: puts one server into the
// state that its first argument says (one that is "ending" answers all with 500), asks the gateway as the others say, and
// prints what came of it as JSON.
//   servers.mjs up|gone|silent|ending|all-gone|crowded COUNT METHOD KEY|/PATH...
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import { createServer as createSocketServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const ADDRESSES = ["127.30.241.11", "127.30.241.12", "127.30.241.13"];
const [state, count, method, ...paths] = process.argv.slice(2);
/** More than most paths take. */
const LARGE = Buffer.alloc(200_000, "v");
/** The paths that servers were asked for, in order. */
const received = [];

function serve(asked, answer, isEnding) {
  received.push(asked.url);
  asked.resume().on("end", () => {
    if (isEnding || asked.url.endsWith("broken")) answer.statusCode = 500;
    if (asked.url.endsWith("cut")) asked.socket.destroy();
    else if (!asked.url.endsWith("hang")) answer.end("true");
  });
}

function start(address, inState) {
  const [cert, key] = [readFileSync("/app/cert.pem"), readFileSync("/app/key.pem")];
  // As Consul's servers: who shows no certificate is not heard.
  const tls = { cert, key, ca: cert, requestCert: true };
  // A process that is paused has its connections taken by the kernel, and says nothing.
  const server =
    inState === "silent"
      ? createSocketServer(() => {})
      : createServer(tls, (asked, answer) => serve(asked, answer, inState === "ending"));
  return new Promise((resolve) => server.listen(8501, address, resolve));
}

function ask(path, localAddress = "127.0.0.1") {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: 8500, method, path, agent: false, localAddress };
    const sent = request(options, (answer) => {
      const seconds = () => (performance.now() - begun) / 1000;
      answer.resume().on("end", () => resolve({ path, status: answer.statusCode, seconds: seconds() }));
    });
    sent.on("error", reject);
    sent.end(method === "PUT" ? (path.endsWith("large") ? LARGE : "value") : undefined);
  });
}

/** Two addresses ask so much at once, and get so slow answers, that what one of them has no place for is refused. */
async function crowd() {
  const each = 150;
  let refused = 0;
  for (const address of ["127.0.0.2", "127.0.0.3"])
    for (let number = 0; number < each; number++)
      ask(`/v1/kv/${number}/hang`, address).then(({ status }) => {
        if (status === 429) refused++;
      });
  while (refused + received.length < 2 * each) await sleep(10);
  return refused;
}

const [first, ...others] = ADDRESSES;
if (state !== "all-gone") for (const address of others) await start(address, "up");
if (state !== "gone" && state !== "all-gone") await start(first, state);
const refused = state === "crowded" ? await crowd() : 0;
const answers = [];
for (let number = 0; number < Number(count); number++)
  for (const path of paths) answers.push(await ask(path.startsWith("/") ? path : `/v1/kv/${number}/${path}`));
console.log(JSON.stringify({ answers, received, refused }));
process.exit(0);
