// SPDX-License-Identifier: GPL-2.0
/*
 * The character device /dev/tcpstate.
 *
 * Knows files, ioctls and user memory; must not know TCP. Rights are those of
 * the opener (f_cred) and are fixed at open(): never those of whoever reads.
 */
#include "chardev.h"

#include <linux/build_bug.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/tcpstate.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <net/net_namespace.h>

#include "merge.h"
#include "netns.h"
#include "reader.h"
#include "recorder.h"
#include "wake.h"

/*
 * The layout is the contract; selftests/abi pins the same numbers on the other
 * side.
 */
static_assert(sizeof(struct tcpstate_record) == TCPSTATE_RECORD_SIZE);
static_assert(sizeof(struct tcpstate_life_record) == TCPSTATE_LIFE_SIZE);
static_assert(offsetof(struct tcpstate_record, size) == 0);
static_assert(offsetof(struct tcpstate_record, type) == 2);
static_assert(offsetof(struct tcpstate_record, family) == 3);
static_assert(offsetof(struct tcpstate_record, old_state) == 4);
static_assert(offsetof(struct tcpstate_record, new_state) == 5);
static_assert(offsetof(struct tcpstate_record, cause) == 6);
static_assert(offsetof(struct tcpstate_record, carrier) == 7);
static_assert(offsetof(struct tcpstate_record, seq) == 8);
static_assert(offsetof(struct tcpstate_record, ifindex) == 12);
static_assert(offsetof(struct tcpstate_record, mono_ns) == 16);
static_assert(offsetof(struct tcpstate_record, cookie) == 24);
static_assert(offsetof(struct tcpstate_record, netns_inum) == 32);
static_assert(offsetof(struct tcpstate_record, netns_gen) == 36);
static_assert(offsetof(struct tcpstate_record, laddr) == 40);
static_assert(offsetof(struct tcpstate_record, raddr) == 56);
static_assert(offsetof(struct tcpstate_record, lport) == 72);
static_assert(offsetof(struct tcpstate_record, rport) == 74);
static_assert(offsetof(struct tcpstate_record, flags) == 76);
static_assert(offsetof(struct tcpstate_record, life) == 78);
static_assert(offsetof(struct tcpstate_record, tgid) == 80);
static_assert(offsetof(struct tcpstate_record, uid) == 84);
static_assert(offsetof(struct tcpstate_record, comm) == 88);
static_assert(offsetof(struct tcpstate_record, raw) == 104);
static_assert(sizeof(struct tcpstate_state_data) == 24);
static_assert(sizeof(struct tcpstate_refusal_data) == 24);
static_assert(sizeof(struct tcpstate_retransmit_data) == 24);
static_assert(sizeof(struct tcpstate_tw_data) == 24);
static_assert(sizeof(struct tcpstate_ports_data) == 24);
static_assert(sizeof(struct tcpstate_reset_data) == 24);
static_assert(sizeof(struct tcpstate_memory_data) == 24);
static_assert(sizeof(struct tcpstate_segment_data) == 24);
static_assert(sizeof(struct tcpstate_lost_data) == 24);
static_assert(sizeof(struct tcpstate_life_data) == 24);
static_assert(sizeof(struct tcpstate_life_step) == 4);
static_assert(offsetof(struct tcpstate_life_record, bytes_in) == 128);
static_assert(offsetof(struct tcpstate_life_record, dwell_ns) == 160);
static_assert(offsetof(struct tcpstate_life_record, step) == 224);
static_assert(sizeof(struct tcpstate_query) == 96);
static_assert(sizeof(struct tcpstate_filter) == 88);
static_assert(sizeof(struct tcpstate_start) == 24);
static_assert(sizeof(struct tcpstate_stats) == 64);

