# What the registrar decides, a whole batch in one process (a process a service would cost minutes at 4,000).
#   mode=start    the definitions in place               -> states
#   mode=judge    KV, now and before; what is in place   -> candidates, orders, gone, judged, states, log
#   mode=observe  Consul's view of the checks, states    -> candidates with the statuses seen; again=1: orders for
#                                                           the services that the agent has lost
#   mode=told     what the agent answered                -> the orders still open, the refusals of the agent
#   mode=bodies   definitions in place                   -> bodies/, each as the agent's API takes it
# Files, in $REGISTRAR_RUN unless said otherwise (a file name below is without .json; definition.awk has the rule):
#   kv, kv.new    key:base64 a line; kv.new ends with the line "end", or it is not whole
#   states        file TAB check=status check=status ...   what stands in $DEFINITIONS
#   judged        key TAB reason                            failing: file TAB key TAB reason
#   untold        ($KEEP) op TAB file TAB word for the log: + register, ! deregister and register, - deregister
# It runs under the awk of busybox: no intervals {n}, no length(array), bytes only (LC_ALL=C).

BEGIN {
  FS = "\t"; TAB = "\t"
  RUN = ENVIRON["REGISTRAR_RUN"] "/"; PLACE = ENVIRON["DEFINITIONS"] "/"; KEEP = ENVIRON["KEEP"] "/"; PREFIX = ENVIRON["KV_PREFIX"]
  tables()
  if (mode == "start") start()
  else if (mode == "judge") judge()
  else if (mode == "observe") observe()
  else if (mode == "bodies") bodies()
  else told()
  exit broken ? 3 : 0
}

# --- Files

function slurp(path,    line, all) {
  all = ""
  while ((getline line < path) > 0) all = all line
  close(path)
  return all
}
# Reads the definition in place. What is no longer as the registrar wrote it counts as absent.
function in_place(file,    all) {
  all = slurp(PLACE file ".json")
  if (substr(all, 1, 11) != "{\"service\":") return "not ours"
  return parse(substr(all, 12, length(all) - 12), file, 1)
}
# Writes a candidate and reads it again: a full disk must not reach the agent's next start.
function write_candidate(file, status,    path, i, all) {
  all = "{\"service\":"; placed[file] = ""; path = KEEP "candidate/" file ".json"
  for (i = 0; i < CHECKS; i++) {
    all = all PIECE[i] status[ID[i]]
    placed[file] = placed[file] (i ? " " : "") ID[i] "=" status[ID[i]]
  }
  all = all PIECE[CHECKS] "}"
  print all > path; close(path)
  if (slurp(path) != all) broken = 1
}
function read_states(    line, part) {
  while ((getline line < (RUN "states")) > 0) { split(line, part, TAB); placed[part[1]] = part[2]; placed_by[id_of(part[1])] = part[1] }
  close(RUN "states")
}
function write_states(    file) {
  printf "" > (RUN "states.new")
  for (file in placed) print file TAB placed[file] > (RUN "states.new")
}

# Orders that the agent has not been told, one a service: a later one replaces the earlier, but what the agent may
# still have in another shape is deregistered before it is registered.
function read_orders(    line, part, id) {
  while ((getline line < (KEEP "untold")) > 0) {
    split(line, part, TAB); id = id_of(part[2])
    if (!(id in op)) queue[++queued] = id
    op[id] = part[1]; op_file[id] = part[2]; word[id] = part[3]
  }
  close(KEEP "untold")
}
function order(what, file, why_so,    id) {
  id = id_of(file)
  if (what == "+" && (op[id] == "!" || op[id] == "-")) what = "!"
  if (!(id in fresh)) first[++firsts] = id
  fresh[id] = 1; op[id] = what; op_file[id] = file; word[id] = why_so
}
function write_order(id) { print op[id] TAB op_file[id] TAB word[id] > (KEEP "untold.new") }
function write_orders(    i, id) {
  printf "" > (KEEP "untold.new")
  for (i = 1; i <= firsts; i++) write_order(first[i])
  for (i = 1; i <= queued; i++) { id = queue[i]; if (!(id in fresh) && !(id in done) && !(id in bad)) write_order(id) }
  for (i = 1; i <= queued; i++) if (queue[i] in bad) write_order(queue[i])
}

# --- mode=start

