// SPDX-License-Identifier: GPL-2.0
/*
 * What the functions of this kernel take, as its own type information (BTF)
 * says.
 *
 * Knows BTF; must not know which functions matter, nor why.
 *
 * The kernel's own readers of BTF are not exported, or not on all kernels, as
 * bpf_find_btf_id() by some 7.x only. The file in sysfs is there on all of them,
 * and its format is an ABI: so that is read, once. Offsets and lengths in it are
 * checked all the same.
 */
#include "btf.h"

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/stringhash.h>
#include <linux/vmalloc.h>
#include <uapi/linux/btf.h>

#define BTF_PATH "/sys/kernel/btf/vmlinux"
/* As large as it can sensibly be. */
#define BTF_MAX (256UL << 20)

/* Those that old headers do not have yet. */
#define KIND_DECL_TAG 17
#define KIND_TYPE_TAG 18
#define KIND_ENUM64 19

/* More qualifiers in a row than anybody writes. */
#define QUALIFIERS_MAX 16

/**
 * struct tcps_btf_function - a function
 * @hash: of its name
 * @type: its number
 */
struct tcps_btf_function {
	u32 hash;
	u32 type;
};

static u32 hash_of(const char *name)
{
	return full_name_hash(NULL, name, strlen(name));
}

static const struct btf_type *type_of(const struct tcps_btf *btf, u32 number)
{
	if (!number || number >= btf->types)
		return NULL;
	return btf->data + btf->at[number];
}

static unsigned int kind_of(const struct btf_type *type)
{
	return type->info >> 24 & 0x1f;
}

static unsigned int count_of(const struct btf_type *type)
{
	return type->info & 0xffff;
}

static const char *name_of(const struct tcps_btf *btf,
			   const struct btf_type *type)
{
	return type->name_off < btf->strings_len ?
		       btf->strings + type->name_off :
		       "";
}

/* Bytes that follow a type; negative if it is not known how many. */
static int tail_of(const struct btf_type *type)
{
	unsigned int n = count_of(type);

	switch (kind_of(type)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case KIND_DECL_TAG:
		return sizeof(u32);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	case KIND_ENUM64:
		return n * 3 * sizeof(u32);
	default:
		return -1;
	}
}

/* Types from @from to @end, or how many there are if there is no room yet. */
static int number_types(struct tcps_btf *btf, u32 from, u32 end)
{
	u32 functions = 0, types = 1, at = from;

	while (at < end) {
		const struct btf_type *type = btf->data + at;
		int tail;

		if (end - at < sizeof(*type))
			return -EINVAL;
		tail = tail_of(type);
		if (tail < 0 || tail > end - at - sizeof(*type))
			return -EINVAL;
		if (btf->at)
			btf->at[types] = at;
		if (kind_of(type) == BTF_KIND_FUNC) {
			if (btf->function) {
				btf->function[functions].type = types;
				btf->function[functions].hash =
					hash_of(name_of(btf, type));
			}
			functions++;
		}
		types++;
		at += sizeof(*type) + tail;
	}
	btf->types = types;
	btf->functions = functions;
	return 0;
}

static int read_types(struct tcps_btf *btf, size_t len)
{
	const struct btf_header *head = btf->data;
	u64 from, strings;
	int err;

	if (len < sizeof(*head) || head->magic != BTF_MAGIC ||
	    head->version != BTF_VERSION || head->hdr_len > len)
		return -EINVAL;
	from = (u64)head->hdr_len + head->type_off;
	strings = (u64)head->hdr_len + head->str_off;
	if (from % sizeof(u32) || from + head->type_len > len ||
	    !head->str_len || strings + head->str_len > len)
		return -EINVAL;
	btf->strings = btf->data + strings;
	btf->strings_len = head->str_len;
	if (btf->strings[btf->strings_len - 1])
		return -EINVAL;
	err = number_types(btf, from, from + head->type_len);
	if (err)
		return err;
	btf->at = vzalloc(array_size(btf->types, sizeof(*btf->at)));
	btf->function =
		vzalloc(array_size(btf->functions + 1, sizeof(*btf->function)));
	if (!btf->at || !btf->function)
		return -ENOMEM;
	return number_types(btf, from, from + head->type_len);
}

/* The whole of a file of sysfs, whose length is known. */
static int read_whole(struct file *file, void *to, size_t len)
{
	loff_t at = 0;

	while (at < len) {
		ssize_t got = kernel_read(file, to + at, len - at, &at);

		if (got <= 0)
			return got ?: -EIO;
	}
	return 0;
}

