package v1alpha1

// Condition types. Ready is the summary that tools wait for.
const (
	// ConditionReady is True when Atlas says that the object of this generation works.
	ConditionReady = "Ready"
	// ConditionInterfaceEndpointReady is True when Atlas reported an interfaceEndpointId, or the vendor never has one.
	ConditionInterfaceEndpointReady = "InterfaceEndpointReady"
	// ConditionCredentialsReady is True when the credentials for Atlas were found, are complete, and Atlas took them.
	ConditionCredentialsReady = "CredentialsReady"
	// ConditionDependenciesReady is True when the referenced StreamPrivateLink is Ready.
	ConditionDependenciesReady = "DependenciesReady"
	// ConditionSynced is True when what Atlas holds equals the spec.
	ConditionSynced = "Synced"
	// ConditionReconciling is present only while the operator is working towards the spec, or waiting.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is present only while somebody has to act before anything can move.
	ConditionStalled = "Stalled"
)

// Reasons that are Atlas's states, in CamelCase. A state that is not in this list is UnknownState.
const (
	// ReasonCreating: Atlas was asked to create the object, or is about to be; there is no state yet.
	ReasonCreating = "Creating"
	// ReasonIdle: the private link was accepted and nothing runs yet.
	ReasonIdle = "Idle"
	// ReasonWorking: Atlas is building the private link; up to 35 minutes are normal.
	ReasonWorking = "Working"
	// ReasonDone: the private link works.
	ReasonDone = "Done"
	// ReasonFailed: Atlas gave up; a private link's errorMessage says why.
	ReasonFailed = "Failed"
	// ReasonPending: Atlas is deploying the connection.
	ReasonPending = "Pending"
	// ReasonReady: the connection works.
	ReasonReady = "Ready"
	// ReasonDeleteRequested: Atlas was asked to delete the object.
	ReasonDeleteRequested = "DeleteRequested"
	// ReasonDeleting: the object is being deleted.
	ReasonDeleting = "Deleting"
	// ReasonDeleted: Atlas reports the object as deleted and still lists it.
	ReasonDeleted = "Deleted"
	// ReasonInitiating: Atlas is making the private endpoint service.
	ReasonInitiating = "Initiating"
	// ReasonAvailable: the private endpoint service works.
	ReasonAvailable = "Available"
	// ReasonWaitingForUser: the private endpoint service is there and waits for your endpoints.
	ReasonWaitingForUser = "WaitingForUser"
	// ReasonUnknownState: Atlas reports a state that this version does not know; it is taken as pending.
	ReasonUnknownState = "UnknownState"
)

// Reasons about credentials for Atlas.
const (
	// ReasonAccepted: Atlas took the credentials.
	ReasonAccepted = "Accepted"
	// ReasonSecretNotFound: a Secret that the spec names does not exist.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonKeyMissing: a Secret or ConfigMap lacks a key, or the value of the key is empty or no text.
	ReasonKeyMissing = "KeyMissing"
	// ReasonInvalidCertificate: a certificate or private key that the spec names cannot be used; the message says which and why.
	ReasonInvalidCertificate = "InvalidCertificate"
	// ReasonConfigMapNotFound: a ConfigMap that the spec names does not exist.
	ReasonConfigMapNotFound = "ConfigMapNotFound"
	// ReasonUnauthorized: Atlas does not know the credentials (401).
	ReasonUnauthorized = "Unauthorized"
	// ReasonForbidden: Atlas knows the credentials and refuses the operation (403): a role or an access list.
	ReasonForbidden = "Forbidden"
	// ReasonNotAllowed: the operator may not read the Secret, or its default credentials are not for this namespace or project.
	ReasonNotAllowed = "NotAllowed"
)

