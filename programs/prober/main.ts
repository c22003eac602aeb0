// The container `consul-prober`: makes the checks that Consul does not know, and answers as its HTTP check reads it.
import { prober } from "./server.js";

const { PROBER_LISTEN: address, PROBER_PORT: port } = process.env;
if (address === undefined || port === undefined) {
  console.error("usage: PROBER_LISTEN=ADDRESS PROBER_PORT=PORT node prober.mjs");
  process.exit(2);
}
prober().listen(Number(port), address);
