// Package kubetest is what tests do at a real API server: they create, change and delete objects, wait for what becomes
// of them, and act as an account.
package kubetest

import (
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Client is the client of one test, which fails where a request does.
type Client struct {
	*WithT
	Kube client.WithWatch

	t *testing.T
}

// New returns the client of a test that shares its API server with others.
func New(t *testing.T, kube client.WithWatch) *Client {
	return &Client{WithT: NewWithT(t), Kube: kube, t: t}
}

// Dial returns the client of a test that has an API server to itself.
func Dial(t *testing.T, config *rest.Config) *Client {
	t.Helper()
	kube, err := Connect(config)
	if err != nil {
		t.Fatal(err)
	}
	return New(t, kube)
}

// Create creates objects.
func (c *Client) Create(objects ...client.Object) {
	c.t.Helper()
	for _, object := range objects {
		c.Expect(c.Kube.Create(c.t.Context(), object)).To(Succeed(), object.GetName())
	}
}

// Delete deletes objects, which have to be there.
func (c *Client) Delete(objects ...client.Object) {
	c.t.Helper()
	for _, object := range objects {
		c.Expect(c.Kube.Delete(c.t.Context(), object)).To(Succeed(), object.GetName())
	}
}

// Reload reads objects again.
func (c *Client) Reload(objects ...client.Object) {
	c.t.Helper()
	for _, object := range objects {
		c.Expect(c.Kube.Get(c.t.Context(), client.ObjectKeyFromObject(object), object)).To(Succeed(), object.GetName())
	}
}

// Edit changes an object, again while others change it at the same time.
func Edit[O client.Object](c *Client, object O, change func(O)) {
	c.t.Helper()
	c.Eventually(func() error {
		if err := c.Kube.Get(c.t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		change(object)
		return c.Kube.Update(c.t.Context(), object)
	}).Should(Succeed())
}

// Gone reports whether the API server no longer has an object.
func (c *Client) Gone(object client.Object) bool {
	return apierrors.IsNotFound(c.Kube.Get(c.t.Context(), client.ObjectKeyFromObject(object), object))
}

// AwaitGone waits until the API server no longer has the objects.
func (c *Client) AwaitGone(objects ...client.Object) {
	c.t.Helper()
	for _, object := range objects {
		c.Eventually(func(g Gomega) {
			g.Expect(c.Gone(object)).To(BeTrue(), "still there: %+v", object)
		}).Should(Succeed(), object.GetName())
	}
}
