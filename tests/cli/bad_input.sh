#!/usr/bin/env bash
# Bad input: one clear line, exit status 2, nothing started.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

test_no_command() {
  try "$LAB"
  refused "a command is missing"
}

test_unknown_command() {
  try "$LAB" rum
  refused "unknown command 'rum'; there are: run"
}

test_unknown_option() {
  try "$LAB" --rum
  refused "unknown option '--rum'"
  for command in run matrix nat check doctor; do
    try "$LAB" "$command" --rum
    refused "unknown option --rum"
    try "$LAB" "$command" -Z
    refused "unknown option -Z"
  done
}

test_an_unknown_letter_in_a_group() {
  try "$LAB" run --list -lZl
  refused "unknown option -Z"
}

test_an_argument_for_an_option_that_takes_none() {
  try "$LAB" check --full=3 open
  refused "--full=3: the option takes no argument"
  try "$LAB" run --list --help=me
  refused "--help=me: the option takes no argument"
  try "$TOP/tools/nat_type" --ipv6=yes
  refused 'option "--ipv6=yes" takes no argument'
  try timeout 60 "$SERVER" --relay=3 5000
  refused 'option "--relay=3" takes no argument'
}

test_help_of_an_unknown_command() {
  try "$LAB" help rum
  refused "unknown command 'rum'"
}

test_missing_argument() {
  try "$LAB" run --out
  refused "an argument is missing after --out"
}

test_numbers() {
  try "$LAB" run -j 0
  refused "-j must be a number from 1 to 64, not '0'"
  try "$LAB" run --repeat many
  refused "--repeat must be a number"
  try "$LAB" run --timeout 1e9
  refused "--timeout must be a number"
}

test_keep() {
  try "$LAB" run --keep some
  refused "--keep takes failed, all or none, not 'some'"
}

test_tap_and_json_to_one_place() {
  try "$LAB" run --tap --json -
  refused "only one of --tap, --json - and --junit - can go to standard output"
  try "$LAB" run --junit - --json -
  refused "can go to standard output"
}

test_missing_scenario_file() {
  try "$LAB" run "$T/none.lua" --out "$T/o"
  refused "$T/none.lua: No such file or directory"
}

test_folder_without_scenarios() {
  try "$LAB" run "$T"
  refused "$T: no *.lua file in it"
}

test_syntax_error() {
  try "$LAB" run --out "$T/o" "$FIXTURES/syntax_error.lua"
  refused "$FIXTURES/syntax_error.lua:3: ')' expected (to close '(' at line 2) near 'end'"
  [ ! -e "$T/o" ]
}

test_error_while_loading() {
  printf 'local x = nil\nx.y = 1\n' >"$T/bad.lua"
  try "$LAB" run --out "$T/o" "$T/bad.lua"
  refused "$T/bad.lua:2: attempt to index a nil value"
}

# Which catches what is raised in it, too.
test_file_that_does_not_end_loading() {
  printf 'local n = 0\nwhile true do pcall(function() while true do n = n + 1 end end) end\n' >"$T/endless.lua"
  try timeout 100 "$LAB" run --list "$T/endless.lua"
  refused "$T/endless.lua:2: the file does not end loading within 5 s"
}

test_file_whose_loading_no_hook_can_end() {
  mkfifo "$T/fifo.lua"
  try timeout 100 "$LAB" run --list "$T/fifo.lua"
  refused "$T/fifo.lua: the file does not end loading within 5 s"
}

test_error_with_methods_while_loading() {
  printf 'error(setmetatable({}, {__index = function() error("x") end}))\n' >"$T/bad.lua"
  try "$LAB" run --list "$T/bad.lua"
  refused "$T/bad.lua: an error that is no text"
}