static int chardev_open(struct inode *inode, struct file *file)
{
	struct net *net = current->nsproxy->net_ns;
	struct tcps_reader_rights rights = {
		.global = net_eq(net, &init_net),
		.pid_ns = task_active_pid_ns(current),
		.user_ns = file->f_cred->user_ns,
	};
	struct tcps_reader *reader;
	struct tcps_net *tn;

	if (!rights.global &&
	    !file_ns_capable(file, net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	tn = tcps_net_of(net); /* stays: the task holds the namespace */
	if (!tn)
		return -ENOMEM;
	rights.gen = tn->gen;
	rights.inum = tn->inum;

	reader = tcps_reader_make(&rights);
	if (IS_ERR(reader))
		return PTR_ERR(reader);
	file->private_data = reader;
	return stream_open(inode, file);
}

static int chardev_release(struct inode *inode, struct file *file)
{
	tcps_reader_end(file->private_data);
	return 0;
}

/*
 * Copy what there is. The caller has the reader's turn but not its lock: the
 * user's memory can be slow, or never come, and nobody else may wait for it.
 */
static ssize_t deliver(struct tcps_reader *reader, char __user *to, size_t room)
{
	size_t done = 0;

	for (;;) {
		const void *records;
		size_t size = 0, left;

		mutex_lock(&reader->lock);
		if (tcps_merge_fill(reader))
			records = tcps_merge_peek(reader, room - done, &size);
		mutex_unlock(&reader->lock);
		if (!size)
			return done;

		left = copy_to_user(to + done, records, size);

		mutex_lock(&reader->lock);
		done += tcps_merge_took(reader, size - left);
		mutex_unlock(&reader->lock);
		if (left)
			return done ?: -EFAULT;
	}
}

static ssize_t try_read(struct tcps_reader *reader, char __user *to,
			size_t room)
{
	ssize_t done = -EINVAL;

	if (mutex_lock_interruptible(&reader->turn))
		return -ERESTARTSYS;
	if (room >= tcps_reader_min(reader))
		done = deliver(reader, to, room);
	mutex_unlock(&reader->turn);
	return done;
}

static ssize_t chardev_read(struct file *file, char __user *to, size_t room,
			    loff_t *pos)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct tcps_reader *reader = file->private_data;
	struct wait_queue_head *queue;
	ssize_t done;

	done = try_read(reader, to, room);
	if (done)
		return done;
	if (file->f_flags & O_NONBLOCK)
		return -EAGAIN;

	tcps_wake_queue(&queue);
	add_wait_queue(queue, &wait);
	for (;;) {
		tcps_wake_arm();
		done = try_read(reader, to, room);
		if (done)
			break;
		if (signal_pending(current)) {
			done = -ERESTARTSYS;
			break;
		}
		wait_woken(&wait, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
	}
	remove_wait_queue(queue, &wait);
	return done;
}

static __poll_t chardev_poll(struct file *file, poll_table *table)
{
	struct tcps_reader *reader = file->private_data;
	struct wait_queue_head *queue;
	__poll_t mask = 0;

	tcps_wake_queue(&queue);
	poll_wait(file, queue, table);
	tcps_wake_arm();
	mutex_lock(&reader->lock);
	if (tcps_merge_fill(reader))
		mask = EPOLLIN | EPOLLRDNORM;
	mutex_unlock(&reader->lock);
	return mask;
}

static long do_query(const struct tcps_reader *reader, void __user *to)
{
	struct tcpstate_query query = {
		.abi = TCPSTATE_ABI_VERSION,
		.schema = TCPSTATE_SCHEMA_VERSION,
		.record_size = TCPSTATE_RECORD_SIZE,
		.life_size = TCPSTATE_LIFE_SIZE,
		.max_readers = tcps_readers_max(),
		.max_ports = TCPSTATE_FILTER_PORTS,
		.lanes = TCPSTATE_LANES_ALL,
		.flags = TCPSTATE_FILTER_SEGMENTS,
		.events = GENMASK_ULL(TCPSTATE_EVENT_COUNT - 1, 1),
		.netns_gen = reader->gen,
	};
	unsigned int lane;

	if (reader->global) {
		query.flags |= TCPSTATE_FILTER_ALL_NETNS;
		for (lane = 0; lane < TCPSTATE_LANE_COUNT; lane++)
			query.lane_bytes[lane] = tcps_recorder_lane_bytes(lane);
	}
	return copy_to_user(to, &query, sizeof(query)) ? -EFAULT : 0;
}

static long do_set_filter(struct tcps_reader *reader, const void __user *from)
{
	struct tcpstate_filter filter;

	if (copy_from_user(&filter, from, sizeof(filter)))
		return -EFAULT;
	return tcps_merge_set_filter(reader, &filter);
}

static long do_set_start(struct tcps_reader *reader, void __user *arg)
{
	struct tcpstate_start start;
	u64 asked;
	long err;

	if (copy_from_user(&start, arg, sizeof(start)))
		return -EFAULT;
	asked = start.mono_ns;
	err = tcps_reader_check_start(reader, &start);
	if (err)
		return err;
	/* First, because a call that fails changes nothing. */
	if (copy_to_user(arg, &start, sizeof(start)))
		return -EFAULT;
	start.mono_ns = asked;
	return tcps_reader_set_start(reader, &start);
}

static long do_get_stats(struct tcps_reader *reader, void __user *to)
{
	struct tcpstate_stats stats;

	mutex_lock(&reader->lock);
	tcps_merge_stats(reader, &stats);
	mutex_unlock(&reader->lock);
	return copy_to_user(to, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static long chardev_ioctl(struct file *file, unsigned int command,
			  unsigned long arg)
{
	struct tcps_reader *reader = file->private_data;
	void __user *user = (void __user *)arg;

	switch (command) {
	case TCPSTATE_IOC_QUERY:
		return do_query(reader, user);
	case TCPSTATE_IOC_SET_FILTER:
		return do_set_filter(reader, user);
	case TCPSTATE_IOC_SET_START:
		return do_set_start(reader, user);
	case TCPSTATE_IOC_GET_STATS:
		return do_get_stats(reader, user);
	default:
		return -ENOTTY;
	}
}

static void chardev_fdinfo(struct seq_file *m, struct file *file)
{
	struct tcps_reader *reader = file->private_data;
	struct tcpstate_stats stats;
	u32 lanes;

	mutex_lock(&reader->lock);
	tcps_merge_stats(reader, &stats);
	lanes = reader->lanes;
	mutex_unlock(&reader->lock);
	seq_printf(m, "tcpstate-netns:\t%u\n", reader->gen);
	seq_printf(m, "tcpstate-lanes:\t%#x\n", lanes);
	seq_printf(m, "tcpstate-recorded:\t%llu\n", stats.recorded);
	seq_printf(m, "tcpstate-delivered:\t%llu\n", stats.delivered);
	seq_printf(m, "tcpstate-filtered:\t%llu\n", stats.filtered);
	seq_printf(m, "tcpstate-lost:\t%llu\n", stats.lost);
	seq_printf(m, "tcpstate-pending:\t%llu\n", stats.pending);
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.read = chardev_read,
	.poll = chardev_poll,
	.unlocked_ioctl = chardev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.show_fdinfo = chardev_fdinfo,
};

static struct miscdevice chardev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "tcpstate",
	.fops = &chardev_fops,
	.mode = 0600,
};

int tcps_chardev_init(void)
{
	return misc_register(&chardev);
}

void tcps_chardev_exit(void)
{
	misc_deregister(&chardev);
}
