package controller

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/credentials"
)

// privateLinkReconciler reconciles StreamPrivateLinks.
type privateLinkReconciler struct{ *lifecycle }

// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamprivatelinks,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamprivatelinks/status,verbs=patch

// Reconcile brings one StreamPrivateLink and Atlas in line.
func (r *privateLinkReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	link := &v1alpha1.StreamPrivateLink{}
	if err := r.client.Get(ctx, request.NamespacedName, link); err != nil {
		return r.gone(request.NamespacedName, err)
	}
	return r.reconcile(ctx, link, connectLink)
}

func (r *privateLinkReconciler) setup(mgr ctrl.Manager, options controller.Options) error {
	links := listLinks(mgr.GetClient())
	identity := func(o client.Object) string { return identityKey(o.(*v1alpha1.StreamPrivateLink)) }
	return ctrl.NewControllerManagedBy(mgr).
		Named("streamprivatelink").
		For(&v1alpha1.StreamPrivateLink{}, builder.WithPredicates(r.ownChanges())).
		Watches(&v1alpha1.StreamPrivateLink{}, peers(links, identity), builder.WithPredicates(gone())).
		Watches(&v1alpha1.StreamConnection{}, linksInUse(mgr.GetClient())).
		WatchesMetadata(metadataOf(credentials.KindSecret), byName(links, indexSecret, r.options.DefaultCredentials)).
		WatchesRawSource(r.enqueuer.source()).
		WithOptions(options).
		Complete(r)
}
