import { CONFIG } from "../../lib/consul/paths.js";
import { TAKE_ANEW } from "../../lib/consul/scripts/read-script.js";
import type { Settings } from "../../lib/settings.js";
import { docker } from "../docker/docker-host.js";

/** Makes containers reload changed secrets at once. By themselves they do so with their next health check. */
export async function reloadSecrets({ prefix }: Settings, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => docker(["exec", `${prefix}${name}`, "/bin/sh", `${CONFIG}/${TAKE_ANEW}`])));
}
