#!/usr/bin/env bash
# Names at the client's prompt: what is looked up holds up the commands behind it and nothing else.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# where_no_name_server_answers OPTIONS COMMAND: a command of this file, in namespaces of its own; resolv.conf's OPTIONS.
where_no_name_server_answers() {
  printf 'nameserver 127.0.0.9\noptions %s\n' "$1" >"$T/resolv.conf"
  unshare -rnm mount --bind "$T/resolv.conf" /etc/resolv.conf 2>"$T/err" || skip "no namespaces here: $(cat "$T/err")"
  unshare -rnm bash -euc "$(declare -f); $(declare -p T TOP SERVER CLIENT SERVER_OPTIONS); silence; $2"
}

# The name server's port is open, and nobody reads what comes there.
silence() {
  ip link set lo up
  mount --bind "$T/resolv.conf" /etc/resolv.conf
  start_server
  "$TOP/tools/udp_server" -b 127.0.0.9 53 >"$T/names" &
  NAME_SERVER_PID=$!
  until_true [ -s "$T/names" ]
  kill -STOP "$NAME_SERVER_PID"
}

keeps_alive_and_leaves_at_once() {
  mkfifo "$T/commands"
  exec 8<>"$T/commands"
  "$CLIENT" --keepalive 0.5 "127.0.0.1:$PORT" <"$T/commands" >"$T/out" 2>"$T/err" &
  CLIENT_PID=$!
  echo login >&8
  until_true grep -q "logged in as" "$T/out"
  printf 'punch some.host.example:4000\nlist\n' >&8
  until_true server_got 10
  [ "$(grep -c '^1 peer' "$T/out")" = 0 ] # `list` has not had its turn
  kill -INT "$CLIENT_PID"
  until_true ended "$CLIENT_PID" # sooner than the look-up, which takes two minutes
  grep -q "logged out" "$T/out"
}

commands_keep_their_order() {
  local status=0
  printf 'login\npunch some.host.example:4000\nlist\nsend localhost:9 hello\nquit\n' |
    timeout 60 "$CLIENT" "127.0.0.1:$PORT" >"$T/out" 2>"$T/err" || status=$?
  status_is 1
  out_has "not delivered 127.0.0.1:9 (no path): hello"
  out_has "1 peer"
  out_has "logged out"
  # and before the answer to `list`:
  sed '/^1 peer/q' "$T/out" | grep -qF 'error: "some.host.example:4000": cannot find that host'
}

test_a_slow_look_up_stops_nothing() {
  where_no_name_server_answers "timeout:30 attempts:4" keeps_alive_and_leaves_at_once
}

test_commands_behind_a_look_up_wait_for_it() {
  where_no_name_server_answers "timeout:1 attempts:1" commands_keep_their_order
}

# Only IPv6 leads there, and both of the name's addresses are known; then both talk by it.
both_families() {
  ip link set lo up
  ip address add fd00::9/128 dev lo nodad # or it cannot be bound to for a moment
  printf '203.0.113.1 either.example\nfd00::9 either.example\n' >"$T/hosts"
  mount --bind "$T/hosts" /etc/hosts
  "$SERVER" -b fd00::9 5000 >"$T/served" 2>"$T/log" &
  until_true grep -q "listening on \[fd00::9\]:5000" "$T/served"
  mkfifo "$T/commands"
  exec 8<>"$T/commands"
  "$CLIENT" --identity none --name alice either.example:5000 <"$T/commands" >"$T/alice" 2>"$T/err" &
  until_true grep -q "^logged in as \[fd00::9\]" "$T/alice"
  "$CLIENT" --identity none --name bob "[fd00::9]:5000" <<<"send alice hello" >"$T/out" 2>>"$T/err"
  grep -q "^delivered \[fd00::9\]:[0-9]*: hello" "$T/out"
  until_true grep -q "^from \[fd00::9\]:[0-9]*: hello" "$T/alice"
  [ "$(wc -l </proc/net/udp)" -gt 1 ] # and alice has a socket of IPv4 too
  # Where IPv4 leads somewhere, but to nobody:
  printf '127.0.0.1 refused.example\nfd00::9 refused.example\n' >"$T/hosts"
  "$CLIENT" --identity none --name carol refused.example:5000 </dev/null >"$T/out" 2>"$T/err" || cat "$T/out"
  grep -q "^logged in as \[fd00::9\]" "$T/out"
  grep -qF "nobody answers at 127.0.0.1:5000; taking [fd00::9]:5000" "$T/err"
  # Where either leads to nobody:
  printf '127.0.0.1 nobody.example\nfd00::9 nobody.example\n' >"$T/hosts"
  "$CLIENT" --identity none --name carol nobody.example:5002 <"$T/commands" >"$T/out" 2>"$T/err" &
  until_true grep -qF "nobody answers at 127.0.0.1:5002, nor at [fd00::9]:5002; trying the first" "$T/err"
}

