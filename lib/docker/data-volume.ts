import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { Construct } from "constructs";
import { labelsOf, type Owner } from "./owner.js";

export interface DataVolumeProps {
  readonly owner: Owner;
  readonly name: string;
  /** Terraform refuses to destroy it (`prevent_destroy`). @default false */
  readonly isProtected?: boolean;
}

/** A named volume; what is in it outlives the containers that mount it. */
export class DataVolume extends Construct {
  /** The volume's name on the host, as a reference to the resource. */
  readonly name: string;

  constructor(scope: Construct, id: string, props: DataVolumeProps) {
    super(scope, id);
    const volume = new Volume(this, "Resource", {
      name: `${props.owner.prefix}${props.name}`,
      labels: labelsOf(props.owner),
      ...(props.isProtected === true ? { lifecycle: { preventDestroy: true } } : {}),
    });
    this.name = volume.name;
  }
}
