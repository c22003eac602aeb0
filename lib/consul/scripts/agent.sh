#!/bin/sh
# shellcheck disable=SC2317 # Traps and `keep` call the functions.
# agent.sh NGINX_CONFIG CONSUL [ARGUMENT...]
# What runs in the container of the shared agent: Consul, and the Nginx through which others reach its API. Where one of them
# ends it is started again after a second, and the other one goes on. SIGHUP has both read their files again, SIGTERM ends both.
set -u
run=${RUN:-/tmp}
nginx=${NGINX:-/usr/sbin/nginx}

# Tells the program that `keep` runs.
tell() { # SIGNAL
  [ -z "${program:-}" ] || kill "-$1" "$program" 2>/dev/null
}

# Runs a program, and runs it again whenever it ends.
keep() { # NAME PROGRAM [ARGUMENT...]
  name=$1
  shift
  trap 'tell HUP' HUP
  trap 'tell TERM; wait; exit' TERM
  while :; do
    "$@" &
    program=$!
    # A signal interrupts `wait`, not the program.
    while kill -0 "$program" 2>/dev/null; do wait "$program"; done
    echo "agent.sh: $name ended and is started again"
    sleep 1
  done
}

# The workers of a master that was killed live on and keep its ports, and the files of its sockets stay.
door() {
  busybox killall -q -9 nginx
  rm -f "$run"/*.sock
  exec "$nginx" -e stderr -c "$config"
}

config=$1
shift
keep consul "$@" &
consul_keeper=$!
keep nginx door &
door_keeper=$!
trap 'kill -HUP "$consul_keeper" "$door_keeper"' HUP
trap 'kill -TERM "$consul_keeper" "$door_keeper"; wait; exit 0' TERM INT
while kill -0 "$consul_keeper" 2>/dev/null && kill -0 "$door_keeper" 2>/dev/null; do wait; done
exit 1
