#!/usr/bin/env bash
# A run in parts, the parts joined, and what a CI's page gets of it.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

lab() { try "$LAB" run --out "$T/o" "$@"; }

# Verdicts without what differs from run to run: times and which of several ways was the first, and where things lie.
verdicts() {
  sed -E 's/"(seconds|ms)":[0-9.e-]+/"\1":0/g; s/ time="[0-9.]+"//; s/,"path":"[^"]*"//; s|trace"?: ?"?[^"]*/|trace:|g
    s|[0-9.]+ s|N s|g; /^# /d' "$1"
}

test_two_parts_are_one_run() {
  cp "$FIXTURES"/{quick,failing,words}.lua "$T"
  cd "$T"
  try "$LAB" run --list quick.lua failing.lua words.lua
  cp out all
  for i in 1 2 3; do "$LAB" run --list --shard $i/3 quick.lua failing.lua words.lua; done >parts
  diff <(sort all) <(sort parts)
  "$LAB" run --json whole.json --junit whole.xml --tap --out o quick.lua failing.lua words.lua >whole.tap || true
  mkdir part-1 part-2
  for i in 1 2; do
    "$LAB" run --shard $i/2 --json part-$i/results.json --out part-$i/out quick.lua failing.lua words.lua >said || true
  done
  try "$LAB" merge --json merged.json --junit merged.xml --html report part-1 part-2
  status_is 1
  "$LAB" merge --tap part-2 part-1 >merged.tap || true
  diff <(verdicts whole.json) <(verdicts merged.json)
  diff <(verdicts whole.xml) <(verdicts merged.xml)
  diff <(verdicts whole.tap) <(verdicts merged.tap)
  grep -q "tests=\"$(wc -l <all)\"" merged.xml
  [ "$(find report/traces -name '*.pcapng' | wc -l)" = "$(grep -c '"trace":"' whole.json)" ]
}

test_a_grid_in_two_parts_is_the_grid() {
  cd "$T"
  local row=(-k "symmetric x" "$TOP/scenarios/matrix.lua")
  "$LAB" run --json whole.json --out o "${row[@]}" >said
  mkdir part-1 part-2
  for i in 1 2; do
    "$LAB" run --shard $i/2 --json part-$i/results.json --out part-$i/out "${row[@]}" >said
  done
  try "$LAB" merge --json merged.json part-1 part-2
  status_is 0
  out_has "5 passed, 0 failed, 0 skipped"
  [ "$(wc -l <merged.json)" = 5 ]
  diff <(verdicts whole.json) <(verdicts merged.json)
}

# As artefacts of a CI: the folders are elsewhere now.
test_parts_may_have_moved() {
  cd "$T"
  mkdir -p there/part
  (cd there && "$LAB" run --json part/results.json --out part/out "$FIXTURES/quick.lua" >said)
  mv there/part here && rm -r there
  try "$LAB" merge --html report here
  status_is 0
  [ "$(find report/traces -name '*.pcapng' | wc -l)" = 2 ]
  out_has "2 passed, 0 failed, 0 skipped"
}

test_parts_take_equally_long() {
  cd "$T"
  for i in 1 2 3 4 5 6; do echo "scenario('number $i', function(lab) lab:host('a') end)"; done >six.lua
  for i in 1 2 3 4 5 6; do
    echo "{\"scenario\":\"number $i\",\"file\":\"six.lua\",\"line\":$i,\"result\":\"passed\",\"seconds\":$((i == 1 ? 50 : 10)),\"trace\":null}"
  done >times.json
  try "$LAB" run --list --shard 1/2 --times times.json six.lua
  [ "$(cat out)" = "six.lua:1: number 1" ] || complain "the long one alone"
  try "$LAB" run --list --shard 2/2 --times times.json six.lua
  [ "$(wc -l <out)" = 5 ]
  try "$LAB" run --list --shard 9/9 six.lua
  status_is 0
  out_is_empty
}

test_bad_input() {
  for wrong in 0/2 3/2 1 1/2x /2 1/1001; do
    lab --shard "$wrong" "$FIXTURES/quick.lua"
    refused "--shard takes I/N"
  done
  lab --shard 1/2 --times "$T/none" "$FIXTURES/quick.lua"
  refused "$T/none: No such file"
  echo "not JSON" >"$T/wrong"
  lab --shard 1/2 --times "$T/wrong" "$FIXTURES/quick.lua"
  refused "$T/wrong:1: "
  try "$LAB" merge
  refused "takes the parts"
  try "$LAB" merge "$T"
  refused "results.json: No such file"
  echo "{}" >"$T/results.json"
  try "$LAB" merge "$T"
  refused "results.json:1: this is no result"
  [ ! -e "$T/o" ]
}

test_a_summary_for_a_cis_page() {
  echo "# what was there" >"$T/summary.md"
  lab --summary "$T/summary.md" "$FIXTURES/failing.lua"
  status_is 1
  head -n 1 "$T/summary.md" | grep -qx "# what was there"
  grep -q "^## punchlab run$" "$T/summary.md"
  grep -qE "^[0-9]+ passed, [1-9][0-9]* failed" "$T/summary.md"
  grep -q '^\*\*.*failing.lua: ' "$T/summary.md"
  try "$LAB" matrix -k "open x open" --out "$T/o" --summary "$T/grid.md"
  grep -q "^open  opens " "$T/grid.md"
  lab -k "open x symmetric" --summary "$T/run.md" "$TOP/scenarios/matrix.lua"
  grep -q "^open  opens " "$T/run.md" || { cat "$T/run.md"; return 1; }
  lab --summary "$T/no/such/folder" "$FIXTURES/quick.lua"
  status_is 2
  err_has "$T/no/such/folder: No such file or directory"
}

test_what_wavers_is_told_with_how_often() {
  export T
  lab -j 1 --repeat 4 "$FIXTURES/wavers.lua"
  status_is 1
  grep -qE "^wavers: .*wavers.lua: ends another way the second time failed 0 of 4 times" "$T/out"
  out_has "1 scenario did not give the same verdict each time"
}

test_of_what_wavers_both_traces_are_kept() {
  export T
  lab -j 1 --repeat 3 --keep failed --summary "$T/summary.md" "$FIXTURES/flaky.lua"
  status_is 1
  grep -qE "^wavers: .*flaky.lua: fails once failed 1 of 3 times \(33.3 %\)" "$T/out" || complain "how often"
  out_has " --repeat 3"
  [ "$(find "$T/o" -name trace.pcapng | wc -l)" = 2 ] || { find "$T/o"; return 1; }
  [ -e "$(sed -n 's/^  *passed: //p' "$T/out")" ] && [ -e "$(sed -n 's/^  *failed: //p' "$T/out")" ]
  grep -q '^- .*: fails once failed 1 of 3 times (33.3 %); passed: .*; failed: ' "$T/summary.md"
}

# Who reads nothing but results learns that there are none, and why.
test_a_machine_that_cannot_run_it_leaves_results() {
  let_user_in
  chmod 777 "$T"
  status=0
  "${AS_USER[@]}" "$DENY" user-namespaces "$LAB" run --out "$T/o" --json "$T/json" --junit "$T/junit" --tap "$FIXTURES/quick.lua" \
    >"$T/out" 2>"$T/err" || status=$?
  status_is 77
  out_has "ok 2 - a datagram arrives # SKIP this machine cannot run the lab: "
  [ "$(grep -c '"result":"skipped"' "$T/json")" = 2 ]
  grep -q 'skipped="2"' "$T/junit"
  # The reason that doctor gives, everywhere.
  reason=$(sed -n 's/.*this machine cannot run the lab: \([^:]*\): .*/\1/p' "$T/err")
  [ -n "$reason" ]
  for file in out json junit; do grep -q "this machine cannot run the lab: $reason: " "$T/$file"; done
  status=0
  PUNCHLAB_MUST_RUN=1 "${AS_USER[@]}" "$DENY" user-namespaces "$LAB" run --out "$T/o" --junit "$T/junit2" "$FIXTURES/quick.lua" \
    >"$T/out" 2>"$T/err" || status=$?
  status_is 1
  grep -q 'failures="2"' "$T/junit2"
}

run_tests
