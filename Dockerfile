# One static binary and the CA certificates, nothing else. Several platforms at once:
#   docker buildx build --platform=linux/amd64,linux/arm64 --build-arg VERSION=v1.2.3 .
# With Go's FIPS 140-3 module:
#   docker build --build-arg GOFIPS140=v1.0.0 .

# Where there is no way to the public registries: a mirror of the Go image, and of the Go modules.
ARG GO_IMAGE=golang:1.26

# Compiled on the builder's own platform for the wanted one, which is much faster than emulation.
FROM --platform=$BUILDPLATFORM $GO_IMAGE AS build
WORKDIR /src

# Modules first: they change rarely, and this layer is kept until they do.
COPY go.mod go.sum ./
ARG GOPROXY
RUN go mod download

COPY api/ api/
COPY cmd/manager/ cmd/manager/
COPY internal/ internal/
COPY hack/build-manager.sh hack/build-manager.sh

ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
ARG GOFIPS140=off
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH VERSION=$VERSION GOFIPS140=$GOFIPS140 hack/build-manager.sh /out/manager

FROM scratch
ARG VERSION=dev
LABEL org.opencontainers.image.title="atlas-streams-operator" \
      org.opencontainers.image.description="Networking and connections of MongoDB Atlas Stream Processing as Kubernetes resources" \
      org.opencontainers.image.version="$VERSION"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/manager /manager
# A number, so that Kubernetes can tell that it is not root (runAsNonRoot).
USER 65532:65532
ENTRYPOINT ["/manager"]
