#!/usr/bin/env bash
# What p2pchat's programs and the small tools do when nobody takes what they print: they go on, they can be ended, and
# what is lost is said.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# A pipe that is full, at descriptor 9 and in $T/full; `take` lets everything out of it, into $T/taken.
fill_a_pipe() {
  mkfifo "$T/full"
  exec 9<>"$T/full"
  dd if=/dev/zero of="$T/full" oflag=nonblock bs=4096 count=1000 2>/dev/null || true
}

take() {
  cat <"$T/full" >"$T/taken" &
}

log_in_and_out() { printf 'login\n' | timeout 60 "$CLIENT" "127.0.0.1:$PORT" >"$T/out" 2>"$T/err"; }

# A client whose output goes to descriptor 9, and that reads its commands from $T/commands, descriptor 8.
start_client() { # start_client OPTION...
  mkfifo "$T/commands"
  exec 8<>"$T/commands"
  "$CLIENT" "$@" "127.0.0.1:$PORT" <"$T/commands" >&9 2>"$T/err" 9<&- &
  CLIENT_PID=$!
}

test_the_server_serves_though_nobody_reads_its_log() {
  fill_a_pipe
  SERVED=$T/full
  start_server
  log_in_and_out
  grep -q "logged in as" "$T/out"
  take
  log_in_and_out
  until_true grep -qaE "server: [2-9] lines of the log were lost" "$T/taken"
}

test_the_server_stops_though_nobody_reads_its_log() {
  fill_a_pipe
  SERVED=$T/full
  start_server
  log_in_and_out
  kill -TERM "$SERVER_PID"
  until_true ended "$SERVER_PID"
}

test_the_log_is_not_filled_with_who_finds_no_room() {
  local from=$SECONDS lines
  SERVER_OPTIONS=(--max-peers 1)
  start_server
  exec 9>/dev/null
  start_client
  echo login >&8
  until_true grep -q "login" "$T/served"
  printf 'login\nlogout\n%.0s' {1..100} | timeout 60 "$CLIENT" "127.0.0.1:$PORT" >"$T/out" || true
  [ "$(grep -c "the server is full" "$T/out")" = 100 ]
  lines=$(grep -c "no room for" "$T/served")
  [ "$lines" -ge 1 ] && [ "$lines" -le $((SECONDS - from + 2)) ]
}

test_the_client_goes_on_though_nobody_reads_it() {
  start_server
  fill_a_pipe
  start_client --keepalive 0.5
  printf 'login\nlist\nlist\n' >&8
  until_true server_got 10
  take
  until_true grep -qa "logged in as" "$T/taken"
  echo quit >&8
  until_true ended "$CLIENT_PID"
  until_true grep -qa "logged out" "$T/taken"
  [ "$(grep -ca "^1 peer$" "$T/taken")" = 2 ]
  [ ! -s "$T/err" ]
}

test_signals_end_a_client_that_nobody_reads() {
  local signal
  start_server
  fill_a_pipe
  for signal in INT TERM; do
    rm -f "$T/commands"
    start_client
    { echo login && yes help | head -n 300; } >&8
    until_true grep -q "login 127.0.0.1" "$T/served"
    kill -"$signal" "$CLIENT_PID"
    until_true ended "$CLIENT_PID"
    until_true grep -q "logout 127.0.0.1" "$T/served"
    : >"$T/served"
  done
}

test_output_that_does_not_block_is_waited_for() {
  start_server
  fill_a_pipe
  dd if=/dev/zero oflag=nonblock bs=1 count=1 >&9 2>/dev/null || true # leaves descriptor 9 non-blocking
  start_client
  echo login >&8
  until_true grep -q "login" "$T/served"
  take
  until_true grep -qa "logged in as" "$T/taken"
  ! ended "$CLIENT_PID"
}

loses() { # loses COMMAND...: with nowhere to write to it says so, and fails
  local status=0
  printf 'login\nlist\n' | timeout 60 "$@" >/dev/full 2>"$T/err" || status=$?
  : >"$T/out"
  [ "$status" = 1 ] || [ "$status" = 2 ] || complain "a failure of $1"
  err_is_one_line
  err_has "standard output: No space left on device"
}

test_lost_output_is_a_failure() {
  local status=0
  start_server
  loses "$CLIENT" "127.0.0.1:$PORT"
  loses "$CLIENT" --help
  loses "$SERVER" --version
  loses "$TOP/tools/udp_client"
  loses "$TOP/tools/nat_type" --fast --rto 10 --timeout 1 127.0.0.1:9
  loses "$LAB" nat
  loses "$LAB" nat symmetric
  loses "$LAB" run --list "$TOP/scenarios/matrix.lua"
  printf 'login\n' | timeout 60 "$CLIENT" "127.0.0.1:$PORT" >&- 2>"$T/err" || status=$?
  status_is 1
  err_has "standard output: Bad file descriptor"
}

# In a network of their own, where every port is free.
test_lost_output_of_who_listens_is_a_failure() {
  # shellcheck disable=SC2016
  local alone=(unshare --map-root-user --net sh -c 'ip link set lo up && exec "$@"' -)
  "${alone[@]}" true 2>"$T/err" || skip "no namespaces here: $(cat "$T/err")"
  loses "${alone[@]}" "$SERVER" -b 127.0.0.1 5000
  loses "${alone[@]}" "$TOP/tools/udp_server" -b 127.0.0.1 5000
}

test_a_reader_who_has_enough_is_no_failure() {
  start_server
  { printf 'login\nlist\n' | timeout 60 "$CLIENT" "127.0.0.1:$PORT" 2>"$T/err" || touch "$T/failed"; } |
    head -n 1 >"$T/out"
  out_has "logged in as"
  [ ! -s "$T/err" ]
  [ ! -e "$T/failed" ]
}

run_tests
