// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the records of a connection with the words that tell its story.
 */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const char *const carriers[TCPSTATE_CARRIER_COUNT] = {
	"none", "request", "sock", "timewait",
};

/**
 * struct word - one word of a story
 * @state: that is entered; 0 for the other two kinds of words
 * @attempt: the SYN-ACK was sent again, which time
 * @any: the rest is not prescribed
 * @carrier: enum tcpstate_carrier
 * @listeners: the owner is the listener's
 * @actor: a system call made it
 * @cause: its name
 */
struct word {
	unsigned int state;
	unsigned int attempt;
	bool any;
	unsigned int carrier;
	bool listeners;
	bool actor;
	char cause[32];
};

static void bad_word(const char *text)
{
	printf("# no word of a story: %s\n", text);
	abort();
}

static void read_marks(struct word *word, char *text)
{
	char *end = text + strlen(text);

	for (; end > text && strchr("*@", end[-1]); *--end = 0) {
		if (end[-1] == '*')
			word->listeners = true;
		else
			word->actor = true;
	}
}

static void read_word(struct word *word, const char *given)
{
	char text[64], *cause, *carrier;

	memset(word, 0, sizeof(*word));
	word->carrier = TCPSTATE_CARRIER_SOCK;
	word->any = !strcmp(given, "...");
	if (word->any)
		return;
	strcpy(text, given);
	read_marks(word, text);
	cause = strchr(text, ':');
	if (!cause)
		bad_word(given);
	*cause++ = 0;
	carrier = strchr(cause, '/');
	if (carrier) {
		*carrier++ = 0;
		for (unsigned int i = 0; i < TCPSTATE_CARRIER_COUNT; i++)
			if (!strcmp(carrier, carriers[i]))
				word->carrier = i;
	}
	snprintf(word->cause, sizeof(word->cause), "%s", cause);
	if (*text == '^')
		word->attempt = atoi(text + 1);
	else
		word->state = state_number(text);
	if (!word->state && !word->attempt)
		bad_word(given);
}

/* Word @n after the first; false beyond the end. */
static bool nth_word(const char *words, unsigned int n, struct word *word)
{
	char text[64];
	int len;

	for (n++; sscanf(words, " %63s%n", text, &len) == 1; n--) {
		if (!n) {
			read_word(word, text);
			return true;
		}
		words += len;
	}
	return false;
}

void story_init(struct story *s, enum kind kind, __u32 inum, const char *words)
{
	memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->inum = inum;
	s->words = words;
	s->listener = getpid();
	s->owner = getpid();
	s->state = TCPSTATE_CLOSE;
	s->first_life = 1;
	s->life = 1;
}

static bool is_partial(const struct story *s, const struct tcpstate_record *r)
{
	if (s->partial && r->life == s->partial)
		return true;
	return s->late_port && r->life == s->late_port && r->old_state == TCPSTATE_CLOSE;
}

static bool same_tuple(const struct story *s, const struct tcpstate_record *r)
{
	unsigned char local[16], remote[16];

	addr_bytes(&s->local, local);
	addr_bytes(&s->remote, remote);
	if (r->rport != addr_port(&s->remote) || memcmp(r->raddr, remote, 16))
		return false;
	if (is_partial(s, r))
		return !r->lport;
	return r->lport == addr_port(&s->local) && !memcmp(r->laddr, local, 16);
}

bool story_is_of(struct story *s, const struct tcpstate_record *r)
{
	if (r->netns_inum != s->inum || r->life < s->first_life)
		return false;
	if (!s->cookie && same_tuple(s, r))
		s->cookie = r->cookie;
	return r->cookie && r->cookie == s->cookie;
}

static int wrong(const struct tcpstate_record *r, const char *what, const char *should)
{
	printf("# %s -> %s (%s, %s), event %u, cookie %llu life %u.%u, ",
	       state_name(r->old_state), state_name(r->new_state), cause_name(r->cause),
	       carriers[r->carrier % TCPSTATE_CARRIER_COUNT], r->type,
	       (unsigned long long)r->cookie, r->life,
	       r->type == TCPSTATE_EVENT_STATE ? r->state.life_seq : 0);
	printf("ports %u %u, owner %u, flags %#x: %s%s\n", r->lport, r->rport, r->tgid,
	       r->flags, what, should);
	return 1;
}

int story_stranger(const struct tcpstate_record *r)
{
	return wrong(r, "in no story", "");
}

/* All flags but those that change from record to record. */
static unsigned int steady_flags(const struct story *s, const struct tcpstate_record *r)
{
	unsigned int flags = s->flags | TCPSTATE_F_TRACKED;

	if (s->kind == KIND_MAPPED)
		flags |= TCPSTATE_F_MAPPED;
	if (is_partial(s, r))
		flags |= TCPSTATE_F_PARTIAL;
	return flags;
}

/* A new life begins with a transition out of CLOSE. */
static void begin(struct story *s, const struct tcpstate_record *r)
{
	if (r->type != TCPSTATE_EVENT_STATE || r->old_state != TCPSTATE_CLOSE)
		return;
	s->life = s->seen ? s->life + 1 : s->first_life;
	s->life_seq = 0;
}

