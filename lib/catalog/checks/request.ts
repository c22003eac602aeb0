import type { z } from "zod";
import { whyNotOfAService } from "../host";
import { isSecret, isSecretBody, namesSecret, secretInUrl } from "../secret";

/*
 * Rules for `superRefine`, of what an HTTP check asks: it leads to a service, and carries no secret. Why stands in each
 * issue's `params`, for `explain`.
 */

/** The agent asks from within the control plane: a url must not lead it back there. */
export function placed(url: string, context: z.RefinementCtx<string>): void {
  const [, host = ""] = /^https?:\/\/([^/:?#]+)/.exec(url) ?? [];
  const why = whyNotOfAService(host);
  if (why !== undefined)
    context.addIssue({ code: "custom", message: "the address of what answers for the service", params: { why } });
}

/** Of a url, or of a path with its query. */
export function openUrl(url: string, context: z.RefinementCtx<string>): void {
  const name = secretInUrl(url);
  if (name !== undefined) context.addIssue(carriesSecret(name === "" ? "" : ` (${name})`));
}

/** Of headers by name. */
export function openHeaders(
  headers: Readonly<Record<string, string>>,
  context: z.RefinementCtx<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(headers))
    if (namesSecret(name) || isSecret(value)) context.addIssue({ ...carriesSecret(), path: [name] });
}

/** Of a body. */
export function openBody(body: string, context: z.RefinementCtx<string>): void {
  if (isSecretBody(body)) context.addIssue(carriesSecret());
}

/** The value is not in the message: that would publish it once more. */
function carriesSecret(where = "") {
  const fault = `carries a secret${where}: the catalog lies in git, and Consul shows it to everybody`;
  return {
    code: "custom" as const,
    message: "a request that needs none, such as an open health path",
    params: { fault },
  };
}
