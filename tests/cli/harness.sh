# Sourced by each test file of this directory, which defines functions test_*, then calls run_tests.
#
# A test runs in a subshell with `set -eu`, in a fresh folder $T that goes away afterwards; it passes if it reaches its end.
# `try COMMAND...` runs a command and keeps its exit status in $status, its words in $T/out and $T/err; the has/is
# helpers then say what must hold. `skip REASON` ends a test as skipped. PUNCHLAB names another build to be tested.
# Prints "ok", "not ok" or "skip" with the test's name, and at last a line "FILE: N passed, N failed, N skipped".
#
# Usage of such a file: FILE [--list | -k TEXT | NAME...]: all tests; or those whose names hold TEXT, or are NAME.
# shellcheck shell=bash disable=SC2034

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
LAB=${PUNCHLAB:-$TOP/punchlab}
SERVER=$TOP/p2pchat/server
CLIENT=$TOP/p2pchat/client
FIXTURES=$TOP/tests/cli/scenarios
DENY=$TOP/build/release/deny
SKIPPED=99
PATH=/usr/bin:$PATH # Debian's python3, for which tools/deps installs modules; a version manager's takes a second to start
WANTED=("$@")
unset PUNCHLAB_MUST_RUN # what CI sets for the whole run; the tests that are about it set it themselves

# What containers mask of /proc, for sh as root: some files and folders, and /proc/sys is read-only. Whoever sees another
# proc that is whole (a chroot of its own has one) may mount it all the same: those are hidden.
# shellcheck disable=SC2016
MASK_PROC='
  for m in $(sed -n "s/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - proc .*/\1/p" /proc/self/mountinfo); do
    [ "$m" = /proc ] || mount -t tmpfs -o ro none "$m"
  done
  for f in kcore keys timer_list; do [ ! -e /proc/$f ] || mount --bind /dev/null /proc/$f; done
  mount -t tmpfs -o ro none /proc/irq; mount --bind -o ro /proc/sys /proc/sys'

try() { # try COMMAND...
  status=0
  "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
}

complain() { # complain TEXT: what was expected; shows what was there
  echo "expected: $1; seen: exit status ${status-none yet}"
  excerpt out
  excerpt err
  return 1
}

excerpt() { # excerpt out|err: how it begins, where the reason often is, and how it ends
  awk -v name="  $1: " '{ line[NR] = $0 }
    END { for (i = 1; i <= NR; i++) if (NR <= 24 || i <= 8 || i > NR - 16) print name line[i]; else if (i == 9) print name "..." }' "$T/$1"
}

status_is() { [ "$status" = "$1" ] || complain "exit status $1"; }

# holds FILE TEXT: without a process for it, of which such a file starts hundreds otherwise
holds() {
  local text=""
  while IFS= read -r -d '' text || [ -n "$text" ]; do # to its end, or to a zero byte
    [[ $text != *"$2"* ]] || return 0
  done <"$1"
  return 1
}

