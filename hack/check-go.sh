#!/usr/bin/env bash
# Says in one clear line what is missing before anything is built: the go command, new enough, and the tools named as
# arguments (git, make, ...).
set -euo pipefail

needed_minor=26

fail() {
  printf 'error: %s\n' "$@" >&2
  exit 1
}

command -v go >/dev/null 2>&1 ||
  fail "the go command is not on the PATH; Go 1.$needed_minor or newer is needed (https://go.dev/doc/install)"

# Asked outside of any module: inside one, a Go that is too old refuses to answer at all.
version=$(cd / && GOWORK=off go env GOVERSION)
minor=$(printf '%s' "$version" | sed -n 's/^go1\.\([0-9][0-9]*\).*/\1/p')
case "$version" in
  devel*) minor=$needed_minor ;; # a Go built from source knows its own mind
esac

if [ -z "$minor" ] || [ "$minor" -lt "$needed_minor" ]; then
  # With GOTOOLCHAIN=auto an older go command fetches the version that go.mod asks for by itself.
  toolchain=$(cd / && go env GOTOOLCHAIN)
  case "$toolchain" in
    auto | *+auto | path | *+path) [ "${minor:-0}" -ge 21 ] && toolchain=switches ;;
  esac
  [ "$toolchain" = switches ] ||
    fail "Go 1.$needed_minor or newer is needed, this is $version with GOTOOLCHAIN=$toolchain" \
      "install a newer Go, or let it fetch one: export GOTOOLCHAIN=auto"
fi

for tool in "$@"; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is needed and is not on the PATH"
done
