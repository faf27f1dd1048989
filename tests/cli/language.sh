#!/usr/bin/env bash
# The scenario language: what a scenario's calls do, refuse and say.
# shellcheck source=tests/cli/harness.sh
. "$(dirname "$0")/harness.sh"

lab() { try "$LAB" run --out "$T/o" "$@"; }

# lua TEXT: runs it as the file $T/s.lua.
lua() {
  cat >"$T/s.lua"
  lab "$T/s.lua"
}

verdict() { # verdict WORD NAME: how that scenario ended
  grep -qE "^$1 +[0-9.]+ s +[^ ]*: $2\$" "$T/out" || complain "$1 ... $2"
}

test_a_verdict_stays_whoever_catches_it() {
  lab "$FIXTURES/verdicts.lua"
  status_is 1
  verdict FAILED "a failure that is caught"
  out_has "verdicts.lua:6: it is broken"
  verdict FAILED "a failure that is caught in a coroutine"
  out_has "verdicts.lua:10: numbers"
  verdict FAILED "a wait that is caught"
  out_has "verdicts.lua:15: alice echo ended with status 0 instead of saying it"
  verdict SKIP "a skip that is caught"
  verdict FAILED "a failure after a skip"
  out_has "after all"
  out_has_not "expected: after all"
  verdict FAILED "an error after a failure"
  out_has "verdicts.lua:28: the first"
  out_has "verdicts.lua:29: the second"
  verdict ok "an error that is caught"
}

test_files_and_datagrams() {
  (cd / && "$LAB" run --out "$T/o" "$FIXTURES/beside.lua" >"$T/out" 2>"$T/err") || status=$?
  verdict ok "files and datagrams"
  verdict FAILED "one that says nothing"
  out_has "it said nothing (is its output buffered? flush it, or run it with terminal=true)"
  [ "$(cat "$T"/o/latest/001-*/shared/shared)" = "by alice" ]
}

test_a_text_is_not_cut_at_a_zero_byte() {
  lab -k "zero byte" "$FIXTURES/verdicts.lua"
  out_has 'verdicts.lua:38: one\x00two'
  out_has 'expected: "a\x00c"'
  out_has 'seen:     "a\x00b"'
}

# 4 / 2 is 2.0 in Lua, and whole; a table of options may be used again, or be one that only reads.
test_options_are_taken_as_they_are_and_left_so() {
  cat >"$T/s.lua" <<'END'
scenario("options", { timeout = 120 / 2 }, function(lab)
  local o = { families = 4, addresses = 4 / 2 }
  local fixed = setmetatable({}, { __index = { nat = "port-restricted" }, __newindex = function() error("written") end })
  lab:host("a", o)
  lab:host("b", fixed)
  expect(o.families == 4 and next(fixed) == nil, "left as they were")
end)
scenario("a text", function(lab) lab:host("a"):tcp_connect("10.0.0.1:1", { timeout = "1" }) end)
END
  lab "$T/s.lua"
  out_has "1 passed, 1 failed, 0 skipped"
  out_has "timeout is 0 to 3600 seconds"
}

test_a_file_is_named_whole_whatever_it_is_called() {
  local long
  long=$T/$(printf 'x%.0s' {1..70})
  echo 'scenario(' >"$long"
  lab "$long"
  refused "punchlab: $long:2: unexpected symbol near <eof>"
  printf 'scenario("a", function() error("boo") end)\nscenario("b", function(lab) lab:host("h"):sleep("x") end)\n' >"$long"
  lab "$long"
  status_is 1
  out_has "$long:1: boo"
  out_has "$long:2: bad argument #1 to 'sleep'"
  out_has_not "...x"
  echo 'scenario(' >"$long"
  mv "$long" "$long.lua:1"
  lab "$long.lua:1"
  refused "punchlab: $long.lua:1:2: unexpected symbol near <eof>"
}

test_the_users_file_is_named_and_not_the_library() {
  lab --list "$FIXTURES/verdicts.lua"
  out_has "verdicts.lua:43: from the library"
  out_has_not "library.lua"
  lab -k library "$FIXTURES/verdicts.lua"
  out_has "verdicts.lua:43: arithmetic"
  out_has "lib/library.lua:10"
  out_has "verdicts.lua:41: it is the library that fails"
  out_has "lib/library.lua:5"
  lab -k "called from here" "$FIXTURES/verdicts.lua"
  out_has "verdicts.lua:42: it is the library that fails"
}

