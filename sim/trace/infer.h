/*
 * A scene made of packets alone, for captures that no record stands beside: the interface behind which addresses change
 * is a NAT's, one that nearly all packets of one address pass is a host's. What the user names is as he says.
 */
#ifndef INFER_H
#define INFER_H

#include "trace/clocks.h"
#include "trace/sights.h"

#define INFER_TEXT_SIZE 400

/* What the user wrote: "bob=198.51.100.7", a host's address; "eth1=router wan", an interface's name. */
struct infer_name {
	char left[64], right[64];
};

struct infer_given {
	const struct clock_found *clocks;
	const struct source *sources; /* their names, and how their clocks stand */
	size_t source_count;
	const struct infer_name *names;
	size_t name_count;
	const struct pcapng_name *known; /* by the captures themselves */
	size_t known_count;
};

/* What is found. */
struct inferred {
	char names[SCENE_INTERFACES][64];        /* of each interface of the sights; "": none, it has no packets */
	size_t lan[SCENE_INTERFACES], lan_count; /* lans[i] and wans[i] are two sides of one box that translates, */
	size_t wan[SCENE_INTERFACES];            /* as their packets show */
	bool guessed;                            /* a side or a host is not as somebody said */
};

/* "phone wifi" is an interface of a host that the capture knows: its name's length there, 5; 0: it is not. */
size_t infer_known_host(const struct infer_given *given, const char *label);

/* Which side of what each interface is. */
void infer_names(const struct sights *s, const struct infer_given *given, struct inferred *out);

/*
 * Puts the interfaces that have packets and everybody who can be told onto an empty scene; place[i] is the scene's
 * interface of the sights' i, or -1. `text`: what was inferred, for people; "" if nothing had to be.
 */
void infer_scene(const struct sights *s, const struct infer_given *given, struct scene *out,
                 int place[SCENE_INTERFACES], char text[INFER_TEXT_SIZE]);

#endif
