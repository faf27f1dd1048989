#include "chat/wire.h"

#include "base/cursor.h"

#include <string.h>

static const uint8_t wire_magic[4] = { 'P', '2', 'P', 'C' };

enum field {
	END,
	NONCE,
	COOKIE,
	SESSION,
	SERIAL,
	START,
	NEXT,
	ROLE,
	REASON,
	WHO,
	PEERS,
	TOKEN,
	CARD,
	EPHEMERAL,
	TO,
	FROM,
	TEXT,
	MAC,
	PASSES,
	MAPPING,
	PORT,
	SPAN,
	HOSTS,
	DATA,
	SPARE,
	PROOF,
	NAME,
	CALLED,
	EXCHANGE,
	PRESENCE,
	CROWDED,
};

#define FIELDS_MAX 9

/* The table of wire.h: both directions walk it, so that what is written can be read. */
static const struct layout {
	const char *name;
	uint8_t fields[FIELDS_MAX]; /* enum field; the rest is END */
} layouts[] = {
	[WIRE_LOGIN] = { "login", { NONCE, COOKIE, CARD, PROOF } },
	[WIRE_PING] = { "ping", { SESSION, SERIAL } },
	[WIRE_LIST] = { "list", { SESSION, SERIAL, START } },
	[WIRE_PUNCH] = { "punch", { SESSION, SERIAL, WHO } },
	[WIRE_LOGOUT] = { "logout", { SESSION } },
	[WIRE_RELAY] = { "relay", { SESSION, WHO, DATA } },
	[WIRE_WHERE] = { "where", { NONCE, SPARE } },
	[WIRE_FIND] = { "find", { SESSION, SERIAL, NAME } },
	[WIRE_SEEK] = { "seek", { SESSION, SERIAL, EXCHANGE } },
	[WIRE_CHALLENGE] = { "challenge", { NONCE, COOKIE } },
	[WIRE_WELCOME] = { "welcome", { NONCE, SESSION, WHO } },
	[WIRE_DENIED] = { "denied", { NONCE, REASON } },
	[WIRE_PONG] = { "pong", { SESSION, SERIAL } },
	[WIRE_PEERS] = { "peers", { SESSION, SERIAL, START, NEXT, PEERS } },
	[WIRE_INTRODUCE] = { "introduce", { SESSION, SERIAL, ROLE, PASSES, WHO, TOKEN, CARD } },
	[WIRE_REFUSED] = { "refused", { SESSION, SERIAL, REASON } },
	[WIRE_LOGGED_OUT] = { "logged out", { SESSION } },
	[WIRE_UNKNOWN] = { "unknown", { SESSION } },
	[WIRE_SHUTDOWN] = { "shutdown", { SESSION } },
	[WIRE_RELAYED] = { "relayed", { SESSION, WHO, DATA } },
	[WIRE_HERE] = { "here", { NONCE, WHO } },
	[WIRE_FOUND] = { "found", { SESSION, SERIAL, WHO, CALLED } },
	[WIRE_NOTICE] = { "notice", { SESSION, PRESENCE, WHO, NAME } },
	[WIRE_OTHER_VERSION] = { "other version", { END } },
	[WIRE_CROWDED] = { "crowded", { SESSION, CROWDED } },
	[WIRE_PROBE] = { "probe", { TOKEN, TO, EPHEMERAL, SERIAL, MAC } },
	[WIRE_REPLY] = { "reply", { TOKEN, TO, EPHEMERAL, SERIAL, WHO, MAC } },
	[WIRE_TEXT] = { "text", { TOKEN, TO, FROM, SERIAL, TEXT, MAC } },
	[WIRE_TEXT_ACK] = { "text ack", { TOKEN, TO, FROM, SERIAL, MAC } },
	[WIRE_BYE] = { "bye", { TOKEN, TO, FROM, SERIAL, MAC } },
	[WIRE_BYE_ACK] = { "bye ack", { TOKEN, TO, FROM, SERIAL, MAC } },
	[WIRE_OFFER] = { "offer", { TOKEN, TO, FROM, SERIAL, MAPPING, PORT, SPAN, HOSTS, MAC } },
};

#define LAYOUTS (sizeof layouts / sizeof layouts[0])

static const struct layout *layout_of(unsigned type)
{
	return type < LAYOUTS && layouts[type].name != NULL ? &layouts[type] : NULL;
}

/* A bad value is marked in *bad and reading goes on; a cut one fails the reader. */
static void read_endpoint(struct reader *r, struct endpoint *e, bool *bad)
{
	size_t size;

	e->address.family = read_u8(r);
	e->port = read_u16(r);
	size = address_size(&e->address);
	read_bytes(r, e->address.bytes, size);
	*bad |= size == 0 || e->port == 0;
}