test_facts_are_the_users_own() {
  lua <<'END'
scenario("the wrong outcome, and facts of whatever name", function(lab)
	local alice, bob = lab:host("alice", { nat = "symmetric" }), lab:host("bob", { nat = "symmetric" })
	alice:udp(0)
	lab:oracle(alice, bob, true)
	for _, name in ipairs { "oracle", "opened", "expected", "row", "column", "note" } do
		lab:fact(name, "mine")
	end
end)
scenario("facts that look like a question to the oracle", function(lab)
	lab:host("alice", { nat = "symmetric" }):udp(0)
	lab:fact("oracle", "nat-a")
	lab:fact("opened", false)
end)
END
  status_is 1
  out_has "the punch opened, but by what was measured of the boxes it must stay shut: "
  verdict ok "facts that look like a question to the oracle"
  lab --json "$T/json" -k "wrong outcome" "$T/s.lua"
  python3 -c 'import json, sys
line = json.loads(open(sys.argv[1]).read())
assert set(line["facts"].values()) == {"mine"} and len(line["facts"]) == 6, line
assert line["punches"] == [{"hosts": ["alice", "bob"], "boxes": ["nat-a", "nat-b"], "protocol": "udp", "family": "4", "opened": True, "oracle": "shut"}], line
assert "cell" not in line, line' "$T/json"
}

test_a_cell_is_a_place_in_the_grid() {
  lua <<'END'
scenario("cell", function(lab)
	lab:cell { row = "r", column = "c", expected = true }
	lab:cell { opened = true, ms = 12, path = "host" }
end)
scenario("no such option", function(lab) lab:cell { colour = "red" } end)
scenario("no boolean", function(lab) lab:cell { opened = "yes" } end)
scenario("no number", function(lab) lab:cell { ms = 0 / 0 } end)
END
  status_is 1
  verdict ok cell
  out_has "lab:cell{}: unknown option 'colour'; there are: row, column, opened, expected, ms, path"
  out_has "lab:cell{}: opened is a boolean"
  out_has "a value is a text, a finite number or a boolean"
  lab --json "$T/json" -k ": cell" "$T/s.lua"
  grep -qF '"cell":{"row":"r","column":"c","expected":true,"opened":true,"ms":12,"path":"host"}' "$T/json" ||
    complain "$(cat "$T/json")"
}

test_options_are_refused_with_what_there_is() {
  lua <<'END'
local function bad(name, call)
	scenario(name, function(lab) call(lab, lab:host("server")) end)
end
bad("host", function(lab) lab:host("alice", { nta = "symmetric" }) end)
bad("host list", function(lab) lab:host("alice", { "symmetric" }) end)
bad("host behind", function(lab) lab:host("alice", { behind = {} }) end)
bad("nobody", function(lab) lab:host("alice", { behind = "zz" }) end)
bad("a name", function(lab, server) lab:why(server, "server") end)
bad("host nat", function(lab) lab:host("alice", { nat = {} }) end)
bad("host addresses", function(lab) lab:host("alice", { addresses = 1.5 }) end)
bad("box", function(lab) lab:box("b", "symmetric", { land = "10.0.0.0/8" }) end)
bad("check", function(lab) lab:check("symmetric", { deep = true }) end)
bad("cwd", function(lab, server) server:run { "true", cwd = {} } end)
bad("what", function(lab) lab:wait_until(function() end, 0) end)
bad("ttl", function(lab) lab:dns { ttl = "x" } end)
bad("record", function(lab) lab:dns { records = { {} } } end)
bad("records", function(lab) lab:dns { records = 3 } end)
bad("flag", function(lab, server) server:run { "true", terminal = 1 } end)
bad("a text where a number is", function(lab) lab:host("alice", { addresses = "2" }) end)
END
  status_is 1
  out_has_not "#-"
  out_has "lab:host(): unknown option 'nta'; there are: nat, behind, addresses, address, names, sabotage"
  out_has "lab:host(): unknown option '1'; there are: "
  out_has "behind is a host or a box"
  out_has "there is no host or box named zz; there are: server"
  out_has "a host or box is meant, and not its name: lab:node(\"server\")"
  out_has "nat is a text"
  out_has "addresses is a whole number from 1 to 4"
  out_has "lab:box(): unknown option 'land'; there are: behind, lan, address, sabotage"
  out_has "lab:check(): unknown option 'deep'; there is: sabotage"
  out_has "cwd is a text"
  out_has "0 passed, 16 failed, 0 skipped"
  out_has "s.lua:15: ttl is a whole number from 0 to "
  out_has "s.lua:16: records: line 1 is no text"
  out_has "s.lua:17: records is a list of lines"
  out_has "s.lua:18: terminal is true or false"
  out_has "s.lua:19: addresses is a whole number from 1 to 4"
  grep -q 's.lua:14: waited in vain$' "$T/out" || complain "waited in vain"
}

