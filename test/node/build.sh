# shellcheck shell=bash disable=SC2034,SC2154,SC2086
# Programs and images. Sourced by run.sh.

registry=registry.example.com # the charts' examples name it; nothing is pulled
tag=$(sed -n 's/^appVersion: //p' charts/atlas-streams-operator/Chart.yaml)
pause_image=registry.example.com/pause:1

build_programs() {
  local pin
  for pin in kubernetes kubernetes-node; do
    sed -n 's|^require k8s.io/kubernetes ||p; s|^\tk8s.io/kubernetes ||p' "hack/$pin/go.mod"
  done | sort -u | { [ "$(wc -l)" = 1 ] || fail 'hack/kubernetes and hack/kubernetes-node have different versions of Kubernetes'; }
  unset KUBEBUILDER_ASSETS # a release of Kubernetes for all of its programs
  hack/control-plane.sh
  hack/control-plane.sh -k hack/kubernetes-node "$NODE_BIN" kubelet kube-scheduler kube-proxy
  local containerd=github.com/containerd/containerd/v2
  hack/go-build.sh hack/containerd "$NODE_BIN" containerd=$containerd/cmd/containerd \
    containerd-shim-runc-v2=$containerd/cmd/containerd-shim-runc-v2 ctr=$containerd/cmd/ctr
  hack/go-build.sh hack/helm bin helm=helm.sh/helm/v4/cmd/helm
}

build_images() { # in directories that ./... of the go command does not enter
  export CONTAINERS_STORAGE_CONF=$NODE_BIN/storage.conf BUILDAH_ISOLATION=chroot
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$NODE_BIN/.images" "$NODE_BIN/.images-run" \
    >"$CONTAINERS_STORAGE_CONF"
  buildah inspect --type image localhost/go:1 >/dev/null 2>&1 || make_go_image
  local program settings=(CONTAINER_TOOL=buildah GO_IMAGE=localhost/go:1 ALLOW_FLOATING_BASE=1 "VERSION=$tag")
  make image "${settings[@]}" IMG="$registry/atlasstreams/atlas-streams-operator:$tag"
  make simulator-image "${settings[@]}" SIMULATOR_IMG="$registry/atlasstreams/atlas-simulator:$tag"
  make_pause_image
  rm -f "$NODE_RUN"/*.tar
  for program in "atlasstreams/atlas-streams-operator:$tag" "atlasstreams/atlas-simulator:$tag" "${pause_image#*/}"; do
    buildah push -q "$registry/$program" "oci-archive:$NODE_RUN/$(basename "${program%:*}").tar:$registry/$program"
  done
}

# A stand-in for golang: Debian, and the Go of this machine. Where modules come from, and whom to trust there, are the
# machine's settings too.
make_go_image() {
  local container root
  container=$(buildah from scratch)
  root=$(buildah mount "$container")
  debootstrap --variant=minbase --include=ca-certificates,git "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root" \
    >"$NODE_RUN/logs/debootstrap.log" 2>&1
  cp -a "$(go env GOROOT)" "$root/usr/local/go"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  buildah umount "$container" >/dev/null
  buildah config --env PATH=/usr/local/go/bin:/usr/bin:/bin --env GOTOOLCHAIN=local --env "GOPROXY=$(go env GOPROXY)" \
    --env "GOSUMDB=$(go env GOSUMDB)" "$container"
  buildah commit -q --rm "$container" localhost/go:1
}

make_pause_image() {
  local container
  CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$NODE_BIN/pause" ./test/node/pause
  container=$(buildah from scratch)
  buildah copy -q "$container" "$NODE_BIN/pause" /pause
  buildah config --entrypoint '["/pause"]' --user 65535:65535 "$container"
  buildah commit -q --rm "$container" "$pause_image"
}
