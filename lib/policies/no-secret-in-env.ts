import type { Policy } from "./policy.js";

/** `CONSUL_HTTP_TOKEN`, and not `CONSUL_HTTP_TOKEN_FILE`, which names the file that has it. */
const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|PASSWD|PRIVATE|GOSSIP|CREDENTIAL|API_?KEY)(?!.*_(FILE|PATH)$)/i;

/**
 * No secret is where everybody who may `docker inspect` reads it. A secret exists only as a reference to another
 * resource, so an environment that refers to one is refused, and a name that promises a secret too.
 */
export const noSecretInEnv: Policy = {
  id: "no-secret-in-env",
  judge: (resource) => {
    if (resource.kind !== "container") return undefined;
    const names = resource.is.env
      .filter((pair) => /(^|[^$])\$\{/.test(pair) || SECRET_NAME.test(pair.split("=")[0] ?? ""))
      .map((pair) => pair.split("=")[0]);
    return names.length === 0 ? undefined : `${names.join(" and ")} in its environment may be a secret`;
  },
  remedy: "put secrets into a file by a carrier",
};
