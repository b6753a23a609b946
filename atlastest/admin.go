package atlastest

import "net/http"

const adminPrefix = "/_simulator/"

func newAdmin(s *Server) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_simulator/healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n"))
	})
	return mux
}
