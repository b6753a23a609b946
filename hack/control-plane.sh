#!/usr/bin/env bash
# Builds the local Kubernetes control plane into bin/k8s: the given programs, or all of them.
#
#   control-plane.sh [-i] [-k MODULE_DIR OUTPUT_DIR] [etcd] [kube-apiserver] [kubectl] [kube-controller-manager]
#
# With -k it is the Kubernetes of another module, and in another directory.
# What KUBEBUILDER_ASSETS has is not built: internal/testenv looks there first, one program at a time. With -i neither is
# what setup-envtest has installed, where internal/testenv looks last.
set -euo pipefail

hack=$(cd "$(dirname "$0")" && pwd)

kubernetes_version() { # of the module in directory $1
  sed -n 's|.*k8s.io/kubernetes v|v|p' "$1/go.mod" | head -n 1
}

newest_installed() { # the newest directory of setup-envtest for this machine, unless its Kubernetes is too old
  local store newest oldest platform
  store=${XDG_DATA_HOME:-${HOME:-}/.local/share}/kubebuilder-envtest/k8s
  [ "$(uname)" != Darwin ] || store="${HOME:-}/Library/Application Support/io.kubebuilder.envtest/k8s"
  platform=$(go env GOHOSTOS GOHOSTARCH | paste -sd - -)
  newest=$(cd "$store" 2>/dev/null && ls -d -- *-"$platform" 2>/dev/null | sort -V | tail -n 1) || true
  oldest=$(kubernetes_version "$hack/kubernetes-oldest")
  if [ -n "$newest" ] && printf '%s\n' "${oldest#v}" "${newest%-"$platform"}" | sort -VC; then
    echo "$store/$newest"
  fi
}

module=$hack/kubernetes output=$hack/../bin/k8s installed=''
if [ "${1:-}" = -i ]; then
  installed=$(newest_installed)
  shift
fi
if [ "${1:-}" = -k ]; then
  module=$2 output=$3
  shift 3
fi
[ $# -gt 0 ] || set -- etcd kube-apiserver kubectl kube-controller-manager

version=$(kubernetes_version "$module")
minor=${version#v1.}
minor=${minor%%.*}
version_package=k8s.io/component-base/version
kubernetes_ldflags="-X $version_package.gitVersion=$version -X $version_package.gitMajor=1 -X $version_package.gitMinor=$minor"

kubernetes=() etcd=() missing=()
for name in "$@"; do
  if [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/$name" ]; then
    continue
  fi
  if [ -n "$installed" ] && [ -x "$installed/$name" ] && [ ! -x "$output/$name" ]; then
    echo "Using $installed/$name"
    continue
  fi
  [ -x "$output/$name" ] || missing+=("$name")
  case "$name" in
    etcd) etcd+=("$name=go.etcd.io/etcd/server/v3") ;;
    *) kubernetes+=("$name=k8s.io/kubernetes/cmd/$name") ;;
  esac
done

if [ ${#missing[@]} -gt 0 ]; then
  echo "Compiling ${missing[*]} (Kubernetes $version) from Go modules: 10 to 30 minutes on two cores, once."
fi
if [ ${#etcd[@]} -gt 0 ]; then
  "$hack/go-build.sh" "$hack/etcd" "$output" "${etcd[@]}"
fi
if [ ${#kubernetes[@]} -gt 0 ]; then
  "$hack/go-build.sh" -l "$kubernetes_ldflags" "$module" "$output" "${kubernetes[@]}"
fi
