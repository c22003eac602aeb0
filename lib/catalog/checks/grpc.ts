import * as z from "zod";
import type { RenderedCheck } from "../definition-schema.js";
import { hostPort } from "../host-port.js";
import { text } from "../text.js";
import { type CheckTarget, ownPort, renderTiming, type Timing, timing, tlsFields } from "./common.js";

const serviceWants = "the full name of a gRPC service, such as orders.v1.Orders";

/** A question by gRPC's health protocol, passing while the answer is SERVING. */
export const grpcShape = {
  kind: z.literal("grpc").describe("A question by gRPC's health protocol; SERVING passes, all else is critical"),
  service: text(255, serviceWants)
    .regex(/^[A-Za-z_][A-Za-z0-9_.]*$/, serviceWants)
    .optional()
    .describe("The gRPC service that is asked about; the whole server if left out"),
  ...tlsFields,
  ...ownPort,
  ...timing,
};

/** A rule for `refine`: a name to verify needs a certificate. */
export const GRPC_NAME_OF_TLS = {
  holds: (check: GrpcCheck) => check.tls_server_name === undefined || check.tls === true,
  complaint: { path: ["tls_server_name"], error: "tls_server_name with tls: true" },
};

interface GrpcCheck extends Timing {
  readonly service?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly tls_server_name?: string | undefined;
}

/** The check as Consul is to make it. */
export function renderGrpc(check: GrpcCheck, target: CheckTarget): RenderedCheck {
  const { service, tls, tls_server_name } = check;
  return {
    name: `gRPC health${service === undefined ? "" : ` of ${service}`}`,
    grpc: `${hostPort(target)}${service === undefined ? "" : `/${service}`}`,
    ...(tls === true ? { grpc_use_tls: true } : {}),
    ...(tls_server_name === undefined ? {} : { tls_server_name }),
    ...renderTiming(check),
  };
}