test_an_argument_at_fault_is_told_as_the_user_counts() {
  lua <<'END'
local function bad(name, call)
	scenario(name, function(lab) call(lab, lab:host("server"), lab:host("alice")) end)
end
bad("method", function(_, server) server:sleep("x") end)
bad("by pcall", function(_, server) error(select(2, pcall(server.sleep, server, "x")), 0) end)
bad("what is missing", function(lab) lab:fact() end)
bad("a table", function(lab) error(select(2, pcall(lab.cell, lab, "x")), 0) end)
bad("signal", function(_, server) server:run { "sleep", "600" }:signal("FOO") end)
bad("lines", function(_, server) server:run { "true" }:lines("foo") end)
bad("stun", function(lab) lab:stun() end)
bad("turn", function(lab) lab:turn("x") end)
bad("turn's options", function(lab, server) lab:turn(server, { port = 3 }) end)
bad("whole", function(_, server) server:udp(1.5) end)
bad("no socket", function(_, server) server.udp(7) end)
bad("global", function() fail({}) end)
bad("closed", function(_, server)
	local socket = server:udp(0)
	socket:close()
	socket:send("192.0.2.1:1", "x")
end)
END
  out_has_not "'?'"
  out_has_not "stun.lua"
  out_has "s.lua:4: bad argument #1 to 'sleep' (number expected, got string)"
  out_has "s.lua:5: bad argument #1 to 'sleep' (number expected, got string)"
  out_has "s.lua:6: bad argument #1 to 'fact' (string expected, got no value)"
  out_has "s.lua:7: bad argument #1 to 'cell' (table expected, got string)"
  out_has "s.lua:8: bad argument #1 to 'signal' ('FOO' is none of them; there are: HUP, INT, "
  out_has "s.lua:9: bad argument #1 to 'lines' ('foo' is none of them; there are: stdout, stderr, both)"
  out_has "s.lua:10: bad argument #1 to 'stun' (host or box expected, got no value)"
  out_has "s.lua:11: there is no host or box named x; there are: server, alice"
  out_has "s.lua:12: lab:turn(): unknown option 'port'; there are: user, password"
  out_has "s.lua:13: bad argument #1 to 'udp' (whole number expected, got 1.5)"
  out_has "s.lua:14: bad argument #1 to 'udp' (host or box expected, got number)"
  out_has "s.lua:15: bad argument #1 to 'fail' (string expected, got table)"
  out_has "s.lua:19: cannot call 'send': the socket is closed"
}

