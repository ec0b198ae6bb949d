// SPDX-License-Identifier: GPL-2.0
/*
 * tcpstate-tail - lines for programs: one JSON object a line (NDJSON).
 *
 * This file owns the keys, which are stable: they are only ever added to. Every
 * line has the common keys; what is not there is null. It must not know about
 * columns.
 *
 * Why by hand and not by a library: there is nothing but one flat object of
 * known keys, and this is the hot path of the tool (see emit.h). What a library
 * would keep us from getting wrong is the escaping of strings; that is one
 * function, emit_json_string(), and tested byte by byte.
 */
#include "format.h"

#include "emit.h"
#include "lifeline.h"

static char *null(char *p)
{
	return EMIT_LIT(p, "null");
}

/* @key comes with comma, quotes and colon. */
static char *number(char *p, const char *key, uint64_t n)
{
	return emit_u64(emit_str(p, key), n);
}

static char *number_if(char *p, bool there, const char *key, uint64_t n)
{
	p = emit_str(p, key);
	return there ? emit_u64(p, n) : null(p);
}

/* A name of ours, which needs no escaping; a number that has none is a string. */
static char *name(char *p, const char *key, const char *text, unsigned int n)
{
	p = emit_char(emit_str(p, key), '"');
	p = text ? emit_str(p, text) : emit_u64(p, n);
	return emit_char(p, '"');
}

static char *state(char *p, const char *key, unsigned int n)
{
	if (!n)
		return null(emit_str(p, key));
	return name(p, key, tcpstate_state_name(n), n);
}

static char *cause(char *p, const char *key, unsigned int n)
{
	return name(p, key, tcpstate_cause_name(n), n);
}

static char *carrier(char *p, const char *key, unsigned int n)
{
	return name(p, key, tcpstate_carrier_name(n), n);
}

static char *boolean(char *p, const char *key, bool b)
{
	return emit_str(emit_str(p, key), b ? "true" : "false");
}

#define TEXT_SECOND "2026-01-31T12:00:00."

/* UTC with nanoseconds (RFC 3339); the text of a second is made once. */
static char *wall_clock(struct format *f, uint64_t mono_ns, char *p)
{
	int64_t ns = mono_ns + (uint64_t)f->real_offset;
	int64_t second = ns / 1000000000;
	char *text = f->cached_text;

	if (ns < 0)
		return null(p);
	if (second != f->cached_second || !*text) {
		text = emit_char(emit_date(text, second), 'T');
		emit_char(emit_clock(text, second), '.');
		f->cached_second = second;
	}

	memcpy(emit_char(p, '"'), f->cached_text, strlen(TEXT_SECOND));
	p += 1 + strlen(TEXT_SECOND);
	p = emit_places(p, ns % 1000000000, 9);
	return EMIT_LIT(p, "Z\"");
}

static char *address(char *p, const char *key, unsigned int family,
		     const uint8_t *addr)
{
	p = emit_str(p, key);
	if (!family)
		return null(p);
	return emit_char(emit_addr(emit_char(p, '"'), family, addr), '"');
}

/* Flags that other keys do not already tell by being null or not. */
static char *flag_list(char *p, unsigned int flags)
{
	unsigned int rest = flags & ~(TCPS_F_OWNER | TCPS_F_ACTOR |
				      TCPS_F_TRACKED | TCPS_F_DWELL);
	const char *key = "";
	unsigned int bit;

	p = EMIT_LIT(p, ",\"flags\":[");
	for (bit = 0; rest >> bit; bit++) {
		if (!(rest >> bit & 1))
			continue;
		p = name(p, key, tcpstate_flag_name(bit), bit);
		key = ",";
	}
	return emit_char(p, ']');
}

static char *segment(const struct tcps_event *e, char *p)
{
	static const char *const names[] = { "fin", "syn", "rst", "psh",
					     "ack", "urg", "ece", "cwr" };
	const char *key = "";
	unsigned int i;

	p = EMIT_LIT(p, ",\"tcp_flags\":[");
	for (i = 0; i < 8; i++) {
		if (!(e->segment.tcp_flags >> i & 1))
			continue;
		p = name(p, key, names[i], i);
		key = ",";
	}
	p = emit_char(p, ']');
	p = number(p, ",\"tcp_seq\":", e->segment.seq);
	p = number(p, ",\"tcp_ack\":", e->segment.ack);
	p = number(p, ",\"window\":", e->segment.window);
	p = number(p, ",\"len\":", e->segment.len);
	p = number_if(p, e->segment.has_mss, ",\"mss\":", e->segment.mss);
	p = number_if(p, e->segment.has_wscale,
		      ",\"wscale\":", e->segment.wscale);
	p = boolean(p, ",\"sack_perm\":", e->segment.has_sack_perm);
	p = number_if(p, e->segment.has_timestamp,
		      ",\"tsval\":", e->segment.tsval);
	return number_if(p, e->segment.has_timestamp,
			 ",\"tsecr\":", e->segment.tsecr);
}