static int read_file(struct tcps_btf *btf, struct file *file)
{
	loff_t len = i_size_read(file_inode(file));
	int err;

	if (len <= 0 || len > BTF_MAX)
		return -EINVAL;
	btf->data = vmalloc(len);
	if (!btf->data)
		return -ENOMEM;
	err = read_whole(file, btf->data, len);
	return err ?: read_types(btf, len);
}

/**
 * tcps_btf_open() - learn what this kernel says of itself
 * @btf: result; knows nothing if that fails
 *
 * May sleep. It is some megabytes: to be closed soon.
 *
 * Return: 0, or a negative errno.
 */
int tcps_btf_open(struct tcps_btf *btf)
{
	struct file *file;
	int err;

	memset(btf, 0, sizeof(*btf));
	file = filp_open(BTF_PATH, O_RDONLY, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = read_file(btf, file);
	filp_close(file, NULL);
	if (err)
		tcps_btf_close(btf);
	return err;
}

/**
 * tcps_btf_close() - give the memory back
 * @btf: knows nothing afterwards
 */
void tcps_btf_close(struct tcps_btf *btf)
{
	vfree(btf->function);
	vfree(btf->at);
	vfree(btf->data);
	memset(btf, 0, sizeof(*btf));
}

/* What stands behind const, typedef and the like; NULL is void. */
static const struct btf_type *unqualified(const struct tcps_btf *btf,
					  u32 number)
{
	const struct btf_type *type = type_of(btf, number);
	unsigned int i;

	for (i = 0; type && i < QUALIFIERS_MAX; i++) {
		switch (kind_of(type)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case KIND_TYPE_TAG:
			type = type_of(btf, type->type);
			break;
		default:
			return type;
		}
	}
	return NULL;
}

static bool is_number(const struct btf_type *type)
{
	return type &&
	       (kind_of(type) == BTF_KIND_INT ||
		kind_of(type) == BTF_KIND_ENUM || kind_of(type) == KIND_ENUM64);
}

static bool is_word(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && !memcmp(name, word, len);
}

/* @word of @len bytes: "int", or the name of the structure it points to. */
static bool is_type(const struct tcps_btf *btf, u32 number, const char *word,
		    size_t len)
{
	const struct btf_type *type = unqualified(btf, number);

	if (is_word("int", word, len))
		return is_number(type);
	if (!type || kind_of(type) != BTF_KIND_PTR)
		return false;
	type = unqualified(btf, type->type);
	return type &&
	       (kind_of(type) == BTF_KIND_STRUCT ||
		kind_of(type) == BTF_KIND_FWD) &&
	       is_word(name_of(btf, type), word, len);
}

static bool begins_with(const struct tcps_btf *btf,
			const struct btf_type *proto, const char *takes)
{
	const struct btf_param *param = (const struct btf_param *)(proto + 1);
	unsigned int i = 0;

	while (*takes) {
		size_t len = strcspn(takes, " ");

		if (i == count_of(proto))
			return false;
		if (!is_word("-", takes, len) &&
		    !is_type(btf, param[i].type, takes, len))
			return false;
		i++;
		takes += len;
		takes += *takes == ' ';
	}
	return true;
}

/**
 * tcps_btf_takes() - is this how a function's arguments begin?
 * @btf: opened, or all 0
 * @function: its name
 * @takes: a word for each argument, with blanks in between: the name of the
 *	structure that a pointer points to, "int" for any number, "-" for
 *	whatever there is
 *
 * What takes more than that takes it, too.
 *
 * Return: if all functions of that name do.
 */
enum tcps_btf_answer tcps_btf_takes(const struct tcps_btf *btf,
				    const char *function, const char *takes)
{
	enum tcps_btf_answer answer = TCPS_BTF_SILENT;
	u32 hash = hash_of(function), i;

	for (i = 0; i < btf->functions; i++) {
		const struct btf_type *type, *proto;

		if (btf->function[i].hash != hash)
			continue;
		type = type_of(btf, btf->function[i].type);
		if (strcmp(name_of(btf, type), function))
			continue;
		proto = type_of(btf, type->type);
		if (!proto || kind_of(proto) != BTF_KIND_FUNC_PROTO ||
		    !begins_with(btf, proto, takes))
			return TCPS_BTF_OTHER;
		answer = TCPS_BTF_SAME;
	}
	return answer;
}
