#!/usr/bin/env bash
# Fails, and shows the difference, where something in the tree is not what its source makes of it: formatting, go.mod,
# the deep copies, the CRDs, the RBAC role. Changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

stale() { # $1: what; $2: what brings it up to date
  echo "error: $1 not up to date: run \`$2\` and commit the result" >&2
  status=1
}

echo "gofmt"
unformatted=$(git ls-files --cached --others --exclude-standard '*.go' | while IFS= read -r file; do
  [ ! -f "$file" ] || gofmt -l "$file"
done)
[ -z "$unformatted" ] || {
  echo "$unformatted"
  stale "the formatting is" "gofmt -w ."
}

echo "go mod tidy"
go mod tidy -diff || stale "go.mod or go.sum is" "go mod tidy"
(cd test/wait && go mod tidy -diff) || stale "go.mod or go.sum of test/wait is" "cd test/wait && go mod tidy"
(cd test/gitops && go mod tidy -diff) || stale "go.mod or go.sum of test/gitops is" "cd test/gitops && go mod tidy"
(cd test/metrics && go mod tidy -diff) || stale "go.mod or go.sum of test/metrics is" "cd test/metrics && go mod tidy"
(cd test/charts && go mod tidy -diff) || stale "go.mod or go.sum of test/charts is" "cd test/charts && go mod tidy"
(cd examples/envtest && go mod tidy -diff) || stale "go.mod or go.sum of examples/envtest is" "cd examples/envtest && go mod tidy"

echo "generate"
bin/controller-gen object paths=./api/... output:object:dir="$scratch/object"
diff -u api/v1alpha1/zz_generated.deepcopy.go "$scratch/object/zz_generated.deepcopy.go" ||
  stale "the deep copies are" "make generate"

echo "manifests"
bin/controller-gen crd paths=./api/... output:crd:dir="$scratch/crd"
diff -ru config/crd/bases "$scratch/crd" || stale "the CRDs are" "make manifests"
bin/controller-gen rbac:roleName=manager-role paths=./internal/kinds/... paths=./internal/lifecycle/... output:rbac:dir="$scratch/rbac"
diff -u config/rbac/role.yaml "$scratch/rbac/role.yaml" || stale "the RBAC role is" "make manifests"

for file in config/crd/bases/*.yaml; do
  grep -q "bases/$(basename "$file")" config/crd/kustomization.yaml || {
    echo "error: config/crd/kustomization.yaml does not list bases/$(basename "$file")" >&2
    status=1
  }
done

echo "charts"
go run ./hack/charts "$scratch/charts"
(cd "$scratch/charts" && find . -type f) | while IFS= read -r file; do
  diff -u "charts/$file" "$scratch/charts/$file" || exit 1
done || stale "what the charts take from elsewhere is" "make charts"
diff -r config/crd/bases charts/atlas-streams-crds/files || stale "charts/atlas-streams-crds is" "make charts"

echo "dist"
hack/dist.sh "$scratch/dist"
diff -ru dist "$scratch/dist" || stale "dist is" "make dist"

echo "kustomize build config/default"
bin/kustomize build config/default >/dev/null || {
  echo "error: config/default does not render" >&2
  status=1
}

exit $status
