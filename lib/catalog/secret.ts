/*
 * What in a request looks like a secret. The catalog lies in git, a plan prints it and Consul shows it to everybody: a
 * check is no place for one.
 */

const WHAT =
  "authorization|authentication|cookies?|cookie2|tokens?|secrets?|passw(?:or)?d|pwd|passphrase|credentials?|jwt|bearer|signature|session(?:id)?|sessid";
const KEY_OF =
  "api|access|auth|private|secret|subscription|functions?|master|account|shared|admin|client|app|signing|session";
const NAME = new RegExp(`(?:${WHAT}|(?:${KEY_OF})keys?)$|^x?(?:auth|key)$`);
/** What a query names shortly. */
const IN_QUERY = /^(?:key|sig|pass|pw|auth|sas)$/;

const VALUE = new RegExp(
  [
    "^(?:basic|bearer|digest|negotiate|token|apikey)\\s+\\S{8,}",
    "eyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}",
    "-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----",
    "AGE-SECRET-KEY-1",
    "\\b(?:gh[pousr]_|github_pat_|glpat-|xox[abpr]-|hvs\\.|sk-[a-z]{0,4}-?)[\\w-]{16,}",
    "\\bAKIA[0-9A-Z]{16}",
  ].join("|"),
  "i",
);

/** What is shown in place of a secret. */
export const NOT_SHOWN = "(not shown)";

/** Whether a header, or a field of a body, has a name that promises a secret: `X-Api-Key`, `accessToken`. */
export function namesSecret(name: string): boolean {
  return NAME.test(name.toLowerCase().replace(/[^a-z0-9]/g, ""));
}

/** Whether a text is, or has in it, a secret of a form that is unmistakable: `Bearer …`, a JWT, a private key. */
export function isSecret(text: string): boolean {
  return VALUE.test(text);
}

/** The parameter of a URL's or a path's query that carries a secret; "" for a secret elsewhere in it, undefined for none. */
export function secretInUrl(url: string): string | undefined {
  const [found] = [...url.matchAll(PARAMETER)].filter(([, , name = "", value = ""]) => isSecretParameter(name, value));
  return found?.[2] ?? (isSecret(url) ? "" : undefined);
}

/** Whether a body carries a secret: a field of JSON or of a form that is named like one, or the form of one. */
export function isSecretBody(body: string): boolean {
  const names = [...body.matchAll(/([\w.-]{1,64})["']?\s{0,8}[:=]/g)].map(([, name = ""]) => name);
  return names.some(namesSecret) || isSecret(body);
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
  return namesSecret(plain) || IN_QUERY.test(plain.toLowerCase()) || isSecret(decoded(value));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
