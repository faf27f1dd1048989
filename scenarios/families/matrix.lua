-- Who can talk by UDP, and by which family: `punchlab matrix --families`.

require "families_matrix" { prefix = "families: ", protocol = "udp" }
