import { type Change, inChangeOrder } from "../../lib/catalog/changes.js";
import type { Definition } from "../../lib/catalog/declared.js";
import { kvSubkey } from "../../lib/catalog/definition.js";
import { differences, everything, placeOf } from "../../lib/catalog/words.js";
import { AGENT_NODE } from "../../lib/consul/cluster.js";
import type { LiveInstance } from "../consul/api/catalog.js";
import { type ServiceStanding, standings } from "./standings.js";

/**
 * What Consul has that was not applied, and the other way round, as `diff` tells it. Of checks and weights Consul's catalog
 * does not say how they were declared, so nothing is said of them. Pure.
 */
export function driftedServices(applied: readonly Definition[], instances: readonly LiveInstance[]): readonly Change[] {
  const { services, strangers } = standings({ definitions: applied, dynamic: [] }, instances, []);
  return inChangeOrder([...services.flatMap(driftOf), ...strangers.map(added)]);
}

function driftOf({ declared, own }: ServiceStanding): readonly Change[] {
  const subject = { service: kvSubkey(declared), team: declared.meta.team ?? "" };
  if (own === undefined) return [{ ...subject, kind: "removed", words: [placeOf(declared)] }];
  const words = differences(declared, own);
  return words.length === 0 ? [] : [{ ...subject, kind: "changed", words }];
}

/** All services are expected on one node, so the node is told where it is another. */
function added(stranger: LiveInstance): Change {
  const elsewhere = stranger.node === AGENT_NODE ? [] : [`node ${stranger.node}`];
  const words = [...everything(stranger), ...elsewhere];
  return { service: kvSubkey(stranger), team: stranger.meta.team ?? "", kind: "added", words };
}
