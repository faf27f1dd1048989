/*
 * Frames from a capture: taken apart, joined, described, told as a journey. Input: pieces of a byte for the link type
 * and the interface, two for the length, and the frame.
 */
#include "trace/describe.h"
#include "trace/join.h"
#include "trace/describe_json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t link_types[] = { 1, 0, 9, 101, 113, 51, 276, 7 };

static void tell(void *context, const struct journey *j)
{
	char what[DESCRIBE_SIZE];

	describe_journey(context, j, what);
	for (const char *c = what; *c != '\0'; c++)
		if (*c < 0x20 || *c > 0x7e) /* nothing from a packet may reach a terminal as it is */
			abort();
	json_decref(journey_to_json(context, j, 0));
}

static struct scene *make_scene(void)
{
	static const char *const names[] = { "alice eth0", "nat-a lan", "nat-a wan", "bob eth0", "odd" };
	struct scene *s = calloc(1, sizeof *s);
	struct endpoint inside = endpoint_ipv4(0x0a000102, 0), outside = endpoint_ipv4(0xcb007101, 0);
	int box;

	if (s == NULL)
		abort();
	box = scene_add_node(s, NODE_BOX, "nat-a", SCENE_INTERNET);
	scene_add_address(s, box, &outside);
	s->nodes[box].lan = subnet_ipv4(0x0a000100, 24);
	scene_add_address(s, scene_add_node(s, NODE_HOST, "alice", box), &inside);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		scene_add_interface(s, names[i], 1);
	scene_connect(s);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Made once: every input ends its journeys, and the join goes on with an empty house. */
	static struct scene *s;
	static struct join *join;
	static uint64_t packets, time_ns;

	s = s != NULL ? s : make_scene();
	join = join != NULL ? join : join_new(s, tell, s);
	if (join == NULL)
		abort();
	while (size >= 3) {
		uint16_t link_type = link_types[data[0] & 7];
		unsigned interface = (data[0] >> 3) % (unsigned)s->interface_count;
		size_t len = (size_t)(data[1] << 8 | data[2]);
		struct packet p;

		data += 3;
		size -= 3;
		len = len < size ? len : size;
		packet_parse(link_type, data, (uint32_t)len, (uint32_t)len, &p);
		join_packet(join, interface, time_ns += 1000, (enum pcapng_direction)(data[-3] >> 6) % 3, &p);
		packets++;
		data += len;
		size -= len;
	}
	join_finish(join, true);
	if (join_packets(join) != packets)
		abort();
	return 0;
}
