import { UserError } from "../../../lib/user-error.js";
import { unless } from "../../../lib/wait-until.js";
import type { AclApi } from "../../consul/api/acl.js";
import { LEADER_WITHIN_SECONDS } from "../../platform/live.js";
import { isUnknown, resultOf } from "../../platform/result.js";
import { waitUntil } from "../../platform/wait-until.js";

/** Waits until there is a leader that takes the management token. @throws UserError where that takes too long */
export async function untilTokenIsTaken(acl: AclApi): Promise<void> {
  await waitUntil({
    seconds: LEADER_WITHIN_SECONDS,
    look: async () => unless(isUnknown(await resultOf(() => acl.ownToken())) ? "a leader" : ""),
    late: () => {
      throw new UserError(
        `Consul has no leader that takes the management token after ${LEADER_WITHIN_SECONDS} s`,
        "`npx rollcall verify` and `docker logs` of the servers show more. `npx rollcall up` starts a server that is missing; where two are lost for good, `npx rollcall recover`.",
      );
    },
  });
}
