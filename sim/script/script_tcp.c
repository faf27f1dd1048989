/* The lab's own TCP sockets (lab_tcp.h, lab_tcp_punch.h) as Lua sees them. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "io/clock.h"
#include "lab/lab_socket.h"
#include "lab/lab_tcp_punch.h"

#include <string.h>
#include <unistd.h>

#define LISTENER_CLASS "TCP listener"
#define CONNECTION_CLASS "TCP connection"
#define TEXT_MOST 65536 /* of one receive() */

struct tcp_value {
	int fd;
	enum lab_tcp_state state; /* of a connection: WAITS, OPEN, or why there is none */
	struct endpoint peer;
};

static struct tcp_value *push_value(lua_State *L, const char *class, int fd)
{
	struct tcp_value *v = lua_newuserdatauv(L, sizeof *v, 0);

	*v = (struct tcp_value){ .fd = fd };
	luaL_setmetatable(L, class);
	return v;
}

static void push_open(lua_State *L, int fd, struct endpoint peer)
{
	struct tcp_value *v = push_value(L, CONNECTION_CLASS, fd);

	v->state = LAB_TCP_OPEN;
	v->peer = peer;
}

static struct tcp_value *check(lua_State *L, const char *class)
{
	struct tcp_value *v = script_check_object(L, 1, class);

	script_check_argument(L, v->fd >= 0, 1, "it is closed");
	return v;
}

static uint16_t port_option(lua_State *L, int options, const char *name)
{
	return (uint16_t)script_whole_option(L, options, name, 0, 0, UINT16_MAX);
}

/* ADDRESS_NONE where it is not said. */
static enum address_family family_option(lua_State *L, int options, const char *name)
{
	static const char *const words[] = { "4", "6", NULL };
	static const enum address_family families[] = { ADDRESS_IPV4, ADDRESS_IPV6, ADDRESS_NONE };

	return families[script_word_option(L, options, name, 2, words)];
}

/* --- a listener -------------------------------------------------------------------------------- */

/* host:tcp_listen(port or 0, address): at that one, or at any of both families */
int script_tcp_listen(lua_State *L)
{
	struct lab *lab = script_lab(L);
	int node = script_check_place(L, 1);
	struct endpoint local = script_check_local(L, 2);
	char error[LAB_ERROR_SIZE] = "";
	struct tcp_value *v = push_value(L, LISTENER_CLASS, -1);

	v->fd = lab_tcp_listen(lab, node, &local, error);
	if (v->fd < 0)
		script_error(L, error);
	return 1;
}

/* listener:accept(timeout): a connection, or nil */
static int l_accept(lua_State *L)
{
	const struct tcp_value *v = check(L, LISTENER_CLASS);
	struct endpoint peer = { 0 };
	int fd = lab_tcp_accept(script_lab(L), v->fd, &peer, script_check_deadline(L, 2));

	if (fd >= 0) {
		push_open(L, fd, peer);
	} else {
		script_fail_if_late(L);
		lua_pushnil(L);
	}
	return 1;
}

/* --- a connection ------------------------------------------------------------------------------ */

/* nil and why: what a connection came to, or that nothing came of it in time. */
static int push_why(lua_State *L, enum lab_tcp_state state)
{
	script_fail_if_late(L);
	lua_pushnil(L);
	lua_pushstring(L, lab_tcp_state_name(state));
	return 2;
}

static enum lab_tcp_state await_open(lua_State *L, struct tcp_value *v, uint64_t until_ms)
{
	if (v->state == LAB_TCP_WAITS)
		v->state = lab_tcp_wait_open(script_lab(L), v->fd, until_ms);
	return v->state;
}

/* host:tcp_connect("address:port", {from=port, timeout=seconds, wait=false}): a connection, or nil and why there is
 * none */
