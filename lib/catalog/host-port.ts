import { isIPv6 } from "node:net";

/** `address:port`, with an IPv6 address in brackets. */
export function hostPort({ address, port }: { readonly address: string; readonly port: number }): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
