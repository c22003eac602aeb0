import type { Policy } from "./policy.js";

/** Terraform refuses to destroy a server's data, and the monitor's history: a plan that would do so fails instead of being overlooked. */
export const protectedServerVolumes: Policy = {
  id: "protected-server-volumes",
  judge: (resource) => {
    const isServerData = resource.kind === "volume" && /consul-(server-\d+|monitor)-data$/.test(resource.is.name);
    return isServerData && !resource.is.lifecycle.prevent_destroy ? "it can be destroyed" : undefined;
  },
  remedy: "set prevent_destroy (DataVolume's isProtected), or ROLLCALL_PROTECT=off where it is to go",
};
