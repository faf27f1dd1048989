#include "chat/retry.h"

#define QUICK_US 250000u
#define QUICK_TRIES 8u /* 2 s */
#define STEADY_US 500000u
#define STEADY_TRIES 24u /* 10 s, with the quick ones */
#define SLOW_US 1000000u

static uint64_t wait_after(uint32_t tries)
{
	if (tries <= QUICK_TRIES)
		return QUICK_US;
	return tries <= STEADY_TRIES ? STEADY_US : SLOW_US;
}

static void sent(struct retry *r, uint64_t now_us)
{
	r->tries += r->tries < UINT32_MAX;
	r->next_us = now_us + wait_after(r->tries);
}

void retry_start(struct retry *r, uint64_t now_us)
{
	r->tries = 0;
	sent(r, now_us);
}

void retry_at_once(struct retry *r, uint64_t now_us)
{
	r->tries = 0;
	r->next_us = now_us;
}

bool retry_due(struct retry *r, uint64_t now_us)
{
	if (now_us < r->next_us)
		return false;
	sent(r, now_us);
	return true;
}

uint64_t retry_earlier(uint64_t a_us, uint64_t b_us)
{
	return a_us < b_us ? a_us : b_us;
}
