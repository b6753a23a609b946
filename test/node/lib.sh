# shellcheck shell=bash disable=SC2034,SC2154,SC2086
# What the steps share. Sourced by run.sh.

current_step=prerequisites

step() { # TITLE FUNCTION: runs it, and says how long it took
  local started=$SECONDS
  current_step=$1
  printf '\n==> %s\n' "$1"
  "$2"
  printf '    %d s\n' $((SECONDS - started))
}

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

await() { # SECONDS WHAT COMMAND...: until it succeeds
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || fail "$what: not within the time; last: $("$@" 2>&1 | tail -n 3)"
    sleep 0.5
  done
}

equal() { # WHAT WANT GOT
  [ "$2" = "$3" ] || fail "$1: want $2, got $3"
}

# Runs a command on the machine of the test, as an administrator of its cluster.
on() {
  nsenter --target "$(cat "$NODE_RUN/init.pid")" --net --mount --pid --uts --ipc --wd="$PWD" -- \
    env KUBECONFIG="$NODE_RUN/pki/admin.kubeconfig" "$@"
}

k() { on kubectl "$@"; }

background() { # NAME COMMAND...: on the machine, until that ends
  local name=$1
  shift
  on setsid "$@" </dev/null >"$NODE_RUN/logs/$name.log" 2>&1 &
}

show_logs() {
  local log
  for log in "$NODE_RUN"/logs/*.log; do
    [ -s "$log" ] && printf -- '--- %s\n' "${log##*/}" && tail -n 15 "$log" | cut -c1-300
  done >&2
  [ ! -e "$NODE_RUN/init.pid" ] || k get pods --all-namespaces --output wide >&2 || true
}
