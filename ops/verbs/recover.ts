import { CONSUL_DATA } from "../../lib/consul/paths.js";
import { readSettings, type Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { unless } from "../../lib/wait-until.js";
import { whileSilenced } from "../alertmanager/while-silenced.js";
import { changed } from "../cli/changes-made.js";
import { confirm } from "../cli/confirm.js";
import { stopIfInterrupted } from "../cli/interrupt.js";
import { report } from "../cli/progress.js";
import { connectAsAdmin } from "../consul/connect.js";
import { docker } from "../docker/docker-host.js";
import { inConsulImage } from "../docker/in-consul-image.js";
import { requireDocker } from "../docker/require-docker.js";
import { bringUp } from "../platform/bring-up.js";
import { refuseForgotten } from "../platform/forgotten.js";
import { outputOf } from "../platform/live.js";
import { withPlatformLock } from "../platform/lock.js";
import { setUpTerraform } from "../platform/tools.js";
import { recordOf } from "../platform/up-record.js";
import { waitUntil } from "../platform/wait-until.js";
import type { Terraform } from "../terraform/terraform.js";
import { planRecovery, type Recovery, renderPeers } from "./recover/plan-recovery.js";
import { lastIndexOf, leaderAddress, type ServerOnHost, serversOnHost } from "./recover/servers.js";

/** A server that is alone elects itself within 5 s of its start; three times that, and its start. */
const LEADER_WITHIN_SECONDS = 30;

/** Autopilot makes a voter of a server that was stable for 10 s; three times that for each of four. */
const VOTERS_WITHIN_SECONDS = 120;

/** What `recover` is asked for. */
export interface RecoverOptions {
  /** Whether the question is answered beforehand. @default false */
  readonly yes?: boolean | undefined;
}

/**
 * `npx rollcall recover`: when most servers are lost with their data, makes those that are left the whole cluster, and has
 * `up` rebuild the others. Refuses while a quorum lives. Asks before, unless `--yes`.
 */
export async function recover({ yes = false }: RecoverOptions): Promise<number> {
  const settings = readSettings();
  await requireDocker();
  const terraform = await setUpTerraform(settings);
  await withPlatformLock(settings.stateFolder, "recover", async () => {
    // `up` would refuse it afterwards, when the servers are changed already.
    refuseForgotten(await recordOf(settings));
    const servers = await serversOnHost(settings);
    const recovery = planRecovery(servers, await leaderAddress(servers));
    console.error(await describe(settings, terraform, recovery));
    await confirm("Go on?", yes, "npx rollcall recover --yes");
    await whileSilenced(settings, "recover", () => force(settings, recovery.kept));
  });
  const code = await bringUp();
  await untilAllVote(settings, terraform);
  return code;
}

async function describe(settings: Settings, terraform: Terraform, { kept, lost }: Recovery): Promise<string> {
  const token = await outputOf(settings, terraform, "foundation", "token-management");
  const rows = await Promise.all(
    kept.map(async (server) => {
      const index = await lastIndexOf(server, token);
      return `  kept  ${server.container}, ${index === undefined ? "last index not told" : `last index ${index}`}`;
    }),
  );
  return [
    ...rows,
    ...lost.map(({ container }) => `  lost  ${container}: it has no data`),
    `${kept.length === 1 ? "This server becomes" : "These servers become"} the whole cluster, and the others are rebuilt from it.`,
    "A write that the lost servers alone had acknowledged is not in it. Where one of them may come back with its data, stop here.",
  ].join("\n");
}

/**
 * Tells the kept servers, while they are stopped, that they are all there are. What is interrupted is done again: the
 * file is written whole, and Consul removes it when it has taken it.
 */
async function force(settings: Settings, kept: readonly ServerOnHost[]): Promise<void> {
  const standing = kept.filter(({ state }) => state !== "").map(({ container }) => container);
  if (standing.length > 0) {
    report(`stopping ${standing.join(", ")}`);
    await docker(["stop", ...standing]);
  }
  for (const { volume } of kept) {
    stopIfInterrupted();
    report(`writing raft/peers.json into ${volume}`);
    const script = "cd /consul/data/raft && cat >peers.json.part && sync && mv peers.json.part peers.json";
    await inConsulImage(settings, { script, input: renderPeers(kept), volume: { name: volume, folder: CONSUL_DATA } });
    changed(`${volume}: told that ${kept.length === 1 ? "it is" : "they are"} the whole cluster`);
  }
  // Where the container is gone too, `up` makes it, and it reads the file then.
  if (standing.length === 0) return;
  report(`starting ${standing.join(", ")}`);
  await docker(["start", ...standing]);
  await waitUntil({
    seconds: LEADER_WITHIN_SECONDS,
    look: async () => unless((await leaderAddress(await serversOnHost(settings))) === "" ? "a leader" : ""),
    late: () => {
      throw new UserError(
        `${standing.join(", ")} did not elect a leader within ${LEADER_WITHIN_SECONDS} s`,
        `\`docker logs ${standing[0]}\` shows why. Run this again when that is fixed.`,
      );
    },
  });
  report("there is a leader");
}

async function untilAllVote(settings: Settings, terraform: Terraform): Promise<void> {
  const consul = await connectAsAdmin(settings, terraform);
  const voters = await waitUntil<readonly string[]>({
    seconds: VOTERS_WITHIN_SECONDS,
    look: async () => {
      const peers = await consul.operator.peers();
      const names = peers.filter(({ isVoter }) => isVoter).map(({ name }) => name);
      const areAll = names.length === settings.servers && peers.length === settings.servers;
      return areAll ? { found: names } : { missing: `${names.length} of ${settings.servers} servers vote` };
    },
    late: (count) => {
      throw new UserError(`After ${VOTERS_WITHIN_SECONDS} s ${count}`, "`docker logs` of the others shows why.");
    },
  });
  console.log(`${[...voters].sort().join(", ")} vote.`);
}
