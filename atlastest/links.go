package atlastest

import (
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"
)

func listPrivateLinks(s *Server, c *call) (int, any, *apiError) {
	seen := c.listed(s)
	return page(c, shown(s, c, c.project.goneLinks, c.project.links, seen), func(l *privateLink) any { return l.answer(seen) })
}

func getPrivateLink(s *Server, c *call) (int, any, *apiError) {
	l := c.link(s)
	if l == nil {
		return 0, nil, linkNotFound(c.projectID, c.target)
	}
	return http.StatusOK, l.answer(c.got()), nil
}

// createPrivateLink returns only the request's members and the ID, as Atlas does. State and defaults appear in later
// reads.
func createPrivateLink(s *Server, c *call) (int, any, *apiError) {
	if err := c.checkLink(s.cfg.allowSurplusFields); err != nil {
		return 0, nil, err
	}
	fields := linkMembers(c.object).merge(nil, linkSchema.withoutReadOnly(c.object))
	if s.cfg.refuseDuplicateLinks {
		if twin := c.project.twin(fields, c); twin != nil {
			return 0, nil, newError(http.StatusBadRequest, "STREAM_PRIVATE_LINK_ALREADY_EXISTS",
				fmt.Sprintf("A private link connection with these fields already exists: %s.", twin.id), twin.id)
		}
	}
	l := s.newLink(c.project, fields, c.now)
	if failure, fails := s.linkFailure(c.project, l.fields); fails {
		l.failure = failure
		l.begin(s.cfg.durations, StateFailed, c.now)
	}
	c.created(&l.acts, &s.ledger.PrivateLinks)
	echo := cloneObject(l.sent)
	echo["_id"] = l.id
	return http.StatusOK, echo, nil
}

// updatePrivateLink changes the DNS domain, the only mutable field.
func updatePrivateLink(s *Server, c *call) (int, any, *apiError) {
	l := c.findLink()
	if l == nil {
		return 0, nil, linkNotFound(c.projectID, c.target)
	}
	if bad := (schema{"dnsDomain": {}}).check("", c.object); len(bad) > 0 {
		return 0, nil, invalid(bad...)
	}
	if !has(c.object, "dnsDomain") {
		return 0, nil, invalid(FieldError{"dnsDomain", "is required"})
	}
	state := l.states.at(c.now)
	switch {
	case linkVendor(l.fields) != "AWS/CONFLUENT":
		return 0, nil, refused("The DNS domain can be changed for provider AWS and vendor CONFLUENT only.")
	case isDeleting(state):
		return 0, nil, refused("The private link connection %s is being deleted.", l.id)
	case has(l.fields, "dnsDomain") && state != StateIdle:
		return 0, nil, refused("The DNS domain is set and can be changed only while the private link connection is IDLE, it is %s.", state)
	}
	l.past = remember(l.past, l.fields, c.now)
	l.fields["dnsDomain"] = c.object["dnsDomain"]
	c.changed(&l.acts, &s.ledger.PrivateLinks)
	l.goOn(s.cfg.durations, c.now)
	return http.StatusOK, l.answer(c.now), nil
}

func deletePrivateLink(s *Server, c *call) (int, any, *apiError) {
	l := c.findLink()
	if l == nil || c.hides(s, l.id, l.id) {
		return 0, nil, linkNotFound(c.projectID, c.target)
	}
	if len(c.project.users(l.id, c.now)) > 0 {
		return 0, nil, newError(http.StatusBadRequest, "STREAM_PRIVATE_LINK_IN_USE",
			fmt.Sprintf("Private Link with connection ID (%s) is in use.", l.id), l.id)
	}
	if !isDeleting(l.states.at(c.now)) {
		l.delete(s.cfg.durations, c.now)
		c.deleted(&l.acts, &s.ledger.PrivateLinks)
		s.track(l, c.now)
	}
	return http.StatusAccepted, map[string]any{}, nil
}

func (c *call) findLink() *privateLink {
	l := c.project.linksByID[c.target]
	if l == nil || l.states.gone(c.now) {
		return nil
	}
	return l
}

// twin returns a live link with equal fields.
func (p *project) twin(fields map[string]any, c *call) *privateLink {
	wanted := cloneObject(fields)
	canonicalLink(wanted)
	for _, l := range p.links {
		if !isDeleting(l.states.at(c.now)) && reflect.DeepEqual(l.fields, wanted) {
			return l
		}
	}
	return nil
}

// failRule makes links with certain fields fail.
type failRule struct {
	match   map[string]*regexp.Regexp
	message string
}

func newFailRule(match map[string]string, message string) *failRule {
	rule := &failRule{match: map[string]*regexp.Regexp{}, message: message}
	for name, value := range match {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(value), `\*`, `.*`)
		rule.match[name] = regexp.MustCompile(`(?is)^` + pattern + `$`)
	}
	return rule
}

func (r *failRule) matches(fields map[string]any) bool {
	for name, pattern := range r.match {
		values := append(texts(fields, name), text(fields, name))
		matched := false
		for _, value := range values {
			matched = matched || value != "" && pattern.MatchString(value)
		}
		if !matched {
			return false
		}
	}
	return true
}

// linkFailure reports whether a new link fails, with the error message.
func (s *Server) linkFailure(p *project, fields map[string]any) (string, bool) {
	if len(p.failNext) > 0 {
		message := p.failNext[0]
		p.failNext = p.failNext[1:]
		return message, true
	}
	for _, rule := range s.failRules {
		if rule.matches(fields) {
			return rule.message, true
		}
	}
	return "", false
}
