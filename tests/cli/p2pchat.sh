#!/usr/bin/env bash
# p2pchat's programs: bad input is one clear line, exit status 2, and nothing is started; at the prompt they go on.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

server_refuses() { # server_refuses TEXT ARGUMENT...
  local text=$1
  shift
  try timeout 60 "$SERVER" "$@"
  refused "$text"
}

client_refuses() { # client_refuses TEXT ARGUMENT...
  local text=$1
  shift
  try timeout 120 "$CLIENT" "$@"
  refused "$text"
}

test_server_options() {
  server_refuses "which PORT?"
  server_refuses '"0" is not a port' 0
  server_refuses '"65536" is not a port' 65536
  server_refuses '"50x" is not a port' 50x
  server_refuses 'one PORT' 5000 5001
  server_refuses '"here" is not an IP address' -b here 5000
  server_refuses 'cannot listen on 203.0.113.77:5000' -b 203.0.113.77 5000
  server_refuses 'unknown option "--loud"' --loud 5000
  server_refuses '--max-peers: "0"' --max-peers 0 5000
  server_refuses '--forget: "nan"' --forget nan 5000
}

test_client_options() {
  client_refuses "which server?"
  client_refuses "no port" 127.0.0.1
  client_refuses "bad port" 127.0.0.1:0
  client_refuses "bad port" 127.0.0.1:65536
  client_refuses "bad host name" :5000
  client_refuses "written [ADDRESS]:PORT" ::1:5000
  client_refuses "cannot find that host" no-such-name.invalid:5000
  client_refuses "nobody can be reached there" 0.0.0.0:5000
  client_refuses "write another address of that host" '[fe80::1%lo]:5000'
  client_refuses "write another address of that host" '[fe80::1]:5000'
  client_refuses "that is an IPv4 address; write 127.0.0.1:5000" '[::ffff:127.0.0.1]:5000'
  client_refuses "cannot use 203.0.113.77:5000" -b 203.0.113.77:5000 127.0.0.1:5000
  client_refuses '--name: "a b" has something in it that cannot be seen, U+0020' --name 'a b' 127.0.0.1:5000
  client_refuses '--name: "\xff" is not UTF-8' --name $'\xff' 127.0.0.1:5000
  client_refuses '--punch-timeout: "0"' --punch-timeout 0 127.0.0.1:5000
  client_refuses 'unknown option "--loud"' --loud 127.0.0.1:5000
}

test_an_unreachable_network_is_said_once() {
  unshare -rn true 2>"$T/err" || skip "no namespaces here: $(cat "$T/err")"
  trap 'kill -9 $(jobs -p) 2>/dev/null || true' EXIT
  printf 'login\n' | unshare -rn timeout 60 "$CLIENT" 203.0.113.1:6130 >"$T/out" 2>"$T/err" &
  until_true grep -q "login failed" "$T/out"
  status=0 # for what follows to show
  err_is_one_line
  err_has "cannot send to 203.0.113.1:6130: Network is unreachable"
}

test_a_port_in_use() {
  start_server
  server_refuses "cannot listen on 127.0.0.1:$PORT: Address already in use" -b 127.0.0.1 "$PORT"
  client_refuses "cannot use 127.0.0.1:$PORT: Address already in use" -b "127.0.0.1:$PORT" 127.0.0.1:9
  # and nothing is said to listen before everything does
  server_refuses "Address already in use" -b 127.0.0.1 -b 127.0.0.1 "$((PORT + 10000))"
}

# What is not text is shown as \xNN wherever it comes up again: it moves no cursor.
test_nothing_typed_moves_the_cursor() {
  try "$CLIENT" --identity "$T/key" $'a\x1b[2Jb:4'
  refused 'server "a\x1b[2Jb:4": cannot find that host'
  printf 'login ann\x1b[31m\nlogin ann\xe2\x80\xae1\nfoo\x1b\npunch a\x1bb:1\nlogin \xff\n' >"$T/typed"
  "$CLIENT" --identity none 127.0.0.1:9 <"$T/typed" >"$T/out" 2>"$T/err" || true
  for shown in '"ann\x1b[31m"' '"ann\xe2\x80\xae1"' '"foo\x1b"' '"a\x1bb:1"' '"\xff"'; do out_has "$shown"; done
  printf 'foo\x1b\nsendto a\x1bb:4 x\n' | "$TOP/tools/udp_client" -w 0.01 >>"$T/out" || true
  out_has 'a\x1bb:4: cannot find that host'
  if grep -a $'[\x1b\xff]' "$T/out"; then complain "nothing but text"; fi
}

