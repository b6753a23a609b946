package atlastest

import (
	"fmt"
	"net/http"
)

// Page is a response of a proxy between client and Atlas.
type Page string

// The kinds of pages. Each can be combined with any status.
const (
	// PageNginx is the HTML of a reverse proxy.
	PageNginx Page = "nginx"
	// PageEnvoy is the plain text of a service mesh.
	PageEnvoy Page = "envoy"
	// PageFilter is the HTML of an inspecting proxy that blocks a site.
	PageFilter Page = "filter"
	// PageLogin is the form of a captive portal. With a 3xx status it redirects there.
	PageLogin Page = "login"
)

const loginURL = "https://login.proxy.example/?next=cloud.mongodb.com"

var nginxTitles = map[int]string{
	http.StatusRequestEntityTooLarge: "Request Entity Too Large",
	http.StatusServiceUnavailable:    "Service Temporarily Unavailable",
	http.StatusGatewayTimeout:        "Gateway Time-out",
}

var envoyTexts = map[int]string{
	http.StatusOK:                    "OK",
	http.StatusForbidden:             "RBAC: access denied",
	http.StatusNotFound:              "",
	http.StatusRequestEntityTooLarge: "Payload Too Large",
	http.StatusTooManyRequests:       "local_rate_limited",
	http.StatusServiceUnavailable:    "upstream connect error or disconnect/reset before headers. reset reason: connection termination",
	http.StatusGatewayTimeout:        "upstream request timeout",
}

func (p Page) known() bool {
	return p == PageNginx || p == PageEnvoy || p == PageFilter || p == PageLogin
}

// answer returns the complete response. It has none of Atlas's headers.
func (p Page) answer(status int) answer {
	header := http.Header{}
	header.Set("Content-Type", "text/html")
	switch status {
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Basic realm="proxy"`)
	case http.StatusProxyAuthRequired:
		header.Set("Proxy-Authenticate", `Basic realm="proxy"`)
	}
	if status/100 == 3 {
		header.Set("Location", loginURL)
	}
	var body string
	switch p {
	case PageEnvoy:
		header.Set("Content-Type", "text/plain")
		header.Set("Server", "envoy")
		text, known := envoyTexts[status]
		if body = text; !known {
			body = envoyTexts[http.StatusServiceUnavailable]
		}
	case PageFilter:
		body = fmt.Sprintf("<!DOCTYPE html>\n<html><head><title>Access to this site is restricted</title></head>\n"+
			"<body><p>Your organization has selected a filter to protect you. Code %d.</p></body></html>\n", status)
	case PageLogin:
		body = fmt.Sprintf("<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n"+
			"<body><form action=%q method=\"post\"><input name=\"user\"><input name=\"pass\" type=\"password\"></form></body></html>\n", loginURL)
	case PageNginx:
		header.Set("Server", "nginx")
		title := nginxTitles[status]
		if title == "" {
			title = http.StatusText(status)
		}
		body = fmt.Sprintf("<html>\r\n<head><title>%[1]d %[2]s</title></head>\r\n<body>\r\n"+
			"<center><h1>%[1]d %[2]s</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", status, title)
	}
	return answer{status: status, header: header, body: []byte(body)}
}
