package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// kubectl runs the real kubectl.
type kubectl struct {
	path       string
	kubeconfig string
	out        io.Writer
}

// show runs kubectl and prints the command and its output.
func (k *kubectl) show(ctx context.Context, args ...string) error {
	fmt.Fprintf(k.out, "\n$ kubectl %s\n", shellJoin(args))
	cmd := k.command(ctx, args)
	cmd.Stdout, cmd.Stderr = k.out, k.out
	return k.explain(ctx, args, cmd.Run(), "")
}

// quiet runs kubectl and prints its output only if it fails.
func (k *kubectl) quiet(ctx context.Context, args ...string) error {
	output, err := k.command(ctx, args).CombinedOutput()
	return k.explain(ctx, args, err, string(output))
}

// output returns kubectl's output.
func (k *kubectl) output(ctx context.Context, args ...string) ([]byte, error) {
	cmd := k.command(ctx, args)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	output, err := cmd.Output()
	return output, k.explain(ctx, args, err, complaint.String())
}

// apply applies generated objects and prints the result.
func (k *kubectl) apply(ctx context.Context, objects []*unstructured.Unstructured) error {
	var list bytes.Buffer
	for _, object := range objects {
		if err := json.NewEncoder(&list).Encode(object); err != nil {
			return fmt.Errorf("write %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	args := []string{"apply", "-f", "-"}
	cmd := k.command(ctx, args)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &list, k.out, k.out
	return k.explain(ctx, args, cmd.Run(), "")
}

// finalizeNamespace removes the finalizer of an empty namespace.
func (k *kubectl) finalizeNamespace(ctx context.Context, name string) error {
	args := []string{"replace", "--raw", "/api/v1/namespaces/" + name + "/finalize", "-f", "-"}
	cmd := k.command(ctx, args)
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": %q}}`, name))
	output, err := cmd.CombinedOutput()
	return k.explain(ctx, args, err, string(output))
}

func (k *kubectl) command(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, k.path, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+k.kubeconfig)
	return cmd
}

func (k *kubectl) explain(ctx context.Context, args []string, err error, output string) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	default:
		return fmt.Errorf("kubectl %s: %w\n%s", shellJoin(args), err, strings.TrimSpace(output))
	}
}

// shellJoin quotes arguments so that they can be pasted into a shell.
func shellJoin(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		if strings.ContainsAny(arg, " '\"\\$`*?[]{}()<>|&;~#!\t\n") {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		quoted[i] = arg
	}
	return strings.Join(quoted, " ")
}