test_errors_are_one_line_without_escapes() {
  printf 'error("\\27[31m red \\255\\nand more")\n' >"$T/bad.lua"
  try "$LAB" run --list "$T/bad.lua"
  refused "$T/bad.lua:1: \x1b[31m red \xff and more"
  printf 'require("nothing-is-called-so")\n' >"$T/bad.lua"
  try "$LAB" run --list "$T/bad.lua"
  refused "$T/bad.lua:1: module 'nothing-is-called-so' not found"
  try "$LAB" nat $'\e[31mred\nblue'
  refused '\x1b[31mred\x0ablue'
}

test_names_that_are_no_line_of_text() {
  for name in '\27[31mred' '\255' 'a\0b' 'a\nb'; do
    printf -- '-- a comment\nscenario("%s", function() end)\n' "$name" >"$T/bad.lua"
    try "$LAB" run --list "$T/bad.lua"
    refused "$T/bad.lua:2: a scenario's name is one line of text, UTF-8 without control characters"
  done
  printf 'scenario("a", function() end)\n' >"$T/"$'\xff\e.lua'
  try "$LAB" run --list "$T/"$'\xff\e.lua'
  refused "$T/\xff\x1b.lua: a scenario file's name is UTF-8 without control characters"
}

test_one_bad_file_among_good_ones() {
  try "$LAB" run --out "$T/o" "$FIXTURES/quick.lua" "$FIXTURES/syntax_error.lua"
  refused "syntax_error.lua:3:"
  [ ! -e "$T/o" ]
}

test_nothing_matches() {
  try "$LAB" run -k nothing-is-called-so "$FIXTURES/quick.lua"
  status_is 2
  err_has "no scenario's file or name contains 'nothing-is-called-so'; there are:"
  err_has "quick.lua: a datagram arrives"
  out_is_empty
  try "$LAB" run -k nothing-is-called-so "$TOP/scenarios/why_advice.lua"
  [ "$(wc -l <"$T/err")" = 22 ] || complain "20 names, and how many more there are"
  err_has "more: --list shows all"
}

test_output_folder_that_cannot_be_made() {
  touch "$T/file"
  try "$LAB" run --out "$T/file/o" "$FIXTURES/quick.lua"
  refused "$T/file/o cannot be written: Not a directory"
  try "$LAB" run --out /proc/o "$FIXTURES/quick.lua"
  refused "/proc/o cannot be written"
}

test_nothing_started_nothing_lost() {
  touch "$T/file"
  echo earlier | tee "$T/keep.json" >"$T/keep.xml"
  try "$LAB" run --out "$T/file" --json "$T/keep.json" --junit "$T/keep.xml" "$FIXTURES/quick.lua"
  refused "$T/file cannot be written: Not a directory"
  try "$LAB" run --out "$T/o" --json "$T/keep.json" --junit "$T/no/folder" "$FIXTURES/quick.lua"
  refused "$T/no/folder: No such file or directory"
  try "$LAB" run --out "$T/o" --json "$T/keep.json" --html "$T/file" "$FIXTURES/quick.lua"
  refused "$T/file cannot be written: Not a directory"
  [ ! -e "$T/o" ]
  [ "$(cat "$T/keep.json" "$T/keep.xml")" = $'earlier\nearlier' ] || complain "earlier results"
}

test_json_file_that_cannot_be_made() {
  try "$LAB" run --out "$T/o" --json "$T/no/folder" "$FIXTURES/quick.lua"
  refused "$T/no/folder: No such file or directory"
  try "$LAB" check --json "$T/no/folder" port-restricted
  refused "$T/no/folder"
}

test_html_folder_that_cannot_be_made() {
  touch "$T/file"
  try "$LAB" run --out "$T/o" --html "$T/file/x" "$FIXTURES/quick.lua"
  refused "$T/file/x"
  [ ! -e "$T/o" ]
}

test_unknown_nat_type() {
  for command in nat check; do
    try "$LAB" "$command" conical
    refused "conical"
    for type in open full-cone restricted port-restricted symmetric; do
      err_has "$type"
    done
  done
}

