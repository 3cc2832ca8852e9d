package selector_test

import (
	"os/exec"
	"strings"
	"testing"
)

func TestAPluginOverNetRPCDoesNotLinkTheGeneratedCode(t *testing.T) {
	list, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(list), "sdk/go/selectorpb") || strings.Contains(string(list), "sdk/go/selectorgrpc") {
		t.Fatalf("package selector needs one of them:\n%s", list)
	}
}
