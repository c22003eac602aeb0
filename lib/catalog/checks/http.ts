import { X509Certificate } from "node:crypto";
import * as z from "zod";
import { filledFor } from "../../../discovery/src/shared/placeholders.js";
import { PROBER } from "../../prober.js";
import type { RenderedCheck } from "../definition-schema.js";
import { hostPort } from "../host-port.js";
import { text, visible } from "../text.js";
import {
  type CheckTarget,
  NO_BODY,
  NO_REDIRECTS,
  ownPort,
  renderTiming,
  type Timing,
  timing,
  tlsFields,
} from "./common.js";
import { openBody, openHeaders, openUrl, placed } from "./request.js";

/** No control character: the registrar takes none. */
const PLAIN = /^[^\p{Cc}]*$/u;
const nameWants = "a header's name of letters, digits and -, at most 128 long";
const headerName = text(128, nameWants).regex(/^[A-Za-z0-9-]+$/, nameWants);
const valueWants = "a text of one line, at most 1024 long, in quotes if it looks like a number";
const headerValue = text(1024, valueWants)
  .regex(PLAIN, { error: valueWants, abort: true })
  .superRefine(visible(valueWants));
const headersWant = "a mapping of at most 32 texts by name";
const bodyWants = "a text of one line, at most 4096 long";
const pathWants = "a path that begins with / and has no spaces, such as /health";
const PLACEHOLDER = "\\{(?:name|id)\\}";
const PATH = `\\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2}|${PLACEHOLDER})*`;
const HOST = `(?:[A-Za-z0-9]|${PLACEHOLDER})(?:[A-Za-z0-9.-]|${PLACEHOLDER})*`;
const urlWants = "an address such as https://status.example.com/health, without a user or a password";
/** For what is judged before it is known whose it is; what becomes of it is judged again (resolve.ts). */
const ANYBODY = { name: "x", id: "x" };

const caWants =
  "certificates in PEM, at most 8192 characters, as from a file that begins with -----BEGIN CERTIFICATE-----";
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** An HTTP request that passes on a status of 2xx, warns on 429 and is critical on everything else. */
export const httpShape = {
  kind: z.literal("http").describe("An HTTP request; 2xx passes, 429 warns, everything else is critical"),
  path: text(512, pathWants)
    .regex(new RegExp(`^${PATH}$`), { error: pathWants, abort: true })
    .superRefine(openUrl)
    .optional()
    .describe("The path that is asked for at the service's address, with its query if any, such as /health"),
  url: text(512, urlWants)
    .regex(new RegExp(`^https?:\\/\\/(?:${HOST}|\\[[0-9A-Fa-f:.]+\\])(?::(?!0+(?!\\d))\\d{1,5})?(?:${PATH})?$`), {
      error: urlWants,
      abort: true,
    })
    .refine((url) => URL.canParse(filledFor(ANYBODY, url)), { error: urlWants, abort: true })
    .superRefine((url, context) => placed(filledFor(ANYBODY, url), context))
    .superRefine(openUrl)
    .optional()
    .describe("What is asked instead of a path of the service; {name} and {id} stand for it, as in address"),
  method: z
    .enum(["GET", "HEAD", "OPTIONS", "POST", "PUT"], "one of GET, HEAD, OPTIONS, POST, PUT")
    .default("GET")
    .describe("The method of the request; GET if left out"),
  header: z
    .record(headerName, headerValue, headersWant)
    .refine((pairs) => Object.keys(pairs).length <= 32, headersWant)
    .superRefine(openHeaders)
    .meta({ maxProperties: 32 })
    .optional()
    .describe("Headers of the request: texts by name; no secrets, everybody may read them"),
  body: text(4096, bodyWants)
    .regex(PLAIN, { error: bodyWants, abort: true })
    .superRefine(visible(bodyWants))
    .superRefine(openBody)
    .optional()
    .describe("Body of the request, such as a health query in JSON"),
  redirects: z
    .boolean("true or false")
    .optional()
    .describe("Whether a redirect is followed, wherever it leads; false if left out: a redirect is critical"),
  ...ownPort,
  ...tlsFields,
  ca_pem: text(8192, caWants)
    .refine((pem) => pem.replaceAll(CERTIFICATE, "").trim() === "" && certificatesIn(pem).length > 0, caWants)
    .optional()
    .describe("The authority that the server's certificate comes from, in PEM, where it is a private one"),
  ...timing,
};

