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
 * function, emit_comm_json(), and tested byte by byte.
 */
#include "format.h"

#include "emit.h"
#include "lifeline.h"
#include "memo.h"
#include "scope.h"
#include "word.h"

/* A key with comma, quotes and colon; before a name with its opening quote. */
#define KEY(p, key) EMIT_LIT(p, ",\"" key "\":")
#define KEY_NAME(p, key) EMIT_LIT(p, ",\"" key "\":\"")

static char *null(char *p)
{
	return EMIT_LIT(p, "null");
}

static char *number_if(char *p, bool there, uint64_t n)
{
	return there ? emit_u64(p, n) : null(p);
}

static char *boolean(char *p, bool b)
{
	return b ? EMIT_LIT(p, "true") : EMIT_LIT(p, "false");
}

static char *state(char *p, unsigned int n)
{
	if (!n)
		return null(p);
	return emit_char(word_state(emit_char(p, '"'), n), '"');
}

#define TEXT_SECOND "\"2026-01-31T12:00:00."

/* UTC with nanoseconds (RFC 3339); the text of a second is made once. */
static char *wall_clock(struct format *f, uint64_t mono_ns, char *p)
{
	int64_t ns = mono_ns + (uint64_t)f->real_offset;
	int64_t second = ns / 1000000000;
	uint32_t part = ns % 1000000000;
	char *text = f->cached_text;

	if (ns < 0)
		return null(p);
	if (second != f->cached_second || !*text) {
		text = emit_date(emit_char(text, '"'), second);
		text = emit_clock(emit_char(text, 'T'), second);
		emit_char(text, '.');
		f->cached_second = second;
	}

	memcpy(p, f->cached_text, strlen(TEXT_SECOND));
	p = emit_char(p + strlen(TEXT_SECOND), '0' + part / 100000000);
	return EMIT_LIT(emit_places(p, part % 100000000, 8), "Z\"");
}

/* With its opening quote; a tuple has two of them or none. */
static char *address(char *p, unsigned int family, const uint8_t *addr)
{
	return emit_char(emit_addr(emit_char(p, '"'), family, addr), '"');
}

static char *make_tuple(const struct tcps_event *e, char *p)
{
	p = number_if(KEY(p, "netns"), e->netns, e->netns);
	if (!e->family)
		return EMIT_LIT(p, ",\"family\":null,\"laddr\":null,"
				   "\"lport\":null,\"raddr\":null,"
				   "\"rport\":null");
	p = emit_u64(KEY(p, "family"), e->family);
	p = address(KEY(p, "laddr"), e->family, e->laddr);
	p = emit_u64(KEY(p, "lport"), e->lport);
	p = address(KEY(p, "raddr"), e->family, e->raddr);
	return emit_u64(KEY(p, "rport"), e->rport);
}

static char *tuple(const struct tcps_event *e, char *p)
{
	static struct memo memos[MEMO_COUNT];
	struct memo *memo = memo_tuple(memos, e, e->netns);

	if (!memo->len)
		memo->len = make_tuple(e, memo->text) - memo->text;
	return memo_put(p, memo);
}

static char *make_owner(const struct tcps_event *e, char *p)
{
	if (!(e->flags & TCPS_F_OWNER))
		return EMIT_LIT(p, ",\"pid\":null,\"comm\":null");
	/* 0: it has no number in the namespace of whoever reads. */
	p = number_if(KEY(p, "pid"), e->pid, e->pid);
	return emit_comm_json(KEY(p, "comm"), e->comm);
}

static char *owner(const struct tcps_event *e, char *p)
{
	static struct memo memos[MEMO_COUNT];
	struct memo *memo = memo_owner(memos, e, 0);

	if (!memo->len)
		memo->len = make_owner(e, memo->text) - memo->text;
	return memo_put(p, memo);
}

/* Flags that other keys do not already tell by being null or not. */
static char *flag_list(char *p, unsigned int flags)
{
	unsigned int rest = flags & ~(TCPS_F_OWNER | TCPS_F_ACTOR |
				      TCPS_F_TRACKED | TCPS_F_DWELL);

	p = EMIT_LIT(p, ",\"flags\":[");
	for (; rest; rest &= rest - 1) {
		p = word_flag(emit_char(p, '"'), __builtin_ctz(rest));
		p = emit_char(p, '"');
		if (rest & (rest - 1))
			p = emit_char(p, ',');
	}
	return emit_char(p, ']');
}

