#!/usr/bin/env bash
# Runs the charts and the images on a real node: kubelet and containerd in namespaces of their own on this machine. Skips
# itself, and says what is missing, where that cannot be. Programs are kept in bin/node; what one run makes is removed.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

export NODE_BIN=$PWD/bin/node NODE_RUN=$PWD/bin/node/.run NODE_CGROUP=atlas-streams-node
# The machine's own, since Debian's programs for administrators are not on every root's PATH.
export PATH=$NODE_BIN:$PWD/bin/k8s:$PWD/bin:$PATH:/usr/sbin:/sbin

. "$here/lib.sh"
. "$here/build.sh"
. "$here/pki.sh"
. "$here/machine.sh"
. "$here/checks.sh"

skip() {
  printf 'SKIPPED: make test-node needs %s\n' "$1"
  exit 0
}

prerequisites() {
  [ "$(uname)" = Linux ] || skip "Linux; this is $(uname)"
  [ "$(id -u)" = 0 ] || skip 'root: it makes namespaces, mounts and cgroups'
  [ -e /etc/debian_version ] || skip 'Debian, or what is built from it'
  local missing='' pair
  for pair in runc:runc buildah:buildah debootstrap:debootstrap iptables:iptables openssl:openssl curl:curl ip:iproute2 \
    sysctl:procps pgrep:procps nsenter:util-linux unshare:util-linux setsid:util-linux; do
    command -v "${pair%%:*}" >/dev/null || [[ " $missing " == *" ${pair#*:} "* ]] || missing+=" ${pair#*:}"
  done
  [ -x /usr/lib/cni/bridge ] || missing+=' containernetworking-plugins'
  [ -z "$missing" ] || skip "Debian's packages$missing: apt-get install --no-install-recommends$missing"
  unshare --net --mount --pid --fork --mount-proc true 2>/dev/null || skip 'the right to make namespaces (CAP_SYS_ADMIN)'
  can_make_cgroups || skip 'cgroups that can be written to, below /sys/fs/cgroup'
}

finish() {
  local status=$?
  [ $status -eq 0 ] || show_logs
  stop_machine
  [ $status -eq 0 ] && echo 'All passed' || echo "FAILED: $current_step" >&2
}

prerequisites
trap finish EXIT
trap 'exit 130' INT TERM

stop_machine # of a run that was killed
mkdir -p "$NODE_RUN/logs"
step 'Programs (kubelet, scheduler, kube-proxy, containerd: 15 to 45 minutes on two cores, once)' build_programs
step 'Images, by the Dockerfile (5 to 10 minutes)' build_images
step 'Certificates' make_pki
step 'Machine' start_machine
step 'Control plane' start_control_plane
step 'Node' start_node
for check in $CHECKS; do
  step "Check: ${check//_/ }" "$check"
done
