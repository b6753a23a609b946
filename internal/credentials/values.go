package credentials

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
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

// The keys of a credentials Secret, equal to those of the official MongoDB operator.
const (
	keyClientID      = "clientId"
	keyClientSecret  = "clientSecret"
	keyPublicAPIKey  = "publicApiKey"
	keyPrivateAPIKey = "privateApiKey"
	// KeyProjectIDs limits default credentials to projects.
	KeyProjectIDs = "projectIds"
)

// parse reads the credentials of a Secret and the projects that they are limited to.
func parse(name types.NamespacedName, source Source) (*remembered, *decision.Blocker) {
	values := map[string]string{}
	for _, key := range []string{keyClientID, keyClientSecret, keyPublicAPIKey, keyPrivateAPIKey, KeyProjectIDs} {
		value, err := TextOf(source.Data[key])
		if err != nil && !errors.Is(err, errEmpty) {
			return nil, KeyBlocker("Secret %s: the value of the key %s %v: correct it.", name, key, err)
		}
		values[key] = value
	}
	if wrong := incomplete(values, source.Data); wrong != "" {
		return nil, KeyBlocker("Secret %s %s: put %s and %s of a service account there, or %s and %s of an API key.",
			name, wrong, keyClientID, keyClientSecret, keyPublicAPIKey, keyPrivateAPIKey)
	}
	id, secret, isAPIKey := values[keyClientID], values[keyClientSecret], false
	if id == "" || secret == "" {
		id, secret, isAPIKey = values[keyPublicAPIKey], values[keyPrivateAPIKey], true
	}
	found := &remembered{
		uid: source.UID, resourceVersion: source.ResourceVersion,
		credentials: atlas.Credentials{APIKey: isAPIKey, ID: id, Secret: atlas.NewSecret(secret)},
	}
	for project := range strings.SplitSeq(values[KeyProjectIDs], ",") {
		if project = strings.TrimSpace(project); project != "" {
			found.projects = append(found.projects, project)
		}
	}
	return found, nil
}

// incomplete lists the missing and empty keys, of the scheme that lacks fewer. It is empty if a scheme is complete.
func incomplete(values map[string]string, data map[string][]byte) string {
	blank := func(keys ...string) []string {
		return slices.DeleteFunc(keys, func(key string) bool { return values[key] != "" })
	}
	needed, ofAPIKey := blank(keyClientID, keyClientSecret), blank(keyPublicAPIKey, keyPrivateAPIKey)
	if len(ofAPIKey) < len(needed) {
		needed = ofAPIKey
	}
	var wrong []string
	report := func(fault string, present bool) {
		keys := slices.DeleteFunc(slices.Clone(needed), func(key string) bool {
			_, ok := data[key]
			return ok != present
		})
		if len(keys) > 0 {
			wrong = append(wrong, fault+strings.Join(keys, " and "))
		}
	}
	report("lacks ", false)
	report("has an empty ", true)
	return strings.Join(wrong, " and ")
}

var errEmpty = errors.New("is empty")

// TextOf reads a value of a Secret or ConfigMap. All values are read by it, so that the same rules apply: it removes a
// byte order mark and trailing line ends, as editors and `echo` add them, and nothing else. Errors follow the
// name of the key and never contain the value.
func TextOf(raw []byte) (string, error) {
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}), bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		return "", errors.New("is UTF-16 text, not UTF-8")
	case bytes.IndexByte(raw, 0) >= 0:
		return "", errors.New("contains a NUL byte, so it is not text")
	case !utf8.Valid(raw):
		return "", errors.New("is not UTF-8 text")
	}
	text := strings.TrimRight(strings.TrimPrefix(string(raw), "\uFEFF"), "\r\n")
	if strings.TrimSpace(text) == "" {
		return "", errEmpty
	}
	return text, nil
}

// KeyBlocker reports that a Secret or ConfigMap has a missing or invalid key.
func KeyBlocker(message string, args ...any) *decision.Blocker {
	return &decision.Blocker{Effect: decision.Missing, Reason: v1alpha1.ReasonKeyMissing, Watched: true, Message: fmt.Sprintf(message, args...)}
}
