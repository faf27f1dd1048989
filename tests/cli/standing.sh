#!/usr/bin/env bash
# Worlds of scenarios that stand on, and what can be done to a standing world and asked of it from outside.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

NAME=standing-$$

stands() { "$LAB" ps | grep -q "^$NAME .*up "; }

go_up() { # go_up ARGUMENT...
  "$LAB" up --out "$T/o" --name "$NAME" "$@" >"$T/up.out" 2>"$T/up.err" </dev/null &
  up=$!
  ends_with_test $up
  until_true stands
}

lab() { try "$LAB" "$1" --name "$NAME" "${@:2}"; }

says() { # says TEXT COMMAND...: its whole output
  lab "${@:2}"
  status_is 0
  [ "$(cat "$T/out")" = "$1" ] || complain "$1"
}

test_a_scenarios_world_stands() {
  go_up -k home "$FIXTURES/stands.lua"
  grep -q 'scenario "a home and a server" passed' "$T/up.err"
  says 1 count "nat-a wan" "udp and dst port 5000"
  lab map
  out_has "behind nat-a"
  lab map --json
  grep -q '"name":"nat-a","kind":"box"' "$T/out"
  lab why alice server
  out_has "alice and server: no answer."
  lab why --json alice server
  grep -q '"outcome":"unanswered"' "$T/out"
  until_true grep -q "boxes: 1 kind measured, all as claimed" "$T/up.err"
  "$LAB" ps --json | grep "\"name\":\"$NAME\"" | grep -q '"spec":"symmetric","sabotage":"","measured":"agrees"'
}

test_a_failed_scenarios_world_stands() {
  go_up -k failure "$FIXTURES/stands.lua"
  grep -q 'scenario "a failure stands, too" failed: it is to fail; .*stands.lua:13' "$T/up.err"
  "$LAB" exec --name "$NAME" alone -- true
}

test_a_scenario_must_be_chosen() {
  try "$LAB" up --out "$T/o" "$FIXTURES/stands.lua"
  status_is 2
  err_has "which scenario?; choose one with -k, of:"
  err_has "a failure stands, too"
  try "$LAB" up --out "$T/o" -k nothing "$FIXTURES/stands.lua"
  status_is 2
  err_has "no scenario's name contains that"
  [ ! -e "$T/o" ]
}

test_box_and_link() {
  go_up -k home "$FIXTURES/stands.lua"
  lab box nat-a mappings
  out_has "sport=4000 dport=5000"
  says "" box nat-a reboot
  says "" box nat-a mappings
  says "" box nat-a iptables '-I FORWARD -p udp -j ACCEPT'
  says "" box nat-a iptables '-D FORWARD -p udp -j ACCEPT'
  lab box nat-a counters
  grep -qE '"lan rx":[1-9]' "$T/out" || complain "what came in from inside"
  out_has '"rules dropped":'
  says "alice eth0" link alice name
  lab link alice down
  status_is 0
  "$LAB" exec --name "$NAME" alice -- ip link show eth0 | grep -q NO-CARRIER
  lab link alice up
  lab link alice drop "udp port 4000" '{"from":3,"count":2}'
  status_is 0
  lab link nat-a set loss=5%
  status_is 1
  err_has "it is a bare cable"
}

test_calls() {
  go_up symmetric open
  says '["33.33.33.1"]' call --json alice public_address
  says '10.0.1.2' call alice address
  lab call lab check symmetric
  grep -q '"agrees":true' "$T/out"
  lab call alice frob
  status_is 1
  err_has "alice has no call 'frob'; there are: address, box, counters, "
  if grep -qw reboot "$T/err"; then complain "no call of a box"; fi
  lab box alice reboot
  status_is 1
  err_has "alice has no call 'reboot'; there are: address, box, counters, "
  lab call nat-a frob
  err_has ", reboot, "
  lab link alice pull
  status_is 1
  err_has "alice link has no call 'pull'; there are: blackhole, clear, "
  lab call lab why '{"node":"alice"}' zed
  err_has "there is no host or box named zed; there are: server, nat-a, alice, bob"
  lab call alice sleep x
  err_has "bad argument #1 to 'sleep' (number expected, got string)"
  lab call lab cell x
  err_has "bad argument #1 to 'cell' (table expected, got string)"
  lab call alice link
  [ "$(cat "$T/out")" = "alice eth0" ]
  lab call dave address
  refused "there is no host or box named dave"
  lab call alice
  refused "takes"
}

