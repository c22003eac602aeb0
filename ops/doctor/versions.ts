import { z } from "zod";
import { cannotRunTerraform } from "../../lib/cannot-run";
import { consulImage, imageRef } from "../../lib/docker/images";
import { CommandFailed, run } from "../../lib/process";
import { Cache } from "../../offline/cache";
import { readDecisions } from "../../offline/decisions";
import { docker } from "../docker-host";
import { few } from "../few";
import { interruption } from "../interrupt";
import { isUnknown, known } from "../known";
import { type Trouble, UP } from "../trouble";
import type { Examination, Patient } from "./examination";

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
export const versions: Examination = {
  name: "Versions",
  needsDocker: false,
  examine: async (patient) => {
    const found = await readVersions(patient);
    const consul = [...new Set(found.consul.values())].join(" and ") || "unknown";
    const summary = `Node ${found.node}, ${patient.settings.terraform} ${found.terraform || "-"}, Consul ${consul}`;
    return { summary, troubles: judgeVersions(found, patient.settings.terraform) };
  },
};

async function readVersions(patient: Patient): Promise<Versions> {
  const servers = patient.status.servers.flatMap(({ name, version }) =>
    version === undefined ? [] : [[name, version] as const],
  );
  return {
    node: process.versions.node,
    terraform: await terraformVersion(patient.settings.terraform),
    consul: new Map(servers),
    declaredConsul: patient.settings.consulVersion,
    otherImage: await partsOfOtherImage(patient),
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

async function partsOfOtherImage({ settings, status }: Patient): Promise<readonly string[]> {
  const source = settings.images ?? readDecisions(new Cache(settings.cacheFolder)).images?.choice ?? "official";
  const declared = await known(() =>
    docker(["image", "inspect", "--format", "{{.Id}}", imageRef(consulImage(settings.consulVersion), source)]),
  );
  if (isUnknown(declared)) return [];
  const ofConsul = status.parts.filter(({ isServer, name }) => isServer || name === "agent" || name === "registrar");
  return ofConsul.filter(({ state }) => state.image !== "" && state.image !== declared.trim()).map(({ name }) => name);
}

export function judgeVersions(versions: Versions, program: string): readonly Trouble[] {
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
            remedy: "The next `npm run up` rolls it out.",
            isNote: true,
          },
        ]),
  ];
}
