// An application whose instances come and go: serves HTTP, registers itself, and takes that back when it is ended.
import { createServer } from "node:http";
import { hostname } from "node:os";
import { createDiscovery } from "/app/discovery/index.js";

createServer((_, answer) => answer.end(hostname())).listen(9000);
const discovery = createDiscovery();
const meta = { region: process.env.SERVICE_REGION };
await discovery.register({ interval: "1s", timeout: "5s", renewMs: 1000, meta });
process.on("SIGTERM", () => discovery.close().then(() => process.exit(0)));
