#!/bin/sh
# shellcheck shell=sh
# shellcheck disable=SC3045 # `read -t` is not POSIX; the busybox sh that this runs on has it.
# The registrar of Rollcall carries the declared services from Consul KV to the shared agent.
#
#   registrar.sh           runs (as PID 1) until it is told to end
#   registrar.sh health    exits 0 where all is well, else says in one line what is not
#   registrar.sh refused   prints what was refused: key TAB reason
#
# The files in $DEFINITIONS are what the agent loads when it starts. While it runs it is told about each changed
# service alone; it is never reloaded, for a reload delays every check of the agent. A crash at any point is mended at
# the next start: what the agent must still be told is written down before the files change.
set -u
umask 027
export LC_ALL=C
export REGISTRAR_RUN="${REGISTRAR_RUN:-/tmp/registrar}" DEFINITIONS="${DEFINITIONS:-/consul/config}" KV_PREFIX="${KV_PREFIX:-catalog/}"
export KEEP="$DEFINITIONS/.registrar" # a folder, because the agent reads no folders within its configuration folder
: "${REGISTRAR_NODE:=consul-agent-shared}" "${CONSUL_HTTP_ADDR:=https://consul-agent-shared:8501}"
export CONSUL_HTTP_ADDR
unset CONSUL_HTTP_TOKEN
here=${0%/*}
TAB=$(printf '\t')

# --- Small things

# One plain line for the operator.
log() { printf '%.400s\n' "$*"; }

# Time since the machine started, in hundredths of a second, without a process.
clock() { read -r up _ </proc/uptime && now=${up%.*}${up#*.}; }

# Says that the loop turns; `health` looks how long ago that was.
beat() { : >"$REGISTRAR_RUN/heartbeat"; }

# Notes what is wrong with one thing (empty: nothing any more), for `health` and, once, for the log.
trouble() { # THING [WHAT]
  was=
  read -r was 2>/dev/null <"$REGISTRAR_RUN/trouble.$1"
  [ "$was" = "${2:-}" ] && return
  printf '%s\n' "${2:-}" >"$REGISTRAR_RUN/trouble.$1"
  case ${2:-} in
  '') log "$1: well again" ;;
  "$(printf '%.20s' "${was:-none}")"*) ;; # the same again, in other words
  *) log "$2" ;;
  esac
}

# A text in one short line of what can be printed.
printed() { tr -cs '!-~' ' ' | cut -c 1-200; }

# The program's own words about the last failure.
words() { printed <"$REGISTRAR_RUN/err"; }

# The same of `consul validate`, without what it quotes: that comes from the value.
unquoted() { tr -cs '!-~' ' ' <"$REGISTRAR_RUN/err" | sed "s/.*occurred: //; s/n't/ not/g; s/'[^']*'/.../g; s/\"[^\"]*\"/.../g" | cut -c 1-200; }

# Calls the agent. The token is named by its file, so that it is on no command line; a hung agent costs 30 s at most.
call() { # TOKEN_FILE CONSUL_ARGUMENTS...
  token_file=$1
  shift
  beat
  CONSUL_HTTP_TOKEN_FILE=$token_file timeout 30 consul "$@" 2>"$REGISTRAR_RUN/err"
}

# Runs the awk program in one of its modes.
decide() { # MODE [ARGUMENTS...]
  mode=$1
  shift
  rm -rf "$KEEP/candidate" && mkdir "$KEEP/candidate" && awk -v mode="$mode" -f "$here/definition.awk" -f "$here/registrar.awk" "$@"
}

# Puts in place what the awk program has decided: first what the agent must be told, then the files, each by rename.
place() {
  mv -f "$KEEP/untold.new" "$KEEP/untold" || return 1
  set -- "$KEEP/candidate"/*.json
  if [ -e "$1" ]; then mv -f "$@" "$DEFINITIONS" || return 1; fi
  mv -f "$REGISTRAR_RUN/states.new" "$REGISTRAR_RUN/states"
}

# The id of the service that a file defines: what is behind <team>.<name>., or <name> (definition.awk has the rule).
id_of() { # FILE
  id=${1##*/} id=${id%.json} id=${id#*.}
  printf '%s\n' "${id#*.}"
}

