// Package docs finds what the tests run of the documentation.
package docs

import (
	"os"
	"regexp"
	"strings"

	. "github.com/onsi/gomega"
)

// Block is one that a page marks by a comment `<!-- test: NAME -->` before it.
type Block struct {
	Name string
	// Script is for a shell. Of a manifest it is the command that applies it.
	Script string
}

var marked = regexp.MustCompile("(?s)<!-- test: ([a-z-]+) -->\n+```(sh|yaml)\n(.*?)```\n")

var commands = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// Commands are all blocks of commands of a page, marked or not.
func Commands(g Gomega, page string) []string {
	text, err := os.ReadFile(page)
	g.Expect(err).NotTo(HaveOccurred())
	matches := commands.FindAllStringSubmatch(string(text), -1)
	scripts := make([]string, 0, len(matches))
	for _, match := range matches {
		scripts = append(scripts, match[1])
	}
	return scripts
}

// Marked are the marked blocks of a page, in their order.
func Marked(g Gomega, page string) []Block {
	text, err := os.ReadFile(page)
	g.Expect(err).NotTo(HaveOccurred())
	matches := marked.FindAllStringSubmatch(string(text), -1)
	blocks := make([]Block, 0, len(matches))
	for _, match := range matches {
		block := Block{Name: match[1], Script: match[3]}
		if match[2] == "yaml" {
			block.Script = "kubectl apply --filename - <<'EOF'\n" + match[3] + "EOF\n"
		}
		blocks = append(blocks, block)
	}
	g.Expect(blocks).To(HaveLen(strings.Count(string(text), "<!-- test: ")), "a marker without a block in %s", page)
	return blocks
}
