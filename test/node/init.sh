#!/usr/bin/env bash
# The first process of the machine: mounts, sysctls and the network that only this machine has. NODE_RUN is where all of
# it is kept.
set -eu
hostname node1
mount --make-rshared /
while read -r name path; do
  mkdir -p "$NODE_RUN/$name" "$path"
  mount --bind "$NODE_RUN/$name" "$path"
done <<'PATHS'
kubelet /var/lib/kubelet
containerd /var/lib/containerd
log-pods /var/log/pods
log-containers /var/log/containers
cni /etc/cni/net.d
cni-state /var/lib/cni
PATHS
for path in /run/containerd /run/netns; do
  mkdir -p $path
  mount -t tmpfs tmpfs $path
done
# What the kubelet would set for the whole machine stays in here.
mkdir -p "$NODE_RUN/sysctl"
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
  kernel/keys/root_maxbytes; do
  copy=$NODE_RUN/sysctl/${setting//\//.}
  cat "/proc/sys/$setting" >"$copy"
  mount --bind "$copy" "/proc/sys/$setting"
done
ip link set lo up
ip link add node0 type veth peer name node0p
ip addr add 10.77.0.1/24 dev node0
ip link set node0 up
ip link set node0p up
ip route add default via 10.77.0.254 dev node0 # kubelet and API server look for one
sysctl -qw net.ipv4.ip_forward=1
touch "$NODE_RUN/ready"
trap 'exit 0' TERM
while :; do
  sleep 3600 &
  wait $! || true
done
