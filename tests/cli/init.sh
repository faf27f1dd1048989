#!/usr/bin/env bash
# What `punchlab init` writes passes as it is written, and its CI files do what they say.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

test_what_is_written_passes() {
  mkdir "$T/here" && cd "$T/here"
  try "$LAB" init
  status_is 0
  out_has "punchlab-scenarios/first.lua"
  try "$LAB" run --keep none punchlab-scenarios/first.lua
  out_has "1 passed, 0 failed"
  try "$LAB" matrix --keep none -k "x symmetric" --driver punchlab-scenarios/matrix.lua
  out_has "3 opened, 2 stayed shut; all as expected"
  out_has "5 passed, 0 failed"
  try "$LAB" run --list
  [ "$(cut -d: -f1 "$T/out" | sort -u)" = "$(printf '%s\n' punchlab-scenarios/first.lua punchlab-scenarios/matrix.lua)" ]
  mkdir scenarios # another's: what comes with punchlab is found all the same
  try "$LAB" matrix --list
  out_has "symmetric x symmetric"
  rmdir scenarios
  [ "$(ls -A)" = punchlab-scenarios ] || complain "no folder but that: $(ls -A)"
}

test_no_file_is_changed() {
  cd "$T"
  mkdir -p mine/punchlab-scenarios
  echo mine >mine/punchlab-scenarios/matrix.lua
  try "$LAB" init --ci github mine
  refused "mine/punchlab-scenarios/matrix.lua is there already; nothing was written"
  [ "$(cat mine/punchlab-scenarios/matrix.lua)" = mine ]
  [ ! -e mine/punchlab-scenarios/first.lua ] && [ ! -e mine/.github ]
  try "$LAB" init mine/punchlab-scenarios/matrix.lua/deeper
  status_is 1
  err_has "mine/punchlab-scenarios/matrix.lua/deeper/punchlab-scenarios/first.lua: Not a directory"
  try "$LAB" init --ci jenkins
  refused "--ci takes github, gitlab or none, not 'jenkins'"
  try "$LAB" init one two
  refused "takes one folder"
}

test_all_of_it_is_in_the_projects_folder() {
  cd "$T"
  local ci
  for ci in github:.github/workflows/punchlab.yml gitlab:.gitlab-ci.yml; do
    try "$LAB" init --ci "${ci%%:*}" "with-${ci%%:*}"
    status_is 0
    out_has "try: $LAB run with-${ci%%:*}/punchlab-scenarios/first.lua"
    # The CI runs, from there, the folder that was written.
    grep -qF " punchlab-scenarios/" "with-${ci%%:*}/${ci#*:}"
    [ -e "with-${ci%%:*}/punchlab-scenarios/matrix.lua" ]
  done
  [ "$(ls -A)" = "$(printf '%s\n' err out with-github with-gitlab)" ] || complain "nothing elsewhere"
}

test_a_driver_says_what_it_lacks() {
  cd "$T"
  echo 'require "grid" { types = { "open" } }' >lacks.lua
  try "$LAB" matrix --driver lacks.lua
  refused "a driver needs 'peer' and 'opened'"
  echo 'require "grid" { pear = 1 }' >wrong.lua
  try "$LAB" matrix --driver wrong.lua
  refused "a driver has no 'pear'; there are: families, jobs, opened,"
  try "$LAB" matrix --wide --driver lacks.lua
  refused "--driver has its own types"
  try "$LAB" matrix --tcp --driver lacks.lua
  refused "--driver has its own types"
  try "$LAB" matrix --families --wide
  refused "--families has its own types"
  try "$LAB" matrix --families --tcp --list
  status_is 0
  [ "$(grep -c '/families/tcp.lua:.*families, TCP: ' "$T/out")" = 49 ] || complain "a cell for each pair of homes"
  try "$LAB" matrix --tcp --strategy predict
  refused "--tcp is of plain punching"
}

