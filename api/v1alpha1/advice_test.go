package v1alpha1_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// advice is a sentence of a message of the operator that tells people to change a spec, and that change.
type advice struct {
	// words of the message, as the source has them.
	words string
	// build, of, more and status make the object that the message stands in.
	build            builder
	of, more, status string
	// change is what the message advises.
	change string
}

const (
	adopted     = "id: " + linkID + ", ownership: Adopted"
	createdLink = requested + ", id: " + linkID + ", ownership: Created"
	overALink   = "networking: {type: PRIVATE_LINK, privateLinkRef: {name: way}}"
)

var advices = []advice{
	{"or set adoptionPolicy Always to bring it in line", link, "AWS S3", "", "", "adoptionPolicy: Always"},
	{"or set adoptionPolicy Always to bring it in line", connection, "Https", "", "", "adoptionPolicy: Always"},
	{"Put its values into the spec", link, "AWS CONFLUENT", "", "", "dnsSubDomain: []"},
	{"Put its values into the spec", connection, "Https", "", "", "https: {url: https://other.example.com}"},
	{"set IfMatches or Always to take it over", link, "AWS S3", "adoptionPolicy: Never", "", "adoptionPolicy: IfMatches"},
	{"only with deletionPolicy Retain: set that", link, "AWS S3", "", "", "deletionPolicy: Retain"},
	{"delete this resource with deletionPolicy Retain", link, "AWS S3", "", adopted, "deletionPolicy: Retain"},
	{"delete this resource with deletionPolicy Retain", connection, "Https", "", createdLink, "deletionPolicy: Retain"},
	{"put the old value back into the spec", connection, "Kafka", overALink, createdLink, "networking: {privateLinkRef: {name: other}}"},
	{"driftPolicy is Report: set Correct", link, "AWS S3", "driftPolicy: Report", createdLink, "driftPolicy: Correct"},
	{"set spec.importId to the one that is meant", link, "AWS S3", "", "", "importId: " + otherID},
	{"set spec.importId to the one that is meant", link, "AWS S3", "", requested, "importId: " + otherID},
	{"Set spec.importId to that id if it was", link, "AWS S3", "", requested, "importId: " + otherID},
	{"correct importId", link, "AWS S3", "importId: " + linkID, "", "importId: " + otherID},
	{"or remove it to have a new one created", link, "AWS S3", "importId: " + linkID, "", "importId: null"},
	{"set spec.importId to one of these ids", link, "AWS S3", "managementPolicy: Observe", "", "importId: " + otherID},
	{"set spec.id and remove regionName", service, "by region", "", "", "{id: " + otherID + ", regionName: null}"},
	{"managementPolicy is Paused: set Manage", link, "AWS S3", "managementPolicy: Paused", createdLink, "managementPolicy: Manage"},
	{"deletionPolicy Retain to keep it", link, "AWS S3", "managementPolicy: Paused", createdLink, "deletionPolicy: Retain"},
	{"name a Secret of this namespace in spec.credentialsRef", link, "AWS S3", "", createdLink, "credentialsRef: {name: other}"},
	{"set spec.dnsDomain to the domain of the access point", link, "AWS CONFLUENT serverless", "dnsDomain: null", createdLink + ", state: WORKING, interfaceEndpointId: vpce-1",
		"dnsDomain: ap123.us-east-1.aws.accesspoint.confluent.cloud"},
	{"Correct the spec, or the values of the Secrets", connection, "Kafka", "", createdLink, "kafka: {bootstrapServers: 'other.example.com:9092'}"},
	{"Correct the spec, or the values of the Secrets", link, "AWS S3", "", "conditions: []", "{region: us-east-2, serviceEndpointId: com.amazonaws.us-east-2.s3}"},
	{"Then the spec can be changed", link, "AWS S3", "", "conditions: []", "{region: us-east-2, serviceEndpointId: com.amazonaws.us-east-2.s3}"},
	{"Correct their spelling, or remove them", connection, "Kafka", "kafka: {config: {auto.offset.rest: earliest}}", createdLink, "kafka: {config: {auto.offset.rest: null, auto.offset.reset: earliest}}"},
	{"Use a mechanism of that scheme, or another link", connection, "Kafka", overALink, createdLink, "kafka: {authentication: {mechanism: SCRAM-512}}"},
	{"Use a mechanism of that scheme, or another link", connection, "Kafka", overALink, "", "networking: {privateLinkRef: {name: other}}"},
	{"refer to a link of the same project", connection, "Kafka", overALink, "", "networking: {privateLinkRef: {name: other}}"},
	{"create it again, or refer to another one", connection, "Kafka", overALink, "", "networking: {privateLinkRef: {name: other}}"},
	{"sslKeyPasswordSecretRef, or put the key there without encryption", connection, "Kafka", authenticate("mechanism: SSL, username: null, passwordSecretRef: null, tlsSecretRef: {name: t}"), createdLink,
		authenticate("sslKeyPasswordSecretRef: {name: p, key: k}")},
}

