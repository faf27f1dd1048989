-- The NAT matrix by TCP: `punchlab matrix --tcp`. The same table as UDP's, for other reasons: a SYN that is let in is answered
-- from where it came in, whatever the mapping, and two cones meet in a simultaneous open.

require "tcp_matrix" { prefix = "TCP: " }
