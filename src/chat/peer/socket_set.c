#include "chat/peer/socket_set.h"

#include <stddef.h>

uint16_t socket_set_take(struct socket_set *s, const void *owner)
{
	for (uint16_t tried = 0; tried < SOCKET_SET_MAX; tried++) {
		s->last = (uint16_t)(s->last % SOCKET_SET_MAX + 1);
		if (s->list[s->last].owner != NULL)
			continue;
		s->list[s->last].owner = owner;
		s->list[s->last].port = 0;
		s->end = s->last >= s->end ? (uint16_t)(s->last + 1) : s->end;
		return s->last;
	}
	return 0;
}

void socket_set_hand_over(struct socket_set *s, uint16_t number, const void *owner)
{
	if (socket_set_wants(s, number))
		s->list[number].owner = owner;
}

void socket_set_release(struct socket_set *s, const void *owner, uint16_t keep)
{
	for (uint16_t i = 1; i < s->end; i++)
		if (s->list[i].owner == owner && i != keep)
			s->list[i].owner = NULL;
}

bool socket_set_wants(const struct socket_set *s, uint16_t number)
{
	return number >= 1 && number <= SOCKET_SET_MAX && s->list[number].owner != NULL;
}

uint16_t socket_set_port(const struct socket_set *s, uint16_t number)
{
	return socket_set_wants(s, number) ? s->list[number].port : 0;
}

void socket_set_opened(struct socket_set *s, uint16_t number, uint16_t port)
{
	if (!socket_set_wants(s, number))
		return;
	s->list[number].port = port;
	if (port == 0)
		s->list[number].owner = NULL;
}
