import { type IncomingMessage, STATUS_CODES } from "node:http";
import { request } from "node:https";
import { PROBER } from "../../lib/prober.js";
import { critical, LONGEST_MS, type Outcome, passing, warning } from "./outcome.js";

// As Node has them.
const CA_HEADER = PROBER.caHeader.toLowerCase();
const SERVER_NAME_HEADER = PROBER.serverNameHeader.toLowerCase();

/** Whether a request says whom to trust, without which none is passed on. */
export function saysWhomToTrust({ headers }: IncomingMessage): boolean {
  return headers[CA_HEADER] !== undefined;
}

/**
 * A request passed on over TLS, judged by Consul's rule for HTTP checks: 2xx passes, 429 warns, all else is critical. No
 * redirect is followed.
 */
export function https(url: URL, incoming: IncomingMessage, signal: AbortSignal): Promise<Outcome> {
  const { host, connection: _, [CA_HEADER]: ca, [SERVER_NAME_HEADER]: servername, ...headers } = incoming.headers;
  const trusted = String(ca)
    .split(",")
    .map((der) => `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`);
  const { method = "GET" } = incoming;
  return new Promise((resolve, reject) => {
    const options = {
      method,
      // A Host of the check's own is passed on; the one that Consul makes up names the prober.
      headers: { ...headers, host: host === undefined || host.startsWith(`${PROBER.host}:`) ? url.host : host },
      ca: trusted,
      // Left out, Node would take the Host that is passed on; for an address there is no name to ask for.
      servername: String(servername ?? (isName(url.hostname) ? url.hostname : "")),
      agent: false,
      timeout: LONGEST_MS,
      signal,
    };
    const outgoing = request(url, options, (answer) => {
      answer.on("error", reject);
      answer.resume().on("end", () => {
        const { statusCode = 0 } = answer;
        resolve(judged(statusCode, `HTTP ${method} ${url}: ${statusCode} ${STATUS_CODES[statusCode] ?? ""}`.trimEnd()));
      });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
    outgoing.on("error", reject);
    incoming.pipe(outgoing);
  });
}

function judged(statusCode: number, says: string): Outcome {
  if (statusCode === 429) return warning(says);
  return statusCode >= 200 && statusCode < 300 ? passing(says) : critical(says);
}

/** A name, and no IPv4 or IPv6 address. */
function isName(hostname: string): boolean {
  return /[^\d.]/.test(hostname) && !hostname.startsWith("[");
}
