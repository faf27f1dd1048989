#include "evidence/pcapng.h"
#include "evidence/pcapng_reader.h"
#include "suite.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define T0 UINT64_C(1700000000123456789)

static const uint8_t frame[] = { 0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0x00, 0x45, 0, 'x', 'y', 'z' };

static const struct pcapng_packet samples[] = {
	{ .interface = 0, .time_ns = T0, .bytes = frame, .captured = 19, .length = 19 },
	{ .interface = 1,
	  .time_ns = T0 + 1,
	  .bytes = frame,
	  .captured = 18,
	  .length = 1400,
	  .direction = PCAPNG_INBOUND },
	{ .interface = 1,
	  .time_ns = T0 + 999,
	  .bytes = frame,
	  .captured = 17,
	  .length = 17,
	  .packet_id = 7,
	  .direction = PCAPNG_OUTBOUND,
	  .comment = "dropped by nat-a: no mapping" },
	{ .interface = 0,
	  .time_ns = T0 + UINT64_C(4000000000),
	  .bytes = frame,
	  .captured = 0,
	  .length = 0,
	  .comment = "empty" },
	{ .interface = 0,
	  .time_ns = T0 + UINT64_C(4000000001),
	  .bytes = frame,
	  .captured = 16,
	  .length = 16,
	  .packet_id = UINT64_MAX },
};
#define SAMPLES (sizeof samples / sizeof samples[0])

/* A whole file in memory, as the recorder writes one. The caller frees. */
static uint8_t *write_sample(size_t *len)
{
	char *bytes = NULL;
	FILE *f = open_memstream(&bytes, len);
	struct address nat_a = address_ipv4(0xcb00710a), alice = address_ipv4(0x0a000102);
	int status;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	status = pcapng_write_section(f, "test");
	status |= pcapng_write_interface(f, "alice eth0", "alice 10.0.1.2", 1, 65535);
	status |= pcapng_write_interface(f, "nat-a wan", NULL, 1, 65535);
	status |= pcapng_write_name(f, &nat_a, "nat-a");
	status |= pcapng_write_name(f, &alice, "alice");
	for (size_t i = 0; i < SAMPLES; i++)
		status |= pcapng_write_packet(f, &samples[i]);
	status |= pcapng_write_statistics(f, 1, T0 + UINT64_C(5000000000), 2, 0);
	CU_ASSERT_EQUAL(status, 0);
	fclose(f);
	return (uint8_t *)bytes;
}

static void assert_same(const struct pcapng_packet *a, const struct pcapng_packet *b)
{
	CU_ASSERT_EQUAL(a->interface, b->interface);
	CU_ASSERT_EQUAL(a->time_ns, b->time_ns);
	CU_ASSERT_EQUAL(a->length, b->length);
	CU_ASSERT_EQUAL(a->direction, b->direction);
	CU_ASSERT_EQUAL(a->packet_id, b->packet_id);
	CU_ASSERT_EQUAL_FATAL(a->captured, b->captured);
	CU_ASSERT_TRUE(a->bytes != NULL && memcmp(a->bytes, b->bytes, b->captured) == 0);
	CU_ASSERT_EQUAL_FATAL(a->comment == NULL, b->comment == NULL);
	if (a->comment != NULL && b->comment != NULL)
		CU_ASSERT_STRING_EQUAL(a->comment, b->comment);
}

