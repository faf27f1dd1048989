# p2pchat and punchlab. `make help` lists the targets.

MODE   ?= release
V      ?= 0
B      := build/$(MODE)
Q      := $(if $(filter 1,$(V)),,@)
VERSION := 0.1.0

PKG_CONFIG ?= pkg-config
LUA_PC     := lua5.4
HAVE_PC    := $(shell command -v $(PKG_CONFIG) 2>/dev/null)
pc          = $(if $(HAVE_PC),$(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wswitch-enum \
        -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wundef -Wvla -Werror=implicit
HARD := -fstack-protector-strong -fPIE
LINK := -pie -Wl,-z,relro,-z,now
OPT  := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
ifeq ($(MODE),asan)
OPT  := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LINK += -fsanitize=address,undefined
endif
ifeq ($(MODE),fuzz)
CC   := clang
OPT  := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LINK += -fsanitize=fuzzer,address,undefined
# What the chat compares are times and lengths, which stand in no input as they are, and what it has in a memcmp() is
# seen all the same: to trace the rest took half of its fuzzers' time.
$(B)/src/chat/%.o: OPT += -O2 -fno-sanitize-coverage=trace-cmp
endif
# Who builds but to test does not look at the code by a debugger: what that needs takes a quarter of the time.
ifdef CI
WARN += -Werror
ifeq ($(MODE),release)
OPT  := $(filter-out -g,$(OPT))
endif
endif

ALL_CFLAGS = -std=c11 $(WARN) $(HARD) $(OPT) -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I. -Isrc -Isim -I$(B) \
             -MMD -MP $(PKG_CFLAGS) $(CFLAGS)
# Tests run once each: what optimizing them would cost is more than what it would gain.
ifeq ($(MODE),release)
$(foreach kind,unit world fuzz denial dissector,$(B)/tests/$(kind)/%.o): OPT := -O0 $(filter -g,$(OPT))
endif
PKG_CFLAGS := $(call pc,--cflags,libsodium zlib libpcap jansson libnetfilter_conntrack libmnl $(LUA_PC))
LIBS_P2P   := $(call pc,--libs,libsodium zlib libedit)
LIBS_SIM   := $(call pc,--libs,libpcap jansson zlib libsodium libnetfilter_conntrack libmnl $(LUA_PC))
LIBS_TEST  := $(LIBS_P2P) $(LIBS_SIM) -lcunit -lm

# --- what there is -----------------------------------------------------------------------------

# The layers, from the bottom: a file may include and call what stands in its own folder or further left. That, and that
# the objects of PURE need nothing from outside but a short list, is proved by `make layers` from the folders alone.
PURE   := src/base src/nat src/stun src/nat_type src/chat src/chat/peer src/chat/rendezvous sim/model
LAYERS := src/base src/nat src/stun src/nat_type src/chat src/chat/peer src/chat/rendezvous src/io src \
          sim/model sim/world sim/check sim/evidence sim/cable sim/observe sim/trace sim/lab sim/result sim/report sim/script \
          sim/runner sim/session sim/cli sim

MAINS        := src/server.c src/client.c sim/punchlab.c
PARTS        := $(filter-out $(MAINS),$(wildcard $(addsuffix /*.c,$(LAYERS))))
TOOLS        := $(patsubst tools/%.c,tools/%,$(wildcard tools/*.c))
UNIT         := $(wildcard tests/unit/*.c)
FUZZ         := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
WORLD        := boxes nesting capturing measuring# tests/world/: programs that build worlds of their own
BENCH        := $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/bench_*.c))

obj = $(patsubst %.c,$(B)/%.o,$(1))

PROGRAMS := p2pchat/server p2pchat/client

# Release programs land where the documents name them; other modes keep theirs under build/.
BIN := $(if $(filter release,$(MODE)),,$(B)/bin/)

.PHONY: all p2pchat tool test unit unit-programs layers asan test-browser lint demo boxes bench bench-server fuzz clean help deps-interop install uninstall
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

all: p2pchat tool $(BIN)punchlab ## build everything

p2pchat: $(addprefix $(BIN),$(PROGRAMS)) ## build p2pchat/server and p2pchat/client
tool: $(addprefix $(BIN),$(TOOLS)) ## build the small programs in tools/

# --- how it is built ---------------------------------------------------------------------------

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

define link
@mkdir -p $(@D)
$(if $(Q),@echo "  LINK  $@")
$(Q)$(CC) $(LINK) $(LDFLAGS) -o $@ $(filter %.o %.a,$^)
endef

# Everything but the programs' own main files; a program takes of it what it calls.
PARTS_A := $(B)/parts.a
$(PARTS_A): $(call obj,$(PARTS)) $(B)/parts.list
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

# Changes when a file comes or goes, which no object's date tells.
$(B)/parts.list: FORCE
	@mkdir -p $(@D)
	@echo '$(PARTS)' | cmp -s - $@ || echo '$(PARTS)' >$@
FORCE:

$(BIN)p2pchat/%: $(B)/src/%.o $(PARTS_A)
	$(link) $(LIBS_P2P)

$(BIN)punchlab: $(B)/sim/punchlab.o $(if $(filter asan,$(MODE)),$(B)/tests/asan/leaks.o) $(PARTS_A)
	$(link) $(LIBS_SIM)

$(BIN)tools/%: $(B)/tools/%.o $(PARTS_A)
	$(link) $(LIBS_P2P)

# For a machine that has none of the libraries: a customer's. glibc finds names by libraries all the same, so it is told
# servers by address there.
tools/nat_type-static: $(B)/tools/nat_type.o $(PARTS_A) ## build nat_type as one file that needs no library
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(CC) $(LINK) $(LDFLAGS) -static -o $@ $(filter %.o %.a,$^) $(shell pkg-config --static --libs libsodium zlib) 2>&1 | \
		{ ! grep -vE "in function .look_up|Using 'getaddrinfo' in statically"; }
	$(Q)test -x $@

# So that tests see what the product asks for, and may refuse it (tests/unit/memory.h).
$(B)/unit: LINK += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=strdup,--wrap=free
$(B)/unit: $(call obj,$(UNIT)) $(PARTS_A)
	$(link) $(LIBS_TEST)

# A fuzzer's corpus is replayed by the ordinary tests through a plain main().
$(B)/replay_%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(PARTS_A)
	$(link) $(LIBS_P2P) $(LIBS_SIM)

$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(PARTS_A)
	$(link) $(LIBS_P2P) $(LIBS_SIM)

# Writes a capture with every kind of p2pchat datagram, for the test of tools/p2pchat.lua.
$(B)/messages: $(B)/tests/dissector/messages.o $(PARTS_A)
	$(link) $(LIBS_P2P) $(LIBS_SIM)

# What other users, and machines that forbid things, do: for tests/cli.
$(B)/deny $(B)/squat: $(B)/%: $(B)/tests/denial/%.o
	$(link)

$(B)/leaping_clock.so $(B)/remote_flock.so: $(B)/%.so: tests/denial/%.c Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(CC) $(ALL_CFLAGS) -shared -fPIC -MF $@.d -o $@ $<

$(B)/bench_%: $(B)/tests/bench/bench_%.o $(PARTS_A)
	$(link) $(LIBS_P2P) $(LIBS_SIM) -lm

$(B)/server_load: $(B)/tests/bench/server_load.o $(PARTS_A)
	$(link) $(LIBS_P2P) $(LIBS_SIM)

$(addprefix $(B)/,$(WORLD)) $(B)/soak: $(B)/%: $(B)/tests/world/%.o $(B)/tests/world/in_world.o $(PARTS_A)
	$(link) $(LIBS_P2P) $(LIBS_SIM)

$(B)/crowd $(B)/meddler: $(B)/%: $(B)/tests/denial/%.o $(PARTS_A)
	$(link) $(LIBS_P2P)

# The report's page, out of its parts. Sits under build/<mode>/sim/report, where -I finds it.
$(B)/sim/report/page_bytes.h: sim/report/embed $(wildcard sim/report/*.html sim/report/*.css sim/report/*.js)
	@mkdir -p $(@D)
	$(Q)sim/report/embed > $@
$(B)/sim/report/page.o: $(B)/sim/report/page_bytes.h

$(B)/page_of: $(B)/tests/report/page_of.o $(B)/sim/report/page.o $(B)/sim/report/compressed_json.o
	$(link) $(LIBS_SIM)

# --- how it is tested --------------------------------------------------------------------------

test: all unit layers ## build everything and run the unit tests (no privileges needed)

unit-programs: $(B)/unit $(B)/messages $(B)/deny $(B)/squat $(B)/crowd $(B)/meddler $(B)/leaping_clock.so $(B)/remote_flock.so $(addprefix $(B)/,$(WORLD)) $(B)/soak $(addprefix $(B)/replay_,$(FUZZ)) # what run_test.sh counts one by one

unit: unit-programs
	$(Q)$(B)/unit
	$(Q)for f in $(FUZZ); do $(B)/replay_$$f tests/fuzz/corpus/$${f#fuzz_} || exit 1; done

layers: $(call obj,$(PARTS) $(MAINS)) ## fail on an include or a call that goes upward, a circle, I/O in a pure folder, or a tag that means two things
	$(Q)CC='$(CC)' tools/layers "$(B)" "$(LAYERS)" "$(PURE)"

asan: ## build under build/asan and run the unit tests under ASan and UBSan
	$(Q)$(MAKE) --no-print-directory MODE=asan all unit

test-browser: all $(B)/page_of ## open reports in a headless Chromium, click through them, keep screenshots
	$(Q)tools/deps browser && /usr/bin/python3 tests/report/test_browser.py $(B) $(if $(BIN),$(BIN),./)punchlab pictures

boxes: $(addprefix $(B)/,$(WORLD)) ## NAT boxes broken, nested, rebooted, and measured (needs what the lab needs)
	$(Q)for t in $(WORLD); do $(B)/$$t || exit; done

bench: all $(addprefix $(B)/,$(BENCH)) ## measure against the budgets; each line a ratio taken in one run
	$(Q)tools/deps build lab trace
	$(Q)status=0; for b in $(BENCH); do $(B)/$$b || status=1; done; exit $$status

bench-server: all $(B)/server_load ## what a datagram costs the server, beside a bare echo and coturn, in one run
	$(Q)tools/deps build lab
	$(Q)$(B)/server_load

F ?= wire
T ?= 60
fuzz: ## fuzz one thing for a while with libFuzzer: make fuzz F=peer T=600 (F: the fuzzers of tests/fuzz; T: seconds)
	$(Q)tools/deps build fuzz
	$(Q)$(MAKE) --no-print-directory MODE=fuzz build/fuzz/fuzz_$(F)
	$(Q)mkdir -p build/fuzz/corpus/$(F)
	$(Q)build/fuzz/fuzz_$(F) -max_total_time=$(T) -artifact_prefix=build/fuzz/ build/fuzz/corpus/$(F) tests/fuzz/corpus/$(F)

# What clang-tidy passed is looked at again only when its object is made anew. The analyzer walks a ninth as far as it
# would by itself: that takes a tenth of the time, and in 159 files of the product it found the same.
$(B)/lint/%.ok: %.c .clang-tidy tests/.clang-tidy $(B)/%.o
	@mkdir -p $(@D)
	$(if $(Q),@echo "  TIDY  $<")
	$(Q)clang-tidy --quiet $< -- -std=c11 -D_GNU_SOURCE '-DVERSION="0"' -I. -Isrc -Isim -I$(B) $(PKG_CFLAGS) \
		-Xclang -analyzer-config -Xclang max-nodes=25000 2>/dev/null && touch $@

FILE ?= $(wildcard $(addsuffix /*.c,$(LAYERS) tools tests/*))
lint: ## all clean for clang-format, clang-tidy, cppcheck, shellcheck, groff? of one file: make lint FILE=sim/trace/join.c
	$(Q)tools/deps build lint
	$(Q)$(MAKE) --no-print-directory -k -j "$$(nproc)" $(patsubst %.c,$(B)/lint/%.ok,$(FILE))
	$(Q)tools/lint $(if $(filter command line,$(origin FILE)),$(FILE))

demo: ## install what is missing, build, and show every NAT type against every other
	$(Q)tools/deps build lab
	$(Q)$(MAKE) --no-print-directory -j "$$(nproc)" all
	$(Q)./punchlab matrix

deps-interop: ## install the other people's STUN clients and servers that some scenarios compare ours with
	$(Q)tools/deps interop

# --- installing ----------------------------------------------------------------------------------

# punchlab finds the rest from where it stands itself, so the layout below PREFIX is fixed.
PREFIX ?= /usr/local
TO        = $(DESTDIR)$(PREFIX)
LIBEXEC   = $(TO)/libexec/punchlab
SHARE     = $(TO)/share/punchlab
MAN1      = $(TO)/share/man/man1
COMPLETES = $(TO)/share/bash-completion/completions
DOC       = $(TO)/share/doc/punchlab
UNITS     = $(TO)/lib/systemd/system

install: all ## install below PREFIX (default /usr/local): make install PREFIX=$HOME/.local
	$(Q)install -d "$(TO)/bin" "$(LIBEXEC)/p2pchat" "$(LIBEXEC)/tools" "$(SHARE)" "$(MAN1)" "$(COMPLETES)"
	$(Q)install punchlab tools/nat_type "$(TO)/bin"
	$(Q)for p in client server; do \
		install "p2pchat/$$p" "$(TO)/bin/p2pchat-$$p" && \
		ln -sfn "../../../bin/p2pchat-$$p" "$(LIBEXEC)/p2pchat/$$p" || exit; done
	$(Q)install tools/udp_client tools/udp_server "$(LIBEXEC)/tools"
	$(Q)ln -sfn ../../../bin/nat_type "$(LIBEXEC)/tools/nat_type"
	$(Q)cp -RL scenarios tools/clients "$(SHARE)"
	$(Q)install -m 644 tools/p2pchat.lua "$(SHARE)/wireshark-p2pchat.lua"
	$(Q)install -m 644 tools/man/*.1 "$(MAN1)"
	$(Q)for f in CHANGELOG.md README.md */README.md */*/README.md; do install -D -m 644 "$$f" "$(DOC)/$$f" || exit; done
	$(Q)install -m 644 tools/completion/punchlab "$(COMPLETES)/punchlab"
	$(Q)install -d "$(UNITS)" && \
		sed 's|@BIN@|$(PREFIX)/bin|' tools/systemd/p2pchat-server.service >"$(UNITS)/p2pchat-server.service"
	$(Q)for p in p2pchat-client p2pchat-server nat_type; do \
		install -m 644 tools/completion/p2pchat "$(COMPLETES)/$$p" || exit; done

uninstall: ## remove what make install put below PREFIX
	$(Q)rm -rf "$(LIBEXEC)" "$(SHARE)" "$(DOC)" "$(UNITS)/p2pchat-server.service"
	$(Q)for p in punchlab p2pchat-client p2pchat-server nat_type; do \
		rm -f "$(TO)/bin/$$p" "$(MAN1)/$$p.1" "$(COMPLETES)/$$p" || exit; done

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

clean: ## remove what was built (out/ is kept)
	rm -rf build p2pchat punchlab $(TOOLS) tools/nat_type-static

-include $(shell find $(B) -name '*.d' 2>/dev/null)
