# SPDX-License-Identifier: Apache-2.0
# Pratu. `make help` lists the targets. Everything that is generated goes into $(B).

B ?= build
CC ?= gcc
PREFIX ?= /usr/local
VERSION := 0.1.0
PYTHON ?= python3

PKGS := libmicrohttpd gnutls libpq jansson cjose libsodium liboath libcrypto libutf8proc
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

WARN := -Wall -Wextra -Wpedantic -Werror -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wformat=2 -Wundef -Wvla -Wswitch-enum -Wnull-dereference
GCC_WARN := -Wlogical-op -Wduplicated-cond -Wduplicated-branches
HARDEN := -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -ftrivial-auto-var-init=zero -fPIE
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack
OPT ?= $(HARDEN)
OPT_LD ?= $(HARDEN_LD)
CFLAGS_ALL = -std=c17 -D_DEFAULT_SOURCE -DPRATU_VERSION='"$(VERSION)"' $(WARN) $(GCC_WARN) $(OPT) -I. -I$(B)/gen $(PKG_CFLAGS) -MMD -MP
LDFLAGS_ALL = $(OPT_LD)
LIBS = $(PKG_LIBS) -lpthread

LIB_SRC := $(filter-out idp/cli/main.c,$(wildcard idp/*/*.c otp/*.c oidc/*.c))
GEN := $(B)/gen/queries_web $(B)/gen/queries_vault $(B)/gen/queries_admin $(B)/gen/pages $(B)/gen/texts $(B)/gen/migrations
GEN_C := $(GEN:=.c)
GEN_H := $(GEN:=.h)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o) $(GEN_C:.c=.o)

.PHONY: all
all: $(B)/pratu

$(B)/pratu: $(B)/idp/cli/main.o $(B)/libpratu.a
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

$(B)/libpratu.a: $(LIB_OBJ)
	@rm -f $@
	@$(AR) rcs $@ $^

$(B)/%.o: %.c | $(GEN_H)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) -Wno-overlength-strings -c -o $@ $<

define embed_queries
$(B)/gen/queries_$(1).c $(B)/gen/queries_$(1).h &: $$(sort $$(wildcard sql/query/$(1)/*.sql)) deploy/build/embed.py sql/query/$(1)
	@$$(PYTHON) deploy/build/embed.py queries $(1) $(B)/gen/queries_$(1) $$(filter %.sql,$$^)
endef
$(foreach r,web vault admin,$(eval $(call embed_queries,$(r))))

define embed_files
$(B)/gen/$(1).c $(B)/gen/$(1).h &: $$(sort $$(wildcard $(2))) deploy/build/embed.py
	@$$(PYTHON) deploy/build/embed.py files $(1) $(B)/gen/$(1) $$(filter-out deploy/%,$$^)
endef
$(eval $(call embed_files,pages,idp/web/pages/*))
$(B)/gen/texts.c $(B)/gen/texts.h &: $(sort $(wildcard idp/web/text/*.json)) deploy/build/embed.py
	@$(PYTHON) deploy/build/embed.py texts text $(B)/gen/texts $(filter %.json,$^)
$(eval $(call embed_files,migrations,sql/roles.sql sql/migrate/*.sql))

# ---- unit and flow tests: one binary per file
TEST_SRC := $(wildcard tests/unit/*.c tests/flow/*.c)
TEST_BIN := $(TEST_SRC:%.c=$(B)/%)
$(B)/tests/%: tests/%.c $(B)/libpratu.a | $(GEN_H)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $< $(B)/libpratu.a $(LIBS) -lcmocka

.PHONY: unit
unit: $(TEST_BIN)
	@for t in $(TEST_BIN); do echo "== $$t"; $$t || exit 1; done

# ---- programs that the tests in Python start
RAW_BIN := $(B)/tests/raw/http_echo
.PHONY: raw
raw: $(RAW_BIN)

.PHONY: clean
clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