/** Rules for `refine`: one of path and url, not both; the complaints are about the field that the person would change. */
export const HTTP_RULES = {
  somewhere: {
    holds: (check: HttpCheck) => check.path !== undefined || check.url !== undefined,
    complaint: { path: ["path"], error: pathWants, params: { missing: true } },
  },
  oneOfBoth: {
    holds: (check: HttpCheck) => check.path === undefined || check.url === undefined,
    complaint: { path: ["url"], error: "either a path or a url" },
  },
  portOfPath: {
    holds: (check: HttpCheck) => check.port === undefined || check.url === undefined,
    complaint: { path: ["port"], error: "port with a path alone: a url says its port itself" },
  },
  tlsOfPath: {
    holds: (check: HttpCheck) => check.tls === undefined || check.url === undefined,
    complaint: { path: ["tls"], error: "tls with a path alone: a url says http:// or https:// itself" },
  },
  nameOfTls: {
    holds: (check: HttpCheck) => check.tls_server_name === undefined || isOverTls(check),
    complaint: { path: ["tls_server_name"], error: "tls_server_name where the check is made over TLS" },
  },
  caOfTls: {
    holds: (check: HttpCheck) => check.ca_pem === undefined || isOverTls(check),
    complaint: {
      path: ["ca_pem"],
      error: "ca_pem where the check is made over TLS: with tls: true, or a url of https://",
    },
  },
  redirectsOfAgent: {
    holds: (check: HttpCheck) => check.redirects !== true || check.ca_pem === undefined,
    complaint: { path: ["redirects"], error: "redirects: false beside ca_pem: only that host is trusted" },
  },
};

function isOverTls({ tls, url }: HttpCheck): boolean {
  return tls === true || url?.startsWith("https:") === true;
}

/** What the shape above leaves to say about one service. */
interface HttpCheck extends Timing {
  readonly path?: string | undefined;
  readonly url?: string | undefined;
  readonly port?: number | undefined;
  readonly tls?: boolean | undefined;
  readonly tls_server_name?: string | undefined;
  readonly ca_pem?: string | undefined;
  readonly redirects?: boolean | undefined;
  readonly method: string;
  readonly header?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

/** The check as Consul is to make it; by way of the prober where a private authority is to be trusted. */
export function renderHttp(check: HttpCheck, target: CheckTarget): RenderedCheck {
  const { method, body, ca_pem, tls_server_name } = check;
  const scheme = check.tls === true ? "https" : "http";
  const asked = check.url ?? `${scheme}://${hostPort(target)}${check.path}`;
  const own = check.header ?? {};
  const header = ca_pem === undefined ? own : { ...own, ...trusting(ca_pem, tls_server_name) };
  return {
    name: `HTTP ${method} ${check.url ?? check.path}`,
    http: ca_pem === undefined ? asked : asked.replace("https://", `http://${PROBER.host}:${PROBER.port}/https/`),
    method,
    ...(Object.keys(header).length === 0
      ? {}
      : { header: Object.fromEntries(Object.entries(header).map(([name, text]) => [name, [text]])) }),
    ...(body === undefined ? {} : { body }),
    ...(ca_pem !== undefined || tls_server_name === undefined ? {} : { tls_server_name }),
    ...(check.redirects === true ? {} : NO_REDIRECTS),
    // What the prober says is its own, and tells why.
    ...(ca_pem === undefined ? NO_BODY : {}),
    ...renderTiming(check),
  };
}

/** Consul knows one authority for all checks of an agent; the prober takes that of a check in these headers. */
function trusting(pem: string, serverName: string | undefined): Readonly<Record<string, string>> {
  return {
    [PROBER.caHeader]: certificatesIn(pem).join(","),
    ...(serverName === undefined ? {} : { [PROBER.serverNameHeader]: serverName }),
  };
}

/** The certificates of a PEM text, each as DER in base64; [] where one of them is none. */
function certificatesIn(pem: string): readonly string[] {
  try {
    return (pem.match(CERTIFICATE) ?? []).map((text) => new X509Certificate(text).raw.toString("base64"));
  } catch {
    return [];
  }
}
