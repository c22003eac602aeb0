import { BadAnswer, ConsulRefused, ConsulUnavailable, type DiscoveryError } from "./errors.ts";

/** The error that an HTTP status other than 200 means. */
export function refusalOf(path: string, status: number, text: string): DiscoveryError {
  if (status >= 300 && status < 400)
    return new BadAnswer(
      `What answers ${path} is not Consul: it redirects (${status})`,
      "No redirect is followed, so that no token goes to another host: name Consul's own address.",
    );
  const said = `Consul answered ${path} with ${status} ${text.trim().slice(0, 200)}`.trim();
  if (status === 429)
    return new ConsulUnavailable(said, "It has too many connections of this address: see http_max_conns_per_client.");
  if (status >= 500)
    return new ConsulUnavailable(said, "It has no leader, or what stands before it fails: look there.");
  if (status === 401 || status === 403)
    return new ConsulRefused(said, "Set CONSUL_TOKEN to a token that may read this service.", status);
  return new ConsulRefused(said, "The request is not one that this Consul knows.", status);
}
