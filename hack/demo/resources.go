package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/atlasstreams/operator/config/crd"
)

// resources watches every resource of the operator's kinds.
type resources struct {
	kinds      []schema.GroupVersionKind
	shortNames []string
	cache      cache.Cache
	// changed has an item if something changed since the last read.
	changed chan struct{}
}

func watchResources(ctx context.Context, config *rest.Config) (*resources, error) {
	definitions, err := crd.All()
	if err != nil {
		return nil, err
	}
	r := &resources{changed: make(chan struct{}, 1)}
	if r.cache, err = cache.New(config, cache.Options{}); err != nil {
		return nil, fmt.Errorf("watch the resources: %w", err)
	}
	go func() { _ = r.cache.Start(ctx) }() // ends with ctx; failures show in the wait below
	for _, definition := range slices.Backward(definitions) {
		spec := definition.Spec
		kind := schema.GroupVersionKind{Group: spec.Group, Version: spec.Versions[0].Name, Kind: spec.Names.Kind}
		object := &unstructured.Unstructured{}
		object.SetGroupVersionKind(kind)
		informer, err := r.cache.GetInformer(ctx, object)
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", kind.Kind, err)
		}
		_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { r.wake() },
			UpdateFunc: func(any, any) { r.wake() },
			DeleteFunc: func(any) { r.wake() },
		})
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", kind.Kind, err)
		}
		r.kinds = append(r.kinds, kind)
		r.shortNames = append(r.shortNames, spec.Names.ShortNames[0])
	}
	if !r.cache.WaitForCacheSync(ctx) {
		return nil, fmt.Errorf("watch the resources: %w", context.Cause(ctx))
	}
	return r, nil
}

func (r *resources) wake() {
	select {
	case r.changed <- struct{}{}:
	default: // an item is already queued
	}
}

// rows returns all resources, sorted by kind, namespace and name.
func (r *resources) rows(ctx context.Context) ([]row, error) {
	var rows []row
	for _, kind := range r.kinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind)
		if err := r.cache.List(ctx, list); err != nil {
			return nil, fmt.Errorf("list %s: %w", kind.Kind, err)
		}
		items := list.Items
		slices.SortFunc(items, func(a, b unstructured.Unstructured) int {
			return strings.Compare(a.GetNamespace()+"/"+a.GetName(), b.GetNamespace()+"/"+b.GetName())
		})
		for _, item := range items {
			rows = append(rows, newRow(&item))
		}
	}
	return rows, nil
}

// follow calls show with the rows at every change until done returns true. It returns an error if a process exits, the
// timeout expires or ctx ends.
func (d *demo) follow(ctx context.Context, show func([]row), done func([]row) bool) error {
	timeout := time.NewTimer(d.timeout)
	defer timeout.Stop()
	for {
		rows, err := d.resources.rows(ctx)
		if err != nil {
			return err
		}
		show(rows)
		if done(rows) {
			return nil
		}
		select {
		case <-d.resources.changed:
		case <-d.manager.Done():
			return d.manager.Failure()
		case <-d.simulator.process.Done():
			return d.simulator.process.Failure()
		case <-timeout.C:
			return errTimeout
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
