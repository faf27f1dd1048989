/* UDP sockets of the lab's own on a host, for packets no program sends: a stranger's, a forged one, a fence. */
#include "script/script_internal.h"

#include "io/clock.h"
#include "base/endpoint.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_CLASS "UDP socket"

struct socket_value {
	int fd;
};

static struct socket_value *check_value(lua_State *L)
{
	return luaL_checkudata(L, 1, SOCKET_CLASS);
}

static int check_fd(lua_State *L)
{
	int fd = check_value(L)->fd;

	luaL_argcheck(L, fd >= 0, 1, "the socket is closed");
	return fd;
}

static struct endpoint check_endpoint(lua_State *L, int index)
{
	struct endpoint e;

	if (endpoint_parse(luaL_checkstring(L, index), &e) != 0)
		luaL_argerror(L, index, "\"address:port\" expected");
	return e;
}

static void bind_to(lua_State *L, int fd, const struct endpoint *e)
{
	struct sockaddr_storage sa;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(e, &sa);
	char text[ENDPOINT_TEXT_SIZE];

	if (bind(fd, (struct sockaddr *)&sa, len) != 0)
		luaL_error(L, "%s: %s", endpoint_format(e, text), strerror(errno));
}

/* host:udp(port or 0, address): a socket bound there */
int script_udp(lua_State *L)
{
	struct lab *lab = script_lab(L);
	int node = script_check_node(L, 1);
	lua_Integer port = luaL_optinteger(L, 2, 0);
	struct endpoint e = endpoint_ipv4(0, (uint16_t)port);
	char error[LAB_ERROR_SIZE] = "";
	struct socket_value *v;

	luaL_argcheck(L, port >= 0 && port <= 65535, 2, "a port is 0 to 65535");
	if (!lua_isnoneornil(L, 3) && endpoint_parse_address(luaL_checkstring(L, 3), e.port, &e) != 0)
		return luaL_argerror(L, 3, "an address expected");
	if (lab_ready(lab, error) != 0)
		script_error(L, error);
	v = lua_newuserdatauv(L, sizeof *v, 0);
	v->fd = world_socket(lab_world(lab), node, AF_INET, SOCK_DGRAM, 0);
	luaL_setmetatable(L, SOCKET_CLASS);
	if (v->fd < 0)
		return luaL_error(L, "socket: %s", strerror(errno));
	bind_to(L, v->fd, &e);
	return 1;
}

/* The option `checksum` of the table at `index`; true if it is not there. */
static bool wants_checksum(lua_State *L, int index)
{
	bool wanted = true;

	if (lua_isnoneornil(L, index))
		return true;
	luaL_checktype(L, index, LUA_TTABLE);
	if (lua_getfield(L, index, "checksum") != LUA_TNIL)
		wanted = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return wanted;
}

/* socket:send("address:port", text, {checksum=false}) */
static int l_send(lua_State *L)
{
	int fd = check_fd(L);
	struct endpoint e = check_endpoint(L, 2);
	size_t len;
	const char *text = luaL_checklstring(L, 3, &len);
	struct sockaddr_storage sa;
	socklen_t sa_len = (socklen_t)endpoint_to_sockaddr(&e, &sa);
	int no_check = !wants_checksum(L, 4);

	if (setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &no_check, sizeof no_check) != 0)
		return luaL_error(L, "SO_NO_CHECK: %s", strerror(errno));
	if (sendto(fd, text, len, 0, (struct sockaddr *)&sa, sa_len) != (ssize_t)len)
		return luaL_error(L, "send to %s: %s", lua_tostring(L, 2), strerror(errno));
	return 0;
}

/* True when there is something to read; programs go on while it waits. */
static bool wait_readable(struct lab *lab, int fd, uint64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, 1) == 0)
		if (lab_is_late(lab) || clock_now_ms() >= deadline)
			return false;
	return true;
}

/* socket:receive(timeout): text, "address:port"; or nil */
static int l_receive(lua_State *L)
{
	int fd = check_fd(L);
	char bytes[65536], text[ENDPOINT_TEXT_SIZE];
	struct sockaddr_storage sa;
	socklen_t sa_len = sizeof sa;
	struct endpoint from = { 0 };
	ssize_t len = -1;

	if (wait_readable(script_lab(L), fd, script_check_deadline(L, 2)))
		len = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&sa, &sa_len);
	if (len < 0 || endpoint_from_sockaddr(&sa, &from) != 0) {
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
	struct sockaddr_storage sa;
	socklen_t len = sizeof sa;
	struct endpoint e = { 0 };

	if (getsockname(check_fd(L), (struct sockaddr *)&sa, &len) != 0 || endpoint_from_sockaddr(&sa, &e) != 0)
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
