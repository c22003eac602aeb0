import { isIPv6 } from "node:net";

const LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
const NAME = new RegExp(`^(${LABEL}\\.)*${LABEL}$`);

/**
 * What a browser sends as the host of a URL with this one: in lower case, an IPv6 address in brackets and as short as it
 * can be.
 * @returns undefined where it is neither a host name nor an address
 */
export function hostHeader(host: string): string | undefined {
  const bare = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (isIPv6(bare) && !bare.includes("%")) return new URL(`http://[${bare}]`).hostname;
  return bare.length <= 253 && NAME.test(bare) && bare === host.toLowerCase() && bare !== "none" ? bare : undefined;
}
