import { CONSUL_USER } from "../../lib/consul/paths.js";
import { imageRef } from "../../lib/docker/images.js";
import { INSTANCE_LABEL } from "../../lib/docker/owner.js";
import { CommandFailed } from "../../lib/process.js";
import type { Settings } from "../../lib/settings.js";
import { docker } from "./docker-host.js";

export interface InConsulImage {
  /** For `/bin/sh -c`. */
  readonly script: string;
  /** The script's standard input. @default - empty */
  readonly input?: string | Uint8Array;
  /** A volume that is there, to be mounted where its container has it. @default - none */
  readonly volume?: MountedVolume | undefined;
}

/** A volume, and where. */
export interface MountedVolume {
  readonly name: string;
  readonly folder: string;
  /** Whether it can be read alone. @default false */
  readonly isReadOnly?: boolean | undefined;
}

/**
 * Runs a script with Consul's binary and busybox at hand, in a container without a network that is gone afterwards;
 * /tmp is memory. Gives what it prints.
 */
export async function inConsulImage(settings: Settings, { script, input, volume }: InConsulImage): Promise<string> {
  const args = [
    ...["run", "--rm", "--interactive", "--network", "none", "--read-only", "--user", CONSUL_USER],
    ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "2g", "--tmpfs", "/tmp:mode=1777"],
    ...(volume === undefined ? [] : ["--volume", mountOf(volume)]),
    ...["--label", `${INSTANCE_LABEL}=${settings.instance}`, "--entrypoint", "/bin/sh"],
    ...[await consulImage(settings), "-c", script],
  ];
  return docker(args, input === undefined ? {} : { input });
}

function mountOf({ name, folder, isReadOnly = false }: MountedVolume): string {
  return `${name}:${folder}${isReadOnly ? ":ro" : ""}`;
}

/** The image that the platform's servers run; where there is none yet, the one that they would. */
async function consulImage({ servers, prefix, images }: Settings): Promise<string> {
  for (let number = 1; number <= servers; number++)
    try {
      const name = `${prefix}consul-server-${number}`;
      return (await docker(["container", "inspect", "--format", "{{.Image}}", name])).trim();
    } catch (error) {
      if (!(error instanceof CommandFailed) || error.reason !== "exit") throw error;
    }
  return imageRef("consul", images ?? "official");
}
