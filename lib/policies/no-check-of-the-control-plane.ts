import { BlockList, isIPv4 } from "node:net";
import { canonicalHost } from "../catalog/host";
import type { Catalog, Service } from "../catalog/types";
import { isPlatformName } from "../platform-names";

/** The rule's name in an error and in docs/security.md. */
export const NO_CHECK_OF_THE_CONTROL_PLANE = "no-check-of-the-control-plane";

/** Where the control plane stands, which only the settings say. */
export interface ControlPlane {
  /** `ROLLCALL_PREFIX`. */
  readonly prefix: string;
  /** A /24. */
  readonly controlSubnet: string;
}

/**
 * Services that stand in the control plane's network, or are checked there: the agent would ask itself, or show a
 * server's answer to everybody. What a catalog alone can tell is refused as it is read.
 */
export function checksOfTheControlPlane(catalog: Catalog, { prefix, controlSubnet }: ControlPlane): readonly string[] {
  const within = new BlockList();
  within.addSubnet(controlSubnet.replace(/\/\d+$/, ""), 24);
  const isOurs = (host: string) => (isIPv4(host) ? within.check(host) : isPlatformName(host, prefix));
  return catalog.services.flatMap((service) =>
    hostsOf(service)
      .filter((host) => isOurs(canonicalHost(host)))
      .map((host) => `${service.id}: ${host} is in the control plane`),
  );
}

function hostsOf({ address, checks }: Service): readonly string[] {
  const urls = checks.flatMap(({ check }) => (check.kind === "http" && check.url !== undefined ? [check.url] : []));
  return [...new Set([address, ...urls.map((url) => new URL(url).hostname)])];
}
