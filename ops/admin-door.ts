import type { Settings } from "../lib/settings";
import type { Door } from "./consul-request";
import { outputOf } from "./live";
import type { Terraform } from "./terraform";

/** The gateway of the platform that these settings describe, with its management token. @throws UserError where it was never applied */
export async function adminDoor(settings: Settings, terraform: Terraform): Promise<Door> {
  const [caPem, token] = await Promise.all([
    outputOf(settings, terraform, "foundation", "ca-certificate"),
    outputOf(settings, terraform, "foundation", "token-management"),
  ]);
  return { port: settings.httpsPort, caPem, token };
}
