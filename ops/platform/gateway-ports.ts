import { z } from "zod";
import { PARTS } from "../../lib/platform-names.js";
import { CommandFailed } from "../../lib/process.js";
import type { Settings } from "../../lib/settings.js";
import { UserError } from "../../lib/user-error.js";
import { changed } from "../cli/changes-made.js";
import type { ConsulApi } from "../consul/api/consul-api.js";
import { httpExchange, NoResponse } from "../consul/api/http-exchange.js";
import { LEADER_PATH } from "../consul/api/status.js";
import { docker, isUp, listAll } from "../docker/docker-host.js";
import type { Problem } from "../report/problem.js";
import { isUnknown, resultOf } from "./result.js";
import { waitUntil } from "./wait-until.js";

/** What a port on 127.0.0.1 says to a question. */
export type Said =
  | { readonly status: number; readonly body: string; readonly isGateway: boolean }
  | { readonly dead: string };

/** What is wrong where another program has one of the gateway's ports. */
export const SOMETHING_ELSE = "something else answers there";

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

type Ports = Pick<Settings, "httpPort" | "httpsPort">;

export function portsOf({ httpPort, httpsPort }: Ports): readonly GatewayPort[] {
  return [
    { port: httpPort, setting: "ROLLCALL_HTTP_PORT", isTls: false },
    { port: httpsPort, setting: "ROLLCALL_HTTPS_PORT", isTls: true },
  ];
}

/**
 * Asks a port, as anybody. Whoever answers in HTTP, whatever it says, is no dead port. The certificate is not looked at: it
 * gets no secret, and its answers are not trusted.
 */
export async function askPort({ port, isTls }: Pick<GatewayPort, "port" | "isTls">, path = LEADER_PATH): Promise<Said> {
  try {
    const { status, headers, body } = await httpExchange({
      ...{ protocol: isTls ? "https:" : "http:", host: "127.0.0.1", port, path, timeout: TIMEOUT_MS },
      ...{ agent: false, rejectUnauthorized: false },
    });
    // The gateway adds this to whatever it answers.
    return { status, body: body.toString(), isGateway: headers["x-frame-options"] === "DENY" };
  } catch (error) {
    if (!(error instanceof NoResponse)) throw error;
    return { dead: error.message };
  }
}

/** A port that does not answer at all, and why. */
export type DeadPort = GatewayPort & { readonly why: string };

/** Those of these ports that do not answer, though they were asked several times. */
export async function deadPorts(ports: readonly GatewayPort[]): Promise<readonly DeadPort[]> {
  const asked = await Promise.all(
    ports.map((each) =>
      waitUntil<readonly DeadPort[]>({
        looks: TRIES,
        look: async () => {
          const said = await askPort(each);
          return "dead" in said ? { missing: said.dead } : { found: [] };
        },
        late: (why) => [{ ...each, why }],
      }),
    ),
  );
  return asked.flat();
}

const bindingsSchema = z
  .record(z.string(), z.array(z.object({ HostPort: z.string() })).nullable())
  .nullable()
  .transform((bindings) => bindings ?? {});

/**
 * The ports on the host that the platform's gateway was made with, by its own ports; none where it does not run. They may
 * be others than the settings ask for.
 */
export async function heldPorts({
  prefix,
  instance,
}: Pick<Settings, "prefix" | "instance">): Promise<ReadonlyMap<number, number>> {
  const name = `${prefix}${PARTS.gateway}`;
  const gateway = (await listAll("container")).find((each) => each.name === name && each.instance === instance);
  if (gateway === undefined || !isUp(gateway)) return new Map();
  const format = "{{json .HostConfig.PortBindings}}";
  const text = await docker(["container", "inspect", "--format", format, gateway.id]);
  return new Map(
    Object.entries(bindingsSchema.parse(JSON.parse(text))).flatMap(([inside, bound]) =>
      (bound ?? []).map(({ HostPort }) => [Number.parseInt(inside, 10), Number(HostPort)] as const),
    ),
  );
}

/** Those of the ports that the settings ask for which the gateway was made with; [] where it does not run. */
async function ownPorts(
  settings: Pick<Settings, "prefix" | "instance" | "httpPort" | "httpsPort">,
): Promise<readonly GatewayPort[]> {
  const held = await heldPorts(settings);
  return portsOf(settings).filter(({ port, isTls }) => held.get(isTls ? 8501 : 8500) === port);
}

