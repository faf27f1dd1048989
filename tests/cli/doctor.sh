#!/usr/bin/env bash
# punchlab doctor, and what happens on a machine that cannot run the lab.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# A user namespace that allows no more network namespaces stands for such a machine.
# shellcheck disable=SC2016
on_a_bad_machine() {
  try unshare --map-root-user sh -c 'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"' - "$@"
}

test_this_machine_is_fine() {
  try "$LAB" doctor --out "$T/o"
  status_is 0
  out_has "ok       private worlds"
  [ ! -e "$T/o" ]
}

test_a_bad_machine_is_told_with_the_fix() {
  on_a_bad_machine "$LAB" doctor --out "$T/o"
  status_is 77
  grep -q "^MISSING .*private worlds" "$T/out" || complain "private worlds named as missing"
  out_has "fix: sudo sysctl -w user.max_net_namespaces="
}

test_run_and_its_kin_exit_77_with_the_reason() {
  for command in "run --out $T/o $FIXTURES/quick.lua" "matrix --out $T/o" "check symmetric" "shell --out $T/o open -- true"; do
    # shellcheck disable=SC2086
    on_a_bad_machine "$LAB" $command
    status_is 77
    err_is_one_line
    err_has "this machine cannot run the lab: private worlds"
    [ ! -e "$T/o" ]
  done
}

test_must_run_turns_it_into_a_failure() {
  export PUNCHLAB_MUST_RUN=1
  on_a_bad_machine "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
  status_is 1
}

test_a_missing_program_is_named() {
  # An empty folder as the only place to look for programs, in a mount namespace of its own.
  # shellcheck disable=SC2016
  try unshare --map-root-user --mount sh -c '
    mkdir "$1/empty" && for d in /usr/sbin /sbin /usr/local/sbin; do mount --bind "$1/empty" $d || exit 9; done
    PATH=$1/empty exec "$2" run --out "$1/o" "$3"' - "$T" "$LAB" "$FIXTURES/quick.lua"
  status_is 77
  err_has "iptables"
}

run_tests
