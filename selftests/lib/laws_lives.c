// SPDX-License-Identifier: GPL-2.0
/*
 * laws - the table of lives, and how a complaint names one.
 *
 * Must not know what makes a life lawful.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "laws.h"
#include "laws_chain.h"

static unsigned long hash(uint64_t netns, uint64_t cookie, uint32_t life)
{
	uint64_t h = (cookie + life * 0x9e3779b97f4a7c15ULL) ^ netns << 40;

	/* The last steps of splitmix64: cookies are counted up. */
	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ h >> 27) * 0x94d049bb133111ebULL;
	return h ^ h >> 31;
}

/* The slot of a life, or the empty one where it would be. */
static uint32_t *slot(const struct laws_chain *chain, uint64_t netns,
		      uint64_t cookie, uint32_t life)
{
	unsigned long mask = chain->slot_count - 1;
	unsigned long i = hash(netns, cookie, life) & mask;

	for (; chain->slots[i]; i = (i + 1) & mask) {
		const struct laws_life *l = &chain->lives[chain->slots[i] - 1];

		if (l->cookie == cookie && l->life == life && l->netns == netns)
			break;
	}
	return &chain->slots[i];
}

static void grow_slots(struct laws_chain *chain)
{
	unsigned long i, count = chain->slot_count ? 2 * chain->slot_count : 64;

	free(chain->slots);
	chain->slots = calloc(count, sizeof(*chain->slots));
	if (!chain->slots)
		laws_bad_input("out of memory");
	chain->slot_count = count;
	for (i = 0; i < chain->count; i++) {
		const struct laws_life *l = &chain->lives[i];

		*slot(chain, l->netns, l->cookie, l->life) = i + 1;
	}
}

struct laws_life *laws_chain_find(const struct laws_chain *chain,
				  uint64_t netns, uint64_t cookie,
				  uint32_t life)
{
	uint32_t index = 0;

	if (chain->slot_count)
		index = *slot(chain, netns, cookie, life);
	return index ? &chain->lives[index - 1] : NULL;
}

struct laws_life *laws_chain_make(struct laws_chain *chain,
				  const struct laws_event *event)
{
	struct laws_life *life;
	uint32_t *place;

	/* At most half full. */
	if (2 * (chain->count + 1) > chain->slot_count)
		grow_slots(chain);
	place = slot(chain, event->netns, event->cookie, event->life);
	if (*place)
		return &chain->lives[*place - 1];
	chain->lives = laws_grow(chain->lives, &chain->room, chain->count + 1,
				 sizeof(*life));
	life = &chain->lives[chain->count++];
	memset(life, 0, sizeof(*life));
	life->netns = event->netns;
	life->cookie = event->cookie;
	life->life = event->life;
	*place = chain->count;
	return life;
}

void laws_chain_broken(const struct laws_chain *chain,
		       const struct laws_life *life, uint32_t seq,
		       const char *format, ...)
{
	char text[256], where[32] = "";
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (seq)
		snprintf(where, sizeof(where), "seq %u: ", seq);
	laws_broken(LAW_CHAIN, "cookie %" PRIu64 " life %u: %s%s%s%s%s",
		    life->cookie, life->life, where, text,
		    chain->name ? " (" : "", chain->name ? chain->name : "",
		    chain->name ? ")" : "");
}
