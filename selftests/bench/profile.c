// SPDX-License-Identifier: GPL-2.0
/*
 * Counts which instructions a guest executes between two marks, as a plugin of
 * QEMU: block by block, so that nothing in the guest is changed or slowed on its
 * own clock. Owns the counting; knows no symbol (report does) and no workload.
 *
 * A mark is the execution of the first instruction at MARK, which programs of
 * the benchmark place there (mark.h): an odd one begins to count, an even one
 * ends it. Then the file given by out=FILE gets a line "mark N", and for each
 * block one line "ADDRESS INSTRUCTIONS EXECUTIONS".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "qemu_plugin.h"

#define CHAINS		(1U << 16)
#define TRACE_MAX	(128L << 20)	/* bytes */
#define HASH(address)	((address) * 0x9e3779b97f4a7c15ULL >> 48)

/**
 * struct block - a block of code; found again when it is translated again, and
 * never freed, for the emulator knows where its counter is
 * @next: of the same chain
 * @address: of its first instruction
 * @end: address behind its last instruction
 * @length: instructions
 * @count: executions
 * @before: the same when the last mark began
 * @number: in the trace; 0 until it is in there
 */
struct block {
	struct block *next;
	uint64_t address;
	uint64_t end;
	uint64_t length;
	uint64_t count;
	uint64_t before;
	unsigned int number;
};

QEMU_PLUGIN_EXPORT int qemu_plugin_version = 1;

static struct block *chains[CHAINS];
static unsigned int marks;
static FILE *out;
static FILE *trace;
static unsigned int numbers;

static struct block *block_of(uint64_t address, uint64_t end, uint64_t length)
{
	struct block **chain = &chains[HASH(address)];
	struct block *block;

	for (block = *chain; block; block = block->next) {
		if (block->address == address && block->end == end && block->length == length)
			return block;
	}
	block = calloc(1, sizeof(*block));
	if (!block)
		abort();
	block->address = address;
	block->end = end;
	block->length = length;
	block->next = *chain;
	*chain = block;
	return block;
}

static void at_mark(unsigned int vcpu, void *data)
{
	int ends = marks++ & 1;

	if (ends)
		fprintf(out, "mark %u\n", marks / 2);
	else if (trace)
		fprintf(trace, "mark %u\n", marks / 2 + 1);
	for (unsigned int i = 0; i < CHAINS; i++) {
		for (struct block *block = chains[i]; block; block = block->next) {
			if (!ends)
				block->before = block->count;
			else if (block->count != block->before)
				fprintf(out, "%016" PRIx64 " %" PRIu64 " %" PRIu64 "\n",
					block->address, block->length,
					block->count - block->before);
		}
	}
	fflush(out);
	if (trace)
		fflush(trace);
}

static void executed(unsigned int vcpu, void *data)
{
	static long written;
	struct block *block = data;

	if (!(marks & 1) || !trace)
		return;
	if (block->number) {
		written += fprintf(trace, "%u\n", block->number);
	} else {
		block->number = ++numbers;
		written += fprintf(trace, "%u %016" PRIx64 " %016" PRIx64 " %" PRIu64 "\n",
				   block->number, block->address, block->end,
				   block->length);
	}
	if (written < TRACE_MAX)
		return;
	fputs("full\n", trace);
	fclose(trace);
	trace = NULL;
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, 0);
	size_t length = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, length - 1);
	uint64_t address = qemu_plugin_insn_vaddr(first);
	uint64_t end = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last);
	struct block *block = block_of(address, end, length);

	if (address == MARK)
		qemu_plugin_register_vcpu_insn_exec_cb(first, at_mark, PLUGIN_NO_REGS, NULL);
	qemu_plugin_register_vcpu_tb_exec_inline(tb, PLUGIN_INLINE_ADD_U64, &block->count, 1);
	if (trace)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, PLUGIN_NO_REGS, block);
}

/* The file of an argument NAME=FILE; NULL if it is another one. */
static FILE *file_of(const char *argument, const char *name)
{
	size_t len = strlen(name);
	FILE *file;

	if (strncmp(argument, name, len) || argument[len] != '=')
		return NULL;
	file = fopen(argument + len + 1, "w");
	if (!file)
		perror(argument + len + 1);
	return file;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(plugin_id id, const struct plugin_info *info, int argc,
					   char **argv)
{
	if (argc >= 1)
		out = file_of(argv[0], "out");
	if (argc == 2)
		trace = file_of(argv[1], "trace");
	if (!out || argc > 2 || (argc == 2 && !trace)) {
		fprintf(stderr, "profile: arguments are out=FILE and, if wanted, trace=FILE\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
