# What this project is built, tested and tried with. `make` alone lists the targets.
# Go, git and make are all that is needed: tools and the local control plane are built from Go modules.

# --- Versions: all pins live in the go.mod files under hack/, this block only reads them. ----------------------------
pin = $(shell sed -n 's|.*$(2) \(v[0-9][^ ]*\).*|\1|p' hack/$(1)/go.mod | head -n 1)

KUBERNETES_VERSION     := $(call pin,kubernetes,k8s.io/kubernetes)
OLDEST_VERSION         := $(call pin,kubernetes-oldest,k8s.io/kubernetes)
ETCD_VERSION           := $(call pin,etcd,go.etcd.io/etcd/server/v3)
CONTROLLER_GEN_VERSION := $(call pin,controller-gen,sigs.k8s.io/controller-tools)
GOLANGCI_LINT_VERSION  := $(call pin,golangci-lint,github.com/golangci/golangci-lint/v2)
KUSTOMIZE_VERSION      := $(call pin,kustomize,sigs.k8s.io/kustomize/kustomize/v5)
HELM_VERSION           := $(call pin,helm,helm.sh/helm/v4)

# The version the programs report and the image is tagged with.
VERSION ?= $(or $(shell git describe --tags --always --dirty 2>/dev/null),dev)

# --- Settings: override on the command line, for example `make test PKG=./internal/atlas/...` --------------------------
# Packages that `make test` runs, and flags for go test.
PKG        ?= ./...
TEST_FLAGS ?=
# Image to build and deploy, and the program that builds it. PLATFORMS (linux/amd64,linux/arm64) builds all of them.
IMG            ?= atlas-streams-operator:$(VERSION)
CONTAINER_TOOL ?= docker
PLATFORMS      ?=
SIMULATOR_IMG  ?= atlas-simulator:$(VERSION)
# The image that compiles, with its digest. ALLOW_FLOATING_BASE=1 takes one without, for builds that stay on this machine.
GO_IMAGE            ?= golang:1.26
ALLOW_FLOATING_BASE ?= 0
# Go's FIPS 140-3 module in it: off, certified, or a version.
FIPS           ?= off
# The demo: EXIT=1 ends by itself, SAMPLES applies your own manifests, SIMULATOR_PORT fixes the port of the simulator.
EXIT           ?=
SAMPLES        ?=
SIMULATOR_PORT ?=
# The bench: BENCH_ONLY runs some of its sections, the others are their sizes; the results go to BENCH_JSON.
BENCH_ONLY        ?=
BENCH_LINKS       ?=
BENCH_CONNECTIONS ?=
BENCH_STORM       ?=
BENCH_SCALE       ?=
BENCH_JSON        ?= $(BIN)/bench.json
# More flags for `make run`.
ARGS ?=

SHELL := /usr/bin/env bash
BIN   := bin

KUBECTL ?= $(or $(shell command -v kubectl 2>/dev/null),$(BIN)/k8s/kubectl)

# The same flags everywhere, also in hack/go-build.sh and in the tests that build the manager: packages that programs
# share are then compiled once.
GO_BUILD := CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)'

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets.
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nKubernetes %s (oldest %s), etcd %s, controller-gen %s, golangci-lint %s, kustomize %s, helm %s\n' \
		$(KUBERNETES_VERSION) $(OLDEST_VERSION) $(ETCD_VERSION) $(CONTROLLER_GEN_VERSION) $(GOLANGCI_LINT_VERSION) $(KUSTOMIZE_VERSION) \
		$(HELM_VERSION)

##@ Try it

.PHONY: demo
demo: $(BIN)/demo ## Control plane, simulator and manager on this machine (EXIT=1, SAMPLES=path/).
	@$(BIN)/demo $(if $(filter-out 0 false no,$(EXIT)),--exit) $(if $(SAMPLES),--samples='$(SAMPLES)') \
		$(if $(SIMULATOR_PORT),--simulator-port=$(SIMULATOR_PORT))

.PHONY: recording
recording: $(BIN)/demo ## Record the demo in docs/demo.cast, for asciinema.
	@hack/record-demo.sh >$(BIN)/demo.cast && mv $(BIN)/demo.cast docs/demo.cast

.PHONY: run
run: prerequisites $(BIN)/manager kubectl ## The manager on this machine, current kube context, real Atlas (ARGS='...').
	@echo "Context: $$($(KUBECTL) config current-context) (the CRDs come from \`make install\`)"
	$(BIN)/manager --metrics-bind-address=127.0.0.1:8080 --metrics-secure=false \
		--health-probe-bind-address=127.0.0.1:8081 $(ARGS)

##@ Develop

.PHONY: test
test: prerequisites control-plane $(if $(filter ./...,$(PKG)),$(BIN)/promtool $(BIN)/helm) ## Run all tests, randomised (PKG=./..., TEST_FLAGS='-run X').
	@hack/test.sh $(PKG) -- $(TEST_FLAGS)