static int check_identity(struct story *s, const struct tcpstate_record *r)
{
	const unsigned int changing = TCPSTATE_F_OWNER | TCPSTATE_F_OWNER_LISTENER |
				      TCPSTATE_F_ACTOR | TCPSTATE_F_DWELL;
	int bad = 0;

	if (r->size != TCPSTATE_RECORD_SIZE)
		bad += wrong(r, "size", "");
	if (r->family != (s->kind == KIND_V6 ? AF_INET6 : AF_INET))
		bad += wrong(r, "family", "");
	if ((r->flags & ~changing) != steady_flags(s, r))
		bad += wrong(r, "flags", "");
	if (!same_tuple(s, r))
		bad += wrong(r, "tuple", "");
	if (!r->netns_gen || (s->netns_gen && s->netns_gen != r->netns_gen))
		bad += wrong(r, "generation of the namespace", "");
	if (r->life != s->life)
		bad += wrong(r, "life", "");
	if (r->mono_ns < s->mono_ns || r->mono_ns > now_ns())
		bad += wrong(r, "time", "");
	s->netns_gen = r->netns_gen;
	return bad;
}

static int check_owner(const struct story *s, const struct tcpstate_record *r, bool listeners)
{
	unsigned int flags = r->flags & (TCPSTATE_F_OWNER | TCPSTATE_F_OWNER_LISTENER);
	unsigned int want = TCPSTATE_F_OWNER | (listeners ? TCPSTATE_F_OWNER_LISTENER : 0);

	if (s->unowned)
		return flags || r->tgid || r->comm[0] ? wrong(r, "owner: should be none", "") : 0;
	if (flags != want || r->tgid != (listeners ? s->listener : s->owner) || !r->comm[0] ||
	    r->comm[TCPSTATE_COMM_LEN - 1])
		return wrong(r, "owner: should be ", listeners ? "the listener's" : "its own");
	return 0;
}

/* The dwell time is that since the last transition, to the nanosecond. */
static int check_step(struct story *s, const struct tcpstate_record *r)
{
	bool born = r->old_state == TCPSTATE_CLOSE;
	int bad = 0;

	if (r->type != TCPSTATE_EVENT_STATE)
		return wrong(r, "should be a transition", "");
	if (r->old_state != s->state || r->new_state == r->old_state)
		bad += wrong(r, "the state before was ", state_name(s->state));
	if (r->state.life_seq != ++s->life_seq)
		bad += wrong(r, "life_seq", "");
	if (!(r->flags & TCPSTATE_F_DWELL) != born ||
	    r->state.dwell_ns != (born ? 0 : r->mono_ns - s->mono_ns))
		bad += wrong(r, "dwell", "");
	if (r->carrier == TCPSTATE_CARRIER_SOCK && addr_port(&s->remote))
		s->child = true;
	s->state = r->new_state;
	s->mono_ns = r->mono_ns;
	return bad;
}

static int check_word(struct story *s, const struct tcpstate_record *r, const struct word *word)
{
	int bad = 0;

	if (r->new_state != word->state)
		bad += wrong(r, "should enter ", state_name(word->state));
	if (r->carrier != word->carrier)
		bad += wrong(r, "carrier should be ", carriers[word->carrier]);
	if (*word->cause &&
	    (!(r->flags & TCPSTATE_F_ACTOR) == word->actor || !r->state.actor == word->actor))
		bad += wrong(r, "actor", "");
	return bad + check_owner(s, r, word->listeners);
}

/* The owner is that of the moment, which the transitions check. */
static int check_again(struct story *s, const struct tcpstate_record *r, const struct word *word)
{
	const struct tcpstate_retransmit_data *data = &r->retransmit;
	int bad = 0;

	if (r->type != TCPSTATE_EVENT_SYNACK_RETRANSMIT)
		return wrong(r, "should be a SYN-ACK sent again", "");
	s->sent_again++;
	if (r->old_state != TCPSTATE_SYN_RECV || r->new_state != TCPSTATE_SYN_RECV)
		bad += wrong(r, "should be in SYN_RECV", "");
	if (data->attempt != word->attempt) {
		printf("# attempt %u\n", data->attempt);
		bad += wrong(r, "attempt", "");
	}
	if (data->stands_for != 1 || data->reserved[0] || data->reserved[1] ||
	    data->reserved[2] || data->reserved[3])
		bad += wrong(r, "stands_for, reserved", "");
	if (r->flags & (TCPSTATE_F_DWELL | TCPSTATE_F_ACTOR))
		bad += wrong(r, "flags of a transition", "");
	return bad;
}

int story_take(struct story *s, const struct tcpstate_record *r)
{
	struct word word;
	int bad;

	begin(s, r);
	bad = check_identity(s, r);
	if (!nth_word(s->words, s->seen++, &word))
		return bad + wrong(r, "after the end of: ", s->words);
	if (word.any) {
		/* The same word again. */
		s->seen--;
		if (r->type != TCPSTATE_EVENT_SYNACK_RETRANSMIT)
			return bad + check_step(s, r);
		s->sent_again++;
		return bad;
	}
	if (*word.cause ? strcmp(word.cause, cause_name(r->cause)) :
			  r->cause == TCPSTATE_CAUSE_UNKNOWN)
		bad += wrong(r, "cause should be ", word.cause);
	if (word.attempt)
		return bad + check_again(s, r, &word);
	return bad + check_step(s, r) + check_word(s, r, &word);
}

bool story_is_told(const struct story *s)
{
	struct word word;

	if (!nth_word(s->words, s->seen, &word) || (s->optional && !s->seen))
		return true;
	return word.any && s->seen && s->state == TCPSTATE_CLOSE;
}

int story_check_end(const struct story *s)
{
	if (story_is_told(s))
		return 0;
	printf("# ports %u %u: only %u records of: %s\n", addr_port(&s->local),
	       addr_port(&s->remote), s->seen, s->words);
	return 1;
}
