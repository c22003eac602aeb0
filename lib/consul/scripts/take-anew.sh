#!/bin/sh
# take-anew.sh [SCRIPT ARGUMENT...]
# Has the container's program read its secrets (a gateway also what it knows of the servers) again where one of them changed
# since it last did, then goes on with SCRIPT. It is the beginning of a health check: whoever changes one, and however, need
# tell nobody.
# Nothing is restarted. A certificate and its key stand in one file: a Consul that is told to read again while only one
# of the two has changed refuses, and has no services until it is told once more. So does one that finds a file missing:
# whoever changes one file brings all of them again, one after the other, each gone for a moment. The program is told when
# nothing has been written for a second, and again where something was after that, though it is the same.
# TAKE_ANEW_FROM are the folders, TAKE_ANEW_NOTICE a file that is there from a second before to a second after: a program
# that closes kept connections when it reads again has time to say so to its clients.
set -eu
folders=${TAKE_ANEW_FROM:-/rollcall/secrets}
taken=${TAKEN:-/tmp/secrets-taken}
notice=${TAKE_ANEW_NOTICE:-}

# The times after the content: what was written meanwhile is young.
held=$(for folder in $folders; do cat "$folder"/*; done | busybox sha256sum)
written=$(for folder in $folders; do busybox stat -c '%Z %i %n' "$folder" "$folder"/*; done || true)
now=$(echo "$held $written" | busybox sha256sum)
if [ ! -e "$taken" ]; then
  # The program has just started, and with these: it reads them within a second, and this comes some seconds later. One that
  # changed in between, after a crash in the middle of an exchange, is taken with the next change.
  echo "$now" >"$taken"
elif [ "$(cat "$taken")" != "$now" ]; then
  last=$(echo "$written" | busybox sort -n | busybox tail -n 1)
  age=$(($(busybox date +%s) - ${last%% *}))
  # Whole seconds: at 2 one has gone by. A clock that was put back must not keep it waiting.
  if [ "$age" -ge 0 ] && [ "$age" -lt 2 ]; then
    busybox sleep 1
    exec /bin/sh "$0" "$@"
  fi
  if [ -n "$notice" ]; then
    if ! (set -C && : >"$notice") 2>/dev/null; then
      # A health check and a verb look at once: the program is told once. One that was killed leaves its notice.
      busybox sleep 3
      rm -f "$notice"
      exec /bin/sh "$0" "$@"
    fi
    busybox sleep 1
  fi
  kill -HUP "${PROGRAM:-1}"
  [ -z "$notice" ] || { busybox sleep 1 && rm -f "$notice"; }
  echo "$now" >"$taken"
fi
[ $# -eq 0 ] || exec /bin/sh "$@"
