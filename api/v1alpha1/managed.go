package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Managed is what the kinds that write to Atlas have in common.
// +kubebuilder:object:generate=false
type Managed interface {
	metav1.Object
	runtime.Object
	// GetManagedSpec returns the common members of the spec.
	GetManagedSpec() *ManagedSpec
	// GetManagedStatus returns the common members of the status.
	GetManagedStatus() *ManagedStatus
}

var (
	_ Managed = (*StreamPrivateLink)(nil)
	_ Managed = (*StreamConnection)(nil)
)

// GetManagedSpec returns the common members of the spec.
func (l *StreamPrivateLink) GetManagedSpec() *ManagedSpec { return &l.Spec.ManagedSpec }

// GetManagedStatus returns the common members of the status.
func (l *StreamPrivateLink) GetManagedStatus() *ManagedStatus { return &l.Status.ManagedStatus }

// GetManagedSpec returns the common members of the spec.
func (c *StreamConnection) GetManagedSpec() *ManagedSpec { return &c.Spec.ManagedSpec }

// GetManagedStatus returns the common members of the status.
func (c *StreamConnection) GetManagedStatus() *ManagedStatus { return &c.Status.ManagedStatus }