static void write_endpoint(struct writer *w, const struct endpoint *e)
{
	size_t size = address_size(&e->address);

	if (size == 0 || e->port == 0)
		w->failed = true;
	write_u8(w, e->address.family);
	write_u16(w, e->port);
	write_bytes(w, e->address.bytes, size);
}

static void read_peer_name(struct reader *r, struct wire_message *m, size_t i, bool *bad)
{
	m->name_lens[i] = read_u8(r);
	*bad |= m->name_lens[i] > NAME_SIZE;
	m->names[i] = read_view(r, m->name_lens[i]);
}

static void write_peer_name(struct writer *w, const struct wire_message *m, size_t i)
{
	w->failed |= m->name_lens[i] > NAME_SIZE;
	write_u8(w, m->name_lens[i]);
	write_bytes(w, m->names[i], m->name_lens[i]);
}

static void read_peers(struct reader *r, struct wire_message *m, uint8_t most, bool named, bool *bad)
{
	uint8_t count = read_u8(r);

	if (count > most) {
		*bad = true;
		return;
	}
	m->peer_count = count;
	for (size_t i = 0; i < count && !*bad && !r->failed; i++) {
		read_endpoint(r, &m->peers[i], bad);
		if (named)
			read_peer_name(r, m, i, bad);
	}
}

static void write_peers(struct writer *w, const struct wire_message *m, uint8_t most, bool named)
{
	write_u8(w, m->peer_count);
	if (m->peer_count > most) {
		w->failed = true;
		return;
	}
	for (size_t i = 0; i < m->peer_count; i++) {
		write_endpoint(w, &m->peers[i]);
		if (named)
			write_peer_name(w, m, i);
	}
}

/* Length and bytes, at least one and at most `most`. */
static void read_counted(struct reader *r, const uint8_t **bytes, size_t *len, size_t most, bool *bad)
{
	*len = read_u16(r);
	*bytes = read_view(r, *len);
	*bad |= *len == 0 || *len > most;
}

