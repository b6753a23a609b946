package controller

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/credentials"
)

// connectionReconciler reconciles StreamConnections.
type connectionReconciler struct{ *lifecycle }

// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamconnections,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamconnections/status,verbs=patch

// Reconcile brings one StreamConnection and Atlas in line.
func (r *connectionReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	connection := &v1alpha1.StreamConnection{}
	if err := r.client.Get(ctx, request.NamespacedName, connection); err != nil {
		if apierrors.IsNotFound(err) {
			r.certificates.forget(request.NamespacedName)
		}
		return r.gone(request.NamespacedName, err)
	}
	return r.reconcile(ctx, connection, connectConnection)
}

func (r *connectionReconciler) setup(mgr ctrl.Manager, options controller.Options) error {
	connections := listConnections(mgr.GetClient())
	identity := func(o client.Object) string { return connectionKey(o.(*v1alpha1.StreamConnection)) }
	return ctrl.NewControllerManagedBy(mgr).
		Named("streamconnection").
		For(&v1alpha1.StreamConnection{}, builder.WithPredicates(r.ownChanges())).
		Watches(&v1alpha1.StreamConnection{}, peers(connections, identity), builder.WithPredicates(gone())).
		Watches(&v1alpha1.StreamPrivateLink{}, connectionsOfLink(connections)).
		WatchesMetadata(metadataOf(credentials.KindSecret), byName(connections, indexSecret, r.options.DefaultCredentials)).
		WatchesMetadata(metadataOf(credentials.KindConfigMap), byName(connections, indexConfigMap, types.NamespacedName{})).
		WatchesRawSource(r.enqueuer.source()).
		WithOptions(options).
		Complete(r)
}
