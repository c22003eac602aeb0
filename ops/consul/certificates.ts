import { X509Certificate } from "node:crypto";
import { CA_FILE, PAIR_FILE } from "../../lib/consul/agents/agent-config.js";
import { AGENT_NODE } from "../../lib/consul/cluster.js";
import { SECRETS } from "../../lib/consul/paths.js";
import { PARTS } from "../../lib/platform-names.js";
import { run } from "../../lib/process.js";
import { interruption } from "../cli/interrupt.js";
import type { Part } from "../platform/parts.js";
import type { Problem } from "../report/problem.js";

/** A certificate as it lies in a container. */
export interface CertificateStatus {
  /** `ca`, or the part whose it is. */
  readonly name: string;
  /** ISO 8601. */
  readonly validUntil: string;
  /** Whole days left; negative where it has expired. */
  readonly daysLeft: number;
}

/** `up` renews a certificate in its last 30 days (lib/consul/tls/certificate-authority.ts). */
const RENEWED_DAYS = 30;
const URGENT_DAYS = 7;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Who has a certificate beside the servers. */
const OTHER_HOLDERS: readonly string[] = [
  AGENT_NODE,
  PARTS.gateway,
  PARTS.legacy,
  PARTS.backup,
  PARTS.monitor,
  PARTS.prometheus,
];

/** The certificates of these parts and the CA's, from the containers themselves, also from those that do not run. */
export async function readCertificates(
  parts: readonly Part[],
  prefix: string,
  now = Date.now(),
): Promise<readonly CertificateStatus[]> {
  const owners = parts.filter(({ container, isServer }) => isServer || OTHER_HOLDERS.includes(container));
  const own = owners.map(async ({ name, container }) =>
    statusOf(name, await fileIn(prefix + container, `${SECRETS}/${PAIR_FILE}`), now),
  );
  const [first] = owners;
  const ca =
    first === undefined ? [] : [statusOf("ca", await fileIn(prefix + first.container, `${SECRETS}/${CA_FILE}`), now)];
  return [...ca, ...(await Promise.all(own))].flat();
}

/** A file as the tar archive that `docker cp` gives; "" where there is no such container. */
async function fileIn(container: string, file: string): Promise<string> {
  try {
    return (await run("docker", ["cp", `${container}:${file}`, "-"], { signal: interruption })).stdout;
  } catch {
    return "";
  }
}

function statusOf(name: string, text: string, now: number): readonly CertificateStatus[] {
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
  if (pem === undefined) return [];
  const until = Date.parse(new X509Certificate(pem).validTo);
  return [{ name, validUntil: new Date(until).toISOString(), daysLeft: Math.floor((until - now) / DAY_MS) }];
}

/** What is to be said of certificates that end soon. Pure. */
export function judgeCertificates(certificates: readonly CertificateStatus[]): readonly Problem[] {
  return certificates
    .filter(({ daysLeft }) => daysLeft < RENEWED_DAYS)
    .map(({ name, daysLeft, validUntil }) => {
      const day = validUntil.slice(0, 10);
      return {
        what:
          daysLeft < 0
            ? `the certificate ${name} expired on ${day}`
            : `the certificate ${name} ends in ${daysLeft} days, on ${day}`,
        remedy: name === "ca" ? NEW_CA : "`npx rollcall up` renews it: it does so in a certificate's last 30 days.",
        isNote: daysLeft >= URGENT_DAYS,
      };
    });
}

const NEW_CA = "`npx rollcall rotate certificates` exchanges it, and all others with it, while everything runs.";
