-- The wide matrix by TCP: `punchlab matrix --tcp --wide`. 81 cells, the oracle's.

local wide = require "wide_types"

require "tcp_matrix" { prefix = "TCP: ", types = wide.types, specs = wide.specs }