static void write_counted(struct writer *w, const uint8_t *bytes, size_t len, size_t most)
{
	if (len == 0 || len > most) {
		w->failed = true;
		return;
	}
	write_u16(w, (uint16_t)len);
	write_bytes(w, bytes, len);
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; bytes != NULL && i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* Zeros to the end; what a name may be is not asked here. */
static bool is_padded(const uint8_t name[NAME_SIZE])
{
	size_t len = name_length(name);

	return is_zero(name + len, NAME_SIZE - len);
}

static void read_name(struct reader *r, uint8_t name[NAME_SIZE], bool *bad)
{
	read_bytes(r, name, NAME_SIZE);
	*bad |= !is_padded(name);
}

static void write_name(struct writer *w, const uint8_t name[NAME_SIZE])
{
	w->failed |= !is_padded(name);
	write_bytes(w, name, NAME_SIZE);
}

static void read_card(struct reader *r, struct card *card, bool *bad)
{
	read_bytes(r, card->identity, sizeof card->identity);
	read_bytes(r, card->exchange, sizeof card->exchange);
	read_bytes(r, card->signature, sizeof card->signature);
	read_name(r, card->name, bad);
}

static void write_card(struct writer *w, const struct card *card)
{
	write_bytes(w, card->identity, sizeof card->identity);
	write_bytes(w, card->exchange, sizeof card->exchange);
	write_bytes(w, card->signature, sizeof card->signature);
	write_name(w, card->name);
}

static bool is_role(uint8_t role)
{
	return role == WIRE_YOU_ASKED || role == WIRE_YOU_ARE_ASKED;
}

static bool is_presence(uint8_t presence)
{
	return presence <= WIRE_HAS_GONE;
}

static bool is_yes_or_no(uint8_t crowded)
{
	return crowded <= 1;
}

static bool is_passes(uint8_t passes)
{
	return passes <= WIRE_PASSES_ALL;
}

static bool is_mapping(uint8_t mapping)
{
	return mapping <= WIRE_MAPPING_RANDOM;
}

/* All of the span are ports. */
static bool is_span(uint16_t port, uint16_t span)
{
	return span == 0 || (port != 0 && span - 1 <= UINT16_MAX - port);
}

static bool is_reason(uint8_t reason)
{
	return reason >= WIRE_PEER_UNKNOWN && reason <= WIRE_NAME_REFUSED;
}

/* Whoever counts from 0 finds its first request taken for one that was answered already. */
static bool is_serial(enum wire_type type, uint32_t serial)
{
	return serial != 0 || type == WIRE_BYE || type == WIRE_BYE_ACK;
}

static void read_field(struct reader *r, enum field field, struct wire_message *m, bool *bad)
{
	switch (field) {
	case NONCE: read_bytes(r, m->nonce, sizeof m->nonce); break;
	case COOKIE: read_bytes(r, m->cookie, sizeof m->cookie); break;
	case SESSION: read_bytes(r, m->session, sizeof m->session); break;
	case SERIAL:
		m->serial = read_u32(r);
		*bad |= !is_serial(m->type, m->serial);
		break;
	case START: m->start = read_u32(r); break;
	case NEXT: m->next = read_u32(r); break;
	case ROLE:
		m->role = read_u8(r);
		*bad |= !is_role(m->role);
		break;
	case REASON:
		m->reason = read_u8(r);
		*bad |= !is_reason(m->reason);
		break;
	case WHO: read_endpoint(r, &m->who, bad); break;
	case PEERS: read_peers(r, m, WIRE_PEERS_MAX, true, bad); break;
	case HOSTS: read_peers(r, m, WIRE_HOSTS_MAX, false, bad); break;
	case TOKEN: read_bytes(r, m->token, sizeof m->token); break;
	case CARD: read_card(r, &m->card, bad); break;
	case EPHEMERAL:
		read_bytes(r, m->ephemeral, sizeof m->ephemeral);
		memcpy(m->from, m->ephemeral, sizeof m->from);
		break;
	case TO: read_bytes(r, m->to, sizeof m->to); break;
	case FROM: read_bytes(r, m->from, sizeof m->from); break;
	case TEXT: read_counted(r, &m->text, &m->text_len, WIRE_TEXT_MAX, bad); break;
	case DATA: read_counted(r, &m->data, &m->data_len, WIRE_DATA_MAX, bad); break;
	case MAC: read_view(r, WIRE_MAC_SIZE); break;
	case PASSES:
		m->passes = read_u8(r);
		*bad |= !is_passes(m->passes);
		break;
	case MAPPING:
		m->mapping = read_u8(r);
		*bad |= !is_mapping(m->mapping);
		break;
	case PORT: m->port = read_u16(r); break;
	case SPAN:
		m->span = read_u16(r);
		*bad |= !is_span(m->port, m->span);
		break;
	case PROOF: read_bytes(r, m->proof, sizeof m->proof); break;
	case NAME:
		read_name(r, m->name, bad);
		*bad |= m->name[0] == 0;
		break;
	case CALLED: read_name(r, m->name, bad); break;
	case EXCHANGE: read_bytes(r, m->card.exchange, sizeof m->card.exchange); break;
	case PRESENCE:
		m->presence = read_u8(r);
		*bad |= !is_presence(m->presence);
		break;
	case CROWDED:
		m->crowded = read_u8(r);
		*bad |= !is_yes_or_no(m->crowded);
		break;
	case SPARE: *bad |= !is_zero(read_view(r, WIRE_SPARE_SIZE), WIRE_SPARE_SIZE); break;
	case END: break;
	}
}

static void write_field(struct writer *w, enum field field, const struct wire_message *m)
{
	switch (field) {
	case NONCE: write_bytes(w, m->nonce, sizeof m->nonce); break;
	case COOKIE: write_bytes(w, m->cookie, sizeof m->cookie); break;
	case SESSION: write_bytes(w, m->session, sizeof m->session); break;
	case SERIAL:
		w->failed |= !is_serial(m->type, m->serial);
		write_u32(w, m->serial);
		break;
	case START: write_u32(w, m->start); break;
	case NEXT: write_u32(w, m->next); break;
	case ROLE:
		w->failed |= !is_role(m->role);
		write_u8(w, m->role);
		break;
	case REASON:
		w->failed |= !is_reason(m->reason);
		write_u8(w, m->reason);
		break;
	case WHO: write_endpoint(w, &m->who); break;
	case PEERS: write_peers(w, m, WIRE_PEERS_MAX, true); break;
	case HOSTS: write_peers(w, m, WIRE_HOSTS_MAX, false); break;
	case TOKEN: write_bytes(w, m->token, sizeof m->token); break;
	case CARD: write_card(w, &m->card); break;
	case EPHEMERAL: write_bytes(w, m->ephemeral, sizeof m->ephemeral); break;
	case TO: write_bytes(w, m->to, sizeof m->to); break;
	case FROM: write_bytes(w, m->from, sizeof m->from); break;
	case TEXT: write_counted(w, m->text, m->text_len, WIRE_TEXT_MAX); break;
	case DATA: write_counted(w, m->data, m->data_len, WIRE_DATA_MAX); break;
	case MAC: write_zeros(w, WIRE_MAC_SIZE); break;
	case PASSES:
		w->failed |= !is_passes(m->passes);
		write_u8(w, m->passes);
		break;
	case MAPPING:
		w->failed |= !is_mapping(m->mapping);
		write_u8(w, m->mapping);
		break;
	case PORT: write_u16(w, m->port); break;
	case SPAN:
		w->failed |= !is_span(m->port, m->span);
		write_u16(w, m->span);
		break;
	case PROOF: write_bytes(w, m->proof, sizeof m->proof); break;
	case NAME:
		w->failed |= m->name[0] == 0;
		write_name(w, m->name);
		break;
	case CALLED: write_name(w, m->name); break;
	case EXCHANGE: write_bytes(w, m->card.exchange, sizeof m->card.exchange); break;
	case PRESENCE:
		w->failed |= !is_presence(m->presence);
		write_u8(w, m->presence);
		break;
	case CROWDED:
		w->failed |= !is_yes_or_no(m->crowded);
		write_u8(w, m->crowded);
		break;
	case SPARE: write_zeros(w, WIRE_SPARE_SIZE); break;
	case END: break;
	}
}

enum wire_error wire_decode(const uint8_t *bytes, size_t len, struct wire_message *out)
{
	struct reader r = reader_of(bytes, len);
	const struct layout *layout;
	const uint8_t *magic;
	uint8_t version, type;
	bool bad = false;

	if (len < WIRE_HEADER_SIZE || len > WIRE_MAX_DATAGRAM)
		return WIRE_BAD_SIZE;
	magic = read_view(&r, sizeof wire_magic);
	if (magic == NULL || memcmp(magic, wire_magic, sizeof wire_magic) != 0)
		return WIRE_BAD_MAGIC;
	version = read_u8(&r);
	if (version != WIRE_VERSION)
		return WIRE_BAD_VERSION;
	type = read_u8(&r);
	layout = layout_of(type);
	if (layout == NULL)
		return WIRE_BAD_TYPE;
	if (read_u16(&r) != len - WIRE_HEADER_SIZE)
		return WIRE_BAD_LENGTH;
	memset(out, 0, sizeof *out);
	out->type = type;
	for (size_t i = 0; i < FIELDS_MAX && layout->fields[i] != END && !bad; i++)
		read_field(&r, layout->fields[i], out, &bad);
	if (r.failed)
		return WIRE_BAD_LENGTH;
	if (bad)
		return WIRE_BAD_FIELD;
	return reader_is_at_end(&r) ? WIRE_OK : WIRE_BAD_LENGTH;
}

size_t wire_encode(const struct wire_message *m, uint8_t *bytes, size_t room)
{
	struct writer w = writer_of(bytes, room < WIRE_MAX_DATAGRAM ? room : WIRE_MAX_DATAGRAM);
	const struct layout *layout = layout_of(m->type);

	if (layout == NULL)
		return 0;
	write_bytes(&w, wire_magic, sizeof wire_magic);
	write_u8(&w, WIRE_VERSION);
	write_u8(&w, (uint8_t)m->type);
	write_u16(&w, 0);
	for (size_t i = 0; i < FIELDS_MAX && layout->fields[i] != END; i++)
		write_field(&w, layout->fields[i], m);
	if (w.failed)
		return 0;
	rewrite_u16(&w, WIRE_HEADER_SIZE - 2, (uint16_t)(w.len - WIRE_HEADER_SIZE));
	return w.len;
}

size_t wire_peer_size(const struct endpoint *peer, size_t name_len)
{
	return 3 + address_size(&peer->address) + 1 + name_len;
}

unsigned wire_type_in(const uint8_t *bytes)
{
	return bytes[sizeof wire_magic + 1];
}

bool wire_is_for_server(unsigned type)
{
	return type >= WIRE_LOGIN && type < WIRE_CHALLENGE;
}

bool wire_is_between_peers(enum wire_type type)
{
	return type >= WIRE_PROBE && type <= WIRE_OFFER;
}

const char *wire_type_name(enum wire_type type)
{
	const struct layout *layout = layout_of(type);

	return layout != NULL ? layout->name : "?";
}

const char *wire_error_name(enum wire_error error)
{
	switch (error) {
	case WIRE_OK: return "ok";
	case WIRE_BAD_SIZE: return "bad size";
	case WIRE_BAD_MAGIC: return "bad magic";
	case WIRE_BAD_VERSION: return "bad version";
	case WIRE_BAD_TYPE: return "bad type";
	case WIRE_BAD_LENGTH: return "bad length";
	case WIRE_BAD_FIELD: return "bad field";
	case WIRE_ERRORS: break;
	}
	return "?";
}
