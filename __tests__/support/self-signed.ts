import { execFileSync } from "node:child_process";

/** A certificate for a host name and 127.0.0.1 that vouches for itself, made by openssl for this run. */
export function selfSigned(host: string): { readonly certPem: string; readonly keyPem: string } {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "-"];
  const about = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host},IP:127.0.0.1`, "-days", "2"];
  const pem = execFileSync("openssl", ["req", "-x509", ...key, ...about], { stdio: ["ignore", "pipe", "ignore"] });
  const [keyPem = "", certPem = ""] = pem.toString().match(/-----BEGIN [\s\S]+?-----END [A-Z ]+-----\n/g) ?? [];
  return { certPem, keyPem };
}
