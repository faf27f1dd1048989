#!/usr/bin/env bash
# Links with weather: the same seed is the same fate, what is refused, and a cable process that dies.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# One host on the internet whose link has weather only by --link; prints which of its numbered datagrams arrive.
numbered() {
  cat >"$T/numbered.lua" <<'END'
scenario("numbered", function(lab)
	local server, alice = lab:host("server", { link = "fair" }), lab:host("alice")
	local from, at = alice:udp(4000), server:udp(5000)
	server:link():up()
	for i = 1, 100 do from:send(server:address() .. ":5000", tostring(i)) end
	lab:count()
	local arrived = {}
	repeat
		local text = at:receive(0)
		arrived[#arrived + 1] = text
	until not text
	lab:fact("arrived", table.concat(arrived, " "))
end)
END
}

arrived() { # arrived SEED: the fact of one run
  try "$LAB" run --out "$T/o" --json "$T/json" --link loss=20% --seed "$1" "$T/numbered.lua"
  status_is 0
  grep -oE '"arrived": ?"[^"]*"' "$T/json"
}

test_the_same_seed_is_the_same_fate() {
  numbered
  arrived 1 >"$T/first"
  arrived 1 >"$T/again"
  cmp "$T/first" "$T/again"
  arrived 2 >"$T/other"
  if cmp -s "$T/first" "$T/other"; then complain "other packets lost with another seed"; fi
}

test_the_same_seed_is_the_same_fate_in_every_capture() {
  try "$TOP/tests/same_seed" --runs 6 --others 2
  status_is 0
  out_has "6 captures"
  out_has "0 differ from the first"
  out_has "2 other seeds: 2 did otherwise"
}

seeds_of() { # seeds_of OPTION...: by which seeds its repeats ran, in one line
  try "$LAB" run --out "$T/o" --repeat 3 --link loss=20% "$@" "$T/numbered.lua"
  status_is 0
  cat "$T"/o/latest/*/trace.jsonl | grep -oE '"seed":[0-9]+' | sort -u | tr -d '\n'
}

test_each_repeat_has_the_next_seed_unless_one_is_told() {
  numbered
  [ "$(seeds_of)" = '"seed":0"seed":1"seed":2' ]
  [ "$(seeds_of --seed 5)" = '"seed":5' ]
  echo 'scenario("fails", function(lab) lab:host("alice"):udp(0) fail("it does") end)' >"$T/fails.lua"
  try "$LAB" run --out "$T/o" --repeat 3 --link loss=20% "$T/fails.lua"
  status_is 1
  for seed in 0 1 2; do out_has "--repeat 3 --link loss=20% --seed $seed"; done
  try "$LAB" run --out "$T/o" --repeat 3 "$T/fails.lua"
  out_has_not "--seed"
}

test_what_a_link_did_is_recorded() {
  numbered
  arrived 1 >"$T/first"
  record=$(echo "$T"/o/latest/*/trace.jsonl)
  [ "$(grep -c '"type":"link".*"fate":"lost"' "$record")" = $((100 - $(grep -oE '[0-9]+' "$T/first" | wc -l))) ]
  if grep 'link server eth0: ' "$record"; then complain "a link is up that was not down"; fi
  grep -q '"type":"weather".*"link":"alice eth0","weather":"loss=20%","seed":1' "$record"
}

test_a_failure_says_how_to_have_it_again() {
  cat >"$T/fails.lua" <<'END'
scenario("fails", function(lab) lab:host("alice"):udp(0) fail("it does") end)
END
  try "$LAB" run --out "$T/o" --link lte,loss=1% --seed 7 "$T/fails.lua"
  status_is 1
  out_has "--link lte,loss=1% --seed 7"
  try "$LAB" run --out "$T/o" --link fair "$T/fails.lua"
  out_has "--link fair --seed 0"
  try "$LAB" run --out "$T/o" --json "$T/json" "$T/fails.lua"
  out_has_not "--seed"
}

test_bad_weather_is_refused() {
  for bad in wind=3 loss=101% delay=-1ms rate=0mbit monsoon delay=1 delay=1m loss=1%,loss=2%; do
    try "$LAB" run --link "$bad" "$FIXTURES/quick.lua"
    refused "--link"
  done
  try "$LAB" run --link monsoon "$FIXTURES/quick.lua"
  refused "starlink"
  try "$LAB" run --seed -1 "$FIXTURES/quick.lua"
  refused "--seed"
}

test_a_shells_links_have_weather() {
  try "$LAB" shell --out "$T/o" --keep none --link alice:delay=40ms --link nat-a:fair --link delay=20ms --seed 3 symmetric -- \
    ping -c 1 -W 30 bob
  status_is 0
  # 40 ms of alice's and 20 ms of bob's, there and back.
  ms=$(grep -oE 'time=[0-9]+' "$T/out" | grep -oE '[0-9]+')
  if [ "$ms" -lt 120 ]; then complain "a round trip of 120 ms at least, not $ms"; fi
}

test_a_shells_bad_links_are_refused() {
  for bad in alicia:lte alice:monsoon alice:loss=101% alice: up:rate=0mbit; do
    try "$LAB" up --link "$bad" symmetric
    refused "--link"
  done
  try "$LAB" up --link alicia:lte symmetric
  refused "there is no alicia; there are server, nat-a, alice"
  try "$LAB" up --link alice:lte --link alice:dsl symmetric
  refused "alice is given twice"
  try "$LAB" up --link lte --link dsl symmetric
  refused "all links are lte already"
  try "$LAB" up --link alice:lte "$FIXTURES/quick.lua"
  refused "a scenario says itself what its links are"
}

test_a_dead_cable_fails_the_scenario_by_name() {
  cat >"$T/dead.lua" <<'END'
scenario("dead", function(lab)
	local alice = lab:host("alice", { link = "delay=5ms" })
	alice:udp(0)
	-- The one process of the lab in the cable's namespace.
	local killer = alice:run { "sh", "-c", [[
		for p in /proc/[0-9]*; do
			[ /run/netns/cable -ef $p/ns/net ] && kill -9 ${p#/proc/}
		done; echo done]] }
	killer:wait("done")
	alice:udp(0):send("11.11.11.1:9", "x")
	lab:count()
end)
END
  try "$LAB" run --out "$T/o" "$T/dead.lua"
  status_is 1
  out_has "the cable process died"
}

# The one process of the lab in the box's namespace.
test_a_box_whose_mappings_do_not_end_fails_the_scenario_by_name() {
  cat >"$T/dead.lua" <<'END'
scenario("dead", function(lab)
	local server, home = lab:host("server"), lab:box("home", "symmetric,lifetime=60")
	local alice = lab:host("alice", { behind = home })
	alice:udp(0):send(server:address() .. ":9", "x")
	local killer = alice:run { "sh", "-c", [[
		for p in /proc/[0-9]*; do
			[ /run/netns/home -ef $p/ns/net ] && kill -9 ${p#/proc/} && while [ -e $p ]; do :; done
		done; echo done]] }
	killer:wait("done")
end)
END
  try "$LAB" run --out "$T/o" "$T/dead.lua"
  status_is 1
  out_has "home: what ends its mappings died"
}

test_packets_that_come_too_fast_are_counted_and_fail_the_scenario() {
  try "$LAB" run --out "$T/o" -k "than a cable" "$FIXTURES/floods.lua"
  status_is 1
  grep -qE 'the cable lost a packet on the link alice eth0 that nothing asked it to: [1-9][0-9]* came faster than it could carry' "$T/out" ||
    complain "how many packets came too fast, on which link"
}

run_tests
