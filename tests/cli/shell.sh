#!/usr/bin/env bash
# punchlab shell, up, exec, ps: worlds for a person.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# Worlds of other runs on this machine have other names.
NAME=test-$$

lab_shell() { # lab_shell SPEC COMMAND...
  local spec=$1
  shift
  try "$LAB" shell --out "$T/o" --name "$NAME" "$spec" -- "$@"
}

test_shell_runs_a_command_behind_the_nat() {
  lab_shell symmetric sh -c 'hostname; ip -4 -o addr show eth0; getent hosts server'
  status_is 0
  grep -qx alice "$T/out"
  out_has "inet 10.0.1.2/24"
  out_has "22.22.22.1"
  err_has "nat-a      33.33.33.1"
  err_has "capture: $T/o/"
  [ -s "$(sed -n 's/^capture: //p' "$T/err")" ]
}

test_shell_gives_the_commands_status() {
  lab_shell open sh -c 'exit 42'
  status_is 42
  lab_shell open sh -c 'kill -9 $$'
  status_is 137
  lab_shell open no-such-command
  status_is 127
  err_has "no-such-command"
}

test_a_program_that_is_nowhere_is_not_a_matter_of_permission() {
  try env PATH="/root:$PATH" "$LAB" shell --out "$T/o" --name "$NAME" open -- no-such-command
  status_is 127
  err_has "no-such-command: No such file or directory"
}

test_inside_a_world_the_outside_is_said_to_be_elsewhere() {
  lab_shell open "$LAB" exec bob -- true
  status_is 2
  err_has "here is inside of world $NAME: use another terminal"
}

test_shell_passes_input_and_output() {
  echo "through the world" | "$LAB" shell --out "$T/o" --name "$NAME" open -- cat >"$T/got" 2>"$T/err"
  grep -qx "through the world" "$T/got"
}

test_shell_sees_the_users_files() {
  cd "$T"
  echo "mine" >note
  lab_shell full-cone sh -c 'cat note; echo more >made'
  status_is 0
  out_has "mine"
  [ "$(stat -c %u made)" = "$(id -u)" ]
}

test_shell_reaches_p2pchats_server_and_stun() {
  lab_shell port-restricted sh -c "printf 'login\nquit\n' | '$TOP/p2pchat/client' server:3478"
  status_is 0
  out_has "logged in as 33.33.33.1:"
}

test_the_spec_measured_inside_is_the_one_asked_for() {
  lab_shell symmetric "$TOP/tools/nat_type" --spec server
  status_is 0
  grep -qx symmetric "$T/out" || complain symmetric
}

test_bad_input() {
  try "$LAB" shell --out "$T/o"
  refused "takes one NAT"
  try "$LAB" shell --out "$T/o" open symmetric
  refused "takes one NAT"
  try "$LAB" shell --out "$T/o" conical -- true
  refused "conical"
  try "$LAB" shell --out "$T/o" --name "a b" open -- true
  refused "not 'a b'"
  try "$LAB" up --out "$T/o"
  refused "a NAT is missing"
  try "$LAB" up --out "$T/o" -k one symmetric
  refused "-k chooses among the scenarios of one FILE.lua"
  try "$LAB" up --out "$T/o" --on server symmetric
  refused "--on takes HOST=COMMAND"
  try "$LAB" up --out "$T/o" "$FIXTURES/none.lua"
  refused "none.lua"
  try "$LAB" up --out "$T/o" open conical
  refused "conical"
  try "$LAB" exec
  refused "takes one host or box"
  try "$LAB" exec --name "$NAME-none" alice
  refused "no"
  [ ! -e "$T/o" ]
}

test_nothing_is_said_and_kept_where_nobody_wants_it() {
  mkdir "$T/here" "$T/tmp"
  (cd "$T/here" && TMPDIR=$T/tmp "$LAB" shell --name "$NAME" --quiet symmetric -- hostname) >"$T/out" 2>"$T/err"
  [ "$(cat "$T/out")" = alice ]
  [ ! -s "$T/err" ] || complain "nothing on standard error"
  [ "$(find "$T/here" "$T/tmp" | wc -l)" = 2 ] # the two folders alone
  try "$LAB" shell --keep some open -- true
  refused "--keep takes all or none"
}

