#include "result/run_folder.h"

#include "io/log.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SLUG_SIZE 64
#define TRIES 1000 /* runs begun in the same second */

int run_folder_make(const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	struct stat st;

	if (len == 0 || len >= sizeof part) {
		errno = len == 0 ? ENOENT : ENAMETOOLONG;
		return -1;
	}
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0777) != 0 && errno != EEXIST)
			return -1;
	}
	if (stat(path, &st) != 0)
		return -1;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	return access(path, W_OK | X_OK);
}

/* Cuts the last part of a path off. False: there is but one. */
static bool cut(char *path)
{
	char *slash;

	while ((slash = strrchr(path, '/')) != NULL && slash[1] == '\0' && slash != path)
		*slash = '\0';
	if (slash == NULL || slash == path)
		return false;
	*slash = '\0';
	return true;
}

size_t run_folder_there(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof part, "%s", path);
	while (access(part, F_OK) != 0)
		if (!cut(part))
			return 0;
	return strlen(part);
}

void run_folder_remove_made(const char *path, size_t there)
{
	char part[PATH_MAX];

	snprintf(part, sizeof part, "%s", path);
	while (strlen(part) > there && rmdir(part) == 0)
		if (!cut(part))
			return;
}

static int refuse(const char *path)
{
	log_error("the output folder %s cannot be written: %s; --out DIR names another one", path, strerror(errno));
	return -1;
}

/* OUT/latest, replaced in one step. It is a convenience: a file system without links does not stop a run. */
static void point_latest(const char *out, const char *name)
{
	char link[PATH_MAX], fresh[PATH_MAX];

	if (snprintf(link, sizeof link, "%s/latest", out) >= (int)sizeof link ||
	    snprintf(fresh, sizeof fresh, "%s/.latest.%ld", out, (long)getpid()) >= (int)sizeof fresh)
		return;
	if (symlink(name, fresh) == 0 && rename(fresh, link) != 0)
		unlink(fresh);
}

/* A run's folder, by its name: "2024-11-22_09-24-55", "2024-11-22_09-24-55.2" */
static int is_run(const struct dirent *e)
{
	return fnmatch("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]_[0-9][0-9]-[0-9][0-9]-[0-9][0-9]*", e->d_name, 0) ==
	       0;
}

/* The newest run that is left takes the place of the one that is gone; without one there is no link. */
static void point_latest_back(const char *out, const char *link)
{
	struct dirent **runs = NULL;
	int count = scandir(out, &runs, is_run, versionsort);

	if (count > 0)
		point_latest(out, runs[count - 1]->d_name);
	else
		unlink(link);
	for (int i = 0; i < count; i++)
		free(runs[i]);
	free(runs);
}

bool run_folder_remove_empty_run(const char *out, const char *run)
{
	char link[PATH_MAX], target[PATH_MAX];
	const char *name = strrchr(run, '/') + 1;
	ssize_t len;

	if (rmdir(run) != 0)
		return false;
	if (snprintf(link, sizeof link, "%s/latest", out) >= (int)sizeof link)
		return true;
	len = readlink(link, target, sizeof target - 1);
	if (len > 0 && (size_t)len == strlen(name) && memcmp(target, name, (size_t)len) == 0)
		point_latest_back(out, link);
	return true;
}

int run_folder_make_run(const char *out, char *path)
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32];

	if (run_folder_make(out) != 0)
		return refuse(out);
	localtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y-%m-%d_%H-%M-%S", &tm);
	for (int i = 1; i <= TRIES; i++) {
		int len = i == 1 ? snprintf(path, PATH_MAX, "%s/%s", out, stamp)
		                 : snprintf(path, PATH_MAX, "%s/%s.%d", out, stamp, i);

		if (len >= PATH_MAX) {
			errno = ENAMETOOLONG;
			break;
		}
		if (mkdir(path, 0777) == 0) {
			point_latest(out, strrchr(path, '/') + 1);
			return 0;
		}
		if (errno != EEXIST)
			return refuse(out);
	}
	return refuse(out);
}

/* Lower-case letters and digits, everything else a single "-". */
static void make_slug(const char *name, char slug[SLUG_SIZE])
{
	size_t used = 0;
	bool gap = false;

	for (; *name != '\0' && used + 2 < SLUG_SIZE; name++) {
		if (!isascii((unsigned char)*name) || !isalnum((unsigned char)*name)) {
			gap = used > 0;
			continue;
		}
		if (gap)
			slug[used++] = '-';
		gap = false;
		slug[used++] = (char)tolower((unsigned char)*name);
	}
	slug[used] = '\0';
}

int run_folder_make_scenario(const char *run, size_t number, const char *name, char *path)
{
	char slug[SLUG_SIZE];

	make_slug(name, slug);
	if (snprintf(path, PATH_MAX, "%s/%03zu-%s", run, number, slug) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return mkdir(path, 0777);
}

/* Removes what the walk has come to. Returns 0, or errno. */
static int remove_entry(const FTSENT *e)
{
	switch (e->fts_info) {
	case FTS_D: /* comes again, as FTS_DP, when it is empty */ return 0;
	case FTS_DNR: /* may be empty all the same */
	case FTS_DP: return rmdir(e->fts_accpath) == 0 ? 0 : errno;
	case FTS_ERR: return e->fts_errno;
	default: return unlink(e->fts_accpath) == 0 ? 0 : errno;
	}
}

void run_folder_remove(const char *path)
{
	char *const paths[] = { strdup(path), NULL };
	FTS *walk = paths[0] != NULL ? fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
	const FTSENT *e;
	int error = walk != NULL ? 0 : errno;

	while (walk != NULL && (e = fts_read(walk)) != NULL) {
		int now = remove_entry(e);

		if (now != 0 && error == 0) {
			error = now;
			log_warning("%s could not be removed: %s", e->fts_path, strerror(now));
		}
	}
	if (walk != NULL)
		fts_close(walk);
	else
		log_warning("%s could not be removed: %s", path, strerror(error));
	free(paths[0]);
}
