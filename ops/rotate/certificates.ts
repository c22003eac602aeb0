import { spawn } from "node:child_process";
import type { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { connect } from "node:tls";
import { clusterOf } from "../../lib/consul/cluster";
import { GATEWAY } from "../../lib/consul/gateway";
import { report } from "../progress";
import { inState } from "./in-state";
import { type Rotation, untilInUse } from "./rotation";
import { takeAnew } from "./take-anew";

/**
 * Makes every certificate and its key anew, by the same CA: of the servers, the shared agent and the gateway. Each
 * takes its own while it runs; those that verify trust the CA and so both. Ends when each shows the new one.
 */
export async function rotateCertificates(rotation: Rotation): Promise<string> {
  const { settings } = rotation;
  const { servers, agent } = clusterOf(settings.datacenter, settings.servers, settings.controlSubnet);
  const holders = [...servers.map(({ name }) => name), agent.name, GATEWAY];
  const before = await Promise.all(holders.map((name) => served(settings.prefix, name)));
  const keys = inState(await rotation.state("foundation"), "tls_private_key")
    .filter(({ name }) => !/^ca_Key_/.test(name))
    .map(({ address }) => address);
  report(`${keys.length} certificates and keys are made anew`);
  await rotation.applyFoundation(keys);
  await rotation.applyAll();
  // The gateway reads its own for each handshake.
  await takeAnew(
    settings,
    holders.filter((name) => name !== GATEWAY),
  );
  for (const [index, name] of holders.entries())
    await untilInUse(`${name} shows its new certificate`, 30, async () => {
      const now = await served(settings.prefix, name);
      return now.serialNumber !== before[index]?.serialNumber;
    });
  const [last] = (await Promise.all(holders.map((name) => served(settings.prefix, name)))).map(
    ({ validTo }) => validTo,
  );
  return `${holders.join(", ")} show new certificates, valid until ${last}.`;
}

/** The certificate that a container of the platform shows on its HTTPS port, asked from within it. */
export async function served(prefix: string, name: string): Promise<X509Certificate> {
  const child = spawn("docker", ["exec", "-i", `${prefix}${name}`, "busybox", "nc", "127.0.0.1", "8501"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  try {
    // Only looked at: what verifies it are those that use it.
    const socket = connect({
      socket: Duplex.from({ writable: child.stdin, readable: child.stdout }),
      rejectUnauthorized: false,
    });
    await once(socket, "secureConnect");
    const certificate = socket.getPeerX509Certificate();
    // All that is wanted was said; that the way to it ends now is no error.
    socket.on("error", () => {});
    if (certificate === undefined) throw new Error(`${name} shows no certificate`);
    return certificate;
  } finally {
    child.kill();
  }
}
