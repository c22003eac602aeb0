import { Network } from "@cdktf/provider-docker/lib/network/index.js";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { addressIn } from "./fixed-address.js";
import { labelsOf, type Owner } from "./owner.js";

export interface BridgeNetworkProps {
  readonly owner: Owner;
  readonly name: string;
  /** A /24. Its lower half is for fixed addresses, Docker gives out the upper half. */
  readonly subnet: string;
}

/** A bridge network with room for fixed addresses, so that a container that comes back keeps its peers. */
export class BridgeNetwork extends Construct {
  /** The network's name on the host, known before anything is applied. */
  readonly name: string;
  readonly subnet: string;
  /** For what stands in the same stack: it is made after the network, and anew with it. */
  readonly resource: ITerraformDependable;
  /** Terraform's address of it, for `replace_triggered_by`. */
  readonly resourceAddress: string;

  constructor(scope: Construct, id: string, props: BridgeNetworkProps) {
    super(scope, id);
    this.name = `${props.owner.prefix}${props.name}`;
    this.subnet = props.subnet;
    const network = new Network(this, "Resource", {
      name: this.name,
      driver: "bridge",
      ipamConfig: [
        {
          subnet: props.subnet,
          gateway: addressIn(props.subnet, 1),
          ipRange: `${addressIn(props.subnet, 128)}/25`,
        },
      ],
      labels: labelsOf(props.owner),
    });
    this.resource = network;
    this.resourceAddress = `${network.terraformResourceType}.${network.friendlyUniqueId}`;
  }
}
