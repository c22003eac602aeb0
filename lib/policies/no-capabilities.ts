import { aboutRunning } from "./policy.js";

/** A container has no capability and no way to get one. */
export const noCapabilities = aboutRunning(
  "no-capabilities",
  ({ privileged, capabilities, security_opts }) => {
    if (privileged) return "it is privileged";
    if (capabilities.add.length > 0) return `it has the capabilities ${capabilities.add.join(", ")}`;
    if (!capabilities.drop.includes("ALL")) return "it keeps Docker's default capabilities";
    return security_opts.includes("no-new-privileges") ? undefined : "it can gain privileges";
  },
  "drop ALL, add none, and set no-new-privileges",
);
