/* lab:why(a, b): what the trace so far says of two hosts, as `punchlab trace --why --json` tells it. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "lab/lab_why.h"
#include "script/script_json.h"

#include <netinet/in.h>

/* -1: none is named. */
static int check_protocol(lua_State *L, int index)
{
	static const char *const names[] = { "udp", "tcp", "icmp", NULL };
	static const int numbers[] = { IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP };

	return lua_isnoneornil(L, index) ? -1 : numbers[script_check_word(L, index, names)];
}

int script_why(lua_State *L)
{
	struct lab *lab = script_lab(L);
	char error[LAB_ERROR_SIZE] = "out of memory";
	json_t *verdict = lab_why(lab, script_check_node(L, 2), script_check_node(L, 3), check_protocol(L, 4), error);

	if (verdict == NULL)
		script_error(L, error);
	script_push_json(L, verdict);
	json_decref(verdict);
	return 1;
}
