#include "concluded.h"

#include "nat_type/conclusion_spec.h"

const char *spec_of(const struct conclusion *v)
{
	static char spec[NAT_TEXT_SIZE];
	char error[NAT_ERROR_SIZE];

	return conclusion_spec(v, spec, error);
}

bool knows(const struct conclusion *v, enum nat_key key, unsigned value)
{
	return conclusion_knows(v, key) && nat_value(&v->nat, key) == value;
}
