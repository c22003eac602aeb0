import { BlockList, isIP } from "node:net";
import { isPlatformName } from "../platform-names.js";

const ASKER = "means whoever asks: the agent would check itself";
const NO_ADDRESS = "is no address that anybody could call";
const NO_MACHINE = "is no address of one machine";
const LINK_LOCAL = "is link-local: a neighbour of whoever asks, or a cloud's metadata service";

/** Where no service of a catalog can be, as the agent that checks it understands the address. */
const RANGES: readonly (readonly [net: string, bits: number, meaning: string])[] = [
  ["127.0.0.0", 8, ASKER],
  ["0.0.0.0", 8, NO_ADDRESS],
  ["169.254.0.0", 16, LINK_LOCAL],
  ["224.0.0.0", 3, NO_MACHINE],
  ["::1", 128, ASKER],
  ["::", 96, NO_ADDRESS],
  ["::ffff:0:0:0", 96, NO_ADDRESS],
  ["100::", 64, NO_ADDRESS],
  ["fe80::", 10, LINK_LOCAL],
  ["fd00:ec2::254", 128, LINK_LOCAL],
  ["ff00::", 8, NO_MACHINE],
  // IPv4 within IPv6, as NAT64 and 6to4 write it.
  ["64:ff9b::7f00:0", 104, ASKER],
  ["64:ff9b::", 104, NO_ADDRESS],
  ["64:ff9b::a9fe:0", 112, LINK_LOCAL],
  ["2002:7f00::", 24, ASKER],
  ["2002::", 24, NO_ADDRESS],
  ["2002:a9fe::", 32, LINK_LOCAL],
];
const NAMES =
  /^(?:(?:.+\.)?localhost|localhost[46]?(?:\.localdomain[46]?)?|ip6-(?:localhost|loopback|localnet|mcastprefix|all\w+))$/;

const METADATA = /^(?:metadata\.google\.internal|instance-data(?:\.ec2\.internal)?)$/;

const lists = RANGES.map(([net, bits, meaning]) => {
  const list = new BlockList();
  list.addSubnet(net, bits, isIP(net) === 6 ? "ipv6" : "ipv4");
  return { list, meaning };
});

/**
 * One spelling for each host: as the WHATWG's URL writes it, in lower case, IPv6 without brackets, zone and zeros,
 * `127.1` and `0x7f.1` as `127.0.0.1`, and an IPv4 address that is mapped into IPv6 as itself.
 */
export function canonicalHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  const written = bare.includes(":") ? `[${bare.replace(/%.*$/, "")}]` : bare;
  if (!URL.canParse(`http://${written}/`)) return bare.toLowerCase();
  const parsed = new URL(`http://${written}/`).hostname.replace(/^\[|\]$|\.$/g, "");
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(parsed) ?? [];
  if (high === undefined || low === undefined) return parsed;
  return dotted(Number.parseInt(high, 16), Number.parseInt(low, 16));
}

/** The IPv4 address to which NAT64 or 6to4 would carry an IPv6 address; undefined of any other. */
export function ipv4Within(host: string): string | undefined {
  const canonical = canonicalHost(host);
  if (isIP(canonical) !== 6) return undefined;
  const groups = groupsOf(canonical);
  const is = (...begin: readonly number[]) => begin.every((group, index) => groups[index] === group);
  if (is(0x64, 0xff9b, 0, 0, 0, 0)) return dotted(groups[6], groups[7]);
  return is(0x2002) ? dotted(groups[1], groups[2]) : undefined;
}

/** The eight numbers of an IPv6 address, of which `::` leaves out those that are 0. */
function groupsOf(address: string): readonly number[] {
  const [before = [], after = []] = address.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}

function dotted(high = 0, low = 0): string {
  return [high, low].flatMap((n) => [n >> 8, n & 255]).join(".");
}

/** Why no service can be at this host, to be read after the host; undefined where one can. */
export function whyNowhere(host: string): string | undefined {
  const canonical = canonicalHost(host);
  const family = isIP(canonical);
  if (family === 0) return NAMES.test(canonical) ? ASKER : METADATA.test(canonical) ? LINK_LOCAL : undefined;
  const found = lists.find(({ list }) => list.check(canonical, family === 6 ? "ipv6" : "ipv4"));
  if (found !== undefined) return found.meaning;
  return isIP(host.replace(/^\[(.*)\]$/, "$1")) === 0
    ? `is ${canonical} in a spelling that few programs know`
    : undefined;
}

/** What a message asks for instead of an address that no service can have. */
export const REACHABLE = "the host name or address at which others reach the service";

/** `whyNowhere`, and the names of the platform's own: a check of them would be a look into the control plane. */
export function whyNotOfAService(host: string): string | undefined {
  return isPlatformName(canonicalHost(host)) ? "is a name of the platform's own" : whyNowhere(host);
}