stands() { "$LAB" ps | grep -q "^$NAME .*up "; }
is_gone() { ! "$LAB" ps | grep -q "^$NAME "; }

go_up() { # go_up SPEC...
  "$LAB" up --out "$T/o" --name "$NAME" "$@" >"$T/up.out" 2>"$T/up.err" </dev/null &
  up=$!
  ends_with_test $up
  until_true stands
}

go_down() { # go_down SIGNAL STATUS
  local status=0
  kill "-$1" "$up"
  wait "$up" || status=$?
  [ "$status" = "$2" ] || { echo "up ended with $status"; return 1; }
  is_gone
}

exec_as_json() {
  try "$LAB" exec --json --name "$NAME" bob -- sh -c 'echo said; printf "w\377rong" >&2; exit 3'
  status_is 3
  [ "$(cat "$T/out")" = '{"world":"'"$NAME"'","host":"bob","status":3,"signal":null,"stdout":"said\n","stderr":"w\\xffrong"}' ] ||
    complain "how it ended and what it said"
  # shellcheck disable=SC2016 # it is the other shell's
  try "$LAB" exec --json --name "$NAME" bob -- sh -c 'sleep 3600 & kill -9 $$'
  status_is 137
  out_has '"status":137,"signal":"KILL","stdout":"","stderr":""}'
}

test_up_exec_ps() {
  go_up symmetric full-cone
  try "$LAB" ps
  out_has "nat-a (symmetric)"
  out_has "nat-b (full-cone)"
  try "$LAB" exec --name "$NAME" bob -- sh -c 'hostname; ip -4 -o addr show eth0; exit 3'
  status_is 3
  grep -qx bob "$T/out"
  out_has "inet 10.0.2.2/24"
  try "$LAB" exec --name "$NAME" nat-a -- conntrack -L
  status_is 0
  try "$LAB" shell --in "$NAME" bob -- sh -c 'hostname; exit 4'
  status_is 4
  [ "$(cat "$T/out")" = bob ] || complain bob
  try "$LAB" shell --in "$NAME" --quiet bob -- true
  refused "--in NAME takes one host or box of a world that stands, and no option beside it"
  try "$LAB" shell --in "$NAME" symmetric -- true
  refused "there is no host or box named symmetric; there are: server,"
  exec_as_json
  try "$LAB" exec --name "$NAME" dave -- true
  refused "there is no host or box named dave; there are: server, nat-a, alice, nat-b, bob"
  try "$LAB" exec --name "$NAME-none" bob -- true
  refused "there is no world named $NAME-none; there are: "
  try "$LAB" up --name "$NAME" --out "$T/o" open
  refused "a world named $NAME stands already"
  go_down INT 0
}

# A program holds a world open by a pipe, and reads one object when it stands.
test_up_for_programs() {
  local status=0
  mkfifo "$T/hold"
  "$LAB" up --out "$T/o" --name "$NAME" --json --stdin symmetric open <"$T/hold" >"$T/up.out" 2>"$T/up.err" &
  up=$!
  exec 9>"$T/hold"
  ends_with_test $up
  until_true test -s "$T/up.out"
  echo "not for the lab" >&9
  "$LAB" ps --json | grep "\"name\":\"$NAME\"" >"$T/ps"
  cmp <(sed 's/"boxes":[^]]*]//' "$T/up.out") <(sed 's/"boxes":[^]]*]//' "$T/ps") # which may be measured by now
  folder=$(sed 's/.*"folder":"\([^"]*\)".*/\1/' "$T/ps")
  [ -s "$folder/trace.pcapng" ] || { echo "no capture in $folder" && return 1; }
  grep -q '"name":"nat-a","kind":"box","addresses":\["33.33.33.1"\],"public":"33.33.33.1","behind":null,"nat":"symmetric"' "$T/ps"
  stands
  exec 9>&-
  wait "$up" || status=$?
  [ "$status" = 0 ]
  is_gone
}

