// Package punchlab makes worlds behind NATs for tests. It needs punchlab and nothing but Go's standard library.
//
//	world, err := punchlab.Up("port-restricted", "symmetric") // alice behind the first, bob behind the second
//	defer world.End()
//	server := world.Command("server", "./rendezvous", "7000")
//	err = world.Command("alice", "./peer", world.Address("server")+":7000").Run()
//	why, err := world.Why("alice", "bob")
//
// The environment variable PUNCHLAB names another punchlab than the first in PATH.
package punchlab

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
)

// version of what a world says of itself (sim/README.md).
const version = 1

// Node is a host or a NAT box.
type Node struct {
	Name, Kind, Public, Behind, Nat string
	Addresses                       []string
}

// World stands until End, or until this program ends, whatever ends it.
type World struct {
	Version int
	Name    string
	Pid     int
	Nodes   []Node

	up    *exec.Cmd
	input io.Closer
	said  strings.Builder
}

// Verdict is what a trace tells of two hosts.
type Verdict struct {
	Outcome, Protocol, Cause, Box string
	Help, Text                    []string
}

// Node is nil for a name that nobody has.
func (w *World) Node(name string) *Node {
	for i := range w.Nodes {
		if w.Nodes[i].Name == name {
			return &w.Nodes[i]
		}
	}
	return nil
}

// Address of a host or box, its first; "" for a name that nobody has.
func (w *World) Address(name string) string {
	if node := w.Node(name); node != nil && len(node.Addresses) > 0 {
		return node.Addresses[0]
	}
	return ""
}

func command(words ...string) *exec.Cmd {
	program := os.Getenv("PUNCHLAB")
	if program == "" {
		program = "punchlab"
	}
	return exec.Command(program, words...)
}

// Up makes a world with a host behind each of those NATs; words before them may be options of "punchlab up", and a
// scenario's file may stand for the NATs.
func Up(words ...string) (*World, error) {
	w := &World{}
	w.up = command(append([]string{"up", "--json", "--stdin", "--quiet", "--keep", "none"}, words...)...)
	w.up.Stderr = &w.said
	input, err := w.up.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := w.up.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.input = input
	if err := w.up.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		w.up.Wait()
		return nil, errors.New(strings.TrimSpace(w.said.String()))
	}
	if err := json.Unmarshal(line, w); err != nil {
		w.End()
		return nil, err
	}
	if w.Version != version {
		w.End()
		return nil, fmt.Errorf("punchlab speaks version %d, and this is for version %d", w.Version, version)
	}
	return w, nil
}

// End ends the world and all that runs in it. It is an error if something of it was lost.
func (w *World) End() error {
	w.input.Close()
	if err := w.up.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(w.said.String()))
	}
	return nil
}

// Command is a program on that host or box, not started yet.
func (w *World) Command(host string, argv ...string) *exec.Cmd {
	return command(append([]string{"exec", "--name", w.Name, host, "--"}, argv...)...)
}

// Call makes any call of the scenario language (scenarios/README.md) on "lab", a host, a box or "HOST link", and stores
// the list of what it returns in result, unless that is nil. A HostArgument is a host or box.
func (w *World) Call(result any, on, name string, arguments ...any) error {
	there, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: fmt.Sprintf("@punchlab-calls/%d", w.Pid), Net: "unix"})
	if err != nil {
		return err
	}
	defer there.Close()
	request := map[string]any{"on": on, "call": name, "args": append([]any{}, arguments...)}
	if err := json.NewEncoder(there).Encode(request); err != nil {
		return err
	}
	there.CloseWrite()
	var answer struct {
		Error  string
		Result json.RawMessage
	}
	if err := json.NewDecoder(there).Decode(&answer); err != nil {
		return err
	}
	if answer.Error != "" {
		return errors.New(answer.Error)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer.Result, result)
}

// HostArgument is an argument of Call that means a host or box.
func HostArgument(name string) map[string]string { return map[string]string{"node": name} }

// Count says how many packets were captured at "nat-a wan" so far that match a pcap filter.
func (w *World) Count(place, filter string) (int, error) {
	var counts []int
	if err := w.Call(&counts, "lab", "count", place, filter); err != nil {
		return 0, err
	}
	return counts[0], nil
}

// Why says what the trace tells of two hosts.
func (w *World) Why(one, other string) (Verdict, error) {
	var verdicts []Verdict
	if err := w.Call(&verdicts, "lab", "why", HostArgument(one), HostArgument(other)); err != nil {
		return Verdict{}, err
	}
	return verdicts[0], nil
}