function start(    i, file, j) {
  for (i = 1; i < ARGC; i++) {
    file = ARGV[i]; sub(/^.*\//, "", file); sub(/\.json$/, "", file)
    if (file_of(key_of(file)) != file) continue
    placed[file] = ""
    if (in_place(file) == "") for (j = 0; j < CHECKS; j++) placed[file] = placed[file] (j ? " " : "") ID[j] "=" SEEN[j]
  }
  write_states()
}

# --- mode=judge

function judge(    line, at, part, n, i, key, file, id, reason, shown, stays, old) {
  alphabet(); stays = "; the earlier definition stays"
  read_states(); read_orders()
  while ((getline line < (RUN "kv")) > 0) old[line] = 1
  while ((getline line < (RUN "judged")) > 0) { at = index(line, TAB); why[substr(line, 1, at - 1)] = substr(line, at + 1) }
  while ((getline line < (RUN "vetoed")) > 0) { at = index(line, TAB); vetoed[substr(line, 1, at - 1)] = substr(line, at + 1) }
  while ((getline line < (RUN "kv.new")) > 0) { lines[++n] = line; match(line, /^.*:/); times[substr(line, 1, RLENGTH - 1)]++ }
  if (lines[n] != "end") { broken = 1; return }
  printf "" > (RUN "judged.new"); printf "" > (RUN "log.new"); printf "" > (RUN "gone")
  # Who has a name keeps it for as long as its key is there: another team's key must not take it.
  for (i = 1; i < n; i++) {
    line = lines[i]; match(line, /^.*:/); key = substr(line, 1, RLENGTH - 1); file = file_of(key)
    if (file in placed) holder[id_of(file)] = key
  }
  for (i = 1; i < n; i++) {
    line = lines[i]; match(line, /^.*:/); key = substr(line, 1, RLENGTH - 1); file = file_of(key); id = id_of(file); reason = ""
    shown = key; if (file == "") gsub(/[^!-~]/, "?", shown)
    # Unchanged and once judged: not read again, unless another key has to do with it.
    if (times[key] > 1) reason = "the key comes twice: a key with a line break in it was written"
    else if (file == "") reason = "the key must be " PREFIX "<team>/<service> or " PREFIX "<team>/<service>/<id>, of a-z 0-9 _ -, an id also of A-Z . :"
    else if (key in vetoed) reason = vetoed[key]
    else if ((line in old) && (key in why) && why[key] !~ /^the name is taken/) { reason = why[key]; sub(stays "$", "", reason) }
    else if ((id in holder) && holder[id] != key) reason = "the name is taken by " holder[id]
    else if (!((line in old) && (file in placed))) reason = weigh(key, file, substr(line, RLENGTH + 1))
    if (reason == "" || ((id in holder) && holder[id] == key)) {
      if (reason != "") reason = reason stays
      holder[id] = key; kept[file] = 1
    }
    if (reason != "") refuse(shown, reason)
  }
  for (file in placed) if (!(file in kept)) {
    print file ".json" > (RUN "gone"); delete placed[file]
    if (!(id_of(file) in holder)) order("-", file, "removed")
  }
  write_states(); write_orders()
}
function refuse(key, reason) {
  print key TAB reason > (RUN "judged.new")
  if (why[key] != reason) print "refused " substr(key, 1, 200) ": " reason > (RUN "log.new")
}
# Judges one value. A good one that differs from what is in place becomes a candidate and an order.
function weigh(key, file, base64,    reason, i, before, aim, status, what, bare) {
  what = "+"; bare = ""
  if ((id_of(file) in placed_by) && placed_by[id_of(file)] != file) what = "!"
  if ((file in placed) && in_place(file) == "") {
    bare = BARE
    for (i = 0; i < CHECKS; i++) { aim[ID[i]] = AIM[i]; before[ID[i]] = SEEN[i] }
  } else if (file in placed) what = "!"
  if (length(base64) > LONGEST * 4 / 3) return "value: longer than " LONGEST " bytes"
  if (!decode(base64)) return "value: could not be read from KV"
  if (DECODED ~ /\001/) return "value: holds a control character; it must be one compact line"
  reason = parse(DECODED, file, 0)
  if (reason != "") return reason
  if (BARE == bare) return ""
  # What is known of a check holds as long as the check asks the same place; else it starts as critical, and so does
  # a new one. The agent keeps a check's status over a registration, and a check that is no longer named: only a
  # deregistration makes it forget.
  for (i in aim) if (!(i in KNOWN) || AIM[KNOWN[i]] != aim[i]) what = "!"
  for (i in KNOWN) status[i] = (i in aim) && AIM[KNOWN[i]] == aim[i] ? before[i] : "critical"
  write_candidate(file, status)
  order(what, file, what == "!" ? "moved" : bare == "" ? "new" : "changed")
  return ""
}

# --- mode=observe

function observe(    file, n, pair, i, at, changed, status, line, id, part) {
  read_states(); read_orders()
  if (!read_checks(RUN "checks.now")) { print "unusable"; return }
  while ((getline line < (RUN "services.now")) > 0) present[line] = 1
  for (file in placed) {
    id = id_of(file)
    # What the agent has not been told yet it cannot have seen: its answer is about an earlier definition.
    if (id in op) continue
    # One without checks is known by its name alone: that is what the catalog lists.
    if (!(id in present) && (placed[file] != "" || ("catalog asked" in present && !((name_of(file)) in present)))) {
      lost++
      if (again) { lost_file[file] = 1; order("+", file, "again") }
      else continue
    }
    n = split(placed[file], pair, " "); changed = 0
    for (i = 1; i <= n; i++) {
      at = index(pair[i], "="); part = substr(pair[i], 1, at - 1)
      status[part] = (file in lost_file) ? "critical" : ((id, part) in seen) ? seen[id, part] : substr(pair[i], at + 1)
      if (status[part] != substr(pair[i], at + 1)) changed = 1
    }
    if (changed && in_place(file) == "") write_candidate(file, status)
  }
  write_states(); write_orders()
  if (lost) print "lost " lost
}
# Reads the list that `consul watch -type=checks` gives, quote by quote: linear in its length, whatever the outputs of
# the checks hold. False where it is not whole, or the node itself is not in it: then the answer is cut or filtered.
function read_checks(path,    piece, inside, string, depth, is_value, key, field, i, c, alive, slashes) {
  RS = "\""; depth = 0; inside = 0; string = ""
  while ((getline piece < path) > 0) {
    if (inside) {
      string = string piece
      slashes = match(piece, /\\+$/) ? RLENGTH : 0
      if (slashes % 2) { string = string "\""; continue }
      inside = 0
      if (depth == 2) { if (is_value) field[key] = string; else key = string }
      continue
    }
    for (i = 1; i <= length(piece); i++) {
      c = substr(piece, i, 1)
      if (c == "{" || c == "[") { if (++depth == 2) split("", field) }
      else if (c == "}" || c == "]") {
        if (depth-- == 2) {
          if (field["ServiceID"] != "") { present[field["ServiceID"]] = 1; seen[field["ServiceID"], field["CheckID"]] = field["Status"] }
          else if (field["CheckID"] == "serfHealth") alive = 1
        }
      }
      else if (c == ":") is_value = 1
      else if (c == ",") is_value = 0
    }
    inside = 1; string = ""
  }
  close(path); RS = "\n"
  return alive && depth == 0
}

# --- mode=told

function told(    line, part, id, reason) {
  read_orders()
  while ((getline line < (RUN "told")) > 0) { done[line] = 1; print (op[line] == "-" ? "deregistered " : "registered ") line " (" word[line] ")" }
  while ((getline line < (RUN "failing")) > 0) { split(line, part, TAB); reason[id_of(part[1])] = line }
  while ((getline line < (RUN "failed")) > 0) { split(line, part, TAB); bad[part[1]] = 1; reason[part[1]] = op_file[part[1]] TAB key_of(op_file[part[1]]) TAB "agent refused: " part[2] }
  write_orders()
  printf "" > (RUN "failing.new")
  for (id in reason) if ((id in op) && !(id in done)) print reason[id] > (RUN "failing.new")
}

# --- mode=bodies

function bodies(    i, j, file, path, all) {
  for_api = 1
  for (i = 1; i < ARGC; i++) {
    file = ARGV[i]; sub(/^.*\//, "", file); sub(/\.json$/, "", file)
    if (in_place(file) != "") continue
    all = ""; path = RUN "bodies/" file ".json"
    for (j = 0; j < CHECKS; j++) all = all PIECE[j] SEEN[j]
    print all PIECE[CHECKS] > path; close(path)
  }
}
