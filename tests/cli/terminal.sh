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

# The second letter of the name is a mark of the first, which is typed.
test_tab_completes_names_with_marks() {
  start_server
  PYTHONUTF8=1 try typist shows 'accept น\t\r' '"นิด" came with no other key' vt100 "$CLIENT" --name นิด "127.0.0.1:$PORT"
  out_has "shown"
}

# What is pasted has tabs, which are no wish for completion where any text may stand.
test_tab_is_a_character_of_a_text() {
  try typist shows 'send 127.0.0.1:9 a\tb\r' 'not delivered 127.0.0.1:9 (no path): a\x09b' vt100 "$CLIENT" --identity none 127.0.0.1:9
  out_has "shown"
  try typist shows 'se\tx\r' 'unknown command "se\x09x"' vt100 "$TOP/tools/udp_client" # which completes nothing
  out_has "shown"
}

test_a_text_to_nobody_is_shown_with_what_to_do() {
  try typist shows 'send carol hello\r' '"carol": not logged in (login first)' vt100 "$CLIENT" --identity none 127.0.0.1:9
  out_has "shown"
  try typist shows 'send carol hello\r' 'not delivered carol (not logged in): hello' vt100 "$CLIENT" --identity none 127.0.0.1:9
  out_has "shown"
}

# Ctrl-D deletes where there is something; a quoted one is a character like others. Only the last then ends.
test_ctrl_d_on_a_line() {
  try typist end 'qui\x01\x04\x04\x04\x04\x16\x04\x01\x04\x04' vt100 "$TOP/tools/udp_client"
  out_has "ended 0"
  try typist end 'xquit\x01\x04\r' vt100 "$TOP/tools/udp_client"
  out_has "ended 0"
}

# libedit takes it for one that has room.
test_a_line_of_more_rows_than_the_terminal_has() {
  local keys
  for keys in "$(repeated 30 "$(repeated 50 x)\\x01yyy\\x05")" "$(repeated 200 "$(repeated 50 '\x16\xc2\x85')\\x01yyy\\x05")"; do
    try typist end "$keys\\x15\\x04" vt100 "$TOP/tools/udp_client"
    out_has "ended 0"
  done
}

# libedit would ask for the name of a command, and wait for it.
test_meta_x_waits_for_nothing() {
  try typist end '\x1bx\x04' vt100 "$TOP/tools/udp_client"
  out_has "ended 0"
  try typist end '\x1bX\x04' vt100 "$TOP/tools/udp_client"
  out_has "ended 0"
}

test_ctrl_l_leaves_only_the_line() {
  local keys
  for keys in 'half typed\x0c' 'half typed\x1b\x0c'; do
    try typist shows "$keys" $'\x1b[H\x1b[J>>> half typed' vt100 "$TOP/tools/udp_client"
    out_has "shown"
  done
}

