package atlastest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// adversaryKind is one kind of fault.
type adversaryKind struct {
	name  string
	meets func(Request) bool // nil means every request
	fault func(a *Adversary) Fault
}

// AdversaryKinds returns the names of all kinds of faults of an [Adversary].
func AdversaryKinds() []string {
	names := make([]string, len(adversaryKinds))
	for i, kind := range adversaryKinds {
		names[i] = kind.name
	}
	return names
}

func selectKinds(names []string) []adversaryKind {
	kinds := make([]adversaryKind, 0, len(names))
	for _, name := range names {
		i := slices.IndexFunc(adversaryKinds, func(k adversaryKind) bool { return k.name == name })
		if i < 0 {
			panic(fmt.Sprintf("atlastest: there is no kind of fault %q", name))
		}
		kinds = append(kinds, adversaryKinds[i])
	}
	return kinds
}

var adversaryKinds = slices.Concat(readKinds(), atlasKinds(), pageKinds(), cutKinds(), halfKinds(), slowKinds())

func isRead(r Request) bool { return r.Method == http.MethodGet }

func isWrite(r Request) bool { return !isRead(r) }

// plain is a fault that is the same for every adversary.
func plain(name string, fault Fault) adversaryKind {
	return adversaryKind{name: name, fault: func(*Adversary) Fault { return fault }}
}

// ofReads is a fault that a read triggers.
func ofReads(name string, fault ReadFault) adversaryKind {
	return adversaryKind{name: name, meets: isRead, fault: func(a *Adversary) Fault { return Fault{Hook: a.disturb(fault)} }}
}

func readKinds() []adversaryKind {
	stale := adversaryKind{name: "replica behind", meets: isRead, fault: func(a *Adversary) Fault {
		return Fault{Hook: a.disturb(ReadFault{Behind: a.part()})}
	}}
	return []adversaryKind{
		ofReads("hole in lists and GETs", ReadFault{HideLists: true, HideGets: true}),
		ofReads("hole in lists", ReadFault{HideLists: true}),
		ofReads("hole in GETs", ReadFault{HideGets: true}),
		ofReads("hole in workspaces", ReadFault{HideWorkspaces: true}),
		stale,
		ofReads("page shifted by a deletion", ReadFault{Shift: ShiftDelete}),
		ofReads("page shifted by an insertion", ReadFault{Shift: ShiftInsert}),
	}
}

// atlasKinds are responses of Atlas itself. A 404 without a code is for reads only, because for a DELETE it proves
// that the object is deleted.
func atlasKinds() []adversaryKind {
	withoutCode := plain("404 without a code", Fault{Status: http.StatusNotFound, Detail: "Cannot find resource."})
	withoutCode.meets = func(r Request) bool { return isRead(r) && r.Target != "" }
	return []adversaryKind{
		withoutCode,
		plain("401 USER_CANNOT_ACCESS_GROUP", Fault{
			Status: http.StatusUnauthorized, ErrorCode: "USER_CANNOT_ACCESS_GROUP", Detail: "User cannot access this group.",
		}),
		plain("401 token expired", Fault{Status: http.StatusUnauthorized, ErrorCode: "UNEXPECTED_ERROR", Detail: "You are not authorized for this resource."}),
		plain("429", Fault{
			Status: http.StatusTooManyRequests, ErrorCode: "RATE_LIMITED_TOKEN_BUCKET", Detail: "Too many requests.", RetryAfter: time.Second,
		}),
		plain("500", Fault{Status: http.StatusInternalServerError, ErrorCode: "UNEXPECTED_ERROR", Detail: "Unexpected error."}),
		plain("500 after the commit", Fault{
			Status: http.StatusInternalServerError, ErrorCode: "UNEXPECTED_ERROR", Detail: "Unexpected error.", AfterCommit: true,
		}),
	}
}

// pageKinds are proxy pages with every status, before and after the commit.
func pageKinds() []adversaryKind {
	pages := []Page{PageNginx, PageEnvoy, PageFilter, PageLogin}
	kinds := make([]adversaryKind, 0, 28)
	for i, status := range []int{200, 301, 302, 400, 401, 403, 404, 407, 413, 429, 500, 502, 503, 504} {
		page := pages[i%len(pages)]
		kinds = append(kinds,
			plain(fmt.Sprintf("page of a proxy, %d", status), Fault{Status: status, Page: page}),
			plain(fmt.Sprintf("page of a proxy, %d after the commit", status), Fault{Status: status, Page: page, AfterCommit: true}))
	}
	return kinds
}

func cutKinds() []adversaryKind {
	names := map[Cut]string{CutClose: "closed", CutReset: "connection reset"}
	kinds := make([]adversaryKind, 0, 14)
	for _, cut := range []Cut{
		CutClose, CutReset, CutProtocolError, CutInternalError, CutRefusedStream, CutCancel, CutGoAway,
	} {
		name := names[cut]
		if name == "" {
			name = string(cut)
		}
		kinds = append(kinds,
			plain(name+" before the commit", Fault{DropBefore: true, Cut: cut}),
			plain(name+" after the commit", Fault{DropAfter: true, Cut: cut}))
	}
	return kinds
}

func halfKinds() []adversaryKind {
	return []adversaryKind{
		plain("half an answer", Fault{Truncate: true}),
		plain("half an answer that looks whole", Fault{Truncate: true, NoLength: true}),
		plain("half an answer, connection reset", Fault{Truncate: true, Cut: CutReset}),
	}
}

// slowKinds delay requests. A hanging one is held until its client goes away. It is used only for writes, which are
// executed first.
func slowKinds() []adversaryKind {
	late := adversaryKind{name: "late commit", meets: isWrite, fault: func(a *Adversary) Fault { return Fault{Delay: a.opts.MaxDelay} }}
	hangs := plain("no answer after the commit", Fault{Hang: true, AfterCommit: true})
	hangs.meets = isWrite
	return []adversaryKind{late, hangs}
}
