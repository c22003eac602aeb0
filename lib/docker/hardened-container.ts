import { Container, type ContainerHealthcheck } from "@cdktf/provider-docker/lib/container/index.js";
import { Construct } from "constructs";
import type { BridgeNetwork } from "./bridge-network.js";
import type { Carrier } from "./carrier.js";
import type { DataVolume } from "./data-volume.js";
import type { ImageFolder } from "./image-folder.js";
import { labelsOf, type Owner } from "./owner.js";

/** A place in a network. */
export interface Attachment {
  readonly network: BridgeNetwork;
  /** Further names by which the others find it there. @default - its container name alone */
  readonly aliases?: readonly string[];
  /** @default - Docker gives one */
  readonly ipv4Address?: string;
}

export interface HardenedContainerProps {
  readonly owner: Owner;
  readonly name: string;
  readonly image: string;
  /** Whether another image alone leaves the container as it is: it gets that when it is replaced for something else. @default false */
  readonly keepsImage?: boolean;
  /** `uid:gid` in numbers: the two image families name their users differently. */
  readonly user: string;
  /** Hard limit in MiB; there is no swap beyond it. */
  readonly memory: number;
  /** The binary and its arguments; no image's entrypoint script is leant on. */
  readonly entrypoint: readonly string[];
  readonly networks: readonly Attachment[];
  /** Those of its networks that its own stack makes: it is made after them, and anew with them. @default - none */
  readonly ownNetworks?: readonly BridgeNetwork[];
  /** Docker networks that somebody else made, by name. @default - none */
  readonly foreignNetworks?: readonly string[];
  /** Further names by which the others find it there. @default - its container name alone */
  readonly foreignAliases?: readonly string[];
  /** Visible to everybody who may `docker inspect`: never a secret. @default - none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Path → volume that the container writes to. @default - none */
  readonly data?: Readonly<Record<string, DataVolume>>;
  /** Path → volume that it only reads. @default - none */
  readonly reads?: Readonly<Record<string, DataVolume>>;
  /** Path → folder of another image, read-only. @default - none */
  readonly programs?: Readonly<Record<string, ImageFolder>>;
  /** Its files, read-only; the container is replaced when one of them changes. @default - none */
  readonly carriers?: readonly Carrier[];
  /**
   * Files that its program takes anew while it runs, read-only: a change of one leaves the container as it is. Its
   * health check begins with `take-anew.sh`, or the program looks for itself. @default - none
   */
  readonly livingCarriers?: readonly Carrier[];
  /** Path → size in MiB of what it may write and forget. @default - /tmp, 16 MiB */
  readonly tmpfs?: Readonly<Record<string, number>>;
  /** Settings of its network. @default - the host's defaults */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Port in the container → port on 127.0.0.1. @default - none is published */
  readonly loopbackPorts?: Readonly<Record<number, number>>;
  /**
   * Docker's small init as PID 1, for a program that does not reap: each health check leaves it a child of busybox's
   * `timeout`, and within hours the host would have no process number left. @default false
   */
  readonly init?: boolean;
  /** The apply waits until it passes. Left out where Consul itself checks the container. @default - none */
  readonly healthcheck?: ContainerHealthcheck;
}

/**
 * Any container that runs: read-only root, no capability, no way to new privileges, bounded memory and logs, back
 * after a crash. What a container needs beyond that is asked for by name.
 */
export class HardenedContainer extends Construct {
  /** Name on the host. */
  readonly name: string;

  constructor(scope: Construct, id: string, props: HardenedContainerProps) {
    super(scope, id);
    this.name = `${props.owner.prefix}${props.name}`;
    const carriers = props.carriers ?? [];
    const livingCarriers = props.livingCarriers ?? [];
    const programs = Object.entries(props.programs ?? {});
    const ownNetworks = props.ownNetworks ?? [];
    new Container(this, "Resource", {
      name: this.name,
      hostname: props.name,
      image: props.image,
      user: props.user,
      entrypoint: [...props.entrypoint],
      env: Object.entries(props.environment ?? {}).map(([name, value]) => `${name}=${value}`),
      readOnly: true,
      capabilities: { drop: ["ALL"] },
      securityOpts: ["no-new-privileges"],
      memory: props.memory,
      memorySwap: props.memory,
      ...(props.init === true ? { init: true } : {}),
      restart: "unless-stopped",
      // Without it the provider kills: a server could not hand over and an agent not write its state.
      destroyGraceSeconds: 10,
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      labels: labelsOf(props.owner),
      networkMode: "bridge",
      networksAdvanced: [
        ...props.networks.map(({ network, aliases, ipv4Address }) => ({
          name: network.name,
          aliases: [...(aliases ?? [])],
          ...(ipv4Address === undefined ? {} : { ipv4Address }),
        })),
        ...(props.foreignNetworks ?? []).map((name) => ({ name, aliases: [...(props.foreignAliases ?? [])] })),
      ],
      volumes: [
        ...mounts(props.data ?? {}, false),
        ...mounts(props.reads ?? {}, true),
        ...programs.map(([containerPath, { volumeName }]) => ({ volumeName, containerPath, readOnly: true })),
        ...[...carriers, ...livingCarriers].map((carrier) => ({
          volumeName: carrier.volume.name,
          containerPath: carrier.folder,
          readOnly: true,
        })),
      ],
      tmpfs: Object.fromEntries(
        Object.entries(props.tmpfs ?? { "/tmp": 16 }).map(([path, mebibytes]) => [
          path,
          `rw,noexec,nosuid,nodev,size=${mebibytes}m,mode=1777${path === "/tmp" ? "" : ownedBy(props.user)}`,
        ]),
      ),
      ...(props.sysctls === undefined ? {} : { sysctls: props.sysctls }),
      ports: Object.entries(props.loopbackPorts ?? {}).map(([internal, external]) => ({
        internal: Number(internal),
        external,
        ip: "127.0.0.1",
      })),
      ...(props.healthcheck === undefined ? {} : { healthcheck: props.healthcheck, wait: true, waitTimeout: 180 }),
      dependsOn: [...livingCarriers, ...programs.map(([, folder]) => folder), ...ownNetworks].map(
        ({ resource }) => resource,
      ),
      lifecycle: {
        replaceTriggeredBy: [...carriers, ...ownNetworks].map(({ resourceAddress }) => resourceAddress),
        ...(props.keepsImage === true ? { ignoreChanges: ["image"] } : {}),
      },
    });
  }
}

/**
 * For a folder that is not writable by all in the image: at a restart runc gives the tmpfs the mode of the folder below it,
 * which it made itself at the first start, 0755.
 * @param user `uid:gid`
 */
function ownedBy(user: string): string {
  const [uid, gid] = user.split(":");
  return `,uid=${uid},gid=${gid}`;
}

function mounts(volumes: Readonly<Record<string, DataVolume>>, readOnly: boolean) {
  return Object.entries(volumes).map(([containerPath, volume]) => ({
    volumeName: volume.name,
    containerPath,
    readOnly,
  }));
}
