/** The names of parameters that an Nginx refuses: as `http` says it, and as `server` does. */
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
