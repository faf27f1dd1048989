/*
 * What lies beyond the end of a list is nobody's. Lists of fixed size lie there empty, so that one who reads one
 * element too many notices nothing; here it is something that does not go unnoticed.
 */
#ifndef BEYOND_H
#define BEYOND_H

#include "trace/scene.h"

/* Of all lists of a scene as they are now. What is added later takes its place as ever. */
void beyond_scene(struct scene *s);

#endif
