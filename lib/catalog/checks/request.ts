import type * as z from "zod";
import { isAddress } from "../fields.js";
import { whyNotOfAService } from "../host.js";
import { isSecretBody, isSecretValue, namesSecret, secretInUrl } from "../secret.js";

/*
 * Rules for `superRefine`, of what an HTTP check asks: it leads to a service, and carries no secret. Why stands in each
 * issue's `params`, for `explain`.
 */

/** The agent asks from within the control plane: a url must not lead it back there. */
export function placed(url: string, context: z.RefinementCtx<string>): void {
  const [, written = ""] = /^https?:\/\/(\[[^\]]*\]|[^/:?#]+)/.exec(url) ?? [];
  const host = written.replace(/^\[(.*)\]$/, "$1");
  const why = whyNotOfAService(host) ?? (isAddress(host.replace(/\.$/, "")) ? undefined : "names no host");
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
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    if (namesSecret(name) || isSecretValue(value)) context.addIssue({ ...carriesSecret(), path: [name] });
    if (seen.has(name.toLowerCase())) context.addIssue({ ...SPELT_TWICE, path: [name] });
    seen.add(name.toLowerCase());
  }
}

/** Of a body. */
export function openBody(body: string, context: z.RefinementCtx<string>): void {
  if (isSecretBody(body)) context.addIssue(carriesSecret());
}

const SPELT_TWICE = {
  code: "custom" as const,
  message: "each header once: upper and lower case are the same in one",
  params: { fault: "is there already in another spelling" },
};

/** The value is not in the message: that would publish it once more. */
function carriesSecret(where = "") {
  const fault = `carries a secret${where}: the catalog lies in git, and Consul shows it to everybody`;
  return {
    code: "custom" as const,
    message: "a request that needs none, such as an open health path",
    params: { fault },
  };
}
