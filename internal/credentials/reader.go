package credentials

import (
	"context"
	"fmt"
	"maps"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// Reader reads Secrets and ConfigMaps by name. The cache holds only their metadata; values are read live, and only if
// the metadata changed. Reader does not keep values.
type Reader struct{ Cached, Live client.Reader }

// Source is a Secret or ConfigMap at one version.
type Source struct {
	UID             types.UID
	ResourceVersion string
	Data            map[string][]byte
}

// The kinds of objects that hold values.
const (
	KindSecret    = "Secret"
	KindConfigMap = "ConfigMap"
)

// Version returns UID and resourceVersion from the metadata cache.
func (r *Reader) Version(ctx context.Context, kind string, name types.NamespacedName) (Source, *decision.Blocker, error) {
	found := &metav1.PartialObjectMetadata{}
	found.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	return read(ctx, r.Cached, found, kind, name)
}

// Values reads the Secret or ConfigMap from the API server. It uses a context without a logger, because the API client
// logs response bodies at its highest verbosity.
func (r *Reader) Values(ctx context.Context, kind string, name types.NamespacedName) (Source, *decision.Blocker, error) {
	ctx = klog.NewContext(ctx, logr.Discard())
	if kind != KindConfigMap {
		found := &corev1.Secret{}
		source, blocked, err := read(ctx, r.Live, found, kind, name)
		source.Data = found.Data
		return source, blocked, err
	}
	found := &corev1.ConfigMap{}
	source, blocked, err := read(ctx, r.Live, found, kind, name)
	source.Data = map[string][]byte{}
	maps.Copy(source.Data, found.BinaryData)
	for key, value := range found.Data {
		source.Data[key] = []byte(value)
	}
	return source, blocked, err
}

// read reads the object and returns its version, or a blocker for what users can fix.
func read(ctx context.Context, from client.Reader, object client.Object, kind string, name types.NamespacedName) (Source, *decision.Blocker, error) {
	err := from.Get(ctx, name, object)
	switch {
	case err == nil:
		return Source{UID: object.GetUID(), ResourceVersion: object.GetResourceVersion()}, nil, nil
	case apierrors.IsNotFound(err):
		reason := v1alpha1.ReasonSecretNotFound
		if kind == KindConfigMap {
			reason = v1alpha1.ReasonConfigMapNotFound
		}
		return Source{}, &decision.Blocker{Effect: decision.Missing, Reason: reason, Watched: true,
			Message: fmt.Sprintf("%s %s does not exist: create it.", kind, name)}, nil
	case apierrors.IsForbidden(err):
		return Source{}, &decision.Blocker{Effect: decision.Missing, Reason: v1alpha1.ReasonNotAllowed,
			Message: fmt.Sprintf("The operator is not allowed to read %s %s: give its service account the right to get it.", kind, name)}, nil
	default:
		return Source{}, nil, fmt.Errorf("read %s %s: %w", kind, name, err)
	}
}
