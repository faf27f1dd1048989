#!/usr/bin/env bash
# tools/clients: each language's example punches through two NATs. A language that is not there has no test here;
# tools/deps clients installs those that the suite counts on.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

export PUNCHLAB=$LAB
CLIENTS=$TOP/tools/clients

test_python() {
  /usr/bin/python3 -c "import pytest" || skip "pytest is not there (tools/deps clients)"
  cd "$CLIENTS/python"
  try env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -p no:cacheprovider -q
  out_has "3 passed"
  status_is 0
}

test_node() {
  command -v node >/dev/null || skip "Node.js is not there (tools/deps clients)"
  cd "$CLIENTS/node"
  try node --test
  out_has "# pass 3"
  status_is 0
}

if command -v go >/dev/null; then
  test_go() {
    cp -r "$CLIENTS/go" "$T/client" && cd "$T/client"
    try env HOME="$T" GOFLAGS=-mod=mod GOCACHE="$T/cache" go test -vet=off -v ./... # vetting is lint's, and takes most of the time
    status_is 0
    [ "$(grep -c '^--- PASS' "$T/out")" = 3 ] || complain "3 passed"
    try gofmt -l .
    out_is_empty
  }
fi

test_shell() {
  command -v socat >/dev/null || skip "socat is not there (tools/deps clients)"
  try "$CLIENTS/shell/test_peer.sh"
  out_has "3 passed"
  status_is 0
}

# They are thin: a page each.
test_clients_are_thin() {
  local file
  for file in python/pytest_punchlab.py node/punchlab.js go/punchlab.go shell/punchlab.sh; do
    [ "$(wc -l <"$CLIENTS/$file")" -le 200 ] || { echo "$file is longer than 200 lines"; return 1; }
  done
}

run_tests
