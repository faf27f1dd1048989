/* A cause in a few words: cause_format(). */
#include "trace/cause.h"

#include <stdio.h>

static const char *name_of(const struct scene *s, int node)
{
	return node >= 0 ? s->nodes[node].name : "somebody";
}

/* The words a cause is told with. */
struct words {
	const char *node;
	char src[SCENE_ENDPOINT_SIZE], dst[SCENE_ENDPOINT_SIZE];
	char external[SCENE_ENDPOINT_SIZE], remote[SCENE_ENDPOINT_SIZE]; /* of the mapping */
	unsigned port;                                                   /* that it came to */
};

static void find_words(const struct scene *s, const struct mappings *m, const struct cause *c, struct words *w)
{
	*w = (struct words){ .node = name_of(s, c->node), .port = c->dst.port };
	scene_format(s, &c->src, w->src);
	scene_format(s, &c->dst, w->dst);
	if (c->mapping < 0)
		return;
	scene_format(s, &m->list[c->mapping].external, w->external);
	scene_format(s, &m->list[c->mapping].remote, w->remote);
}

int cause_inside_owner(const struct scene *s, const struct cause *c)
{
	int owner = address_scope(&c->dst.address) == ADDRESS_PRIVATE ? scene_owner(s, &c->dst) : -1;

	return owner >= 0 && (s->nodes[owner].kind == NODE_BOX || s->nodes[owner].behind >= 0) ? owner : -1;
}

static void format_no_route(const struct scene *s, const struct cause *c, const struct words *w,
                            char text[CAUSE_TEXT_SIZE])
{
	if (!c->beyond)
		snprintf(text, CAUSE_TEXT_SIZE, "%s has no way to %s", w->node, w->dst);
	else if (cause_inside_owner(s, c) >= 0)
		snprintf(text, CAUSE_TEXT_SIZE, "%s is an inside address, no way leads there from outside", w->dst);
	else
		snprintf(text, CAUSE_TEXT_SIZE, "nobody has the address %s", w->dst);
}

static void format_too_big(const struct cause *c, const struct words *w, char text[CAUSE_TEXT_SIZE])
{
	int len =
	    snprintf(text, CAUSE_TEXT_SIZE, "%s: too big for %s link", w->node, c->beyond ? "a later" : "the next");

	if (c->path_mtu != 0)
		snprintf(text + len, CAUSE_TEXT_SIZE - (size_t)len, ", %u bytes fit", (unsigned)c->path_mtu);
}

const char *cause_format(const struct scene *s, const struct mappings *m, const struct cause *c,
                         char text[CAUSE_TEXT_SIZE])
{
	struct words w;
	const size_t room = CAUSE_TEXT_SIZE;

	find_words(s, m, c, &w);
	text[0] = '\0';
	switch (c->kind) {
	case CAUSE_NONE:
	case CAUSES: break;
	case CAUSE_SWALLOWED:
		snprintf(text, room, "%s took it for itself: its INPUT chain accepts strangers", w.node);
		break;
	case CAUSE_MAPPED_ELSEWHERE:
		snprintf(text, room, "%s: the way for %s is %s, not :%u", w.node, w.src, w.external, w.port);
		break;
	case CAUSE_TOO_EARLY:
		snprintf(text, room, "%s: too early, :%u was opened for %s after that", w.node, w.port, w.src);
		break;
	case CAUSE_FILTERED_PORT:
	case CAUSE_FILTERED_ADDRESS:
		snprintf(text, room, "%s: :%u is open for %s, not for %s", w.node, w.port, w.remote, w.src);
		break;
	case CAUSE_EXPIRED:
		snprintf(text, room, "%s: the mapping :%u for %s had timed out", w.node, w.port, w.remote);
		break;
	case CAUSE_DELETED:
		snprintf(text, room, "%s had forgotten the mapping :%u for %s", w.node, w.port, w.remote);
		break;
	case CAUSE_NO_MAPPING:
		snprintf(text, room,
		         c->protocol == PACKET_TCP ? "%s: no connection from inside has :%u"
		                                   : "%s: nobody behind it uses :%u",
		         w.node, w.port);
		break;
	case CAUSE_RULE_IN:
		snprintf(text, room, "%s: :%u is open for %s; a rule dropped it, or the box lost it", w.node, w.port,
		         w.src);
		break;
	case CAUSE_FRAGMENT:
		snprintf(text, room, "%s: a fragment, dropped with the datagram it is part of", w.node);
		break;
	case CAUSE_NO_HAIRPIN:
		snprintf(text, room, "%s does not hairpin: %s is its own outer address", w.node, w.dst);
		break;
	case CAUSE_BLOCKED: snprintf(text, room, "%s lets nothing of this protocol out", w.node); break;
	case CAUSE_RULE_OUT:
		snprintf(text, room, "%s: a rule dropped it on its way out, or the box lost it", w.node);
		break;
	case CAUSE_TTL:
		snprintf(text, room, "%s: its hop limit (TTL) ran out%s", w.node, c->beyond ? " beyond it" : "");
		break;
	case CAUSE_TOO_BIG: format_too_big(c, &w, text); break;
	case CAUSE_REFUSED: snprintf(text, room, "%s refused it (ICMP)", w.node); break;
	case CAUSE_NOT_FOR_HOST: snprintf(text, room, "%s does not have the address %s", w.node, w.dst); break;
	case CAUSE_NO_ROUTE: format_no_route(s, c, &w, text); break;
	case CAUSE_LOST_ON_WIRE: snprintf(text, room, "left %s and did not arrive", w.node); break;
	}
	return text;
}
