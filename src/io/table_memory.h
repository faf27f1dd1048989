/* Memory for a large table that is looked up here and there. */
#ifndef TABLE_MEMORY_H
#define TABLE_MEMORY_H

#include <stddef.h>

/*
 * That many bytes, all zero, in large pages where the kernel has them: finding the page of an address costs a look-up
 * as much as what it finds there. Nothing is taken before it is written to. NULL if there are not so many; until the
 * program ends.
 */
void *table_memory(size_t bytes);

#endif
