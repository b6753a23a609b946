package atlas

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/go-logr/logr/funcr"
	. "github.com/onsi/gomega"
)

func TestLogLine(t *testing.T) {
	g := NewWithT(t)
	var lines []string
	log := funcr.New(func(_, args string) { lines = append(lines, args) }, funcr.Options{Verbosity: 1})
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "req-1")
		answer(w, 200, `{"_id":"x"}`)
	})
	_, err := f.client(t, func(o *Options) { o.Logger = log }).GetPrivateLink(t.Context(), project, linkID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(lines).To(HaveLen(2))
	g.Expect(lines[1]).To(And(
		ContainSubstring(`"operation"="GetPrivateLink"`), ContainSubstring(`"method"="GET"`), ContainSubstring(`"status"=200`),
		ContainSubstring(`"duration"=`), ContainSubstring(`"requestID"="req-1"`)))

	lines = nil
	quiet := funcr.New(func(_, args string) { lines = append(lines, args) }, funcr.Options{})
	_, err = f.client(t, func(o *Options) { o.Logger = quiet }).GetPrivateLink(t.Context(), project, linkID)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(lines).To(BeEmpty())
}

func TestObserveSeesEveryExchange(t *testing.T) {
	g := NewWithT(t)
	var infos []string
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer token-1" {
			answer(w, 401, noToken)
			return
		}
		answer(w, 200, `{"_id":"x"}`)
	})
	c := f.client(t, func(o *Options) {
		o.Observe = func(i CallInfo) {
			infos = append(infos, fmt.Sprintln(i.Operation, i.Method, i.StatusCode, i.EndpointSet == setTokens, i.Duration > 0))
		}
	})
	_, err := c.CreatePrivateLink(t.Context(), project, linkRequest)
	g.Expect(err).NotTo(HaveOccurred())
	f.CloseClientConnections()
	f.Server.Close()
	g.Expect(c.DeletePrivateLink(t.Context(), project, linkID)).NotTo(Succeed())
	g.Expect(infos).To(Equal([]string{
		"FetchToken POST 200 true true\n", "CreatePrivateLink POST 401 false true\n", "FetchToken POST 200 true true\n",
		"CreatePrivateLink POST 200 false true\n", "DeletePrivateLink DELETE 0 false true\n",
	}))
}
