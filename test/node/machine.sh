# shellcheck shell=bash disable=SC2034,SC2154,SC2086
# A machine of its own, and Kubernetes on it: namespaces for network, mounts, processes, host name and IPC, in which all
# programs run. Killing its first process ends everything. Sourced by run.sh.

cgroup_roots() { # of v2, or the controllers of v1 and the tree of systemd
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    echo /sys/fs/cgroup
  else
    find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d
  fi
}

can_make_cgroups() {
  local root
  for root in $(cgroup_roots); do
    mkdir "$root/$NODE_CGROUP-try" 2>/dev/null && rmdir "$root/$NODE_CGROUP-try" || return 1
  done
}

start_machine() {
  local root file outer
  for root in $(cgroup_roots); do mkdir -p "$root/$NODE_CGROUP"; done
  for file in cpuset.cpus cpuset.mems; do # v1 begins with none
    [ ! -e /sys/fs/cgroup/cpuset/$file ] || cat /sys/fs/cgroup/cpuset/$file >"/sys/fs/cgroup/cpuset/$NODE_CGROUP/$file"
  done
  # nsenter, not `ip netns exec`, is what goes in: the latter hides the cgroups.
  setsid unshare --net --mount --pid --fork --uts --ipc --mount-proc --propagation private test/node/init.sh \
    </dev/null >"$NODE_RUN/logs/init.log" 2>&1 &
  outer=$!
  await 20 'the machine' test -e "$NODE_RUN/ready"
  pgrep -P $outer >"$NODE_RUN/init.pid"
}

stop_machine() {
  local init root
  if init=$(cat "$NODE_RUN/init.pid" 2>/dev/null) && grep -q test/node/init.sh "/proc/$init/cmdline" 2>/dev/null; then
    kill -KILL "$init" || true
    for _ in $(seq 50); do
      [ -e "/proc/$init" ] || break
      sleep 0.2
    done
  fi
  for root in $(cgroup_roots); do
    for _ in 1 2 3; do # what has just ended may still be in one
      [ ! -d "$root/$NODE_CGROUP" ] || find "$root/$NODE_CGROUP" -depth -type d -exec rmdir {} \; 2>/dev/null || sleep 0.5
    done
  done
  rm -rf "$NODE_RUN"
}

start_control_plane() {
  local etcd=http://127.0.0.1:2379 services=10.96.0.0/16
  background etcd etcd --data-dir="$NODE_RUN/etcd" --unsafe-no-fsync --listen-client-urls=$etcd --advertise-client-urls=$etcd
  background kube-apiserver kube-apiserver --etcd-servers=$etcd --advertise-address=$address --bind-address=0.0.0.0 \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --kubelet-client-certificate="$pki/kubelet-client.crt" --kubelet-client-key="$pki/kubelet-client.key" \
    --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --service-account-key-file="$pki/sa.pub" --service-account-signing-key-file="$pki/sa.key" \
    --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=$services \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction
  await 120 'the API server' k get --raw /readyz
  local program config
  for program in controller-manager scheduler; do
    config=$pki/$program.kubeconfig
    local flags=(--kubeconfig="$config" --authentication-kubeconfig="$config" --authorization-kubeconfig="$config" \
      --bind-address=127.0.0.1 --leader-elect=false)
    [ $program = scheduler ] || flags+=(--service-account-private-key-file="$pki/sa.key" --root-ca-file="$pki/ca.crt" \
      --use-service-account-credentials)
    background kube-$program kube-$program "${flags[@]}"
  done
  await 60 'the default service account' k get serviceaccount default
}

start_node() {
  write_node_configuration
  background containerd containerd --config "$NODE_RUN/containerd.toml"
  await 60 containerd on ctr version
  local image
  for image in "$NODE_RUN"/*.tar; do on ctr --namespace k8s.io images import "$image" >/dev/null; done
  background kubelet kubelet --config="$NODE_RUN/kubelet.yaml" --kubeconfig="$pki/kubelet.kubeconfig" \
    --hostname-override=node1 --node-ip=$address
  background kube-proxy kube-proxy --config="$NODE_RUN/kube-proxy.yaml" --hostname-override=node1
  await 120 'the node' k get node node1
  k wait --for=condition=Ready node/node1 --timeout=180s
}

write_node_configuration() {
  local template
  for template in containerd.toml kubelet.yaml kube-proxy.yaml; do
    sed "s|@RUN@|$NODE_RUN|; s|@CGROUP@|$NODE_CGROUP|; s|@PAUSE@|$pause_image|; s|@RUNC@|$(command -v runc)|" \
      "test/node/$template" >"$NODE_RUN/$template"
  done
  cp test/node/pods.conflist "$NODE_RUN/cni/"
}
