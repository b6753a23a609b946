package atlas

import (
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
)

func TestRequestIDForAudit(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/oauth/token" {
			w.Header().Set("X-Request-Id", "of-the-token")
			_, _ = w.Write([]byte(`{"access_token":"t","token_type":"Bearer","expires_in":3600}`))
			return
		}
		w.Header().Set("X-Request-Id", "of-the-call")
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(server.Close)
	client, err := New(Credentials{ID: "id", Secret: NewSecret("secret")}, Options{BaseURL: server.URL})
	g.Expect(err).NotTo(HaveOccurred())
	ctx, id := WithRequestID(t.Context())
	g.Expect(client.DeletePrivateLink(ctx, "65f1c0de0000000000000001", "65f1c0de0000000000000002")).To(Succeed())
	g.Expect(*id).To(Equal("of-the-call"))
	g.Expect(client.DeletePrivateLink(t.Context(), "65f1c0de0000000000000001", "65f1c0de0000000000000002")).To(Succeed())
}
