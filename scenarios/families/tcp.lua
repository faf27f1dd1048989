-- The same by TCP: `punchlab matrix --families --tcp`.

require "families_matrix" { prefix = "families, TCP: ", protocol = "tcp" }
