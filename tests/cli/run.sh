#!/usr/bin/env bash
# punchlab run: verdicts, reports, what stays and what goes.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

lab() { try "$LAB" run --out "$T/o" "$@"; }

test_passes() {
  lab "$FIXTURES/quick.lua"
  status_is 0
  out_has "ok "
  out_has "a datagram arrives"
  [ "$(tail -n 1 "$T/out")" = "2 passed, 0 failed, 0 skipped" ]
  [ ! -s "$T/err" ]
}

test_both_forms_of_an_environment() {
  cat >"$T/environment.lua" <<'END'
scenario("variables", function(lab)
	local p = lab:host("alice"):run {
		"sh", "-c", "echo $ONE-$TWO-$THREE", env = { "ONE=a=b", TWO = "two words", THREE = 3 }
	}
	equal(p:exit_status(), 0)
	equal(p:output(), "a=b-two words-3\n")
end)
END
  lab "$T/environment.lua"
  status_is 0
}

# ss tells how many packets there is room for in the capture of the host it runs on.
test_a_scenario_of_many_jobs_has_larger_captures() {
  cat >"$T/rings.lua" <<'END'
local function scenario_of(jobs)
	scenario("a world of " .. jobs, { jobs = jobs }, function(lab)
		local alice, _ = lab:host("alice"), lab:host("bob")
		local ss = alice:run { "ss", "-0", "-e" }
		equal(ss:exit_status(), 0)
		expect(false, "room for " .. ss:output():match("frm_nr:(%d+)"))
	end)
end

scenario_of(1)
scenario_of(64)
END
  lab -j 64 "$T/rings.lua"
  status_is 1
  mapfile -t rooms < <(sed -n 's/.*room for \([0-9]*\)$/\1/p' "$T/out")
  [ "${#rooms[@]}" = 2 ]
  [ "${rooms[1]}" -ge $((3 * rooms[0])) ]
}

test_failures_say_where_and_why() {
  lab "$FIXTURES/failing.lua"
  status_is 1
  out_has "failing.lua:5: arithmetic holds"
  out_has "expected: 3"
  out_has "seen:     2"
  out_has "failing.lua:10: alice echo ended with status 0 instead of saying it"
  out_has 'seen:     its last line was "good-bye"'
  out_has "| good-bye"
  out_has "failing.lua:14: "
  out_has "attempt to call a nil value (method 'dance')"
  out_has "failing.lua:18: "
  out_has "unknown option 'net'"
  out_has "failing.lua:22: "
  out_has "conical"
  out_has "failing.lua:26: "
  out_has "no-such-program"
  out_has "failing.lua:31: "
  out_has "failing.lua:36: "
  out_has "trace: $T/o/"
  out_has "again: $LAB run -k 'a bad filter' $FIXTURES/failing.lua"
  out_has "failing.lua:40: "
  out_has "run{}: unknown option 'enviroment'; there are: env, cwd, terminal"
  out_has "failing.lua:44: "
  out_has 'run{}: env is a table of NAME = "value", or of "NAME=value"'
  out_has "failing.lua:48: "
  out_has "run{}: word 2 is nil"
  out_has "0 passed, 11 failed, 0 skipped"
}

test_bytes_that_are_no_text_lose_no_verdict() {
  lab --json "$T/json" --junit "$T/junit.xml" --html "$T/html" "$FIXTURES/bytes.lua"
  status_is 1
  out_has_not "died with status"
  out_has_not "could not be written"
  out_has 'bytes.lua:6: no Stra\xdf'
  out_has 'bytes.lua:10: bad \xff, odd '
  out_has "bytes.lua: an error that is a number in a table"
  out_has "failed with an error that is no text"
  out_has "1 passed, 5 failed, 1 skipped"
  python3 -c 'import json, sys, xml.etree.ElementTree
lines = {v["scenario"]: v for v in map(json.loads, open(sys.argv[1], encoding="utf-8"))}
assert len(lines) == 7 and None not in lines, lines
assert lines["a long line"]["result"] == "failed" and "\u20ac\u20ac..." in lines["a long line"]["details"]
assert "\u20ac" in lines["a long text"]["details"] and "\\x" not in lines["a long text"]["details"]
odd = lines["a print, a step, a fact and a program"]
assert odd["facts"] == {"street": "Stra\\xdfe"} and "Stra\\xdfe\t\uffff" in odd["details"], odd
assert len(list(xml.etree.ElementTree.parse(sys.argv[2]).iter("testcase"))) == 7' "$T/json" "$T/junit.xml"
  grep -q "an error whose table has methods" "$T/html/index.html"
}

