// SPDX-License-Identifier: GPL-2.0
/*
 * laws - the law of the chain, second part: each life that ended has one life
 * record, and it says what the transitions said.
 *
 * Must not know the kernel's books, nor how events are read.
 */
#include <inttypes.h>
#include <stdio.h>

#include "laws.h"
#include "laws_chain.h"
#include "laws_names.h"

/* Life records keep times exact to one part in two to the power of this. */
#define DWELL_BITS 25

void laws_chain_add_end(struct laws_chain *chain,
			const struct laws_event *event)
{
	chain->ends = laws_grow(chain->ends, &chain->end_room,
				chain->end_count + 1, sizeof(*chain->ends));
	chain->ends[chain->end_count++] = *event;
}

static bool same_time(uint64_t record, uint64_t exact)
{
	uint64_t error = record > exact ? record - exact : exact - record;

	return error <= exact >> DWELL_BITS;
}

static void check_head(const struct laws_chain *chain,
		       const struct laws_life *life,
		       const struct laws_event *end)
{
	if (end->old != life->before || end->new != life->state ||
	    end->cause != life->cause || end->carrier != life->carrier)
		laws_chain_broken(
			chain, life, 0,
			"life record ends %s to %s (%s, %s), the last transition was %s to %s (%s, %s)",
			laws_state_name(end->old), laws_state_name(end->new),
			laws_cause_name(end->cause),
			laws_carrier_name(end->carrier),
			laws_state_name(life->before),
			laws_state_name(life->state),
			laws_cause_name(life->cause),
			laws_carrier_name(life->carrier));
	if (end->mono_ns != life->mono_ns)
		laws_chain_broken(chain, life, 0,
				  "life record ends at %" PRIu64
				  ", the last transition was at %" PRIu64,
				  end->mono_ns, life->mono_ns);
	if (end->transitions && end->transitions != life->seq)
		laws_chain_broken(
			chain, life, 0,
			"life record counts %u transitions, the last one was number %u",
			end->transitions, life->seq);
}

/*
 * That of a step is the one of the transition; unless a timewait sock took over
 * in FIN_WAIT2, in which it then ends or which it leaves for TIME_WAIT.
 */
static bool carries(const struct laws_event *end, const struct laws_step *step,
		    const struct laws_step *told)
{
	if (step->state != TCPSTATE_FIN_WAIT2 || told->carrier != TCPSTATE_CARRIER_SOCK ||
	    end->carrier != TCPSTATE_CARRIER_TIMEWAIT)
		return step->carrier == told->carrier;
	return step->carrier == TCPSTATE_CARRIER_TIMEWAIT ||
	       (step->carrier == TCPSTATE_CARRIER_SOCK && end->old != TCPSTATE_FIN_WAIT2);
}

/* Step @i of the life record is transition @seq. */
static void check_step(const struct laws_chain *chain,
		       const struct laws_life *life,
		       const struct laws_event *end, unsigned int i,
		       uint32_t seq)
{
	const struct laws_step *step = &end->step[i];
	const struct laws_step *told = &life->step[seq - 1];

	if (!told->state)
		return;
	if (step->state != told->state || step->cause != told->cause ||
	    !carries(end, step, told))
		laws_chain_broken(
			chain, life, seq,
			"step %u of the life record is %s (%s, %s), the transition was to %s (%s, %s)",
			i + 1, laws_state_name(step->state),
			laws_cause_name(step->cause),
			laws_carrier_name(step->carrier),
			laws_state_name(told->state),
			laws_cause_name(told->cause),
			laws_carrier_name(told->carrier));
	if (i && !same_time(end->step[i - 1].dwell_ns, told->dwell_ns))
		laws_chain_broken(chain, life, seq,
				  "step %u of the life record took %" PRIu64
				  " ns, the transition says %" PRIu64,
				  i, end->step[i - 1].dwell_ns, told->dwell_ns);
}

/*
 * The first step of a connection that is older than the module is the state
 * in which it was found. If there were more steps than fit, the first ones are
 * there, and then the last; the time of those between may stand in the last
 * of the first ones.
 */
