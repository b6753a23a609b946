package credentials

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestTextOf(t *testing.T) {
	for name, c := range map[string]struct {
		raw  string
		text string
		err  error
	}{
		"as it is":            {"planted", "planted", nil},
		"line end":            {"planted\n", "planted", nil},
		"line end of Windows": {"planted\r\n", "planted", nil},
		"line ends":           {"planted\n\r\n\n", "planted", nil},
		"BOM":                 {"\uFEFFplanted\n", "planted", nil},
		"blanks stay":         {" planted\t \n", " planted\t ", nil},
		"lines inside stay":   {"\na\nb\r\nc\n", "\na\nb\r\nc", nil},
		"more than ASCII":     {"pläntéd😀", "pläntéd😀", nil},
		"nothing":             {"", "", errEmpty},
		"line end only":       {"\r\n", "", errEmpty},
		"blanks only":         {"   \t\n", "", errEmpty},
		"BOM only":            {"\uFEFF\n", "", errEmpty},
		"UTF-16, little":      {"\xFF\xFEp\x00l\x00", "", errUTF16},
		"UTF-16, big":         {"\xFE\xFF\x00p\x00l", "", errUTF16},
		"UTF-16 without BOM":  {"p\x00l\x00", "", errNUL},
		"NUL":                 {"planted\x00", "", errNUL},
		"not UTF-8":           {"planted\xC3", "", errUTF8},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			text, err := TextOf([]byte(c.raw))
			g.Expect(text).To(Equal(c.text))
			if c.err == nil {
				g.Expect(err).NotTo(HaveOccurred())
			} else {
				g.Expect(err).To(MatchError(c.err))
			}
		})
	}
}
