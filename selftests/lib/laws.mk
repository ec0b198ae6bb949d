# SPDX-License-Identifier: GPL-2.0
#
# What the law checker is made of, for whoever builds it. LAWS_DIR is where the
# table of legal transitions goes that is cut out of the module's own: set it,
# include this file below the first target, and build $(LAWS_SRC) after
# $(LAWS_TABLE) with -I$(LAWS_DIR) and -ljson-c.

LAWS_LIB := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
LAWS_SRC := $(wildcard $(LAWS_LIB)/laws.c $(LAWS_LIB)/laws_*.c)
LAWS_HDR := $(wildcard $(LAWS_LIB)/laws.h $(LAWS_LIB)/laws_*.h) \
	$(LAWS_LIB)/../../include/uapi/linux/tcpstate.h
LAWS_TABLE := $(LAWS_DIR)/laws_table.inc

$(LAWS_TABLE): $(LAWS_LIB)/../../module/counters.c
	@mkdir -p $(@D)
	@sed -n -e '/^#define ROW(/,/^};/p' -e '/^#define STATE(/,/^};/p' \
		-e '/^#define CAUSE(/,/^};/p' $< >$@.new
	@mv $@.new $@
