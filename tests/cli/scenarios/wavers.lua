scenario("ends another way the second time", function(lab)
	if lab:host("alice"):run { "sh", "-c", 'mkdir "$T/once" 2>/dev/null' }:exit_status() ~= 0 then
		skip("it was here before")
	end
end)

scenario("skips", function()
	skip("a reason with <brackets>")
end)
