#!/usr/bin/env bash
# run_test.sh: install what is missing, build, run every test. The last line reads "N passed, N failed, N skipped"; the
# exit status is 0 only if nothing failed (with PUNCHLAB_MUST_RUN=1: and nothing was skipped).
set -uo pipefail
cd "$(dirname "$0")" || exit 2
exec </dev/null

usage='usage: ./run_test.sh [--lean] [-k TEXT | --list]
Installs what is missing (as root or by a sudo that asks nothing), builds, and runs every test.

  -k TEXT  run only the tests whose name contains TEXT; where there is none, their names are listed
  --list   list the names of the tests, and run nothing
  --lean   do without the packages that only some tests need: tshark, coturn, stun-client, ping, traceroute, tcpdump, dig,
           curl, chromium, miniupnpd, upnpc, natpmpc, passt, pytest, node, socat; where they are not there, those tests are
           skipped

exit status: 0 nothing failed, 1 something failed, 2 usage, 77 packages are missing and cannot be installed.
With PUNCHLAB_MUST_RUN=1 in the environment a skipped test is a failure.'
extras=(trace interop browser upnp uplink clients)
list=false only=
while [ $# -gt 0 ]; do
  case $1 in
  --lean) extras=() ;;
  --list) list=true ;;
  -k) only=${2:-} && shift ;;
  -h | --help) echo "$usage" && exit ;;
  *) echo "run_test.sh: \"$1\" is not known; see ./run_test.sh --help" >&2 && exit 2 ;;
  esac
  shift
done

tools/deps build lab || exit
if [ ${#extras[@]} -gt 0 ] && ! tools/deps "${extras[@]}"; then
  [ "${PUNCHLAB_MUST_RUN:-0}" != 1 ] || exit 1
  echo "run_test.sh: without these the tests that need them are skipped" >&2
fi
make -j "$(($(nproc) + 1))" all unit-programs >&2 || exit 1

PROCESSORS=$(nproc)
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 1
set -m # each test in a process group of its own, in which Ctrl-C means what it means elsewhere
end() {
  local group
  kill "$watcher"
  for group in $(jobs -p); do kill -- "-$group"; done 2>/dev/null
  rm -rf "$work"
}

# A test that hangs is a failure, and not the end: what has not ended in time is ended, and says so.
LIMIT=1500 # seconds; none takes half as long, on a slow machine among others
watch() {
  local file id group born
  while kill -0 $$; do
    read -r -t 5 <> <(:)
    for file in "$work"/*.begun; do
      id=${file%.begun}
      if [ -e "$id.ended" ] || ! read -r group born <"$file" || [ $((SECONDS - born)) -lt "$LIMIT" ]; then continue; fi
      echo "it did not end within $LIMIT seconds, and was ended" >>"$id.said"
      echo 124 >"$id.ended"
      kill -9 -- "-$group"
    done
  done 2>/dev/null
}
watch &
watcher=$!
disown
trap end EXIT

# wants NAMES: true if one of these tests (names, one a line) is to be run. grep reads to the end: tr, killed by a closed
# pipe, would say no.
wants() {
  echo "$1" >>"$work/names"
  ! $list && tr _ ' ' <<<"$1" | grep -iF -- "${only//_/ }" >/dev/null
}

# Tests wait much of their time: twice as many as there are processors run at once. With three times as many the recorder,
# which must keep up with what it captures, had no turn in two of four runs. What each says is shown when it and all before
# it have ended, in the order they were named, as if one ran after the other.
names=() judges=() # of every test: what it is called, and who counts what it said
shown=0

begin() { # begin JUDGE NAME COMMAND...
  local id=${#names[@]}
  judges[id]=$1 names[id]=$2
  shift 2
  while [ "$(jobs -rp | wc -l)" -ge $((2 * PROCESSORS)) ]; do
    wait -n
    show
  done
  {
    "$@" >"$work/$id.said" 2>&1
    echo $? >"$work/$id.new"
    mv "$work/$id.new" "$work/$id.ended"
  } &
  echo $! $SECONDS >"$work/$id.begun"
}

show() { # what has ended and was not shown yet, up to the first that still runs
  while [ -e "$work/$shown.ended" ]; do
    [ ! -t 2 ] || printf '\r\e[K' >&2
    "${judges[shown]}" "${names[shown]}" "$(cat "$work/$shown.ended")" "$work/$shown.said"
    shown=$((shown + 1))
  done
  [ ! -t 2 ] || [ "$shown" = "${#names[@]}" ] || printf '\r\e[K%s' "... ${names[shown]}" >&2
}

headline() { [ -n "$only" ] || $list || begin headline_of "$1" true; }
headline_of() { printf '\n== %s\n' "$1"; }

one() { # one NAME COMMAND...: a command is one test
  ! wants "$1" || begin one_of "$@"
}

one_of() { # one_of NAME STATUS SAID
  if [ "$2" = 0 ]; then
    passed=$((passed + 1))
    echo "ok $1"
  else
    failed=$((failed + 1))
    echo "not ok $1" | tee -a "$work/failures"
    sed 's/^/    /' "$3"
  fi
}

# many NAME COMMAND...: a command that ends with "... N passed, N failed, N skipped"; no such line is one failure. It
# takes --list and -k TEXT as this script does.
many() {
  local name=$1 listed text=$only
  shift
  if ! wants "$name"; then
    listed=$("$@" --list 2>/dev/null | sed 's/^/  /')
    wants "$listed" || return 0
    grep -iF -- "$text" <<<"$listed" >/dev/null || text=${only//_/ } # as scenarios are called
    set -- "$@" -k "$text"
  fi
  begin many_of "$name" "$@"
}

many_of() { # many_of NAME STATUS SAID
  local p f s
  cat "$3"
  grep -E '^(not ok|FAILED)' "$3" | sed "s|^|$1: |" >>"$work/failures"
  if [[ $(tail -n 1 "$3") =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
    p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]} s=${BASH_REMATCH[4]:-0}
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    { [ "$2" = 0 ] || [ "$f" != 0 ]; } && return
  elif [ "$2" = 77 ]; then
    skipped=$((skipped + 1))
    echo "skip $1: this machine cannot run it (see above)"
    return
  fi
  failed=$((failed + 1))
  echo "not ok $1: exit status $2" | tee -a "$work/failures"
}

# What the suite leaves is examined by a test of its own, which waits for it.
after_the_suite() { # after_the_suite ID COMMAND...
  until [ -e "$work/$suite.ended" ]; do read -r -t 0.2 <> <(:) || true; done
  echo $BASHPID $SECONDS >"$work/$1.begun" # its own time begins
  shift
  PUNCHLAB_TRACES=$PWD/out/suite/latest "$@"
}

headline "unit tests"
many "unit tests" build/release/unit
for source in tests/fuzz/fuzz_*.c; do
  corpus=$(basename "$source" .c)
  one "the corpus of $corpus" "build/release/replay_$corpus" "tests/fuzz/corpus/${corpus#fuzz_}"
done
one "the layers are layers" make --no-print-directory layers

headline "scenarios"
suite=${#names[@]}
many "scenarios" ./punchlab run --audit --out out/suite

# What takes longest stands first, so that nothing long is left alone at the end.
browser() {
  [ "${1:-}" != --list ] || return 0 # its checks build on each other
  make --no-print-directory build/release/page_of && /usr/bin/python3 tests/report/test_browser.py build/release ./punchlab
}
headline "the report in a browser"
if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
  many "the report in a browser" browser
elif wants "the report in a browser"; then
  one_skipped() { skipped=$((skipped + 1)) && echo "skip $1: tools/deps browser installs what it needs"; }
  begin one_skipped "the report in a browser" true
fi

headline "sabotaged NAT boxes"
many "sabotaged NAT boxes" build/release/boxes
many "NAT boxes nested and rebooted" build/release/nesting

headline "recorder"
many "recorder" build/release/capturing
many "measuring" build/release/measuring

# One sets a switch of the whole machine, where that has it, and then runs when all others have ended.
headline "command line"
alone=()
for file in tests/cli/*.sh; do
  case $file in
  */harness.sh | */traces.sh) ;;
  */github.sh) if [ -w /proc/sys/kernel/apparmor_restrict_unprivileged_userns ]; then alone=("$file"); else many "$file" "$file"; fi ;;
  *) many "$file" "$file" ;;
  esac
