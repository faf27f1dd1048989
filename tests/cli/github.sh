#!/usr/bin/env bash
# GitHub's ubuntu-24.04: an ordinary user, whose user namespaces AppArmor denies until a sysctl is 0. Where the kernel has
# it, root sets it to 1 and, as doctor says, to 0: for the whole machine, on which nothing else may be tested meanwhile.
# Whatever ends the test, it is then as it was. Elsewhere a file stands for it, and a filter denies.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

NAME=apparmor_restrict_unprivileged_userns
SWITCH=/proc/sys/kernel/$NAME

# The guard is in no process group of ours, and sees the end of a pipe when the last who could have changed it has ended,
# be it by kill -9.
# shellcheck disable=SC2016,SC2034
keep_switch() {
  before=$(cat "$SWITCH")
  exec {held}> >(exec setsid sh -c 'cat; echo "$1" >"$2"' - "$before" "$SWITCH")
  trap 'echo "$before" >"$SWITCH"' EXIT
}

doctor_names_it() {
  status_is 77
  [ "$(grep -c '^MISSING' "$T/out")" = 1 ] || complain "one line for one denial"
  out_has "fix: sudo sysctl -w kernel.$NAME=0; or for this program alone: "
  out_has "profile punchlab \"$(realpath "$LAB")\" flags=(unconfined) { userns, }"
}

test_the_recipes_set_what_doctor_names() {
  grep -qF "kernel.$NAME=0" "$TOP/tools/ci/github/action.yml" && grep -qF "kernel.$NAME=0" "$TOP/scenarios/init/github.yml"
}

# shellcheck disable=SC2016
test_an_ordinary_user_is_denied_and_then_punches() {
  let_user_in
  if [ -w "$SWITCH" ]; then
    keep_switch
    echo 1 >"$SWITCH"
    try "${AS_USER[@]}" "$LAB" doctor --out /tmp
    doctor_names_it
    sysctl --quiet --write "kernel.$NAME=0"
  else
    try "${AS_USER[@]}" unshare --map-root-user --mount sh -ec '
      mount -t tmpfs none /proc/sys/kernel && echo 1 >/proc/sys/kernel/"$1" && shift
      exec setpriv --bounding-set=-all --inh-caps=-all "$@"' - "$NAME" "$DENY" user-namespaces "$LAB" doctor --out /tmp
    doctor_names_it
  fi
  mkdir -m 777 "$T/theirs-too"
  try "${AS_USER[@]}" env HOME=/tmp "$LAB" run --out "$T/theirs-too" --keep none -k 'full-cone x symmetric' \
    "$(dirname "$LAB")/scenarios/matrix.lua"
  out_has "1 passed, 0 failed, 0 skipped"
}

run_tests
