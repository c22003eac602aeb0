import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { Fn, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { labelsOf, type Owner } from "./owner.js";

export interface ImageFolderProps {
  readonly owner: Owner;
  /** What the volume and the container that fills it are called; the image's id follows. */
  readonly name: string;
  /** The id of the image that has the folder. */
  readonly image: string;
  /** The folder in that image, such as /bin. */
  readonly folder: string;
}

/**
 * A folder of one image for a container of another: a program that needs no library runs there. Docker fills a new volume
 * with what the image has at the path where the volume is mounted first, here in a container that never runs. Another
 * image brings another volume, which is there before the container that mounts the old one is stopped.
 */
export class ImageFolder extends Construct {
  /** The volume's name on the host, as a reference to the resource. */
  readonly volumeName: string;
  /** For `depends_on`: whoever mounts the volume first must be the container that fills it. */
  readonly resource: ITerraformDependable;

  constructor(scope: Construct, id: string, props: ImageFolderProps) {
    super(scope, id);
    const { owner, image } = props;
    // Behind "sha256:"; twelve are what `docker image ls` shows.
    const name = `${owner.prefix}${props.name}-${Fn.substr(image, 7, 12)}`;
    const lifecycle = { createBeforeDestroy: true } as const;
    const volume = new Volume(this, "Volume", { name, labels: labelsOf(owner), lifecycle });
    this.volumeName = volume.name;
    this.resource = new Container(this, "Resource", {
      name,
      image,
      start: false,
      mustRun: false,
      networkMode: "none",
      labels: labelsOf(owner),
      volumes: [{ volumeName: volume.name, containerPath: props.folder }],
      lifecycle,
    });
  }
}
