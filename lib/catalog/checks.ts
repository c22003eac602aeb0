import * as z from "zod";
import { PROBED_KINDS } from "./check-kinds.js";
import { aliasShape, renderAlias } from "./checks/alias.js";
import { type CheckTarget, WITHIN_INTERVAL, withinInterval } from "./checks/common.js";
import { GRPC_NAME_OF_TLS, grpcShape, renderGrpc } from "./checks/grpc.js";
import { HTTP_RULES, httpShape, renderHttp } from "./checks/http.js";
import { noneShape } from "./checks/none.js";
import {
  postgresShape,
  redisShape,
  renderPostgres,
  renderRedis,
  renderResources,
  resourcesShape,
} from "./checks/probed.js";
import { renderTcp, tcpShape } from "./checks/tcp.js";
import { renderTtl, ttlShape } from "./checks/ttl.js";
import type { RenderedCheck } from "./definition-schema.js";
import { strict } from "./strict.js";

/*
 * The kinds of check. Each has a file in checks/ with its fields and its rendering; a new one is added there and to
 * the schemas and the types below, and the compiler then asks for its case in renderCheck.
 */

const wants = "a mapping with the kind http, tcp, grpc, postgres, redis, resources, ttl, alias or none";
const http = strict(httpShape, wants);
const tcp = strict(tcpShape, wants);
const grpc = strict(grpcShape, wants);
const postgres = strict(postgresShape, wants);
const redis = strict(redisShape, wants);
const resources = strict(resourcesShape, wants);
const ttl = strict(ttlShape, wants);
const alias = strict(aliasShape, wants);
const none = strict(noneShape, wants);
const { somewhere, oneOfBoth, portOfPath, tlsOfPath, nameOfTls, caOfTls, redirectsOfAgent } = HTTP_RULES;

const making = [
  http
    .refine(withinInterval, WITHIN_INTERVAL)
    .refine(somewhere.holds, somewhere.complaint)
    .refine(oneOfBoth.holds, oneOfBoth.complaint)
    .refine(portOfPath.holds, portOfPath.complaint)
    .refine(tlsOfPath.holds, tlsOfPath.complaint)
    .refine(nameOfTls.holds, nameOfTls.complaint)
    .refine(caOfTls.holds, caOfTls.complaint)
    .refine(redirectsOfAgent.holds, redirectsOfAgent.complaint),
  tcp.refine(withinInterval, WITHIN_INTERVAL),
  grpc.refine(withinInterval, WITHIN_INTERVAL).refine(GRPC_NAME_OF_TLS.holds, GRPC_NAME_OF_TLS.complaint),
  postgres.refine(withinInterval, WITHIN_INTERVAL),
  redis.refine(withinInterval, WITHIN_INTERVAL),
  resources.refine(withinInterval, WITHIN_INTERVAL),
  ttl,
  alias,
] as const;

/** A complete check, as `defaults` gives it and as every service has it in the end. */
export const checkSchema = z.discriminatedUnion("kind", [...making, none], wants);

/** A further check, under `checks`: complete, and one that is made. */
export const furtherCheckSchema = z.discriminatedUnion("kind", making, wants.replace(", alias or none", " or alias"));

/** What a service may say about its check: any part of one, laid over the team's if that is of the same kind. */
export const checkOverrideSchema = z.union(
  [http, tcp, grpc, postgres, redis, resources, ttl, alias, none].map((kind) => kind.partial()),
  wants,
);

/** A complete check of one kind; `kind` tells them apart. */
export type Check = Readonly<z.infer<typeof checkSchema>>;

/** The check as Consul is to make it; undefined where none is to be made. */
export function renderCheck(check: Check, service: CheckTarget): RenderedCheck | undefined {
  const target = { address: service.address, port: ownPortOf(check) ?? service.port };
  switch (check.kind) {
    case "http":
      return renderHttp(check, target);
    case "tcp":
      return renderTcp(check, target);
    case "grpc":
      return renderGrpc(check, target);
    case "postgres":
      return renderPostgres(check, target);
    case "redis":
      return renderRedis(check, target);
    case "resources":
      return renderResources(check);
    case "ttl":
      return renderTtl(check);
    case "alias":
      return renderAlias(check);
    case "none":
      return undefined;
  }
}

/** The port that a check asks where it has one of its own. */
export function ownPortOf(check: Check): number | undefined {
  return "port" in check ? check.port : undefined;
}

/** Whether the prober makes one of these services' checks, because Consul cannot. */
export function needsProber(services: readonly { readonly checks: readonly { readonly check: Check }[] }[]): boolean {
  const probed: readonly string[] = PROBED_KINDS;
  return services.some(({ checks }) =>
    checks.some(({ check }) => probed.includes(check.kind) || (check.kind === "http" && check.ca_pem !== undefined)),
  );
}
