#!/usr/bin/env bash
# The table of other people's programs is what the files in scenarios/others assert; none of the programs is run.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# expected FOLDER: a copy of the files there tells what it expects, whatever is installed.
expected() {
  cp -r "$1" "$T/others"
  cp "$TOP"/tests/others/{everywhere,alone,families}.lua "$T/others/lib/"
  sed -i 's/^return need$/function need.programs() return true end\n&/' "$T/others/lib/need.lua"
  "$LAB" run --keep none --json "$T/expected.json" "$T/others" >"$T/said" || { cat "$T/said" && return 1; }
}

test_the_table_is_what_the_files_assert() {
  expected "$TOP/scenarios/others"
  try "$TOP/tests/others/table" --check "$T/expected.json"
  out_has "programs are as their files assert"
  status_is 0
  # It can fail: one cell asserted otherwise.
  sed -i 's/"cells: symmetric x symmetric":false/"cells: symmetric x symmetric":true/' "$T/expected.json"
  try "$TOP/tests/others/table" --check "$T/expected.json"
  out_has "symmetric x symmetric: the table has False, the file asserts True"
  status_is 1
  sed -i 's/"families: IPv6 routed":"IPv6"/"families: IPv6 routed":"IPv4"/' "$T/expected.json"
  try "$TOP/tests/others/table" --check "$T/expected.json"
  out_has "IPv6 routed: the table has IPv6, the file asserts IPv4"
  status_is 1
}

run_tests
