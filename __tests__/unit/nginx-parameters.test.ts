import { NO_TOKEN, PLAIN_NAMES } from "../../lib/consul/nginx-parameters";

/** The pattern that a map gives `yes`. */
function patternOf({ http }: { readonly http: string }, flags = ""): RegExp {
  const [, pattern = ""] = /"~\*?(.*)" yes;/.exec(http) ?? [];
  return new RegExp(pattern, flags);
}

const odd = patternOf(PLAIN_NAMES);
const token = patternOf(NO_TOKEN, "i");

test.each([
  ...["", "passing", "raw", "a&b", "index=5&wait=10m", "filter=Service.Meta.env==%22a%22", "near=_agent", "&&", "=x"],
  ...[
    "node-meta=rack:1",
    "node-meta=a%3Ab&node-meta=c",
    "merge-central-config",
    "tag=v1.2",
    "dc=dc1",
    "keys&separator=/",
  ],
  ...["filter=%22token%3D%22+in+Tags", "filter=a%26b"],
])("%s is a plain query", (query) => {
  expect([odd.test(query), token.test(query)]).toEqual([false, false]);
});

// What Consul 1.22 reads as a token, or waits for, tried with one that runs.
test.each(["%74oken=x", "t%6Fken=x", "%74%6f%6b%65%6e=x", "a&%74oken=x", "stale&%69ndex=9", "inde%78=9"])(
  "%s is refused, for Consul decodes names",
  (query) => {
    expect(query).toMatch(odd);
  },
);

test.each(["a;token=x", "token+=x", "?token=x", "to ken=x", "tok\u00e9n", "a[]=x", "raw#token=x"])(
  "%s is refused: no name that Consul knows is like it",
  (query) => {
    expect(query).toMatch(odd);
  },
);

test.each(["token=x", "token=", "token", "a&token=x", "a=b&token=x&c", "token=&token=x", "TOKEN=x"])(
  "%s is a token in an address",
  (query) => {
    expect(query).toMatch(token);
  },
);

test.each(["tokens=x", "my-token=x", "a=token=x", "filter=token"])("%s is none", (query) => {
  expect(query).not.toMatch(token);
});

test("who sends one is told of the header", () => {
  expect(NO_TOKEN.server).toMatch(/return 400 ".*X-Consul-Token/);
  expect(PLAIN_NAMES.server).toMatch(/return 400 "/);
});
