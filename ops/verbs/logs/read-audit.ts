import { spawn } from "node:child_process";
import { unpackTar } from "modern-tar";
import { AUDIT } from "../../../lib/consul/paths.js";
import { UserError } from "../../../lib/user-error.js";

/** Far more than a door keeps; what a container sends beyond it is no audit log. */
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * The files of a door's audit log, by name, each with the older one before it. Docker gives them also where the container
 * is stopped.
 * @param docker the client's program
 * @throws UserError where they cannot be read
 */
export async function readAuditFiles(container: string, docker = "docker"): Promise<ReadonlyMap<string, string>> {
  const parts = await unpackTar(await copyOut(docker, container, AUDIT));
  const texts = new Map(
    parts.map(({ header, data }) => [header.name.replace(/^.*\//, ""), Buffer.from(data ?? []).toString()]),
  );
  const names = new Set([...texts.keys()].map((name) => name.replace(/\.1$/, "")).filter(Boolean));
  return new Map([...names].map((name) => [name, [`${name}.1`, name].map((each) => texts.get(each) ?? "").join("")]));
}

/** A folder of a container as a tar archive, in memory: what a container holds is not written to this disk. */
function copyOut(docker: string, container: string, folder: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const child = spawn(docker, ["cp", `${container}:${folder}`, "-"], { stdio: ["ignore", "pipe", "pipe"] });
    const parts: Buffer[] = [];
    let size = 0;
    let said = "";
    child.stdout.on("data", (part: Buffer) => {
      size += part.length;
      if (size > MOST_BYTES) child.kill();
      else parts.push(part);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(parts));
      else
        reject(
          new UserError(
            size > MOST_BYTES ? `${folder} is too large` : said.trim().replace(/^Error response from daemon: /, ""),
            "`npx rollcall up` puts a door back that is missing.",
          ),
        );
    });
  });
}
