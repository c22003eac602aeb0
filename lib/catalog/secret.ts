/** What the names of headers and of a query's parameters have in them that carry a secret. */
const NAMES = "auth|token|secret|passw|api-?_?key|cookie|credential|signature";
const HEADER = new RegExp(`${NAMES}|^x-.*-key$`, "i");
const PARAMETER = new RegExp(`([?&][^=&#]*(?:${NAMES}|^key$|^sig$)[^=&#]*=)[^&#]+`, "gi");

/** What is shown in place of a secret. */
export const NOT_SHOWN = "(not shown)";

/** Whether a header of this name usually carries a secret, such as `Authorization` and `X-Api-Key`. */
export function isSecretHeader(name: string): boolean {
  return HEADER.test(name);
}

/** A URL without its password and without what its query says of tokens. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@?#]*@/i, `$1${NOT_SHOWN}@`).replace(PARAMETER, `$1${NOT_SHOWN}`);
}
