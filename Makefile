# SPDX-License-Identifier: Apache-2.0
# The front door. `make` alone says what there is. Everything is built under build/ and nothing is
# installed outside it but Debian packages, which tools/bootstrap names before it asks for them.

BUILD    := build
MESON    := $(BUILD)/meson
WEB      := $(BUILD)/web/terminal/index.html
SPEECH   := $(BUILD)/speech/done
SEED     ?= 1
PAYMENTS ?= 10000
TRIPLES  ?= 1000000
SHOPS    ?= 1000
EXECUTIONS ?= 10000000

.PHONY: help demo test walks sanitize build lint simulate agree vectors torture fuzz bench bench-figures bench-fleet bench-pages recompute redemptions clean programs pages page-packages quick-browser

help:
	@echo 'make demo              install what is missing, build, start everything, print where to look'
	@echo 'make demo FAST=1       half a year of a shop in minutes, printed; DAYS=N'
	@echo 'make demo ONCE=1       walk the same story without a browser, and end'
	@echo 'make test              all tests; ends with "N passed, N failed"'
	@echo 'make walks             every walk of the browser tests, in both languages, at both widths, by each hand'
	@echo 'make sanitize          every unit and protocol test under ASan and UBSan: half an hour'
	@echo 'make build             the programs, in build/bin'
	@echo 'make lint              format, layers, house rules'
	@echo 'make simulate SEED=7 PAYMENTS=100000    a shop, its host and all that can go wrong; or 5000000; SEEDS=40'
	@echo 'make torture           100,000 kills of a vault that compares, 10,000 devices'
	@echo 'make fuzz              10,000,000 executions of each parser of cards, key blocks and tracks'
	@echo 'make agree SEED=7       a million passwords, decided by vault and host'
	@echo 'make redemptions        a million redemptions by devices without a line: none doubled, no budget exceeded'
	@echo 'make recompute          a month of 1,000 shops, worked out again by a script that shares no code; SHOPS=N'
	@echo 'make bench             payments and codec, measured on this machine'
	@echo 'make bench-figures     ten million payments of 1,000 shops: fold, pages, append; some minutes and 8 GB'
	@echo 'make bench-fleet       100,000 devices at a back office, against its limits: some minutes'
	@echo 'make bench-pages       what each page of the consoles weighs, and when it can be used'
	@echo 'make clean             remove build/'

# Programs are built while the pages' packages are installed.
demo:
	@tools/bootstrap --can build pages
	@tools/bootstrap build
	@tools/bootstrap reader || echo 'Without them there is no virtual card reader: cards can only be swiped.'
	@$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j2) programs pages
	@$(BUILD)/bin/tongbao demo $(if $(ONCE),--once) $(if $(FAST),--fast) $(if $(DAYS),--days $(DAYS)) $(DEMO_FLAGS)

# Chromium without windows takes two thirds of the time; Chromium itself does as well.
test: quick-browser
	@tools/bootstrap test
	@tools/test

walks: quick-browser
	@tools/bootstrap test
	@tools/test walks_terminal walks_passwords walks_fleet walks_consoles

quick-browser:
	@tools/bootstrap browser || echo 'Without it the pages are tested in Chromium itself: half as long again.'

sanitize:
	@tools/bootstrap test
	@tools/test sanitize_all protocol_sanitize

build: programs

programs:
	@tools/bootstrap build
	@tools/build --programs $(MESON)

pages: $(WEB) $(SPEECH)
	@:

page-packages:
	@tools/bootstrap pages

$(WEB): tools/build-pages $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null) \
        | page-packages
	@tools/build-pages

$(SPEECH): tools/speech terminal/device/clips.h | page-packages
	@tools/speech $(BUILD)/speech && touch $@

lint:
	@tools/bootstrap lint
	@tools/lint

torture:
	@tools/bootstrap test
	@tools/build $(MESON)
	@tests/torture/run

fuzz:
	@tools/bootstrap test
	@tests/fuzz/run --executions $(EXECUTIONS)

# Worlds of 25,000 payments, each checked by itself; a long run says after each how to go on. SEEDS=40: what
# `make test` does with five seeds, a quarter of an hour.
simulate: build
	@$(if $(SEEDS),tests/simulation/run $(SEEDS),$(BUILD)/bin/tongbao-simulation --seed $(SEED) --payments $(PAYMENTS))

# Changes each row of each vector file, and says what no test notices: three minutes. ALL=--all: each value.
vectors:
	@tools/bootstrap test
	@tools/build $(MESON)
	@tests/vectors/mutation $(MESON) $(ALL)

agree:
	@tools/bootstrap build
	@tools/build $(MESON)
	@AGREE_SEED=$(SEED) AGREE_TRIPLES=$(TRIPLES) tests/agreement/run

# A million redemptions by devices without a line: two minutes of a core.
redemptions:
	@tools/bootstrap build
	@tools/build $(MESON)
	@$(MESON)/tests/loyalty_escrow_test 1000000

recompute: build
	@tools/build $(MESON)
	@tests/recompute/run $(SHOPS)

bench: build
	@$(BUILD)/bin/tongbao bench codec
	@$(BUILD)/bin/tongbao bench payments

# Takings of ten million payments: some minutes, and 8 GB of disk.
bench-figures: build
	@nice -n 5 $(BUILD)/bin/tongbao bench figures

# A fleet of 100,000, of which 10,000 are connected, against its limits: some minutes.
bench-fleet: build
	@$(BUILD)/bin/tongbao bench fleet --known 100000 --connected 10000 --per-second 50

# In Chromium, at a demo of its own; sizes are a test, too (tests/browser/budget.test.mjs).
bench-pages: programs pages
	@node tests/browser/budget.mjs

clean:
	rm -rf $(BUILD)
