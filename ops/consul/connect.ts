import type { Settings } from "../../lib/settings.js";
import { outputOf } from "../platform/live.js";
import type { Terraform } from "../terraform/terraform.js";
import { ConsulApi } from "./api/consul-api.js";
import { GatewayTransport } from "./api/gateway-transport.js";

/** Consul of the platform that these settings describe, as anybody. @throws UserError where it was never applied */
export async function connect(settings: Settings, terraform: Terraform): Promise<ConsulApi> {
  const caPem = await outputOf(settings, terraform, "foundation", "ca-certificate");
  return new ConsulApi(new GatewayTransport(settings.httpsPort, caPem));
}

/** The same, with the management token. @throws UserError where it was never applied */
export async function connectAsAdmin(settings: Settings, terraform: Terraform): Promise<ConsulApi> {
  const [caPem, token] = await Promise.all([
    outputOf(settings, terraform, "foundation", "ca-certificate"),
    outputOf(settings, terraform, "foundation", "token-management"),
  ]);
  return new ConsulApi(new GatewayTransport(settings.httpsPort, caPem), { token });
}
