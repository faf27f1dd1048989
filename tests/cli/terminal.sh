#!/usr/bin/env bash
# What is typed on a terminal: no editing key ends a program, Ctrl-D on an empty line and Ctrl-C do.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

typist() { # typist WHAT...: see tests/cli/terminal/typist.py
  command -v python3 >/dev/null || skip "python3 is not there"
  timeout 300 python3 "$TOP/tests/cli/terminal/typist.py" "$@"
}

keys_end_nothing() { # keys_end_nothing TERM: neither the client nor udp_client, which share the console
  typist keys "$1" "$CLIENT" 127.0.0.1:9
  typist keys "$1" "$TOP/tools/udp_client"
}

test_keys_on_a_terminal_of_today() { keys_end_nothing xterm-256color; }
test_keys_on_screen() { keys_end_nothing screen; }
test_keys_on_a_vt100() { keys_end_nothing vt100; }
test_keys_on_a_dumb_terminal() { keys_end_nothing dumb; }

test_what_ends_a_program() {
  local term
  for term in xterm-256color dumb; do
    try typist end '\x04' "$term" "$CLIENT" 127.0.0.1:9
    out_has "ended 0"
    try typist end '\x03' "$term" "$CLIENT" 127.0.0.1:9
    out_has "ended 0"
  done
}

# The second one, on the line that is empty then, ends it.
test_ctrl_c_leaves_a_half_typed_line_first() {
  local term
  for term in xterm-256color dumb; do
    try typist shows 'half typed\x03help\r' "the same, and end" "$term" "$CLIENT" 127.0.0.1:9
    status_is 0
    out_has "shown"
    out_has "ended 0"
  done
}

test_tab_completes_commands_and_names() {
  start_server
  try typist shows 'sta\t\r' "status 127.0.0.1:$PORT: not logged in" vt100 "$CLIENT" "127.0.0.1:$PORT"
  out_has "shown"
  try typist shows 's\t' "status  say  send" vt100 "$CLIENT" "127.0.0.1:$PORT"
  out_has "shown"
  try typist shows 'accept zo\t\r' '"zoe" came with no other key' vt100 "$CLIENT" --name zoe "127.0.0.1:$PORT"
  out_has "shown"
}

# Ctrl-D deletes where there is something; a quoted one is a character like others. Only the last then ends.
test_ctrl_d_on_a_line() {
  try typist end 'qui\x01\x04\x04\x04\x04\x16\x04\x01\x04\x04' vt100 "$TOP/tools/udp_client"
  out_has "ended 0"
  try typist end 'xquit\x01\x04\r' vt100 "$TOP/tools/udp_client"
  out_has "ended 0"
}

line_comes_in() { # line_comes_in TERM: into a half-typed line of two rows; what was drawn goes to $T/out
  typist screen "$1" "$TOP/tools/udp_client" -b 127.0.0.1 >"$T/out" &
  until_true grep -q typed "$T/out"
  printf 'sendto 127.0.0.1:%s came in\n' "$(sed -n 's/^typed //p' "$T/out")" | "$TOP/tools/udp_client" -w 0.01 >"$T/other"
  wait $!
}

test_a_wrapped_line_survives_what_comes_in() {
  line_comes_in vt100
  out_has '\x1b[A\x1b[Jrecv 7 bytes'
}

test_a_dumb_terminal_is_told_nothing() {
  line_comes_in dumb
  out_has 'recv 7 bytes'
  out_has_not '\x1b'
}

run_tests
