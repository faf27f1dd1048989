#include "memory.h"

#include "suite.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define PIECES_MAX 16384
#define FILLED_MAX 65536

/* The linker gives these for those (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *piece, size_t size);
void *__real_reallocarray(void *piece, size_t count, size_t size);
void __real_free(void *piece);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *piece, size_t size);
void *__wrap_reallocarray(void *piece, size_t count, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *piece);

static struct {
	bool on, once;
	size_t requests, fail_at;
	size_t count;
	void *pieces[PIECES_MAX];
} watched;

void memory_watch(size_t fail_at, bool once)
{
	watched.once = once;
	watched.on = true;
	watched.requests = watched.count = 0;
	watched.fail_at = fail_at;
}

size_t memory_left(void)
{
	watched.on = false;
	return watched.count;
}

bool memory_failed(void)
{
	return watched.fail_at != 0 && watched.requests >= watched.fail_at;
}

static bool gets_nothing(void)
{
	if (!watched.on || watched.fail_at == 0)
		return false;
	watched.requests++;
	return watched.once ? watched.requests == watched.fail_at : watched.requests >= watched.fail_at;
}

static void *note(void *piece)
{
	if (watched.on && piece != NULL) {
		CU_ASSERT_TRUE_FATAL(watched.count < PIECES_MAX);
		watched.pieces[watched.count++] = piece;
	}
	return piece;
}

static void forget(const void *piece)
{
	for (size_t i = watched.on && piece != NULL ? watched.count : 0; i-- > 0;)
		if (watched.pieces[i] == piece) {
			watched.pieces[i] = watched.pieces[--watched.count];
			return;
		}
}

/* Fresh memory is not empty by accident. Large pieces would take too long. */
static void *fill(void *piece, size_t from, size_t to)
{
	if (piece != NULL && from < to && to <= FILLED_MAX)
		memset((char *)piece + from, 0xa5, to - from);
	return piece;
}

static size_t size_of(void *piece)
{
	return piece != NULL ? malloc_usable_size(piece) : 0;
}

void *__wrap_malloc(size_t size)
{
	return gets_nothing() ? NULL : note(fill(__real_malloc(size), 0, size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return gets_nothing() ? NULL : note(__real_calloc(count, size));
}

void *__wrap_realloc(void *piece, size_t size)
{
	size_t before = size_of(piece);

	if (gets_nothing())
		return NULL;
	forget(piece);
	return note(fill(__real_realloc(piece, size), before, size));
}

void *__wrap_reallocarray(void *piece, size_t count, size_t size)
{
	size_t before = size_of(piece);

	if (gets_nothing())
		return NULL;
	forget(piece);
	return note(fill(__real_reallocarray(piece, count, size), before, count * size));
}

char *__wrap_strdup(const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = __wrap_malloc(len);

	return copy != NULL ? memcpy(copy, text, len) : NULL;
}

void __wrap_free(void *piece)
{
	forget(piece);
	__real_free(piece);
}
