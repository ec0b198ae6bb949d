# SPDX-License-Identifier: GPL-2.0
#
# Targets for people; "make help" lists them. The kernel's build system reads
# Kbuild, never this file.

KREL ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KREL)/build
MODDEST ?= $(DESTDIR)/lib/modules/$(KREL)/updates

all: module userspace

# Without headers everything else would only fail later and less clearly.
headers:
	@[ -e "$(KDIR)/Makefile" ] || { \
		echo "The headers of kernel $(KREL) are not installed ($(KDIR) is missing)." >&2; \
		echo "On Debian and Ubuntu: sudo apt-get install linux-headers-$(KREL)" >&2; \
		echo "For another kernel:   make KREL=VERSION or make KDIR=DIRECTORY" >&2; \
		echo "To try tcpstate in a virtual machine instead: make demo" >&2; \
		exit 1; }

module: headers
	@$(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR) modules

userspace:
	@$(MAKE) --no-print-directory -C userspace

install: all
	install -d $(MODDEST)
	install -m 644 tcpstate.ko $(MODDEST)
	@[ -n "$(DESTDIR)" ] || depmod $(KREL)
	@$(MAKE) --no-print-directory -C userspace install
	@[ -n "$(DESTDIR)" ] || echo "Installed. Load it with: modprobe tcpstate"

clean:
	@[ ! -e "$(KDIR)/Makefile" ] || $(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR) clean
	@$(MAKE) --no-print-directory -C userspace clean
	@for dir in selftests/*/Makefile; do \
		[ ! -e $$dir ] || $(MAKE) --no-print-directory -C $${dir%/*} clean || exit 1; \
	done
	rm -rf .build

demo:
	@selftests/vm/deps demo
	@selftests/vm/demo

check:
	@selftests/vm/deps check
	@selftests/run

check-kernels:
	@selftests/vm/deps check kernels
	@selftests/run -k 5.10 -k 6.1 -k 6.12 -k 7.3 abi system stress hostile

check-hostile:
	@selftests/vm/deps check kernels
	@CHECK_LONG=1 selftests/run -k distro -k 5.10 -k 6.12 -k 7.3 hostile stress

check-debug:
	@selftests/vm/deps check debug
	@selftests/run -k debug

lint:
	@selftests/vm/deps lint
	@selftests/run static

bench:
	@selftests/vm/deps bench
	@selftests/bench/run

bench-profile:
	@selftests/vm/deps demo
	@selftests/bench/profile-run

help:
	@echo 'make                module for the running kernel and userspace'
	@echo 'make install        both, into /lib/modules and $$(PREFIX) (/usr/local); DESTDIR is honoured'
	@echo 'make clean          removes everything that was built here'
	@echo
	@echo 'In a virtual machine, nothing is loaded on this host:'
	@echo 'make demo           shows tcpstate watching real traffic'
	@echo 'make check          the whole test suite; TCPSTATE_ACCEL=tcg or kvm overrides the probe'
	@echo 'make check-kernels  the suite in guests on 5.10, 6.1, 6.12 and 7.3'
	@echo 'make check-debug    the suite on a kernel with KASAN, lockdep and kmemleak'
	@echo 'make check-hostile  what others can do to a host through the module, all of it, on all kernels'
	@echo 'make lint           style and static checks (part of make check)'
	@echo 'make bench          what tcpstate costs, in instructions, and what others cost'
	@echo 'make bench-profile  which functions it costs'
	@echo 'selftests/vm/run    runs one command in a guest with the module loaded'

.PHONY: all headers module userspace install clean demo check check-kernels check-hostile check-debug lint bench bench-profile help
