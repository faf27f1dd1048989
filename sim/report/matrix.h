/* The matrix of the report's page, out of what the scenarios told of themselves. */
#ifndef MATRIX_H
#define MATRIX_H

#include <jansson.h>

/*
 * The page's "matrix" (base.js) of its scenarios: each whose "cell" has a row and a column is a cell. Of several for
 * one cell the worst is shown. Removes "cell" and "index" from the scenarios. JSON null when there is no cell.
 */
json_t *matrix_of(json_t *scenarios);

#endif