/** The ports of a running gateway that are dead, each with the command that brings it back. */
export async function deadGatewayPorts(
  settings: Pick<Settings, "prefix" | "instance" | "httpPort" | "httpsPort">,
): Promise<readonly Problem[]> {
  return (await deadPorts(await ownPorts(settings))).map(({ port, why }) => ({
    what: `nothing answers on 127.0.0.1:${port}, though ${settings.prefix}${PARTS.gateway} runs: ${why}`,
    remedy: "`npx rollcall up` restarts it.",
  }));
}

/**
 * Restarts the gateway where it runs and one of its ports is dead: Docker's proxy of a port can die, and the container stays
 * healthy. A port that it was not made with is Terraform's to give it.
 * @returns what was done, a line each; [] where nothing was wrong
 * @throws UserError where a port stays dead
 */
export async function reviveGateway(
  settings: Pick<Settings, "prefix" | "instance" | "httpPort" | "httpsPort">,
  report: (line: string) => void,
): Promise<readonly string[]> {
  const name = `${settings.prefix}${PARTS.gateway}`;
  const own = await ownPorts(settings);
  const dead = await deadPorts(own);
  const [first] = dead;
  if (first === undefined) return [];
  const ports = dead.map(({ port }) => port).join(" and ");
  report(`nothing answers on 127.0.0.1:${ports}, though ${name} runs (${first.why}): restarting it`);
  try {
    await docker(["restart", "--time", "10", name]);
    changed(`${name} restarted`);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new UserError(
      `${name} does not come back on its ports: ${error.lines.at(-1) ?? "Docker does not say why"}`,
      `\`ss -ltnp 'sport = :${first.port}'\` names what listens there; end it, or set ${first.setting} to a free port, and run it again.`,
    );
  }
  await waitUntil<void, DeadPort>({
    seconds: BACK_WITHIN_SECONDS,
    // It is long enough between the tries of one look.
    pauseMs: 0,
    look: async () => {
      const [still] = await deadPorts(own);
      return still === undefined ? { found: undefined } : { missing: still };
    },
    late: (still) => {
      throw new UserError(
        `Nothing answers on 127.0.0.1:${still.port}, also after ${name} was restarted: ${still.why}`,
        "`npx rollcall logs gateway` shows more; `npx rollcall doctor` looks at the ports and networks.",
      );
    },
  });
  return [`${name}: restarted, as nothing answered on 127.0.0.1:${ports}`];
}

/** What to do where another program has a port: the gateway comes back on it once that is gone. */
export function freeing(port: number): string {
  return `\`ss -ltnp 'sport = :${port}'\` names it; end it and run \`npx rollcall up\`.`;
}

/**
 * Asks the addresses that `up` prints, the one with TLS by a client that verifies it.
 * @returns what is wrong with them; [] where nothing is
 */
export async function wrongAddresses(
  settings: Pick<Settings, "httpPort" | "httpsPort" | "datacenter">,
  consul: ConsulApi,
): Promise<readonly Problem[]> {
  const plain = { port: settings.httpPort, isTls: false };
  const [leader, api, ui] = await Promise.all([
    resultOf(() => consul.status.requireLeader()),
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
): readonly Problem[] {
  const { httpPort, httpsPort } = settings;
  const http = `http://localhost:${httpPort}`;
  const addresses = [
    { address: `https://localhost:${httpsPort}/v1/`, why: overTls },
    { address: `${http}/v1/`, why: whyNot(api, /^"[^"]+"/) },
    { address: `${http}${uiPath(settings)}`, why: whyNot(ui, /consul/i) },
  ];
  const [first] = addresses.filter(({ why }) => why !== "");
  if (first === undefined) return [];
  const remedy = first.why === SOMETHING_ELSE ? freeing(httpPort) : "`npx rollcall doctor` looks for the cause.";
  return [{ what: `${first.address}: ${first.why}`, remedy, mayPass: first.why !== SOMETHING_ELSE }];
}

/** What is wrong with an answer; "" where it is the gateway's, and what is asked for. */
export function whyNot(said: Said, wanted: RegExp): string {
  if ("dead" in said) return said.dead;
  if (!said.isGateway) return SOMETHING_ELSE;
  return said.status === 200 && wanted.test(said.body) ? "" : `it answers ${said.status}, and not what was asked for`;
}
