import { docker } from "../ops/docker/docker-host.js";

/** MiB that all running containers of the platform use together, as Docker counts it (page cache left out). */
export async function totalMemory(prefix: string): Promise<number> {
  const text = await docker(["stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}"]);
  return text
    .split("\n")
    .filter((line) => new RegExp(`^${prefix}(consul|isa)-`).test(line))
    .reduce((total, line) => total + mebibytes(line.split(" ")[1] ?? ""), 0);
}

/** `37.55MiB` as Docker prints it, in MiB. */
export function mebibytes(text: string): number {
  const match = /^([\d.]+)(B|KiB|MiB|GiB)$/.exec(text);
  if (match === null) throw new Error(`docker stats printed ${JSON.stringify(text)}`);
  const factor = { B: 1 / 1024 / 1024, KiB: 1 / 1024, MiB: 1, GiB: 1024 }[match[2] ?? ""] ?? 1;
  return Number(match[1]) * factor;
}
