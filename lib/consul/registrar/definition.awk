# What a declared service may be: the fields and their types, and a strict reader of one definition in JSON.
# It runs under the awk of busybox: no intervals {n}, no length(array), bytes only (LC_ALL=C).

function tables() {
  # Every field that a value may have, with its type. A field that is not here is refused.
  fields("service", "id:string name:string address:string port:port tags:strings meta:map weights:weights checks:checks")
  fields("weights", "passing:count warning:count")
  fields("check", "id:string name:string notes:string http:string method:string header:lists body:string tcp:string " \
    "grpc:string grpc_use_tls:bool tls_server_name:string alias_service:string ttl:duration interval:duration timeout:duration " \
    "disable_redirects:bool output_max_size:count " \
    "success_before_passing:count failures_before_warning:count failures_before_critical:count " \
    "deregister_critical_service_after:duration")
  KINDS = split("http tcp grpc ttl alias_service", KIND, " ")
  # A check that changes one of these asks somewhere else, so what was seen before says nothing about it. Not among them
  # is how an answer is judged or told: after a change the next attempt tells, and no service flaps meanwhile.
  TARGETS = split("http method header body tcp grpc grpc_use_tls tls_server_name ttl alias_service", TARGET, " ")
  LONGEST = 16384
}
function fields(kind, list,    n, i, word, pair) {
  n = split(list, word, " ")
  for (i = 1; i <= n; i++) { split(word[i], pair, ":"); TYPE[kind, pair[1]] = pair[2] }
}

# --- JSON: one service definition, read strictly by the table above. S is the text left, OUT what was read, compact.

