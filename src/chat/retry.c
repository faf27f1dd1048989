#include "chat/retry.h"

#define FIRST_WAIT_US 250000u
#define LONGEST_WAIT_US 1000000u

void retry_start(struct retry *r, uint64_t now_us)
{
	r->wait_us = FIRST_WAIT_US;
	r->next_us = now_us + r->wait_us;
}

void retry_at_once(struct retry *r, uint64_t now_us)
{
	r->wait_us = FIRST_WAIT_US / 2; /* doubled when it is due */
	r->next_us = now_us;
}

bool retry_due(struct retry *r, uint64_t now_us)
{
	if (now_us < r->next_us)
		return false;
	r->wait_us = r->wait_us * 2 < LONGEST_WAIT_US ? r->wait_us * 2 : LONGEST_WAIT_US;
	r->next_us = now_us + r->wait_us;
	return true;
}

uint64_t retry_earlier(uint64_t a_us, uint64_t b_us)
{
	return a_us < b_us ? a_us : b_us;
}
