package controller

import (
	"context"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamprivatelinks,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=atlasstreams.io,resources=streamprivatelinks/status,verbs=patch

// linkKind describes StreamPrivateLink.
func linkKind() *Kind {
	return &Kind{
		Name: "StreamPrivateLink", Noun: "private link", States: decision.LinkStates,
		New:       func() managed { return &v1alpha1.StreamPrivateLink{} },
		List:      listLinks,
		Keys:      func(o managed) Keys { return keysOfLink(o.(*v1alpha1.StreamPrivateLink)) },
		ObjectKey: func(o managed, id string) string { return linkKey(o.GetManagedSpec().ProjectID, id) },
		SameObject: func(a, b managed) bool {
			return sameVariant(fieldsOfSpec(&a.(*v1alpha1.StreamPrivateLink).Spec), fieldsOfSpec(&b.(*v1alpha1.StreamPrivateLink).Spec))
		},
		ImportID: func(o managed) string { return o.(*v1alpha1.StreamPrivateLink).Spec.ImportID },
		Users:    usersOf, ShowUsers: showUsers,
		InUseHint: " It is used by a connection outside this cluster, or by one that was kept by deletionPolicy Retain: delete that connection.",
		Watches: func(reader client.Reader) []Watch {
			return []Watch{{Object: &v1alpha1.StreamConnection{}, Handler: linksInUse(reader)}}
		},
		Connect: connectLink,
	}
}

func listLinks(ctx context.Context, reader client.Reader, opts ...client.ListOption) ([]managed, error) {
	var links v1alpha1.StreamPrivateLinkList
	err := reader.List(ctx, &links, opts...)
	return pointers(links.Items), err
}

// keysOfLink: the identity leaves out what Atlas does not return for every link, the claim has it.
func keysOfLink(link *v1alpha1.StreamPrivateLink) Keys {
	identity := link.Spec.ProjectID + " " + linkIdentity(&link.Spec)
	domain, endpoint := fieldsOfSpec(&link.Spec).variant()
	return Keys{Identity: identity, Claim: strings.Join([]string{identity, domain, endpoint}, " "), Lock: "private link " + identity}
}

// linkKey identifies a private link of Atlas.
func linkKey(projectID, id string) string { return projectID + "/" + id }
