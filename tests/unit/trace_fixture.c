#include "trace_fixture.h"

#include "base/cursor.h"
#include "beyond.h"

#include <stdio.h>
#include <stdlib.h>

static void add_node(struct scene *s, enum node_kind kind, const char *name, const char *behind, const char *address)
{
	int node = scene_add_node(s, kind, name, behind != NULL ? scene_find(s, behind) : SCENE_INTERNET);
	struct endpoint e;

	if (endpoint_parse_address(address, 0, &e) == 0)
		scene_add_address(s, node, &e);
}

static void add_lan(struct scene *s, const char *box, uint32_t network)
{
	struct scene_node *n = &s->nodes[scene_find(s, box)];

	n->lan = subnet_ipv4(network, 24);
}

static void keep(void *context, const struct journey *j)
{
	struct fixture *f = context;

	if (f->count < FIXTURE_JOURNEYS)
		f->journeys[f->count++] = *j;
}

struct fixture *fixture_new(void)
{
	static const char *const names[] = { "alice eth0", "carol eth0", "nat-a lan", "nat-a wan",
		                             "nat-b wan",  "nat-b lan",  "bob eth0",  "server eth0" };
	struct fixture *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->scene.from_record = true;
	add_node(&f->scene, NODE_BOX, "nat-a", NULL, "203.0.113.10");
	add_node(&f->scene, NODE_BOX, "nat-b", NULL, "203.0.113.20");
	add_node(&f->scene, NODE_HOST, "alice", "nat-a", "10.0.1.2");
	add_node(&f->scene, NODE_HOST, "carol", "nat-a", "10.0.1.3");
	add_node(&f->scene, NODE_HOST, "bob", "nat-b", "10.0.2.2");
	add_node(&f->scene, NODE_HOST, "server", NULL, "203.0.113.5");
	add_lan(&f->scene, "nat-a", 0x0a000100);
	add_lan(&f->scene, "nat-b", 0x0a000200);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		scene_add_interface(&f->scene, names[i], 1);
	scene_connect(&f->scene);
	beyond_scene(&f->scene);
	f->now_ns = UINT64_C(1700000000000000000);
	f->join = join_new(&f->scene, keep, f);
	return f;
}

void fixture_free(struct fixture *f)
{
	join_free(f->join);
	free(f);
}

size_t fixture_ip(const struct frame *frame, uint8_t *bytes)
{
	struct writer w = writer_of(bytes, FIXTURE_FRAME - 14);
	const char *payload = frame->payload != NULL ? frame->payload : "x";
	size_t len = frame->bytes != NULL ? frame->bytes_len : strlen(payload) + 8;
	struct endpoint src, dst;

	if (endpoint_parse(frame->src, &src) != 0 || endpoint_parse(frame->dst, &dst) != 0)
		abort();
	write_u8(&w, 0x45);
	write_u8(&w, 0);
	write_u16(&w, (uint16_t)(20 + len));
	write_u16(&w, (uint16_t)frame->id);
	write_u16(&w, (uint16_t)(frame->fragment / 8 | (frame->more ? 0x2000u : 0) | (frame->dont_cut ? 0x4000u : 0)));
	write_u8(&w, (uint8_t)(frame->ttl != 0 ? frame->ttl : 64));
	write_u8(&w, (uint8_t)(frame->protocol != 0 ? frame->protocol : PACKET_UDP));
	write_u16(&w, 0); /* checksum: nobody looks */
	write_bytes(&w, src.address.bytes, 4);
	write_bytes(&w, dst.address.bytes, 4);
	if (frame->bytes != NULL) {
		write_bytes(&w, frame->bytes, frame->bytes_len);
	} else {
		write_u16(&w, src.port);
		write_u16(&w, dst.port);
		write_u16(&w, (uint16_t)len);
		write_u16(&w, (uint16_t)(src.port ^ dst.port)); /* a checksum that a translation changes */
		write_bytes(&w, (const uint8_t *)payload, strlen(payload));
	}
	return w.len;
}

size_t fixture_frame(const struct frame *frame, uint8_t bytes[FIXTURE_FRAME])
{
	static const uint8_t ethernet[14] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00 };

	memcpy(bytes, ethernet, sizeof ethernet);
	return sizeof ethernet + fixture_ip(frame, bytes + sizeof ethernet);
}

void fixture_see(struct fixture *f, const char *interface, char direction, uint64_t after_us, struct frame frame)
{
	uint8_t bytes[FIXTURE_FRAME];
	size_t len = fixture_frame(&frame, bytes);
	struct packet p;
	unsigned i = 0;

	while (i < f->scene.interface_count && strcmp(f->scene.interfaces[i].name, interface) != 0)
		i++;
	if (i == f->scene.interface_count)
		abort();
	f->now_ns += after_us * 1000;
	packet_parse(1, bytes, (uint32_t)len, (uint32_t)len, &p);
	f->last = join_packet(f->join, i, f->now_ns,
	                      direction == '>'   ? PCAPNG_OUTBOUND
	                      : direction == '<' ? PCAPNG_INBOUND
	                                         : PCAPNG_DIRECTION_UNKNOWN,
	                      &p);
}

void fixture_goes_out(struct fixture *f, const char *dst, const char *as, uint64_t after_us)
{
	struct frame inside = { .src = FIXTURE_ALICE, .dst = dst, .payload = "out" };

	fixture_see(f, "alice eth0", '>', after_us, inside);
	fixture_see(f, "nat-a lan", '<', 1, inside);
	fixture_see(f, "nat-a wan", '>', 1, (struct frame){ .src = as, .dst = dst, .payload = "out", .ttl = 63 });
}

void fixture_ends_in_lan(struct fixture *f, const char *dst, unsigned ttl)
{
	fixture_see(f, "alice eth0", '>', 10, (struct frame){ .src = FIXTURE_ALICE, .dst = dst, .ttl = ttl });
	fixture_see(f, "nat-a lan", '<', 1, (struct frame){ .src = FIXTURE_ALICE, .dst = dst, .ttl = ttl });
}

void fixture_end(struct fixture *f)
{
	join_finish(f->join, false);
}
