/*
 * Where punchlab's own files stand: beside the program in the tree it was built in, or under the prefix it was
 * installed to. Each writes to `path` (PATH_MAX bytes) and returns it.
 */
#ifndef INSTALL_PATHS_H
#define INSTALL_PATHS_H

/* At the start: in a world the kernel may show another path of a program that was started outside (in a chroot). */
void install_paths_remember(void);

/* The folder of p2pchat/ and tools/: the program's own, or .../libexec/punchlab. */
const char *install_path_programs(char *path);

/* The folder of the Lua files scenarios may require(): .../scenarios/lib. */
const char *install_path_scripts(char *path);

/* The folder of punchlab's own scenarios; as "scenarios" where it is seen under that name. */
const char *install_path_scenarios(char *path);

/* What is run where nothing is named: the folder that `punchlab init` makes, ./scenarios, or punchlab's own. */
#define INSTALL_PATHS_INIT "punchlab-scenarios"
const char *install_path_default(char *path);

#endif