.PHONY: test-race
test-race: prerequisites control-plane ## Run the suites of whole managers with the race detector.
	@hack/test.sh ./internal/controller ./internal/manager ./internal/testenv ./operatortest -- $(TEST_FLAGS)

.PHONY: test-image
test-image: prerequisites control-plane ## Run the tests of the images and of a release (compiles the manager for each platform).
	@RACE=no hack/test.sh ./test/image -- $(TEST_FLAGS)

.PHONY: test-charts
test-charts: prerequisites control-plane $(BIN)/helm $(BIN)/kustomize ## Run the tests of the Helm charts, the static install and their docs.
	@cd test/charts && RACE=no ../../hack/test.sh . -- -count=1 $(TEST_FLAGS)

# The API server is the point, so KUBEBUILDER_ASSETS of the environment has no say. All but it comes from bin/k8s.
OLDEST := $(BIN)/k8s-oldest
.PHONY: test-oldest
test-oldest: prerequisites $(BIN)/helm $(BIN)/kustomize ## Run the tests that depend most on the API server, on the oldest Kubernetes.
	@unset KUBEBUILDER_ASSETS && hack/control-plane.sh etcd kubectl kube-controller-manager && \
		hack/control-plane.sh -k hack/kubernetes-oldest $(OLDEST) kube-apiserver
	@$(OLDEST)/kube-apiserver --version
	@export KUBEBUILDER_ASSETS='$(CURDIR)/$(OLDEST)' && hack/test.sh ./api/... ./test/permissions ./test/crash -- $(TEST_FLAGS) && \
		cd test/charts && ../../hack/test.sh . -- -count=1 -run '^TestStaticInstall' $(TEST_FLAGS)

.PHONY: crash
crash: prerequisites control-plane ## Kill the manager at every call it makes, and count what is in Atlas (CRASH_POINTS='NAMES').
	@set -o pipefail; CRASH_POINTS="$${CRASH_POINTS:-all}" hack/test.sh ./test/crash -- -v | grep --line-buffered -v '^=== '

.PHONY: soak
soak: prerequisites control-plane ## Kill the manager 1,000 times while an adversary and people interfere, and count (SOAK_SEED=N SOAK_KILLS=N).
	@SOAK="$${SOAK:-full}" hack/test.sh ./test/soak -- -v -count=1 -timeout=0

.PHONY: bench
bench: prerequisites control-plane $(BIN)/manager ## Measure what the operator costs (BENCH_ONLY=connections,links,storm,scale BENCH_SCALE=10000).
	@$(GO_BUILD) -o $(BIN)/bench ./test/bench
	@$(BIN)/bench --json=$(BENCH_JSON) $(if $(BENCH_ONLY),--only='$(BENCH_ONLY)') $(if $(BENCH_LINKS),--links=$(BENCH_LINKS)) \
		$(if $(BENCH_CONNECTIONS),--connections=$(BENCH_CONNECTIONS)) $(if $(BENCH_STORM),--storm=$(BENCH_STORM)) \
		$(if $(BENCH_SCALE),--scale=$(BENCH_SCALE))

.PHONY: test-node
test-node: prerequisites ## Run images and charts on a real node: root and Debian's packages, skipped elsewhere (an hour at first, then 15 min).
	@test/node/run.sh

.PHONY: fuzz
fuzz: prerequisites ## Run every fuzz target for FUZZTIME (30s) each.
	@hack/fuzz.sh $(PKG)

.PHONY: lint
lint: $(BIN)/golangci-lint ## Run the linters.
	CGO_ENABLED=0 $(BIN)/golangci-lint run
	cd test/wait && CGO_ENABLED=0 ../../$(BIN)/golangci-lint run
	cd test/gitops && CGO_ENABLED=0 ../../$(BIN)/golangci-lint run
	cd test/metrics && CGO_ENABLED=0 ../../$(BIN)/golangci-lint run
	cd test/charts && CGO_ENABLED=0 ../../$(BIN)/golangci-lint run
	cd examples/envtest && CGO_ENABLED=0 ../../$(BIN)/golangci-lint run

.PHONY: generate
generate: $(BIN)/controller-gen ## Generate the deep copies of the API types.
	$(BIN)/controller-gen object paths=./api/...

.PHONY: manifests
manifests: $(BIN)/controller-gen ## Generate the CRDs and the RBAC role from the markers in the code.
	$(BIN)/controller-gen crd paths=./api/... output:crd:dir=config/crd/bases
	$(BIN)/controller-gen rbac:roleName=manager-role paths=./internal/kinds/... paths=./internal/lifecycle/... output:rbac:dir=config/rbac
	@go run ./hack/charts

.PHONY: charts
charts: ## Generate what the charts take from the CRDs and config/rbac.
	@go run ./hack/charts

