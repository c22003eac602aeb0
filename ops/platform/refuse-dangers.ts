import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import type { Danger } from "../report/diff/report.js";

/** Those that no setting lets pass; a server's data needs Terraform's leave as well. Pure. */
export function blockedOf(dangers: readonly Danger[], { protect }: Pick<Settings, "protect">): readonly Danger[] {
  return dangers.filter(({ id, isAllowed }) => !isAllowed || (id === "server-data" && protect));
}

/**
 * @param dangers those that a setting allows pass; a server's data needs Terraform's leave as well
 * @throws UserError
 */
export function refuse(dangers: readonly Danger[], { protect, allow }: Pick<Settings, "protect" | "allow">): void {
  const blocked = blockedOf(dangers, { protect });
  if (blocked.length === 0) return;
  const needed = [...new Set([...allow, ...blocked.map(({ id }) => id)])].join(",");
  const leave = blocked.some(({ id }) => id === "server-data") && protect ? "ROLLCALL_PROTECT=off " : "";
  throw new UserError(
    ["This `up` is dangerous, and nothing was applied:", ...blocked.map(({ id, what }) => `  ${id}: ${what}`)].join(
      "\n",
    ),
    `\`npx rollcall diff\` shows all that it would do. If you mean it: ${leave}ROLLCALL_ALLOW=${needed} npx rollcall up`,
  );
}