test_last_words_are_told_whatever_the_scenario_waited_for() {
  lab "$FIXTURES/words.lua"
  status_is 1
  out_has "alice sh (ended with status 255), its last lines:"
  out_has "| why it failed"
  out_has "alice sh (ended by signal 9), its last lines:"
  out_has "| why it was killed"
  out_has 'its last line was "why it waits"'
  out_has_not "said nothing"
}

test_a_scenario_that_never_ends_is_ended_and_the_rest_goes_on() {
  lab "$FIXTURES/never_ends.lua"
  status_is 1
  out_has "never_ends.lua:4: the scenario does not end within 1 s"
  grep -q 'never_ends.lua:1[0-4]: the scenario does not end within 1 s' "$T/out" || complain "where it is caught"
  out_has "killed: it did not end by itself after its time limit of 1 s"
  out_has "alice sleep still runs after"
  out_has "1 passed, 4 failed, 0 skipped"
}

test_a_wait_that_is_cut_short_is_no_answer() {
  local line
  lab -j 4 --keep none "$FIXTURES/late.lua" # few at once: each has 5 s to begin in, and as many to end in
  status_is 1
  out_has "0 passed, 12 failed, 0 skipped"
  out_has "late.lua:26: waited in vain until it is so, when the scenario's time was over"
  grep -q "late.lua:27: alice sleep still runs after [0-9.]* s, when the scenario's time was over" "$T/out" || complain "why it is not waited for"
  for line in 5 8 9 10 11 12 15 19 24 28; do out_has "late.lua:$line: the scenario does not end within 5 s"; done
}

test_sabotage_is_reported_as_a_box_that_is_not_what_it_claims() {
  lab "$FIXTURES/sabotaged.lua"
  status_is 1
  out_has "nat-a is not what it claims: asked port-restricted, measured "
  out_has_not "nat-b is not what it claims"
  out_has "boxes: 2 kinds measured, 1 not as claimed"
}

test_the_oracle_contradicts_a_wrong_outcome() {
  lab "$FIXTURES/oracle.lua"
  status_is 1
  for name in "opened: full-cone x symmetric" "stayed shut: symmetric x symmetric"; do
    grep -q "^ok .*$name\$" "$T/out" || complain "ok $name"
  done
  for name in "stayed shut: full-cone x symmetric" "opened: symmetric x symmetric" "stayed shut: open x port-restricted"; do
    grep -q "^FAILED .*$name\$" "$T/out" || complain "FAILED $name"
  done
  out_has "the punch stayed shut, but by what was measured of the boxes it must open: "
  out_has "the punch opened, but by what was measured of the boxes it must stay shut: "
}

test_list() {
  lab --list "$FIXTURES/quick.lua"
  status_is 0
  out_has "quick.lua:3: a host says something"
  [ "$(wc -l <"$T/out")" = 2 ]
  [ ! -e "$T/o" ]
}

test_match() {
  lab -k DATAGRAM "$FIXTURES/quick.lua"
  status_is 0
  out_has "1 passed, 0 failed, 0 skipped"
}

test_tap() {
  lab --tap "$FIXTURES/quick.lua" "$FIXTURES/sabotaged.lua"
  status_is 1
  [ "$(head -n 1 "$T/out")" = "TAP version 13" ]
  grep -qx '1\.\.3' "$T/out"
  [ "$(grep -cE '^(not )?ok [1-3] - ' "$T/out")" = 3 ]
  [ "$(grep -cE '^not ok ' "$T/out")" = 1 ]
  out_has '  message: "nat-a is not what it claims'
  # Nothing but TAP: version, plan, tests, YAML blocks, comments.
  [ "$(grep -vcE '^(TAP version 13|1\.\.3|(not )?ok [1-3] - .*|  .*|# .*)$' "$T/out")" = 0 ]
}