test_the_client_goes_on_after_bad_commands() {
  local status=0
  start_server
  {
    printf '%s\n' 'dance' 'punch' 'punch here' 'send here hello' 'send 127.0.0.1:9 hello' 'login' 'login zoe' 'punch 127.0.0.1:9' 'send 127.0.0.1:9'
    printf 'send 127.0.0.1:9 %01025d\n' 0
    printf '%s\n' 'send zelda hello' 'list' 'quit'
  } | timeout 60 "$CLIENT" "127.0.0.1:$PORT" >"$T/out" 2>"$T/err" || status=$?
  status_is 1
  out_has 'error: unknown command "dance"'
  out_has 'error: usage: punch WHO'
  out_has 'error: "here": not logged in'
  out_has 'not delivered here (not logged in): hello'
  out_has 'not delivered 127.0.0.1:9 (no path): hello'
  out_has 'error: you are logged in, or about to be; logout first, for another name'
  grep -qE '^punch failed 127\.0\.0\.1:9 after [0-9.]+ s: peer is not logged in$' "$T/out" || complain "the punch failed"
  out_has 'error: usage: send WHO TEXT'
  out_has 'error: the text has 1025 bytes, a datagram carries 1024'
  out_has 'error: "zelda": nobody who is logged in is called that'
  out_has 'not delivered zelda (nobody who is logged in is called that): hello'
  out_has '1 peer'
  [ "$(tail -n 1 "$T/out")" = "logged out" ]
}

test_a_line_that_is_no_text_is_refused_whole() {
  local status=0
  start_server
  { printf 'login\nlist\0garbage\nquit\0' && printf '%05000d' 0; } |
    timeout 60 "$CLIENT" "127.0.0.1:$PORT" >"$T/out" 2>"$T/err" || status=$?
  status_is 1
  out_has "error: the line has a zero byte in it"
  out_has "error: the line is longer than 4095 bytes"
  out_has_not "1 peer"
}

test_a_line_too_long_for_a_terminal_takes_no_other_with_it() {
  command -v script >"$T/script" || skip "script(1) is not here"
  start_server
  mkfifo "$T/typed"
  exec 8<>"$T/typed"
  script -qec "'$CLIENT' 127.0.0.1:$PORT" /dev/null <"$T/typed" >"$T/out" 2>"$T/err" &
  printf 'login\r' >&8
  until_true grep -q "logged in as" "$T/out"
  printf '%05000d\rlist\r' 0 >&8
  until_true grep -q "error: the line is longer than 4095 bytes" "$T/out"
  until_true grep -q "1 peer" "$T/out"
  printf 'quit\r' >&8
  until_true grep -q "logged out" "$T/out"
}

test_the_server_stops_cleanly() {
  local signal status
  for signal in INT TERM HUP; do
    start_server
    status=0
    kill -"$signal" "$SERVER_PID"
    wait "$SERVER_PID" || status=$?
    status_is 0
    grep -q "stopping" "$T/served"
  done
}

all_have_left() { # the server's log is written when the answer is on its way already
  [ "$(grep -c "logout" "$T/served")" = "$(grep -c "login" "$T/served")" ]
}

test_the_client_says_goodbye_whatever_ends_it() {
  local signal
  start_server
  for signal in INT TERM HUP; do
    mkfifo "$T/commands.$signal"
    exec 8<>"$T/commands.$signal"
    "$CLIENT" "127.0.0.1:$PORT" <"$T/commands.$signal" >"$T/out.$signal" 2>"$T/err" &
    CLIENT_PID=$!
    echo login >&8
    until_true grep -qs "logged in as" "$T/out.$signal"
    kill -"$signal" "$CLIENT_PID"
    until_true ended "$CLIENT_PID"
    until_true all_have_left
    grep -q "logged out" "$T/out.$signal"
  done
}

# What ignores SIGHUP from the start outlives its terminal.
test_nohup_holds() {
  start_server
  mkfifo "$T/commands"
  exec 8<>"$T/commands"
  (trap '' HUP && exec "$CLIENT" "127.0.0.1:$PORT" <"$T/commands" >"$T/out" 2>"$T/err") &
  CLIENT_PID=$!
  echo login >&8
  until_true grep -q "logged in as" "$T/out"
  kill -HUP "$CLIENT_PID"
  echo list >&8
  until_true grep -q "1 peer" "$T/out"
}

logged_in_again() { [ "$(grep -c "logged in as" "$T/out")" -ge 2 ]; }

# The server is stopped for longer than it waits for a silent peer; what the peer sent lies behind a hundred datagrams.
test_a_server_that_was_stopped_knows_who_was_not_silent() {
  SERVER_OPTIONS=(--forget 6)
  start_server
  mkfifo "$T/commands"
  exec 8<>"$T/commands"
  "$CLIENT" --keepalive 2 "127.0.0.1:$PORT" <"$T/commands" >"$T/out" 2>"$T/err" &
  echo login >&8
  until_true grep -q "logged in as" "$T/out"
  kill -STOP "$SERVER_PID"
  yes "sendto 127.0.0.1:$PORT junk" | head -n 100 | "$TOP/tools/udp_client" -w 0.01 >"$T/junk"
  until_true grep -q "server lost" "$T/out" # by three keepalives, 8 s
  kill -CONT "$SERVER_PID"
  until_true logged_in_again
  ! grep "silent" "$T/served"
}

run_tests
