# Two images, each of one static binary: the manager (with CA certificates), which is built by default, and the simulator
# of Atlas (--target simulator). Several platforms at once:
#   docker buildx build --platform=linux/amd64,linux/arm64 --build-arg GO_IMAGE=golang:1.26@sha256:... --build-arg VERSION=v1.2.3 .
# With Go's FIPS 140-3 module:
#   docker build --build-arg GO_IMAGE=golang:1.26@sha256:... --build-arg GOFIPS140=v1.0.0 .

# The image that compiles: golang:1.26@sha256:... or a mirror of it, with the digest. What is trusted as a certificate
# authority comes from it too: an image with a private authority makes a manager that trusts that authority.
ARG GO_IMAGE=golang:1.26

# Compiled on the builder's own platform for the wanted one, which is much faster than emulation.
FROM --platform=$BUILDPLATFORM $GO_IMAGE AS modules
ARG GO_IMAGE
# 1 takes an image without a digest, for a build that stays on your machine.
ARG ALLOW_FLOATING_BASE=0
RUN echo "$GO_IMAGE" | grep -Eq '@sha256:[0-9a-f]{64}$' || [ "$ALLOW_FLOATING_BASE" = 1 ] || { \
    echo "error: GO_IMAGE=$GO_IMAGE has no digest: set GO_IMAGE=NAME@sha256:..., or ALLOW_FLOATING_BASE=1 for a build that stays on your machine" >&2; \
    exit 1; }
WORKDIR /src

# Modules first: they change rarely, and this layer is kept until they do.
COPY go.mod go.sum ./
ARG GOPROXY
RUN go mod download
COPY hack/build-manager.sh hack/build-manager.sh

FROM modules AS build-simulator
COPY atlastest/ atlastest/
COPY cmd/atlas-simulator/ cmd/atlas-simulator/
ARG TARGETOS
ARG TARGETARCH
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH hack/build-manager.sh /out/atlas-simulator atlas-simulator

FROM scratch AS simulator
ARG VERSION=dev
LABEL org.opencontainers.image.title="atlas-simulator" \
      org.opencontainers.image.description="Simulator of the MongoDB Atlas endpoints that atlas-streams-operator uses" \
      org.opencontainers.image.version="$VERSION"
COPY --from=build-simulator /out/atlas-simulator /atlas-simulator
USER 65532:65532
ENTRYPOINT ["/atlas-simulator"]

FROM modules AS build
COPY api/ api/
COPY cmd/manager/ cmd/manager/
COPY internal/ internal/
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
ARG GOFIPS140=off
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH VERSION=$VERSION GOFIPS140=$GOFIPS140 hack/build-manager.sh /out/manager

FROM scratch AS manager
ARG VERSION=dev
LABEL org.opencontainers.image.title="atlas-streams-operator" \
      org.opencontainers.image.description="Networking and connections of MongoDB Atlas Stream Processing as Kubernetes resources" \
      org.opencontainers.image.version="$VERSION"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/manager /manager
# A number, so that Kubernetes can tell that it is not root (runAsNonRoot).
USER 65532:65532
ENTRYPOINT ["/manager"]