# The machine of a CI: git brings this very tree, built; sudo is there; nothing is compiled.
stubs() {
  mkdir "$T/stubs"
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nfor to; do :; done\ncp -r "%s" "$to"\n' "$T/tree" >"$T/stubs/git"
  printf '#!/bin/sh\nexit 0\n' | tee "$T/stubs/make" "$T/stubs/apt-get" >"$T/stubs/sudo"
  chmod +x "$T"/stubs/*
  mkdir "$T/tree"
  cp -r "$TOP"/{punchlab,p2pchat,scenarios,tools} "$T/tree"
  PATH=$T/stubs:$PATH
}

# The commands of a workflow, by their indentation.
github_steps() { # github_steps INDENTATION FILE: each in a shell of its own
  awk -v step="^$1- " '$0 ~ step { if (in_it) print ")"; in_it = 0 } in_it { print } / run: \|$/ { in_it = 1; print "(" }
    END { if (in_it) print ")" }' "$2"
}
gitlab_steps() { awk '/^  [a-z_]*:/ { in_it = $1 == "before_script:" || $1 == "script:" } in_it && /^    - /' "$1" | sed 's/^    - //'; }

# With a matrix of four cells: what is tested here is what CI does, and not the boxes.
smaller_matrix() { sed -i 's/^require "grid" {/&\n\ttypes = { "open", "symmetric" },/' punchlab-scenarios/matrix.lua; }

results_are_there() {
  out_has "5 passed, 0 failed"
  grep -q "<testsuites" punchlab.xml
  [ -s punchlab-report/index.html ]
}

test_the_file_for_github() {
  stubs
  mkdir "$T/repository" && cd "$T/repository"
  "$T/tree/punchlab" init --ci github
  smaller_matrix
  github_steps '      ' .github/workflows/punchlab.yml >"$T/steps"
  [ "$(wc -l <"$T/steps")" -ge 8 ]
  try env RUNNER_TEMP="$T" GITHUB_STEP_SUMMARY="$T/summary" PUNCHLAB_REPOSITORY=there bash -e "$T/steps"
  status_is 0
  grep -q "^5 passed, 0 failed" "$T/summary"
  results_are_there
}

parts_are_one_run() { # parts_are_one_run PART...: joined as tools/ci/README.md says
  try "$T/tree/punchlab" merge --junit punchlab.xml --html punchlab-report "$@"
  status_is 0
  results_are_there
}

test_the_composite_action_in_two_parts() {
  stubs
  mkdir "$T/repository" && cd "$T/repository"
  "$T/tree/punchlab" init --ci none
  smaller_matrix
  github_steps '    ' "$T/tree/tools/ci/github/action.yml" >"$T/steps"
  [ "$(grep -cx '(' "$T/steps")" = 3 ]
  for part in 1 2; do
    mkdir part-$part
    try env GITHUB_ACTION_PATH="$T/tree/tools/ci/github" GITHUB_STEP_SUMMARY="$T/summary" PUNCHLAB_MUST_RUN=1 \
      SCENARIOS=punchlab-scenarios/ OPTIONS="--shard $part/2 --json part-$part/results.json --out part-$part/out" \
      bash --noprofile --norc -eo pipefail "$T/steps"
    status_is 0
  done
  [ "$(grep -c "passed, 0 failed" "$T/summary")" = 2 ]
  parts_are_one_run part-1 part-2
}

# The command of each pod, with the index that it gets; the volume is a folder.
test_the_indexed_job() {
  stubs
  mkdir "$T/repository" "$T/results" && cd "$T/repository"
  "$T/tree/punchlab" init --ci none
  smaller_matrix
  sed -n '/^ *- |$/,/^ *env:$/ { /- |$/d; /env:$/d; p; }' "$T/tree/tools/ci/kubernetes.yaml" | sed "s|/results/|$T&|g" >"$T/args"
  [ "$(wc -l <"$T/args")" = 3 ]
  for index in 0 1 2 3; do
    try env JOB_COMPLETION_INDEX=$index PUNCHLAB_MUST_RUN=1 PATH="$T/tree:$PATH" sh -c "$(cat "$T/args")"
    status_is 0
  done
  parts_are_one_run "$T"/results/*
}

test_the_file_for_gitlab() {
  stubs
  mkdir "$T/repository" && cd "$T/repository"
  "$T/tree/punchlab" init --ci gitlab
  smaller_matrix
  gitlab_steps .gitlab-ci.yml | sed "s|/tmp/punchlab|$T/cloned|g" >"$T/steps"
  [ "$(wc -l <"$T/steps")" = 6 ]
  try env PUNCHLAB_REPOSITORY=there bash -e "$T/steps"
  status_is 0
  results_are_there
}

run_tests
