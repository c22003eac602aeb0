import { readFileSync } from "node:fs";
import { join } from "node:path";
import { literal } from "../../literal.js";
import { PARTS } from "../../platform-names.js";
import { AUDIT, CONFIG } from "../paths.js";
import { ROTATE_AUDIT, readScript } from "../scripts/read-script.js";
import { BEFORE_SECRET } from "./nginx.js";

/**
 * The files of a door's audit log, in AUDIT. Whoever sends what is refused, or what anybody may send, pushes nothing out
 * of the first.
 */
export const AUDIT_LOGS = {
  /** Writes that were done, by somebody. */
  writes: "writes.log",
  /** Writes of somebody that may have been done. It needs no right to make a request fail. */
  unanswered: "unanswered.log",
  /**
   * What anybody may send, and what changes nothing though it is no GET: reports of a check's state, renewals of a session,
   * the UI's questions what it may do.
   */
  others: "others.log",
  /** Writes that were refused. */
  refused: "refused.log",
} as const;

/** What the verbs of this project changed; they write it themselves. */
export const VERBS_LOG = "verbs.log";

/** The doors that write one: how the log calls each, and its container's name without prefix. */
export const DOORS = [
  { door: "gateway", container: PARTS.gateway },
  { door: "agent", container: PARTS.agent },
] as const;

/** The words in the place of an accessor id. */
export const NOBODYS = {
  /** No token was sent. */
  anonymous: "anonymous",
  /** Consul does not know the token. */
  unknownToken: "unknown-token",
  /** Consul could not say whose the token is. */
  notKnown: "not-known",
  /** A token was sent, and the request was refused, or its client gone, before Consul was asked whose it is. */
  notAsked: "not-asked",
} as const;

const PROGRAM = "audit.js";

/** What a door with an audit log carries in CONFIG. */
export function auditFiles(): Readonly<Record<string, string>> {
  return {
    [PROGRAM]: literal(readFileSync(join(import.meta.dirname, "audit", PROGRAM), "utf8")),
    [ROTATE_AUDIT]: readScript(ROTATE_AUDIT),
  };
}

/** What a door says before everything else. A worker's memory holds tokens: it leaves no core file behind. */
export const AUDIT_MAIN = `load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
worker_rlimit_core 0;`;

export interface AuditedDoor {
  readonly door: (typeof DOORS)[number]["door"];
  /** Where it asks Consul whose a token is: what it passes requests on to, as in `proxy_pass`. */
  readonly consul: string;
  /** What the server that asks answers besides, as its locations. @default - nothing */
  readonly answersBesides?: string;
  /** Below which path a write is one as well, such as `/alertmanager/`. @default - Consul's API alone */
  readonly writesBesides?: string;
}

/** Where a location asks whose token it was sent. No path of Consul begins so. */
const WHO = "/-/audit";
const SOCKET = "/tmp/audit.sock";

/** Where a door keeps what Consul told it. */
export const KEPT = "/accessors";

/**
 * Path → MiB: where a door keeps what Consul told it. Nginx ends a request whose answer it cannot keep, and what is in /tmp
 * comes from others; here there is room for all that `keys_zone` has keys for.
 */
export const AUDIT_TMPFS = { [KEPT]: 8 } as const;

/**
 * What a door says in `http`: what stands in its audit log, and how it learns who asks. Consul tells it together with the
 * token's secret, and Nginx keeps whole answers; so the question goes through a server of its own, which hands on the
 * accessor id alone. What is kept has a hash for a name and holds no secret.
 */
