package main

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// startChild starts this program again as a child that shares stdout and stderr and is never waited for.
func startChild(attributes *syscall.SysProcAttr) {
	child := exec.Command(os.Args[0], "-fault", "linger")
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	child.SysProcAttr = attributes
	if err := child.Start(); err != nil {
		panic(err)
	}
}

// linger is such a child: it does nothing and ends for nobody who asks politely.
func linger() {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGPIPE)
	time.Sleep(time.Hour)
}

// removeSockets removes every socket file of this plugin; connections through them live on.
func removeSockets() {
	files, _ := filepath.Glob(filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "*"))
	for _, file := range files {
		_ = os.Remove(file)
	}
}