// Reasons about what the object waits for.
const (
	// ReasonLinkReady: the referenced StreamPrivateLink is Ready.
	ReasonLinkReady = "LinkReady"
	// ReasonLinkNotFound: the referenced StreamPrivateLink does not exist.
	ReasonLinkNotFound = "LinkNotFound"
	// ReasonLinkNotReady: the referenced StreamPrivateLink is not Ready yet.
	ReasonLinkNotReady = "LinkNotReady"
	// ReasonLinkDeleting: the referenced StreamPrivateLink is being deleted.
	ReasonLinkDeleting = "LinkDeleting"
	// ReasonProjectMismatch: the referenced StreamPrivateLink belongs to another Atlas project.
	ReasonProjectMismatch = "ProjectMismatch"
	// ReasonDependencyStalled: the referenced StreamPrivateLink is Stalled; somebody has to act there first.
	ReasonDependencyStalled = "DependencyStalled"
	// ReasonDNSDomainMissing: the link waits for the user to set dnsDomain.
	ReasonDNSDomainMissing = "DNSDomainMissing"
	// ReasonProjectNotFound: Atlas has no such project, or the credentials cannot see it.
	ReasonProjectNotFound = "ProjectNotFound"
	// ReasonWorkspaceNotFound: the project has no stream workspace of that name.
	ReasonWorkspaceNotFound = "WorkspaceNotFound"
	// ReasonInUse: the object is still used, so it cannot be deleted or changed yet.
	ReasonInUse = "InUse"
	// ReasonDeploying: Atlas is still deploying the connection and refuses changes until then.
	ReasonDeploying = "Deploying"
	// ReasonRateLimited: Atlas limits the rate of calls (429).
	ReasonRateLimited = "RateLimited"
	// ReasonAtlasUnreachable: Atlas does not answer, or answers with a failure of its own (5xx).
	ReasonAtlasUnreachable = "AtlasUnreachable"
	// ReasonPaused: managementPolicy is Paused; nothing is touched.
	ReasonPaused = "Paused"
	// ReasonProjectInOtherShard: a resource of the same project is handled by another manager.
	ReasonProjectInOtherShard = "ProjectInOtherShard"
)

// Reasons about the object in Atlas and the spec.
const (
	// ReasonSynced: what Atlas holds equals the spec.
	ReasonSynced = "Synced"
	// ReasonDrifted: Atlas holds something else than the spec; the message names the fields.
	ReasonDrifted = "Drifted"
	// ReasonMissing: the object is not in Atlas.
	ReasonMissing = "Missing"
	// ReasonNotFound: the object is not in Atlas and will not be created.
	ReasonNotFound = "NotFound"
	// ReasonRejected: Atlas refused the request (400); the message has its errorCode and detail.
	ReasonRejected = "Rejected"
	// ReasonConflict: the object exists in Atlas and differs from the spec.
	ReasonConflict = "Conflict"
	// ReasonAlreadyExists: the object exists in Atlas and may not be adopted.
	ReasonAlreadyExists = "AlreadyExists"
	// ReasonAlreadyManaged: the object in Atlas belongs to another resource.
	ReasonAlreadyManaged = "AlreadyManaged"
	// ReasonAmbiguous: several objects in Atlas match; importId has to say which.
	ReasonAmbiguous = "Ambiguous"
	// ReasonImportNotFound: importId names an object that is not in Atlas.
	ReasonImportNotFound = "ImportNotFound"
	// ReasonRecreateRequired: the spec differs in a field that Atlas cannot change in place.
	ReasonRecreateRequired = "RecreateRequired"
	// ReasonReported: Atlas reported the interface endpoint.
	ReasonReported = "Reported"
	// ReasonNotApplicable: this vendor has no interface endpoint.
	ReasonNotApplicable = "NotApplicable"
	// ReasonProgressing: the operator is working towards the spec.
	ReasonProgressing = "Progressing"
)

// Reasons of events.
const (
	// EventCreated: the object was created in Atlas.
	EventCreated = "Created"
	// EventUpdated: the object was changed in Atlas.
	EventUpdated = "Updated"
	// EventAdopted: an object that already existed in Atlas now belongs to the resource.
	EventAdopted = "Adopted"
	// EventReady: the object became Ready.
	EventReady = "Ready"
	// EventSpecWarning: Atlas takes a part of the spec and ignores it, or it does not fit another resource.
	EventSpecWarning = "SpecWarning"
	// EventStillPending: Atlas has been working on the object for an hour.
	EventStillPending = "StillPending"
	// EventDeleteRequested: Atlas was asked to delete the object.
	EventDeleteRequested = "DeleteRequested"
	// EventRecreating: Atlas was asked to delete the object, so that it can be created again.
	EventRecreating = "Recreating"
	// EventFailed: Atlas reports FAILED.
	EventFailed = "Failed"
	// EventDeleted: the object is gone from Atlas.
	EventDeleted = "Deleted"
	// EventRetained: the resource was deleted and the object left in Atlas on purpose.
	EventRetained = "Retained"
	// EventAbandoned: the deletion finished without Atlas, on request.
	EventAbandoned = "Abandoned"
)
