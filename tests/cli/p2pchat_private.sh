#!/usr/bin/env bash
# Who p2pchat's client is, and what others see of what is said.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

test_an_identity_is_made_once_for_its_owner_alone() {
  try "$CLIENT" 127.0.0.1:9
  status_is 0
  [ "$(stat -c %a "$XDG_DATA_HOME/p2pchat/identity")" = 600 ]
  cp "$XDG_DATA_HOME/p2pchat/identity" "$T/first"
  try "$CLIENT" 127.0.0.1:9
  cmp "$T/first" "$XDG_DATA_HOME/p2pchat/identity"
  try "$CLIENT" --identity "$T/a/new/one" 127.0.0.1:9
  status_is 0
  [ "$(wc -c <"$T/a/new/one")" = 65 ]
  [ "$(ls "$T/a/new")" = one ] # nothing else is left there
}

test_many_that_make_one_at_once_make_one() {
  local i
  for i in 1 2 3 4 5 6 7 8; do
    "$CLIENT" -v --identity "$T/same" 127.0.0.1:9 </dev/null >"$T/$i.out" 2>"$T/$i.err" &
  done
  wait
  [ "$(cat "$T"/*.out | wc -l)" = 0 ]
  if grep -h identity "$T"/*.err; then complain "no word of it"; fi
  [ "$(wc -c <"$T/same")" = 65 ]
}

test_a_bad_identity_file_is_refused() {
  try "$CLIENT" --identity "$T/key" 127.0.0.1:9
  chmod 640 "$T/key"
  try "$CLIENT" --identity "$T/key" 127.0.0.1:9
  refused "can be read by others"
  chmod 600 "$T/key"
  head -c 20 "$T/key" >"$T/half" # as a full disk would have left it
  chmod 600 "$T/half"
  try "$CLIENT" --identity "$T/half" 127.0.0.1:9
  refused "holds no identity"
  ln -s key "$T/link"
  try "$CLIENT" --identity "$T/link" 127.0.0.1:9
  refused "$T/link is a symbolic link, and none is followed: name the file itself"
  mkfifo -m 600 "$T/fifo"
  try timeout 60 "$CLIENT" --identity "$T/fifo" 127.0.0.1:9
  refused "is not a file of yours"
  try "$CLIENT" --identity /proc/no/such/place 127.0.0.1:9
  refused "/proc/no/such/place"
  try env -u HOME -u XDG_DATA_HOME "$CLIENT" 127.0.0.1:9
  status_is 0
  err_has "no home folder"
  install -Dm 640 "$T/key" "$XDG_DATA_HOME/p2pchat/identity" # where nobody asked for it, but there
  try "$CLIENT" 127.0.0.1:9
  refused "can be read by others"
}

goes_on_without() { # goes_on_without WORDS COMMAND...: and says what that means, in a line with those words
  try "${@:2}" 127.0.0.1:9
  status_is 0
  err_is_one_line
  err_has "$1; the next time peers will know you by another key, and you will know none of them: --identity FILE"
}

on_a_disk_to_read() {
  mount -t tmpfs -o ro none "$T/disk"
  goes_on_without "$T/disk/.local/share/p2pchat/identity: Read-only file system" env HOME="$T/disk" "$CLIENT"
}

test_a_home_that_cannot_be_written_stops_nobody() {
  unset XDG_DATA_HOME
  goes_on_without "/dev/null/.local/share/p2pchat/identity: Not a directory" env HOME=/dev/null "$CLIENT"
  goes_on_without "/proc/none/.local/share/p2pchat/identity: No such file or directory" env HOME=/proc/none "$CLIENT"
  let_user_in
  [ ! -d "$T/theirs" ] || CLIENT=$T/theirs/p2pchat/client
  mkdir -m 0 "$T/closed"
  goes_on_without "$T/closed/.local/share/p2pchat/identity: Permission denied" "${AS_USER[@]}" env HOME="$T/closed" "$CLIENT"
  mkdir "$T/disk"
  unshare -rm true 2>"$T/err" || skip "no namespaces here: $(cat "$T/err")"
  unshare -rm bash -euc "$(declare -f); $(declare -p T CLIENT); on_a_disk_to_read"
}

# Nothing is left there that would be refused, or taken for an identity, when there is room again.
on_a_full_disk() {
  mount -t tmpfs -o size=4096 none "$T/disk"
  head -c 4096 /dev/zero >"$T/disk/filler"
  try "$CLIENT" --identity "$T/disk/key" 127.0.0.1:9
  refused "$T/disk/key: No space left on device"
  [ "$(ls "$T/disk")" = filler ]
  rm "$T/disk/filler"
  try "$CLIENT" --identity "$T/disk/key" 127.0.0.1:9
  status_is 0
  [ "$(wc -c <"$T/disk/key")" = 65 ]
}

test_a_full_disk_leaves_no_half_identity() {
  unshare -rm true 2>"$T/err" || skip "no namespaces here: $(cat "$T/err")"
  mkdir "$T/disk"
  unshare -rm bash -euc "$(declare -f); $(declare -p T TOP SERVER CLIENT); on_a_full_disk"
}

conversation() { # conversation NAME: one of scenarios/private.lua, its capture at $T/trace.pcapng
  "$LAB" doctor >"$T/doctor" || skip "this machine cannot run the lab"
  try "$LAB" run --out "$T/o" -k "$1" "$TOP/scenarios/private.lua"
  status_is 0
  cp "$T"/o/latest/*/trace.pcapng "$T/trace.pcapng"
}

