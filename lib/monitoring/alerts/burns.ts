import { BY_SERVICE } from "../promql.js";
import { CONSTANTS } from "../records/constants.js";
import { unavailable } from "../records/slo.js";

/** True where a service missed too much of a window, and of a short one as well: so it ends soon after the trouble does. */
export function burns(window: string, short: string): string {
  const limit = `${BY_SERVICE} ${CONSTANTS.burnLimit}{window="${window}"}`;
  return `(${unavailable(window)} > ${limit} and ${unavailable(short)} > ${limit})`;
}
