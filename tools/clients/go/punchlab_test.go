// peer through two NATs. Run it in this folder: PUNCHLAB=$PWD/../../../punchlab go test
package punchlab

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// punch returns whether each peer got through.
func punch(t *testing.T, w *World) [2]bool {
	program := filepath.Join(t.TempDir(), "peer")
	if said, err := exec.Command("go", "build", "-o", program, "./peer").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	server := w.Command("server", program, "7000")
	output, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil {
		t.Fatalf("the rendezvous says %q: %v", line, err)
	}
	alice := w.Command("alice", program, w.Address("server")+":7000")
	bob := w.Command("bob", program, w.Address("server")+":7000")
	if alice.Start() != nil || bob.Start() != nil {
		t.Fatal("no peer starts")
	}
	return [2]bool{alice.Wait() == nil, bob.Wait() == nil}
}

func try(t *testing.T, one, other string) ([2]bool, Verdict, int) {
	w, err := Up(one, other)
	if err != nil {
		t.Fatal(err)
	}
	opened := punch(t, w)
	why, err := w.Why("alice", "bob")
	if err != nil {
		t.Fatal(err)
	}
	count, err := w.Count("nat-a wan", "udp and src host "+w.Address("nat-b"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
	return opened, why, count
}

func TestTwoConesOpen(t *testing.T) {
	opened, why, count := try(t, "port-restricted", "port-restricted")
	if opened != [2]bool{true, true} || why.Outcome != "open" || count == 0 {
		t.Fatal(opened, why, count)
	}
}

func TestSymmetricStaysShutAndWhy(t *testing.T) {
	opened, why, _ := try(t, "port-restricted", "symmetric")
	if opened != [2]bool{false, false} || why.Outcome != "shut" || len(why.Text) == 0 {
		t.Fatal(opened, why)
	}
}

func TestAWrongSpecSaysWhatThereIs(t *testing.T) {
	if _, err := Up("conical"); err == nil || !strings.Contains(err.Error(), "conical") {
		t.Fatal(err)
	}
}
