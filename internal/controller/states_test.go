package controller

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestStates(t *testing.T) {
	type meanings map[string]stateMeaning
	for kind, table := range map[string]struct {
		states stateTable
		want   meanings
	}{
		"link": {linkStates, meanings{
			"": {statePending, "Creating"}, "IDLE": {statePending, "Idle"}, "WORKING": {statePending, "Working"},
			"DONE": {stateReady, "Done"}, "done": {stateReady, "Done"}, "FAILED": {stateFailed, "Failed"},
			"DELETE_REQUESTED": {stateDeleting, "DeleteRequested"}, "DELETING": {stateDeleting, "Deleting"},
			"DELETED": {stateDeleting, "Deleted"}, "AVAILABLE": {statePending, "UnknownState"}, "READY": {statePending, "UnknownState"},
		}},
		"connection": {connectionStates, meanings{
			"": {statePending, "Creating"}, "PENDING": {statePending, "Pending"}, "READY": {stateReady, "Ready"},
			"FAILED": {stateFailed, "Failed"}, "DELETING": {stateDeleting, "Deleting"}, "DONE": {statePending, "UnknownState"},
		}},
		"service": {serviceStates, meanings{
			"INITIATING": {statePending, "Initiating"}, "AVAILABLE": {stateReady, "Available"},
			"WAITING_FOR_USER": {stateReady, "WaitingForUser"}, "FAILED": {stateFailed, "Failed"},
			"DELETING": {stateDeleting, "Deleting"}, "not a state": {statePending, "UnknownState"},
		}},
	} {
		for state, want := range table.want {
			t.Run(kind+" "+state, func(t *testing.T) {
				class, reason := table.states.classOf(state)
				NewWithT(t).Expect(stateMeaning{class, reason}).To(Equal(want))
			})
		}
	}
}