out_has() { holds "$T/out" "$1" || complain "'$1' on standard output"; }
out_has_not() { if holds "$T/out" "$1"; then complain "no '$1' on standard output"; fi; }
out_is_empty() { [ ! -s "$T/out" ] || complain "nothing on standard output"; }
err_has() { holds "$T/err" "$1" || complain "'$1' on standard error"; }
err_is_one_line() {
  local lines
  mapfile -t lines <"$T/err"
  [ ${#lines[@]} = 1 ] && [ -z "$(tail -c 1 "$T/err")" ] || complain "one line on standard error"
}

refused() { # refused TEXT: bad input is one line that holds the text, exit status 2, and nothing was started
  status_is 2
  err_is_one_line
  err_has "$1"
  out_is_empty
}

# on_a_terminal COMMAND...: what it prints on a terminal of 80 columns
on_a_terminal() {
  python3 -c 'import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))' "$@" >"$T/out"
}

# The words that run a command as an ordinary user.
AS_USER=()
[ "$(id -u)" != 0 ] || AS_USER=(setpriv --reuid=nobody "--regid=$(id -g nobody)" --clear-groups)

# let_user_in: an ordinary user can read $T, and use $LAB, $FIXTURES and $DENY: as copies, where the checkout's folder is
# closed to others.
let_user_in() {
  chmod 755 "$T"
  if "${AS_USER[@]}" test -r "$FIXTURES/quick.lua"; then return; fi
  mkdir "$T/theirs"
  cp -r "$(dirname "$LAB")"/{punchlab,p2pchat} "$TOP/scenarios" "$FIXTURES" "$DENY" "$T/theirs/"
  LAB=$T/theirs/punchlab FIXTURES=$T/theirs/scenarios DENY=$T/theirs/deny
}

skip() {
  echo "$1"
  exit $SKIPPED
}

# a_moment [MILLISECONDS]: a pause, without a process for it: nothing ever comes to that descriptor.
exec 62<> <(:)
a_moment() {
  local pause
  printf -v pause 0.%03d "${1:-50}"
  read -r -t "$pause" -u 62 || true
}

# until_true COMMAND...: waits for a condition, at most a minute, which matters only where it never comes true.
until_true() {
  local end=$((SECONDS + 60)) pause=20
  until "$@"; do
    [ $SECONDS -lt $end ] || { echo "waited in vain for: $*"; return 1; }
    a_moment $pause
    pause=$((pause < 200 ? pause * 3 / 2 : pause)) # looking costs more than a little patience
  done
}

ended() { # ended PID: no such process runs
  ! kill -0 "$1" 2>/dev/null
}

# ends_with_test PID: that process is ended when the test is over, and has ended before the next one begins: a world that is
# still being taken down answers to its name.
ends_with_test() {
  # shellcheck disable=SC2064
  trap "kill $1 2>/dev/null && wait $1 2>/dev/null || true" EXIT
}

listens_or_has_ended() { [ -s "$T/listening" ] || ended "$SERVER_PID"; }

# start_server: p2pchat's server on a port of 127.0.0.1 that is free: $PORT. It ends with the test. SERVER_OPTIONS are
# more of its options; its log goes to the file SERVED names.
SERVER_OPTIONS=()
start_server() {
  SERVED=${SERVED:-$T/served}
  for PORT in $(shuf -i 20000-29999 -n 20); do
    rm -f "$T/listening"
    "$SERVER" -b 127.0.0.1 "${SERVER_OPTIONS[@]}" "$PORT" >"$T/listening" 2>"$SERVED" &
    SERVER_PID=$!
    until_true listens_or_has_ended
    if [ -s "$T/listening" ]; then
      trap 'kill -9 $(jobs -p) 2>/dev/null || true' EXIT # and whatever else the test leaves running
      return
    fi
  done
  skip "no free port was found"
}

server_got() { # server_got N: the server has received so many datagrams
  local got
  kill -USR1 "$SERVER_PID"
  got=$(sed -n 's/.*: \([0-9]*\) datagrams received.*/\1/p' "$T/served" | tail -n 1)
  [ "${got:-0}" -ge "$1" ]
}

# The names of the tests that WANTED means; false, with all there are on standard error, where it means none.
wanted_tests() {
  local all name
  all=$(declare -F | sed -n 's/^declare -f test_//p')
  case ${WANTED[0]:-} in
  "" | --list) echo "$all" && return ;;
  -k) grep -iF -- "${WANTED[1]// /_}" <<<"$all" && return ;;
  *) (for name in "${WANTED[@]}"; do grep -xF -- "${name#test_}" <<<"$all" || exit; done) && return ;;
  esac
  printf '%s: there is no such test; there are:\n%s\n' "${0##*/}" "$all" >&2
  return 1
}

run_tests() {
  local test tests passed=0 failed=0 skipped=0 result words
  tests=$(wanted_tests) || exit 2
  [ "${WANTED[0]:-}" != --list ] || { echo "$tests" && exit; }
  for test in $tests; do
    T=$(mktemp -d) || exit 1
    export XDG_DATA_HOME=$T/data # where programs keep what is the user's
    words=$(
      set -eu
      "test_$test" 2>&1
    )
    result=$?
    case $result in
    0) passed=$((passed + 1)) && echo "ok $test" ;;
    "$SKIPPED") skipped=$((skipped + 1)) && echo "skip $test: $words" ;;
    *)
      failed=$((failed + 1))
      echo "not ok $test"
      printf '    %s\n' "${words//$'\n'/$'\n    '}"
      ;;
    esac
    chmod -R u+rwx "$T" && rm -rf "$T"
  done
  echo "$(basename "$0" .sh): $passed passed, $failed failed, $skipped skipped"
  [ $failed = 0 ]
}
