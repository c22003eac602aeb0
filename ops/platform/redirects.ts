import { type CheckOf, type Declared, type Definition, declaredBy } from "../../lib/catalog/declared.js";
import { kvSubkey } from "../../lib/catalog/definition.js";
import { isMapping } from "../../lib/catalog/explain.js";
import type { Catalog } from "../../lib/catalog/types.js";
import { shown } from "../../lib/catalog/words.js";
import { AGENT_NODE } from "../../lib/consul/cluster.js";
import { PROBER } from "../../lib/prober.js";
import type { Settings } from "../../lib/settings.js";
import { few } from "../cli/few.js";
import { type CheckRequest, type CheckResponse, sendCheckRequests } from "./redirects/send-check-requests.js";
import { isUnknown, resultOf } from "./result.js";

/** A check that followed redirects as it was applied, and does not as it is declared. */
export interface StricterCheck {
  /** The service, with its instance where it has several. */
  readonly service: string;
  readonly url: string;
  /** Undefined where it goes over TLS: nothing that is in every image asks so without following a redirect. */
  readonly request: CheckRequest | undefined;
}

/**
 * The services whose checks are answered with a redirect now, and become critical once the catalog is applied; and those
 * of which that cannot be told. A sentence each; [] where no check becomes stricter, as once it is applied.
 */
export async function redirectedNow(
  { prefix }: Pick<Settings, "prefix">,
  applied: Partial<Declared>,
  catalog: Catalog,
): Promise<readonly string[]> {
  const checks = stricterChecks(applied.definitions ?? [], declaredBy(catalog).definitions);
  const requests = checks.flatMap(({ request }) => request ?? []);
  const responses = await resultOf(() => sendCheckRequests(`${prefix}${AGENT_NODE}`, requests));
  if (isUnknown(responses)) return [unknownOf(checks, `the agent's container cannot be asked: ${responses.unknown}`)];
  return describeRedirects(checks, new Map(requests.map((request, index) => [request, responses[index] ?? "late"])));
}

/** Of what was applied and what is declared, the HTTP checks of both that follow no redirect any more. Pure. */
export function stricterChecks(before: readonly Definition[], after: readonly Definition[]): readonly StricterCheck[] {
  const old = new Map(before.flatMap(({ checks }) => checks.map((check) => [check.id, check])));
  return after.flatMap((definition) =>
    definition.checks.flatMap((check) => {
      const was = old.get(check.id);
      const { http: url } = check;
      const isStricter =
        check.disable_redirects === true && typeof was?.http === "string" && was.disable_redirects !== true;
      // The prober, which is in between, never followed one.
      if (!isStricter || typeof url !== "string" || url.startsWith(`http://${PROBER.host}:`)) return [];
      return [{ service: kvSubkey(definition), url, request: requestOf(url, check) }];
    }),
  );
}

const URL_PARTS = /^http:\/\/((?:\[(?<v6>[^\]]*)\]|(?<host>[^/:?#]*))(?::(?<port>\d+))?)(?<rest>.*)$/;

/** The request that Consul makes, so that the answer is the one that it gets. */
function requestOf(url: string, { method, header, body }: CheckOf): CheckRequest | undefined {
  const parts = URL_PARTS.exec(url);
  if (parts === null) return undefined;
  const { v6, host = "", port = "80", rest = "" } = parts.groups ?? {};
  const content = typeof body === "string" ? body : "";
  const usual = {
    Host: parts[1],
    "User-Agent": "Consul Health Check",
    Accept: "text/plain, text/*, */*",
    ...(content === "" ? {} : { "Content-Length": Buffer.byteLength(content) }),
    Connection: "close",
  };
  const own = isMapping(header) ? header : {};
  const isOwn = (name: string) => Object.keys(own).some((each) => each.toLowerCase() === name.toLowerCase());
  const lines = [...Object.entries(usual).filter(([name]) => !isOwn(name)), ...Object.entries(own)].flatMap(
    ([name, values]) => [values].flat().map((value) => `${name}: ${value}\r\n`),
  );
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  return {
    host: v6 ?? host,
    port: Number(port),
    text: `${method ?? "GET"} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${content}`,
  };
}

/** What Consul's client would follow, and where that leads. */
const REDIRECT = /^HTTP\/1\.[01] (30[12378])\b.*(?:\n.*)*?\nlocation:[ \t]*(\S+)/;

/** Describes the responses. Pure. */
export function describeRedirects(
  checks: readonly StricterCheck[],
  responses: ReadonlyMap<CheckRequest, CheckResponse>,
): readonly string[] {
  const told: string[] = [];
  const unknown = new Map<string, StricterCheck[]>();
  for (const check of checks) {
    const answer = check.request === undefined ? "tls" : (responses.get(check.request) ?? "late");
    if (typeof answer === "string") unknown.set(answer, [...(unknown.get(answer) ?? []), check]);
    else {
      const [, status, location] = REDIRECT.exec(answer.head) ?? [];
      if (location !== undefined) told.push(redirectOf(check, `${status} to ${shown(absolute(location, check.url))}`));
    }
  }
  return [...told, ...[...unknown].map(([why, some]) => unknownOf(some, REASONS[why] ?? why))];
}

const REASONS: Readonly<Record<string, string>> = {
  tls: "they are made over TLS, which cannot be asked from here",
  none: "nothing answers now",
  late: "there was no time to ask",
};

function redirectOf({ service, url }: StricterCheck, answer: string): string {
  return `${service}: its check of ${shown(url)} is answered ${answer}. No redirect is followed any more, so it becomes critical: have the check ask where it leads, or allow it with redirects: true`;
}

function unknownOf(checks: readonly StricterCheck[], why: string): string {
  return `whether the checks of ${few(checks.map(({ service }) => service))} are answered with a redirect, which would make them critical, is not known: ${why}`;
}

function absolute(location: string, url: string): string {
  return URL.canParse(location, url) ? new URL(location, url).href : location;
}
