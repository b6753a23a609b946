package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ManagementPolicy says how far the operator may go with the object in Atlas.
// +kubebuilder:validation:Enum=Manage;Observe;Paused
type ManagementPolicy string

// The management policies.
const (
	// Manage creates, changes and deletes the object in Atlas.
	Manage ManagementPolicy = "Manage"
	// Observe only reads Atlas and reports; it never writes.
	Observe ManagementPolicy = "Observe"
	// Paused touches nothing and says so.
	Paused ManagementPolicy = "Paused"
)

// DeletionPolicy says what becomes of the object in Atlas when the resource is deleted.
// +kubebuilder:validation:Enum=Delete;Retain
type DeletionPolicy string

// The deletion policies.
const (
	// Delete deletes the object in Atlas and waits until it is gone.
	Delete DeletionPolicy = "Delete"
	// Retain leaves the object in Atlas as it is.
	Retain DeletionPolicy = "Retain"
)

// DriftPolicy says what happens when Atlas holds something else than the spec.
// +kubebuilder:validation:Enum=Correct;Report
type DriftPolicy string

// The drift policies.
const (
	// Correct brings Atlas back in line with the spec.
	Correct DriftPolicy = "Correct"
	// Report only names the fields that differ, in the Synced condition.
	Report DriftPolicy = "Report"
)

// AdoptionPolicy says what happens when the object already exists in Atlas.
// +kubebuilder:validation:Enum=IfMatches;Always;Never
type AdoptionPolicy string

// The adoption policies.
const (
	// AdoptIfMatches takes an existing object over when it equals the spec; one that differs is a conflict.
	AdoptIfMatches AdoptionPolicy = "IfMatches"
	// AdoptAlways takes an existing object over and brings it in line with the spec.
	AdoptAlways AdoptionPolicy = "Always"
	// AdoptNever makes any existing object a conflict.
	AdoptNever AdoptionPolicy = "Never"
)

// Ownership says how the object in Atlas came to belong to the resource.
type Ownership string

// The kinds of ownership. Empty means that the object is only observed: it is then never changed or deleted.
const (
	OwnershipCreated Ownership = "Created"
	OwnershipAdopted Ownership = "Adopted"
)

// ManagedSpec is what the spec of every kind that writes to Atlas has.
type ManagedSpec struct {
	// projectId is the id of the Atlas project (also called group), 24 hexadecimal digits. Find it in the project
	// settings of Atlas, or with `atlas projects list`. It cannot be changed: create a new resource instead.
	// +required
	// +kubebuilder:validation:Pattern=`^[a-f0-9]{24}$`
	// +kubebuilder:validation:MaxLength=24
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="projectId cannot be changed: delete this resource (deletionPolicy Retain keeps the object in Atlas) and create a new one for the other project"
	ProjectID string `json:"projectId"`

	// credentialsRef names a Secret of the same namespace with the credentials for the Atlas API: `clientId` and
	// `clientSecret` of a service account, or `publicApiKey` and `privateApiKey` of an API key. With both, the
	// service account is used. Without credentialsRef the operator's default credentials are used, where the
	// operator allows this namespace and project.
	// +optional
	CredentialsRef *LocalReference `json:"credentialsRef,omitempty"`

	// managementPolicy: `Manage` (default) creates, changes and deletes the object in Atlas; `Observe` only reads
	// and reports, it never writes; `Paused` touches nothing, not even to delete, and says so in conditions.
	// +optional
	// +kubebuilder:default=Manage
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`

	// deletionPolicy: `Delete` (default) deletes the object in Atlas when this resource is deleted, and waits until
	// it is gone; `Retain` leaves it in Atlas.
	// +optional
	// +kubebuilder:default=Delete
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// driftPolicy: `Correct` (default) brings Atlas back in line when someone changed the object there; `Report`
	// only names the fields that differ, in the Synced condition. A change of this spec is always sent.
	// +optional
	// +kubebuilder:default=Correct
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`

	// adoptionPolicy says what happens when the object already exists in Atlas: `IfMatches` (default) takes it over
	// when it equals this spec, one that differs is a conflict; `Always` takes it over and brings it in line;
	// `Never` makes any existing object a conflict.
	// +optional
	// +kubebuilder:default=IfMatches
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`
}

// LocalReference names an object of the same namespace.
type LocalReference struct {
	// name of the object, in the same namespace.
	// +required
	// +kubebuilder:validation:Pattern=`^[a-z0-9][a-z0-9.-]*$`
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// SecretKeyReference names one key of a Secret of the same namespace.
type SecretKeyReference struct {
	// name of the Secret, in the same namespace.
	// +required
	// +kubebuilder:validation:Pattern=`^[a-z0-9][a-z0-9.-]*$`
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// key in the Secret's data.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`
}

// CertificateReference names one key of a Secret or ConfigMap of the same namespace.
type CertificateReference struct {
	// kind is `Secret` or `ConfigMap`.
	// +required
	// +kubebuilder:validation:Enum=Secret;ConfigMap
	Kind string `json:"kind"`

	// name of the Secret or ConfigMap, in the same namespace.
	// +required
	// +kubebuilder:validation:Pattern=`^[a-z0-9][a-z0-9.-]*$`
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// key in its data, for example `ca.crt`.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`
}

// ObservedStatus is what the status of every kind has.
type ObservedStatus struct {
	// observedGeneration is the generation of the spec that this status speaks of; -1 until the operator has looked
	// at the resource for the first time.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration"`

	// conditions: Ready is the summary; CredentialsReady, DependenciesReady and Synced say what it may wait for;
	// Reconciling and Stalled are there only while they are true.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// lastHandledReconcileAt is the value of the annotation atlasstreams.io/reconcile-requested-at that was acted on last.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`

	// id of the object in Atlas.
	// +optional
	ID string `json:"id,omitempty"`

	// state of the object, word for word as Atlas says it.
	// +optional
	State string `json:"state,omitempty"`
}

// ManagedStatus is what the status of every kind that writes to Atlas has.
type ManagedStatus struct {
	ObservedStatus `json:",inline"`

	// createRequestedAt is the claim: the moment after which the operator asked, or may have asked, Atlas to create
	// the object. With it and without an id the outcome is still being found out.
	// +optional
	CreateRequestedAt *metav1.MicroTime `json:"createRequestedAt,omitempty"`

	// ownership: `Created` by this resource or `Adopted` by it. Empty: only observed, never changed or deleted.
	// +optional
	Ownership Ownership `json:"ownership,omitempty"`
}

// OpenClaim reports whether a creation was asked for whose outcome is unknown. A nil status has no claim.
func (s *ManagedStatus) OpenClaim() bool { return s != nil && s.CreateRequestedAt != nil && s.ID == "" }

// Owned reports whether the object in Atlas belongs to the resource: only then is it changed or deleted. A nil
// status owns nothing.
func (s *ManagedStatus) Owned() bool { return s != nil && s.ID != "" && s.Ownership != "" }
