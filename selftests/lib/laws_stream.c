// SPDX-License-Identifier: GPL-2.0
/*
 * laws - the lines of tcpstate-tail --json.
 *
 * Owns the keys that are read; must not know any law. A line that is no JSON,
 * lacks a key that every line of its kind has, or has a name that nobody
 * knows is bad input, not a broken law.
 */
#include "laws_stream.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "laws.h"
#include "laws_names.h"

/* Where we are, for complaints. */
static const char *file;
static unsigned long line_number;

static const char *const kinds[TCPSTATE_EVENT_COUNT] = {
	[TCPSTATE_EVENT_STATE] = "state",
	[TCPSTATE_EVENT_LIFE] = "life",
	[TCPSTATE_EVENT_SYN_DROP] = "syn-drop",
	[TCPSTATE_EVENT_ACCEPT_DROP] = "accept-drop",
	[TCPSTATE_EVENT_COOKIE] = "cookie",
	[TCPSTATE_EVENT_SYN_RETRANSMIT] = "syn-retransmit",
	[TCPSTATE_EVENT_SYNACK_RETRANSMIT] = "synack-retransmit",
	[TCPSTATE_EVENT_TW_OVERFLOW] = "tw-overflow",
	[TCPSTATE_EVENT_PORTS_EXHAUSTED] = "ports-exhausted",
	[TCPSTATE_EVENT_RESET] = "reset",
	[TCPSTATE_EVENT_MEMORY_PRESSURE] = "memory-pressure",
	[TCPSTATE_EVENT_SEGMENT] = "segment",
	[TCPSTATE_EVENT_LOST] = "lost",
};

/* Flags that a law asks for. */
static const struct {
	const char *name;
	uint32_t flag;
} flags[] = {
	{ "preexisting", TCPSTATE_F_PREEXISTING },
	{ "fastopen", TCPSTATE_F_FASTOPEN },
	{ "snapshot", TCPSTATE_F_SNAPSHOT },
	{ "scoped", TCPSTATE_F_SCOPED },
	{ "disabled", TCPSTATE_F_DISABLED },
};

int laws_kind(const char *name)
{
	unsigned int i;

	for (i = 1; i < TCPSTATE_EVENT_COUNT; i++)
		if (strcmp(kinds[i], name) == 0)
			return i;
	return 0;
}

static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value))
		laws_bad_input("%s:%lu: no key \"%s\"", file, line_number, key);
	return value;
}

/* Returns false for null. */
static bool optional(struct json_object *object, const char *key, uint64_t *n)
{
	struct json_object *value = member(object, key);

	*n = 0;
	if (!value)
		return false;
	if (!json_object_is_type(value, json_type_int))
		laws_bad_input("%s:%lu: \"%s\" is no whole number", file,
			       line_number, key);
	*n = json_object_get_uint64(value);
	return true;
}

static uint64_t required(struct json_object *object, const char *key)
{
	uint64_t n;

	if (!optional(object, key, &n))
		laws_bad_input("%s:%lu: \"%s\" is null", file, line_number,
			       key);
	return n;
}

/* A name as a number; null is 0. */
static uint8_t named(struct json_object *object, const char *key,
		     int (*number_of_name)(const char *name))
{
	struct json_object *value = member(object, key);
	int n;

	if (!value)
		return 0;
	n = number_of_name(json_object_get_string(value));
	if (n < 0)
		laws_bad_input("%s:%lu: \"%s\": nobody knows '%s'", file,
			       line_number, key, json_object_get_string(value));
	return n;
}

static struct json_object *array_of(struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key);

	if (!json_object_is_type(value, json_type_array))
		laws_bad_input("%s:%lu: \"%s\" is no array", file, line_number,
			       key);
	return value;
}

static uint32_t flags_of(struct json_object *object)
{
	struct json_object *list = array_of(object, "flags");
	size_t i, n = json_object_array_length(list);
	uint32_t found = 0;
	unsigned int k;

	for (i = 0; i < n; i++) {
		const char *name = json_object_get_string(
			json_object_array_get_idx(list, i));

		for (k = 0; name && k < ARRAY_SIZE(flags); k++)
			if (strcmp(flags[k].name, name) == 0)
				found |= flags[k].flag;
	}
	return found;
}

