#include "chat/peer/peer_login.h"

#include "chat/peer/peer_paths.h"

/* The login is done: what waited for it begins. */
static void start_clocks(struct peer *p, uint64_t now_us)
{
	listing_start_clock(&p->listing, now_us);
	lookup_start_clock(&p->lookup, now_us);
	peer_paths_start_clocks(p, now_us);
}

/* Nobody can be asked any more. */
static void fail_requests(struct peer *p, uint64_t now_us)
{
	listing_fail(&p->listing, &p->fx, REASON_NOT_LOGGED_IN);
	lookup_fail(&p->lookup, REASON_NOT_LOGGED_IN);
	lookup_fail(&p->search, REASON_NOT_LOGGED_IN);
	peer_paths_fail_requests(p, now_us);
}

/*
 * The server sees us elsewhere than at the login before: our NAT has forgotten us, or we have moved, and no path needs
 * to work any more. Each is shown again; one that is lost is punched from here.
 */
static void doubt_paths(struct peer *p, uint64_t now_us)
{
	bool moved = p->seen.address.family != ADDRESS_NONE && !endpoint_equal(&p->seen, &p->login.you);

	p->seen = p->login.you;
	if (moved)
		peer_paths_doubt(p, now_us);
}

void peer_login_follow(struct peer *p, enum login_state before, uint64_t now_us)
{
	if (p->login.state == before)
		return;
	if (p->login.state == LOGIN_IN) {
		start_clocks(p, now_us);
		doubt_paths(p, now_us);
	}
	if (p->login.state == LOGIN_OUT)
		fail_requests(p, now_us);
}

void peer_login(struct peer *p, const char *name, uint64_t now_us)
{
	if (p->login.state == LOGIN_IN)
		login_tell(&p->login, &p->fx);
	else if (p->login.state == LOGIN_OUT || p->login.automatic)
		login_enter(&p->login, &p->fx, name, now_us);
}

void peer_logout(struct peer *p, uint64_t now_us)
{
	fail_requests(p, now_us);
	peer_paths_close(p, now_us);
	login_leave(&p->login, &p->fx, now_us);
}

bool peer_is_leaving(const struct peer *p)
{
	bool closing = p->login.state == LOGIN_LEAVING;

	for (size_t i = 0; i < p->paths.end && !closing; i++)
		closing = p->paths.list[i].state == PATH_CLOSING;
	return closing;
}

bool peer_is_in(const struct peer *p)
{
	bool in = p->login.state != LOGIN_OUT;

	for (size_t i = 0; i < p->paths.end && !in; i++)
		in = p->paths.list[i].state == PATH_OPEN || p->paths.list[i].state == PATH_CLOSING;
	return in;
}
