import { z } from "zod";
import { docker } from "../../docker/docker-host.js";
import { isUnknown, resultOf, type Unknown } from "../../platform/result.js";
import type { Problem } from "../problem.js";
import { dockerIsSilent } from "../status/judge.js";
import type { DoctorCheck } from "./doctor-check.js";

/** What `docker info` tells. */
const engineSchema = z.object({
  ServerVersion: z.string(),
  /** The storage driver. */
  Driver: z.string(),
  MemoryLimit: z.boolean().default(true),
  /** Its clock, ISO 8601. */
  SystemTime: z.string(),
});
export type Engine = z.infer<typeof engineSchema>;

export async function readEngine(): Promise<Engine> {
  return engineSchema.parse(JSON.parse(await docker(["info", "--format", "{{json .}}"])));
}

/** The oldest engine that the platform is tested on. */
const OLDEST = "20.10";
/** Each copies whole layers or is given up: up to ten times the space, and slow. */
const POOR_DRIVERS = ["vfs", "devicemapper", "aufs"];

/** Docker itself. */
export const engine: DoctorCheck = {
  name: "Docker",
  needsDocker: false,
  run: async () => {
    const engine = await resultOf(readEngine);
    const summary = isUnknown(engine) ? "does not answer" : `${engine.ServerVersion}, ${engine.Driver}`;
    return { summary, problems: judgeEngine(engine) };
  },
};

export function judgeEngine(engine: Engine | Unknown): readonly Problem[] {
  if (isUnknown(engine)) return [dockerIsSilent(engine)];
  const [major = 0, minor = 0] = engine.ServerVersion.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST.split(".").map(Number);
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
  return [
    ...(isOld ? [{ what: `Docker ${engine.ServerVersion} is too old`, remedy: `Install ${OLDEST} or newer.` }] : []),
    ...(POOR_DRIVERS.includes(engine.Driver)
      ? [
          {
            what: `Docker's storage driver is ${engine.Driver}, which is slow and takes much space`,
            remedy: "Use overlay2 (docs.docker.com/storage/storagedriver); images and volumes must be recreated.",
            isNote: true,
          },
        ]
      : []),
    ...(engine.MemoryLimit
      ? []
      : [
          {
            what: "this Docker host does not hold containers to their memory limits",
            remedy: "Enable the memory cgroup in its kernel (`cgroup_enable=memory`).",
          },
        ]),
  ];
}
