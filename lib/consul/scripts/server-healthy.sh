#!/bin/sh
# server-healthy.sh OWN_ADDRESS [OTHER_SERVER...]
# Healthy: a leader is known and this server is one of its peers. Without a leader it is healthy only while another
# server does not exist yet (the first bootstrap), so that the apply goes on to create it.
set -eu
# No "wget -T": the busybox of Debian 12 crashes on it.
own=$1
shift
api=http://127.0.0.1:8500/v1/status

leader=$(busybox timeout 3 busybox wget -q -O - "$api/leader")
if [ "$leader" != '""' ]; then
  busybox timeout 3 busybox wget -q -O - "$api/peers" | grep -qF "\"$own:8300\"" && exit 0
  echo "a leader is known ($leader), but this server is not one of its peers yet"
  exit 1
fi
for other in "$@"; do
  busybox timeout 3 busybox nslookup "$other" >/dev/null 2>&1 || exit 0
done
echo "no leader is known, though every server has been created"
exit 1