int script_tcp_connect(lua_State *L)
{
	static const char *const known[] = { "from", "timeout", "wait", NULL };
	struct lab *lab = script_lab(L);
	int node = script_check_place(L, 1);
	struct endpoint to = script_check_endpoint(L, 2), local = { 0 };
	char error[LAB_ERROR_SIZE] = "";
	struct tcp_value *v;
	double timeout_s;
	bool waits;

	lua_settop(L, 3);
	script_check_options(L, 3, "host:tcp_connect()", known, 0);
	local.port = port_option(L, 3, "from");
	timeout_s = script_seconds_option(L, 3, "timeout", SCRIPT_WAIT_DEFAULT_S);
	waits = script_flag_option(L, 3, "wait", true);
	v = push_value(L, CONNECTION_CLASS, -1);
	v->peer = to;
	v->fd = lab_tcp_dial(lab, node, &local, &to, error);
	if (v->fd < 0)
		script_error(L, error);
	if (!waits || await_open(L, v, clock_now_ms() + (uint64_t)(timeout_s * 1000)) == LAB_TCP_OPEN)
		return 1;
	close(v->fd);
	v->fd = -1;
	return push_why(L, v->state);
}

/* connection:opened(timeout): true once it is answered; or nil and why it is not */
static int l_opened(lua_State *L)
{
	struct tcp_value *v = check(L, CONNECTION_CLASS);

	if (await_open(L, v, script_check_deadline(L, 2)) != LAB_TCP_OPEN)
		return push_why(L, v->state);
	lua_pushboolean(L, true);
	return 1;
}

/* connection:send(text, timeout): true, or nil and why it is not all sent */
static int l_send(lua_State *L)
{
	const struct tcp_value *v = check(L, CONNECTION_CLASS);
	size_t len;
	const char *text = script_check_bytes(L, 2, &len);
	enum lab_tcp_state state = lab_tcp_send(script_lab(L), v->fd, text, len, script_check_deadline(L, 3));

	if (state != LAB_TCP_OPEN)
		return push_why(L, state);
	lua_pushboolean(L, true);
	return 1;
}

/* connection:receive(timeout): what came; or nil and "ended", "reset", "timed out" */
static int l_receive(lua_State *L)
{
	const struct tcp_value *v = check(L, CONNECTION_CLASS);
	char text[TEXT_MOST];
	enum lab_tcp_state state;
	size_t len = lab_tcp_receive(script_lab(L), v->fd, text, sizeof text, script_check_deadline(L, 2), &state);

	if (len == 0)
		return push_why(L, state);
	lua_pushlstring(L, text, len);
	return 1;
}

/* connection:finish(): a FIN; what the other sends still comes */
static int l_finish(lua_State *L)
{
	lab_tcp_finish(check(L, CONNECTION_CLASS)->fd);
	return 0;
}

/* connection:reset(): a RST, and it is closed */
static int l_reset(lua_State *L)
{
	struct tcp_value *v = check(L, CONNECTION_CLASS);

	lab_tcp_reset(v->fd);
	v->fd = -1;
	return 0;
}

/* connection:peer(): "address:port" */
static int l_peer(lua_State *L)
{
	char text[ENDPOINT_TEXT_SIZE];

	lua_pushstring(L, endpoint_format(&check(L, CONNECTION_CLASS)->peer, text));
	return 1;
}

/* --- both -------------------------------------------------------------------------------------- */

static int port_of(lua_State *L, const char *class)
{
	struct endpoint e = { 0 };

	if (lab_socket_local(check(L, class)->fd, &e) != 0)
		return luaL_error(L, "the socket has no address");
	lua_pushinteger(L, e.port);
	return 1;
}

static int close_of(lua_State *L, const char *class)
{
	struct tcp_value *v = script_check_object(L, 1, class);

	if (v->fd >= 0)
		close(v->fd);
	v->fd = -1;
	return 0;
}

static int l_listener_port(lua_State *L)
{
	return port_of(L, LISTENER_CLASS);
}

static int l_port(lua_State *L)
{
	return port_of(L, CONNECTION_CLASS);
}

static int l_listener_close(lua_State *L)
{
	return close_of(L, LISTENER_CLASS);
}

