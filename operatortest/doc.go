// Package operatortest runs the operator in a test: a Kubernetes API server with the CustomResourceDefinitions, a
// simulator of Atlas and the manager, all on this machine. It is for suites that test controllers, Helm charts or
// manifests which make StreamConnections and StreamPrivateLinks. It works with testing and with Ginkgo:
//
//	stack := operatortest.Start(t) // GinkgoT() in a BeforeSuite
//	connection := &v1alpha1.StreamConnection{...}
//	connection.Spec.CredentialsRef = &v1alpha1.LocalReference{Name: stack.Credentials(ctx, "default")}
//	err := stack.Client.Create(ctx, connection)
//	operatortest.WaitReady(ctx, t, stack.Client, connection)
//
// The programs of the API server, etcd and kube-apiserver, come from KUBEBUILDER_ASSETS or from where setup-envtest has
// installed them. Nothing is downloaded.
//
// A new simulator has the project [atlastest.DefaultProjectID] with the workspace [atlastest.DefaultWorkspace]. Its
// methods make things go wrong: [atlastest.Server.Inject] loses answers, [atlastest.Server.FailNextPrivateLink] fails a
// link, [atlastest.Server.UpdateCredential] rotates a secret.
//
// Several stacks can run in one process. Those that share an API server by [Into] need namespaces of their own:
// ManagerFlags("--watch-namespaces=...").
package operatortest
