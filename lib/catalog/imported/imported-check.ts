import { checkSchema } from "../checks.js";
import { withoutSecrets } from "../secret.js";
import { timesOf } from "./duration.js";
import type { RegisteredCheck, Registration } from "./registration.js";
import { mayBe, placeOf, type Target, targetIn, textOf } from "./target.js";

/** What is known of a check. */
export interface ImportedCheck {
  /** As a catalog writes it; undefined where a catalog cannot say it, or Consul does not tell enough. */
  readonly check?: CheckEntry;
  /** What a person has to answer; of a check that is not written, why not. */
  readonly notes: readonly string[];
}

/** A check as a file of the catalog has it. */
export type CheckEntry = Readonly<Record<string, unknown>> & { readonly kind: string };

/** What a registered check asks, read from its definition where Consul has one, else from what it printed last. Pure. */
export function checkEntryOf(check: RegisteredCheck, registration: Registration): ImportedCheck {
  if (check.ofNode !== "")
    return cannot(
      `the check ${check.ofNode} of its node ${registration.node} counts for it too, and a catalog has none`,
    );
  const asked = requestOf(check, registration);
  if (asked.check === undefined) return asked;
  const { times, notes } = timesOf(check.interval, check.timeout);
  const { more } = check.definition;
  const whole = { ...asked.check, ...times };
  const refused = checkSchema.safeParse(whole).error?.issues[0];
  // Never with the value: what a catalog refuses may be a secret.
  if (refused !== undefined)
    return cannot(`a catalog does not take its check's ${refused.path.join(".")}: it wants ${refused.message}`);
  const besides =
    more.length === 0 ? [] : [`its check has ${more.join(", ")} besides, which may be a secret: not written here`];
  return { check: whole, notes: [...asked.notes, ...notes, ...besides] };
}

function cannot(note: string): ImportedCheck {
  return { notes: [note] };
}

/** An agent hands on what a check printed up to five minutes late, as long as its state stays (`check_update_interval`). */
function withoutDefinition(what: string, output: string): ImportedCheck {
  return output === ""
    ? cannot(`Consul has nothing yet that its ${what} check printed, which takes up to 5 minutes`)
    : cannot(`what its ${what} check printed does not show what it requests`);
}

function requestOf(check: RegisteredCheck, registration: Registration): ImportedCheck {
  const { definition, output } = check;
  switch (kindOf(check)) {
    case "http":
      return http(
        definition.http === undefined ? inHttpOutput(output) : [definition.method, definition.http],
        check,
        registration,
      );
    case "tcp":
      return tcp(check, registration);
    case "grpc":
      return grpc(check, registration);
    case "ttl":
      return cannot("it sent a TTL heartbeat, of which Consul does not tell the time");
    case "maintenance":
      return cannot(`it is in maintenance mode: ${withoutSecrets(output)}`);
    case "alias":
      return cannot("it is as healthy as another service, and Consul does not tell which");
    case "":
      return cannot("its state was written by somebody else than an agent, and Consul does not tell how it is checked");
    default:
      return cannot(`its check is of the kind ${check.type}, which a catalog does not have`);
  }
}

/** What came through the catalog API has no kind: the definition tells it, or what was printed. */
function kindOf({ type, definition, output }: RegisteredCheck): string {
  if (type !== "") return type;
  if (definition.http !== undefined || inHttpOutput(output) !== undefined) return "http";
  if (definition.tcp !== undefined || /^TCP(\+TLS)? connect \S+: Success/.test(output)) return "tcp";
  return definition.grpc !== undefined || /^gRPC check \S+: success/.test(output) ? "grpc" : "";
}

type HttpRequest = readonly [method: string | undefined, url: string, failed?: true] | undefined;

/** `HTTP GET url: 200 OK Output: …` of an answer; `Get "url": dial tcp …` of none, in older versions without quotes. */
function inHttpOutput(output: string): HttpRequest {
  const [, answered, url] = /^HTTP ([A-Z]+) (https?:\/\/\S+): /.exec(output) ?? [];
  if (url !== undefined) return [answered, url];
  const [, failed, quotedUrl, bare] = /^([A-Z][a-z]+) (?:"(https?:\/\/[^"\s]+)"|(https?:\/\/\S+)): /.exec(output) ?? [];
  const asked = quotedUrl ?? bare;
  return asked === undefined ? undefined : [failed?.toUpperCase(), asked, true];
}