# Whoever takes a spec refuses it with the same line, and starts nothing.
spec_refused() { # spec_refused SPEC TEXT
  for command in nat check up shell; do
    try "$LAB" "$command" "$1"
    refused "$2"
  done
  printf 'scenario("one", function(lab)\n\t%s\nend)\n' "lab:host('a', { nat = '$1' })" >"$T/host.lua"
  printf 'scenario("one", function(lab)\n\t%s\nend)\n' "lab:box('a', '$1')" >"$T/box.lua"
  printf 'scenario("one", function(lab)\n\t%s\nend)\n' "lab:check('$1')" >"$T/check.lua"
  for way in host box check; do
    try "$LAB" run --out "$T/o" "$T/$way.lua"
    status_is 1
    grep -qF ".lua:2: $2" "$T/out" || complain "$way: '$1' is refused with '$2'"
  done
}

test_specs_that_contradict_themselves() {
  spec_refused tcp=linux,tcp.ports=random "'tcp.ports' contradicts 'tcp=linux', which is all that plain Linux does with TCP"
  spec_refused tcp=blocked,tcp.timeout=9 "'tcp.timeout' contradicts 'tcp=blocked', by which no TCP passes"
  spec_refused open,tcp.unsolicited=reset "'tcp.unsolicited' contradicts 'open', which translates and filters nothing"
  spec_refused symmetric,ipv6.timeout=9 "'ipv6.timeout' contradicts 'ipv6=none', which passes no IPv6: say ipv6=firewall or nat66"
  spec_refused open,ipv6=open,ipv6.prefix=2001:db8:4::/47 "'ipv6.prefix=2001:db8:4::/47' is too short: a home's prefix is of 48"
  spec_refused symmetric,ipv6=nat64,ipv6.pref64=2001:db8::/44 "'ipv6.pref64=2001:db8::/44' has no length that a NAT64's"
  spec_refused open,ipv6=nptv6,ipv6.inside=fd00:1::/48,ipv6.outside=2001:db8:5::/56 \
    "'ipv6.inside=fd00:1::/48' contradicts 'ipv6.outside=2001:db8:5::/56': both prefixes are of equal length"
  spec_refused symmetric,ipv6=nat64,ipv6.mapping=ei "'ipv6.mapping' contradicts 'ipv6=nat64', which translates none"
}

test_a_nat64_for_hosts_of_ipv4_alone() {
  for command in up shell; do
    try "$LAB" "$command" --families 4 symmetric,ipv6=nat64
    refused "'nat-a': 'ipv6=nat64', but no host behind it has IPv6: families=\"46\", or --families 46"
  done
  printf 'scenario("one", function(lab)\n\t%s\n\t%s\n\t%s\nend)\n' "local home = lab:box('home', 'symmetric,ipv6=nat64')" \
    "lab:host('a', { behind = home, families = '46' })" \
    "lab:host('b', { behind = home, families = '4' }):udp()" >"$T/two.lua"
  try "$LAB" run --out "$T/o" "$T/two.lua"
  status_is 1
  grep -qF "two.lua:4: 'b' has IPv4 alone, and behind 'home' with 'ipv6=nat64' is none: families=\"6\"" "$T/out" ||
    complain "who has IPv4 alone"
}

test_a_prefix_that_two_boxes_have() {
  try "$LAB" up --families 46 open,ipv6=open,ipv6.prefix=2001:db8:5::/48 open,ipv6=firewall,ipv6.prefix=2001:db8:5:1::/64
  refused "'nat-b' and 'nat-a' cannot both have 2001:db8:5::/48: each has a prefix of its own"
  try "$LAB" shell --families 46 open,ipv6=open,ipv6.prefix=2444:0:9::/48 -- true
  refused "'nat-a': 2444:0:9::/48 has addresses that the world gives to others: take another"
}

run_tests