static int l_close(lua_State *L)
{
	return close_of(L, CONNECTION_CLASS);
}

/* --- a punch ----------------------------------------------------------------------------------- */

static void set_endpoint(lua_State *L, const char *name, const struct endpoint *e)
{
	char text[ENDPOINT_TEXT_SIZE];

	if (e->address.family == ADDRESS_NONE)
		return;
	lua_pushstring(L, endpoint_format(e, text));
	lua_setfield(L, -2, name);
}

/* One end, as the table `mine` or `theirs`. */
static void push_end(lua_State *L, const struct lab_tcp_end *end)
{
	lua_createtable(L, 0, 4);
	set_endpoint(L, "seen", &end->seen);
	lua_pushinteger(L, end->refused);
	lua_setfield(L, -2, "refused");
	if (end->fd < 0)
		return;
	lua_pushboolean(L, end->dialed);
	lua_setfield(L, -2, "dialed");
	push_open(L, end->fd, end->peer);
	lua_setfield(L, -2, "connection");
}

static void check_punch(lua_State *L, struct lab_tcp_punch *how)
{
	static const char *const known[] = { "from",   "peer_from", "late",   "peer_late",
		                             "redial", "timeout",   "family", NULL };
	bool once;

	how->sides[0].host = script_check_node(L, 1);
	how->sides[1].host = script_check_node(L, 2);
	how->server = script_check_node(L, 3);
	lua_settop(L, 4);
	script_check_options(L, 4, "host:tcp_punch()", known, 0);
	how->sides[0].port = port_option(L, 4, "from");
	how->sides[1].port = port_option(L, 4, "peer_from");
	how->sides[0].late_s = script_seconds_option(L, 4, "late", 0);
	how->sides[1].late_s = script_seconds_option(L, 4, "peer_late", 0);
	once = !script_flag_option(L, 4, "redial", true);
	how->sides[0].once = how->sides[1].once = once;
	how->timeout_s = script_seconds_option(L, 4, "timeout", SCRIPT_WAIT_DEFAULT_S);
	how->family = family_option(L, 4, "family");
}

/* host:tcp_punch(host, server, {from=, peer_from=, late=, peer_late=, redial=, timeout=, family=}): what came of it */
int script_tcp_punch(lua_State *L)
{
	struct lab *lab = script_lab(L);
	struct lab_tcp_punch how = { 0 };
	struct lab_tcp_end ends[2];
	char error[LAB_ERROR_SIZE] = "";
	unsigned ms = 0;
	int result;

	check_punch(L, &how);
	result = lab_tcp_punch(lab, &how, ends, &ms, error);
	if (result < 0)
		script_error(L, error);
	if (result == 0)
		script_fail_if_late(L);
	lua_createtable(L, 0, 5);
	lua_pushboolean(L, result == 1);
	lua_setfield(L, -2, "opened");
	push_end(L, &ends[0]);
	lua_setfield(L, -2, "mine");
	push_end(L, &ends[1]);
	lua_setfield(L, -2, "theirs");
	if (result == 0)
		return 1;
	lua_pushinteger(L, ms);
	lua_setfield(L, -2, "ms");
	lua_pushboolean(L, ends[0].dialed && ends[1].dialed);
	lua_setfield(L, -2, "simultaneous");
	return 1;
}

static const luaL_Reg listener_methods[] = {
	{ "accept", l_accept },
	{ "port", l_listener_port },
	{ "close", l_listener_close },
	{ "__gc", l_listener_close },
	{ NULL, NULL },
};

static const luaL_Reg connection_methods[] = {
	{ "opened", l_opened }, { "send", l_send }, { "receive", l_receive }, { "finish", l_finish },
	{ "reset", l_reset },   { "port", l_port }, { "peer", l_peer },       { "close", l_close },
	{ "__gc", l_close },    { NULL, NULL },
};

void script_open_tcp(lua_State *L)
{
	script_new_class(L, LISTENER_CLASS, listener_methods);
	script_new_class(L, CONNECTION_CLASS, connection_methods);
}