function http(asked: HttpRequest, { output }: RegisteredCheck, registration: Registration): ImportedCheck {
  if (asked === undefined) return withoutDefinition("HTTP", output);
  const [method = "GET", text, hasFailed] = asked;
  if (!URL.canParse(text)) return cannot("its HTTP check asks what is no URL");
  const url = new URL(text);
  const [, rest = ""] = /^https?:\/\/[^/?#]*(.*)$/.exec(text) ?? [];
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const place = placeOf({ host: url.hostname.replace(/^\[|\]$/g, ""), port }, registration);
  const shown = withoutSecrets(text);
  if (url.username !== "" || url.password !== "") return cannot("its HTTP check's URL has a user or a password in it");
  if (shown !== text) return cannot(`its HTTP check's URL carries a secret, ${shown}`);
  if (place.kind === "agent") return cannot(`its HTTP check asks the old agent's own host, ${shown}`);
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  const target =
    place.kind === "own"
      ? { path, ...portOf(place), ...(url.protocol === "https:" ? { tls: true } : {}) }
      : { url: text };
  const notes = [
    ...(place.kind === "own" && place.isMoved
      ? [`its agent asked its own host, ${shown}: it is asked at ${registration.address} here`]
      : []),
    // Consul follows redirects, and an error names where the last one led.
    ...(hasFailed && place.kind === "other"
      ? [`its HTTP check fails at ${shown}, to which it may have been redirected`]
      : []),
    ...(method === "POST" || method === "PUT" ? [`Consul does not tell what its check sends by ${method}`] : []),
  ];
  return { check: { kind: "http", ...target, ...(method === "GET" ? {} : { method }) }, notes };
}

/** `dial tcp 10.0.0.1:80: …`: the address is one, where a name was asked. */
function dialled(output: string): Target | undefined {
  const [, target] = /\bdial tcp (\S+:\d+): /.exec(output) ?? [];
  return target === undefined ? undefined : targetIn(target);
}

function tcp({ definition, output }: RegisteredCheck, registration: Registration): ImportedCheck {
  const [, tls, answered] = /^TCP(\+TLS)? connect (\S+): Success/.exec(output) ?? [];
  if (tls !== undefined || definition.tls === true)
    return cannot("its TCP check is made over TLS, which a catalog's is not");
  const exact = definition.tcp ?? answered;
  return atItsOwn("TCP", exact === undefined ? undefined : targetIn(exact), output, registration, { kind: "tcp" });
}

function grpc({ definition, output }: RegisteredCheck, registration: Registration): ImportedCheck {
  const [, answered] = /^gRPC (?:check )?(\S+?)(?:: success| serving status: )/.exec(output) ?? [];
  const [target = "", service] = (definition.grpc ?? answered ?? "").split(/\/(.*)/s);
  const told = definition.tls;
  const notes = [
    ...(told === undefined ? ["Consul does not tell whether its gRPC check uses TLS"] : []),
    ...(target === "" ? ["Consul does not tell of which gRPC service it asks: of the whole server here"] : []),
  ];
  const check = { kind: "grpc", ...(service ? { service } : {}), ...(told === true ? { tls: true } : {}) };
  const made = atItsOwn("gRPC", targetIn(target), output, registration, check);
  return made.check === undefined ? made : { ...made, notes: [...made.notes, ...notes] };
}

/** The port of a check where it is not the service's. */
function portOf({ port }: { readonly port?: number }) {
  return port === undefined ? {} : { port };
}

/** A check that a catalog makes at the service's own address alone. */
function atItsOwn(
  what: string,
  exact: Target | undefined,
  output: string,
  registration: Registration,
  check: CheckEntry,
): ImportedCheck {
  const failed = dialled(output);
  if (exact === undefined) {
    if (failed === undefined) return withoutDefinition(what, output);
    if (failed.host !== registration.address && mayBe(failed.host, registration.address)) {
      const { port } = failed;
      const own = textOf({ host: registration.address, port });
      return {
        check: { ...check, ...(port === registration.port ? {} : { port }) },
        notes: [`its ${what} check fails at ${textOf(failed)}, taken for ${own}`],
      };
    }
  }
  const target = exact ?? failed;
  const place = target === undefined ? undefined : placeOf(target, registration);
  if (target === undefined || place?.kind !== "own")
    return cannot(
      `its ${what} check asks ${target === undefined ? "" : textOf(target)}, and a catalog's asks ${registration.address} alone`,
    );
  const own = textOf({ host: registration.address, port: target.port });
  return {
    check: { ...check, ...portOf(place) },
    notes: place.isMoved ? [`its agent asked its own host, ${textOf(target)}: it is asked at ${own} here`] : [],
  };
}
