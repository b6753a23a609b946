#!/usr/bin/env bash
# Runs tests in random order.
#
#   test.sh PACKAGES... [-- GO_TEST_FLAGS...]
#
# Named packages run with the race detector where there is a C compiler, unless RACE=no. For ./... it runs where goroutines share memory;
# `make test-race` runs the rest of that, which takes four times as long with it. With ./... those of test/wait,
# test/gitops, test/metrics and examples/envtest run too, which are modules of their own, and those of test/image do not:
# they compile the manager for every platform of a release.
set -euo pipefail

packages=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  packages+=("$1")
  shift
done
[ $# -eq 0 ] || shift
flags=("$@")

# Where goroutines share memory and no other process takes part.
concurrent=(./atlastest ./internal/atlas ./internal/credentials ./internal/inventory ./internal/kinds/... ./internal/lifecycle ./internal/metrics)
modules=(test/gitops test/wait test/metrics examples/envtest)

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

# Garbage is a good part of what linkers and control planes work on, and memory is there.
export GOGC=${GOGC:-400}

# Gomega waits a second by default, which is too short on a busy machine. A longer wait delays failures only.
export GOMEGA_DEFAULT_EVENTUALLY_TIMEOUT=${GOMEGA_DEFAULT_EVENTUALLY_TIMEOUT:-30s}

# A suite starts a control plane of its own and spends much of its time waiting.
processors=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
at_once=$((processors / 2))
[ "$at_once" -ge 2 ] || at_once=2

go_test() { # $1: whether with the race detector; the rest are packages, and flags for them
  local race=()
  if [ "$1" = race ] && [ "$races" = yes ]; then
    race=(-race)
  else
    local -x CGO_ENABLED=0 # as the programs are built, so that both are compiled once
  fi
  # Without symbol tables, which no failure's stack needs: linking is a fifth of all work.
  go test ${race[@]+"${race[@]}"} -ldflags='-s -w' -shuffle=on -p "$at_once" -timeout 20m ${flags[@]+"${flags[@]}"} "${@:2}"
}

test_modules() {
  local status=0 module
  for module in "${modules[@]}"; do
    # The cache does not see files beyond the module. The example finds programs as somebody outside does: by PATH and
    # KUBEBUILDER_ASSETS.
    (export PATH="$PWD/bin:$PATH" KUBEBUILDER_ASSETS="${KUBEBUILDER_ASSETS:-$PWD/bin/k8s}"
      cd "$module" && go_test plain -count=1 ./...) || status=1
  done
  return $status
}

# The suite waits most of its time and takes longest: two processes share its specs, each with a control plane and a
# simulator of its own. The command of ginkgo does not know the flags of go test.
test_controllers() {
  if [ ${#flags[@]} -gt 0 ]; then
    go_test plain ./internal/controller
  else
    CGO_ENABLED=0 go run github.com/onsi/ginkgo/v2/ginkgo run --procs=2 --randomize-all --no-color --succinct \
      --timeout=20m ./internal/controller
  fi
}

# The controllers and the modules, which use one processor at a time, run beside the others.
test_everything() {
  local status=0 others
  output=$(mktemp -d) # not local: the trap needs it
  trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$output"' EXIT
  test_controllers >"$output/controllers" 2>&1 &
  local controllers=$!
  test_modules >"$output/modules" 2>&1 &
  local modules_job=$!
  go_test race "${concurrent[@]}" -short || status=1
  # What takes longest goes first.
  others=$(go list ./test/drills ./api/... ./operatortest ./test/... ./... | awk '!listed[$0]++' |
    grep -vxF "$(go list "${concurrent[@]}" ./internal/controller ./test/image)")
  at_once=$((at_once + 1)) # they wait much
  # shellcheck disable=SC2086 # a list of packages
  go_test plain $others ./internal/atlas ./internal/lifecycle || status=1
  wait $controllers || status=1
  cat "$output/controllers"
  wait $modules_job || status=1
  cat "$output/modules"
  return $status
}

races=${RACE:-yes}
if [ "$races" = yes ] && ! c_compiler_works; then
  races=no
  echo '************************************************************************'
  echo '** No C compiler: the tests run WITHOUT the race detector.            **'
  echo '************************************************************************'
fi
if [ "${packages[*]}" = ./... ]; then
  test_everything
else
  go_test race "${packages[@]}"
fi
