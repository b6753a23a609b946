package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// PrivateEndpointServiceSpec says which private endpoint service to look at. Nothing is ever written to Atlas.
//
// +kubebuilder:validation:XValidation:rule="has(self.id) != has(self.regionName)",message="exactly one of id and regionName says which service is meant: set one"
type PrivateEndpointServiceSpec struct {
	// projectId is the id of the Atlas project (also called group), 24 hexadecimal digits. It cannot be changed:
	// create a new resource instead.
	// +required
	// +kubebuilder:validation:Pattern=`^[a-f0-9]{24}$`
	// +kubebuilder:validation:MaxLength=24
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="projectId cannot be changed: create a new PrivateEndpointService for the other project"
	ProjectID string `json:"projectId"`

	// credentialsRef names a Secret of the same namespace with the credentials for the Atlas API: `clientId` and
	// `clientSecret` of a service account, or `publicApiKey` and `privateApiKey` of an API key. Reading needs the
	// role Project Read Only. Without credentialsRef the operator's default credentials are used, where the operator
	// allows this namespace and project.
	// +optional
	CredentialsRef *LocalReference `json:"credentialsRef,omitempty"`

	// cloudProvider of the service: `AWS`, `AZURE` or `GCP`.
	// +required
	CloudProvider LinkProvider `json:"cloudProvider"`

	// id of the private endpoint service in Atlas.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-f0-9]{24}$`
	// +kubebuilder:validation:MaxLength=24
	ID string `json:"id,omitempty"`

	// regionName of the service: Atlas has one for each provider and region. The cloud's names and Atlas's mean the
	// same, for example `us-east-1` and `US_EAST_1`, `eastus2` and `US_EAST_2`, `us-central1` and `CENTRAL_US`.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	RegionName string `json:"regionName,omitempty"`
}

// PrivateEndpointServiceStatus is what Atlas says of the service, under Atlas's names; state is Atlas's `status`.
type PrivateEndpointServiceStatus struct {
	ObservedStatus `json:",inline"`

	// endpointServiceName is what your interface endpoint connects to (AWS).
	// +optional
	EndpointServiceName string `json:"endpointServiceName,omitempty"`

	// interfaceEndpoints are the ids of your interface endpoints that are connected (AWS).
	// +optional
	// +listType=atomic
	InterfaceEndpoints []string `json:"interfaceEndpoints,omitempty"`

	// supportedRemoteRegions are further regions from which the service can be reached (AWS).
	// +optional
	// +listType=atomic
	SupportedRemoteRegions []string `json:"supportedRemoteRegions,omitempty"`

	// privateEndpoints are the resource ids of your private endpoints that are connected (AZURE).
	// +optional
	// +listType=atomic
	PrivateEndpoints []string `json:"privateEndpoints,omitempty"`

	// privateLinkServiceName is the name of Atlas's private link service (AZURE).
	// +optional
	PrivateLinkServiceName string `json:"privateLinkServiceName,omitempty"`

	// privateLinkServiceResourceId is the resource id of Atlas's private link service (AZURE).
	// +optional
	PrivateLinkServiceResourceID string `json:"privateLinkServiceResourceId,omitempty"`

	// endpointGroupNames are the names of your endpoint groups that are connected (GCP).
	// +optional
	// +listType=atomic
	EndpointGroupNames []string `json:"endpointGroupNames,omitempty"`

	// serviceAttachmentNames are Atlas's service attachments (GCP).
	// +optional
	// +listType=atomic
	ServiceAttachmentNames []string `json:"serviceAttachmentNames,omitempty"`

	// portMappingEnabled says whether one attachment serves all nodes (GCP).
	// +optional
	PortMappingEnabled bool `json:"portMappingEnabled,omitempty"`

	// errorMessage is what Atlas says about a failure, word for word.
	// +optional
	ErrorMessage string `json:"errorMessage,omitempty"`

	// regionName as Atlas reports it.
	// +optional
	RegionName string `json:"regionName,omitempty"`
}

// PrivateEndpointService shows one private endpoint service of the clusters of an Atlas project, as Atlas reports it.
// It only reads: it never creates, changes or deletes anything in Atlas.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=privateendpointservices,singular=privateendpointservice,shortName=pes,categories=atlas-streams,scope=Namespaced
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Provider",type=string,JSONPath=`.spec.cloudProvider`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.status.regionName`
// +kubebuilder:printcolumn:name="Atlas ID",type=string,JSONPath=`.status.id`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Endpoint",type=string,priority=1,JSONPath=`.status.endpointServiceName`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:selectablefield:JSONPath=`.spec.projectId`
type PrivateEndpointService struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec says which service to look at.
	// +required
	Spec PrivateEndpointServiceSpec `json:"spec"`

	// status is what the operator and Atlas say.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status PrivateEndpointServiceStatus `json:"status,omitempty"`
}

// PrivateEndpointServiceList is a list of PrivateEndpointServices.
// +kubebuilder:object:root=true
type PrivateEndpointServiceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []PrivateEndpointService `json:"items"`
}
