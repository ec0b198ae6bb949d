// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - the library's names, ready to be copied. See word.h.
 */
#include "word.h"

#include "emit.h"

struct words word_states = { .name = tcpstate_state_name };
struct words word_kinds = { .name = tcpstate_kind_name };
struct words word_causes = { .name = tcpstate_cause_name };
struct words word_carriers = { .name = tcpstate_carrier_name };
struct words word_flags = { .name = tcpstate_flag_name };

void word_learn(struct words *words, uint8_t number)
{
	struct word *word = &words->word[number];
	const char *name = words->name(number);

	if (name)
		word->len = strnlen(name, WORD_MAX);
	else
		word->len = emit_u64(word->text, number) - word->text;
	if (name)
		memcpy(word->text, name, word->len);
}