test_a_capture_holds_no_word_of_a_conversation() {
  conversation "between two"
  if grep -caE 'meet me|at the old mill|100 euro' "$T/trace.pcapng"; then complain "no word of it in the capture"; fi
  grep -qa P2PC "$T/trace.pcapng" # the datagrams are there
}

test_nor_does_what_goes_by_the_server() {
  conversation "by way of the server"
  if grep -caE 'meet me|at the old mill|100 euro' "$T/trace.pcapng"; then complain "no word of it in the capture"; fi
}

confined() { grep -q '^NoNewPrivs:[[:space:]]*1' "/proc/$1/status" && grep -q '^Seccomp:[[:space:]]*2' "/proc/$1/status"; }

# And work all the same: names that are looked up, files that are written, a terminal (tests/cli/terminal.sh).
test_both_programs_are_confined_and_work() {
  start_server
  mkfifo "$T/commands"
  exec 8<>"$T/commands"
  "$CLIENT" --identity "$T/key" --name alice "localhost:$PORT" <"$T/commands" >"$T/out" 2>"$T/err" &
  CLIENT_PID=$!
  until_true grep -q "logged in as" "$T/out"
  confined "$SERVER_PID"
  confined "$CLIENT_PID"
  printf 'punch alice\nverify alice\nsend alice hello\n' | "$CLIENT" --identity none --name bob "127.0.0.1:$PORT" >"$T/bob" 2>&1
  grep -q "^code of " "$T/bob" # which waits for the path
  grep -q "^delivered .*: hello" "$T/bob"
  echo "send localhost:9 nobody there" >&8
  until_true grep -q "^not delivered 127.0.0.1:9 (no path)" "$T/out"
  kill -USR1 "$SERVER_PID"
  until_true grep -q "datagrams received" "$SERVED"
}

# Each kind of meddling has a scenario: somebody on the way, who is the server too.
meddlers() { # meddlers TEXT
  export MEDDLER=$TOP/build/release/meddler
  try "$LAB" run --keep none --out "$T/o" -k "$1" "$FIXTURES/meddler.lua"
  [ "$status" != 77 ] || skip "$(cat "$T/err")"
  status_is 0
  out_has ', 0 failed'
}

test_who_stands_between_reads_and_changes_nothing() { meddlers 'between them'; }
test_who_passes_a_login_on_has_the_name_and_no_more() { meddlers 'passes a login on'; }
test_codes_tell_a_server_with_cards_of_its_own() { meddlers 'a server that'; }

run_tests
