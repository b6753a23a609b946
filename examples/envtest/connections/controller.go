// Package connections is a controller of a platform team: each ConfigMap with the label shop.example.com/webhook becomes a
// StreamConnection to the URL in it.
package connections

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// Label marks the ConfigMaps; the key url in them is the webhook's.
const Label = "shop.example.com/webhook"

// Reconciler makes the connections.
type Reconciler struct {
	client.Client

	ProjectID, Workspace string
	// Credentials is the Secret of Atlas in each namespace.
	Credentials string
}

// SetupWithManager registers the controller.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	labelled := predicate.NewPredicateFuncs(func(o client.Object) bool { return o.GetLabels()[Label] != "" })
	return ctrl.NewControllerManagedBy(mgr).
		For(&corev1.ConfigMap{}, builder.WithPredicates(labelled)).
		Owns(&v1alpha1.StreamConnection{}).
		Complete(r)
}

// Reconcile makes the connection of one ConfigMap, or changes it.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	webhook := &corev1.ConfigMap{}
	if err := r.Get(ctx, request.NamespacedName, webhook); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	connection := &v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: webhook.Namespace, Name: webhook.Name}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, connection, func() error {
		connection.Spec.ProjectID = r.ProjectID
		connection.Spec.CredentialsRef = &v1alpha1.LocalReference{Name: r.Credentials}
		connection.Spec.WorkspaceName = r.Workspace
		connection.Spec.Type = v1alpha1.TypeHTTPS
		connection.Spec.HTTPS = &v1alpha1.HTTPSConnection{URL: webhook.Data["url"]}
		return controllerutil.SetControllerReference(webhook, connection, r.Scheme())
	})
	return ctrl.Result{}, err
}
