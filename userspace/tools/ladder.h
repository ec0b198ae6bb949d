/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpstate-tail - connections under way, as sequence charts: what each end sent
 * and which states it was in, in the order in which it happened.
 *
 * This unit owns the memory of them: which there are (ladder.c), what belongs to
 * which (ladder_match.c), and what the rows of one are (ladder_row.c). It must
 * not know what a chart looks like or where it goes. Its memory is bounded, and
 * what had no room in it is noted.
 */
#ifndef TOOLS_LADDER_H
#define TOOLS_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include <tcpstate.h>

enum {
	LADDER_CONNECTIONS = 4096,
	LADDER_ROWS = 64,
	/* Of a connection with more the first ones stay, and the latest. */
	LADDER_FIRST = LADDER_ROWS / 2,
	LADDER_BUCKETS = 4096,
};

/*
 * How long an ended connection waits for what is still said about it: close()
 * sends the RST for data that nobody read when the socket is in CLOSE already.
 */
#define LADDER_GRACE_NS UINT64_C(200000000)

enum ladder_kind {
	LADDER_STATE,
	LADDER_SEGMENT,
	LADDER_NOTE,
	LADDER_LOSS,
};

/*
 * @end is whose row it is: who changed its state, who sent the segment. @before
 * is the state that this end was known to be in. A segment @left if its sending
 * was seen, at @ns, and @arrived if its arrival was, at @arrived_ns; @again
 * counts those before it with the same SYN or FIN. A note is an event that is
 * neither: a retransmission, a refusal; @n and @max are what it found.
 */
struct ladder_row {
	uint64_t ns;
	uint8_t kind;
	uint8_t end;
	union {
		struct {
			uint64_t dwell_ns;
			bool has_dwell;
			uint8_t before;
			uint8_t old_state;
			uint8_t new_state;
			uint8_t cause;
		} state;
		struct {
			uint64_t arrived_ns;
			uint32_t seq;
			uint32_t ack;
			uint32_t tsval;
			uint32_t tsecr;
			uint16_t window;
			uint16_t len;
			uint16_t mss;
			uint8_t wscale;
			uint8_t flags;
			bool has_mss;
			bool has_wscale;
			bool has_sack_perm;
			bool has_timestamp;
			bool left;
			bool arrived;
			uint16_t again;
		} segment;
		struct {
			uint32_t n;
			uint32_t max;
			uint8_t event;
			uint8_t cause;
			bool incoming;
		} note;
	};
};

#define LADDER_FIN 0x01
#define LADDER_SYN 0x02
#define LADDER_RST 0x04
#define LADDER_ACK 0x10

/*
 * One end. @seen: it is on this host, because something was recorded there;
 * only then @netns_gen counts. @has_state: a transition of it was seen, and
 * @cookie and @life are there. @segments: how many were recorded there, coming
 * or going. @isn is the sequence number of its SYN, if @has_isn; @closes: it
 * sent a FIN or an RST. @ifindex: its interface, as far as it is known.
 */
struct ladder_end {
	uint64_t cookie;
	uint32_t segments;
	uint32_t isn;
	uint32_t netns;
	uint32_t netns_gen;
	uint32_t ifindex;
	uint32_t pid;
	uint32_t uid;
	uint16_t port;
	uint16_t flags;
	uint16_t life;
	uint8_t state;
	bool seen;
	bool has_state;
	bool has_isn;
	bool closes;
	uint8_t addr[16];
	char comm[TCPS_COMM_LEN];
};

/*
 * One connection. @opener is the end that sent the first SYN, or LADDER_NOBODY
 * if that was not seen. @born numbers them, from 1; 0 is a free place. @cut rows
 * after the first LADDER_FIRST are not kept. @early: drawn before it ended, to
 * make room. The rest is how it is found.
 */
#define LADDER_NOBODY 2

struct ladder_connection {
	uint64_t born;
	uint64_t last_ns;
	uint64_t losses;
	uint32_t nr_rows;
	uint32_t cut;
	uint16_t next;
	uint8_t family;
	uint8_t opener;
	bool ended;
	bool early;
	struct ladder_end end[2];
	struct ladder_row row[LADDER_ROWS];
};

/*
 * All of them. All zero is empty; @pick is NULL or says by their ports which
 * connections are wanted: one of which an end has a local and a remote port of
 * it, if there are any. @born and @ended_ns are of each connection and
 * stand here so that looking for one touches little memory; @ended_ns is 0 for
 * one that did not end. @first_ended_ns is not later than any of them, 0 if
 * there is none.
 */
struct ladder {
	const struct tcps_filter *pick;
	uint64_t births;
	uint64_t losses;
	uint64_t lost_ns;
	uint64_t first_ended_ns;
	uint32_t used;
	uint64_t born[LADDER_CONNECTIONS];
	uint64_t ended_ns[LADDER_CONNECTIONS];
	uint16_t bucket[LADDER_BUCKETS];
	struct ladder_connection connection[LADDER_CONNECTIONS];
};

/*
 * Take an event in. Before each, and at the end, ladder_next() must have given
 * everything there was to give.
 */
void ladder_take(struct ladder *l, const struct tcps_event *e);

/*
 * A connection that should be drawn and then dropped: one that ended long enough
 * before @now_ns, or the oldest if there is no more room; or NULL.
 */
struct ladder_connection *ladder_next(struct ladder *l, uint64_t now_ns);

/* Any connection, the oldest first, or NULL: nothing comes after it. */
struct ladder_connection *ladder_last(struct ladder *l);

void ladder_drop(struct ladder *l, struct ladder_connection *c);

/* The end that is drawn at the left. */
static inline unsigned int ladder_left(const struct ladder_connection *c)
{
	return c->opener == 1;
}

/*
 * ladder_match.c: does @e belong to @c, and if so to which end? Of several that
 * may, one that does is the right one.
 */
enum ladder_fit {
	LADDER_FITS_NOT,
	LADDER_MAY_FIT,
	LADDER_FITS,
};

enum ladder_fit ladder_match(const struct ladder_connection *c,
			     const struct tcps_event *e, unsigned int *local);

/* ladder_row.c: an event of @c at its end @local. */
void ladder_row_add(struct ladder_connection *c, unsigned int local,
		    const struct tcps_event *e);
void ladder_row_loss(struct ladder_connection *c, uint64_t ns);

#endif /* TOOLS_LADDER_H */
