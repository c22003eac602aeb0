#!/bin/sh
# take-anew.sh [SCRIPT ARGUMENT...]
# Has the container's program read its secrets again where one of them changed since it last did, then goes on with
# SCRIPT. It is the beginning of a health check: whoever changes a secret, and however, need tell nobody.
# Nothing is restarted. A pair of files of which only one has changed yet is refused by the program, which goes on
# with what it has; the next run sees the other one.
set -eu
secrets=${SECRETS:-/rollcall/secrets}
taken=${TAKEN:-/tmp/secrets-taken}

now=$(cat "$secrets"/* | busybox sha256sum)
if [ ! -e "$taken" ]; then
  # The program has just started, and with these.
  echo "$now" >"$taken"
elif [ "$(cat "$taken")" != "$now" ]; then
  kill -HUP "${PROGRAM:-1}"
  echo "$now" >"$taken"
fi
[ $# -eq 0 ] || exec /bin/sh "$@"
