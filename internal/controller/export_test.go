package controller

import (
	"context"

	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Outsider is what a manager with that selector finds of other shards in a project.
func Outsider(ctx context.Context, live client.Reader, selector labels.Selector, projectID string) (string, error) {
	return newShard(live, Options{LabelSelector: selector}, kinds()).outsider(ctx, projectID)
}
