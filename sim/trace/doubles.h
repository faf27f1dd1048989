/*
 * Frames that one interface shows twice: a mirror port (SPAN) copies a frame where it comes in and where it goes out, a
 * capture on all interfaces sees it at a bridge and at its port. For captures without a record. Pure.
 *
 * A link doubles a packet now and then, such a port every eighth at least; and a program may send the same twice in a
 * breath: only IPv4's identification and TCP's sequence tell for certain that it did not. So an interface is judged by
 * all that it shows, in a first reading.
 */
#ifndef DOUBLES_H
#define DOUBLES_H

#include "trace/packet.h"
#include "trace/scene.h"

#define DOUBLES_FRAMES 1024u /* remembered; a power of two */
#define DOUBLES_APART_NS UINT64_C(1000000)

struct doubles {
	struct doubles_frame {
		uint64_t hash, time_ns;
	} frames[DOUBLES_FRAMES];
	struct doubles_interface {
		uint64_t packets, certain; /* of them were there already, for certain */
	} interfaces[SCENE_INTERFACES];
	bool judged; /* by a first reading: nothing more is learned */
};

/* The first reading is over: the next one goes by what it told of the interfaces. */
void doubles_judge(struct doubles *d);

/* True for a frame of an interface that doubles frames, which was there already, byte for byte. */
bool doubles_is_one(struct doubles *d, const struct pcapng_packet *raw, const struct packet *p);

#endif
