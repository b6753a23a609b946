package atlastest_test

import (
	"fmt"
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestProxyPages(t *testing.T) {
	pages := map[atlastest.Page]string{
		atlastest.PageNginx: "<center>nginx</center>", atlastest.PageEnvoy: "", atlastest.PageFilter: "Your organization", atlastest.PageLogin: "password",
	}
	for page, mark := range pages {
		for _, status := range []int{200, 301, 302, 400, 401, 403, 404, 407, 413, 429, 500, 502, 503, 504} {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprint(page, " ", status, " ", after), func(t *testing.T) {
					g := NewWithT(t)
					s, c := newAPI(t)
					c.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
					s.Inject(atlastest.Fault{Operation: atlastest.OpCreatePrivateLink, Status: status, Page: page, AfterCommit: after})
					res := c.post(links, pubSubLink)
					g.Expect(res.status).To(Equal(status))
					g.Expect(res.text).To(ContainSubstring(mark))
					g.Expect(res.body).To(BeNil(), "no JSON")
					g.Expect(res.header.Get("Content-Type")).To(HavePrefix("text/"))
					g.Expect(res.header).NotTo(HaveKey("X-Java-Method"))
					redirects, carriedOut := res.header.Get("Location") != "", len(s.PrivateLinks(project)) == 1
					g.Expect(redirects).To(Equal(status/100 == 3))
					g.Expect(carriedOut).To(Equal(after))
				})
			}
		}
	}
}

func TestPagesNeedAStatus(t *testing.T) {
	g := NewWithT(t)
	s := atlastest.NewServer(t)
	g.Expect(func() { s.Inject(atlastest.Fault{Page: atlastest.PageNginx}) }).To(PanicWith(ContainSubstring("status")))
	g.Expect(func() { s.Inject(atlastest.Fault{Page: "x", Status: 500}) }).To(PanicWith(ContainSubstring("nginx")))
}
