import { PARTS } from "./platform-names.js";

/**
 * Where the prober listens: its name on the control plane's network, and its port; and the headers that say whom it is
 * to trust behind TLS (certificates as DER in base64, with commas) and which name the server's certificate must carry.
 */
export const PROBER = {
  host: PARTS.prober,
  port: 8080,
  caHeader: "Rollcall-Trusted-CA",
  serverNameHeader: "Rollcall-Server-Name",
} as const;
