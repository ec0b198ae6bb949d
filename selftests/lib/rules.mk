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
	-Werror=implicit-function-declaration \
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

include $(SELFTESTS)/lib/laws.mk

# link PROGRAM SOURCES FLAGS LIBRARIES: static where that is possible, so that
# guests with an older libc run it as well.
define link
	@echo "  LINK    $(1)"; \
	if $(CC) $(CFLAGS) $(3) $(LDFLAGS) -static -o $(1) $(2) $(4) 2>$(1).log; then \
		cat $(1).log >&2; rm $(1).log; \
	else \
		rm $(1).log; $(CC) $(CFLAGS) $(3) $(LDFLAGS) -o $(1) $(2) $(4); \
	fi
endef

$(OUTPUT)/tcp_peer: $(SELFTESTS)/lib/tcp_peer.c $(LIBOBJ) $(LIBHDR)
	$(call link,$@,$<,,$(LIBOBJ) $(LDLIBS))

$(OUTPUT)/laws: $(LAWS_SRC) $(LAWS_HDR) $(LAWS_TABLE)
	$(call link,$@,$(LAWS_SRC),-I$(LAWS_DIR),-ljson-c)

$(filter-out %/tcp_peer %/laws,$(GEN) $(FILES)): $(OUTPUT)/%: %.c $(LIBOBJ) $(LIBHDR)
	$(call link,$@,$<,-isystem $(KSELFTEST_INC),$(LIBOBJ) $(LDLIBS))

clean:
	rm -rf $(GEN) $(FILES) $(LIBOBJ) $(OUTPUT)/.obj $(EXTRA_CLEAN)

.PHONY: all list clean