static char *segment(const struct tcps_event *e, char *p)
{
	static const char names[][4] = { "fin", "syn", "rst", "psh",
					 "ack", "urg", "ece", "cwr" };
	bool stamped = e->segment.has_timestamp;
	unsigned int rest = e->segment.tcp_flags;

	p = EMIT_LIT(p, ",\"tcp_flags\":[");
	for (; rest; rest &= rest - 1) {
		memcpy(emit_char(p, '"'), names[__builtin_ctz(rest)], 4);
		p = emit_char(p + 4, '"');
		if (rest & (rest - 1))
			p = emit_char(p, ',');
	}
	p = emit_char(p, ']');
	p = emit_u64(KEY(p, "tcp_seq"), e->segment.seq);
	p = emit_u64(KEY(p, "tcp_ack"), e->segment.ack);
	p = emit_u64(KEY(p, "window"), e->segment.window);
	p = emit_u64(KEY(p, "len"), e->segment.len);
	p = number_if(KEY(p, "mss"), e->segment.has_mss, e->segment.mss);
	p = number_if(KEY(p, "wscale"), e->segment.has_wscale,
		      e->segment.wscale);
	p = boolean(KEY(p, "sack_perm"), e->segment.has_sack_perm);
	p = number_if(KEY(p, "tsval"), stamped, e->segment.tsval);
	return number_if(KEY(p, "tsecr"), stamped, e->segment.tsecr);
}

static char *lost(const struct tcps_event *e, char *p)
{
	static const char *const lanes[] = { NULL, "main", "rare", NULL,
					     "lives" };
	bool disabled = e->flags & TCPS_F_DISABLED;
	bool scoped = e->flags & TCPS_F_SCOPED;
	uint32_t lane = e->lost.lane;

	p = number_if(KEY(p, "count"), !scoped && !disabled, e->lost.count);
	p = number_if(KEY(p, "off_ns"), disabled, e->lost.off_ns);
	p = number_if(KEY(p, "cpu"), !scoped && !disabled, e->lost.cpu);
	p = KEY(p, "lane");
	if (!lane)
		return null(p);
	p = emit_char(p, '"');
	p = lane < 5 && lanes[lane] ? emit_str(p, lanes[lane]) :
				      emit_u64(p, lane);
	return emit_char(p, '"');
}

static char *step(struct format *f, const struct tcps_event *e,
		  const struct lifeline *l, unsigned int i, char *p)
{
	const struct tcps_step *s = &e->life_end.step[i];
	bool found = i == 0 && l->found;

	if (i)
		p = emit_char(p, ',');
	p = state(EMIT_LIT(p, "{\"state\":"), s->state);
	p = word_cause(KEY_NAME(p, "cause"), s->cause);
	p = word_carrier(EMIT_LIT(p, "\",\"carrier\":\""), s->carrier);
	p = EMIT_LIT(p, "\",\"time\":");
	p = found ? null(p) : wall_clock(f, l->start_ns + l->at_ns[i], p);
	p = number_if(KEY(p, "dwell_ns"), !found, s->dwell_ns);
	return emit_char(p, '}');
}

