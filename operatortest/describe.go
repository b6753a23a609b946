package operatortest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	lastEvents = 10
	// eventsTimeout bounds how long the events may take to be read, after the context has ended too.
	eventsTimeout = 5 * time.Second
	// eventDelay is how long an event may come after the condition that it belongs to.
	eventDelay = 500 * time.Millisecond
)

// describe is a failure with all that helps to find its cause.
func (w *wait) describe(ctx context.Context, what string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s\n", w.name(), what)
	if w.err != nil {
		fmt.Fprintf(&text, "last read: %v\n", w.err)
	}
	text.WriteString("conditions:\n")
	if len(w.conditions) == 0 {
		text.WriteString("  none: the operator has not seen it\n")
	}
	for _, c := range w.conditions {
		outdated := ""
		if c.ObservedGeneration != 0 && c.ObservedGeneration != w.object.GetGeneration() {
			outdated = fmt.Sprintf(" (of generation %d, now %d)", c.ObservedGeneration, w.object.GetGeneration())
		}
		fmt.Fprintf(&text, "  %s=%s %s: %s%s\n", c.Type, c.Status, c.Reason, c.Message, outdated)
	}
	text.WriteString("last events:\n")
	text.WriteString(w.events(ctx))
	return text.String()
}

func (w *wait) name() string {
	kind := fmt.Sprintf("%T", w.object)
	if gvk, err := w.client.GroupVersionKindFor(w.object); err == nil {
		kind = gvk.Kind
	}
	return kind + " " + client.ObjectKeyFromObject(w.object).String()
}

// events are the last events of the resource, one per line, the oldest first.
func (w *wait) events(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), eventsTimeout)
	defer cancel()
	time.Sleep(eventDelay)
	list := &corev1.EventList{}
	if err := w.client.List(ctx, list, client.InNamespace(w.object.GetNamespace())); err != nil {
		return fmt.Sprintf("  not read: %v\n", err)
	}
	events := slices.DeleteFunc(list.Items, func(e corev1.Event) bool {
		return w.object.GetUID() == "" || e.InvolvedObject.UID != w.object.GetUID()
	})
	if len(events) == 0 {
		return "  none\n"
	}
	slices.SortStableFunc(events, func(a, b corev1.Event) int {
		return cmp.Compare(eventTime(&a).UnixNano(), eventTime(&b).UnixNano())
	})
	var text strings.Builder
	for _, e := range events[max(0, len(events)-lastEvents):] {
		fmt.Fprintf(&text, "  %s %s %s: %s\n", eventTime(&e).Format(time.TimeOnly), e.Type, e.Reason, e.Message)
	}
	return text.String()
}

// eventTime is when an event came last, whichever API it was written by.
func eventTime(e *corev1.Event) time.Time {
	if !e.LastTimestamp.IsZero() {
		return e.LastTimestamp.Time
	}
	if !e.EventTime.IsZero() {
		return e.EventTime.Time
	}
	return e.CreationTimestamp.Time
}
