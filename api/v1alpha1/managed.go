package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Managed is what all kinds have in common.
// +kubebuilder:object:generate=false
type Managed interface {
	metav1.Object
	runtime.Object
	// GetManagedSpec returns the common members of the spec; of a kind that only reads, a copy that says Observe.
	GetManagedSpec() *ManagedSpec
	// GetObservedStatus returns the members of the status that every kind has.
	GetObservedStatus() *ObservedStatus
	// GetManagedStatus returns the members of the status that kinds have which write to Atlas, and nil of others.
	GetManagedStatus() *ManagedStatus
}

var (
	_ Managed = (*StreamPrivateLink)(nil)
	_ Managed = (*StreamConnection)(nil)
	_ Managed = (*PrivateEndpointService)(nil)
)

// GetManagedSpec returns the common members of the spec.
func (l *StreamPrivateLink) GetManagedSpec() *ManagedSpec { return &l.Spec.ManagedSpec }

// GetObservedStatus returns the members of the status that every kind has.
func (l *StreamPrivateLink) GetObservedStatus() *ObservedStatus { return &l.Status.ObservedStatus }

// GetManagedStatus returns the members of the status of kinds that write to Atlas.
func (l *StreamPrivateLink) GetManagedStatus() *ManagedStatus { return &l.Status.ManagedStatus }

// GetManagedSpec returns the common members of the spec.
func (c *StreamConnection) GetManagedSpec() *ManagedSpec { return &c.Spec.ManagedSpec }

// GetObservedStatus returns the members of the status that every kind has.
func (c *StreamConnection) GetObservedStatus() *ObservedStatus { return &c.Status.ObservedStatus }

// GetManagedStatus returns the members of the status of kinds that write to Atlas.
func (c *StreamConnection) GetManagedStatus() *ManagedStatus { return &c.Status.ManagedStatus }

// ReferencedProjectIDs returns the Atlas projects that the spec reaches beside its own.
func (c *StreamConnection) ReferencedProjectIDs() []string {
	if c.Spec.Cluster == nil || c.Spec.Cluster.ClusterProjectID == "" {
		return nil
	}
	return []string{c.Spec.Cluster.ClusterProjectID}
}

// GetManagedSpec says that a PrivateEndpointService is only observed. It is a copy: changes to it are lost.
func (s *PrivateEndpointService) GetManagedSpec() *ManagedSpec {
	return &ManagedSpec{ProjectID: s.Spec.ProjectID, CredentialsRef: s.Spec.CredentialsRef, ManagementPolicy: Observe}
}

// GetObservedStatus returns the members of the status that every kind has.
func (s *PrivateEndpointService) GetObservedStatus() *ObservedStatus { return &s.Status.ObservedStatus }

// GetManagedStatus is nil: nothing is ever written to Atlas.
func (s *PrivateEndpointService) GetManagedStatus() *ManagedStatus { return nil }
