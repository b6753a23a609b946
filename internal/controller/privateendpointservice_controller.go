package controller

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/credentials"
)

// serviceReconciler reconciles PrivateEndpointServices. It goes the way of every resource that only observes.
type serviceReconciler struct{ *lifecycle }

// +kubebuilder:rbac:groups=atlasstreams.io,resources=privateendpointservices,verbs=list;watch
// +kubebuilder:rbac:groups=atlasstreams.io,resources=privateendpointservices/status,verbs=patch

// Reconcile shows what Atlas says of one private endpoint service.
func (r *serviceReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	service := &v1alpha1.PrivateEndpointService{}
	if err := r.client.Get(ctx, request.NamespacedName, service); err != nil {
		return r.gone(request.NamespacedName, err)
	}
	return r.reconcile(ctx, service, connectService)
}

func (r *serviceReconciler) setup(mgr ctrl.Manager, options controller.Options) error {
	services := listServices(mgr.GetClient())
	return ctrl.NewControllerManagedBy(mgr).
		Named("privateendpointservice").
		For(&v1alpha1.PrivateEndpointService{}, builder.WithPredicates(r.ownChanges())).
		WatchesMetadata(metadataOf(credentials.KindSecret), byName(services, indexSecret, r.options.DefaultCredentials)).
		WatchesRawSource(r.enqueuer.source()).
		WithOptions(options).
		Complete(r)
}
