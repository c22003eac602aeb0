#!/bin/sh
# rotate-audit.sh [SCRIPT ARGUMENT...]
# Keeps the files of the audit log bounded: one that is too large becomes FILE.1, in the place of the one before, and Nginx
# begins a new one. Then goes on with SCRIPT. It is a part of a health check, which must not fail for want of a log: what goes
# wrong here is said and tried again the next time.
set -u
folder=${AUDIT:-/var/log/rollcall}
pid=${NGINX_PID:-/tmp/nginx.pid}
reopen=

for name in writes:5000000 unanswered:2000000 others:2000000 refused:2000000 verbs:1000000; do
  file=$folder/${name%:*}.log
  if [ -e "$file" ]; then
    [ "$(busybox stat -c %s "$file")" -le "${name#*:}" ] || { mv -f "$file" "$file.1" && reopen=yes; }
  elif [ -e "$file.1" ] && [ "$file" != "$folder/verbs.log" ]; then
    # Nginx has not heard of it the last time, and still writes to the older one.
    reopen=yes
  fi
done
[ -z "$reopen" ] || kill -USR1 "$(cat "$pid")"
[ $# -eq 0 ] || exec /bin/sh "$@"
