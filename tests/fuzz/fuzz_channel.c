/*
 * Two ends of a path that send each other texts of any serials, in any order, some of them changed on the way: a text
 * that was not changed, and is not older than what the other end has read, is read as it was written; none that was
 * changed is read; and none makes an end go on unless it was read.
 *
 * The input is a sequence of records: a byte that says which way, whether it is changed and lost, a serial of four
 * bytes, a byte of length, and the text.
 */
#include "chat/peer/text_keys.h"
#include "chat/seal.h"

#include <stdlib.h>
#include <string.h>

enum { RECORD = 6, BACK = 1, CHANGED = 2, LOST = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Whether it is read; `text` becomes it. */
static bool arrives(struct text_keys *to, const uint8_t *bytes, size_t len, uint8_t text[WIRE_TEXT_MAX])
{
	uint8_t before[sizeof *to];
	struct wire_message m;
	bool read;

	if (wire_decode(bytes, len, &m) != WIRE_OK || m.type != WIRE_TEXT)
		return false;
	memcpy(before, to, sizeof before);
	read = text_keys_read(to, &m, bytes, len, text);
	must(read || memcmp(before, (const uint8_t *)to, sizeof before) == 0);
	return read;
}

static void pass(struct text_keys *from, struct text_keys *to, const uint8_t *record, size_t len)
{
	struct wire_message m = { .type = WIRE_TEXT, .text = record + RECORD, .text_len = len };
	uint8_t bytes[WIRE_MAX_DATAGRAM], text[WIRE_TEXT_MAX];
	size_t size;
	bool is_late, read;

	for (unsigned i = 1; i <= 4; i++)
		m.serial = m.serial << 8 | record[i];
	size = wire_encode(&m, bytes, sizeof bytes);
	if (size == 0)
		return; /* a serial or a text that cannot be */
	is_late = m.serial / SECRETS_BLOCK < from->sending.block || m.serial / SECRETS_BLOCK < to->receiving.block;
	seal_text(text_keys_to_send(from, m.serial), m.serial, bytes, size);
	if ((record[0] & LOST) != 0)
		return;
	if ((record[0] & CHANGED) != 0)
		bytes[(record[0] >> 3) * size / 32] ^= (uint8_t)(1u << record[1] % 8);
	read = arrives(to, bytes, size, text);
	must((record[0] & CHANGED) == 0 || !read);
	must(read || is_late || (record[0] & CHANGED) != 0);
	must(!read || memcmp(text, record + RECORD, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t path_key[SECRETS_KEY_SIZE] = { 1 }, a_secret[CARD_SECRET_SIZE] = { 16 },
			     b_secret[CARD_SECRET_SIZE] = { 24 };
	static uint8_t a_public[CARD_KEY_SIZE], b_public[CARD_KEY_SIZE];
	static struct text_keys a_fresh, b_fresh;
	struct text_keys a, b;

	if (!a_fresh.agreed) {
		secrets_public(a_secret, a_public);
		secrets_public(b_secret, b_public);
		text_keys_agree(&a_fresh, path_key, a_secret, a_public, b_public);
		text_keys_agree(&b_fresh, path_key, b_secret, b_public, a_public);
	}
	a = a_fresh;
	b = b_fresh;
	for (size_t at = 0; at + RECORD <= size;) {
		size_t len = data[at + 5] < size - at - RECORD ? data[at + 5] : size - at - RECORD;
		bool back = (data[at] & BACK) != 0;

		pass(back ? &b : &a, back ? &a : &b, data + at, len);
		at += RECORD + len;
	}
	return 0;
}
