import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { DataVolume } from "./data-volume.js";
import { labelsOf, type Owner } from "./owner.js";

export interface CarrierProps {
  readonly owner: Owner;
  /** Name of the container and of the volume that it fills. */
  readonly name: string;
  /** Any image at hand; nothing of it is run. */
  readonly image: string;
  /** Where the files stand in the containers that mount the volume. */
  readonly folder: string;
  /** File name → content. */
  readonly files: Readonly<Record<string, string>>;
  /**
   * Volumes to be mounted first here, at a path that the image has: a new volume takes its owner from the first
   * mount, and a path that the image lacks would belong to root. @default - none
   */
  readonly prepares?: Readonly<Record<string, DataVolume>>;
}

/**
 * Files on their way into a volume. Bind mounts fail on remote Docker hosts and `upload` fails on a read-only root,
 * so a container that never runs takes the upload, and the real one mounts its volume read-only. Secrets get a
 * carrier of their own: one sensitive upload would hide the diff of all.
 */
export class Carrier extends Construct {
  readonly volume: DataVolume;
  readonly folder: string;
  /** For `replace_triggered_by`: a changed file replaces the carrier, and with it the container that reads it. */
  readonly resourceAddress: string;
  /** For `depends_on`: what reads a file must not start before it is there. */
  readonly resource: ITerraformDependable;

  constructor(scope: Construct, id: string, props: CarrierProps) {
    super(scope, id);
    this.folder = props.folder;
    this.volume = new DataVolume(this, "Volume", { owner: props.owner, name: props.name });
    const prepared = Object.entries(props.prepares ?? {});
    const container = new Container(this, "Resource", {
      name: `${props.owner.prefix}${props.name}`,
      image: props.image,
      start: false,
      mustRun: false,
      networkMode: "none",
      labels: labelsOf(props.owner),
      volumes: [
        { volumeName: this.volume.name, containerPath: props.folder },
        ...prepared.map(([containerPath, volume]) => ({ volumeName: volume.name, containerPath })),
      ],
      // Uploaded files belong to root; only the container that mounts this volume can read them.
      upload: Object.entries(props.files).map(([file, content]) => ({
        file: `${props.folder}/${file}`,
        content,
        permissions: "0444",
      })),
    });
    this.resource = container;
    // Terraform takes a bare address here; cdktf would render the construct as an interpolation and fail.
    this.resourceAddress = `${container.terraformResourceType}.${container.friendlyUniqueId}`;
  }
}
