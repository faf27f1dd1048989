#!/usr/bin/env bash
# punchlab doctor, and what happens on a machine that cannot run the lab.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# The words that run a command as an ordinary user.
AS_USER=()
[ "$(id -u)" != 0 ] || AS_USER=(setpriv --reuid=nobody --regid=nogroup --clear-groups)

# A user namespace that allows no more network namespaces stands for such a machine.
# shellcheck disable=SC2016
on_a_bad_machine() {
  try unshare --map-root-user sh -c 'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"' - "$@"
}

# One that allows no more user namespaces, to a user without privileges in it.
# shellcheck disable=SC2016
without_user_namespaces() {
  try "${AS_USER[@]}" unshare --map-root-user sh -c \
    'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"' - "$@"
}

# A limit that is low, but not 0: SYSCTL=NUMBER of a user namespace, in a PID namespace of its own.
# shellcheck disable=SC2016
with_a_low_limit() { # with_a_low_limit LIMIT NUMBER COMMAND...
  try unshare --map-root-user --pid --fork --mount-proc sh -c \
    'echo "$2" >"/proc/sys/user/$1" && shift 2 && exec "$@"' - "$@"
}

# Processes: root is not held to that limit.
# shellcheck disable=SC2016
with_few_processes() {
  try "${AS_USER[@]}" bash -c 'ulimit -u 3 && exec "$@"' - "$@"
}

test_this_machine_is_fine() {
  try "$LAB" doctor --out "$T/not/yet"
  status_is 0
  out_has "ok       private worlds"
  out_has "ok       nft maps filled by packets"
  out_has_not "MISSING"
  [ ! -e "$T/not" ]
}

test_an_ordinary_user_is_fine() {
  try "${AS_USER[@]}" "$LAB" doctor --out /tmp
  status_is 0
  out_has_not "MISSING"
}

test_a_bad_machine_is_told_with_the_fix() {
  on_a_bad_machine "$LAB" doctor --out "$T/o"
  status_is 77
  grep -q "^MISSING .*private worlds" "$T/out" || complain "private worlds named as missing"
  out_has "fix: sudo sysctl -w user.max_net_namespaces="
}

test_a_low_limit_is_named() {
  local limit
  for limit in "net 3" "pid 1"; do
    with_a_low_limit "max_${limit% *}_namespaces" "${limit#* }" "$LAB" doctor --out /tmp
    status_is 77
    [ "$(grep -c '^MISSING' "$T/out")" = 1 ] || complain "one line for one limit"
    grep -q "^MISSING .*private worlds" "$T/out" || complain "private worlds named as missing"
    out_has "fix: sudo sysctl -w user.max_${limit% *}_namespaces="
    with_a_low_limit "max_${limit% *}_namespaces" "${limit#* }" "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
    status_is 77
    err_is_one_line
    err_has "sudo sysctl -w user.max_${limit% *}_namespaces="
  done
}

test_too_few_processes_are_named() {
  with_few_processes "$LAB" doctor --out /tmp
  status_is 77
  [ "$(grep -c '^MISSING' "$T/out")" = 1 ] || complain "one line for one limit"
  out_has "fix: ulimit -u "
  with_few_processes "$LAB" run --out /tmp/none "$FIXTURES/quick.lua"
  status_is 77
  err_is_one_line
  err_has "ulimit -u "
}

test_no_user_namespaces() {
  without_user_namespaces "$LAB" doctor --out /tmp
  status_is 77
  grep -q "^MISSING .*private worlds" "$T/out" || complain "private worlds named as missing"
  out_has "fix: sudo sysctl -w user.max_user_namespaces="
}

test_run_and_its_kin_exit_77_with_the_reason() {
  for command in "run --out $T/o $FIXTURES/quick.lua" "matrix --out $T/o" "check symmetric" "shell --out $T/o open -- true"; do
    # shellcheck disable=SC2086
    on_a_bad_machine "$LAB" $command
    status_is 77
    err_is_one_line
    err_has "this machine cannot run the lab: private worlds"
    err_has "sudo sysctl -w user.max_net_namespaces="
    [ ! -e "$T/o" ]
  done
}

test_must_run_turns_it_into_a_failure() {
  export PUNCHLAB_MUST_RUN=1
  on_a_bad_machine "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
  status_is 1
}

# Empty folders in the place of those where administrators' programs are, in a mount namespace of its own.
# shellcheck disable=SC2016
without_programs() {
  mkdir "$T/empty"
  try unshare --map-root-user --mount sh -c '
    empty=$1; shift
    for d in /usr/sbin /sbin /usr/local/sbin; do mount --bind "$empty" $d || exit 9; done
    PATH=$empty exec "$@"' - "$T/empty" "$@"
}

test_a_missing_program_is_named() {
  without_programs "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
  status_is 77
  err_has "iptables"
}

test_every_missing_program_is_named_with_its_package() {
  without_programs "$LAB" doctor --out /tmp
  status_is 77
  for package in iptables ipset nftables conntrack; do
    out_has "fix: sudo apt-get install -y --no-install-recommends $package"
  done
}

test_an_output_folder_that_cannot_be_written() {
  : >"$T/file"
  try "$LAB" doctor --out "$T/file/below"
  status_is 77
  out_has "MISSING  output folder"
  out_has "name another folder with --out"
}

test_a_full_disk() {
  mkdir "$T/full"
  # shellcheck disable=SC2016
  try unshare --map-root-user --mount sh -c '
    mount -t tmpfs -o size=64k none "$1" || exit 9
    head -c 1M /dev/zero >"$1/fill" 2>/dev/null
    exec "$2" doctor --out "$1"' - "$T/full" "$LAB"
  status_is 77
  out_has "No space left on device"
  out_has "free some space there"
}

test_it_is_quick_and_leaves_nothing() {
  local took
  TIMEFORMAT='%U %S' # processor time, which other work on the machine does not change much
  took=$({ time PUNCHLAB_TEST_MARK=$T try "$LAB" doctor --out "$T"; } 2>&1)
  out_has "output folder"
  out_has_not "MISSING"
  awk '{ exit !($1 + $2 < 1) }' <<<"$took" || complain "0.2 s of processor time, not $took"
  if grep -qzx "PUNCHLAB_TEST_MARK=$T" /proc/[0-9]*/environ 2>/dev/null; then
    complain "no process left"
  fi
  [ "$(find "$T" -mindepth 1 ! -name out ! -name err)" = "" ]
}

run_tests
