import { BlockList, isIPv4 } from "node:net";
import { canonicalHost, ipv4Within } from "../catalog/host.js";
import type { Catalog, Service } from "../catalog/types.js";
import { isPlatformName } from "../platform-names.js";

/** The rule's name in an error and in docs/security.md. */
export const NO_CHECK_OF_THE_CONTROL_PLANE = "no-check-of-the-control-plane";

/** Where the platform stands, which only the settings say. */
export interface PlatformPlace {
  /** `ROLLCALL_PREFIX`. */
  readonly prefix: string;
  /** A /24. */
  readonly controlSubnet: string;
  /** A /24. */
  readonly platformSubnet: string;
  /** A /24, which is there where `monitoring` is on. */
  readonly monitoringSubnet: string;
  /** `ROLLCALL_MONITORING`. */
  readonly monitoring: boolean;
}

/**
 * Services that stand in the control plane's network or at the Docker host's address in one of the networks, or are
 * checked there: the agent would ask itself, a server, or what listens on the host for nobody else, and would show the
 * status to everybody. What a catalog alone can tell is refused as it is read.
 */
export function checksOfTheControlPlane(catalog: Catalog, place: PlatformPlace): readonly string[] {
  const within = new BlockList();
  const { controlSubnet, platformSubnet, monitoringSubnet, monitoring } = place;
  const third = monitoring ? [monitoringSubnet] : [];
  for (const subnet of [controlSubnet, ...third]) within.addSubnet(subnet.replace(/\/\d+$/, ""), 24);
  // The gateway that the platform's networks are made with.
  const hosts = [controlSubnet, platformSubnet, ...third].map((subnet) => subnet.replace(/\d+\/24$/, "1"));
  const what = (host: string) => {
    const canonical = ipv4Within(host) ?? canonicalHost(host);
    if (hosts.includes(canonical)) return "is the Docker host, which no network keeps the agent from";
    const isOurs = isIPv4(canonical) ? within.check(canonical) : isPlatformName(canonical, place.prefix);
    return isOurs ? "is in the control plane" : undefined;
  };
  return catalog.services.flatMap((service) =>
    hostsOf(service).flatMap((host) => {
      const why = what(host);
      return why === undefined ? [] : [`${service.id}: ${host} ${why}`];
    }),
  );
}

/** Its checks are made at its address, but those with a url. */
function hostsOf({ address, checks }: Service): readonly string[] {
  const urls = checks.flatMap(({ check }) => (check.kind === "http" && check.url !== undefined ? [check.url] : []));
  return [...new Set([address, ...urls.map((url) => new URL(url).hostname)])];
}