done

headline "matrices"
many "the wide matrix" ./punchlab matrix --wide --out out
# Where strategies differ from plain punching is where a box filters by port; and a symmetric one needs a relay to another.
for strategy in predict birthday auto; do
  many "the matrix, --strategy $strategy" ./punchlab matrix --strategy "$strategy" --out out -k port-restricted
done
many "the matrix, --strategy auto, relayed" ./punchlab matrix --strategy auto --out out -k "auto: symmetric x"

# The rootless way must not rot: as root, part of the suite runs as an ordinary user too, on copies that user can read.
if [ "$(id -u)" = 0 ]; then
  headline "scenarios as an ordinary user"
  chmod 755 "$work"
  mkdir "$work/theirs" "$work/out"
  cp -r punchlab p2pchat scenarios "$work/theirs/"
  chown nobody "$work/out"
  many "scenarios as an ordinary user" setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups \
    env HOME="$work/out" "$work/theirs/punchlab" run --out "$work/out" "$work/theirs/scenarios"/{punching,same_nat}.lua
fi

headline "captures as others read them"
file=tests/cli/traces.sh
if [ -n "$only" ] || $list; then many "$file" "$file"; else many "$file" after_the_suite ${#names[@]} "$file"; fi

show_all() {
  until [ "$shown" = "${#names[@]}" ]; do
    show
    wait -n
  done
}
show_all
for file in "${alone[@]}"; do many "$file" "$file"; done
show_all

if $list; then
  cat "$work/names"
  exit
elif [ $((passed + failed + skipped)) = 0 ]; then
  echo "run_test.sh: no test's name contains '$only'; there are:" >&2
  cat "$work/names" >&2
  exit 2
fi
if [ -s "$work/failures" ]; then
  headline_of "what failed"
  cat "$work/failures"
fi
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] || exit 1
[ "$skipped" = 0 ] || [ "${PUNCHLAB_MUST_RUN:-0}" != 1 ] || exit 1
