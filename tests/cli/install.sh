#!/usr/bin/env bash
# make install and uninstall: what is installed works from anywhere, and goes away again.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

install_to() { # install_to GOAL VARIABLE=VALUE...
  make -C "$TOP" --no-print-directory "$@" >"$T/make" 2>&1 || { cat "$T/make"; return 1; }
}

test_an_installed_punchlab_works_from_anywhere() {
  local bin=$T/prefix/bin
  install_to install PREFIX="$T/prefix"
  cd "$T"
  try "$bin/punchlab" run --out "$T/o" -k 'full-cone x symmetric'
  [ "$status" != 77 ] || skip "$(cat "$T/err")"
  status_is 0
  out_has '1 passed, 0 failed'
  try "$bin/punchlab" shell --out "$T/o" --name "test-$$" symmetric -- "$bin/nat_type" --fast --spec server
  status_is 0
  out_has 'symmetric'
}

test_nat_type_as_one_file() {
  install_to tools/nat_type-static
  ldd "$TOP/tools/nat_type-static" 2>&1 | grep -q "not a dynamic executable"
  # shellcheck disable=SC2016
  try "$LAB" shell --out "$T/o" --name "test-$$" symmetric -- \
    sh -c '"$0" --fast --spec "$(getent hosts server | cut -d" " -f1)"' "$TOP/tools/nat_type-static"
  status_is 0
  grep -qx symmetric "$T/out" || complain symmetric
}

test_installed_programs_say_their_own_names() {
  install_to install PREFIX="$T/prefix"
  try "$T/prefix/bin/p2pchat-client" --help
  out_has 'usage: p2pchat-client [OPTIONS]'
  try "$T/prefix/bin/p2pchat-server" no-port
  refused 'p2pchat-server: '
}

test_pages_and_completion_are_where_they_are_looked_for() {
  local name
  install_to install DESTDIR="$T/dest" PREFIX=/usr
  for name in punchlab p2pchat-client p2pchat-server nat_type; do
    [ -x "$T/dest/usr/bin/$name" ]
    [ -s "$T/dest/usr/share/man/man1/$name.1" ]
    [ -s "$T/dest/usr/share/bash-completion/completions/$name" ]
  done
  [ -s "$T/dest/usr/share/punchlab/wireshark-p2pchat.lua" ]
  grep -q '^ExecStart=/usr/bin/p2pchat-server ' "$T/dest/usr/lib/systemd/system/p2pchat-server.service"
  [ -s "$T/dest/usr/share/punchlab/clients/python/pytest_punchlab.py" ]
  for name in README.md CHANGELOG.md scenarios/README.md src/README.md sim/README.md tools/README.md tools/clients/README.md tools/ci/README.md tests/README.md; do
    [ -s "$T/dest/usr/share/doc/punchlab/$name" ]
  done
}

test_uninstall_leaves_only_what_others_have_put_there() {
  install_to install PREFIX="$T/prefix"
  echo theirs >"$T/prefix/bin/theirs"
  install_to uninstall PREFIX="$T/prefix"
  [ "$(find "$T/prefix" ! -type d)" = "$T/prefix/bin/theirs" ] || { find "$T/prefix"; return 1; }
}

run_tests