static void read_life(struct json_object *object, struct laws_event *event)
{
	struct json_object *list = array_of(object, "steps"), *step;
	size_t i, n = json_object_array_length(list);
	uint64_t value;

	event->total_ns = required(object, "total_ns");
	if (json_object_object_get_ex(object, "transitions", NULL))
		event->transitions = required(object, "transitions");
	if (n > TCPSTATE_LIFE_STEPS)
		laws_bad_input("%s:%lu: %zu steps, but %d fit", file,
			       line_number, n, TCPSTATE_LIFE_STEPS);
	event->steps = n;
	for (i = 0; i < n; i++) {
		step = json_object_array_get_idx(list, i);
		event->step[i].state = named(step, "state", laws_state);
		event->step[i].cause = named(step, "cause", laws_cause);
		event->step[i].carrier = named(step, "carrier", laws_carrier);
		optional(step, "dwell_ns", &value);
		event->step[i].dwell_ns = value;
	}
}

static void read_payload(struct json_object *object, struct laws_event *event)
{
	uint64_t value;

	switch (event->kind) {
	case TCPSTATE_EVENT_LIFE:
		read_life(object, event);
		break;
	case TCPSTATE_EVENT_LOST:
		optional(object, "count", &value);
		event->count = value;
		break;
	default:
		if (json_object_object_get_ex(object, "stands_for", NULL))
			event->count = required(object, "stands_for");
	}
}

static void read_event(struct json_object *object, struct laws_event *event)
{
	uint64_t value;

	memset(event, 0, sizeof(*event));
	event->seq = required(object, "seq");
	event->mono_ns = required(object, "mono_ns");
	event->kind = named(object, "event", laws_kind);
	optional(object, "cookie", &event->cookie);
	optional(object, "netns", &event->netns);
	event->flags = flags_of(object);
	if (optional(object, "life", &value))
		event->flags |= TCPSTATE_F_TRACKED;
	event->life = value;
	optional(object, "lport", &value);
	event->port = value;
	optional(object, "life_seq", &value);
	event->life_seq = value;
	if (optional(object, "dwell_ns", &event->dwell_ns))
		event->flags |= TCPSTATE_F_DWELL;
	event->old = named(object, "old", laws_state);
	event->new = named(object, "new", laws_state);
	event->cause = event->kind == TCPSTATE_EVENT_SEGMENT ?
			       0 :
			       named(object, "cause", laws_cause);
	event->carrier = named(object, "carrier", laws_carrier);
	read_payload(object, event);
	if ((event->kind == TCPSTATE_EVENT_STATE ||
	     event->kind == TCPSTATE_EVENT_LIFE) &&
	    (!event->old || !event->new))
		laws_bad_input("%s:%lu: a transition without a state", file,
			       line_number);
}

void laws_stream_read(const char *path,
		      void (*each)(const struct laws_event *event, void *data),
		      void *data)
{
	struct json_tokener *tokener = json_tokener_new();
	FILE *stream = fopen(path, "r");
	struct json_object *object;
	struct laws_event event;
	size_t room = 0;
	char *line = NULL, *rest;
	ssize_t len;

	if (!stream)
		laws_bad_input("cannot open %s: %s", path, strerror(errno));
	if (!tokener)
		laws_bad_input("out of memory");
	file = path;
	for (line_number = 1; (len = getline(&line, &room, stream)) > 0;
	     line_number++) {
		json_tokener_reset(tokener);
		object = json_tokener_parse_ex(tokener, line, len);
		rest = line + json_tokener_get_parse_end(tokener);
		if (!json_object_is_type(object, json_type_object) ||
		    rest[strspn(rest, "\n")] || line[len - 1] != '\n')
			laws_bad_input("%s:%lu: no line of JSON", path,
				       line_number);
		read_event(object, &event);
		each(&event, data);
		json_object_put(object);
	}
	if (ferror(stream))
		laws_bad_input("cannot read %s: %s", path, strerror(errno));
	free(line);
	fclose(stream);
	json_tokener_free(tokener);
}
