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
  local from
  mkfifo "$T/commands"
  exec 8<>"$T/commands"
  "$CLIENT" --keepalive 0.1 "127.0.0.1:$PORT" <"$T/commands" >"$T/out" 2>"$T/err" &
  CLIENT_PID=$!
  echo login >&8
  until_true grep -q "logged in as" "$T/out"
  printf 'punch some.host.example:4000\nlist\n' >&8
  until_true server_got 20
  [ "$(grep -c '^1 peer' "$T/out")" = 0 ] # `list` has not had its turn
  from=$SECONDS
  kill -INT "$CLIENT_PID"
  until_true ended "$CLIENT_PID"
  [ $((SECONDS - from)) -le 5 ]
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
  where_no_name_server_answers "timeout:20 attempts:1" keeps_alive_and_leaves_at_once
}

test_commands_behind_a_look_up_wait_for_it() {
  where_no_name_server_answers "timeout:1 attempts:1" commands_keep_their_order
}

run_tests
