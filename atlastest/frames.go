package atlastest

import "encoding/binary"

// Frames of HTTP/2, RFC 9113 section 4.1 and 6.
const (
	frameHeaderLen = 9
	resetFrameLen  = frameHeaderLen + 4
	frameReset     = 0x3
	frameGoAway    = 0x7
)

// frameScanner finds RST_STREAM frames in the server's output.
type frameScanner struct {
	held    []byte // an incomplete header or RST_STREAM
	payload int    // remaining bytes of another frame
}

// rewrite returns the bytes to send instead of p. Incomplete frames are held back.
func (f *frameScanner) rewrite(p []byte, reset func(stream, code uint32) []byte) []byte {
	out := make([]byte, 0, len(p))
	for len(p) > 0 {
		if f.payload > 0 {
			n := min(f.payload, len(p))
			out, p, f.payload = append(out, p[:n]...), p[n:], f.payload-n
			continue
		}
		n := min(f.missing(), len(p))
		f.held, p = append(f.held, p[:n]...), p[n:]
		switch {
		case f.missing() > 0:
		case f.held[3] == frameReset:
			out = append(out, reset(binary.BigEndian.Uint32(f.held[5:]), binary.BigEndian.Uint32(f.held[9:]))...)
			f.held = f.held[:0]
		default:
			f.payload = int(f.held[0])<<16 | int(f.held[1])<<8 | int(f.held[2])
			out = append(out, f.held...)
			f.held = f.held[:0]
		}
	}
	return out
}

// missing returns the number of missing bytes of the header, or of a whole RST_STREAM.
func (f *frameScanner) missing() int {
	if len(f.held) >= frameHeaderLen && f.held[3] == frameReset {
		return resetFrameLen - len(f.held)
	}
	return frameHeaderLen - len(f.held)
}

func resetFrame(stream, code uint32) []byte {
	frame := binary.BigEndian.AppendUint32([]byte{0, 0, 4, frameReset, 0}, stream)
	return binary.BigEndian.AppendUint32(frame, code)
}

func goAwayFrame(lastStream, code uint32) []byte {
	frame := binary.BigEndian.AppendUint32([]byte{0, 0, 8, frameGoAway, 0}, 0)
	frame = binary.BigEndian.AppendUint32(frame, lastStream)
	return binary.BigEndian.AppendUint32(frame, code)
}
