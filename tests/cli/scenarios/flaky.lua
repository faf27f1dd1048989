-- Fails once of so many times, whichever is the first.
scenario("fails once", function(lab)
	local alice = lab:host("alice")
	equal(alice:run({ "sh", "-c", 'mkdir "$T/once" 2>/dev/null && exit 1; exit 0' }):exit_status(), 0)
end)

scenario("never fails", function(lab)
	lab:host("alice"):run({ "true" }):exit_status()
end)
