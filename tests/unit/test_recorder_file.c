/* The recorder's file and the counting of its packets, without a recorder. */
#include "observe/recorder_file.h"
#include "evidence/capture_sort.h"
#include "observe/packet_counter.h"
#include "evidence/pcapng_reader.h"
#include "suite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

static struct topology topology;
static struct topology_interface interfaces[TOPOLOGY_INTERFACES];
static size_t interface_count;
static char path[] = "/tmp/test_recorder_file_XXXXXX";

/* Two homes with the same private addresses, and a server. */
static void make_topology(void)
{
	char error[NAT_ERROR_SIZE];
	struct nat nat;
	int a, b;

	memset(&topology, 0, sizeof topology);
	CU_ASSERT_EQUAL_FATAL(nat_parse("symmetric", &nat, error), 0);
	a = topology_add_box(&topology, "nat-a", TOPOLOGY_INTERNET, &nat, "192.168.1.0/24", error);
	b = topology_add_box(&topology, "nat-b", TOPOLOGY_INTERNET, &nat, "192.168.1.0/24", error);
	CU_ASSERT_TRUE(topology_add_host(&topology, "server", TOPOLOGY_INTERNET, 2, error) >= 0);
	CU_ASSERT_TRUE(topology_add_host(&topology, "alice", a, 1, error) >= 0);
	CU_ASSERT_TRUE(topology_add_host(&topology, "bob", b, 1, error) >= 0);
	interface_count = topology_interfaces(&topology, interfaces, TOPOLOGY_INTERFACES);
}

static void open_file(struct recorder_file *f)
{
	int fd;

	make_topology();
	memcpy(path + sizeof path - 7, "XXXXXX", sizeof "XXXXXX");
	fd = mkstemp(path);
	CU_ASSERT_TRUE_FATAL(fd >= 0);
	close(fd);
	CU_ASSERT_EQUAL_FATAL(recorder_file_open(f, path, &topology, interfaces, interface_count), 0);
}

/* An Ethernet frame with a UDP datagram from port 1000 to `port`. */
static void write_datagram(struct recorder_file *f, uint32_t interface, uint64_t time_ns, uint8_t port)
{
	const uint8_t frame[] = { 2, 0, 0,  0, 0, 1,  2, 0, 0, 0,  0, 2, 8, 0,    0x45, 0, 0,    28, 0, 0, 0,
		                  0, 9, 17, 0, 0, 10, 0, 1, 2, 10, 0, 2, 2, 0x03, 0xe8, 0, port, 0,  8, 0, 0 };
	struct pcapng_packet p = {
		.interface = interface,
		.time_ns = time_ns,
		.bytes = frame,
		.captured = sizeof frame,
		.length = sizeof frame,
	};

	CU_ASSERT_EQUAL(recorder_file_write(f, &p), 0);
}

static const char *name_of(const struct pcapng_reader *r, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t address[] = { a, b, c, d };
	const struct pcapng_name *n;

	for (size_t i = 0; (n = pcapng_reader_name(r, i)) != NULL; i++)
		if (n->address.family == ADDRESS_IPV4 && memcmp(n->address.bytes, address, 4) == 0)
			return n->name;
	return "";
}

