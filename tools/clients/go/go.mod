module punchlab

go 1.19
