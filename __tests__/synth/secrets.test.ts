import { allContainers } from "./containers.js";
import { type Stack, stackOf, synthPlatform, textsOf } from "./synth-app.js";

const platform = synthPlatform();
const stacks = Object.entries(platform.stacks);
const carriers = allContainers(platform).filter(({ name }) => name.endsWith("-secrets"));

/** Consul's own, the same everywhere; whoever has no token has this one. */
const ANONYMOUS = "00000000-0000-0000-0000-000000000002";

/** A certificate stands beside its key, so that the two are taken anew together. */
const isNoCertificate = ({ file }: { readonly file: string }) => !/\/(cert|ca)\.pem$/.test(file);

const REFERENCE = /^(\$\{[^{}]+\})+$/;

/** Whether a text refers to something that nobody may see. */
const isSecret = (text: string) => /\$\{[^}]*(private_key|random_bytes|management-token|secret_id)/.test(text);

/** Where a stack refers to a secret though it would be shown there. */
function shownSecrets(stack: Stack): readonly string[] {
  const containers = stack.resource.docker_container ?? {};
  return [...textsOf({ ...stack, text: "" })]
    .filter(([, text]) => isSecret(text))
    .map(([path]) => path)
    .filter((path) => {
      const [kind, name = "", id = "", ...rest] = path.split("/");
      if (kind === "output") return stack.output[name]?.sensitive !== true;
      if (kind === "provider") return path !== "provider/consul/0/token";
      if (kind === "locals") return !/^management-token(-next)?-uuid$/.test(name);
      if (kind !== "resource") return true;
      if (name.startsWith("tls_")) return !/^(ca_)?private_key_pem$/.test(rest.join("/"));
      const carrier = String(containers[id]?.name).endsWith("-secrets");
      return !(name === "docker_container" && carrier && /^upload\/\d+\/content$/.test(rest.join("/")));
    });
}

/** The anonymous token's id, and the least and the greatest of all ids, which a program's library names. */
const NO_SECRETS = [ANONYMOUS, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"];

/** What looks like a secret itself: a key, a token, 32 bytes in base64. */
function literalSecrets(text: string): readonly string[] {
  const suspects = /-----BEGIN [A-Z ]+-----|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9+/]{43}=/g;
  return [...text.matchAll(suspects)].map(([found]) => found).filter((found) => !NO_SECRETS.includes(found));
}

test.each(stacks)("%s refers to secrets only where they are not shown", (_name, stack) => {
  expect(shownSecrets(stack)).toEqual([]);
});

test.each(stacks)("no secret is written into the files of %s", (_name, { text }) => {
  expect(literalSecrets(text)).toEqual([]);
});

test("a secret in an environment variable, a label, a visible file or an open output is noticed", () => {
  const registry = stackOf(platform, "registry");
  const token = "${data.terraform_remote_state.x.outputs.cross-stack-output-secret_id}";
  const shown = shownSecrets({
    ...registry,
    output: { token: { value: token, sensitive: false }, hidden: { value: token, sensitive: true } },
    resource: {
      docker_container: {
        agent: { name: "agent", env: [`TOKEN=${token}`], labels: [{ label: "token", value: token }] },
        config: { name: "agent-config", upload: [{ content: `{"token":"${token}"}`, file: "agent.json" }] },
        secrets: { name: "agent-secrets", upload: [{ content: token, file: "token" }] },
      },
    },
  });
  expect(shown.toSorted()).toEqual([
    "output/token/value",
    "resource/docker_container/agent/env/0",
    "resource/docker_container/agent/labels/0/value",
    "resource/docker_container/config/upload/0/content",
  ]);
});

test("a key, a token and a gossip key written out are noticed", () => {
  expect(literalSecrets('"token": "2a1f3c44-0000-4abc-8def-0123456789ab"')).toHaveLength(1);
  expect(literalSecrets("-----BEGIN EC PRIVATE KEY-----\\nMHcC")).toHaveLength(1);
  expect(literalSecrets('"encrypt": "pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s="')).toHaveLength(1);
});

test("a secrets carrier carries references and nothing else", () => {
  const values = carriers.flatMap(({ upload }) =>
    upload
      .filter(isNoCertificate)
      .flatMap(({ file, content }) =>
        file.endsWith(".json") ? [...textsOf(JSON.parse(content))].map(([, text]) => text) : [content],
      ),
  );
  expect(values).toHaveLength(3 * 4 + 1 + 5 + 2 + 2);
  for (const value of values) expect(value).toMatch(REFERENCE);
  // Of the agent's token the accessor id as well, which is none.
  expect(values.filter((value) => !isSecret(value))).toEqual([expect.stringMatching(/consul_acl_token.*Token.*id\}$/)]);
});

test("every secret's file stands in the folder of secrets", () => {
  const files = carriers.map(({ name, upload }) => [name, upload.map(({ file }) => file).sort()]);
  const consul = ["ca.pem", "pair.pem", "secrets.json"].map((file) => `/rollcall/secrets/${file}`);
  const tokens = ["/rollcall/tokens/tokens.json"];
  expect(Object.fromEntries(files)).toEqual({
    "consul-server-1-secrets": consul,
    "consul-server-1-tokens-secrets": tokens,
    "consul-server-2-secrets": consul,
    "consul-server-2-tokens-secrets": tokens,
    "consul-server-3-secrets": consul,
    "consul-server-3-tokens-secrets": tokens,
    "consul-ui-secrets": ["/rollcall/secrets/pair.pem"],
    "consul-agent-shared-secrets": consul,
    "consul-registrar-secrets": ["ca.pem", "registrar.token", "registration.token"].map(
      (file) => `/rollcall/secrets/${file}`,
    ),
    "consul-monitor-secrets": ["ca.pem", "monitor.token", "pair.pem"].map((file) => `/rollcall/secrets/${file}`),
  });
});

test("each server has a key of its own, and neither agent nor registrar nor monitor has the management token", () => {
  const contentsOf = (name: string) => carriers.find((carrier) => carrier.name === `${name}-secrets`)?.upload ?? [];
  const keys = [1, 2, 3].map((number) => contentsOf(`consul-server-${number}`).find(({ file }) => /pair/.test(file)));
  expect(new Set(keys.map((key) => key?.content)).size).toBe(3);
  for (const name of ["consul-agent-shared", "consul-registrar", "consul-monitor"])
    expect(JSON.stringify(contentsOf(name))).not.toContain("management-token");
});

test("what an environment variable says is no reference: docker inspect shows it", () => {
  expect(allContainers(platform).flatMap(({ env }) => env.filter((line) => /\$\{/.test(line)))).toEqual([]);
});

test("tokens are printed by name only, and each is marked as sensitive", () => {
  const named = (stack: string) =>
    Object.entries(stackOf(platform, stack).output)
      .filter(([name]) => !name.startsWith("cross-stack-output-"))
      .map(([name, { sensitive }]) => [name, sensitive]);
  expect(Object.fromEntries(named("foundation"))).toEqual({
    "ca-certificate": false,
    "token-management": true,
    "token-management-next": true,
  });
  expect(Object.fromEntries(named("access"))).toEqual({
    "token-metrics": true,
    "token-discovery": true,
    "token-dynamic": true,
    "token-heartbeat": true,
    "token-operator": true,
  });
});