static char *lost(const struct tcps_event *e, char *p)
{
	static const char *const lanes[] = { NULL, "main", "rare", NULL,
					     "lives" };
	bool disabled = e->flags & TCPS_F_DISABLED;
	bool scoped = e->flags & TCPS_F_SCOPED;
	uint32_t lane = e->lost.lane;

	p = number_if(p, !scoped && !disabled, ",\"count\":", e->lost.count);
	p = number_if(p, disabled, ",\"off_ns\":", e->lost.off_ns);
	p = number_if(p, !scoped && !disabled, ",\"cpu\":", e->lost.cpu);
	if (!lane)
		return EMIT_LIT(p, ",\"lane\":null");
	return name(p, ",\"lane\":", lane < 5 ? lanes[lane] : NULL, lane);
}

static char *step(struct format *f, const struct tcps_event *e,
		  const struct lifeline *l, unsigned int i, char *p)
{
	const struct tcps_step *s = &e->life_end.step[i];
	bool found = i == 0 && l->found;

	p = state(p, i ? ",{\"state\":" : "{\"state\":", s->state);
	p = cause(p, ",\"cause\":", s->cause);
	p = carrier(p, ",\"carrier\":", s->carrier);
	p = EMIT_LIT(p, ",\"time\":");
	p = found ? null(p) : wall_clock(f, l->start_ns + l->at_ns[i], p);
	p = number_if(p, !found, ",\"dwell_ns\":", s->dwell_ns);
	return emit_char(p, '}');
}

static char *life(struct format *f, const struct tcps_event *e, char *p)
{
	struct lifeline l;
	unsigned int i;

	lifeline_of(e, &l);
	p = number(p, ",\"total_ns\":", e->life_end.total_ns);
	p = number_if(p, e->life_end.srtt_us,
		      ",\"srtt_us\":", e->life_end.srtt_us);
	p = EMIT_LIT(p, ",\"first_closer\":");
	if (e->life_end.first_closer == 1)
		p = EMIT_LIT(p, "\"local\"");
	else if (e->life_end.first_closer == 2)
		p = EMIT_LIT(p, "\"remote\"");
	else
		p = null(p);
	p = number(p, ",\"bytes_in\":", e->life_end.bytes_in);
	p = number(p, ",\"bytes_out\":", e->life_end.bytes_out);
	p = number(p, ",\"segs_in\":", e->life_end.segs_in);
	p = number(p, ",\"segs_out\":", e->life_end.segs_out);
	p = number(p, ",\"retrans\":", e->life_end.retrans);
	p = number(p, ",\"transitions\":", e->life_end.transitions);
	p = EMIT_LIT(p, ",\"steps\":[");
	for (i = 0; i < e->life_end.nr_steps; i++)
		p = step(f, e, &l, i, p);
	return emit_char(p, ']');
}

