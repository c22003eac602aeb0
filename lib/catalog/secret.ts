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
    "\\b(?:gh[pousr]_|github_pat_|gl[a-z]{1,5}-|xox[a-z]-|xapp-|hv[sbr]\\.|npm_|pypi-|dckr_pat_|[srp]k_live_|ATATT3)[\\w-]{16,}",
    "\\bsk-(?:(?:proj|svcacct|admin|ant|or)-[\\w-]{16,}|[A-Za-z0-9]{20,})",
    "\\bSG\\.[\\w-]{16,}\\.[\\w-]{16,}",
    "\\bAIza[\\w-]{35}",
    "\\bA(?:KIA|SIA)[0-9A-Z]{16}",
    "hooks\\.slack\\.com/services/",
    "/bot\\d{6,12}:[\\w-]{30,}",
  ].join("|"),
);
const SCHEME = /^(?:basic|bearer|digest|negotiate|token|apikey)\s+\S{8,}$/i;

/** A URL with a password that stands there itself, not as a placeholder such as `${PASSWORD}`. */
const WITH_PASSWORD = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#:@]{0,64}:[^\s/?#@${}<*%][^\s/?#@]{0,128}@/i;
/** What no secret is: a switch, or nothing. */
const SWITCH = /^(?:true|false|on|off|yes|no|none|null|[01])?$/i;
/** `?key=status` asks for something by its name; what opens something has a digit, or is long. */
const WORD = /^[a-z]+(?:[._-][a-z]+){0,4}$/i;

/** What is shown in place of a secret. */
export const NOT_SHOWN = "(not shown)";

/** Whether a header, or a field of a body, has a name that promises a secret: `X-Api-Key`, `accessToken`. */
export function namesSecret(name: string): boolean {
  const words = name
    .replace(/([a-z])(?=[A-Z])/g, "$1 ")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const named = words.filter((word) => word !== "" && !/^v?\d+$/.test(word));
  if ([name.toLowerCase().split(/[^a-z0-9]+/), named].some((all) => END.test(all.join("")))) return true;
  return LAST.has(named.at(-1) ?? "") && !HARMLESS.has(named.at(-2) ?? "");
}

/**
 * Whether a text has a secret in it of a form that is unmistakable: a JWT, a private key, a token of a known kind, a
 * URL with a password.
 */
function isSecret(text: string): boolean {
  return FORM.test(text) || WITH_PASSWORD.test(text);
}

/** Whether a text that describes something carries a secret: by its form, or as a URL whose query has one. */
export function isSecretText(text: string): boolean {
  return isSecret(text) || (/^https?:\/\//i.test(text) && secretInUrl(text) !== undefined);
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
  const fields = [
    ...body.matchAll(/([\w.-]{1,64})(?:["']?\s{0,8}[:=]\s{0,8}(?:(true|false|null|\d{1,9})(?![\w.]))?|>)/g),
  ];
  const isOpen = ([, name = "", plain = ""]: RegExpMatchArray) =>
    // A key of a query in GraphQL or JSON is mostly none that opens something, and a model's tokens are counted.
    /^keys?$/i.test(name) || /^(?:true|false|null)$/.test(plain) || (plain !== "" && /tokens$/i.test(name));
  return fields.some((field) => !isOpen(field) && namesSecret(field[1] ?? "")) || isSecretValue(body);
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
  const [plain, meant] = [decoded(name), decoded(value)];
  if (SWITCH.test(meant)) return false;
  if (/^key$/i.test(plain) && meant.length <= 24 && WORD.test(meant)) return false;
  // Azure's functions take their key as a code.
  if (/^code$/i.test(plain) && meant.length >= 20) return true;
  return namesSecret(plain) || IN_QUERY.test(plain) || isSecret(meant);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