var _ = Describe("What messages advise", func() {
	for _, a := range advices {
		It("is accepted: "+a.words, func(ctx SpecContext) {
			object := stored(ctx, a.build(a.of, a.more), a.status)
			Expect(change(ctx, object, a.change)).To(Succeed())
		})
	}
})

// A rule has a message of its own for numbers only: a schema that takes booleans takes anything.
var _ = It("refuses a boolean in config with the text that the docs explain", func(ctx SpecContext) {
	Expect(admit(ctx, connection("Kafka", "kafka: {config: {enable.idempotence: true}}"))).To(MatchError(ContainSubstring("must be of type integer,string")))
})

// newResource are the words of advice that needs no change of a spec: a new resource, a Secret, or Atlas itself.
var newResource = []string{
	"Delete this resource and create it", "create a new resource with the right name", "Create the connection without region", "Use another workspace",
	"correct it.", "put a valid id and secret there", "correct or remove it", "check spec.projectId",
}

// TestEveryAdviceIsTried looks for sentences that tell people to change a spec: each has to be in the table above.
func TestEveryAdviceIsTried(t *testing.T) {
	g := NewWithT(t)
	asks := regexp.MustCompile(`(?i)\b(set|put|remove|correct|use|refer|name|change|create)\b`)
	about := regexp.MustCompile(`spec\b|importId|[a-z]Policy\b|mechanism|kafka\.config|dnsDomain|link of the same|region`)
	known := append([]string{}, newResource...)
	for _, a := range advices {
		known = append(known, a.words)
	}
	found := map[string]bool{}
	var untried []string
	for _, text := range literals(t, "../../internal/*/", "../../internal/*/*/") {
		advises := strings.Contains(text, " ") && asks.MatchString(text) && about.MatchString(text)
		tried := false
		for _, words := range known {
			if strings.Contains(text, words) {
				tried, found[words] = true, true
			}
		}
		if advises && !tried && !facts.MatchString(text) {
			untried = append(untried, text)
		}
	}
	g.Expect(untried).To(BeEmpty(), "no change is tried for these")
	for _, a := range advices {
		g.Expect(found).To(HaveKey(a.words), "no message says so")
	}
}

// facts are texts about the spec that advise nothing.
var facts = regexp.MustCompile(`^Atlas took the change and still differs from the spec`)

// literals are the texts in the Go sources of directories, without their tests.
func literals(t *testing.T, dirs ...string) (texts []string) {
	t.Helper()
	var files []string
	for _, dir := range dirs {
		found, err := filepath.Glob(filepath.Join(dir, "*.go"))
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		files = append(files, found...)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				NewWithT(t).Expect(err).NotTo(HaveOccurred())
				texts = append(texts, text)
			}
			return true
		})
	}
	return texts
}
