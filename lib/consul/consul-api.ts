import { ConsulProvider } from "@cdktf/provider-consul/lib/provider/index.js";
import type { Construct } from "constructs";
import type { Settings } from "../settings.js";

/** What the foundation has for whoever changes Consul. */
export interface ConsulAccess {
  /** What the gateway's certificate is verified with, PEM. */
  readonly trustPem: string;
  /** Sensitive. */
  readonly managementToken: string;
}

/** A stack's way to Consul: through the gateway on 127.0.0.1, over TLS that is verified. */
export function connectConsul(
  scope: Construct,
  { httpsPort, datacenter }: Pick<Settings, "httpsPort" | "datacenter">,
  { trustPem, managementToken }: ConsulAccess,
): ConsulProvider {
  return new ConsulProvider(scope, "consul-api", {
    address: `127.0.0.1:${httpsPort}`,
    scheme: "https",
    datacenter,
    caPem: trustPem,
    token: managementToken,
  });
}
