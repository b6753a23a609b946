#!/usr/bin/env bash
# Builds the local Kubernetes control plane into bin/k8s: the given programs, or all of them.
#
#   control-plane.sh [-k MODULE_DIR OUTPUT_DIR] [etcd] [kube-apiserver] [kubectl] [kube-controller-manager]
#
# With -k it is the Kubernetes of another module, and in another directory.
# What KUBEBUILDER_ASSETS has is not built: internal/testenv looks there first, one program at a time.
set -euo pipefail

hack=$(cd "$(dirname "$0")" && pwd)
module=$hack/kubernetes output=$hack/../bin/k8s
if [ "${1:-}" = -k ]; then
  module=$2 output=$3
  shift 3
fi
[ $# -gt 0 ] || set -- etcd kube-apiserver kubectl kube-controller-manager

version=$(sed -n 's|.*k8s.io/kubernetes v|v|p' "$module/go.mod" | head -n 1)
minor=${version#v1.}
minor=${minor%%.*}
version_package=k8s.io/component-base/version
kubernetes_ldflags="-X $version_package.gitVersion=$version -X $version_package.gitMajor=1 -X $version_package.gitMinor=$minor"

kubernetes=() etcd=()
for name in "$@"; do
  if [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/$name" ]; then
    continue
  fi
  case "$name" in
    etcd) etcd+=("$name=go.etcd.io/etcd/server/v3") ;;
    *) kubernetes+=("$name=k8s.io/kubernetes/cmd/$name") ;;
  esac
done

if [ ${#etcd[@]} -gt 0 ]; then
  "$hack/go-build.sh" "$hack/etcd" "$output" "${etcd[@]}"
fi
if [ ${#kubernetes[@]} -gt 0 ]; then
  for program in "${kubernetes[@]}"; do
    if [ ! -x "$output/${program%%=*}" ]; then
      echo "Kubernetes $version is compiled from its Go modules the first time: allow about 5 minutes on 2 cores."
      break
    fi
  done
  "$hack/go-build.sh" -l "$kubernetes_ldflags" "$module" "$output" "${kubernetes[@]}"
fi
