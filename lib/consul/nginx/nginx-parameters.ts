/** What an Nginx refuses in the query of a request: as `http` says it, and as `server` does. */
interface Refusal {
  readonly http: string;
  readonly server: string;
}

/**
 * Consul decodes a parameter's name, Nginx does not: `%74oken=` is a token and `%69ndex=` makes a blocking query of what
 * looks like a short one. No name that Consul knows needs a percent sign, so none may have one, nor anything else than these.
 */
export const PLAIN_NAMES: Refusal = {
  http: `  map $args $odd_name {
    "~(^|&)[^=&]*[^-_0-9A-Za-z=&]" yes;
    default "";
  }`,
  server: `    if ($odd_name) {
      return 400 "The name of each parameter takes letters, digits, - and _ alone, none of them encoded.\\n";
    }`,
};

/** How many opening parentheses a query may have: all count, whatever the parameter is called. */
export const PARENTHESES = 3;
const NO_PARENTHESIS = "[^(%]*+(?:%(?!28)[^(%]*+)*+";

/**
 * Refuses a nested filter: each opening parenthesis makes Consul read what follows four to seven times, unclosed ones
 * the most, and it goes on when nobody waits any more. Three cost 40 ms at most, ten 10 s, thirteen 11 minutes of a core.
 * Consul decodes once.
 */
export const FEW_PARENTHESES: Refusal = {
  http: `  map $args $nested_filter {
    "~^${NO_PARENTHESIS}(?:(?:[(]|%28)${NO_PARENTHESIS}){${PARENTHESES + 1}}" yes;
    default "";
  }`,
  server: `    if ($nested_filter) {
      return 400 "A query takes ${PARENTHESES} opening parentheses at most: write the filter without some, or ask in parts.\\n";
    }`,
};

/**
 * What Consul cannot read as a query it answers with 500, as if something had been tried, and writes into its log.
 */
export const READABLE: Refusal = {
  http: `  map $args $unreadable {
    "~;|%(?![0-9A-Fa-f]{2})" yes;
    default "";
  }`,
  server: `    if ($unreadable) {
      return 400 "The query cannot be read: write %3B for a semicolon, and %25 for a percent sign.\\n";
    }`,
};

/** What every door refuses: names in another spelling, what Consul cannot read, and filters that it reads for minutes. */
export const PLAIN_QUERY: Refusal = together(PLAIN_NAMES, READABLE, FEW_PARENTHESES);

/** The same of a door that does not hand everything to Consul. @param args Nginx's variable with what Consul is to read */
export function plainQuery(args: string): Refusal {
  return { ...PLAIN_QUERY, http: PLAIN_QUERY.http.replaceAll("map $args ", `map ${args} `) };
}

function together(...refusals: readonly Refusal[]): Refusal {
  const say = (where: keyof Refusal) => refusals.map((each) => each[where]).join("\n");
  return { http: say("http"), server: say("server") };
}

/**
 * Takes a token out of the address and into the header, so that Consul, whose log has whole addresses, never sees one there.
 * python-consul sends its token so. Any spelling is taken out, and only the one that Consul knows is used; as with Consul, it goes
 * before the header.
 */
export const TOKEN_TO_HEADER: Refusal = {
  http: `  map $args $query_token {
    "~(?:^|&)token=(?<query_token_value>[^&]*)" $query_token_value;
    default "";
  }
  map $args $args_without_token {
    "~*^(?<before_token>(?:.*&)?)token(?:=[^&]*)?(?:&(?<after_token>.*))?$" $before_token$after_token;
    default $args;
  }
  map $args $two_tokens {
    "~*(?:^|&)token(?=[=&]|$).*&token(?=[=&]|$)" yes;
    default "";
  }
  map $sent_token $token_or_header {
    "" $http_x_consul_token;
    default $sent_token;
  }
  proxy_set_header X-Consul-Token $token_or_header;`,
  server: `    if ($two_tokens) {
      return 400 "An address has two tokens: send one, in the header X-Consul-Token.\\n";
    }
    # Read before the arguments change.
    set $sent_token $query_token;
    if ($args_without_token != $args) {
      set $args $args_without_token;
    }`,
};

/**
 * A token in an address lies in the histories and logs of all that it passes through. A door that only takes plain names
 * refuses every spelling that Consul reads.
 */
export const NO_TOKEN: Refusal = {
  http: `  map $args $token_in_address {
    "~*(^|&)token(=|&|$)" yes;
    default "";
  }`,
  server: `    if ($token_in_address) {
      return 400 "A token does not belong in an address: send it in the header X-Consul-Token.\\n";
    }`,
};
