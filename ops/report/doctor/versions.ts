import { z } from "zod";
import { cannotRunTerraform } from "../../../lib/cannot-run.js";
import { consulImage, imageRef } from "../../../lib/docker/images.js";
import { CommandFailed, run } from "../../../lib/process.js";
import { Cache } from "../../../provision/cache.js";
import { readDecisions } from "../../../provision/decisions.js";
import { few } from "../../cli/few.js";
import { interruption } from "../../cli/interrupt.js";
import { docker } from "../../docker/docker-host.js";
import { isUnknown, resultOf } from "../../platform/result.js";
import { type Problem, UP } from "../problem.js";
import type { DoctorCheck, DoctorContext } from "./doctor-check.js";

/** Versions that run, beside those that are asked for. */
export interface Versions {
  readonly node: string;
  /** The settings' program: "" where it is not installed. */
  readonly terraform: string;
  /** Consul's, by server that answers. */
  readonly consul: ReadonlyMap<string, string>;
  /** The one that the settings ask for. */
  readonly declaredConsul: string;
  /** Parts that run another image than `up` would give them now. */
  readonly otherImage: readonly string[];
}

const OLDEST_TERRAFORM = [1, 5] as const;
const versionSchema = z.object({ terraform_version: z.string() });

/** Node, Terraform, and Consul in the containers. */
export const versions: DoctorCheck = {
  name: "Versions",
  needsDocker: false,
  run: async (context) => {
    const found = await readVersions(context);
    const consul = [...new Set(found.consul.values())].join(" and ") || "unknown";
    const summary = `Node ${found.node}, ${context.settings.terraform} ${found.terraform || "-"}, Consul ${consul}`;
    return { summary, problems: judgeVersions(found, context.settings.terraform) };
  },
};

async function readVersions(context: DoctorContext): Promise<Versions> {
  const servers = context.status.servers.flatMap(({ name, version }) =>
    version === undefined ? [] : [[name, version] as const],
  );
  return {
    node: process.versions.node,
    terraform: await terraformVersion(context.settings.terraform),
    consul: new Map(servers),
    declaredConsul: context.settings.consulVersion,
    otherImage: await partsOfOtherImage(context),
  };
}

async function terraformVersion(program: string): Promise<string> {
  try {
    const { stdout } = await run(program, ["version", "-json"], { signal: interruption, timeoutSeconds: 30 });
    return versionSchema.parse(JSON.parse(stdout)).terraform_version;
  } catch (error) {
    if (error instanceof CommandFailed) return "";
    throw error;
  }
}

async function partsOfOtherImage({ settings, status }: DoctorContext): Promise<readonly string[]> {
  const source = settings.images ?? readDecisions(new Cache(settings.cacheFolder)).images?.choice ?? "official";
  const declared = await resultOf(() =>
    docker(["image", "inspect", "--format", "{{.Id}}", imageRef(consulImage(settings.consulVersion), source)]),
  );
  if (isUnknown(declared)) return [];
  const ofConsul = status.parts.filter(({ isServer, name }) => isServer || name === "agent");
  return ofConsul.filter(({ state }) => state.image !== "" && state.image !== declared.trim()).map(({ name }) => name);
}

export function judgeVersions(versions: Versions, program: string): readonly Problem[] {
  const { terraform, consul, declaredConsul, otherImage } = versions;
  const [major = 0, minor = 0] = terraform.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_TERRAFORM;
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
  const otherVersion = [...consul].filter(([, version]) => version !== declaredConsul);
  return [
    ...(terraform === ""
      ? [
          {
            what: `${program} is not installed`,
            remedy: cannotRunTerraform({ command: program, reason: "missing" }, program)?.remedy ?? "",
          },
        ]
      : isOld
        ? [{ what: `${program} ${terraform} is too old`, remedy: "Install 1.5 or newer." }]
        : []),
    ...otherVersion.map(([name, version]) => ({
      what: `${name} runs Consul ${version}, and ${declaredConsul} is declared`,
      remedy: UP,
    })),
    ...(otherImage.length === 0 || otherVersion.length > 0
      ? []
      : [
          {
            what: `${few(otherImage)} would get a newer build of Consul's image`,
            remedy: "The next `npx rollcall up` rolls it out.",
            isNote: true,
          },
        ]),
  ];
}