export function renderAudit({ door, consul, answersBesides = "", writesBesides }: AuditedDoor): string {
  const alsoWrites = writesBesides === undefined ? "" : `    "~^2.. [0-9a-f]{8}-[^:]*:${writesBesides}" writes;\n`;
  return `  js_import audit from ${CONFIG}/${PROGRAM};
  js_set $audit_key audit.key;
  js_set $audit_token audit.token;

  # A snapshot holds every token: taking one is told as well.
  map "$request_method:$uri" $audit_method {
    "~^(?<audit_word>GET):/v1/snapshot$" $audit_word;
    "~^(GET|HEAD|OPTIONS)?:" "";
    "~^(?<audit_word>[A-Z]{1,16}):" $audit_word;
    default other;
  }
  # Consul had endpoints with a token in their path.
  map $uri $audit_path {
    "~^(?<audit_start>${BEFORE_SECRET})." "$audit_start...";
    # What takes up to six characters in the log.
    "~^(?=[\\s\\S]*[\\x00-\\x1f\\x22\\x5c])(?<audit_start>[\\s\\S]{0,85})" "$audit_start...";
    "~^(?<audit_start>[\\s\\S]{512})." "$audit_start...";
    default $uri;
  }
  map $audit_key $audit_unasked {
    "" ${NOBODYS.anonymous};
    default ${NOBODYS.notAsked};
  }
  map "$audit_accessor$audit_failed" $audit_who {
    "" $audit_unasked;
    yes ${NOBODYS.notKnown};
    default $audit_accessor;
  }
  # A write that got no answer may have been done; whoever has no token gets none either while Consul is away. One that is
  # answered with another address was not done.
  map "$status $audit_who $audit_method:$uri" $audit_log {
    "~^[^:]* :" "";
    "~^[25][^:]*:/v1/(agent/check/(pass|warn|fail|update)/|internal/acl/authorize$|session/renew/)" others;
    "~^(5..|499) [0-9a-f]{8}-[^:]*:/v1/" unanswered;
    "~^2.. [0-9a-f]{8}-[^:]*:/v1/" writes;
${alsoWrites}    "~^2.. (${NOBODYS.notKnown}|${NOBODYS.unknownToken}) [^:]*:/v1/" writes;
    "~^[23]" others;
    default refused;
  }
${Object.keys(AUDIT_LOGS)
  .map(
    (log) => `  map $audit_log $audit_is_${log} {
    ${log} 1;
    default "";
  }`,
  )
  .join("\n")}
  map $status $audit_status {
    "~^[1-9]" $status;
    default 0;
  }
  log_format audit escape=json '{"time":"$time_iso8601","door":"${door}","client":"$proxy_protocol_addr","method":"$audit_method",'
    '"path":"$audit_path","status":$audit_status,"accessor":"$audit_who"}';
${Object.entries(AUDIT_LOGS)
  .map(([log, file]) => `  access_log ${AUDIT}/${file} audit if=$audit_is_${log};`)
  .join("\n")}

  # Tokens that Consul does not know are not kept: anybody can send as many as he likes.
  proxy_cache_path ${KEPT} keys_zone=audit:128k max_size=4m inactive=10m use_temp_path=off;

  server {
    listen unix:${SOCKET};
    access_log off;

    location / {
      js_content audit.who;
    }
${answersBesides}
    location = /ask {
      internal;
      subrequest_output_buffer_size 64k;
      proxy_buffering off;
      proxy_pass ${consul}/v1/acl/token/self?stale;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host consul;
      proxy_connect_timeout 500ms;
      proxy_read_timeout 1s;
      proxy_send_timeout 1s;
      proxy_next_upstream_timeout 1s;
    }
  }`;
}

/** What a location asks the server that asks Consul. */
interface Ask {
  readonly path: string;
  /** Nginx's variable with the token. */
  readonly token: string;
  /** Nginx's variable with the name by which an answer of 204 is kept. */
  readonly key: string;
  /** Which answers are kept, and for how long; while Consul does not answer, until nobody has asked for 10 minutes. */
  readonly kept: string;
  /** Where they are kept. @default audit */
  readonly zone?: string;
}

/** How a location asks it: with a token, and with nothing else of the request. */
export function renderAsk({ path, token, key, kept, zone = "audit" }: Ask): string {
  return `      proxy_pass http://unix:${SOCKET}:${path};
      proxy_http_version 1.1;
      proxy_pass_request_headers off;
      proxy_pass_request_body off;
      proxy_set_header Host audit;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
      proxy_set_header X-Consul-Token ${token};
      proxy_connect_timeout 500ms;
      proxy_read_timeout 1500ms;
      proxy_send_timeout 500ms;
      proxy_buffering on;
      proxy_cache ${zone};
      proxy_cache_key ${key};
      proxy_cache_valid ${kept};
      proxy_cache_use_stale error timeout http_503;`;
}

/** What a door says in `server`. */
export const AUDIT_SERVER = `    set $audit_accessor "";
    set $audit_failed "";

    # It is never refused, and holds a write a second and a half at most: where Consul does not answer, what it said before
    # counts, or who it was remains unknown.
    location = ${WHO} {
      internal;
      # It has the length of the write that it is about, but not its body.
      client_max_body_size 0;
      if ($audit_key = "") {
        return 204;
      }
${renderAsk({ path: "/", token: "$audit_token", key: "$audit_key", kept: "204 60s" })}
      proxy_intercept_errors on;
      error_page 400 500 502 503 504 = @audit_failed;
    }

    location @audit_failed {
      set $audit_failed yes;
      return 204;
    }`;

/** What a door says in each location that takes writes. */
export const AUDIT_WRITES = `      auth_request ${WHO};
      auth_request_set $audit_accessor $upstream_http_x_accessor;`;
