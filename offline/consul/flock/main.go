// Command flock is the one tool of Alpine's busybox that our scripts use and Debian's busybox lacks:
//
//	flock [-s] [-u] [-n] FD
//	flock [-s] [-n] FILE PROGRAM [ARG]...
//	flock [-s] [-n] FILE -c COMMAND
//
// Exit code 1 where -n was given and somebody else holds the lock.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, "flock:", err)
	os.Exit(1)
}

func lock(fd, how int) {
	for {
		err := syscall.Flock(fd, how)
		switch {
		case err == nil:
			return
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			os.Exit(1)
		default:
			fail(err)
		}
	}
}

func main() {
	how, wait, args := syscall.LOCK_EX, 0, os.Args[1:]
	for ; len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-'; args = args[1:] {
		for _, flag := range args[0][1:] {
			switch flag {
			case 's':
				how = syscall.LOCK_SH
			case 'x':
				how = syscall.LOCK_EX
			case 'u':
				how = syscall.LOCK_UN
			case 'n':
				wait = syscall.LOCK_NB
			default:
				fail(fmt.Errorf("unknown flag -%c", flag))
			}
		}
	}
	if len(args) == 0 {
		fail(errors.New("a descriptor or a file is needed"))
	}
	if len(args) == 1 {
		fd, err := strconv.Atoi(args[0])
		if err != nil {
			fail(fmt.Errorf("%q is no descriptor", args[0]))
		}
		lock(fd, how|wait)
		return
	}
	// Opened without close-on-exec: the program that takes this one's place keeps the lock until it ends.
	fd, err := syscall.Open(args[0], syscall.O_RDONLY|syscall.O_CREAT, 0o666)
	if err != nil {
		fail(err)
	}
	lock(fd, how|wait)
	command := args[1:]
	if command[0] == "-c" {
		command = append([]string{"/bin/sh"}, command...)
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		fail(err)
	}
	fail(syscall.Exec(path, command, os.Environ()))
}
