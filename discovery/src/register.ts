import { pause } from "./abortable.js";
import type { ConsulHttp } from "./consul-http.js";
import type { Environment } from "./environment.js";
import { ConsulRefused, DeclaredInCatalog, InvalidOption } from "./errors.js";
import { isJson, textOf } from "./json.js";
import type { RandomSource } from "./random-source.js";
import { type RegistrationOptions, serviceDefinition } from "./service-definition.js";

export type { RegistrationOptions } from "./service-definition.js";

/** An instance that this process has registered. */
export interface Registration {
  /** Its id on the agent. */
  readonly id: string;
  /** Its service's name. */
  readonly service: string;
  /** Takes it back, once: a later call only waits for the first one. */
  close(): Promise<void>;
}

/** What a registration needs. */
export interface RegisterTools {
  readonly http: ConsulHttp;
  readonly env: Environment;
  readonly random: RandomSource;
  /** Where it is until it is taken back. */
  readonly open: Set<{ close(): void | Promise<void> }>;
  readonly onError: ((error: unknown, service: string) => void) | undefined;
}

const TIMEOUT_MS = 5000;

/**
 * Registers an instance, looks from time to time whether the agent still has it, and registers it again where not.
 * @throws DeclaredInCatalog for a service that the catalog registers itself; InvalidOption; what `ConsulHttp.send` throws
 */
export async function register(options: RegistrationOptions, tools: RegisterTools): Promise<Registration> {
  const { http } = tools;
  const definition = serviceDefinition(options, tools.env);
  const { ID: id, Name: service } = definition;
  const { renewMs = 15_000 } = options;
  if (http.isAt(definition.Address, definition.Port))
    throw new InvalidOption(
      `${service} is to be registered at ${definition.Address}:${definition.Port}, where Consul itself is`,
      "Say address and port of the service.",
    );
  await mustNotBeDeclared(http, service);
  const put = (body: unknown) =>
    http.send({ path: "/v1/agent/service/register", method: "PUT", body, timeoutMs: TIMEOUT_MS });
  await put(definition);
  const stopped = new AbortController();
  const renew = async () => {
    while (!stopped.signal.aborted) {
      await pause(renewMs * (0.9 + 0.2 * tools.random.fraction()), stopped.signal);
      if (stopped.signal.aborted) return;
      try {
        if (await isKnown(http, id)) continue;
        // It was there and this process runs: it need not wait for its first check again.
        await put({ ...definition, Checks: definition.Checks.map((check) => ({ ...check, Status: "passing" })) });
      } catch (error) {
        tools.onError?.(error, service);
      }
    }
  };
  const renewing = renew();
  const takeBack = async () => {
    stopped.abort();
    await renewing;
    const path = `/v1/agent/service/deregister/${encodeURIComponent(id)}`;
    await http.send({ path, method: "PUT", timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
      if (!isUnknown(error)) tools.onError?.(error, service);
    });
    tools.open.delete(registration);
  };
  let closing: Promise<void> | undefined;
  const close = () => {
    // Once: a newer process may have registered the same id by the second time.
    closing ??= takeBack();
    return closing;
  };
  const registration: Registration = { id, service, close };
  tools.open.add(registration);
  return registration;
}

async function mustNotBeDeclared(http: ConsulHttp, service: string): Promise<void> {
  const query = { filter: `Service == ${JSON.stringify(service)}` };
  const { body } = await http.send({ path: "/v1/agent/services", query, timeoutMs: TIMEOUT_MS });
  for (const each of Object.values(isJson(body) ? body : {})) {
    const meta = isJson(each) && textOf(each.Service) === service && isJson(each.Meta) ? each.Meta : {};
    if (textOf(meta.team) !== "" && textOf(meta.dynamic) !== "true")
      throw new DeclaredInCatalog(
        `${service} is declared in the catalog by ${textOf(meta.team)}, which registers it`,
        "Do not register it, or write `dynamic: true` on the service in the catalog.",
      );
  }
}

async function isKnown(http: ConsulHttp, id: string): Promise<boolean> {
  try {
    await http.send({ path: `/v1/agent/service/${encodeURIComponent(id)}`, timeoutMs: TIMEOUT_MS });
    return true;
  } catch (error) {
    if (isUnknown(error)) return false;
    throw error;
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof ConsulRefused && error.status === 404;
}
