/* The lab's own UDP sockets (lab_socket.h) as Lua sees them. */
#include "script/script_arguments.h"
#include "script/script_internal.h"

#include "lab/lab_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_CLASS "UDP socket"

struct socket_value {
	int fd;
};

static struct socket_value *check_value(lua_State *L)
{
	return script_check_object(L, 1, SOCKET_CLASS);
}

static int check_fd(lua_State *L)
{
	int fd = check_value(L)->fd;

	script_check_argument(L, fd >= 0, 1, "the socket is closed");
	return fd;
}

struct endpoint script_check_endpoint(lua_State *L, int index)
{
	struct endpoint e;

	if (endpoint_parse(script_check_bytes(L, index, NULL), &e) != 0)
		script_argument_error(L, index, "\"address:port\" expected");
	return e;
}

struct endpoint script_check_local(lua_State *L, int index)
{
	lua_Integer port = script_opt_whole(L, index, 0);
	struct endpoint e = { .port = (uint16_t)port };

	script_check_argument(L, port >= 0 && port <= 65535, index, "a port is 0 to 65535");
	if (!lua_isnoneornil(L, index + 1) &&
	    endpoint_parse_address(script_check_bytes(L, index + 1, NULL), e.port, &e) != 0)
		script_argument_error(L, index + 1, "an address expected");
	return e;
}

/* host:udp(port or 0, address): a socket bound there */
int script_udp(lua_State *L)
{
	struct lab *lab = script_lab(L);
	int node = script_check_place(L, 1);
	struct endpoint e = script_check_local(L, 2);
	char error[LAB_ERROR_SIZE] = "";
	struct socket_value *v = lua_newuserdatauv(L, sizeof *v, 0);

	if (e.address.family == ADDRESS_NONE)
		e.address = address_ipv4(0);
	v->fd = lab_socket_open(lab, node, SOCK_DGRAM, &e, error);
	luaL_setmetatable(L, SOCKET_CLASS);
	if (v->fd < 0)
		script_error(L, error);
	return 1;
}

/* What is at `index`, which may be missing. */
static struct lab_sending check_sending(lua_State *L, int index)
{
	static const char *const known[] = { "checksum", "ttl", "df", NULL };
	struct lab_sending how = { 0 };

	script_check_options(L, index, "socket:send()", known, 0);
	how.no_checksum = !script_flag_option(L, index, "checksum", true);
	how.ttl = script_whole_option(L, index, "ttl", 0, 1, 255);
	if (script_push_option(L, index, "df") != LUA_TNIL)
		how.df = script_flag_option(L, index, "df", false) ? LAB_DF_SET : LAB_DF_CLEAR;
	lua_pop(L, 1);
	return how;
}

/* socket:send("address:port", text, {checksum=false, ttl=3, df=true}) */
static int l_send(lua_State *L)
{
	int fd = check_fd(L);
	struct endpoint e = script_check_endpoint(L, 2);
	size_t len;
	const char *text = script_check_bytes(L, 3, &len);
	struct lab_sending how = check_sending(L, 4);
	char error[LAB_ERROR_SIZE];

	if (lab_socket_send(script_lab(L), fd, &e, text, len, &how, error) != 0)
		script_error(L, error);
	return 0;
}

/* socket:receive(timeout): text, "address:port"; or nil */
static int l_receive(lua_State *L)
{
	int fd = check_fd(L);
	char bytes[LAB_DATAGRAM_MOST], text[ENDPOINT_TEXT_SIZE];
	struct endpoint from = { 0 };
	ssize_t len = lab_socket_receive(script_lab(L), fd, bytes, sizeof bytes, &from, script_check_deadline(L, 2));

	if (len < 0) {
		script_fail_if_late(L);
		lua_pushnil(L);
		return 1;
	}
	lua_pushlstring(L, bytes, (size_t)len);
	lua_pushstring(L, endpoint_format(&from, text));
	return 2;
}

/* socket:port(): the local one */
static int l_port(lua_State *L)
{
	struct endpoint e = { 0 };

	if (lab_socket_local(check_fd(L), &e) != 0)
		return luaL_error(L, "the socket has no address");
	lua_pushinteger(L, e.port);
	return 1;
}

static int l_close(lua_State *L)
{
	struct socket_value *v = check_value(L);

	if (v->fd >= 0)
		close(v->fd);
	v->fd = -1;
	return 0;
}

static const luaL_Reg methods[] = {
	{ "send", l_send },   { "receive", l_receive }, { "port", l_port },
	{ "close", l_close }, { "__gc", l_close },      { NULL, NULL },
};

void script_open_socket(lua_State *L)
{
	script_new_class(L, SOCKET_CLASS, methods);
}