static void our_reader_gives_it_all_back(void)
{
	size_t len;
	uint8_t *bytes = write_sample(&len);
	struct pcapng_reader *r = pcapng_reader_open_memory(bytes, len);
	const struct pcapng_interface *wan;
	struct pcapng_packet p;

	for (size_t i = 0; i < SAMPLES; i++) {
		CU_ASSERT_EQUAL_FATAL(pcapng_reader_next(r, &p), 1);
		assert_same(&p, &samples[i]);
	}
	CU_ASSERT_EQUAL(pcapng_reader_next(r, &p), 0);
	CU_ASSERT_EQUAL(pcapng_reader_next(r, &p), 0);
	CU_ASSERT_FALSE(pcapng_reader_is_plain(r));
	CU_ASSERT_EQUAL_FATAL(pcapng_reader_interface_count(r), 2);
	CU_ASSERT_STRING_EQUAL(pcapng_reader_interface(r, 0)->name, "alice eth0");
	CU_ASSERT_STRING_EQUAL(pcapng_reader_interface(r, 0)->description, "alice 10.0.1.2");
	CU_ASSERT_FALSE(pcapng_reader_interface(r, 0)->has_statistics);
	wan = pcapng_reader_interface(r, 1);
	CU_ASSERT_STRING_EQUAL(wan->name, "nat-a wan");
	CU_ASSERT_STRING_EQUAL(wan->description, "");
	CU_ASSERT_EQUAL(wan->link_type, 1);
	CU_ASSERT_EQUAL(wan->snap_length, 65535);
	CU_ASSERT_TRUE(wan->has_statistics && wan->received == 2 && wan->dropped == 0);
	CU_ASSERT_EQUAL(wan->counted_ns, T0 + UINT64_C(5000000000));
	CU_ASSERT_EQUAL(pcapng_reader_interface(r, 0)->counted_ns, 0);
	CU_ASSERT_PTR_NULL(pcapng_reader_interface(r, 2));
	CU_ASSERT_EQUAL_FATAL(pcapng_reader_name_count(r), 2);
	CU_ASSERT_STRING_EQUAL(pcapng_reader_name(r, 1)->name, "alice");
	CU_ASSERT_EQUAL(memcmp(pcapng_reader_name(r, 1)->address.bytes, "\x0a\x00\x01\x02", 4), 0);
	pcapng_reader_close(r);
	free(bytes);
}

static void libpcap_reads_it(void)
{
	char error[PCAP_ERRBUF_SIZE];
	size_t len, i = 0;
	uint8_t *bytes = write_sample(&len);
	FILE *f = fmemopen(bytes, len, "rb");
	struct pcap_pkthdr *h;
	const u_char *data;
	pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(f, PCAP_TSTAMP_PRECISION_NANO, error);

	CU_ASSERT_PTR_NOT_NULL_FATAL(pcap);
	CU_ASSERT_EQUAL(pcap_datalink(pcap), DLT_EN10MB);
	for (; pcap_next_ex(pcap, &h, &data) == 1 && i < SAMPLES; i++) {
		CU_ASSERT_EQUAL(h->caplen, samples[i].captured);
		CU_ASSERT_EQUAL(h->len, samples[i].length);
		/* with nanosecond precision tv_usec holds nanoseconds */
		CU_ASSERT_EQUAL((uint64_t)h->ts.tv_sec * 1000000000 + (uint64_t)h->ts.tv_usec, samples[i].time_ns);
		CU_ASSERT_EQUAL(memcmp(data, samples[i].bytes, samples[i].captured), 0);
	}
	CU_ASSERT_EQUAL(i, SAMPLES);
	CU_ASSERT_STRING_EQUAL(pcap_geterr(pcap), "");
	pcap_close(pcap);
	free(bytes);
}

/* Ends after some packets in all ways a file can: whole blocks are a file, everything else is damage. */
static void every_truncation_is_noticed(void)
{
	size_t len;
	uint8_t *bytes = write_sample(&len);
	unsigned whole = 0;

	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *part = malloc(cut > 0 ? cut : 1); /* exact, so that ASan sees a read past the end */
		struct pcapng_reader *r;
		struct pcapng_packet p;
		int status;

		memcpy(part, bytes, cut);
		r = pcapng_reader_open_memory(part, cut);
		do
			status = pcapng_reader_next(r, &p);
		while (status == 1);
		whole += status == 0;
		if (status != 0) {
			CU_ASSERT_EQUAL(status, -1);
			CU_ASSERT_NOT_EQUAL(pcapng_reader_error(r)[0], '\0');
			CU_ASSERT_EQUAL(pcapng_reader_next(r, &p), -1);
		}
		pcapng_reader_close(r);
		free(part);
	}
	CU_ASSERT_EQUAL(whole,
	                10); /* the ends of all blocks but the last: 1 section, 2 interfaces, 2 names, 5 packets */
	free(bytes);
}

