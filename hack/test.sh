#!/usr/bin/env bash
# Runs the tests in random order, with the race detector where there is a C compiler. For ./... those of test/wait,
# test/gitops, test/metrics and examples/envtest run too, which are modules of their own, and those of test/image do not:
# they compile the manager for every platform of a release.
#
#   test.sh PACKAGES... [-- GO_TEST_FLAGS...]
set -euo pipefail

packages=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  packages+=("$1")
  shift
done
[ $# -eq 0 ] || shift

# The race detector needs cgo, and that a compiler with the C library's headers.
c_compiler_works() {
  [ "$(go env CGO_ENABLED)" = 1 ] || return 1
  local out
  out=$(mktemp) || return 1
  # shellcheck disable=SC2046 # CC may hold flags
  printf '#include <pthread.h>\n#include <stdlib.h>\nint main(void) { return 0; }\n' |
    $(go env CC) -x c - -o "$out" >/dev/null 2>&1
  local status=$?
  rm -f "$out"
  return $status
}

race=()
if c_compiler_works; then
  race=(-race)
else
  export CGO_ENABLED=0
  echo '************************************************************************'
  echo '** No C compiler: the tests run WITHOUT the race detector.            **'
  echo '************************************************************************'
fi

# Every suite starts a control plane of its own, so fewer run at once than there are processors, but never one by one:
# they spend much of their time waiting.
processors=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
at_once=$((processors / 2))
[ "$at_once" -ge 2 ] || at_once=2

# Ginkgo's own order is random only by a flag that other packages' tests do not know.
uses_ginkgo='{{range .TestImports}}{{if eq . "github.com/onsi/ginkgo/v2"}}{{$.ImportPath}}{{"\n"}}{{end}}{{end}}'
uses_ginkgo+='{{range .XTestImports}}{{if eq . "github.com/onsi/ginkgo/v2"}}{{$.ImportPath}}{{"\n"}}{{end}}{{end}}'
suites=$(go list -f "$uses_ginkgo" "${packages[@]}" | sort -u)
plain=$(go list "${packages[@]}" | grep -vxF "${suites:-none}" || true)
[ "${packages[*]}" != ./... ] || plain=$(grep -v '/test/image$' <<<"$plain")

run() { # go test with the common flags; the rest are packages, and flags for them
  go test ${race[@]+"${race[@]}"} -shuffle=on -p "$at_once" -timeout 20m "$@"
}

status=0
if [ -n "$plain" ]; then
  # shellcheck disable=SC2086 # a list of packages
  run "$@" $plain || status=1
fi
if [ -n "$suites" ]; then
  # shellcheck disable=SC2086
  run "$@" $suites -ginkgo.randomize-all || status=1
fi
if [ "${packages[*]}" = ./... ]; then
  for module in test/wait test/gitops test/metrics; do
    (cd "$module" && run -count=1 "$@" ./...) || status=1 # the cache does not see files beyond the module
  done
  # The example finds programs as somebody outside does: by PATH and KUBEBUILDER_ASSETS.
  (export PATH="$PWD/bin:$PATH" KUBEBUILDER_ASSETS="${KUBEBUILDER_ASSETS:-$PWD/bin/k8s}"
    cd examples/envtest && run -count=1 "$@" ./...) || status=1
fi
exit $status
