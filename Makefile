# SPDX-License-Identifier: Apache-2.0
# Pratu. `make help` lists the targets. Everything that is generated goes into $(B). Where a flavour
# (asan, tsan, cover, fuzz) is wanted it calls itself with another $(B) and other flags.

B ?= build
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
PYTHON ?= python3
PREFIX ?= /usr/local
VERSION := 0.1.0
FUZZ_SECONDS ?= 20

# ---- flags

PKGS := libmicrohttpd gnutls libpq jansson cjose libsodium liboath libcrypto libutf8proc libcurl
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

WARN := -Wall -Wextra -Wpedantic -Werror -Wconversion -Wsign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wundef -Wvla \
	-Wswitch-enum -Wnull-dereference
GCC_WARN := -Wlogical-op -Wduplicated-cond -Wduplicated-branches
OPT := -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -ftrivial-auto-var-init=zero -fPIE
OPT_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack

COMMON = -std=c17 -D_DEFAULT_SOURCE -DPRATU_VERSION='"$(VERSION)"' -I. -I$(B)/gen $(PKG_CFLAGS)
CFLAGS_ALL = $(COMMON) $(WARN) $(GCC_WARN) $(OPT)
DEPEND = -MMD -MP -MF $@.d
LIBS = $(PKG_LIBS) -lzxcvbn -lpthread

# ---- what there is: every C file by name, one list per folder, in order. `make structure` names a
# file that stands in no list. Queries, pages, texts and migrations are found by wildcard below: to
# add or to remove one is a matter of its file alone.

BASE := \
	arena clock crypto enc handle heap jose jose_key json log log_queue meter metrics nearest \
	params result rng settings settings_courier settings_reload settings_table settings_value \
	str tally
IO := \
	combine db db_args db_array db_batch db_bind db_column db_conn db_environ db_listen \
	db_transaction handed http http_accept http_answer http_conn http_exchange http_head \
	http_hygiene http_linger http_listen http_loop http_parse http_reap http_request http_size \
	http_tls lane outbox private_file process reload seal_image vault_call vault_codec \
	vault_codec_get vault_codec_put vault_frame vault_wait
OTP := \
	challenge delivered factor factor_email factor_judge factor_sandbox_code factor_sms \
	factor_sms_and_email factor_totp level nfc seed strength target throttle totp typed
OIDC := \
	access_token authz_decide authz_level authz_request authz_response authz_rules claims \
	client client_assertion client_auth client_auth_basic client_auth_none client_auth_post \
	client_auth_private_key_jwt client_auth_secret client_members client_secret discovery \
	error grant_authorization_code grant_refresh_token grant_type introspection logout pkce \
	scope token_decide token_refusal token_request uri
PAGE := \
	answer context cookie dispatch ep_icon ep_language ep_seal ep_style observe \
	observe_listener origin page page_lang page_text request_fault serve template
WEB := \
	bounce client_check clients device disclosure ep_agency ep_authorize ep_connect \
	ep_discovery ep_health ep_help ep_home ep_introspect ep_jwks ep_known ep_logout ep_revoke \
	ep_session ep_signin ep_token ep_userinfo ep_wait figures flow grant health keys \
	logout_handle record routes seal_keys sealed send_code session sign_batch signin \
	signin_end signin_vault step_account step_choose step_consent step_factor step_level \
	step_notice step_password steps token_authorization_code token_claims token_facts \
	token_given token_grant token_refresh_token token_refuse token_sign transaction upkeep \
	watch ways web_main
VAULT := \
	blocklist code_text event factor_list factor_secret grant_ticket hasher key_check keyring \
	keystore listener login message op_bind op_blind_index op_challenge op_delivery op_factor \
	op_keys op_metrics op_national_id op_outbox_keys op_password op_prepare_citizen \
	op_seal_keys op_sign op_status op_step_up ops partial password pool seal secrets sent_code \
	server subs ticket vault_main
COURIER := \
	bell breaker channel_email channel_sms courier courier_main ep_report gateway keeper keys \
	mime report sender sms transfer verdict
CLI := \
	apply_citizen apply_claim apply_client apply_document apply_note backup cli cli_argv \
	cli_help cli_manual cli_print cli_reach cli_value cmd_apply cmd_backup cmd_citizen \
	cmd_client cmd_doctor cmd_init cmd_keys cmd_migrate cmd_records cmd_recover cmd_restore \
	cmd_serve cmd_session cmd_version confirm doctor doctor_as doctor_certificate \
	doctor_database doctor_disk doctor_files doctor_gateways doctor_named doctor_restore \
	doctor_vault files kinds migrate ready reason recover role roles show table tool who
