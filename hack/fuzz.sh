#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other, each for FUZZTIME (default 30s). An input that fails is
# written to testdata/fuzz/ of its package: keep it, and `go test` tries it from then on.
#
#   fuzz.sh [PACKAGES...]        FUZZTIME=5m hack/fuzz.sh ./internal/atlas
set -euo pipefail
cd "$(dirname "$0")/.."
fuzztime=${FUZZTIME:-30s}

# PACKAGE TARGET of each. The sources say, so that nothing is built for packages without one.
targets() {
  go list -f '{{$p := .}}{{range .TestGoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}{{"\n"}}{{end}}{{range .XTestGoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}{{"\n"}}{{end}}' "$@" |
    while read -r package file; do
      [ -n "$package" ] || continue
      sed -n "s|^func \(Fuzz[A-Za-z0-9_]*\)(.*testing\.F).*|$package \1|p" "$file"
    done
}

found=$(targets "${@:-./...}")
[ -n "$found" ] || {
  echo 'error: no fuzz targets found' >&2
  exit 1
}

status=0
failed=''
while read -r package target; do
  echo "== $target ($package, $fuzztime)"
  # Few tries to shrink an input: the minute that each may take otherwise would leave no time for new ones.
  go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" -fuzzminimizetime 100x </dev/null || {
    status=1
    failed+=" $target"
  }
done <<<"$found"

[ $status -eq 0 ] || echo "error: failed:$failed" >&2
exit $status
