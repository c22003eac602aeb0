// A service of the old way: serves HTTP and, with REGISTER=on, registers itself over HTTP at staging-consul:8500 without
// a token, sends a TTL heartbeat, registers again where Consul has forgotten it, and never deregisters.
import { createServer } from "node:http";

const { NAME, ADDRESS, PORT, REGISTER } = process.env;
const id = `${NAME}-old`;

createServer((_, answer) => answer.end(`${NAME} is healthy`)).listen(Number(PORT));
process.on("SIGTERM", () => process.exit(0));

function ask(path, body) {
  const signal = AbortSignal.timeout(2000);
  return fetch(`http://staging-consul:8500${path}`, { method: "PUT", body: JSON.stringify(body), signal });
}

async function beat() {
  try {
    if ((await ask(`/v1/agent/check/pass/service:${id}`)).ok) return;
    const Check = { TTL: "6s", Status: "passing", DeregisterCriticalServiceAfter: "1m" };
    await ask("/v1/agent/service/register", { ID: id, Name: NAME, Address: ADDRESS, Port: Number(PORT), Check });
  } catch {
    // Consul is away; the next beat tries again.
  }
}

if (REGISTER === "on") {
  beat();
  setInterval(beat, 1500);
}