# What `refused` prints: the values that were refused and the services that the agent refuses.
publish_refused() {
  { cat "$REGISTRAR_RUN/judged" && cut -f 2- "$REGISTRAR_RUN/failing"; } >"$REGISTRAR_RUN/refused.new"
  mv -f "$REGISTRAR_RUN/refused.new" "$REGISTRAR_RUN/refused"
}

# --- From KV to the files

# Reads the prefix. An error is never an empty catalog: nothing changes then, and it is tried again in a second.
read_kv() { # FILE
  call "$REGISTRAR_TOKEN_FILE" kv get -recurse -base64 "$KV_PREFIX" >"$1" && echo end >>"$1"
}

# Is what is no longer there really gone? Keys that the token may not read are left out without an error, so a key
# must be readable (it need not exist), and a second reading must say the same.
truly_gone() {
  call "$REGISTRAR_TOKEN_FILE" kv get "$KV_PREFIX" >/dev/null || grep -q 'No key exists' "$REGISTRAR_RUN/err" || return 1
  read_kv "$REGISTRAR_RUN/kv.again" && cmp -s "$REGISTRAR_RUN/kv.again" "$REGISTRAR_RUN/kv.new"
}

# Asks Consul itself about candidates: a file that it cannot load would keep the agent from starting.
valid() { # FILES...
  beat
  consul validate "$REGISTRAR_RUN/agent.json" "$@" >"$REGISTRAR_RUN/err" 2>&1
}

