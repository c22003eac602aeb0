import { z } from "zod";
import { type CheckTarget, WITHIN_INTERVAL, withinInterval } from "./checks/common";
import { type HttpCheckDefinition, httpShape, renderHttp } from "./checks/http";
import { noneShape } from "./checks/none";
import { renderTcp, type TcpCheckDefinition, tcpShape } from "./checks/tcp";
import { strict } from "./strict";

/*
 * The kinds of check. Each has a file in checks/ with its fields and its rendering; a new one is added there and to
 * the schemas and the types below, and the compiler then asks for its case in renderCheck.
 */

const wants = "a mapping with the kind http, tcp or none";
const http = strict(httpShape, wants);
const tcp = strict(tcpShape, wants);
const none = strict(noneShape, wants);

/** A complete check, as `defaults` gives it and as every service has it in the end. */
export const checkSchema = z.discriminatedUnion(
  "kind",
  [http.refine(withinInterval, WITHIN_INTERVAL), tcp.refine(withinInterval, WITHIN_INTERVAL), none],
  wants,
);

/** What a service may say about its check: any part of one, laid over the team's if that is of the same kind. */
export const checkOverrideSchema = z.union([http.partial(), tcp.partial(), none.partial()], wants);

/** A complete check of one kind; `kind` tells them apart. */
export type Check = Readonly<z.infer<typeof checkSchema>>;

/** A check in Consul's words, without the time after which the service is dropped. */
export type CheckDefinition = HttpCheckDefinition | TcpCheckDefinition;

/** The check as Consul is to make it; undefined where none is to be made. */
export function renderCheck(check: Check, target: CheckTarget): CheckDefinition | undefined {
  switch (check.kind) {
    case "http":
      return renderHttp(check, target);
    case "tcp":
      return renderTcp(check, target);
    case "none":
      return undefined;
  }
}
