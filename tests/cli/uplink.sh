#!/usr/bin/env bash
# A world is sealed; with --uplink it reaches the network of the machine, which a network namespace stands for here.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

NAME=test-$$
ADDRESS=198.18.7.7 # the machine's
PORT=7777

# A listener at the machine's address and at its loopback: says who came, greets.
LISTENER='
import socket, sys, threading
def serve(address):
    listening = socket.create_server((address, int(sys.argv[2])))
    sys.stdout.write("listening\n") # in one piece: two threads say it
    sys.stdout.flush()
    while True:
        caller, who = listening.accept()
        print("called by", who[0], flush=True)
        caller.sendall(b"welcome")
        caller.close()
for address in (sys.argv[1], "127.0.0.1"):
    threading.Thread(target=serve, args=(address,)).start()'

# Calls an address from a world: what it was told, or why not.
CALLER='
import socket, sys
for address in sys.argv[2:]:
    try:
        with socket.create_connection((address, int(sys.argv[1])), 20) as s:
            print(address, s.recv(99).decode())
    except OSError as error:
        print(address, "cannot be reached:", error)'

# on_a_machine COMMAND...: in a network of its own, with a way out that leads nowhere, where the listener listens
# shellcheck disable=SC2016
on_a_machine() {
  try unshare --net --map-root-user bash -ec '
    address=$1 port=$2 listener=$3 said=$4
    shift 4
    export PATH=$PATH:/usr/sbin:/sbin
    ip link set lo up
    ip link add machine type veth peer name switch
    ip address add "$address/24" dev machine
    ip link set machine up
    ip link set switch up
    ip route add default via 198.18.7.1 dev machine
    python3 -c "$listener" "$address" "$port" >"$said" &
    trap "kill $!" EXIT
    until [ "$(grep -o listening "$said" | wc -l)" = 2 ]; do
      [ $SECONDS -lt 60 ] || exit 1
      read -r -t 0.02 <> <(:) || true
    done
    "$@"' - "$ADDRESS" "$PORT" "$LISTENER" "$T/said" "$@"
}

needs_uplink() {
  command -v pasta >/dev/null || skip "pasta is not there (tools/deps uplink)"
  (: <>/dev/net/tun) 2>/dev/null || skip "/dev/net/tun is root's alone here"
}

test_a_world_is_sealed() {
  local spec
  for spec in open symmetric; do
    on_a_machine "$LAB" shell --out "$T/o" --name "$NAME" "$spec" -- \
      python3 -c "$CALLER" "$PORT" "$ADDRESS" 127.0.0.1 198.18.7.1 192.0.0.1
    status_is 0
    [ "$(grep -c 'cannot be reached' "$T/out")" = 4 ] || complain "nothing is reached"
    [ "$(cat "$T/said")" = "$(printf 'listening\nlistening')" ] || complain "nobody called"
  done
}

test_an_uplink_leads_out() {
  needs_uplink
  on_a_machine "$LAB" shell --uplink --out "$T/o" --name "$NAME" symmetric -- \
    python3 -c "$CALLER" "$PORT" "$ADDRESS" 127.0.0.1 192.0.0.1
  status_is 0
  out_has "$ADDRESS welcome"
  err_has "what is there is neither measured nor captured"
  # This machine's loopback stays its own.
  [ "$(grep -c 'cannot be reached' "$T/out")" = 2 ] || complain "loopback is not reached"
  grep -qx "called by $ADDRESS" "$T/said" || complain "the machine itself called"
}

# shellcheck disable=SC2016
test_an_uplink_of_up_and_its_json() {
  needs_uplink
  # shellcheck disable=SC2016
  export TMPDIR=$T
  on_a_machine bash -ec 'lab=$1 caller=$2 port=$3 address=$4 out=$5 name=$6
    mkfifo "$out.about"
    "$lab" up --uplink --json --keep none --name "$name" symmetric >"$out.about" &
    trap "kill -9 $! 2>/dev/null || true" EXIT
    read -r about <"$out.about"
    "$lab" exec --name "$name" alice -- python3 -c "$caller" "$port" "$address"
    "$lab" exec --name "$name" server -- grep nameserver /etc/resolv.conf
    pgrep -P $! >"$out.children"
    kill -9 $!' - "$LAB" "$CALLER" "$PORT" "$ADDRESS" "$T/up" "$NAME"
  status_is 0
  out_has "$ADDRESS welcome"
  out_has "nameserver 192.0.0.3"
  [ "$(wc -l <"$T/up.children")" -ge 2 ] || complain "pasta and the world's init"
  until_true are_gone
}

are_gone() { ! xargs -I{} ps -o pid= -p {} <"$T/up.children" | grep -q .; } # also where their holder was killed

test_where_there_can_be_none_it_is_said() {
  let_user_in
  if "${AS_USER[@]}" sh -c ': <>/dev/net/tun' 2>/dev/null; then skip "/dev/net/tun is everybody's here"; fi
  try "${AS_USER[@]}" "$LAB" shell --uplink --out "$T/o" --name "$NAME" open -- true
  status_is 77
  err_is_one_line
  err_has "this machine cannot have --uplink: "
  try "${AS_USER[@]}" "$LAB" doctor --out /tmp
  grep -q "^missing  pasta (--uplink) " "$T/out" || complain "doctor says so"
}

run_tests
