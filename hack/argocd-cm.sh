#!/usr/bin/env bash
# Writes gitops/argocd/argocd-cm.yaml: health.lua for each of our kinds.
set -euo pipefail
cd "$(dirname "$0")/../gitops/argocd"

{
  sed '/^data:$/q' argocd-cm.yaml
  sed -n 's/^    kind: //p' ../../config/crd/bases/*.yaml | sort | while read -r kind; do
    echo "  resource.customizations.health.atlasstreams.io_$kind: |"
    sed 's/^./    &/' health.lua
  done
} >argocd-cm.yaml.new
mv argocd-cm.yaml.new argocd-cm.yaml