test_programs_in_one_world_talk() {
  go_up port-restricted port-restricted
  "$LAB" exec --name "$NAME" bob -- sh -c "printf 'login\n' | '$TOP/p2pchat/client' -b 0.0.0.0:4000 server:3478" >"$T/bob"
  grep -q "^logged in as 33.33.33.2:4000" "$T/bob"
  go_down TERM 0
}

ended() { ! kill -0 "$1" 2>/dev/null; }

shows_on_live() { # shows_on_live PATTERN: sends a datagram and looks whether the live capture has shown one
  "$LAB" exec --name "$NAME" alice -- sh -c "echo 'sendto server:9 hello' | '$TOP/tools/udp_client' -w 0.01" >/dev/null
  a_moment 300
  grep -q "$1" "$T/seen"
}

# captured WANTED [HOST]: true when the capture so far has packets of just these interfaces. It is a moment behind the wire.
captured() {
  "$LAB" count --name "$NAME" "alice eth0" >"$T/counted" # what is on its way to the capture is in it then
  "$LAB" capture --name "$NAME" "${@:2}" >"$T/so_far.pcapng"
  tshark -r "$T/so_far.pcapng" -T fields -e frame.interface_name 2>"$T/err" | sort -u >"$T/seen"
  [ "$(tr '\n' , <"$T/seen")" = "$1" ]
}

test_capture_so_far() {
  command -v tshark >/dev/null || skip "tshark is not there (tools/deps trace)"
  go_up port-restricted open
  "$LAB" exec --name "$NAME" alice -- sh -c "printf 'login\n' | '$TOP/p2pchat/client' server:3478" >/dev/null
  until_true captured "alice eth0,nat-a lan,nat-a wan,server eth0,"
  until_true captured "nat-a lan,nat-a wan," nat-a
  if grep -v '^Running as user "root"' "$T/err"; then return 1; fi
  go_down INT 0
}

test_capture_live_grows_and_ends_with_the_world() {
  command -v tshark >/dev/null || skip "tshark is not there (tools/deps trace)"
  go_up open
  (cd / && exec "$LAB" capture --name "$NAME" --live alice) >"$T/live.pcapng" &
  local live=$!
  "$LAB" capture --name "$NAME" alice -- tshark -l -i - -T fields -e frame.interface_name >"$T/seen" 2>/dev/null &
  local shark=$!
  until_true test -s "$T/live.pcapng" # it has come to the world
  until_true shows_on_live '^alice eth0$'
  go_down TERM 0
  wait $live
  wait $shark
  tshark -r "$T/live.pcapng" -T fields -e frame.interface_name 2>/dev/null | grep -qx "alice eth0"
}

# Nothing is on the wire when the reader goes: that alone must end it.
test_capture_live_ends_with_its_reader() {
  go_up open
  ("$LAB" capture --name "$NAME" --live alice | head -c 10 >"$T/seen") &
  local both=$!
  until_true ended $both
  [ "$(wc -c <"$T/seen")" = 10 ]
  go_down INT 0
}

children() { cat "/proc/$1/task/$1/children"; }

recorder_of() { # recorder_of INIT: of the processes of the lab's own in that world the one that is no server
  local pid
  for pid in $(children "$(children "$1" | cut -d' ' -f1)"); do
    [ "$(cat "/proc/$pid/comm")" != punchlab ] || echo "$pid"
  done
}

test_up_says_when_its_recorder_dies() {
  go_up open
  init=$("$LAB" ps | sed -n "s/^$NAME .* init \([0-9]*\):.*/\1/p")
  kill -9 "$(recorder_of "$init")"
  until_true grep -q "the recorder was killed by signal 9 .*: the capture is not complete" "$T/up.err"
  stands
  go_down INT 1
  [ "$(grep -c "^punchlab: the recorder" "$T/up.err")" = 1 ]
  grep -q "^punchlab: the capture is not whole: the recorder was killed" "$T/up.err" # why it ends with 1
}

init_of() { "$LAB" ps | sed -n "s/^$NAME .* init \([0-9]*\):.*/\1/p"; }