/* No single wrong byte may crash the reader or make it run on for ever. */
static void every_wrong_byte_is_survived(void)
{
	size_t len;
	uint8_t *bytes = write_sample(&len);

	for (size_t i = 0; i < len * 3; i++) {
		static const uint8_t changes[] = { 0xff, 0x80, 0x01 };
		struct pcapng_reader *r;
		struct pcapng_packet p;
		size_t packets = 0;
		unsigned sum = 0;

		bytes[i / 3] ^= changes[i % 3];
		r = pcapng_reader_open_memory(bytes, len);
		while (pcapng_reader_next(r, &p) == 1) {
			for (size_t j = 0; j < p.captured; j++)
				sum += p.bytes[j];
			packets++;
		}
		CU_ASSERT_TRUE(packets <= SAMPLES && sum < UINT32_MAX);
		pcapng_reader_close(r);
		bytes[i / 3] ^= changes[i % 3];
	}
	free(bytes);
}

static void a_growing_file_is_followed(void)
{
	size_t len;
	uint8_t *bytes = write_sample(&len);
	char path[] = "/tmp/test_pcapng_XXXXXX";
	char error[PCAPNG_READER_ERROR_SIZE];
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "wb");
	struct pcapng_reader *r = pcapng_reader_open(path, error);
	struct pcapng_packet p;
	size_t packets = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	pcapng_reader_follow(r, 0);
	CU_ASSERT_EQUAL(pcapng_reader_next(r, &p), 0);
	for (size_t i = 0; i < len; i++) {
		CU_ASSERT_EQUAL(fwrite(bytes + i, 1, 1, f), 1);
		fflush(f);
		pcapng_reader_follow(r, i); /* one byte is there that may not be looked at yet */
		int status = pcapng_reader_next(r, &p);

		CU_ASSERT_NOT_EQUAL_FATAL(status, -1);
		if (status == 1)
			assert_same(&p, &samples[packets++]);
	}
	CU_ASSERT_EQUAL(packets, SAMPLES);
	pcapng_reader_close(r);
	fclose(f);
	unlink(path);
	free(bytes);
}

static void what_has_no_room_is_refused(void)
{
	static char comment[70000];
	struct pcapng_packet p = samples[0];
	struct address nobody = address_ipv4(1);
	FILE *full = fopen("/dev/full", "wb");
	FILE *null = fopen("/dev/null", "wb");

	memset(comment, 'x', sizeof comment - 1);
	p.comment = comment;
	errno = 0;
	CU_ASSERT_EQUAL(pcapng_write_packet(null, &p), -1);
	CU_ASSERT_EQUAL(errno, EMSGSIZE);
	p = samples[0];
	p.captured = PCAPNG_PACKET_MAX + 1;
	CU_ASSERT_EQUAL(pcapng_write_packet(null, &p), -1);
	CU_ASSERT_EQUAL(pcapng_write_interface(null, comment, NULL, 1, 0), -1);
	CU_ASSERT_EQUAL(pcapng_write_name(null, &nobody, comment), -1);
	fclose(null);

	CU_ASSERT_PTR_NOT_NULL_FATAL(full);
	setvbuf(full, NULL, _IONBF, 0);
	CU_ASSERT_EQUAL(pcapng_write_section(full, "test"), -1);
	CU_ASSERT_EQUAL(errno, ENOSPC);
	CU_ASSERT_EQUAL(pcapng_write_packet(full, &samples[0]), -1);
	CU_ASSERT_EQUAL(errno, ENOSPC);
	fclose(full);
}

SUITE(pcapng, TEST(our_reader_gives_it_all_back), TEST(libpcap_reads_it), TEST(every_truncation_is_noticed),
      TEST(every_wrong_byte_is_survived), TEST(a_growing_file_is_followed), TEST(what_has_no_room_is_refused))
