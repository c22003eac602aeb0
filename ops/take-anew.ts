import { CONFIG } from "../lib/consul/paths";
import { TAKE_ANEW } from "../lib/consul/scripts/read-script";
import type { Settings } from "../lib/settings";
import { docker } from "./docker-host";

/** Has containers read again at once what changed for them; by themselves they do with their next health check. */
export async function takeAnew({ prefix }: Settings, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => docker(["exec", `${prefix}${name}`, "/bin/sh", `${CONFIG}/${TAKE_ANEW}`])));
}