function fail(why) { if (ERROR == "") ERROR = why; return 0 }
function peek() { if (substr(S, 1, 1) == " ") sub(/^ +/, "", S); return substr(S, 1, 1) }
function take(c, where) {
  if (ERROR != "" || peek() != c) return fail(where ": not valid JSON")
  S = substr(S, 2)
  return 1
}
# The next token, RLENGTH long where the match before the call has found it.
function token(must, where,    t) {
  if (RSTART != 1) { fail(where ": must be " must); return "" }
  t = substr(S, 1, RLENGTH); S = substr(S, RLENGTH + 1)
  return t
}
function text(where,    t, u) {
  peek()
  if (match(S, /^"[^"\\]*"/)) return token("a string", where)
  match(S, /^"([^"\\]|\\(["\\\/bfnrt]|u[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]))*"/)
  u = t = token("a string", where); gsub(/\\\\/, "", u)
  # In meta it may: nothing is made from a meta value, and it stays escaped here.
  if (where !~ /^meta\./ && u ~ /\\[bfnrt]|\\u00[01]|\\u007[fF]/) fail(where ": holds a control character")
  return t
}
function more(close_with, where) {
  if (ERROR != "") return 0
  if (peek() == ",") { S = substr(S, 2); OUT = OUT ","; return 1 }
  if (take(close_with, where)) OUT = OUT close_with
  return 0
}
function opens(with, close_with, where) {
  if (!take(with, where)) return 0
  OUT = OUT with
  if (peek() != close_with) return 1
  S = substr(S, 2); OUT = OUT close_with
  return 0
}
function object(kind, path,    key, where, type, separator, t) {
  if (!take("{", path == "" ? "value" : path)) return
  OUT = OUT "{"
  if (peek() == "}" && kind != "check") { S = substr(S, 2); OUT = OUT "}"; return }
  for (separator = ""; ERROR == ""; separator = ",") {
    if (peek() != "\"") { fail((path == "" ? "value" : path) ": not valid JSON"); return }
    key = text(path == "" ? "value" : path); key = substr(key, 2, length(key) - 2)
    if (key !~ /^[A-Za-z0-9_-]+$/ || length(key) > 128) { fail((path == "" ? "value" : path) ": has a field whose name is not of A-Z a-z 0-9 _ -"); return }
    where = path == "" ? key : path "." key
    if (where in VALUE) { fail(where ": given twice"); return }
    VALUE[where] = ""
    type = kind == "map" ? "string" : kind == "lists" ? "strings" : TYPE[kind, key]
    if (key == "status" && kind == "check" && ours) type = "status"
    if (type == "") { fail(unknown(kind, key, where)); return }
    if (!take(":", where)) return
    if (type == "status") { t = text(where); SEEN[CHECKS] = substr(t, 2, length(t) - 2) }
    else { OUT = OUT separator "\"" (kind == "check" && for_api ? api_word(key) : key) "\":"; value(type, where) }
    if (peek() != ",") break
    S = substr(S, 2)
  }
  if (!take("}", path == "" ? "value" : path)) return
  # Here a check's status goes in when the definition is written.
  if (kind == "check") { PIECE[CHECKS++] = OUT ",\"status\":\""; OUT = "\"" }
  OUT = OUT "}"
}
# What the agent's API calls a field of a check; capitals do not matter to it.
function api_word(key) { gsub(/_/, "", key); return key == "id" ? "CheckID" : key }
function unknown(kind, key, where) {
  if (key == "token") return where ": a definition may not carry a token"
  if (key == "args") return where ": a check may not run a command"
  return substr(where, 1, 100) ": not a field that " (kind == "weights" ? "weights" : "a " kind) " may have"
}
function value(type, where,    from, t, i) {
  from = length(OUT)
  if (type == "string") OUT = OUT text(where)
  else if (type == "bool") { peek(); match(S, /^(true|false)/); OUT = OUT token("true or false", where) }
  else if (type == "map" || type == "lists" || type == "weights") object(type, where)
  else if (type == "duration") {
    OUT = OUT (t = text(where))
    if (t !~ /^"([0-9]+(\.[0-9]+)?(ms|s|m|h))+"$/) fail(where ": must be a duration such as \"10s\"")
  } else if (type == "port" || type == "count") {
    peek(); match(S, /^[-+.0-9eE]+/); OUT = OUT (t = token("a whole number", where))
    if (t !~ /^(0|[1-9][0-9]*)$/ || length(t) > 5 || t + 0 > 65535 || (type == "port" && t + 0 < 1))
      fail(where ": must be a whole number from " (type == "port" ? 1 : 0) " to 65535")
  } else if (opens("[", "]", where)) {
    i = 0
    do {
      if (type == "checks") object("check", where "[" i "]")
      else OUT = OUT text(where "[" i "]")
      i++
    } while (more("]", where))
  }
  VALUE[where] = substr(OUT, from + 1)
}
function plain(path) { return substr(VALUE[path], 2, length(VALUE[path]) - 2) }

# --- Names: a file is <team>.<name>, or <team>.<name>.<id> where the id is not the name; the key has / for these dots.

function team_of(file) { return substr(file, 1, index(file, ".") - 1) }
function after_team(file) { return substr(file, index(file, ".") + 1) }
function name_of(file,    rest) { rest = after_team(file); return index(rest, ".") ? substr(rest, 1, index(rest, ".") - 1) : rest }
function id_of(file,    rest) { rest = after_team(file); return substr(rest, index(rest, ".") + 1) }
function key_of(file,    rest, id) {
  rest = after_team(file); id = id_of(file)
  return PREFIX team_of(file) "/" name_of(file) (rest == id ? "" : "/" id)
}
function file_of(key,    part, parts) {
  if (index(key, PREFIX) != 1 || length(key) > 256) return ""
  parts = split(substr(key, length(PREFIX) + 1), part, "/")
  if (parts < 2 || parts > 3 || part[1] !~ /^[a-z0-9_][a-z0-9_-]*$/ || part[2] !~ /^[a-z0-9_][a-z0-9_-]*$/) return ""
  if (parts == 2) return part[1] "." part[2]
  return part[3] ~ /^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/ && part[3] != part[2] ? part[1] "." part[2] "." part[3] : ""
}

# Reads the definition that FILE is for. Returns what is wrong with it, or "". Leaves CHECKS, PIECE, ID, AIM, BARE.
function parse(source, file, from_file,    i) {
  split("", VALUE); split("", PIECE); split("", SEEN); split("", ID); split("", AIM); split("", KNOWN)
  S = source; OUT = ERROR = BARE = ""; CHECKS = 0; ours = from_file
  object("service", "")
  if (ERROR == "" && peek() != "") fail("value: something follows the object")
  if (ERROR == "") meaning(file)
  PIECE[CHECKS] = OUT
  for (i = 0; i <= CHECKS; i++) BARE = BARE PIECE[i]
  return ERROR
}
function meaning(file,    i, j, at, kinds, service) {
  service = id_of(file)
  if (plain("name") != name_of(file)) return fail("name: must be the service in the key")
  if (plain("id") != service) return fail("id: must be the last part of the key")
  if (plain("meta.team") != team_of(file)) return fail("meta.team: must be the team in the key")
  if (VALUE["port"] == "") return fail("port: is missing")
  if (plain("address") !~ /^([A-Za-z0-9._-]+|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$/) return fail("address: must be a host name or an IP address")
  for (i = 0; i < CHECKS; i++) {
    at = "checks[" i "]."; ID[i] = plain(at "id")
    if (index(ID[i], service ":") != 1 || substr(ID[i], length(service) + 2) !~ /^[A-Za-z0-9_.-]+$/ || length(ID[i]) > 200)
      return fail(at "id: must be <service>:<something> of A-Z a-z 0-9 _ . -")
    if (ID[i] in KNOWN) return fail(at "id: given to two checks")
    KNOWN[ID[i]] = i; kinds = 0
    for (j = 1; j <= KINDS; j++) if ((at KIND[j]) in VALUE) kinds++
    if (kinds != 1) return fail("checks[" i "]: must have exactly one of http, tcp, grpc, ttl, alias_service")
    if ((((at "ttl") in VALUE) || ((at "alias_service") in VALUE)) == ((at "interval") in VALUE)) return fail(at "interval: belongs to every check but one of ttl or an alias")
    if ((at "http") in VALUE && plain(at "http") !~ /^https?:\/\//) return fail(at "http: must be an http or https address")
    AIM[i] = VALUE["address"] VALUE["port"]
    for (j = 1; j <= TARGETS; j++) AIM[i] = AIM[i] TAB VALUE[at TARGET[j]]
  }
}

# --- Base64, as `consul kv get -base64` gives it: a value with line breaks cannot pass for two keys then.

function alphabet(    i, j, a) {
  a = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  for (i = 0; i < 64; i++) for (j = 0; j < 64; j++) PAIR[substr(a, i + 1, 1) substr(a, j + 1, 1)] = i * 64 + j
  for (i = 0; i < 64; i++) PAIR[substr(a, i + 1, 1) "="] = i * 64
  PAIR["=="] = 0
  for (i = 0; i < 256; i++) CHAR[i] = i < 32 || i == 127 ? "\001" : sprintf("%c", i)
}
# Leaves the bytes in DECODED, every control character as one and the same. False where it is not base64.
function decode(b,    i, n, v) {
  n = length(b); DECODED = ""
  if (n % 4 || b !~ /^[A-Za-z0-9+\/]*=?=?$/) return 0
  for (i = 1; i <= n; i += 4) {
    v = PAIR[substr(b, i, 2)] * 4096 + PAIR[substr(b, i + 2, 2)]
    DECODED = DECODED CHAR[int(v / 65536)] CHAR[int(v / 256) % 256] CHAR[v % 256]
  }
  DECODED = substr(DECODED, 1, length(DECODED) - (b ~ /==$/ ? 2 : b ~ /=$/ ? 1 : 0))
  return 1
}
