import { UserError } from "../../lib/user-error.js";

/** Exit code of a verb that was called wrongly; `EX_USAGE` of sysexits(3). */
export const CALLED_WRONGLY = 64;

/** A verb that was called wrongly: nothing was begun. The person also reads how to see the verb's help. */
export class UsageError extends UserError {}
