import { Construct } from "constructs";
import type { BridgeNetwork } from "../../docker/bridge-network.js";
import { Carrier } from "../../docker/carrier.js";
import { DataVolume } from "../../docker/data-volume.js";
import { type Attachment, HardenedContainer } from "../../docker/hardened-container.js";
import { goMemoryLimit, MEMORY } from "../../docker/memory.js";
import type { Owner } from "../../docker/owner.js";
import { literal } from "../../literal.js";
import { carrierName } from "../../platform-names.js";
import { TAKE_ANEW_AND_ASK } from "../agents/self-check.js";
import { CONFIG, SECRETS } from "../paths.js";
import { ANSWERS, readScript, TAKE_ANEW } from "../scripts/read-script.js";

export interface ReloadingProgramProps {
  readonly owner: Owner;
  readonly image: string;
  /** Its container's name, without prefix. */
  readonly name: string;
  readonly memory: Extract<keyof typeof MEMORY, "prometheus" | "alertmanager" | "blackbox">;
  /** The program and its arguments. Another one replaces the container. */
  readonly entrypoint: readonly string[];
  /** File name → content, in CONFIG. The program reads them again when one changes (SIGHUP). */
  readonly files: Readonly<Record<string, string>>;
  /** File name → content, in SECRETS. The program reads them each time that it needs one. @default - none */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Where the image has a folder of `nobody`'s, and the program keeps its data. @default - it keeps none */
  readonly dataFolder?: string;
  readonly networks: readonly Attachment[];
  /** Those of them that its own stack makes. @default - none */
  readonly ownNetworks?: readonly BridgeNetwork[];
  /** Docker networks that somebody else made, by name. @default - none */
  readonly foreignNetworks?: readonly string[];
  /** What answers with 2xx while it is well. */
  readonly answersAt: string;
}

/** `nobody` in both image families. */
const NOBODY = "65534:65534";

/** A program of the Prometheus project: it is told by a signal that its configuration changed, and goes on. */
export class ReloadingProgram extends Construct {
  constructor(scope: Construct, id: string, props: ReloadingProgramProps) {
    super(scope, id);
    const { owner, image, name, secrets, dataFolder } = props;
    const carrier = (carried: "config" | "secrets", folder: string, files: Readonly<Record<string, string>>) =>
      new Carrier(this, carried, { owner, image, name: carrierName(name, carried), folder, files });
    const config = carrier("config", CONFIG, {
      ...Object.fromEntries(Object.entries(props.files).map(([file, text]) => [file, literal(text)])),
      [TAKE_ANEW]: readScript(TAKE_ANEW),
      [ANSWERS]: readScript(ANSWERS),
    });
    const kept = secrets === undefined ? [] : [carrier("secrets", SECRETS, secrets)];
    const data = dataFolder === undefined ? undefined : new DataVolume(this, "data", { owner, name: `${name}-data` });
    new HardenedContainer(this, "Container", {
      owner,
      image,
      name,
      user: NOBODY,
      memory: MEMORY[props.memory],
      entrypoint: props.entrypoint,
      networks: props.networks,
      ownNetworks: props.ownNetworks ?? [],
      foreignNetworks: props.foreignNetworks ?? [],
      environment: {
        ...goMemoryLimit(MEMORY[props.memory]),
        TAKE_ANEW_FROM: CONFIG,
        ANSWERS_AT: props.answersAt,
      },
      ...(data === undefined || dataFolder === undefined ? {} : { data: { [dataFolder]: data } }),
      livingCarriers: [config, ...kept],
      // It hands the signal on, and reaps what health checks leave.
      init: true,
      healthcheck: TAKE_ANEW_AND_ASK,
    });
  }
}
