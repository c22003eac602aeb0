import { get as getPlain } from "node:http";
import { get as getOverTls } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { GATEWAY } from "../lib/consul/gateway";
import { CommandFailed } from "../lib/process";
import type { Settings } from "../lib/settings";
import { UserError } from "../lib/user-error";
import type { ConsulClient } from "./consul-client";
import { docker, listAll } from "./docker-host";
import { stopIfInterrupted } from "./interrupt";
import { isUnknown, known } from "./known";

/** What a port on 127.0.0.1 says to a question. */
export type Said = { readonly status: number; readonly body: string } | { readonly dead: string };

/** One of the gateway's two ports. */
export interface GatewayPort {
  readonly port: number;
  readonly setting: string;
  readonly isTls: boolean;
}

/** Behind a server that hangs the gateway waits 5 s for it, and up to 8 s in all: it is not dead. */
const TIMEOUT_MS = 10_000;
/** A busy gateway may miss one question; a port whose proxy died never answers. */
const TRIES = 3;
/** Nginx listens within a second of its start. */
const BACK_WITHIN_SECONDS = 30;
const LEADER = "/v1/status/leader";

type Ports = Pick<Settings, "httpPort" | "httpsPort">;

export function portsOf({ httpPort, httpsPort }: Ports): readonly GatewayPort[] {
  return [
    { port: httpPort, setting: "ROLLCALL_HTTP_PORT", isTls: false },
    { port: httpsPort, setting: "ROLLCALL_HTTPS_PORT", isTls: true },
  ];
}

/**
 * Asks a port, as anybody. Whoever answers in HTTP, whatever it says, is no dead port. The certificate is not looked at: it
 * is told nothing, and what it says is not believed.
 */
export function askPort({ port, isTls }: Pick<GatewayPort, "port" | "isTls">, path = LEADER): Promise<Said> {
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", port, path, agent: false, timeout: TIMEOUT_MS } as const;
    const call = (isTls ? getOverTls : getPlain)({ ...options, rejectUnauthorized: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        body += part;
      });
      answer.on("error", (error) => resolve({ dead: error.message }));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    call.on("timeout", () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    call.on("error", (error) => resolve({ dead: error.message || "no connection" }));
  });
}

/** The ports that do not answer at all, though they were asked several times; each with why. */
export async function deadPorts(settings: Ports): Promise<readonly (GatewayPort & { readonly why: string })[]> {
  const asked = await Promise.all(
    portsOf(settings).map(async (each) => {
      for (let attempt = 1; ; attempt++) {
        const said = await askPort(each);
        if (!("dead" in said)) return [];
        if (attempt === TRIES) return [{ ...each, why: said.dead }];
        await sleep(500);
      }
    }),
  );
  return asked.flat();
}

/**
 * Restarts the gateway where it runs and one of its ports is dead: Docker's proxy of a port can die, and the container stays
 * healthy.
 * @returns what was done, a line each; [] where nothing was wrong
 * @throws UserError where a port stays dead
 */
export async function reviveGateway(
  settings: Pick<Settings, "prefix" | "instance" | "httpPort" | "httpsPort">,
  report: (line: string) => void,
): Promise<readonly string[]> {
  const name = `${settings.prefix}${GATEWAY}`;
  const isUp = (await listAll("container")).some(
    (each) => each.name === name && each.instance === settings.instance && each.state === "running",
  );
  if (!isUp) return [];
  const dead = await deadPorts(settings);
  const [first] = dead;
  if (first === undefined) return [];
  const ports = dead.map(({ port }) => port).join(" and ");
  report(`nothing answers on 127.0.0.1:${ports}, though ${name} runs (${first.why}): restarting it`);
  try {
    await docker(["restart", "--time", "10", name]);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new UserError(
      `${name} does not come back on its ports: ${error.lines.at(-1) ?? "Docker does not say why"}`,
      `\`ss -ltnp 'sport = :${first.port}'\` names what listens there; end it, or set ${first.setting} to a free port, and run it again.`,
    );
  }
  const begun = Date.now();
  for (;;) {
    stopIfInterrupted();
    const [still] = await deadPorts(settings);
    if (still === undefined) break;
    if (Date.now() - begun > BACK_WITHIN_SECONDS * 1000)
      throw new UserError(
        `Nothing answers on 127.0.0.1:${still.port}, also after ${name} was restarted: ${still.why}`,
        "`npm run logs -- gateway` tells more; `npm run doctor` looks at the ports and networks.",
      );
  }
  return [`${name}: restarted, as nothing answered on 127.0.0.1:${ports}`];
}

/**
 * Asks the addresses that `up` prints, the one with TLS by a client that verifies it. Something else may listen on the plain
 * port, so its answers must be Consul's.
 * @returns what is wrong with each, a sentence; [] where nothing is
 */
export async function wrongAddresses(
  settings: Pick<Settings, "httpPort" | "httpsPort" | "datacenter">,
  client: ConsulClient,
): Promise<readonly string[]> {
  const plain = { port: settings.httpPort, isTls: false };
  const [leader, api, ui] = await Promise.all([
    known(() => client.leader()),
    askPort(plain),
    askPort(plain, uiPath(settings)),
  ]);
  return judgeAddresses(settings, isUnknown(leader) ? leader.unknown : "", api, ui);
}

/** The path of the UI's first page. */
export function uiPath({ datacenter }: Pick<Settings, "datacenter">): string {
  return `/ui/${datacenter}/services`;
}

/**
 * What is wrong with the printed addresses. Pure.
 * @param overTls what keeps Consul from answering over TLS; "" where it answers
 */
export function judgeAddresses(
  settings: Pick<Settings, "httpPort" | "httpsPort" | "datacenter">,
  overTls: string,
  api: Said,
  ui: Said,
): readonly string[] {
  const { httpPort, httpsPort } = settings;
  if (overTls !== "") return [`https://localhost:${httpsPort}/v1/: ${overTls}`];
  const http = `http://localhost:${httpPort}`;
  if ("dead" in api) return [`${http}/v1/: ${api.dead}`];
  const isConsul = api.status === 200 && /^"[^"]+"\s*$/.test(api.body);
  if (!isConsul) return [`${http}/v1/: it answers ${api.status}, and not as Consul does`];
  if ("dead" in ui) return [`${http}${uiPath(settings)}: ${ui.dead}`];
  const isUi = ui.status === 200 && /consul/i.test(ui.body);
  return isUi ? [] : [`${http}${uiPath(settings)}: it answers ${ui.status}, and not with Consul's UI`];
}