.PHONY: dist
dist: $(BIN)/kustomize ## Generate dist/install.yaml, the static install of the release in charts/.
	@hack/dist.sh

.PHONY: verify
verify: $(BIN)/controller-gen $(BIN)/kustomize ## Check that formatting, go.mod and all that is generated are up to date.
	@hack/verify.sh

##@ Build and deploy

.PHONY: build
build: $(BIN)/manager $(BIN)/atlas-simulator ## Build bin/manager and bin/atlas-simulator.

IMAGE_BUILD = $(CONTAINER_TOOL) $(if $(PLATFORMS),buildx build --platform=$(PLATFORMS),build) --build-arg GO_IMAGE=$(GO_IMAGE) \
	--build-arg ALLOW_FLOATING_BASE=$(ALLOW_FLOATING_BASE) --build-arg VERSION=$(VERSION)

.PHONY: image
image: ## Build the image IMG (GO_IMAGE=golang:1.26@sha256:..., PLATFORMS=linux/amd64,linux/arm64 for several, FIPS=certified).
	$(IMAGE_BUILD) --build-arg GOFIPS140=$(FIPS) --tag $(IMG) .

.PHONY: simulator-image
simulator-image: ## Build the image SIMULATOR_IMG of the simulator (the same settings as image).
	$(IMAGE_BUILD) --target simulator --tag $(SIMULATOR_IMG) .

.PHONY: reproducible
reproducible: prerequisites ## Build the image's manager twice, the second time from nothing, and compare (minutes).
	@IMAGE_REBUILD=1 hack/test.sh ./test/image -- -run TestBinary -v -count=1 -timeout=60m

.PHONY: install
install: kubectl ## Install the CRDs into the current kube context.
	$(KUBECTL) apply --server-side -f config/crd/bases

.PHONY: deploy
deploy: kubectl $(BIN)/kustomize ## Deploy CRDs and operator, with image IMG, into the current kube context.
	@rm -rf $(BIN)/deploy && mkdir -p $(BIN)/deploy
	@cd $(BIN)/deploy && ../kustomize create --resources ../../config/default && \
		../kustomize edit set image controller=$(IMG)
	$(BIN)/kustomize build $(BIN)/deploy | $(KUBECTL) apply --server-side -f -

##@ Tools

.PHONY: control-plane
control-plane: ## Build etcd, kube-apiserver, kube-controller-manager and kubectl (minutes, once; KUBEBUILDER_ASSETS wins).
	@hack/control-plane.sh

.PHONY: tools
tools: $(BIN)/controller-gen $(BIN)/golangci-lint $(BIN)/kustomize $(BIN)/helm $(BIN)/promtool ## Build the development tools.

.PHONY: helm
helm: $(BIN)/helm ## Build bin/helm.

.PHONY: clean
clean: ## Remove all that was built.
	rm -rf $(BIN)

.PHONY: prerequisites
prerequisites:
	@hack/check-go.sh git

.PHONY: kubectl
kubectl:
	@$(if $(filter $(BIN)/%,$(KUBECTL)),hack/control-plane.sh kubectl)

# The go command knows best what is up to date, and go-build.sh keeps a stamp: both are always asked.
.PHONY: $(BIN)/manager $(BIN)/atlas-simulator $(BIN)/demo $(BIN)/controller-gen $(BIN)/golangci-lint $(BIN)/kustomize \
	$(BIN)/helm $(BIN)/promtool

$(BIN)/manager $(BIN)/atlas-simulator: prerequisites
	@$(GO_BUILD) -o $@ ./cmd/$(notdir $@)

# The demo, and all that it runs.
$(BIN)/demo: prerequisites
	@hack/control-plane.sh -i etcd kube-apiserver kubectl
	@[ -x $@ ] || echo "Compiling the manager, the simulator and the demo: about 3 minutes on two cores, once."
	@$(GO_BUILD) -o $(BIN)/ ./cmd/manager ./cmd/atlas-simulator ./hack/demo

$(BIN)/controller-gen:
	@hack/go-build.sh hack/controller-gen $(BIN) controller-gen=sigs.k8s.io/controller-tools/cmd/controller-gen

$(BIN)/golangci-lint:
	@hack/go-build.sh hack/golangci-lint $(BIN) golangci-lint=github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(BIN)/kustomize:
	@hack/go-build.sh hack/kustomize $(BIN) kustomize=sigs.k8s.io/kustomize/kustomize/v5

$(BIN)/helm:
	@hack/go-build.sh hack/helm $(BIN) helm=helm.sh/helm/v4/cmd/helm

# Of what promtool can find targets with, none is needed here, and it is most of what there is to compile.
$(BIN)/promtool:
	@GOFLAGS="$(GOFLAGS) -tags=remove_all_sd" hack/go-build.sh hack/promtool $(BIN) promtool=github.com/prometheus/prometheus/cmd/promtool