test_a_name_server() {
  go_up --host 'stun:address=74.125.250.129,names=stun.l.google.com' --record 'example.org TXT words' symmetric
  "$LAB" exec --name "$NAME" alice -- cat /etc/resolv.conf >"$T/resolver"
  [ "$(cat "$T/resolver")" = "nameserver 10.0.1.1" ]
  "$LAB" exec --name "$NAME" alice -- /usr/bin/python3 - stun.l.google.com >"$T/answer" <<'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(60)
labels = b"".join(bytes([len(l)]) + l.encode() for l in sys.argv[1].split("."))
s.sendto(b"\0\1\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1", (open("/etc/resolv.conf").read().split()[1], 53))
print(socket.inet_ntoa(s.recv(512)[-4:]))
END
  [ "$(cat "$T/answer")" = 74.125.250.129 ]
  "$LAB" exec --name "$NAME" server -- cat /etc/resolv.conf | grep -q "nameserver 22.22.22."
  for bad in "example.org" "example.org MX mail"; do
    try "$LAB" up --record "$bad" open
    refused "is no record"
  done
  try "$LAB" up --dns "$FIXTURES/stands.lua"
  refused "a scenario says itself"
}

test_a_trace_has_what_was_just_sent() {
  go_up open
  for port in 9 19 29 39 49; do
    "$LAB" exec --name "$NAME" alice -- sh -c "printf 'sendto server:$port a\n' | '$TOP/tools/udp_client' -w 0.001" >"$T/sent"
    lab trace "udp dst port $port"
    out_has "UDP 1 byte"
  done
}

test_wait() {
  go_up open
  "$LAB" wait --timeout 60 --name "$NAME" "alice eth0" "udp port 9" 2 >"$T/waited" &
  local waits=$!
  "$LAB" exec --name "$NAME" alice -- sh -c "printf 'sendto server:9 a\nsendto server:9 b\n' | '$TOP/tools/udp_client' -w 0.01" >"$T/sent"
  wait $waits
  [ "$(cat "$T/waited")" = 2 ]
  lab wait --timeout 1 "alice eth0" "tcp"
  status_is 1
  err_has "alice eth0: 0 of 1 packets came in time"
  lab wait "alice eth0" "not a filter"
  status_is 1
  err_is_one_line
}

test_evidence_of_a_world_that_is_lost_is_said() {
  go_up --on "alice=echo here I am; exec sleep 3600" open
  until_true grep -qr "here I am" "$T/o"
  rm "$T"/o/latest/*/alice-*.out
  kill "$up"
  wait "$up" || true
  grep -q "/alice-[0-9]*-sh.out: it was removed while the scenario ran" "$T/up.err"
}

test_programs_that_run_from_the_beginning() {
  go_up --on "server=echo here I am; exec sleep 3600" --on "alice=echo no such file; exit 3" --on "alice=exec sleep 3601" open
  until_true grep -qr "here I am" "$T/o"
  until_true grep -q "no such file$" "$T/up.err"
  grep -qF -- "--on alice=echo no such file; exit 3: it ended with status 3" "$T/up.err"
  try "$LAB" up --out "$T/o" --name "$NAME-2" --on "dave=true" open
  status_is 2
  err_has "there is no host or box named dave"
}

# Another program, in another language: one object there, one object back.
CALLER=(/usr/bin/python3)
raw() { # raw TEXT
  "${CALLER[@]}" - "$("$LAB" ps --json | sed -n "s/.*\"name\":\"$NAME\",\"pid\":\([0-9]*\).*/\1/p")" "$1" <<'PYTHON'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("\0punchlab-calls/" + sys.argv[1])
s.sendall(sys.argv[2].encode())
s.shutdown(socket.SHUT_WR)
print(s.makefile().read())
PYTHON
}

test_calls_by_the_socket() {
  [ -x /usr/bin/python3 ] || skip "it is a program in Python, which is not there"
  go_up symmetric
  [ "$(raw '{"on":"alice","call":"public_address"}')" = '{"result":["33.33.33.1"]}' ]
  [ "$(raw '{"call":"count","args":["alice eth0","udp"]}')" = '{"result":[0]}' ]
  [ "$(raw 'nonsense')" = '{"error":"no JSON was sent"}' ]
  [ "$(raw '{"on":"alice"}')" = '{"error":"a call is an object with \"on\", \"call\" and \"args\""}' ]
  raw '{"on":"alice","call":"address","args":[{"node":"nobody"}]}' | grep -q "no host or box named nobody"
  [ "$(raw '{"call":"wait_until","args":[1]}' | grep -c error)" = 1 ]
  stands
}

test_another_user_cannot_call() {
  [ "$(id -u)" = 0 ] || skip "only root can be another user, too"
  [ -x /usr/bin/python3 ] || skip "it is a program in Python, which is not there"
  go_up symmetric
  raw '{"on":"alice","call":"address"}' | grep -q result
  CALLER=("${AS_USER[@]}" /usr/bin/python3)
  if raw '{"on":"alice","call":"address"}' 2>"$T/err" | grep -q result; then return 1; fi
  stands
}

run_tests
