// Package v1alpha1 holds the atlasstreams.io/v1alpha1 API: the networking and connections of MongoDB Atlas Stream
// Processing as Kubernetes resources. Comments on fields are what `kubectl explain` shows; they are written for
// the people who write manifests.
//
// +kubebuilder:object:generate=true
// +groupName=atlasstreams.io
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the API group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "atlasstreams.io", Version: "v1alpha1"}

var schemeBuilder = runtime.NewSchemeBuilder(func(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion,
		&StreamPrivateLink{}, &StreamPrivateLinkList{},
		&StreamConnection{}, &StreamConnectionList{},
		&PrivateEndpointService{}, &PrivateEndpointServiceList{},
	)
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
})

// AddToScheme registers every kind of this package.
var AddToScheme = schemeBuilder.AddToScheme
