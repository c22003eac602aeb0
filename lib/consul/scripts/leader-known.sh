#!/bin/sh
# leader-known.sh: healthy while the cluster, seen from here, has a leader. The endpoint answers 200 with an empty
# string when there is none, so its body is what counts. It needs no token.
set -eu
# No "wget -T": the busybox of Debian 12 crashes on it.
leader=$(busybox timeout 5 busybox wget -q -O - http://127.0.0.1:8500/v1/status/leader)
[ "$leader" != '""' ] || { echo "no leader is known"; exit 1; }