/* Keys that only this kind of event has; a transition has none. */
static char *payload(struct format *f, const struct tcps_event *e, char *p)
{
	uint32_t stands_for;

	switch (e->kind) {
	case TCPS_EVENT_LIFE:
		return life(f, e, p);
	case TCPS_EVENT_SEGMENT:
		return segment(e, p);
	case TCPS_EVENT_LOST:
		return lost(e, p);
	case TCPS_EVENT_SYN_DROP:
	case TCPS_EVENT_ACCEPT_DROP:
	case TCPS_EVENT_COOKIE:
		p = number(p, ",\"synq\":", e->refusal.synq);
		p = number(p, ",\"synq_max\":", e->refusal.synq_max);
		p = number(p, ",\"acceptq\":", e->refusal.acceptq);
		p = number(p, ",\"acceptq_max\":", e->refusal.acceptq_max);
		p = number(p, ",\"backlog\":", e->refusal.backlog);
		stands_for = e->refusal.stands_for;
		break;
	case TCPS_EVENT_SYN_RETRANSMIT:
	case TCPS_EVENT_SYNACK_RETRANSMIT:
		p = number(p, ",\"attempt\":", e->retransmit.attempt);
		stands_for = e->retransmit.stands_for;
		break;
	case TCPS_EVENT_TW_OVERFLOW:
		p = number(p, ",\"count\":", e->tw.count);
		p = number(p, ",\"max\":", e->tw.max);
		stands_for = e->tw.stands_for;
		break;
	case TCPS_EVENT_PORTS_EXHAUSTED:
		p = number(p, ",\"low\":", e->ports.low);
		p = number(p, ",\"high\":", e->ports.high);
		p = number(p, ",\"error\":", e->ports.error);
		stands_for = e->ports.stands_for;
		break;
	case TCPS_EVENT_RESET:
		p = number_if(p, e->reset.reason,
			      ",\"reason\":", e->reset.reason - 1);
		p = number(p, ",\"tcp_seq\":", e->reset.seq);
		p = number(p, ",\"tcp_ack\":", e->reset.ack);
		stands_for = e->reset.stands_for;
		break;
	case TCPS_EVENT_MEMORY_PRESSURE:
		p = number(p, ",\"pages\":", e->memory.pages);
		p = number(p, ",\"mark\":", e->memory.mark);
		stands_for = e->memory.stands_for;
		break;
	default:
		return p;
	}
	return number(p, ",\"stands_for\":", stands_for);
}

/* With -w what the common keys do not have. */
static char *extra(const struct tcps_event *e, char *p)
{
	uint64_t cgroup = 0;

	if (e->kind == TCPS_EVENT_STATE)
		cgroup = e->state.cgroup;
	else if (e->kind == TCPS_EVENT_LIFE)
		cgroup = e->life_end.cgroup;

	p = number_if(p, cgroup, ",\"cgroup\":", cgroup);
	p = number_if(p, e->ifindex, ",\"ifindex\":", e->ifindex);
	return number_if(p, e->netns_gen, ",\"netns_gen\":", e->netns_gen);
}

char *format_json(struct format *f, const struct tcps_event *e, char *p)
{
	bool is_state = e->kind == TCPS_EVENT_STATE;
	bool tracked = e->flags & TCPS_F_TRACKED;
	bool owner = e->flags & TCPS_F_OWNER;

	p = number(p, "{\"seq\":", e->seq);
	p = wall_clock(f, e->mono_ns, EMIT_LIT(p, ",\"time\":"));
	p = number(p, ",\"mono_ns\":", e->mono_ns);
	p = name(p, ",\"event\":", tcpstate_kind_name(e->kind), e->kind);
	p = number_if(p, e->cookie, ",\"cookie\":", e->cookie);
	p = number_if(p, tracked, ",\"life\":", e->life);
	p = number_if(p, is_state && tracked,
		      ",\"life_seq\":", e->state.life_seq);
	p = number_if(p, e->netns, ",\"netns\":", e->netns);
	p = number_if(p, e->family, ",\"family\":", e->family);
	p = address(p, ",\"laddr\":", e->family, e->laddr);
	p = number_if(p, e->family, ",\"lport\":", e->lport);
	p = address(p, ",\"raddr\":", e->family, e->raddr);
	p = number_if(p, e->family, ",\"rport\":", e->rport);
	p = state(p, ",\"old\":", e->old_state);
	p = state(p, ",\"new\":", e->new_state);
	p = cause(p, ",\"cause\":", e->cause);
	p = carrier(p, ",\"carrier\":", e->carrier);
	p = number_if(p, is_state && e->flags & TCPS_F_DWELL,
		      ",\"dwell_ns\":", e->state.dwell_ns);
	p = number_if(p, owner, ",\"pid\":", e->pid);
	p = EMIT_LIT(p, ",\"comm\":");
	p = owner ? emit_json_string(p, e->comm) : null(p);
	/* Root is 0 as well: a uid is there if there is a socket. */
	p = number_if(p, e->cookie, ",\"uid\":", e->uid);
	p = number_if(p, is_state && e->flags & TCPS_F_ACTOR,
		      ",\"actor\":", e->state.actor);
	p = payload(f, e, p);
	p = flag_list(p, e->flags);
	if (f->wide)
		p = extra(e, p);
	return EMIT_LIT(p, "}\n");
}
