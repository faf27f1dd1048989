/* What a scenario does with the links of its lab. As in lab.h, errors are one line in `error`. */
#ifndef LAB_LINK_H
#define LAB_LINK_H

#include "cable/cable.h"
#include "lab/lab.h"

/*
 * Gives a link weather, "lte" or "delay=40ms,loss=1%" (model/weather.h): what it is made with, or from now on once the
 * world stands, where it was made with any. Returns 0 or -1, as all of these.
 */
int lab_link_set(struct lab *l, struct cable_link link, const char *weather, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* What a link is like as it is made: its own weather, or what all links to the internet are given. */
struct weather lab_link_weather(const struct lab *l, struct cable_link link);

/* What follows does and notes nothing where the link is so already. Everything is lost from now on, or no longer. */
int lab_link_blackhole(struct lab *l, struct cable_link link, bool on, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

enum lab_link_down {
	/* As if its plug were pulled: no carrier at either end, what is under way is lost. */
	LAB_LINK_UNPLUGGED,
	/*
	 * The interface of whoever's link it is is set down, as an administrator does: its routes are gone, who sends
	 * is told so, and what comes for it is lost.
	 */
	LAB_LINK_DISABLED
};

/* Takes it down that way; or, with `off` false, what that way did is undone: with its routes, where it had such. */
int lab_link_turn(struct lab *l, struct cable_link link, enum lab_link_down how, bool off, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* What is to become of certain packets (cable.h); and all such rules of the link forgotten. */
int lab_link_add_rule(struct lab *l, struct cable_link link, const struct cable_rule *rule, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));
int lab_link_clear_rules(struct lab *l, struct cable_link link, char error[LAB_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