test_a_terminal_that_changes_shows_the_line_anew() {
  local what
  for what in resized continued; do
    try typist anew 'half e\xcc\x81 typed' "$what" vt100 "$CLIENT" 127.0.0.1:9
    out_has "drawn"
    try typist anew 'half e\xcc\x81 typed' "$what" vt100 "$TOP/tools/udp_client"
    out_has "drawn"
  done
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

over_what_is_typed() { # over_what_is_typed KEYS END COLUMNS LINE: nothing of three lines that come in is lost, nothing is left over
  local i port
  : >"$T/out"
  PYTHONUTF8=1 typist over "$1" "$2" "came in 3" "$3" vt100 "$TOP/tools/udp_client" -b 127.0.0.1 >"$T/out" &
  until_true grep -q typed "$T/out"
  port=$(sed -n 's/^typed //p' "$T/out")
  for i in 1 2 3; do
    printf 'sendto 127.0.0.1:%s came in %s\n' "$port" "$i" | "$TOP/tools/udp_client" -w 0.01 >"$T/other"
  done
  wait $!
  sed -i 's/\[.*\]/A/; s/on 127.*/on A/' "$T/out"
  printf 'typed %s\nUDP bind on A\n' "$port" >"$T/expected"
  printf 'recv 9 bytes from A: came in %s\n' 1 2 3 >>"$T/expected"
  printf '%s\n' "$4" >>"$T/expected"
  diff "$T/expected" "$T/out"
}

repeated() { # repeated COUNT TEXT
  local i
  for ((i = 0; i < $1; i++)); do printf %s "$2"; done
}

test_marks_that_combine_have_no_columns() {
  over_what_is_typed "say $(repeated 22 'e\xcc\x81')Z" Z 60 ">>> say $(repeated 22 $'e\xcc\x81')Z"
  over_what_is_typed "say $(repeated 40 'ก\xe0\xb8\xb4\xe0\xb9\x88')Z" Z 60 ">>> say $(repeated 40 $'ก\xe0\xb8\xb4\xe0\xb9\x88')Z"
}

test_a_variation_selector_has_no_columns() {
  over_what_is_typed "say $(repeated 30 '❤\xef\xb8\x8f')Z" Z 60 ">>> say $(repeated 30 ❤)Z"
}

# A family is three of them: three for libedit, one for a terminal that joins them, which is not told to.
test_joined_emoji_have_the_columns_they_are_counted_with() {
  over_what_is_typed "say $(repeated 12 '👨\xe2\x80\x8d👩\xe2\x80\x8d👧')Z" Z 60 ">>> say $(repeated 12 👨👩👧)Z"
}

# In 41 columns a row has one left over, which a letter of two cannot have: a blank is there.
test_wide_letters_at_an_odd_width() {
  local row
  row=$(repeated 20 漢)
  over_what_is_typed "say $(repeated 77 漢)Z" Z 41 ">>> say $(repeated 16 漢) $row $row $row 漢Z"
}

# The letter has two columns, and so has what its mark makes of it.
test_marks_of_wide_letters() {
  over_what_is_typed "say $(repeated 40 'か\xe3\x82\x99')Z" Z 60 ">>> say $(repeated 40 $'か\xe3\x82\x99')Z"
}

test_a_mark_without_a_letter_is_drawn_on_a_circle() {
  over_what_is_typed "\\xcc\\x81Z" Z 60 $'>>> ◌\xcc\x81Z'
  over_what_is_typed "Z\\xcc\\x81\\x16\\xcc\\x82\\x01\\x16\\xcc\\x83\\x05Z" Z 60 $'>>> ◌\xcc\x83Z\xcc\x81\xcc\x82Z' # two of them quoted
}

shows_in_client() { # shows_in_client KEYS TEXT
  PYTHONUTF8=1 try typist shows "$1" "$2" vt100 "$CLIENT" --identity none 127.0.0.1:9
  out_has "shown"
}

# What is typed is what is sent, whatever stands for it meanwhile: a mark alone, a letter with nine, one of plane 15, a
# rare Chinese one; the line before last by its history.
test_letters_with_marks_are_sent_as_they_are_typed() {
  local many marks
  marks=$(repeated 9 $'\xcc\x81')
  many=$(repeated 9 '\xcc\x81')
  shows_in_client 'send carol e\xcc\x81\r' $'not delivered carol (not logged in): e\xcc\x81\r'
  shows_in_client "send carol \\xcc\\x81 a$many\\r" "not delivered carol (not logged in): "$'\xcc\x81'" a$marks"$'\r'
  shows_in_client 'send carol \xf3\xb0\x80\x80x\xf0\xa0\x80\x80\xe3\x82\x99\r' \
    $'not delivered carol (not logged in): \xf3\xb0\x80\x80x\xf0\xa0\x80\x80\xe3\x82\x99\r'
  shows_in_client 'send carol e\xcc\x81\rhelp\r\x1b[A\x1b[A1\r' $'not delivered carol (not logged in): e\xcc\x811\r'
}

test_backspace_takes_one_mark() {
  shows_in_client 'send carol e\xcc\x81\xcc\x82\x7f1a\xcc\x81\x7f2\x7f\x7f3\r' $'not delivered carol (not logged in): e\xcc\x8113\r'
}

# What is no character, or half of one, means nothing: the key behind it is one like others.
test_a_key_behind_what_is_no_character() {
  shows_in_client 'send carol abc\xff\x7f\r' $'not delivered carol (not logged in): ab\r'
  shows_in_client 'send carol abc\xc3\xff\x7f\r' $'not delivered carol (not logged in): ab\r'
}

# Ctrl-W takes the whole word, of whatever letters it is.
test_words_with_marks() {
  shows_in_client 'send carol a กิน\x17b\r' $'not delivered carol (not logged in): a b\r'
  shows_in_client 'send carol a ข้าวเย็น\x17b\r' $'not delivered carol (not logged in): a b\r'
  shows_in_client 'send carol a हिंदी\x17b\r' $'not delivered carol (not logged in): a b\r'
  shows_in_client 'send carol a cafe\xcc\x81s\x17b\r' $'not delivered carol (not logged in): a b\r'
}

# Behind a count (Esc 3) and from within a search (Ctrl-R) a mark is a mark, and nothing else comes into the line for it.
test_a_mark_behind_other_keys() {
  shows_in_client 'send carol e\x1b3\x16\xcc\x81\r' $'not delivered carol (not logged in): e\xcc\x81\r'
  shows_in_client 'send carol hello\r\x12hel\xcc\x81x\r' $'not delivered carol (not logged in): \xcc\x81xhello\r'
}

test_keys_in_the_middle_of_a_wrapped_line() {
  over_what_is_typed 'bfcjeeidiaijcgjg f h \x01\x14ZY WZWXXYXXWXYX X' "f h" 20 ">>> bZY WZWXXYXXWXYX Xfcjeeidiaijcgjg f h"
}

# Some versions of libedit count a mark that is typed at the end as a column: the row they believe in is then another.
test_a_key_among_marks_that_combine() {
  over_what_is_typed "say $(repeated 40 'e\xcc\x81')Z\\x1b[DQ" QZ 60 ">>> say $(repeated 40 $'e\xcc\x81')QZ"
}

test_a_mark_that_combines_at_the_last_column() {
  over_what_is_typed "say $(repeated 51 e)\\xcc\\x81Z" Z 60 ">>> say $(repeated 51 e)"$'\xcc\x81Z'
}

# Nobody may send to a network's broadcast address: each datagram of a login there is a line of the log.
over_the_log() { # over_the_log COMES COMMAND...: types a line of two rows meanwhile
  PYTHONUTF8=1 typist over "login\\rsay $(repeated 70 x)Z" Z "$1" 60 vt100 "${@:2}" --identity none -v 127.255.255.255:9 >"$T/out"
}

test_the_log_does_not_come_into_a_half_typed_line() {
  over_the_log "(cannot send.*){4}" "$CLIENT"
  out_has "client: cannot send to 127.255.255.255:9: Permission denied"
  grep -v -e '^client: ' -e ' login failed ' "$T/out" >"$T/others" # where it took long to come so far
  printf '%s\n' "typed " "p2pchat: help shows what can be typed, Tab completes it" ">>> login" ">>> say $(repeated 70 x)Z" >"$T/expected"
  diff "$T/expected" "$T/others"
}

test_a_log_that_goes_elsewhere_is_not_shown() {
  over_the_log "login failed" sh -c "exec \"\$0\" \"\$@\" 2>$T/log" "$CLIENT"
  grep -q "client: cannot send" "$T/log"
  out_has_not "cannot send"
}

run_tests
