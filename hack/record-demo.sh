#!/usr/bin/env bash
# Writes what `make demo` shows, from the start until everything is Ready, as an asciinema recording (v2) to standard
# output. bin/demo and what it runs have been built. Needs bash 5.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -n "${EPOCHREALTIME:-}" ] || {
  echo "error: bash 5 or newer is needed, this is $BASH_VERSION" >&2
  exit 1
}

microseconds() { echo "${EPOCHREALTIME//[!0-9]/}"; } # the separator is the locale's

started=$(microseconds)
event() { # writes the line $1 as it is shown now
  local text=$1 passed=$(($(microseconds) - started))
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\t'/\\t}
  printf '[%d.%06d, "o", "%s\\r\\n"]\n' $((passed / 1000000)) $((passed % 1000000)) "$text"
}

printf '{"version": 2, "width": 190, "height": 40, "title": "make demo"}\n'
event '$ make demo'
bin/demo --exit | while IFS= read -r line; do
  case "$line" in *'Deleting everything') recording=over ;; esac
  [ "${recording:-}" = over ] || event "$line"
done