# Finds the candidates that Consul refuses, by halves, and notes them in vetoed.
veto() { # FILES, in a folder whose names need no quotes
  valid "$@" && return
  if [ $# -eq 1 ]; then
    file=${1#./} file=${file%.json} service=${file#*.}
    key=$KV_PREFIX${file%%.*}/${service%%.*}
    [ "$service" = "${service%%.*}" ] || key=$key/${service#*.}
    printf '%s\tconsul validate: %s\n' "$key" "$(unquoted)" >>"$REGISTRAR_RUN/vetoed"
    return
  fi
  (
    half=$(($# / 2)) left='' n=0
    for file in "$@"; do
      n=$((n + 1))
      [ $n -le $half ] && left="$left $file"
    done
    # shellcheck disable=SC2086
    veto $left
    shift $half
    veto "$@"
  )
}

# Carries one state of KV into the files. What it cannot judge now it tries again in a second.
batch() {
  kv_due=$((now + 100))
  if ! read_kv "$REGISTRAR_RUN/kv.new"; then
    trouble kv "kv: cannot be read, so nothing changes: $(words)"
    return
  fi
  if ! cmp -s "$REGISTRAR_RUN/kv.new" "$REGISTRAR_RUN/kv"; then
    : >"$REGISTRAR_RUN/vetoed"
    while :; do
      decide judge || { trouble kv "kv: the definitions cannot be written to $DEFINITIONS"; return; }
      [ -z "$(ls "$KEEP/candidate")" ] || valid "$KEEP/candidate" && break
      before=$(wc -l <"$REGISTRAR_RUN/vetoed")
      (cd "$KEEP/candidate" && veto ./*.json)
      [ "$(wc -l <"$REGISTRAR_RUN/vetoed")" -gt "$before" ] || { trouble kv "kv: consul validate: $(words)"; return; }
    done
    if [ -s "$REGISTRAR_RUN/gone" ] && ! truly_gone; then
      trouble kv "kv: services are missing there, but it cannot be confirmed, so nothing changes: $(words)"
      return
    fi
    if ! place || ! (cd "$DEFINITIONS" && xargs -r rm -f) <"$REGISTRAR_RUN/gone"; then
      trouble kv "kv: the definitions cannot be written to $DEFINITIONS"
      return
    fi
    mv -f "$REGISTRAR_RUN/judged.new" "$REGISTRAR_RUN/judged"
    mv -f "$REGISTRAR_RUN/kv.new" "$REGISTRAR_RUN/kv"
    cat "$REGISTRAR_RUN/log.new"
    publish_refused
    tell_due=$now tell_wait=100
  fi
  trouble kv
  kv_due=$((now + 3000))
}

# --- From the files to the agent

# Registers files in one call and notes which went through. By the API itself: `consul services register` loses
# `disable_redirects` and `output_max_size` on the way to the agent. Returns 1 where the agent cannot be reached.
register() { # FILES...
  beat
  rm -rf "$REGISTRAR_RUN/bodies" && mkdir "$REGISTRAR_RUN/bodies" && decide bodies "$@" || return 2
  requests "$@" | timeout 60 curl -q --config - >"$REGISTRAR_RUN/out" 2>"$REGISTRAR_RUN/err"
  while [ $# -gt 0 ] && read -r code <&5; do
    case $code in
    200) id_of "$1" >>"$REGISTRAR_RUN/told" ;;
    000) return 1 ;;
    # So answers what stands before an agent that is away.
    502 | 503 | 504) echo "the answer is $code" >"$REGISTRAR_RUN/err" && return 1 ;;
    *) refused_by_agent "$(id_of "$1")" "$code ($(printed <"$REGISTRAR_RUN/bodies/${1##*/}.answer"))" ;;
    esac
    shift
  done 5<"$REGISTRAR_RUN/out"
  [ $# -eq 0 ] || return 1
  [ $refusals -lt 5 ] || return 2
}

# The requests for `curl`, over one connection and verified. The token comes this way too: it is on no command line, in no file.
requests() { # FILES...
  read -r secret <"$REGISTRATION_TOKEN_FILE"
  then=
  for file in "$@"; do
    # A definition that cannot be read is one that the agent refuses.
    body=$REGISTRAR_RUN/bodies/${file##*/}
    [ -e "$body" ] || : >"$body"
    printf '%s\nurl = "%s/v1/agent/service/register"\n' "$then" "$CONSUL_HTTP_ADDR"
    printf 'upload-file = "%s"\noutput = "%s.answer"\n' "$body" "$body"
    [ -z "${CONSUL_CACERT:-}" ] || printf 'cacert = "%s"\n' "$CONSUL_CACERT"
    printf 'header = "X-Consul-Token: %s"\nheader = "Expect:"\nwrite-out = "%%{http_code}\\n"\n' "$secret"
    printf '%s\n' globoff silent show-error fail-early 'noproxy = "*"' 'connect-timeout = 5' 'max-time = 30'
    then=next
  done
}

# Takes a service from the agent; one that the agent does not have is gone already.
deregister() { # SERVICE
  call "$REGISTRAR_TOKEN_FILE" services deregister -id="$1" >/dev/null && return
  grep -q 'Unknown service ID' "$REGISTRAR_RUN/err" && return
  # 502 to 504 is what stands before an agent that is away.
  grep 'Unexpected response code' "$REGISTRAR_RUN/err" | grep -qv 'code: 50[234]' || return 1
  refused_by_agent "$1" "$(words | sed 's/.*Unexpected response code: //')"
  return 2
}

# Notes that the agent refuses a service. After five the rest gets its turn at the next try.
refused_by_agent() { # SERVICE WHY
  printf '%s\t%s\n' "$1" "$2" >>"$REGISTRAR_RUN/failed"
  refusals=$((refusals + 1))
}

# Tells the agent what it has not been told, 50 services a call. What fails stays written down and goes to the end of
# the queue, tried again after a second, then less and less often, up to every eight seconds.
tell() {
  : >"$REGISTRAR_RUN/told"
  : >"$REGISTRAR_RUN/failed"
  refusals=0 unreached=0
  cp "$KEEP/untold" "$REGISTRAR_RUN/telling"
  while [ $unreached -eq 0 ] && [ $refusals -lt 5 ] && IFS=$TAB read -r op file _ <&4; do
    case $op in
    +) continue ;;
    -) deregister "$(id_of "$file")" && id_of "$file" >>"$REGISTRAR_RUN/told" ;;
    # The agent would keep the status of a check that now asks elsewhere, and checks that are no longer named.
    !) deregister "$(id_of "$file")" && register "$DEFINITIONS/$file.json" ;;
    esac
    [ $? -ne 1 ] || unreached=1
  done 4<"$REGISTRAR_RUN/telling"
  sed -n "s|^+$TAB\([^$TAB]*\).*|$DEFINITIONS/\1.json|p" "$REGISTRAR_RUN/telling" >"$REGISTRAR_RUN/changed"
  while [ $unreached -eq 0 ] && [ $refusals -lt 5 ] && [ -s "$REGISTRAR_RUN/changed" ]; do
    # shellcheck disable=SC2046
    register $(head -n 50 "$REGISTRAR_RUN/changed")
    [ $? -ne 1 ] || unreached=1
    sed 1,50d "$REGISTRAR_RUN/changed" >"$REGISTRAR_RUN/changed.new" && mv -f "$REGISTRAR_RUN/changed.new" "$REGISTRAR_RUN/changed"
  done
  if [ $unreached -eq 1 ]; then trouble agent "agent: cannot be reached: $(words)"; else trouble agent; fi
  decide told && mv -f "$KEEP/untold.new" "$KEEP/untold" && mv -f "$REGISTRAR_RUN/failing.new" "$REGISTRAR_RUN/failing"
  publish_refused
  clock
  # What was just told may take a moment to be seen by the servers.
  [ "$look_due" -ge $((now + 500)) ] || look_due=$((now + 500))
  tell_due=$((now + (unreached ? 100 : tell_wait)))
  [ "$tell_wait" -ge 800 ] || tell_wait=$((tell_wait * 2))
}

# --- From the agent to the files

# Keeps each check's last known status in its file, so that an agent that restarts neither advertises what was down
# nor drops what was up. The agent is not told: it knows.
remember() { # AGAIN: 1 where services that the agent has lost are to be registered again
  mv -f "$REGISTRAR_RUN/checks" "$REGISTRAR_RUN/checks.now" 2>/dev/null || return
  if ! seen=$(decide observe -v again="$1") || { [ "$seen" != unusable ] && ! place; }; then
    trouble status "status: cannot be kept in $DEFINITIONS"
    return
  fi
  trouble status
  case $seen$1 in
  lost*1) tell_due=$now ;;
  lost*) [ "$look_due" -lt $((now + 500)) ] || look_due=$((now + 500)) ;;
  esac
}

# Looks every 30 s which services the agent has lost (Consul drops what stays critical), and what is in KV.
look() {
  look_due=$((now + 3000))
  rm -f "$REGISTRAR_RUN/services.now"
  if grep -q "$TAB\$" "$REGISTRAR_RUN/states"; then
    call "$REGISTRAR_TOKEN_FILE" catalog services -node="$REGISTRAR_NODE" >"$REGISTRAR_RUN/services.now" && echo 'catalog asked' >>"$REGISTRAR_RUN/services.now"
  fi
  call "$REGISTRAR_TOKEN_FILE" watch -type=checks -filter="Node == \"$REGISTRAR_NODE\"" >"$REGISTRAR_RUN/checks.look" && mv -f "$REGISTRAR_RUN/checks.look" "$REGISTRAR_RUN/checks" && remember 1
}

# --- The loop

# Starts a watch. What it sees, its errors and its end come as lines through the pipe.
watch() { # CONSUL_ARGUMENTS...
  (
    trap 'kill "$watching" 2>/dev/null; exit' TERM
    watching=
    CONSUL_HTTP_TOKEN_FILE=$REGISTRAR_TOKEN_FILE consul watch -shell=false "$@" >&3 2>&3 &
    watching=$!
    wait "$watching"
    echo ended >&3
  ) &
  watches="$watches $!"
}

# What a watch reads once, when it begins: the token, and the CA by the line of its certificate that no other has. Read
# without a process.
read_secrets() {
  token='' authority=''
  read -r token <"$REGISTRAR_TOKEN_FILE"
  [ -z "${CONSUL_CACERT:-}" ] || { read -r authority && read -r authority; } <"$CONSUL_CACERT"
}

# Are they others than the watches began with?
secrets_changed() {
  read_secrets
  [ "$token $authority" != "${watching_with:-$token $authority}" ]
}

# Starts both watches anew. `consul watch` itself waits 5 s after its first failure, then longer and longer.
start_watches() {
  # shellcheck disable=SC2086
  [ -z "$watches" ] || kill $watches 2>/dev/null
  watches='' lost=''
  read_secrets
  watching_with="$token $authority"
  watch -type=keyprefix -prefix="$KV_PREFIX" echo kv
  # shellcheck disable=SC2016
  watch -type=checks -filter="Node == \"$REGISTRAR_NODE\"" sh -c 'cat >"$1.in" && mv -f "$1.in" "$1" && echo checks' sh "$REGISTRAR_RUN/checks"
}

# Is the agent's port open? Cheap, so that an agent that is away costs nothing.
agent_answers() {
  at=${CONSUL_HTTP_ADDR#*://}
  timeout 2 nc -w 1 "${at%:*}" "${at##*:}" </dev/null >/dev/null 2>&1
}

# Makes the folders, and reads what the last run left in place.
prepare() {
  mkdir -p "$REGISTRAR_RUN" "$KEEP/candidate" && touch "$KEEP/untold" || exit 1
  for file in kv judged failing vetoed; do : >"$REGISTRAR_RUN/$file"; done
  rm -f "$REGISTRAR_RUN"/trouble.* "$REGISTRAR_RUN"/checks*
  printf '{"data_dir": "/tmp", "bind_addr": "127.0.0.1"}\n' >"$REGISTRAR_RUN/agent.json"
  echo 'kv: has not been read yet' >"$REGISTRAR_RUN/trouble.kv"
  publish_refused
  decide start "$DEFINITIONS"/*.json && mv -f "$REGISTRAR_RUN/states.new" "$REGISTRAR_RUN/states" || exit 1
  rm -f "$REGISTRAR_RUN/pipe" && mkfifo "$REGISTRAR_RUN/pipe" && exec 3<>"$REGISTRAR_RUN/pipe"
}

work() {
  trap 'kill $watches 2>/dev/null; exit 0' TERM
  watches='' lost=yes
  : "${REGISTRAR_TOKEN_FILE:?is not set}" "${REGISTRATION_TOKEN_FILE:?is not set}"
  prepare
  clock
  kv_due=$now kv_latest=0 tell_due=$now tell_wait=100 look_due=$((now + 500)) watch_due=$now
  log "carrying $KV_PREFIX to $CONSUL_HTTP_ADDR"
  while :; do
    beat
    event='' tick=1
    [ "$kv_due" -gt $((now + 150)) ] || tick=0.2
    read -r -t $tick event <&3
    clock
    case $event in
    '') ;;
    kv) # One second of quiet, so that a deployment is one batch; two at most, so that it cannot be kept waiting.
      [ "$kv_latest" -gt "$now" ] || kv_latest=$((now + 200))
      kv_due=$((now + 100))
      [ $kv_due -lt "$kv_latest" ] || kv_due=$kv_latest
      ;;
    checks) remember 0 ;;
    *) # An error of a watch, or its end.
      lost=yes
      event=${event#*error=}
      trouble watch "watch: ${event%% retry=*}"
      ;;
    esac
    if secrets_changed; then lost=yes; fi
    if [ "$now" -ge "$watch_due" ]; then
      if [ -z "$lost" ]; then
        [ "$now" -lt $((watch_due + 300)) ] || trouble watch
      elif agent_answers; then
        start_watches
        watch_due=$((now + 200)) kv_due=$now
      fi
    fi
    [ "$now" -lt "$kv_due" ] || batch
    if [ -s "$KEEP/untold" ] && [ "$now" -ge "$tell_due" ]; then tell; fi
    [ "$now" -lt "$look_due" ] || look
  done
}

# As PID 1 it only waits, so that it ends at once whatever its worker is waiting for.
run() {
  work &
  worker=$!
  trap 'kill "$worker"; exit 0' TERM INT
  wait "$worker"
  log 'the registrar ended by itself'
  exit 1
}

health() {
  cd "$REGISTRAR_RUN" 2>/dev/null || fail 'it has not started'
  [ -n "$(find heartbeat -mmin -2)" ] || fail 'its loop has not turned for two minutes'
  ! amiss=$(cat trouble.* | grep -v '^$') || fail "$amiss"
  [ ! -s refused ] || fail "$(wc -l <refused) refused; the first: $(head -n 1 refused | tr '\t' ' ')"
  log "$(wc -l <states) services carried"
}
fail() { log "$1" && exit 1; }

case ${1:-run} in
run) run ;;
health) health ;;
refused) cat "$REGISTRAR_RUN/refused" ;;
*) log "usage: registrar.sh [health|refused]" && exit 2 ;;
esac
