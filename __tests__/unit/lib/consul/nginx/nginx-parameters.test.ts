import {
  FEW_PARENTHESES,
  NO_TOKEN,
  PARENTHESES,
  PLAIN_NAMES,
  READABLE,
  TOKEN_TO_HEADER,
} from "../../../../../lib/consul/nginx/nginx-parameters.js";

/** The pattern that a map gives `yes`. */
function patternOf({ http }: { readonly http: string }, flags = ""): RegExp {
  const [, pattern = ""] = /"~\*?(.*)" yes;/.exec(http) ?? [];
  // JavaScript has no possessive repetition; what matches is the same.
  return new RegExp(pattern.replaceAll("*+", "*"), flags);
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

const nested = patternOf(FEW_PARENTHESES);

test.each([
  "",
  "filter=Service.Meta.env==a",
  "filter=((a==b)+and+(c==d))",
  "filter=(a==b)+or+%28c==d%29+or+(e==f)",
  "filter=%2528%2528%2528%2528",
  `filter=${")".repeat(50)}`,
])("%s is a filter that Consul reads soon", (query) => {
  expect(nested.test(query)).toBe(false);
});

test.each([
  "filter=((((ID==x))))",
  "filter=((((ID==x",
  "filter=%28%28%28%28ID==x",
  "filter=(%28( (ID==x",
  "f%69lter=((((ID",
  "filter=not+(not+(not+(not+(ID==x))))",
  `filter=${"a".repeat(5000)}(a(%28(`,
])("%s is refused: it would cost a core for seconds, or for good", (query) => {
  expect(nested.test(query)).toBe(true);
  expect(FEW_PARENTHESES.server).toContain(`return 400 "A query takes ${PARENTHESES} opening parentheses`);
});

test.each(["a=1;b", "token=x;a", "a=%zz", "a=%2", "a=%"])("%s is no query that Consul reads", (query) => {
  expect(query).toMatch(patternOf(READABLE));
});

test.each(["a=%3Bb", "a=100%25", "raw&keys"])("%s is one", (query) => {
  expect(query).not.toMatch(patternOf(READABLE));
});

/** What becomes of a query: the token that is used, and what Consul sees of it. */
function taken(query: string) {
  const [, used = ""] = /"~(\(\?:\^\|&\)token=.*)" \$query_token_value;/.exec(TOKEN_TO_HEADER.http) ?? [];
  const [, out = ""] = /"~\*(.*)" \$before_token\$after_token;/.exec(TOKEN_TO_HEADER.http) ?? [];
  const { before_token = "", after_token = "" } = new RegExp(out, "i").exec(query)?.groups ?? {};
  const isStripped = new RegExp(out, "i").test(query);
  return {
    token: new RegExp(used).exec(query)?.groups?.query_token_value ?? "",
    query: isStripped ? before_token + after_token : query,
  };
}

test.each([
  ["token=x", "x", ""],
  ["token=x&raw", "x", "raw"],
  ["raw&token=x", "x", "raw&"],
  ["index=5&token=x&wait=1m", "x", "index=5&wait=1m"],
  ["token=+x", "+x", ""],
  ["token=x%26", "x%26", ""],
  ["Token=x&raw", "", "raw"],
  ["TOKEN=x", "", ""],
  ["token", "", ""],
  ["raw", "", "raw"],
  ["tokens=x", "", "tokens=x"],
  ["filter=token=x", "", "filter=token=x"],
])("of the address %s the token goes into the header, and Consul never sees it there", (query, token, left) => {
  expect(taken(query)).toEqual({ token, query: left });
});

test.each([
  ["token=a&token=b", true],
  ["Token=a&raw&token=b", true],
  ["token&token=b", true],
  ["token=a&tokens=b", false],
  ["token=a", false],
])("an address with two tokens is refused: %s", (query, expected) => {
  const [, pattern = ""] = /map \$args \$two_tokens \{\s+"~\*(.*)" yes;/.exec(TOKEN_TO_HEADER.http) ?? [];
  expect(new RegExp(pattern, "i").test(query)).toBe(expected);
});
