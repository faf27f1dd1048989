/*
 * The one growing array. Its room is a power of two that its count alone tells, so a list and its count are all there
 * is to keep. From the heap: no pure folder uses it, and `make layers` would say so.
 */
#ifndef ARRAY_H
#define ARRAY_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/*
 * One more element of `size` bytes, all zero, behind the `*count` of a list (NULL while it is empty); `list` is the
 * address of the pointer to it, which may move. Returns the element, or NULL without memory: then all is as it was.
 */
static inline void *array_add(void *list, size_t *count, size_t size)
{
	char *at;

	memcpy(&at, list, sizeof at);
	if ((*count & (*count - 1)) == 0) {
		char *grown = reallocarray(at, *count == 0 ? 1 : *count * 2, size);

		if (grown == NULL)
			return NULL;
		memcpy(list, &grown, sizeof grown);
		at = grown;
	}
	at += (*count)++ * size;
	memset(at, 0, size);
	return at;
}

/*
 * Appends `more` bytes to a text of `*len` (NULL while it is empty), and a zero that does not count. Returns 0, or -1
 * without memory: then all is as it was.
 */
static inline int array_append(char **text, size_t *len, const void *bytes, size_t more)
{
	size_t had = *text == NULL ? 0 : 1, room = 1;
	char *at = *text;

	while (had != 0 && had <= *len)
		had *= 2;
	while (room <= *len + more)
		room *= 2;
	if (room != had)
		at = realloc(at, room);
	if (at == NULL)
		return -1;
	if (more > 0)
		memcpy(at + *len, bytes, more);
	*len += more;
	at[*len] = '\0';
	*text = at;
	return 0;
}

#endif
