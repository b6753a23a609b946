package credentials

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestTextOf(t *testing.T) {
	for name, c := range map[string]struct {
		raw  string
		text string
		err  string
	}{
		"as it is":            {"planted", "planted", ""},
		"line end":            {"planted\n", "planted", ""},
		"line end of Windows": {"planted\r\n", "planted", ""},
		"line ends":           {"planted\n\r\n\n", "planted", ""},
		"BOM":                 {"\uFEFFplanted\n", "planted", ""},
		"blanks stay":         {" planted\t \n", " planted\t ", ""},
		"lines inside stay":   {"\na\nb\r\nc\n", "\na\nb\r\nc", ""},
		"more than ASCII":     {"pläntéd😀", "pläntéd😀", ""},
		"nothing":             {"", "", "is empty"},
		"line end only":       {"\r\n", "", "is empty"},
		"blanks only":         {"   \t\n", "", "is empty"},
		"BOM only":            {"\uFEFF\n", "", "is empty"},
		"UTF-16, little":      {"\xFF\xFEp\x00l\x00", "", "is UTF-16 text, not UTF-8"},
		"UTF-16, big":         {"\xFE\xFF\x00p\x00l", "", "is UTF-16 text, not UTF-8"},
		"UTF-16 without BOM":  {"p\x00l\x00", "", "contains a NUL byte, so it is not text"},
		"NUL":                 {"planted\x00", "", "contains a NUL byte, so it is not text"},
		"not UTF-8":           {"planted\xC3", "", "is not UTF-8 text"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			text, err := TextOf([]byte(c.raw))
			g.Expect(text).To(Equal(c.text))
			if c.err == "" {
				g.Expect(err).NotTo(HaveOccurred())
			} else {
				g.Expect(err).To(MatchError(c.err))
			}
		})
	}
}
