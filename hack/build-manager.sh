#!/bin/sh
# Builds the manager, or another program of cmd, as it is shipped: static, and the same bytes from the same sources, version, platform and Go,
# wherever they lie.
#
#   build-manager.sh OUTPUT [PROGRAM]
#   GOOS=linux GOARCH=arm64 VERSION=v1.2.3 GOFIPS140=v1.0.0 hack/build-manager.sh /out/manager
set -eu

[ $# -eq 1 ] || [ $# -eq 2 ] || {
  echo "usage: $0 OUTPUT [PROGRAM]" >&2
  exit 2
}
case "$1" in
  /*) output=$1 ;;
  *) output=$PWD/$1 ;;
esac
cd "$(dirname "$0")/.."

# What the machine or its user may have set must not show in the result.
export CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=readonly GOAMD64=v1 GOARM64=v8.0
exec go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=${VERSION:-dev}" -o "$output" "./cmd/${2:-manager}"
