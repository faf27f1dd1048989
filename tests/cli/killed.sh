#!/usr/bin/env bash
# Whatever ends the runner, nothing of it is left: no process, no namespace, no mount.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

# A variable in the environment marks everything the runner starts, inside its worlds too.
marked() { # marked: the pids of processes that bear the mark
  { grep -lzx "PUNCHLAB_TEST_MARK=$T" /proc/[0-9]*/environ 2>/dev/null || true; } | cut -d/ -f3
}

namespaces() { # namespaces: the network namespaces that processes are in, or that are named
  {
    readlink /proc/[0-9]*/ns/net
    ls /run/netns
  } 2>/dev/null | sort -u
}

worlds_stand() { # the programs of three worlds run
  [ "$(for pid in $(marked); do cat "/proc/$pid/comm" 2>/dev/null; done | grep -c '^sleep$')" = 3 ]
}

none_marked() { [ -z "$(marked)" ]; }

start() {
  namespaces >"$T/namespaces"
  mounts=$(wc -l </proc/self/mountinfo)
  PUNCHLAB_TEST_MARK=$T "$LAB" run --out "$T/o" -j 4 "$FIXTURES/waits.lua" >"$T/out" 2>"$T/err" </dev/null &
  runner=$!
  until_true worlds_stand
  until_true grep -q "^ok " "$T/out" # the one that needs no end
}

nothing_is_left() {
  until_true none_marked || { echo "processes are left: $(marked)"; return 1; }
  [ "$(wc -l </proc/self/mountinfo)" = "$mounts" ]
  # Other work on the machine may have ended namespaces meanwhile; none may have come from here.
  for ns in $(namespaces | comm -13 "$T/namespaces" - 2>/dev/null); do
    for pid in $(marked); do
      [ "$(readlink "/proc/$pid/ns/net")" != "$ns" ]
    done
  done
}

test_kill_9() {
  start
  kill -9 $runner
  wait $runner 2>/dev/null || true
  nothing_is_left
}

# A runner that ends by itself waits for the worlds it ends: not a moment later, they are gone when it is.
stop() { # stop SIGNAL STATUS
  local pid before
  before=$(marked)
  kill "-$1" "$runner"
  status=0
  wait "$runner" || status=$?
  for pid in $before; do
    [ ! -e "/proc/$pid" ] || complain "no $pid any more ($(cat "/proc/$pid/comm"))"
  done
  status_is "$2"
}

interrupt() { # interrupt SIGNAL STATUS
  start
  stop "$1" "$2"
  nothing_is_left
  out_has "ok "
  out_has "interrupted: 3 not run to their end"
  out_has "1 passed, 0 failed, 0 skipped"
}

test_ctrl_c() { interrupt INT 130; }
test_term() { interrupt TERM 143; }
test_hangup() { interrupt HUP 129; }

measuring_worlds_stand() { # the first processes of four worlds run
  [ "$(for pid in $(marked); do cat "/proc/$pid/comm" 2>/dev/null; done | grep -c '^punchlab-init$')" = 4 ]
}

# Lifetimes take half a minute and more to measure.
interrupt_check() { # interrupt_check SIGNAL STATUS
  PUNCHLAB_TEST_MARK=$T "$LAB" check --full -j 4 full-cone restricted port-restricted symmetric \
    >"$T/out" 2>"$T/err" </dev/null &
  runner=$!
  until_true measuring_worlds_stand
  stop "$1" "$2"
  none_marked
}

test_ctrl_c_while_measuring() { interrupt_check INT 130; }
test_term_while_measuring() { interrupt_check TERM 143; }

test_the_end_leaves_nothing() {
  namespaces >"$T/namespaces"
  mounts=$(wc -l </proc/self/mountinfo)
  PUNCHLAB_TEST_MARK=$T try "$LAB" run --out "$T/o" "$FIXTURES/quick.lua"
  status_is 0
  nothing_is_left
}

run_tests
