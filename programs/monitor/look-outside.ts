import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { connect } from "node:tls";
import { cpuTimes, hostResources } from "../../lib/host-resources.js";
import { METRICS } from "../../lib/monitoring/metrics.js";
import type { MonitorConfig } from "../../lib/monitoring/monitor-config.js";
import type { Outside } from "./outside.js";
import type { ServerApi } from "./servers.js";

const WITHIN_MS = 4000;
const LONGEST_ANSWER = 100_000;

/** Who of the servers leads, by what each says of itself. */
export async function leaders(servers: readonly ServerApi[], tokenFile: string): Promise<Outside["leaders"]> {
  const each = servers.map(async ({ name, address, consul }) => {
    const { body } = await consul.call({ method: "GET", path: "/v1/status/leader", tokenFile });
    const leader: unknown = JSON.parse(body.toString("utf8"));
    return { server: name, leads: typeof leader === "string" && leader.replace(/:\d+$/, "") === address };
  });
  return answered(each);
}

/** When the certificates end that are shown, and that of the authority which signed the first server's. */
export async function certificates(config: MonitorConfig): Promise<Outside["certificates"]> {
  const { servers, serverPort, serverName, agent, gateway } = config;
  const places = [
    ...servers.map(({ name, address }) => ({ part: name.replace(/^consul-/, ""), place: `${address}:${serverPort}` })),
    { part: "agent", place: agent },
    { part: "gateway", place: gateway },
  ];
  const each = places.map(async ({ part, place }) => ({ part, shown: await certificateAt(place, serverName, config) }));
  const shown = await answered(each);
  const [first] = shown;
  const authority = first && authorities(config.caFile).find(({ publicKey }) => first.shown.verify(publicKey));
  const all = [...(authority === undefined ? [] : [{ part: "ca", shown: authority }]), ...shown];
  return all.map(({ part, shown: { validTo } }) => ({ part, notAfter: Date.parse(validTo) / 1000 }));
}

/** Only looked at: what verifies it are those that use it. */
function certificateAt(place: string, servername: string, { pairFile }: MonitorConfig): Promise<X509Certificate> {
  const [host = "", port] = place.split(":");
  const pair = readFileSync(pairFile);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), servername, cert: pair, key: pair, rejectUnauthorized: false });
    socket.setTimeout(WITHIN_MS, () => socket.destroy(new Error("no answer")));
    socket.on("error", reject);
    socket.once("secureConnect", () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) reject(new Error("no certificate"));
      else resolve(certificate);
    });
  });
}

function authorities(file: string): readonly X509Certificate[] {
  const blocks = readFileSync(file, "utf8").match(/-----BEGIN [A-Z]+-----[^-]+-----END [A-Z]+-----/g) ?? [];
  return blocks.map((pem) => new X509Certificate(pem));
}

/** Whether the gateway hands on what a server says, and how long that takes. */
export async function gateway({ gateway: place, caFile }: MonitorConfig): Promise<Outside["gateway"]> {
  const [host = "", port] = place.split(":");
  const begun = performance.now();
  try {
    const ca = readFileSync(caFile);
    await ask(httpsRequest, { host, port, ca, path: "/v1/status/leader", agent: false });
    return { seconds: (performance.now() - begun) / 1000 };
  } catch {
    return { seconds: undefined };
  }
}

/** What the scheduled backup says of itself; undefined where none is scheduled or it does not answer. */
export async function backup({ backup: address }: MonitorConfig): Promise<Outside["backup"]> {
  if (address === undefined) return undefined;
  const { hostname: host, port, pathname: path } = new URL(address);
  try {
    const text = await ask(httpRequest, { host, port, path });
    const sampleOf = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
    const [lastSuccess, interval] = [sampleOf(METRICS.backupLastSuccess.name), sampleOf(METRICS.backupInterval.name)];
    return Number.isFinite(lastSuccess) && Number.isFinite(interval) ? { lastSuccess, interval } : undefined;
  } catch {
    return undefined;
  }
}

/** Measures the host, over the time since the last measurement. */
export function hostMeter(): () => Promise<Outside["host"]> {
  let before = cpuTimes();
  return async () => {
    const now = cpuTimes();
    const measured = await hostResources(before).catch(() => undefined);
    before = now;
    return measured;
  };
}

function ask(request: typeof httpRequest, options: RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, signal: AbortSignal.timeout(WITHIN_MS) }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
        if (text.length > LONGEST_ANSWER) sent.destroy(new Error("too long an answer"));
      });
      answer.on("error", reject);
      answer.on("end", () => (answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode}`))));
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Of those that answer; who does not is left out. */
async function answered<T>(all: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(all);
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}
