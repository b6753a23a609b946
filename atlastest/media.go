package atlastest

import (
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

var versionedType = regexp.MustCompile(`^application/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+json$`)

// checkMedia requires an Accept header with the endpoint's version or a later one, and a JSON body. The response has
// the endpoint's version. An unversioned endpoint requires an Accept header that includes plain JSON.
func (c *call) checkMedia(*Server) *apiError {
	if c.route.version == "" {
		return c.checkPlainMedia()
	}
	if !acceptable(c.request.Header.Values("Accept"), c.route.version) {
		return newError(http.StatusNotAcceptable, "INVALID_VERSION_DATE", "Invalid accept header or version date.")
	}
	if c.route.method != http.MethodPost && c.route.method != http.MethodPatch {
		return nil
	}
	sent := c.request.Header.Get("Content-Type")
	if !isJSON(sent) {
		return newError(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
			fmt.Sprintf("The media type %q is not supported.", sent), sent)
	}
	return nil
}

func (c *call) checkPlainMedia() *apiError {
	accept := strings.Join(c.request.Header.Values("Accept"), ",")
	if accept == "" {
		return nil
	}
	for entry := range strings.SplitSeq(accept, ",") {
		mediaType, _, err := mime.ParseMediaType(entry)
		if err == nil && slices.Contains([]string{"application/json", "application/*", "*/*"}, mediaType) {
			return nil
		}
	}
	return newError(http.StatusNotAcceptable, "NOT_ACCEPTABLE", "This resource is served as application/json only.")
}

func acceptable(accept []string, version string) bool {
	for entry := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		mediaType, _, err := mime.ParseMediaType(entry)
		if err != nil {
			continue
		}
		// Dates of this form sort like text.
		if m := versionedType.FindStringSubmatch(mediaType); m != nil && m[1] >= version {
			return true
		}
	}
	return false
}

// isJSON also accepts plain JSON, because Atlas's examples send it.
func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && (mediaType == "application/json" || versionedType.MatchString(mediaType))
}

var commonQuery = []string{"pretty", "envelope"}

// checkQuery rejects parameters that the endpoint does not have.
func (c *call) checkQuery(*Server) *apiError {
	for name := range c.query {
		if !slices.Contains(commonQuery, name) && !slices.Contains(c.route.query, name) {
			return newError(http.StatusBadRequest, "INVALID_QUERY_PARAMETER",
				fmt.Sprintf("Invalid query parameter %s specified.", name), name)
		}
	}
	return nil
}

func isForm(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/x-www-form-urlencoded"
}
