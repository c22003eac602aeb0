#!/bin/sh
# take-anew.sh [SCRIPT ARGUMENT...]
# Has the container's program read its secrets again where one of them changed since it last did, then goes on with
# SCRIPT. It is the beginning of a health check: whoever changes a secret, and however, need tell nobody.
# Nothing is restarted. A pair of files of which only one has changed yet is refused by the program, which goes on
# with what it has; the next run sees the other one.
# TAKE_ANEW_FROM is the folder, TAKE_ANEW_NOTICE a file that is there from a second before to a second after: a program
# that closes kept connections when it reads again has time to say so to its clients.
set -eu
secrets=${TAKE_ANEW_FROM:-/rollcall/secrets}
taken=${TAKEN:-/tmp/secrets-taken}
notice=${TAKE_ANEW_NOTICE:-}

# One at a time, the health check or a verb: the program would read twice, the second time without notice.
exec 9>"$taken.lock"
busybox flock 9

now=$(cat "$secrets"/* | busybox sha256sum)
if [ ! -e "$taken" ]; then
  # The program has just started, and with these.
  echo "$now" >"$taken"
elif [ "$(cat "$taken")" != "$now" ]; then
  [ -z "$notice" ] || { : >"$notice" && busybox sleep 1; }
  kill -HUP "${PROGRAM:-1}"
  [ -z "$notice" ] || { busybox sleep 1 && rm -f "$notice"; }
  echo "$now" >"$taken"
fi
exec 9>&-
[ $# -eq 0 ] || exec /bin/sh "$@"
