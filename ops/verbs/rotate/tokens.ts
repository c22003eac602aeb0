import { tokenDescription } from "../../../lib/consul/acl/acl-grant.js";
import { AGENT_TOKEN_META } from "../../../lib/consul/agents/agent-config.js";
import { AGENT_NODE } from "../../../lib/consul/cluster.js";
import { PARTS } from "../../../lib/platform-names.js";
import { changed } from "../../cli/changes-made.js";
import { stopIfInterrupted } from "../../cli/interrupt.js";
import { report } from "../../cli/progress.js";
import type { AclApi, LiveToken } from "../../consul/api/acl.js";
import { inState } from "../../consul/in-state.js";
import { consulInside } from "../../consul/inside.js";
import { reloadSecrets } from "../../consul/reload-secrets.js";
import { isUnknown, resultOf } from "../../platform/result.js";
import { type Rotation, untilInUse } from "./rotation.js";

/** Tokens that only containers of the platform hold: the old ones go as soon as those have the new ones. */
export const HELD_HERE: readonly string[] = ["agent", "registration", "registrar", "backup", "monitor"];

/**
 * Tokens that others hold: people, applications, Prometheus. With `legacy` old services are registered, each until it
 * registers again. The old ones go by `--finish`.
 */
export const HELD_ELSEWHERE: readonly string[] = ["metrics", "discovery", "dynamic", "heartbeat", "operator", "legacy"];

/** What makes the tokens, and what uses them here. */
const STACKS = ["access", "registry", "monitor", "monitoring"] as const;

/** A token of a former exchange that Consul still takes. */
export interface OldToken {
  readonly name: string;
  /** Accessor id. */
  readonly id: string;
  readonly created: string;
}

/**
 * What Consul has of ours and the state does not: an exchange forgets a token in the state before it makes another, so
 * Consul itself remembers what is to be taken away, for every clone. Pure.
 * @param current accessor ids of the tokens in the state
 */
export function oldTokens(tokens: readonly LiveToken[], current: ReadonlySet<string>): readonly OldToken[] {
  return [...HELD_HERE, ...HELD_ELSEWHERE].flatMap((name) =>
    tokens
      .filter(({ id, description }) => description === tokenDescription(name) && !current.has(id))
      .filter(({ policies }) => policies.join() === `rollcall-${name}`)
      .map(({ id, created }) => ({ name, id, created })),
  );
}

/**
 * Exchanges every token of the stack `access`. New ones are made beside the old; agent, registrar and legacy gateway
 * take theirs while they run; then the old ones that only they held are deleted.
 */
export async function rotateTokens(rotation: Rotation): Promise<string> {
  const { acl } = await rotation.admin();
  if ((await findOld(rotation, acl)).length > 0) report("the last exchange is not finished, continuing with it");
  else {
    const tokens = await inAccess(rotation);
    stopIfInterrupted();
    report(`${tokens.length} tokens: new ones beside the old`);
    // In one step, so that an interrupted run has begun with all or with none.
    if (tokens.length > 0)
      await rotation.terraform.forget(
        rotation.folderOf("access"),
        tokens.map(({ address }) => address),
      );
  }
  await rotation.applyAll(STACKS);
  await moveHolders(rotation);
  const old = await findOld(rotation, acl);
  await deleteAll(
    acl,
    old.filter(({ name }) => HELD_HERE.includes(name)),
  );
  return describeKept(old.filter(({ name }) => !HELD_HERE.includes(name)));
}

/** Takes the old tokens away that others held. */
export async function finishTokens(rotation: Rotation): Promise<string> {
  const { acl } = await rotation.admin();
  const old = await findOld(rotation, acl);
  if (old.some(({ name }) => HELD_HERE.includes(name))) {
    report("the last exchange was interrupted, continuing with it");
    await rotation.applyAll(STACKS);
    await moveHolders(rotation);
  }
  await deleteAll(acl, old);
  return old.length === 0 ? "There is no old token: nothing to take away." : "Consul refuses every old token.";
}

/** Waits until the agent says that it works with its new token: what is deleted then is needed by nobody here. */
async function moveHolders(rotation: Rotation): Promise<void> {
  const { settings } = rotation;
  await reloadSecrets(settings, [AGENT_NODE, ...(settings.coexist ? [PARTS.legacy] : [])]);
  const agent = (await inAccess(rotation)).find(
    ({ attributes }) => attributes.description === tokenDescription("agent"),
  );
  const management = await rotation.output("token-management");
  const inAgent = consulInside(`${settings.prefix}${AGENT_NODE}`, management).agent;
  const isNew = async () => {
    const self = await resultOf(() => inAgent.self());
    return !isUnknown(self) && self.meta[AGENT_TOKEN_META] === agent?.attributes.id;
  };
  await untilInUse("the shared agent takes its new token", 60, isNew);
  report("agent and registrar have their new tokens");
}

async function inAccess(rotation: Rotation) {
  return inState(await rotation.state("access"), "consul_acl_token");
}

async function findOld(rotation: Rotation, acl: AclApi): Promise<readonly OldToken[]> {
  const current = new Set((await inAccess(rotation)).map(({ attributes }) => String(attributes.id)));
  return oldTokens(await acl.tokens(), current);
}

async function deleteAll(acl: AclApi, old: readonly OldToken[]): Promise<void> {
  for (const { name, id } of old) {
    stopIfInterrupted();
    await acl.deleteToken(id);
    changed(`token ${id} deleted`);
    report(`the old token ${name} (${id}) is deleted: Consul refuses it`);
  }
}

function describeKept(kept: readonly OldToken[]): string {
  if (kept.length === 0) return "Every token is exchanged, and Consul refuses the old ones.";
  const rows = kept.map(({ name, created }) => `  ${name.padEnd(10)}  made ${created}`);
  return [
    "The platform's own tokens are exchanged. Consul still takes these old ones, which others hold:",
    ...rows,
    "Give out the new ones (`npx rollcall token NAME`), then take the old ones away: `npx rollcall rotate tokens --finish`.",
  ].join("\n");
}