static void check_steps(const struct laws_chain *chain,
			const struct laws_life *life,
			const struct laws_event *end)
{
	unsigned int found = life->preexisting;
	unsigned int steps = life->seq + found, same = steps, i;
	const struct laws_step *last = &end->step[end->steps - 1];

	if (steps > end->steps && steps > LAWS_STEPS &&
	    end->steps >= LAWS_STEPS) {
		same = end->steps - 2;
	} else if (steps != end->steps) {
		laws_chain_broken(chain, life, 0,
				  "life record has %u steps, not %u",
				  end->steps, steps);
		return;
	}
	if (found &&
	    (end->step[0].cause != TCPSTATE_CAUSE_NONE ||
	     end->step[0].dwell_ns ||
	     (life->first_seq == 1 && end->step[0].state != life->first)))
		laws_chain_broken(
			chain, life, 1,
			"the life record was found in %s (%s), not in %s (none)",
			laws_state_name(end->step[0].state),
			laws_cause_name(end->step[0].cause),
			laws_state_name(life->first));
	for (i = found; i < same; i++)
		check_step(chain, life, end, i, i - found + 1);
	if (last->state != life->state || last->cause != life->cause ||
	    last->dwell_ns)
		laws_chain_broken(
			chain, life, 0,
			"the last step of the life record is %s (%s, %" PRIu64
			" ns), not %s (%s, 0 ns)",
			laws_state_name(last->state),
			laws_cause_name(last->cause), last->dwell_ns,
			laws_state_name(life->state),
			laws_cause_name(life->cause));
}

static void check_sum(const struct laws_chain *chain,
		      const struct laws_life *life,
		      const struct laws_event *end)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < end->steps; i++) {
		sum += end->step[i].dwell_ns;
		if (i && end->step[i].carrier < end->step[i - 1].carrier)
			laws_chain_broken(
				chain, life, 0,
				"carrier goes back from %s to %s in the life record",
				laws_carrier_name(end->step[i - 1].carrier),
				laws_carrier_name(end->step[i].carrier));
	}
	if (sum != end->total_ns)
		laws_chain_broken(
			chain, life, 0,
			"total_ns %" PRIu64
			", but the steps of the life record took %" PRIu64,
			end->total_ns, sum);
}

static void check_end(const struct laws_chain *chain,
		      const struct laws_event *end)
{
	bool cut = laws_options.preexisting_ok || chain->losses;
	struct laws_life *life =
		laws_chain_find(chain, end->netns, end->cookie, end->life);
	struct laws_life stranger = { .cookie = end->cookie,
				      .life = end->life };

	if (!life) {
		if (!cut)
			laws_chain_broken(chain, &stranger, 0,
					  "a life record, but no transition");
		return;
	}
	if (life->told++) {
		laws_chain_broken(chain, life, 0, "a second life record");
		return;
	}
	check_sum(chain, life, end);
	/* The transitions that could be compared may have been lost. */
	if (life->state != TCPSTATE_CLOSE && chain->losses)
		return;
	if (life->state != TCPSTATE_CLOSE || !end->steps) {
		laws_chain_broken(
			chain, life, 0,
			"a life record of %u steps, but the last transition was to %s",
			end->steps, laws_state_name(life->state));
		return;
	}
	check_head(chain, life, end);
	check_steps(chain, life, end);
}

void laws_chain_check_ends(struct laws_chain *chain)
{
	unsigned long i;

	for (i = 0; i < chain->end_count; i++)
		check_end(chain, &chain->ends[i]);
	if (chain->ends_lost) {
		laws_note(
			LAW_CHAIN,
			"life records were lost: not asked for one of each life");
		return;
	}
	for (i = 0; !laws_options.some_lives && i < chain->count; i++) {
		const struct laws_life *life = &chain->lives[i];

		if (life->state == TCPSTATE_CLOSE && !life->told)
			laws_chain_broken(chain, life, 0,
					  "ended, but there is no life record");
	}
}