UNIT := \
	access_token arena authz_decide authz_level authz_request authz_response authz_rules \
	blocklist breaker challenge claims client client_assertion client_auth client_secret clock \
	code_text combine crypto db_args db_array db_bind db_column delivered disclosure discovery \
	enc error factor factor_judge gateway handed handle hasher health http_hygiene http_parse \
	http_reap http_request http_size jose jose_key jose_refuse json lane log login logout \
	meter metrics mime nearest observe ops outbox page page_lang page_text params password \
	pkce process reload report result rng scope seal secrets seed session settings sign_batch \
	sms str strength subs tally target template throttle ticket token_decide token_request \
	totp transaction typed uri vault_call vault_codec vault_wait verdict
FLOW := authorize dispatch keys pages signin token ways
FUZZERS := \
	authz_request claims client client_assertion client_auth enc http_cookie http_head \
	http_target jose_key jose_verify json logout page_lang params settings template ticket \
	token_request transaction typed uri vault_frame vault_op vault_reply
RAW := batch_probe db_probe http_echo
SECOND := ep_visit second_main
BARE := bare_database bare_hash bare_http bare_signin

# $(call c_of,FOLDER,NAMES)
c_of = $(patsubst %,$(1)/%.c,$(2))

LIB_SRC := $(call c_of,idp/base,$(BASE)) $(call c_of,idp/io,$(IO)) \
	$(call c_of,otp,$(OTP)) $(call c_of,oidc,$(OIDC)) $(call c_of,idp/page,$(PAGE)) \
	$(call c_of,idp/web,$(WEB)) $(call c_of,idp/vault,$(VAULT)) \
	$(call c_of,idp/courier,$(COURIER)) $(call c_of,idp/cli,$(CLI))
TEST_SRC := $(call c_of,tests/unit,$(UNIT)) $(call c_of,tests/flow,$(FLOW))
FUZZ_SRC := $(call c_of,tests/fuzz,$(FUZZERS:%=fuzz_%))
RAW_SRC := $(call c_of,tests/raw,$(RAW))
SECOND_SRC := $(call c_of,tests/raw/second,$(SECOND))
BARE_SRC := $(call c_of,tests/bench,$(BARE))
GEN := $(addprefix $(B)/gen/,queries_web queries_vault queries_courier queries_admin pages \
	texts message_texts migrations vault_table vault_handlers)
GEN_H := $(GEN:=.h)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o) $(GEN:=.o)
TEST_BIN := $(TEST_SRC:%.c=$(B)/%)
RAW_BIN := $(RAW_SRC:%.c=$(B)/%)
REPLAY_BIN := $(FUZZ_SRC:%.c=$(B)/%)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/%)

# ---- the program

.PHONY: all
all: $(B)/pratu ## build/pratu

$(B)/pratu: $(B)/idp/cli/main.o $(B)/libpratu.a
	@echo "  LD $@"
	@$(CC) $(OPT_LD) -o $@ $^ $(LIBS)

$(B)/libpratu.a: $(LIB_OBJ)
	@rm -f $@
	@$(AR) rcs $@ $^

# Generated headers are there before the first compilation; after that the .d files know.
$(B)/%.o: %.c Makefile | $(GEN_H)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(DEPEND) -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c Makefile | $(GEN_H)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) -Wno-overlength-strings $(DEPEND) -c -o $@ $<

# ---- what is generated. A folder is a prerequisite too: it is newer when a file was removed.

