#!/usr/bin/env bash
# Builds programs out of a pinned module and keeps them until the pin changes.
#
#   go-build.sh [-l LDFLAGS] MODULE_DIR OUTPUT_DIR NAME=PACKAGE...
#
# Each NAME=PACKAGE becomes OUTPUT_DIR/NAME, built for this machine from the go.mod in MODULE_DIR. A stamp beside it
# holds what it was built from, so that a second run does nothing, whatever the files' times say.
# Modules are all that is ever downloaded, and only by the go command.
set -euo pipefail

heartbeat_seconds=15
here=$(cd "$(dirname "$0")" && pwd)

ldflags='-s -w'
if [ "${1:-}" = -l ]; then
  ldflags="$ldflags $2"
  shift 2
fi
if [ $# -lt 3 ]; then
  echo "usage: $0 [-l LDFLAGS] MODULE_DIR OUTPUT_DIR NAME=PACKAGE..." >&2
  exit 2
fi
module=$1
mkdir -p "$2"
output=$(cd "$2" && pwd)
shift 2

"$here/check-go.sh"

# A cross-compiling caller (GOOS, GOARCH) still needs tools for its own machine, and a go.work of the user's has no say
# in what is pinned here. Without cgo the result is the same with and without a C compiler.
host_go() {
  env -u GOOS -u GOARCH GOWORK=off CGO_ENABLED=0 go "$1" -C "$module" "${@:2}"
}

toolchain=$(host_go env GOVERSION GOOS GOARCH | tr '\n' ' ')
pins=$(cat "$module/go.mod" "$module/go.sum" | cksum)
stamp() { # of what the program of package $1 is built
  printf '%s %s %s %s' "$1" "$ldflags" "$toolchain" "$pins"
}

todo=()
for program in "$@"; do
  name=${program%%=*}
  if [ ! -x "$output/$name" ] || [ "$(cat "$output/.$name.stamp" 2>/dev/null)" != "$(stamp "${program#*=}")" ]; then
    todo+=("$program")
  fi
done
[ ${#todo[@]} -gt 0 ] || exit 0

# Built beside its place and moved there: nobody ever runs a half-written program, and two makes at once do no harm.
work=$(mktemp -d "$output/.build.XXXXXX")
heartbeat=''
stop_heartbeat() {
  [ -z "$heartbeat" ] || { kill "$heartbeat" && wait "$heartbeat"; } 2>/dev/null || true
  heartbeat=''
}
cleanup() {
  stop_heartbeat
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

beat() { # a line now and then while program $1 is built; the log of go build -v has a line per compiled package
  local started=$SECONDS
  # A sleep that outlives its shell must not hold on to a pipe that somebody reads.
  while sleep "$heartbeat_seconds" </dev/null >/dev/null 2>&1; do
    echo "  $1: $((SECONDS - started)) s, $(wc -l <"$work/log" | tr -d ' ') packages compiled"
  done
}

for program in "${todo[@]}"; do
  name=${program%%=*} package=${program#*=}
  started=$SECONDS
  echo "Building $name from ${package} (kept in ${output#"$PWD"/} until its version changes)"
  : >"$work/log"
  beat "$name" &
  heartbeat=$!
  if ! host_go build -mod=readonly -v -ldflags "$ldflags" -o "$work/$name" "$package" >"$work/log" 2>&1; then
    tail -n 40 "$work/log" >&2
    echo "error: $name could not be built, see above. Modules come through the go command: check GOPROXY and the disk" >&2
    exit 1
  fi
  stop_heartbeat
  mv "$work/$name" "$output/$name"
  stamp "$package" >"$output/.$name.stamp"
  echo "  $name: done in $((SECONDS - started)) s"
done
