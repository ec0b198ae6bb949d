// SPDX-License-Identifier: GPL-2.0
/*
 * A file in a directory of /proc/net, whose readers keep nobody waiting.
 *
 * Must not know what is in it.
 *
 * Whoever removes a file of /proc waits for those who read it. The kernel's own
 * way to read copies to the user in the middle: if his memory comes from a
 * program (userfaultfd, FUSE) it may never come, and then rmmod hangs, and with
 * it, because it holds pernet_ops_rwsem, whoever makes a network namespace. So
 * here what is shown goes to a page of our own first, with no lock held goes to
 * the user as far as it does without a page fault, and only for the rest of that
 * page, which may wait, is the module held: rmmod then says that it is in use.
 *
 * Open files hold their namespace; so one that goes has no readers.
 */
#include "proc_file.h"

#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file_net.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <net/net_namespace.h>

#include "compat.h"

/* The next bytes at *pos, as seq_read() but into our memory. */
static ssize_t fill(struct file *file, void *page, size_t size, loff_t *pos)
{
	struct kvec vec = { .iov_base = page, .iov_len = size };
	struct kiocb kiocb;
	struct iov_iter iter;
	ssize_t got;

	init_sync_kiocb(&kiocb, file);
	kiocb.ki_pos = *pos;
	iov_iter_kvec(&iter, READ, &vec, 1, size);
	got = seq_read_iter(&kiocb, &iter);
	*pos = kiocb.ki_pos;
	return got;
}

/* Returns how much could not be given to him. */
static size_t give(char __user *to, const char *from, size_t size)
{
	size_t left;

	pagefault_disable();
	left = copy_to_user(to, from, size);
	pagefault_enable();
	if (likely(!left) || !try_module_get(THIS_MODULE))
		return left;
	left = copy_to_user(to + size - left, from + size - left, left);
	module_put(THIS_MODULE);
	return left;
}

/* One page at most. */
static ssize_t read_page(struct file *file, void *page, char __user *to,
			 size_t size, loff_t *pos)
{
	loff_t at = *pos;
	ssize_t got = fill(file, page, size, &at);
	size_t left;

	if (got <= 0)
		return got;
	left = give(to, page, got);
	if (left == got)
		return -EFAULT;
	*pos += got - left;
	return got - left;
}

static ssize_t file_read(struct file *file, char __user *to, size_t size,
			 loff_t *pos)
{
	ssize_t got = 0, done = 0;
	void *page;

	if (!size)
		return 0;
	page = (void *)__get_free_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	do {
		size_t room = min_t(size_t, size - done, PAGE_SIZE);

		got = read_page(file, page, to + done, room, pos);
		if (got > 0)
			done += got;
		if (got < (ssize_t)room)
			break; /* its end, or the user's */
	} while (done < size && !fatal_signal_pending(current));
	free_page((unsigned long)page);
	return done ?: got;
}

static struct net *net_of(const struct inode *inode)
{
	return maybe_get_net(proc_get_parent_data(inode));
}

static int open_pieces(struct file *file, struct net *net,
		       const struct tcps_proc_file *what)
{
	struct seq_net_private *p =
		__seq_open_private(file, what->ops, *what->size);

	if (!p)
		return -ENOMEM;
#ifdef CONFIG_NET_NS
	p->net = net;
#endif
	return 0;
}

static int file_open(struct inode *inode, struct file *file)
{
	const struct tcps_proc_file *what = compat_pde_data(inode);
	struct net *net;
	int err;

	if (file->f_mode & FMODE_WRITE)
		return -EACCES;
	net = net_of(inode);
	if (!net)
		return -ENXIO;
	err = what->show ? single_open(file, what->show, net) :
			   open_pieces(file, net, what);
	if (err)
		put_net(net);
	return err;
}

static int file_release(struct inode *inode, struct file *file)
{
	const struct tcps_proc_file *what = compat_pde_data(inode);
	struct seq_file *m = file->private_data;
	struct net *net = what->show ? seq_file_single_net(m) : seq_file_net(m);

	if (what->show)
		single_release(inode, file);
	else
		seq_release_private(inode, file);
	put_net(net);
	return 0;
}

static const struct proc_ops file_ops = {
	.proc_open = file_open,
	.proc_read = file_read,
	.proc_lseek = seq_lseek,
	.proc_release = file_release,
};

/**
 * tcps_proc_file_make() - make a file
 * @file: which; must stay as long as it is there
 * @dir: of proc_net_mkdir()
 *
 * It is for everyone to open: who may see what is decided when it is read.
 *
 * Return: 0 or -ENOMEM.
 */
int tcps_proc_file_make(const struct tcps_proc_file *file,
			struct proc_dir_entry *dir)
{
	return proc_create_data(file->name, 0444, dir, &file_ops,
				(void *)file) ?
		       0 :
		       -ENOMEM;
}