static void says_who_is_who(void)
{
	struct recorder_file f;
	char error[PCAPNG_READER_ERROR_SIZE];
	struct pcapng_reader *r;
	struct pcapng_packet p;
	bool found = false;

	open_file(&f);
	CU_ASSERT_EQUAL(recorder_file_write_statistics(&f, 0, 5), 0);
	CU_ASSERT_EQUAL(recorder_file_close(&f), 0);
	r = pcapng_reader_open(path, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT_EQUAL(pcapng_reader_next(r, &p), 0);
	CU_ASSERT_EQUAL(pcapng_reader_interface_count(r), interface_count);
	for (size_t i = 0; i < interface_count; i++) {
		const struct pcapng_interface *n = pcapng_reader_interface(r, i);

		if (strcmp(n->name, "nat-a wan") == 0) {
			found = true;
			CU_ASSERT_STRING_EQUAL(n->description, "33.33.33.1, NAT symmetric");
		}
	}
	CU_ASSERT_TRUE(found);
	CU_ASSERT_STRING_EQUAL(name_of(r, 33, 33, 33, 2), "nat-b");
	CU_ASSERT_STRING_EQUAL(name_of(r, 22, 22, 22, 1), "server");
	CU_ASSERT_STRING_EQUAL(name_of(r, 22, 22, 22, 2), "server");
	CU_ASSERT_STRING_EQUAL(name_of(r, 192, 168, 1, 1), ""); /* two have it */
	CU_ASSERT_STRING_EQUAL(name_of(r, 192, 168, 1, 2), "");
	CU_ASSERT_STRING_EQUAL(name_of(r, 11, 11, 11, 1), "internet");
	pcapng_reader_close(r);
	unlink(path);
}

static void counts_what_is_there_so_far(void)
{
	struct recorder_file f;
	struct packet_counter *c;
	char error[PACKET_COUNTER_ERROR_SIZE];
	uint64_t before;

	open_file(&f);
	c = packet_counter_new(path);
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, NULL, NULL, 0, error), 0);
	write_datagram(&f, 0, 10, 53);
	write_datagram(&f, 1, 20, 53);
	CU_ASSERT_EQUAL(recorder_file_flush(&f), 0);
	before = f.size;
	write_datagram(&f, 1, 30, 54);
	CU_ASSERT_EQUAL(recorder_file_flush(&f), 0);
	CU_ASSERT_EQUAL(packet_counter_count(c, before, NULL, NULL, 0, error), 2);
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, NULL, NULL, 0, error), 3);
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, NULL, "", 0, error), 3);
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, NULL, "udp dst port 53", 0, error), 2);
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, NULL, "tcp", 0, error), 0);
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, "nat-a wan", NULL, 0, error), 2);
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, "nat-a wan", "udp dst port 53", 20, error), 1);
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, "nat-a wan", "udp dst port 53", 21, error), 0);
	for (int i = 0; i < 40; i++) { /* more questions than are remembered */
		char filter[32];

		snprintf(filter, sizeof filter, "dst port %d", 40 + i);
		CU_ASSERT_EQUAL(packet_counter_count(c, f.size, NULL, filter, 0, error), i == 13 ? 2 : i == 14 ? 1 : 0);
	}
	write_datagram(&f, 0, 40, 53);
	CU_ASSERT_EQUAL(recorder_file_flush(&f), 0);
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, NULL, "udp dst port 53", 0, error), 3);
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, "nat-z wan", NULL, 0, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "no interface \"nat-z wan\"; there are: nat-a lan, nat-a wan, "));
	CU_ASSERT_EQUAL(packet_counter_count(c, f.size, NULL, "udp prt 3", 0, error), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(error, "bad filter \"udp prt 3\": "));
	packet_counter_free(c);
	CU_ASSERT_EQUAL(recorder_file_close(&f), 0);
	unlink(path);
}