test_up_says_when_its_server_dies() {
  go_up open
  "$LAB" exec --name "$NAME" server -- pkill -9 -x server
  until_true grep -q "p2pchat's server was killed by signal 9 .*, so nothing answers at server:3478 any more" "$T/up.err"
  stands
  go_down INT 1
  [ "$(grep -c "p2pchat's server was" "$T/up.err")" = 1 ]
}

test_up_says_when_its_first_process_dies() {
  local status=0
  go_up open
  kill -9 "$(init_of)"
  wait "$up" || status=$?
  [ "$status" = 137 ]
  grep -qx "punchlab: world $NAME is gone: its first process was killed by signal 9 .*" "$T/up.err"
}

test_up_says_when_the_process_that_holds_the_world_dies() {
  local status=0
  go_up open
  kill -9 "$(children "$(init_of)" | cut -d' ' -f1)"
  wait "$up" || status=$?
  [ "$status" = 137 ]
  grep -qx "punchlab: world $NAME is gone: the process that holds it was killed by signal 9 .*" "$T/up.err"
}

# A command that a signal ended is no world that was killed.
test_shell_says_nothing_of_a_killed_command() {
  # shellcheck disable=SC2016
  lab_shell open sh -c 'kill -9 $$'
  status_is 137
  if grep "is gone" "$T/err"; then return 1; fi
}

# Another user holds the name, and answers as if it were a world.
squat() { # squat NAME
  cp "$TOP/build/release/squat" "$T/squat" && chmod 755 "$T" "$T/squat"
  "${AS_USER[@]}" "$T/squat" "$(id -u)" "$1" >"$T/squats" 2>&1 &
  ends_with_test $!
  until_true grep -q "holds it" "$T/squats"
}

test_a_name_that_another_user_holds_is_no_world() {
  [ "$(id -u)" = 0 ] || skip "only root can be another user, too"
  squat "$NAME"
  try "$LAB" ps
  out_has_not "$NAME"
  try "$LAB" exec --name "$NAME" alice -- true
  refused "no world"
  try "$LAB" up --name "$NAME" --out "$T/o" open
  status_is 2
  err_has "somebody else on this machine holds the name $NAME: choose another"
  [ ! -e "$T/o" ]
}

test_capture_bad_input() {
  try "$LAB" capture --name "$NAME-none"
  refused "no"
  go_up open
  try "$LAB" capture --name "$NAME" dave
  refused "there is no host or box named dave"
  try "$LAB" capture --name "$NAME" alice bob
  refused "takes one host or box"
  status=0
  "$LAB" capture --name "$NAME" --live -- no-such-command >"$T/out" 2>"$T/err" || status=$?
  status_is 127
  go_down INT 0
}

kept_aside() { find "$T/tmp" -name trace.pcapng | grep -q .; }
nothing_is_aside() { [ -z "$(ls -A "$T/tmp")" ]; }

test_what_is_kept_when_it_is_asked_for() {
  mkdir "$T/here" && cd "$T/here"
  try "$LAB" shell --name "$NAME" --quiet --keep all open -- true
  [ -e out/latest/001-"$NAME"/trace.pcapng ] || complain "it in out"
  try "$LAB" shell --name "$NAME" --quiet --out deep/down open -- true
  [ -e deep/down/latest/001-"$NAME"/trace.pcapng ] || complain "it in that folder"
}

test_kill_9_of_up_leaves_nothing() {
  mkdir "$T/tmp"
  export TMPDIR=$T/tmp
  "$LAB" up --name "$NAME" symmetric >"$T/up.out" 2>"$T/up.err" </dev/null &
  up=$!
  ends_with_test $up
  until_true stands
  kept_aside
  "$LAB" exec --name "$NAME" alice -- ping -c 1 server >"$T/ping" || true
  try "$LAB" trace --name "$NAME"
  out_has "alice"
  init=$("$LAB" ps | sed -n "s/^$NAME .* init \([0-9]*\):.*/\1/p")
  kill -9 $up
  wait $up 2>/dev/null || true
  until_true is_gone
  until_true test ! -e "/proc/$init"
  until_true nothing_is_aside
}

test_exec_ends_with_its_world() {
  go_up open
  "$LAB" exec --name "$NAME" alice -- sleep 3600 &
  local sleeper=$! status=0
  until_true pgrep -P $sleeper -x sleep
  go_down TERM 0
  wait $sleeper || status=$?
  [ $status = 137 ]
}

run_tests
