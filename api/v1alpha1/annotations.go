package v1alpha1

// Finalizer keeps a resource until its object in Atlas is certainly gone, or deliberately left behind.
const Finalizer = "atlasstreams.io/finalizer"

// The annotations that the operator acts on.
const (
	// AnnotationReconcileRequestedAt asks for a look at Atlas now, and for secrets to be sent again; any new value
	// counts. It is echoed in status.lastHandledReconcileAt.
	AnnotationReconcileRequestedAt = "atlasstreams.io/reconcile-requested-at"
	// AnnotationRecreate holds the Atlas id of the object to replace by a new one.
	AnnotationRecreate = "atlasstreams.io/recreate"
	// AnnotationAbandon with the value "true" lets a deletion finish without Atlas; the object may stay there.
	AnnotationAbandon = "atlasstreams.io/abandon"
)
