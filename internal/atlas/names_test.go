package atlas

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
)

// Names with characters that Atlas allows and that have a meaning in paths.
func TestNamesInPaths(t *testing.T) {
	for name, escaped := range map[string]string{"*": "%2A", "a*b": "a%2Ab", "a.b": "a.b", "...": "...", ".a": ".a", "a..": "a..", "A_z-9": "A_z-9"} {
		for creds, auth := range map[Credentials]string{account: "Bearer", apiKey: "Digest"} {
			g := NewWithT(t)
			s := serveDigest(t)
			var paths, names []string
			mux := http.NewServeMux()
			mux.HandleFunc("POST /api/oauth/token", always(200, `{"access_token":"t"}`))
			mux.HandleFunc("/api/atlas/v2/groups/{group}/streams/w/connections/{name}", func(w http.ResponseWriter, r *http.Request) {
				if auth == "Digest" {
					if ok, _ := s.check(r); !ok {
						w.Header().Set("WWW-Authenticate", s.challenge().String())
						answer(w, 401, noToken)
						return
					}
				}
				paths, names = append(paths, r.RequestURI), append(names, r.PathValue("name"))
				answer(w, 200, `{"name":"x"}`)
			})
			s.Server.Config.Handler = mux
			c := s.client(t, creds)
			_, err := c.GetConnection(t.Context(), project, "w", name)
			g.Expect(err).NotTo(HaveOccurred())
			_, err = c.UpdateConnection(t.Context(), project, "w", name, sampleRequest)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(c.DeleteConnection(t.Context(), project, "w", name)).To(Succeed())
			g.Expect(names).To(Equal([]string{name, name, name}), auth)
			for _, path := range paths {
				g.Expect(path).To(Equal(group + "/streams/w/connections/" + escaped))
			}
		}
	}
}
