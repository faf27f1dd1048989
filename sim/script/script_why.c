/* lab:why(a, b): what the trace so far says of two hosts, as `punchlab trace --why --json` tells it. */
#include "script/script_internal.h"

#include "lab/lab_why.h"
#include "script/script_json.h"

int script_why(lua_State *L)
{
	struct lab *lab = script_lab(L);
	char error[LAB_ERROR_SIZE] = "out of memory";
	json_t *verdict =
	    lab_why(lab, script_check_node(L, 2), script_check_node(L, 3), luaL_optstring(L, 4, NULL), error);

	if (verdict == NULL)
		script_error(L, error);
	script_push_json(L, verdict);
	json_decref(verdict);
	return 1;
}
