import { ConsulProvider } from "@cdktf/provider-consul/lib/provider";
import type { Construct } from "constructs";

export interface ConsulApiProps {
  /** The gateway's HTTPS port on 127.0.0.1. */
  readonly httpsPort: number;
  readonly datacenter: string;
  readonly caPem: string;
  /** Sensitive. */
  readonly token: string;
}

/** A stack's way to Consul: through the gateway, over TLS that is verified. */
export function connectConsul(scope: Construct, props: ConsulApiProps): ConsulProvider {
  return new ConsulProvider(scope, "consul-api", {
    address: `127.0.0.1:${props.httpsPort}`,
    scheme: "https",
    datacenter: props.datacenter,
    caPem: props.caPem,
    token: props.token,
  });
}