QUERIES_PY := deploy/build/queries.py deploy/build/embed.py
define queries
$(B)/gen/queries_$(1).c $(B)/gen/queries_$(1).h &: \
		$$(sort $$(wildcard sql/query/$(1)/*.sql)) $$(QUERIES_PY) sql/query/$(1)
	@$$(PYTHON) deploy/build/queries.py $(1) $(B)/gen/queries_$(1) $$(filter %.sql,$$^)
endef
$(foreach role,web vault courier admin,$(eval $(call queries,$(role))))

# The folders with pages/ and text/: what all share, then each role that answers with HTML.
HTML := idp/page idp/web

# $(call html,OUT_DIR,FOLDERS): their pages and texts as C.
define html
$(1)/pages.c $(1)/pages.h &: $$(sort $$(wildcard $(addsuffix /pages/*.*,$(2)))) \
		deploy/build/embed.py $(addsuffix /pages,$(2))
	@mkdir -p $(1)
	@$$(PYTHON) deploy/build/embed.py files pages $(1)/pages \
		$$(foreach f,$(2),$$(filter $$(f)/pages/%,$$^))
$(1)/texts.c $(1)/texts.h &: $$(sort $$(wildcard $(addsuffix /text/*.json,$(2)))) \
		deploy/build/embed.py $(addsuffix /text,$(2))
	@mkdir -p $(1)
	@$$(PYTHON) deploy/build/embed.py texts text $(1)/texts $$(filter %.json,$$^)
endef
$(eval $(call html,$(B)/gen,$(HTML)))
$(B)/gen/message_texts.c $(B)/gen/message_texts.h &: $(sort $(wildcard idp/vault/text/*.json)) \
		deploy/build/embed.py idp/vault/text
	@$(PYTHON) deploy/build/embed.py texts message $(B)/gen/message_texts $(filter %.json,$^)

$(B)/gen/migrations.c $(B)/gen/migrations.h &: sql/roles.sql $(sort $(wildcard sql/migrate/*.sql)) \
		deploy/build/embed.py sql/migrate
	@$(PYTHON) deploy/build/embed.py files migrations $(B)/gen/migrations $(filter %.sql,$^)

VAULT_GEN := $(foreach name,vault_table vault_handlers,$(B)/gen/$(name).c $(B)/gen/$(name).h)
$(VAULT_GEN) &: idp/io/vault_ops.table deploy/build/ops.py
	@$(PYTHON) deploy/build/ops.py idp/io/vault_ops.table $(B)/gen

# ---- tests

# A cmocka binary for each file of tests/unit and tests/flow; the programs of tests/raw.
$(B)/tests/%: tests/%.c $(B)/libpratu.a Makefile | $(GEN_H)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(DEPEND) $(OPT_LD) -o $@ $< $(B)/libpratu.a $(LIBS) -lcmocka

# A second role that answers with HTML: its pages and texts take the place of the library's.
SECOND_DIR := $(B)/tests/raw/second
SECOND_GEN := $(SECOND_DIR)/gen/pages $(SECOND_DIR)/gen/texts
SECOND_OBJ := $(SECOND_SRC:%.c=$(B)/%.o) $(SECOND_GEN:=.o)
SECOND_BIN := $(SECOND_DIR)/second
$(eval $(call html,$(SECOND_DIR)/gen,idp/page tests/raw/second))

$(SECOND_GEN:=.o): $(SECOND_DIR)/gen/%.o: $(SECOND_DIR)/gen/%.c Makefile
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) -Wno-overlength-strings $(DEPEND) -c -o $@ $<

$(SECOND_BIN): $(SECOND_OBJ) $(B)/libpratu.a
	@echo "  LD $@"
	@$(CC) $(OPT_LD) -o $@ $^ $(LIBS)

# Each fuzzer without libFuzzer: it takes files, and so replays a corpus.
REPLAY_LINKED := $(B)/tests/fuzz/replay.o $(B)/libpratu.a
$(REPLAY_BIN): $(B)/tests/fuzz/%: tests/fuzz/%.c $(REPLAY_LINKED) Makefile | $(GEN_H)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(DEPEND) $(OPT_LD) -o $@ $< $(REPLAY_LINKED) $(LIBS)

.PHONY: test-build raw check mutants unit replay structure sources
test-build: $(TEST_BIN) $(REPLAY_BIN) $(RAW_BIN) $(SECOND_BIN) ## the binaries that the tests run

raw: $(RAW_BIN) $(SECOND_BIN)

check: ## install what is missing, then every kind of test; closes with "N passed, N failed"
	@deploy/install-packages
	@tests/run

mutants: ## remove each guard in turn; its test must fail. MUTANTS="--only ID"
	@deploy/install-packages build run check
	@tests/mutants $(MUTANTS)

unit: $(TEST_BIN) ## run the unit and flow tests
	@for t in $(TEST_BIN); do echo "== $$t"; $$t || exit 1; done

replay: $(REPLAY_BIN) ## run every fuzzer's corpus once
	@for f in $(notdir $(REPLAY_BIN)); do \
		$(B)/tests/fuzz/$$f tests/fuzz/corpus/$${f#fuzz_}/* || exit 1; \
	done

structure: ## the rules of the code base: layers, sizes, format, texts, words, RFC rows
	@bad=0; for t in tests/structure/*; do \
		if [ -f $$t ] && [ -x $$t ]; then $$t || bad=1; fi; \
	done; exit $$bad

sources: # every C file that is built, for the structure checks
	@printf '%s\n' $(LIB_SRC) idp/cli/main.c $(TEST_SRC) $(FUZZ_SRC) tests/fuzz/replay.c \
		$(RAW_SRC) $(SECOND_SRC) $(BARE_SRC) deploy/build/sample.c

# ---- flavours

# The sanitizers make the compiler see null dereferences where there are none.
SANITIZED := -O1 -g -fno-omit-frame-pointer -fPIE -DHEAP_OF_SANITIZER -Wno-null-dereference
ASAN := $(SANITIZED) -DARENA_EXACT -fsanitize=address,undefined -fno-sanitize-recover=all
TSAN := $(SANITIZED) -fsanitize=thread

.PHONY: asan-build tsan-build asan tsan cover
asan-build:
	@$(MAKE) B=build/asan OPT='$(ASAN)' OPT_LD='$(ASAN) -pie' all test-build
tsan-build:
	@$(MAKE) B=build/tsan OPT='$(TSAN)' OPT_LD='$(TSAN) -pie' all test-build

asan: ## every test that runs C, under AddressSanitizer and UBSan
	@deploy/install-packages
	@tests/run asan

tsan: tsan-build ## unit and flow tests under ThreadSanitizer
	@$(MAKE) B=build/tsan OPT='$(TSAN)' OPT_LD='$(TSAN) -pie' unit

# Threads share counters. What acceptance tests reach is not counted: others may not write here.
COVER := -O0 -g --coverage -fprofile-update=atomic

cover: ## line coverage of the unit, flow, corpus, pg and raw tests: build/cover/index.html
	@deploy/install-packages build run check lint
	@$(MAKE) B=build/cover OPT='$(COVER)' OPT_LD=--coverage all test-build
	@find build/cover -name '*.gcda' -delete
	@$(MAKE) -s B=build/cover OPT='$(COVER)' OPT_LD=--coverage unit replay \
		>build/cover/log 2>&1 || \
		{ tail -20 build/cover/log; exit 1; }
	@PRATU_BIN=$(CURDIR)/build/cover/pratu PRATU_CHECK_DIR=build/cover PYTHONPATH=tests \
		PYTHONDONTWRITEBYTECODE=1 $$(tests/venv) -m pytest -q -p no:cacheprovider \
		tests/pg tests/raw >build/cover/log 2>&1 || \
		{ tail -40 build/cover/log; exit 1; }
	@gcovr -r . build/cover --filter idp --filter oidc --filter otp \
		--html-details build/cover/index.html --txt build/cover/report.txt
	@tail -3 build/cover/report.txt

# ---- fuzzing: clang's libFuzzer; a new corpus grows in build/fuzz, seeds are in tests/fuzz

FUZZ_OPT := -O1 -g -DARENA_EXACT -DHEAP_OF_SANITIZER -fsanitize=address,undefined \
	-fno-sanitize-recover=all

# .../fuzz_<name> from tests/fuzz/fuzz_<name>.c; only made where CC is clang.
$(FUZZ_BIN): $(B)/%: tests/fuzz/%.c $(B)/libpratu.a Makefile | $(GEN_H)
	@echo "  CC $<"
	@$(CC) $(COMMON) $(WARN) -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all $(DEPEND) -o $@ $< $(B)/libpratu.a $(LIBS)

.PHONY: fuzz-build fuzz
fuzz-build: $(FUZZ_BIN)

fuzz: ## fuzz every parser for FUZZ_SECONDS each (20)
	@$(MAKE) B=build/fuzz CC=clang GCC_WARN= OPT='$(FUZZ_OPT) -fsanitize=fuzzer-no-link' \
		fuzz-build
	@for f in $(patsubst fuzz_%,%,$(notdir $(basename $(FUZZ_SRC)))); do \
		mkdir -p build/fuzz/corpus/$$f; \
		echo "== fuzz_$$f, $(FUZZ_SECONDS) s"; \
		build/fuzz/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
			-rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 \
			-artifact_prefix=build/fuzz/ build/fuzz/corpus/$$f tests/fuzz/corpus/$$f \
			>build/fuzz/$$f.log 2>&1 || { tail -60 build/fuzz/$$f.log; exit 1; }; \
		grep -E 'stat::(number_of_executed_units|average_exec_per_sec)' \
			build/fuzz/$$f.log; \
	done

# ---- static checks

.PHONY: lint
lint: $(GEN_H) ## gcc -fanalyzer, clang-tidy, cppcheck
	@tests/lint/run $(COMMON)

# ---- speed

# What the machine gives to a program that does only the unavoidable part.
BARE_BIN := $(BARE:%=$(B)/bench/%)

$(BARE_BIN): $(B)/bench/%: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(DEPEND) $(OPT_LD) -o $@ $< $(LIBS)

.PHONY: bench
bench: all $(BARE_BIN) ## the table of docs/PERFORMANCE.md, measured on this machine (half an hour)
	@deploy/install-packages lint check
	@tests/venv
	@build/venv/bin/python tests/bench/run --markdown build/bench/table.md

# ---- demo

.PHONY: demo demo-up demo-down
demo: ## everything in the foreground until Ctrl-C: Pratu, PostgreSQL, three agencies
	@deploy/demo/demo foreground
demo-up: ## the same in the background; returns when everything answers
	@deploy/demo/demo up
demo-down: ## end it
	@deploy/demo/demo down

# ---- install

# Prints the sample settings file.
$(B)/sample: deploy/build/sample.c $(B)/libpratu.a Makefile
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(DEPEND) $(OPT_LD) -o $@ $< $(B)/libpratu.a $(LIBS)

PROXY_PAGES := $(wildcard deploy/proxy/pages/*.html deploy/proxy/pages/*.css)
UNITS := $(notdir $(wildcard $(addprefix deploy/systemd/*.,service socket timer)))
DOCS := LICENSE README.md SECURITY.md CHANGELOG.md docs/DEPENDENCIES.md docs/ARCHITECTURE.md \
	docs/OPERATE.md docs/PERFORMANCE.md deploy/pg/PRODUCTION.md
TO := $(DESTDIR)$(PREFIX)
UNIT_DIR ?= $(PREFIX)/lib/systemd/system
MAN_DIR := $(TO)/share/man/man8
COMPLETION_DIR := $(TO)/share/bash-completion/completions

.PHONY: install deb
install: all $(B)/sample ## into $(DESTDIR)$(PREFIX): program, units, manual, completion, docs
	install -d $(TO)/bin $(DESTDIR)$(UNIT_DIR) $(TO)/lib/sysusers.d $(TO)/share/doc/pratu \
		$(TO)/share/pratu/prometheus $(TO)/share/pratu/proxy $(MAN_DIR) $(COMPLETION_DIR)
	install -m 0755 $(B)/pratu $(TO)/bin/pratu
	for u in $(UNITS); do \
		sed 's|/usr/local/|$(PREFIX)/|g' deploy/systemd/$$u >$(DESTDIR)$(UNIT_DIR)/$$u && \
		chmod 0644 $(DESTDIR)$(UNIT_DIR)/$$u || exit 1; \
	done
	$(B)/pratu help man >$(MAN_DIR)/pratu.8
	$(B)/pratu help bash >$(COMPLETION_DIR)/pratu
	install -m 0644 $(PROXY_PAGES) $(TO)/share/pratu/proxy
	sed 's|/usr/local/|$(PREFIX)/|g' deploy/proxy/nginx.conf >$(TO)/share/pratu/nginx.conf
	chmod 0644 $(TO)/share/pratu/nginx.conf
	install -m 0644 deploy/systemd/pratu.sysusers $(TO)/lib/sysusers.d/pratu.conf
	install -m 0644 $(DOCS) $(TO)/share/doc/pratu
	install -m 0644 $(wildcard deploy/prometheus/*) $(TO)/share/pratu/prometheus
	$(B)/sample >$(TO)/share/doc/pratu/pratu.conf.sample

# In the tree as it is built. Only a tagged commit makes a release: see CONTRIBUTING.md.
deb: all $(B)/sample ## a Debian package: build/deb/pratu_<version>_<arch>.deb
	@rm -rf build/deb && mkdir -p build/deb
	@DEB_RULES_REQUIRES_ROOT=no DEB_DIR=$(CURDIR)/build/deb \
		debian/rules clean binary >build/deb/log 2>&1 || \
		{ tail -20 build/deb/log; exit 1; }
	@dh_clean
	@ls build/deb/*.deb

# ---- the rest

.PHONY: format clean help
format: ## lay out every C file by .clang-format
	@clang-format -i $$(git ls-files -co --exclude-standard '*.c' '*.h')

clean: ## remove what was built
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

-include $(LIB_OBJ:=.d) $(B)/idp/cli/main.o.d $(TEST_BIN:=.d) $(RAW_BIN:=.d) $(SECOND_OBJ:=.d) \
	$(REPLAY_BIN:=.d) $(FUZZ_BIN:=.d) $(B)/sample.d
