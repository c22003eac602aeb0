import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { connect } from "node:tls";
import { clusterOf } from "../../../lib/consul/cluster.js";
import { SIGN_WITH_NEXT } from "../../../lib/consul/tls/certificate-authority.js";
import { PARTS } from "../../../lib/platform-names.js";
import { stopIfInterrupted } from "../../cli/interrupt.js";
import { report } from "../../cli/progress.js";
import { reloadSecrets } from "../../consul/reload-secrets.js";
import { authoritiesIn, promotedAuthority } from "./authorities.js";
import { type Rotation, untilInUse } from "./rotation.js";

/**
 * Makes every certificate and its key again, by another CA: a certificate cannot be called back, but nobody trusts the
 * CA that signed the old ones any more. The next CA, which all trust already, signs the new ones; when each holder shows
 * its own, the next CA becomes the current one in the state, another next one is made, and all forget the old one.
 */
export async function rotateCertificates(rotation: Rotation): Promise<string> {
  const { settings } = rotation;
  const { servers, agent } = clusterOf(settings.datacenter, settings.servers, settings.controlSubnet);
  const shown = [...servers.map(({ name }) => name), agent.name, PARTS.gateway];
  const holders = settings.coexist ? [...shown, PARTS.legacy] : shown;
  const authorities = async () => authoritiesIn(await rotation.state("foundation"));

  if ((await authorities()).isUnderWay) report("the last exchange is not finished, continuing with it");
  else {
    // A platform of an older Rollcall has no next CA yet, and what an interrupted run left may not be taken yet.
    await rotation.applyAll();
    await reloadSecrets(settings, holders);
  }
  const { next, keysToExchange } = await authorities();
  if (next === undefined) throw new Error("the foundation's state has no next CA");
  report(`${keysToExchange.length} certificates and keys are recreated, by the next CA`);
  await rotation.applyFoundation({ replace: keysToExchange, variables: { [SIGN_WITH_NEXT]: "true" } });
  await rotation.applyOthers();
  await reloadSecrets(settings, holders);
  const { publicKey } = new X509Certificate(next);
  for (const name of shown)
    await untilInUse(`${name} shows its new certificate`, 30, async () =>
      (await served(settings.prefix, name)).verify(publicKey),
    );

  report("all serve their new certificates; removing the old CA");
  const state = promotedAuthority(await rotation.state("foundation"));
  stopIfInterrupted();
  await rotation.terraform.pushState(rotation.folderOf("foundation"), state);
  await rotation.applyAll();
  await reloadSecrets(settings, holders);
  const { validTo } = await served(settings.prefix, PARTS.gateway);
  return `${shown.join(", ")} show new certificates by a new CA, valid until ${validTo}. The old ones are refused.`;
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
    // A server asks for a certificate afterwards, and has none here; that the way to it ends now is no error either.
    await once(socket, "secureConnect");
    socket.on("error", () => {});
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) throw new Error(`${name} shows no certificate`);
    return certificate;
  } finally {
    child.kill();
  }
}
