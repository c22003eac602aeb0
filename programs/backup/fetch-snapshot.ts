import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { SnapshotSource } from "../../lib/backup/schedule.js";

const TIMEOUT_MS = 60_000;

/**
 * A snapshot from the first server that gives one, over TLS in which each verifies the other. The files are read anew
 * each time.
 * @throws Error with the reason of each server
 */
export async function fetchSnapshot(source: SnapshotSource): Promise<Uint8Array> {
  const reasons: string[] = [];
  for (const server of source.servers)
    try {
      return await snapshotFrom(source, server);
    } catch (error) {
      reasons.push(`${server}: ${error instanceof Error ? error.message : error}`);
    }
  throw new Error(reasons.join("; "));
}

function snapshotFrom(source: SnapshotSource, host: string): Promise<Uint8Array> {
  const pair = readFileSync(source.pairFile);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...{ host, port: source.port, servername: source.serverName, path: "/v1/snapshot" },
        ...{ ca: readFileSync(source.caFile), cert: pair, key: pair },
        headers: { "X-Consul-Token": readFileSync(source.tokenFile, "utf8").trim() },
        timeout: TIMEOUT_MS,
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () => {
          const body = Buffer.concat(parts);
          if (answer.statusCode === 200) resolve(body);
          else reject(new Error(`it answered ${answer.statusCode} ${body.toString().trim().slice(0, 200)}`));
        });
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    call.on("error", reject);
    call.end();
  });
}
