scenario("one", function(lab)
	lab:host("alice"
end)
