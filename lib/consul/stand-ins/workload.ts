import { Construct } from "constructs";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { HardenedContainer } from "../../docker/hardened-container.js";
import type { Owner } from "../../docker/owner.js";
import type { StandIn } from "./stand-in.js";

export interface WorkloadProps {
  readonly owner: Owner;
  readonly standIn: StandIn;
  /** The id of its image on the Docker host. */
  readonly image: string;
  readonly network: BridgeNetwork;
}

/** The container of a stand-in. */
export class Workload extends Construct {
  constructor(scope: Construct, id: string, props: WorkloadProps) {
    super(scope, id);
    const { host, user, memory, entrypoint, environment, tmpfs } = props.standIn;
    new HardenedContainer(this, "Workload", {
      owner: props.owner,
      image: props.image,
      // Most are of Consul's image: an upgrade of that would take all services down at once.
      keepsImage: true,
      name: host,
      user,
      memory,
      entrypoint,
      environment,
      tmpfs: { "/tmp": tmpfs },
      networks: [{ network: props.network, aliases: [host] }],
    });
  }
}