static void late_packets_are_put_in_order(void)
{
	static const uint64_t times[] = { 50, 20, 20, 70, 10, 60 };
	struct recorder_file f;
	struct pcapng_reader *r;
	struct pcapng_packet p;
	char error[PCAPNG_READER_ERROR_SIZE];
	uint64_t last = 0;
	size_t count = 0;

	open_file(&f);
	for (uint8_t i = 0; i < 6; i++)
		write_datagram(&f, i % 2, times[i], i);
	CU_ASSERT_EQUAL(f.late, 4);
	CU_ASSERT_EQUAL(f.written[0], 3);
	CU_ASSERT_EQUAL(recorder_file_write_statistics(&f, 0, 7), 0);
	CU_ASSERT_EQUAL(recorder_file_close(&f), 0);
	CU_ASSERT_EQUAL(capture_sort(path), 0);
	r = pcapng_reader_open(path, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	for (; pcapng_reader_next(r, &p) == 1; count++) {
		CU_ASSERT_TRUE(p.time_ns >= last);
		if (count == 1)
			CU_ASSERT_EQUAL(p.bytes[37], 1); /* of the two of time 20 the one written first */
		last = p.time_ns;
	}
	CU_ASSERT_EQUAL(count, 6);
	CU_ASSERT_STRING_EQUAL(pcapng_reader_error(r), "");
	CU_ASSERT_EQUAL(pcapng_reader_interface(r, 0)->received, 10);
	CU_ASSERT_EQUAL(pcapng_reader_interface(r, 0)->dropped, 7);
	pcapng_reader_close(r);
	CU_ASSERT_EQUAL(truncate(path, 0), 0);
	CU_ASSERT_EQUAL(capture_sort(path), -1);
	CU_ASSERT_EQUAL(errno, ENODATA);
	unlink(path);
	CU_ASSERT_EQUAL(capture_sort(path), -1);
	CU_ASSERT_EQUAL(errno, ENOENT);
}

/* Whoever compares its size with what was written sees that something is missing: what follows leaves no hole. */
static void a_file_that_is_emptied_stays_shorter(void)
{
	struct recorder_file f;
	struct stat there;

	open_file(&f);
	write_datagram(&f, 0, 10, 1);
	CU_ASSERT_EQUAL(recorder_file_flush(&f), 0);
	CU_ASSERT_EQUAL(truncate(path, 0), 0);
	write_datagram(&f, 0, 20, 2);
	CU_ASSERT_EQUAL(recorder_file_close(&f), 0);
	CU_ASSERT_EQUAL(stat(path, &there), 0);
	CU_ASSERT_TRUE(there.st_size > 0 && (uint64_t)there.st_size < f.size);
	unlink(path);
}

/* A file-size limit stands in for a full disk: it too cuts a write short and refuses the next. */
static void a_full_disk_leaves_a_whole_file(void)
{
	struct rlimit limit, before;
	struct recorder_file f;
	struct pcapng_reader *r;
	struct pcapng_packet p;
	char error[PCAPNG_READER_ERROR_SIZE];
	int status;

	open_file(&f);
	write_datagram(&f, 0, 10, 53);
	CU_ASSERT_EQUAL(recorder_file_flush(&f), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = f.size + 100;
	setrlimit(RLIMIT_FSIZE, &limit);
	for (uint8_t i = 0; i < 10; i++)
		write_datagram(&f, 1, 20, i);
	CU_ASSERT_EQUAL(recorder_file_flush(&f), -1);
	CU_ASSERT_EQUAL(errno, EFBIG);
	CU_ASSERT_EQUAL(f.error, EFBIG);
	CU_ASSERT_EQUAL(recorder_file_write_statistics(&f, 0, 5), -1);
	CU_ASSERT_EQUAL(recorder_file_close(&f), -1);
	CU_ASSERT_EQUAL(errno, EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_DFL);
	r = pcapng_reader_open(path, error);
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT_EQUAL(pcapng_reader_next(r, &p), 1);
	while ((status = pcapng_reader_next(r, &p)) == 1)
		continue;
	CU_ASSERT_EQUAL(status, 0);
	pcapng_reader_close(r);
	unlink(path);
}

static void a_file_that_cannot_be_made(void)
{
	struct recorder_file f;

	make_topology();
	CU_ASSERT_EQUAL(recorder_file_open(&f, "/nonexistent/x.pcapng", &topology, interfaces, interface_count), -1);
	CU_ASSERT_EQUAL(errno, ENOENT);
	CU_ASSERT_EQUAL(recorder_file_open(&f, "/dev/full", &topology, interfaces, interface_count), -1);
	CU_ASSERT_EQUAL(errno, ENOSPC);
}

SUITE(recorder_file, TEST(says_who_is_who), TEST(counts_what_is_there_so_far), TEST(late_packets_are_put_in_order),
      TEST(a_full_disk_leaves_a_whole_file), TEST(a_file_that_is_emptied_stays_shorter),
      TEST(a_file_that_cannot_be_made))
