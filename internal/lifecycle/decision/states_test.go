package decision

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestStates(t *testing.T) {
	type meanings map[string]stateMeaning
	for kind, table := range map[string]struct {
		states StateTable
		want   meanings
	}{
		"link": {LinkStates, meanings{
			"": {StatePending, "Creating"}, "IDLE": {StatePending, "Idle"}, "WORKING": {StatePending, "Working"},
			"DONE": {StateReady, "Done"}, "done": {StateReady, "Done"}, "FAILED": {StateFailed, "Failed"},
			"DELETE_REQUESTED": {StateDeleting, "DeleteRequested"}, "DELETING": {StateDeleting, "Deleting"},
			"DELETED": {StateDeleting, "Deleted"}, "AVAILABLE": {StatePending, "UnknownState"}, "READY": {StatePending, "UnknownState"},
		}},
		"connection": {ConnectionStates, meanings{
			"": {StatePending, "Creating"}, "PENDING": {StatePending, "Pending"}, "READY": {StateReady, "Ready"},
			"FAILED": {StateFailed, "Failed"}, "DELETING": {StateDeleting, "Deleting"}, "DONE": {StatePending, "UnknownState"},
		}},
		"service": {ServiceStates, meanings{
			"INITIATING": {StatePending, "Initiating"}, "AVAILABLE": {StateReady, "Available"},
			"WAITING_FOR_USER": {StateReady, "WaitingForUser"}, "FAILED": {StateFailed, "Failed"},
			"DELETING": {StateDeleting, "Deleting"}, "not a state": {StatePending, "UnknownState"},
		}},
	} {
		for state, want := range table.want {
			t.Run(kind+" "+state, func(t *testing.T) {
				class, reason := table.states.ClassOf(state)
				NewWithT(t).Expect(stateMeaning{class, reason}).To(Equal(want))
			})
		}
	}
}