test_json() {
  lab --json "$T/json" "$FIXTURES/quick.lua" "$FIXTURES/sabotaged.lua"
  status_is 1
  [ "$(wc -l <"$T/json")" = 3 ]
  [ "$(grep -cE '^\{"scenario":".*","file":".*","line":[0-9]+,"result":"(passed|failed)","seconds":[0-9.]+,"trace":"[^"]+".*\}$' "$T/json")" = 3 ]
  while read -r trace; do
    [ -s "$trace" ]
  done < <(sed 's/.*"trace":"\([^"]*\)".*/\1/' "$T/json")
}

test_json_on_standard_output_is_all_there_is() {
  lab --json - "$FIXTURES/quick.lua"
  status_is 0
  [ "$(wc -l <"$T/out")" = 2 ]
  [ "$(grep -c '^{.*}$' "$T/out")" = 2 ]
}

test_junit() {
  lab --junit "$T/junit.xml" "$FIXTURES/quick.lua" "$FIXTURES/sabotaged.lua"
  status_is 1
  grep -q '<testsuite name="punchlab" tests="3" failures="1" skipped="0" ' "$T/junit.xml"
  [ "$(grep -c '^<testcase classname=".*" name=".*" time="[0-9.]*">' "$T/junit.xml")" = 3 ]
  [ "$(tail -n 1 "$T/junit.xml")" = "</testsuites>" ]
}

test_html() {
  lab --html "$T/html" "$FIXTURES/quick.lua"
  status_is 0
  out_has "report: $T/html/index.html"
  grep -q "a datagram arrives" "$T/html/index.html"
}

# What the trace says has a place of its own in every report: nothing a scenario prints is taken for it.
test_what_a_scenario_prints_is_not_taken_for_what_the_trace_says() {
  cat >"$T/says.lua" <<'LUA'
scenario("says", function(lab)
	local alice, server = lab:host("alice", { nat = "port-restricted" }), lab:host("server")
	alice:udp(4000):send(server:address() .. ":5000", "hello")
	print("the trace says:\nnothing of the sort")
	fail("look")
end)
LUA
  lab --html "$T/html" --json "$T/json" --junit "$T/junit.xml" "$T/says.lua"
  status_is 1
  out_has "nothing of the sort"
  for file in "$T/html/index.html" "$T/junit.xml"; do
    grep -q "nothing of the sort" "$file" || complain "what was printed, in $file"
  done
  python3 -c 'import json, sys
said = json.loads(sys.stdin.read())
assert "nothing of the sort" in said["details"] and "server" not in said["details"], said
assert "server" in said["why"] and "of the sort" not in said["why"], said' <"$T/json"
}

# The line is pasted where the user stands, whatever the program is called there and whatever the names are.
test_again_can_be_pasted() {
  local again
  mkdir "$T/user's" && cd "$T/user's"
  # shellcheck disable=SC2016
  printf 'scenario("it'"'"'s $HOME, a \\"%%\\"", function() fail("no") end)\nscenario("it", function() end)\n' >"the tests.lua"
  ln -s "$LAB" "the lab"
  for program in "./the lab" "the lab" "$LAB"; do
    PATH=.:$PATH try "$program" run --keep none --html report "the tests.lua"
    status_is 1
    again=$(sed -n 's/^ *again: //p' "$T/out")
    PATH=.:$PATH try bash -c "$again --keep none"
    status_is 1
    out_has "0 passed, 1 failed, 0 skipped"
    again=$(python3 -c 'import json, re, sys
data = re.search("id=\"data\">(.*?)</script>", open("report/index.html").read()).group(1)
print(json.loads(data)["scenarios"][0]["command"])')
    PATH=.:$PATH try bash -c "$again --keep none"
    out_has "0 passed, 1 failed, 0 skipped"
  done
}

# What else decides is told, too: here both scenarios pass without it.
test_again_fails_as_it_did() {
  local again
  cat >"$T/tests.lua" <<'END'
scenario("swallows", function(lab)
	local server, alice = lab:host("server"), lab:host("alice", { nat = "symmetric" })
	local socket = alice:udp(4000)
	lab:node("nat-a"):run{ "sh", "-c", "ip route add blackhole " .. server:address() .. "/32" }:exit_status()
	socket:send(server:address() .. ":5000", "hello")
	lab:flush()
end)
scenario("waits", function(lab)
	lab:wait_until(function() return lab:now() > 1.5 end, 60)
end)
END
  for option in "--audit -k swallows" "--timeout 1 -k waits"; do
    # shellcheck disable=SC2086
    try "$LAB" run --keep none --out "$T/o" $option "$T/tests.lua"
    status_is 1
    again=$(sed -n 's/^ *again: //p' "$T/out")
    try bash -c "$again --keep none --out $T/o"
    status_is 1
    out_has "0 passed, 1 failed, 0 skipped"
  done
}

test_verbose_prints_what_the_lab_runs() {
  lab -v -k 'says something' "$FIXTURES/quick.lua"
  status_is 0
  out_has "+ ip netns add alice"
  out_has "+ ip -n alice link set eth0 up"
  [ "$(grep -c '+ ip netns exec alice sysctl' "$T/out")" = 1 ] || complain "a host's settings in one line"
  lab -k 'says something' "$FIXTURES/quick.lua"
  out_has_not "+ ip"
}

test_a_reader_who_has_enough_loses_no_result() {
  mkfifo "$T/pipe"
  head -n 1 <"$T/pipe" >"$T/first" &
  status=0
  "$LAB" run -j 1 --out "$T/o" --junit "$T/junit.xml" --json "$T/json" "$FIXTURES"/{quick,sabotaged,quick}.lua \
    >"$T/pipe" 2>"$T/err" || status=$?
  wait
  : >"$T/out"
  status_is 1
  err_has "standard output: Broken pipe"
  [ "$(wc -l <"$T/json")" = 5 ] || complain "all verdicts in $T/json"
  grep -q '<testsuite name="punchlab" tests="5" failures="1" ' "$T/junit.xml" || complain "all verdicts in $T/junit.xml"
}

test_one_file_for_two_results_is_refused() {
  ln -s results "$T/link"
  echo old >"$T/results"
  lab --json "$T/results" --junit "$T/link" "$FIXTURES/quick.lua"
  refused "--junit $T/link: --json writes to the same file"
  [ "$(cat "$T/results")" = old ]
  [ ! -e "$T/o" ]
  lab --json "$T/none" --junit "$T/none" "$FIXTURES/quick.lua"
  refused "--junit $T/none: --json writes to the same file"
  [ ! -e "$T/none" ] || complain "no file made only to be refused"
  lab --json /dev/null --junit /dev/null "$FIXTURES/quick.lua"
  status_is 0
}

test_evidence_that_is_lost_is_said() {
  cat >"$T/lost.lua" <<LUA
scenario("removed", function(lab)
	equal(lab:host("alice"):run { "sh", "-c", "rm -r $T/o/latest/*-removed" }:exit_status(), 0)
end)
LUA
  cat >"$T/full.lua" <<LUA
scenario("full", function(lab)
	local alice, server = lab:host("alice"), lab:host("server")
	local a, s = alice:udp(1000), server:udp(1000)
	for i = 1, 400 do a:send(server:address() .. ":1000", ("x"):rep(200)) end
	s:receive()
end)
LUA
  lab "$T/lost.lua"
  status_is 1
  out_has "001-removed/trace.pcapng: it was removed while the scenario ran"
  cat >"$T/cut.lua" <<LUA
local function spoils(name, command)
	scenario(name, function(lab)
		local alice, server = lab:host("alice"), lab:host("server")
		alice:udp(0):send(server:address() .. ":9", "x")
		lab:flush()
		alice:run({ "sh", "-c", "cd $T/o/latest/*-" .. name .. "; " .. command .. "; echo done; wait" }):wait("done")
	end)
end
spoils("record", ": >trace.jsonl")
spoils("capture", ": >trace.pcapng")
spoils("output", "rm *.out; echo x")
-- In a program that is there already: behind the first signal comes the second, a second later.
spoils("ended", [[exec perl -e '\$SIG{TERM} = sub { unlink glob "*.out"; exit }; \$| = 1; print "done\n"; sleep 99']])
LUA
  lab --keep all --json "$T/json" "$T/cut.lua"
  status_is 1
  out_has "2 passed, 2 failed, 0 skipped"
  out_has "001-record/trace.jsonl: it was cut short while the scenario ran"
  out_has "002-capture/trace.pcapng: it was cut short while the scenario ran"
  out_has "cut.lua: output ("
  grep -q '"lost":"[^"]*/003-output/alice-1-sh.out: it was removed while the scenario ran"' "$T/json"
  grep -q '"lost":"[^"]*/004-ended/alice-1-sh.out: it was removed while the scenario ran"' "$T/json"
  cat >"$T/later.lua" <<LUA
scenario("later", function(lab)
	local first = "$T/o/latest/001-later"
	equal(lab:host("alice"):run { "sh", "-c", "[ -e $T/first ] || exec touch $T/first; rm -r " .. first .. "; false" }:exit_status(), 0)
end)
LUA
  lab -j 1 --keep failed --repeat 2 "$T/later.lua"
  status_is 1
  # With the verdict, if that was not given yet, else on the log.
  cat "$T/out" >>"$T/err"
  err_has "/001-later/trace.pcapng: it was removed since the scenario ended"
  mkdir -p "$T/o"
  # shellcheck disable=SC2016
  try unshare --map-root-user --mount bash -c 'mount -t tmpfs -o size=450k small "$1/o" &&
    head -c 100000 /dev/zero >"$1/o/big" && exec "$2" run --keep all --json "$1/json" --out "$1/o" "$3"' - "$T" "$LAB" "$T/full.lua"
  status_is 0
  out_has "full.lua: full (the capture stays without comments: "
  grep -q '"lost":"the capture stays without comments: ' "$T/json"
}

test_a_grid_counts_the_scenarios_without_a_world() {
  # shellcheck disable=SC2016
  try unshare --map-root-user --mount bash -c 'mkdir "$1/o" && mount -t tmpfs -o nr_inodes=4 small "$1/o" &&
    exec "$2" matrix --out "$1/o" -k "open x"' - "$T" "$LAB"
  status_is 1
  out_has_not "all as expected"
  out_has "failed before they had a place in the grid"
}

test_repeat() {
  lab --repeat 3 "$FIXTURES/quick.lua"
  status_is 0
  out_has "a datagram arrives (repeat 3)"
  out_has "6 passed, 0 failed, 0 skipped"
}

test_keep() {
  lab --keep none "$FIXTURES/quick.lua"
  status_is 0
  [ -z "$(ls -A "$T/o")" ]
  out_has_not "traces:"
  lab --keep failed "$FIXTURES/quick.lua" "$FIXTURES/sabotaged.lua"
  status_is 1
  [ "$(find "$T/o" -name trace.pcapng | wc -l)" = 1 ]
  # It had passed until its box was measured.
  LC_ALL=C grep -aq "nat-a translated source" "$T"/o/latest/*/trace.pcapng || complain "comments in what is kept"
  lab --keep all "$FIXTURES/quick.lua"
  [ "$(find "$T/o/latest/" -name trace.pcapng | wc -l)" = 2 ]
}

# OUT/latest leads to the newest run that is there, also when the last one left nothing.
test_latest_is_the_newest_run_that_is_left() {
  local kept
  mkdir "$T/here" && cd "$T/here"
  try "$LAB" run -k 'a host says something' "$FIXTURES/quick.lua"
  status_is 0
  kept=$(readlink out/latest)
  mkdir out/2001-01-01_00-00-00 out/notes
  try "$LAB" run --keep failed -k 'a host says something' "$FIXTURES/quick.lua"
  status_is 0
  [ "$(readlink out/latest)" = "$kept" ] || complain "out/latest leads to $kept, not to $(readlink out/latest)"
  try "$LAB" trace
  status_is 0
  rm -r "out/$kept" out/2001-01-01_00-00-00
  try "$LAB" run --keep failed -k 'a host says something' "$FIXTURES/quick.lua"
  [ ! -L out/latest ] || complain "no out/latest"
  try "$LAB" trace
  refused "no run is left in out: the last run kept nothing"
}

test_keep_none_removes_what_programs_left() {
  cat >"$T/litter.lua" <<LUA
scenario("litter", function(lab)
	local litter = "cd $T/o/latest/*/ && mkdir -p a/b && touch a/b/c a/.d && ln -s $T/kept a/e"
	equal(lab:host("alice"):run { "sh", "-c", litter }:exit_status(), 0)
end)
LUA
  mkdir "$T/kept"
  touch "$T/kept/file"
  lab --keep none "$T/litter.lua"
  status_is 0
  [ -z "$(ls -A "$T/o")" ] || complain "nothing left in $T/o, not $(find "$T/o")"
  [ -e "$T/kept/file" ]
  [ ! -s "$T/err" ]
}

test_much_that_is_printed_takes_little_memory() {
  cat >"$T/prints.lua" <<'LUA'
scenario("prints", function(lab)
	local line = ("x"):rep(999)
	for i = 1, 40000 do print(line) end
	print(("y"):rep(40000000))
	lab:host("alice"):run { "sh", "-c", "stat -L -c '%b blocks of %B' /proc/$PPID/fd/1" }:wait("^(%d+)")
	print("the end")
	fail("look at the log")
end)
LUA
  lab --json "$T/json" "$T/prints.lua"
  status_is 1
  out_has "the end"
  # 512-byte blocks of the log: at most what is kept and what may wait to be given back.
  blocks=$(sed -n 's/.*| \([0-9]*\) blocks of 512.*/\1/p' "$T/out")
  [ "${blocks:-999999}" -lt 8192 ] || complain "a log of less than 4 MiB, not $blocks blocks"
  [ "$(wc -c <"$T/json")" -lt 200000 ]
}

test_print_while_loading_is_not_the_report() {
  printf 'print("loading")\nscenario("a", function() end)\n' >"$T/prints.lua"
  lab --json - "$T/prints.lua"
  status_is 0
  [ "$(wc -l <"$T/out")" = 1 ] || complain "one line on standard output"
  err_has "loading"
  lab --tap "$T/prints.lua"
  [ "$(head -n 1 "$T/out")" = "TAP version 13" ] || complain "TAP's first line"
}

test_works_from_any_folder() {
  cd /
  lab "$FIXTURES/quick.lua"
  status_is 0
  (cd "$T" && "$LAB" run --list matrix.lua -k "open x open") >"$T/listed"
  grep -q "scenarios/matrix.lua:[0-9]*: open x open$" "$T/listed" || complain "one of its own, by its name alone"
}

test_a_json_file_that_is_not_all_there_is_a_failure() {
  lab --json /dev/full "$FIXTURES/quick.lua"
  status_is 1
  err_has "/dev/full: "
  out_has "2 passed, 0 failed, 0 skipped"
  try "$LAB" check --json /dev/full port-restricted
  status_is 1
  err_has "/dev/full: "
}

test_a_full_disk_is_a_failure() {
  mkdir "$T/small"
  # A world's evidence needs more than 16 KiB.
  # shellcheck disable=SC2016
  try unshare --map-root-user --mount bash -c 'mount -t tmpfs -o size=16k,nr_inodes=64 small "$1" &&
    exec "$2" run --out "$1/o" "$3"' - "$T/small" "$LAB" "$TOP/scenarios/three_peers.lua"
  status_is 1
  out_has "No space left on device"
}

test_a_full_standard_output_is_a_failure() {
  [ -w /dev/full ] || skip "no /dev/full"
  status=0
  "$LAB" run --out "$T/o" "$FIXTURES/quick.lua" >/dev/full 2>"$T/err" || status=$?
  : >"$T/out"
  status_is 1
  err_has "standard output: No space left on device"
}

test_a_folder_that_cannot_be_written_is_told_with_what_to_do() {
  : >"$T/file"
  try "$LAB" matrix --keep none -k "open x open" --out "$T/file/out"
  [ "$status" = 2 ] || complain "exit status $status"
  err_has "the output folder $T/file/out cannot be written: Not a directory; --out DIR names another one"
}

test_what_is_in_doubt_does_not_pass() {
  lab --audit "$FIXTURES/doubtful.lua"
  status_is 1
  out_has "nat-a (port-restricted) could not be measured"
  out_has "boxes: 1 kind measured, all as claimed; 1 could not be measured"
  out_has "the capture is not whole: the recorder was killed by signal 9"
  out_has "the trace does not add up"
  out_has "0 passed, 3 failed, 0 skipped"
}

test_measuring_has_a_time_limit_and_says_what_ended_it() {
  lab --timeout 20 "$FIXTURES/unmeasured.lua" # in which the third is built and killed
  status_is 1
  [ "$(grep -c "measuring it took longer than its time limit" "$T/out")" = 2 ] || complain "both that hang"
  out_has "its world was killed by signal 9 (Killed)"
  out_has "0 passed, 3 failed, 0 skipped"
}

# Whoever changes a box's rules takes their counters along: that is on the record, and no loss.
# Progress is drawn over itself, which only a terminal that has a cursor can show.
test_progress_is_for_terminals_that_can_show_it() {
  status=0
  on_a_terminal env TERM=xterm "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
  grep -q $'\x1b\\[K' "$T/out" || complain "progress, and its line is wiped"
  on_a_terminal env TERM=dumb "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
  out_has 'passed'
  if grep -q $'[\x1b\r]' "$T/out"; then complain "no progress on a dumb terminal"; fi
  on_a_terminal env -u TERM "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
  if grep -q $'[\x1b\r]' "$T/out"; then complain "no progress on an unknown terminal"; fi
}

test_the_audit_knows_of_changed_rules() {
  cat >"$T/rules.lua" <<'END'
local function changed(name, change)
	scenario(name, function(lab)
		local alice, stranger = lab:host("alice", { nat = "port-restricted" }), lab:host("stranger")
		local at_alice, at_stranger = alice:udp(4000), stranger:udp(5000)
		at_alice:send(stranger:address() .. ":5000", "hello")
		local _, from = at_stranger:receive()
		stranger:udp(6000):send(from, "let me in")
		lab:wait_until(function() return lab:count("nat-a wan", "udp and src port 6000") > 0 end)
		change(alice:box(), stranger, at_alice)
	end)
end
changed("by iptables", function(box) box:iptables("-Z") end)
changed("by a program", function(box) equal(box:run { "iptables", "-Z" }:exit_status(), 0) end)
changed("by a shell", function(box) equal(box:run { "sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; iptables -Z" }:exit_status(), 0) end)
changed("from elsewhere", function(_, stranger)
	equal(stranger:run { "ip", "netns", "exec", "nat-a", "iptables", "-Z" }:exit_status(), 0)
end)
changed("by nobody", function(box) box:run { "iptables", "-S" }:exit_status() box:reboot() end)
-- On a busy machine a reboot takes long, and packets die in it that no rule counts: here, by a route.
changed("by a reboot that loses packets", function(box, stranger, at_alice)
	local address = stranger:address()
	box:run { "ip", "route", "add", "blackhole", address }:exit_status()
	at_alice:send(address .. ":7000", "into the reboot")
	box:reboot()
end)
END
  lab --audit "$T/rules.lua"
  status_is 0
  [ "$(cat "$T"/o/latest/*/trace.jsonl | grep -c '"type":"rules",.*"box":"nat-a","by":"iptables"}$')" = 4 ] ||
    complain "four changes of rules on the records"
}

test_repeats_that_end_otherwise_are_a_failure() {
  export T
  lab -j 1 --repeat 2 -k another "$FIXTURES/wavers.lua"
  status_is 1
  out_has "1 scenario did not give the same verdict each time"
  out_has "1 passed, 0 failed, 1 skipped"
}

test_skips_are_told_in_every_form() {
  lab -k skips --junit "$T/junit.xml" --json "$T/json" "$FIXTURES/wavers.lua"
  status_is 0
  grep -q '<testsuite name="punchlab" tests="1" failures="0" skipped="1" ' "$T/junit.xml"
  grep -q '<skipped message="a reason with &lt;brackets&gt;"/>' "$T/junit.xml"
  grep -q '"result":"skipped"' "$T/json"
}

test_a_failure_says_what_the_trace_says() {
  lab "$FIXTURES/unheard.lua"
  status_is 1
  out_has "stranger and alice: shut."
}

test_a_closed_standard_output_is_a_failure_and_no_other_file() {
  status=0
  "$LAB" run --out "$T/o" --json "$T/json" "$FIXTURES/quick.lua" >&- 2>"$T/err" || status=$?
  : >"$T/out"
  status_is 1
  err_has "standard output: "
  [ "$(grep -c '^{.*}$' "$T/json")" = 2 ]
  [ "$(wc -l <"$T/json")" = 2 ] || { cat "$T/json"; return 1; }
  status=0
  "$LAB" run --out "$T/o" --json "$T/json" "$FIXTURES/quick.lua" <&- >"$T/out" 2>&- || status=$?
  status_is 0
  [ "$(wc -l <"$T/json")" = 2 ]
}

run_tests
