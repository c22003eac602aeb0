// The container `consul-registrar`: carries the declared services from Consul KV to the shared agent, and answers /health,
// /metrics and /refused. A change is told to the agent service by service; it is never reloaded, for a reload delays every
// check. Its settings are environment variables, for they hold no secret.
import { Agent } from "./agent.js";
import { Files } from "./files.js";
import { Journal } from "./journal.js";
import { Registrar } from "./registrar.js";
import { Report } from "./report.js";
import { serve } from "./server.js";

const {
  CONSUL_HTTP_ADDR: address,
  CONSUL_CACERT: caFile,
  REGISTRAR_TOKEN_FILE: registrarTokenFile,
  REGISTRATION_TOKEN_FILE: registrationTokenFile,
  REGISTRAR_NODE: node,
  REGISTRAR_PORT: port = "",
  DEFINITIONS: folder,
  KV_PREFIX: prefix = "catalog/",
} = process.env;
if (
  address === undefined ||
  registrarTokenFile === undefined ||
  registrationTokenFile === undefined ||
  node === undefined ||
  folder === undefined ||
  !/^\d+$/.test(port)
) {
  console.error(
    "usage: CONSUL_HTTP_ADDR= [CONSUL_CACERT=] REGISTRAR_TOKEN_FILE= REGISTRATION_TOKEN_FILE= REGISTRAR_NODE= REGISTRAR_PORT= DEFINITIONS= [KV_PREFIX=] node registrar.mjs",
  );
  process.exit(2);
}
for (const each of ["SIGINT", "SIGTERM"] as const) process.on(each, () => process.exit(0));
const report = new Report((line) => console.log(line));
const files = new Files(folder, prefix);
const journal = new Journal(files.keep, prefix);
const agent = new Agent({ address, caFile, node, prefix, registrarTokenFile, registrationTokenFile });
serve(report, Number(port));
report.say(`carrying ${prefix} to ${address}`);
new Registrar({ agent, files, journal, report, prefix, signal: new AbortController().signal }).run();
