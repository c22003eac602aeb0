import { type InState, inState, promoted } from "../../consul/in-state.js";

/** The CA that signs, the one that follows it, and who has a certificate by which, as the foundation's state tells. */
export interface Authorities {
  /** The next CA's certificate, PEM; undefined in an older Rollcall's state, and until an apply makes another. */
  readonly next: string | undefined;
  /** Addresses of the keys of those who have a certificate that the next CA did not sign. */
  readonly keysToExchange: readonly string[];
  /** Whether the next CA has signed anything: an exchange is under way. */
  readonly isUnderWay: boolean;
}

const CURRENT_KEY = /^ca_Key_/;
const NEXT = /^ca_Next_/;

/** What the foundation's state says of its CAs. Pure. */
export function authoritiesIn(state: string): Authorities {
  const next = inState(state, "tls_self_signed_cert").find(({ name }) => NEXT.test(name))?.attributes.cert_pem;
  const isByNext = ({ attributes }: InState) => next !== undefined && attributes.ca_cert_pem === next;
  const certificates = inState(state, "tls_locally_signed_cert");
  const done = certificates.filter(isByNext).map(({ name }) => holderOf(name));
  const keys = inState(state, "tls_private_key").filter(({ name }) => !CURRENT_KEY.test(name) && !NEXT.test(name));
  return {
    next: typeof next === "string" ? next : undefined,
    keysToExchange: keys.filter(({ name }) => !done.includes(holderOf(name))).map(({ address }) => address),
    isUnderWay: done.length > 0,
  };
}

/** `ca_consul-ui_Key_1A2B3C4D` and `ca_consul-ui_5E6F7A8B` are of the same holder. */
function holderOf(name: string): string {
  return name.replace(/(_Key)?_[0-9A-F]{8}$/, "");
}

/** The state in which the next CA, its key and its certificate, has taken the place of the current one. Pure. */
export function promotedAuthority(state: string): string {
  return ["tls_private_key", "tls_self_signed_cert"].reduce((held, type) => {
    const names = inState(held, type).map(({ name }) => name);
    const current = names.find((name) => (type === "tls_private_key" ? CURRENT_KEY.test(name) : !NEXT.test(name)));
    const next = names.find((name) => NEXT.test(name));
    if (current === undefined || next === undefined) throw new Error(`the state has no two ${type} of the CAs`);
    return promoted(held, type, current, next);
  }, state);
}