# lauxlib's own checks count otherwise, and where a value of a table is at fault they name a place nobody wrote.
test_every_argument_is_checked_so() {
  if grep -nE 'luaL_((check|opt)[a-z]+|arg[a-z]+)\(' "$TOP"/sim/script/*.c | grep -vE 'luaL_checkstack|/script_arguments\.c:' >"$T/found"; then
    cat "$T/found" && return 1
  fi
}

test_sabotage_of_a_host_that_no_box_is_made_for_is_refused() {
  lua <<'END'
local function bad(name, options)
	scenario(name, function(lab)
		options.behind = options.behind and lab:box("home", "symmetric")
		options.sabotage = { "iptables -P OUTPUT DROP" }
		lab:host("alice", options)
	end)
end
bad("no NAT", {})
bad("open", { nat = "open" })
bad("behind", { behind = true })
bad("interfaces", { interfaces = { wifi = {} } })
scenario("none", function(lab)
	lab:host("alice", { nat = "open", sabotage = {} }):address()
end)
END
  status_is 1
  out_has "1 passed, 4 failed, 0 skipped"
  [ "$(grep -c "s.lua:5: alice: sabotage is done to a box, and none is made for this host: give it a NAT of its own, or " "$T/out")" = 4 ] ||
    complain "four refusals"
}

test_bad_input_of_tcp_is_told() {
  lua <<'END'
local function bad(name, call)
	scenario(name, function(lab) call(lab, lab:host("server"), lab:host("alice")) end)
end
bad("port", function(lab, server) server:tcp_listen(70000) end)
bad("address", function(lab, server) server:tcp_listen(1, "here") end)
bad("other's address", function(lab, server) server:tcp_listen(1, "9.9.9.9") end)
bad("to", function(lab, server, alice) alice:tcp_connect("server") end)
bad("option", function(lab, server, alice) alice:tcp_connect("9.9.9.9:1", { form = 1 }) end)
bad("from", function(lab, server, alice) alice:tcp_connect("9.9.9.9:1", { from = 65536 }) end)
bad("timeout", function(lab, server, alice) alice:tcp_connect("9.9.9.9:1", { timeout = -1 }) end)
bad("no server", function(lab, server, alice) alice:tcp_punch(server) end)
bad("late", function(lab, server, alice) alice:tcp_punch(server, server, { late = "now" }) end)
bad("closed", function(lab, server)
	local listener = server:tcp_listen()
	listener:close()
	listener:accept()
end)
bad("protocol", function(lab, server, alice) lab:oracle(server, alice, true, "sctp") end)
END
  status_is 1
  out_has "a port is 0 to 65535"
  out_has "an address expected"
  out_has "9.9.9.9:1: Cannot assign requested address"
  out_has '"address:port" expected'
  out_has "host:tcp_connect(): unknown option 'form'; there are: from, timeout, wait"
  out_has "from is a whole number from 0 to 65535"
  out_has "timeout is 0 to 3600 seconds"
  out_has "host or box expected, got no value"
  out_has "late is 0 to 3600 seconds"
  out_has "it is closed"
  out_has "'sctp' is none of them; there are: udp, tcp"
}

test_both_streams_each_alone_and_in_their_order() {
  lua <<'END'
scenario("streams", function(lab)
	local p = lab:host("alice"):run { "sh", "-c", "echo one; read x; echo two >&2; read x; echo three" }
	p:wait("one")
	p:type("go on")
	p:wait("two")
	p:type("go on")
	equal(p:exit_status(), 0)
	local function said(...) return table.concat(p:lines(...), " ") end
	equal(said(), "one three")
	equal(said("stdout"), "one three")
	equal(said("stderr"), "two")
	equal(said("both"), "one two three")
	equal(p:output(), "one\nthree\n")
	equal(p:output("stderr"), "two\n")
	equal(p:output("both"), "one\ntwo\nthree\n")
end)
scenario("no such stream", function(lab)
	lab:host("alice"):run { "true" }:lines("stdin")
end)
END
  status_is 1
  verdict ok streams
  out_has "'stdin' is none of them; there are: stdout, stderr, both"
}

test_a_plain_text_is_waited_for() {
  lua <<'END'
local function says(lab, text) return lab:host("alice"):run { "printf", "%s\\n", text } end
scenario("plain", function(lab)
	local p = says(lab, "took 3.5% (of [all])")
	equal(p:wait("3.5% (of [all])", 10, true), "took 3.5% (of [all])")
	equal(p:seen("% (of", true), "took 3.5% (of [all])")
	equal(p:seen("% (off", true), nil)
end)
scenario("not there", function(lab)
	says(lab, "3x5"):wait("3.5", 10, true)
end)
scenario("a pattern", function(lab)
	equal(says(lab, "3x5"):wait("3.5"), "3x5")
end)
END
  status_is 1
  verdict ok plain
  verdict ok "a pattern"
  out_has 'a line that contains "3.5"'
}

test_zero_bytes_are_typed() {
  lua <<'END'
scenario("a zero byte", function(lab)
	local p = lab:host("alice"):run { "od", "-An", "-c" }
	p:type("a\0b")
	p:close_input()
	equal(p:exit_status(), 0)
	equal(p:output():gsub("%s+", " "), " a \\0 b \\n ")
end)
END
  status_is 0
}

test_bytecode_is_not_required() {
  printf '\033Lua\n' >"$T/code.lua"
  echo 'require "code"' >"$T/s.lua"
  lab --list "$T/s.lua"
  refused 'require "code": '
  err_has "binary chunk"
}

test_what_is_not_there_is_told_with_what_to_use() {
  lua <<'END'
scenario("a file", function() io.open("x") end)
scenario("a command", function() os.execute("true") end)
scenario("an end", function() os.exit(0) end)
scenario("a name", function() os.tmpname() end)
END
  status_is 1
  out_has 's.lua:1: a scenario has no io.open: files are for programs: host:run{"cat", FILE}'
  out_has "s.lua:2: a scenario has no os.execute(): host:run{"
  out_has "s.lua:3: a scenario has no os.exit(): return ends"
  out_has "s.lua:4: a scenario has no os.tmpname(): "
}

run_tests
