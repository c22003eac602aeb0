import { join } from "node:path";
import { type ImageSource, imageRef } from "../lib/docker/images.js";
import { docker } from "../ops/docker/docker-host.js";

/** Takes Consul's program out of its image. @returns its path in the folder */
export async function consulProgram(folder: string, source: ImageSource): Promise<string> {
  const program = join(folder, "consul");
  const container = (await docker(["create", imageRef("consul", source), "true"])).trim();
  try {
    await docker(["cp", "--follow-link", `${container}:/bin/consul`, program]);
  } finally {
    await docker(["rm", "--force", "--volumes", container]);
  }
  return program;
}