test_a_name_of_both_families_is_reached_by_the_one_that_leads_there() {
  unshare -rnm true 2>"$T/err" || skip "no namespaces here: $(cat "$T/err")"
  unshare -rnm bash -euc "$(declare -f); $(declare -p T TOP SERVER CLIENT); trap 'kill -9 \$(jobs -p) 2>/dev/null || true' EXIT; both_families"
}

# One at a server by IPv4, one by IPv6. The words are options of the server.
two_families() {
  local name at
  ip link set lo up
  "$SERVER" "$@" 5000 >"$T/served" 2>"$T/log" &
  until_true grep -qF "listening on [::]:5000" "$T/served"
  for name in alice bob; do
    mkfifo "$T/$name.commands"
    at=127.0.0.1:5000
    [ "$name" = alice ] || at="[::1]:5000"
    "$CLIENT" --identity none --name "$name" "$at" <"$T/$name.commands" >"$T/$name" 2>"$T/err" &
  done
  exec 7>"$T/alice.commands" 8>"$T/bob.commands"
  until_true grep -q '^name of .*: alice' "$T/alice"
  until_true grep -q '^name of .*: bob' "$T/bob"
}

# Neither could send to the address of the other.
without_relay() {
  two_families
  printf 'list\npunch bob\n' >&7
  echo 'send alice hello' >&8
  until_true grep -qE '^punch failed \[::1\]:[0-9]+ after [0-9.]+ s: the peer has another address family$' "$T/alice"
  until_true grep -qE '^not delivered 127.0.0.1:[0-9]+ \(punch failed\): hello$' "$T/bob"
  grep -qxF "2 peers" "$T/alice"
  grep -qE 'no introduction 127.0.0.1:[0-9]+ and \[::1\]:[0-9]+: another address family' "$T/log"
}

with_relay() {
  two_families --relay
  echo 'send bob hello' >&7
  until_true grep -qE '^delivered \[::1\]:[0-9]+: hello$' "$T/alice"
  grep -qE '^way to \[::1\]:[0-9]+: relayed$' "$T/alice"
  until_true grep -qE '^from 127.0.0.1:[0-9]+: hello$' "$T/bob"
  echo 'say and back' >&8
  until_true grep -qE '^from \[::1\]:[0-9]+: and back$' "$T/alice"
}

in_namespace() {
  unshare -rn true 2>"$T/err" || skip "no namespaces here: $(cat "$T/err")"
  unshare -rn bash -euc "$(declare -f); $(declare -p T TOP SERVER CLIENT); trap 'kill -9 \$(jobs -p) 2>/dev/null || true' EXIT; $1"
}

test_a_peer_of_the_other_family_is_refused_by_a_line() {
  in_namespace without_relay
}

test_a_server_that_relays_carries_one_family_to_the_other() {
  in_namespace with_relay
}

run_tests
