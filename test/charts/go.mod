// A module of its own: its tests need bin/helm, which `make test-charts` builds.
module github.com/atlasstreams/operator/test/charts

go 1.26.0

require github.com/atlasstreams/operator v0.0.0

replace github.com/atlasstreams/operator => ../..