static char *life(struct format *f, const struct tcps_event *e, char *p)
{
	struct lifeline l;
	unsigned int i;

	lifeline_of(e, &l);
	p = emit_u64(KEY(p, "total_ns"), e->life_end.total_ns);
	p = number_if(KEY(p, "srtt_us"), e->life_end.srtt_us,
		      e->life_end.srtt_us);
	p = KEY(p, "first_closer");
	if (e->life_end.first_closer == 1)
		p = EMIT_LIT(p, "\"local\"");
	else if (e->life_end.first_closer == 2)
		p = EMIT_LIT(p, "\"remote\"");
	else
		p = null(p);
	p = emit_u64(KEY(p, "bytes_in"), e->life_end.bytes_in);
	p = emit_u64(KEY(p, "bytes_out"), e->life_end.bytes_out);
	p = emit_u64(KEY(p, "segs_in"), e->life_end.segs_in);
	p = emit_u64(KEY(p, "segs_out"), e->life_end.segs_out);
	p = emit_u64(KEY(p, "retrans"), e->life_end.retrans);
	p = emit_u64(KEY(p, "transitions"), e->life_end.transitions);
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
		p = emit_u64(KEY(p, "synq"), e->refusal.synq);
		p = emit_u64(KEY(p, "synq_max"), e->refusal.synq_max);
		p = emit_u64(KEY(p, "acceptq"), e->refusal.acceptq);
		p = emit_u64(KEY(p, "acceptq_max"), e->refusal.acceptq_max);
		p = emit_u64(KEY(p, "backlog"), e->refusal.backlog);
		stands_for = e->refusal.stands_for;
		break;
	case TCPS_EVENT_SYN_RETRANSMIT:
	case TCPS_EVENT_SYNACK_RETRANSMIT:
		p = emit_u64(KEY(p, "attempt"), e->retransmit.attempt);
		stands_for = e->retransmit.stands_for;
		break;
	case TCPS_EVENT_TW_OVERFLOW:
		p = emit_u64(KEY(p, "count"), e->tw.count);
		p = emit_u64(KEY(p, "max"), e->tw.max);
		stands_for = e->tw.stands_for;
		break;
	case TCPS_EVENT_PORTS_EXHAUSTED:
		p = emit_u64(KEY(p, "low"), e->ports.low);
		p = emit_u64(KEY(p, "high"), e->ports.high);
		p = emit_u64(KEY(p, "error"), e->ports.error);
		stands_for = e->ports.stands_for;
		break;
	case TCPS_EVENT_RESET:
		p = number_if(KEY(p, "reason"), e->reset.reason,
			      e->reset.reason - 1);
		p = emit_u64(KEY(p, "tcp_seq"), e->reset.seq);
		p = emit_u64(KEY(p, "tcp_ack"), e->reset.ack);
		stands_for = e->reset.stands_for;
		break;
	case TCPS_EVENT_MEMORY_PRESSURE:
		p = emit_u64(KEY(p, "pages"), e->memory.pages);
		p = emit_u64(KEY(p, "mark"), e->memory.mark);
		stands_for = e->memory.stands_for;
		break;
	default:
		return p;
	}
	return emit_u64(KEY(p, "stands_for"), stands_for);
}

/* With -w, and where addresses need it, the interface. */
static char *interface(const struct tcps_event *e, char *p)
{
	return number_if(KEY(p, "ifindex"), e->ifindex, e->ifindex);
}

/* With -w what the common keys do not have. */
static char *extra(const struct tcps_event *e, char *p)
{
	uint64_t cgroup = 0;

	if (e->kind == TCPS_EVENT_STATE)
		cgroup = e->state.cgroup;
	else if (e->kind == TCPS_EVENT_LIFE)
		cgroup = e->life_end.cgroup;

	p = number_if(KEY(p, "cgroup"), cgroup, cgroup);
	p = interface(e, p);
	return number_if(KEY(p, "netns_gen"), e->netns_gen, e->netns_gen);
}

char *format_json(struct format *f, const struct tcps_event *e, char *p)
{
	bool is_state = e->kind == TCPS_EVENT_STATE;
	bool tracked = e->flags & TCPS_F_TRACKED;
	uint32_t actor;

	p = emit_u64(EMIT_LIT(p, "{\"seq\":"), e->seq);
	p = wall_clock(f, e->mono_ns, KEY(p, "time"));
	p = emit_u64(KEY(p, "mono_ns"), e->mono_ns);
	p = word_kind(KEY_NAME(p, "event"), e->kind);
	p = EMIT_LIT(p, "\",\"cookie\":");
	p = number_if(p, e->cookie, e->cookie);
	p = number_if(KEY(p, "life"), tracked, e->life);
	p = number_if(KEY(p, "life_seq"), is_state && tracked,
		      e->state.life_seq);
	p = tuple(e, p);
	p = state(KEY(p, "old"), e->old_state);
	p = state(KEY(p, "new"), e->new_state);
	p = word_cause(KEY_NAME(p, "cause"), e->cause);
	p = word_carrier(EMIT_LIT(p, "\",\"carrier\":\""), e->carrier);
	p = EMIT_LIT(p, "\",\"dwell_ns\":");
	p = number_if(p, is_state && e->flags & TCPS_F_DWELL,
		      e->state.dwell_ns);
	p = owner(e, p);
	/* Root is 0 as well: a uid is there if there is a socket. */
	p = number_if(KEY(p, "uid"), e->cookie, e->uid);
	actor = is_state && e->flags & TCPS_F_ACTOR ? e->state.actor : 0;
	p = number_if(KEY(p, "actor"), actor, actor);
	p = payload(f, e, p);
	p = flag_list(p, e->flags);
	if (f->wide)
		p = extra(e, p);
	else if (scope_is_needed(e->family, e->laddr) ||
		 scope_is_needed(e->family, e->raddr))
		p = interface(e, p);
	return EMIT_LIT(p, "}\n");
}
