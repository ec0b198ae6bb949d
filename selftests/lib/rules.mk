# SPDX-License-Identifier: GPL-2.0
#
# How a directory of tests is built. The variables are those of the kernel's
# tools/testing/selftests/lib.mk; this file stands in for it out of tree.
#
#   TEST_PROGS	scripts		TEST_GEN_PROGS	C tests, one source each
#   TEST_GEN_FILES	programs that tests call

SELFTESTS := $(patsubst %/lib/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
TOP := $(abspath $(SELFTESTS)/..)
OUTPUT ?= $(CURDIR)
LIBOBJ := $(OUTPUT)/lib.a

KSELFTEST_INC ?= $(eval KSELFTEST_INC := \
	$$(shell $(SELFTESTS)/lib/kernel-source)/tools/testing/selftests)$(KSELFTEST_INC)

CFLAGS ?= -O2 -g
override CFLAGS += -std=gnu11 -Wall -Wextra -Wno-unused-parameter \
	-Wno-missing-field-initializers -Wno-sign-compare \
	-D_GNU_SOURCE -I$(TOP)/include/uapi -I$(SELFTESTS)/lib
LDLIBS += -lpthread

GEN := $(addprefix $(OUTPUT)/,$(TEST_GEN_PROGS))
FILES := $(addprefix $(OUTPUT)/,$(TEST_GEN_FILES))
LIBSRC := $(filter-out %/tcp_peer.c %/laws.c $(wildcard $(SELFTESTS)/lib/laws_*.c), \
	$(wildcard $(SELFTESTS)/lib/*.c))
LIBHDR := $(wildcard $(SELFTESTS)/lib/*.h) $(TOP)/include/uapi/linux/tcpstate.h
LAWS_DIR := $(OUTPUT)/.obj

all: $(GEN) $(FILES)

list:
	@for t in $(TEST_PROGS) $(TEST_GEN_PROGS); do echo $$t; done

$(LIBOBJ): $(LIBSRC) $(LIBHDR)
	@mkdir -p $(OUTPUT)/.obj
	cd $(OUTPUT)/.obj && $(CC) $(CFLAGS) -c $(LIBSRC)
	rm -f $@
	$(AR) rcs $@ $(patsubst $(SELFTESTS)/lib/%.c,$(OUTPUT)/.obj/%.o,$(LIBSRC))

# Static where that is possible: guests with an older libc run it as well.
$(OUTPUT)/tcp_peer: $(SELFTESTS)/lib/tcp_peer.c $(LIBOBJ) $(LIBHDR)
	$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $< $(LIBOBJ) $(LDLIBS) 2>/dev/null || \
		$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBOBJ) $(LDLIBS)

include $(SELFTESTS)/lib/laws.mk
$(OUTPUT)/laws: $(LAWS_SRC) $(LAWS_HDR) $(LAWS_TABLE)
	$(CC) $(CFLAGS) -I$(LAWS_DIR) $(LDFLAGS) -static -o $@ $(LAWS_SRC) -ljson-c 2>/dev/null || \
		$(CC) $(CFLAGS) -I$(LAWS_DIR) $(LDFLAGS) -o $@ $(LAWS_SRC) -ljson-c

$(filter-out %/tcp_peer %/laws,$(GEN) $(FILES)): $(OUTPUT)/%: %.c $(LIBOBJ) $(LIBHDR)
	$(CC) $(CFLAGS) -isystem $(KSELFTEST_INC) $(LDFLAGS) -o $@ $< $(LIBOBJ) $(LDLIBS)

clean:
	rm -rf $(GEN) $(FILES) $(LIBOBJ) $(OUTPUT)/.obj $(EXTRA_CLEAN)

.PHONY: all list clean
