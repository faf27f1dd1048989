#!/usr/bin/env bash
# tools/p2pchat.lua against a capture with every kind of datagram, made by the programs' own encoder, and damaged ones.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

MESSAGES=$TOP/build/release/messages
FIELDS=$TOP/tests/dissector/fields.txt

need_tshark() { command -v tshark >/dev/null || skip "no tshark here (tools/deps trace installs it)"; }

# As an ordinary user: for root, tshark 4.4 loads no script.
dissect() { # dissect CAPTURE [OPTION...]: tshark with the dissector, which must not complain
  chmod 755 "$T" && cp "$TOP/tools/p2pchat.lua" "$T" && chmod a+r "$T"/*
  "${AS_USER[@]}" env HOME="$T" tshark -X "lua_script:$T/p2pchat.lua" -r "$@" >"$T/out" 2>"$T/err"
  status=$?
  if grep -v -e 'Running as user' -e '^$' "$T/err" || grep -n 'Lua Error' "$T/out"; then
    complain "nothing to complain about for tshark"
  fi
}

test_every_field_of_every_message() {
  need_tshark
  "$MESSAGES" "$T/all.pcapng" >"$T/expected"
  mapfile -t fields < <(sed 's/^/-e/' "$FIELDS")
  dissect "$T/all.pcapng" -T fields -E 'separator=|' -E occurrence=a "${fields[@]}" -e p2pchat.malformed
  if grep -v '|$' "$T/out"; then complain "none that is malformed"; fi
  diff -u "$T/expected" <(sed 's/|$//' "$T/out")
  [ "$(cut -d'|' -f1 "$T/expected" | sort -u | wc -l)" = 32 ] || complain "32 kinds of message"
}

test_a_cut_datagram_is_called_malformed() {
  need_tshark
  "$MESSAGES" "$T/all.pcapng" | grep -v '|0|' >"$T/expected" # without those that are a header alone
  editcap -C -1 "$T/all.pcapng" "$T/cut.pcapng"
  dissect "$T/cut.pcapng" -Y '_ws.malformed || p2pchat.malformed'
  [ "$(wc -l <"$T/out")" = "$(wc -l <"$T/expected")" ] || complain "every datagram called malformed"
  for bytes in 2 5 9 17 30 40 60; do editcap -C -"$bytes" "$T/all.pcapng" "$T/cut-$bytes.pcapng"; done
  mergecap -a -w "$T/cut.pcapng" "$T"/cut-*.pcapng
  dissect "$T/cut.pcapng" -V
}

run_tests
