/*
 * What in a request looks like a secret. The catalog lies in git, a plan prints it and Consul shows it to everybody: a
 * check is no place for one.
 */

/** How such a name ends, whatever stands between its letters. */
const END =
  /(?:authorization|authentication|cookies?|cookie2|tokens?|secrets?|secretid|passw(?:or)?d|pwd|passphrase|credentials?|jwt|bearer|signature|session(?:id)?|sessid|jwtassertion|(?:api|access|app|auth|license|secret)keys?)$/;
/** Words that make a secret of a name as its last. */
const LAST = new Set(["auth", "pass", "otp", "pin", "key"]);
/** Keys that open nothing. */
const HARMLESS = new Set(
  "idempotency websocket socket cache surrogate routing partition primary sort foreign public object row message".split(
    " ",
  ),
);
/** What a query names shortly. */
const IN_QUERY = /^(?:sig|sid|sas|pw)$/i;

/** Forms that are unmistakable wherever they stand. */
const FORM = new RegExp(
  [
    "eyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}",
    "-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----",
    "AGE-SECRET-KEY-1",
    "\\b(?:gh[pousr]_|github_pat_|glpat-|xox[abpr]-|hvs\\.|sk-[a-z]{0,4}-?)[\\w-]{16,}",
    "\\bAKIA[0-9A-Z]{16}",
    "hooks\\.slack\\.com/services/",
    "/bot\\d{6,12}:[\\w-]{30,}",
  ].join("|"),
);
const SCHEME = /^(?:basic|bearer|digest|negotiate|token|apikey)\s+\S{8,}$/i;

/** What is shown in place of a secret. */
export const NOT_SHOWN = "(not shown)";

/** Whether a header, or a field of a body, has a name that promises a secret: `X-Api-Key`, `accessToken`. */
export function namesSecret(name: string): boolean {
  if (END.test(name.toLowerCase().replace(/[^a-z0-9]/g, ""))) return true;
  const words = name
    .replace(/([a-z])(?=[A-Z])/g, "$1 ")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const named = words.filter((word) => word !== "" && !/^v?\d+$/.test(word));
  return LAST.has(named.at(-1) ?? "") && !HARMLESS.has(named.at(-2) ?? "");
}

/** Whether a text has a secret in it of a form that is unmistakable: a JWT, a private key, a token of a known kind. */
export function isSecret(text: string): boolean {
  return FORM.test(text);
}

/** Whether a header's value is a secret by its form, or by its scheme: `Bearer …`. */
export function isSecretValue(text: string): boolean {
  return SCHEME.test(text) || isSecret(text);
}

/** The parameter of a URL's or a path's query that carries a secret; "" for a secret elsewhere in it, undefined for none. */
export function secretInUrl(url: string): string | undefined {
  const [found] = [...url.matchAll(PARAMETER)].filter(([, , name = "", value = ""]) => isSecretParameter(name, value));
  return found?.[2] ?? (isSecret(url) ? "" : undefined);
}

/** Whether a body carries a secret: a field of JSON or of a form that is named like one, or the form of one. */
export function isSecretBody(body: string): boolean {
  const names = [...body.matchAll(/([\w.-]{1,64})(?:["']?\s{0,8}[:=]|>)/g)].map(([, name = ""]) => name);
  // A key of a query in GraphQL or JSON is mostly none that opens something.
  return names.some((name) => !/^keys?$/i.test(name) && namesSecret(name)) || isSecretValue(body);
}

/** A URL without its password and without what its query says of tokens. */
export function withoutSecrets(url: string): string {
  return url
    .replace(/^([a-z]+:\/\/)[^/@?#]*@/i, `$1${NOT_SHOWN}@`)
    .replace(PARAMETER, (whole, before: string, name: string, value: string) =>
      isSecretParameter(name, value) ? `${before}${name}=${NOT_SHOWN}` : whole,
    );
}

const PARAMETER = /([?&;])([^=&;#?]*)=([^&;#]*)/g;

function isSecretParameter(name: string, value: string): boolean {
  const plain = decoded(name);
  return namesSecret(plain) || IN_QUERY.test(plain) || isSecret(decoded(value));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
