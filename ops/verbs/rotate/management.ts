import { tokenDescription } from "../../../lib/consul/acl/acl-grant.js";
import { changed } from "../../cli/changes-made.js";
import { stopIfInterrupted } from "../../cli/interrupt.js";
import { report } from "../../cli/progress.js";
import type { LiveToken } from "../../consul/api/acl.js";
import { promoted } from "../../consul/in-state.js";
import type { Rotation } from "./rotation.js";

/** What Consul itself calls the token that it makes of `initial_management`. */
const INITIAL = "Initial Management Token";
const DESCRIPTION = tokenDescription("management");

/** The management tokens of ours but the current one. Somebody else's, under another description, are left. Pure. */
export function oldManagement(tokens: readonly LiveToken[], current: string): readonly LiveToken[] {
  return tokens.filter(
    ({ id, description, policies }) =>
      id !== current && [INITIAL, DESCRIPTION].includes(description) && policies.includes("global-management"),
  );
}

/**
 * Exchanges the management token. Consul learns the next one before anything uses it; then it becomes the current one
 * in the state, and the servers are replaced one at a time: one that still ran with the old `initial_management` would
 * install it again as soon as it leads. Only then the old one is deleted.
 */
export async function rotateManagement(rotation: Rotation): Promise<string> {
  // A platform of an older Rollcall has no next one yet, and outputs tell of the last apply.
  await rotation.applyFoundation();
  const before = await rotation.admin();
  const current = await before.acl.tokenOf(await rotation.output("token-management"));
  if (oldManagement(await before.acl.tokens(), current?.id ?? "").length > 0 && !(await nextIsKnown(rotation)))
    report("the last exchange is not finished, continuing with it");
  else {
    stopIfInterrupted();
    if (!(await nextIsKnown(rotation))) {
      await before.acl.addManagementToken(await rotation.output("token-management-next"), DESCRIPTION);
      changed("a management token made");
    }
    report("Consul has the next management token beside the current one");
    const state = promoted(await rotation.state("foundation"), "random_bytes", "management-token");
    stopIfInterrupted();
    await rotation.terraform.pushState(rotation.folderOf("foundation"), state);
  }
  await rotation.applyAll();
  const admin = await rotation.admin();
  const now = await admin.acl.tokenOf(await rotation.output("token-management"));
  if (now === undefined) throw new Error("Consul does not know the management token that was applied");
  for (const { id } of oldManagement(await admin.acl.tokens(), now.id)) {
    stopIfInterrupted();
    await admin.acl.deleteToken(id);
    changed(`token ${id} deleted`);
    report(`the old management token (${id}) is deleted: Consul refuses it`);
  }
  return "The management token is exchanged (`npx rollcall token management`), and Consul refuses the old one.";
}

async function nextIsKnown(rotation: Rotation): Promise<boolean> {
  const admin = await rotation.admin();
  return (await admin.acl.tokenOf(await rotation.output("token-management-next"))) !== undefined;
}
