import { UserError } from "../../lib/user-error.js";

/** What Terraform, the Docker provider and the engine say, and what a person can do about it. */
const REMEDIES: readonly { readonly said: RegExp; readonly cause: string; readonly remedy: string }[] = [
  {
    said: /no space left on device/i,
    cause: "There is no disk space left on the Docker host",
    remedy: "Free some (`docker system df` shows what takes it) and run it again: it continues where it stopped.",
  },
  {
    said: /port is already allocated|bind: address already in use|failed to bind host port/i,
    cause: "A port that the gateway publishes is taken",
    remedy: "End what listens there, or set ROLLCALL_HTTP_PORT and ROLLCALL_HTTPS_PORT to free ports.",
  },
  {
    // Of a port Docker says "bind:" before it; without it, it is an address of a network.
    said: /address already in use/i,
    cause: "Another container has the address that this one needs in one of the platform's networks",
    remedy:
      "`npx rollcall doctor` names that container and the command that takes it off the network; then run it again.",
  },
  {
    said: /The container name .* is already in use|network with name .* already exists/i,
    cause: "A name that the platform needs is taken on the Docker host",
    remedy: "Remove what has it, or set ROLLCALL_PREFIX, and run it again.",
  },
  {
    said: /Pool overlaps with other one/i,
    cause: "A subnet of the platform overlaps with another network of the Docker host",
    remedy: "Set ROLLCALL_CONTROL_SUBNET, ROLLCALL_PLATFORM_SUBNET or ROLLCALL_MONITORING_SUBNET to a free /24.",
  },
  {
    said: /Cannot connect to the Docker daemon|error during connect|docker\.sock/i,
    cause: "Docker stopped answering",
    remedy: "Start it, and run it again: it continues where it stopped.",
  },
  {
    said: /Instance cannot be destroyed|prevent_destroy/i,
    cause: "The change would destroy the data of a server, which is protected",
    remedy: "Where that is what you want, run it again with ROLLCALL_PROTECT=off ROLLCALL_ALLOW=server-data.",
  },
  {
    said: /Error acquiring the state lock/i,
    cause: "Another run is working on this stack, and holds its state",
    remedy: "Wait until it has ended and run it again: it continues from here.",
  },
  {
    said: /failed to be in healthy state/i,
    cause: "A container did not get healthy in time; what was not reached yet is untouched",
    remedy: "`docker logs NAME` shows more. Fix the cause and run it again: it continues from here.",
  },
];

/** The sentence for a stack that could not be applied: what Terraform said, its cause and the remedy where known. */
export function notApplied(stack: string, said: string): UserError {
  const known = REMEDIES.find((each) => each.said.test(said));
  return known === undefined
    ? new UserError(
        `The stack ${stack} was not applied: ${said}`,
        "Fix the cause and run it again: it continues from here.",
      )
    : new UserError(`${known.cause} (stack ${stack}: ${said})`, known.remedy);
}
