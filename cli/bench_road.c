/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao bench tap --road`: what a payment by a chip card costs on the whole road, with the real
 * programs: virtual card and reader (PC/SC), vault, terminal, acquirer, networks.
 *
 * answer: from the moment at which the card's last byte left it (tongbao-cards writes that down) to
 * the one at which the first byte of the request came by between terminal and acquirer (a relay of
 * ours). vpcd, pcscd, the vault, the kernel, the commit of the terminal and TLS lie in between.
 * Both by the monotonic clock of this machine.
 *
 * terminal, vault: their processor time from the screen that says that a card has come to the one
 * that says approved, with the screens that are shown meanwhile.
 *
 * Three kinds of payment: a tapped telephone; an inserted card without offline data, so without RSA
 * and PIN; an inserted card with DDA and PIN. Nothing in vault or terminal knows that it is
 * measured.
 */
#include "cli/bench_road.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/story.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/wire/rpc.h"

enum {
    COUNT = 20,
    COUNT_MAX = 1000,
    KINDS = 3,
    ANSWER_MAX = 16 << 10,
    READER_MS = 15000, /* a reader looks every 0.4 s, and a slot is empty for a second */
    ANSWERED_MS = 65000,
    TIMES_MAX = 64,
};

/* What a payment is made with. */
static const struct kind {
    const char *name, *says, *how, *card;
    bool pin;
} kinds[KINDS] = {
    {"tap", "tapped telephone", "tap", "phone", false},
    {"insertion", "inserted, no RSA, no PIN", "insert", "plain", false},
    {"insertion_dda", "inserted, DDA and PIN", "insert", "debit", true},
};

struct figures {
    int64_t *answer_us, *vault_us, *terminal_us; /* `count` each */
};

struct road {
    int64_t count;
    bool json;
    struct stage stage;
    struct relay relay;
    struct story story;
    struct rpc cards;
    struct figures figures[KINDS];
    char load[2][32]; /* before and after: 1, 5 and 15 minutes */
    uint8_t block[ANSWER_MAX];
};

static void read_load(char out[32])
{
    size_t len = 0;
    err done = file_read("/proc/loadavg", FILE_PUBLIC, out, 31, &len);
    if (FAILED(done)) len = 0;
    out[len] = '\0';
    for (int spaces = 0; *out != '\0'; out++)
        if (*out == ' ' && ++spaces == 3) *out = '\0';
}

/* ---- when the card said its last byte ---- */

/* The last answer of a card that is not after `until_us`: what came after it is the next chapter.
 */
static err last_answer(struct road *r, int64_t until_us, int64_t *ret_us)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct json_t *list;
    struct bytes answer;
    size_t count;
    int64_t last_us = 0;
    TRY(rpc_call(&r->cards, BYTES("{\"ask\":\"answers\"}"), r->block, sizeof r->block, &answer));
    TRY(json_parse(answer, sizeof r->block, &document));
    TRY(json_list(document.root, "answered_us", TIMES_MAX, &list, &count));
    for (size_t i = 0; i < count; i++) {
        int64_t at_us;
        TRY(json_value_int(json_at(list, i), 0, INT64_MAX, &at_us));
        if (at_us <= until_us) last_us = at_us;
    }
    if (last_us == 0) return ERR(NOT_FOUND);
    *ret_us = last_us;
    return OK;
}

/* ---- one payment ---- */

static err usage(const struct road *r, int64_t *ret_vault_us, int64_t *ret_terminal_us)
{
    TRY(child_cpu_us(r->stage.process_vault, ret_vault_us));
    return child_cpu_us(r->stage.process_terminal, ret_terminal_us);
}

/* A reader looks every 0.4 s: to wait for it is no work of this payment. A card that is quicker
 * than the page is measured from where the page saw it. */
static err show_card(struct road *r, const struct kind *kind)
{
    TRY(story_hand(&r->story, kind->how, kind->card));
    return page_wait(r->story.page, "sale.chip|sale.pin|sale.wait|sale.approved", READER_MS);
}

static err finish(struct road *r, const struct kind *kind)
{
    struct story *s = &r->story;
    if (kind->pin) {
        TRY(page_wait(s->page, "sale.pin", READER_MS));
        TRY(page_secret(s->page, s->pin));
    }
    return page_wait(s->page, "sale.approved", ANSWERED_MS);
}

static err pay(struct road *r, size_t which, int64_t index)
{
    struct story *s = &r->story;
    struct figures *f = &r->figures[which];
    int64_t vault_us[2], terminal_us[2], request_us, card_us;
    TRY(story_begin_sale(s, "66"));
    unsigned pieces = atomic_load(&r->relay.pieces);
    TRY(show_card(r, &kinds[which]));
    TRY(usage(r, &vault_us[0], &terminal_us[0]));
    TRY(finish(r, &kinds[which]));
    TRY(usage(r, &vault_us[1], &terminal_us[1]));
    if (!relay_first_after(&r->relay, pieces, &request_us)) return ERR(NOT_FOUND);
    TRY(last_answer(r, request_us, &card_us));
    f->answer_us[index] = request_us - card_us;
    f->vault_us[index] = vault_us[1] - vault_us[0];
    f->terminal_us[index] = terminal_us[1] - terminal_us[0];
    TRY(story_hand(s, "remove", NULL));
    return story_back_to_menu(s);
}

/* ---- the run ---- */

static err allocate(struct road *r)
{
    for (size_t i = 0; i < KINDS; i++) {
        int64_t **const rows[] = {&r->figures[i].answer_us, &r->figures[i].vault_us,
                                  &r->figures[i].terminal_us};
        for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
            *rows[k] = calloc((size_t)r->count, sizeof **rows[k]);
            if (*rows[k] == NULL) return ERR(NO_MEMORY);
        }
    }
    r->story.block = malloc(STORY_BLOCK);
    return r->story.block != NULL ? OK : ERR(NO_MEMORY);
}

/* The terminal is started once more, with the relay for its host. */
static err build_road(struct road *r, struct process_fault *fault)
{
    TRY(stage_start(&r->stage, NULL, "/var/tmp", 0, NULL, fault));
    TRY(relay_start(&r->relay, (uint16_t)r->stage.acquirer_port));
    r->stage.host_port = r->relay.port;
    TRY(stage_restart(&r->stage, r->stage.process_terminal, fault));
    TRY(rpc_connect(&r->cards, r->stage.cards_socket, ANSWERED_MS, sizeof r->block));
    r->story.stage = &r->stage;
    r->story.quiet = true;
    story_choose_password(POLICY_CASHIER, r->story.own);
    return OK;
}

static err walk(struct road *r, struct process_fault *fault)
{
    bool there = false;
    TRY(build_road(r, fault));
    TRY(story_first_day(&r->story));
    TRY(story_has_reader(&r->story, &there));
    if (!there) {
        snprintf(fault->text, sizeof fault->text,
                 "there is no virtual card reader on this machine (tongbao-cards says why in its "
                 "log): run it where namespaces are permitted; `tongbao bench tap` needs none");
        return ERR(UNSUPPORTED);
    }
    read_load(r->load[0]);
    for (size_t which = 0; which < KINDS; which++)
        for (int64_t i = 0; i < r->count; i++) TRY(pay(r, which, i));
    read_load(r->load[1]);
    return OK;
}

/* ---- the report ---- */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static const struct {
    const char *name;
    int64_t per_thousand;
} points[] = {{"p50", 500}, {"p95", 950}, {"p99", 990}, {"max", 1000}};

/* Of sorted values: the least that so many of a thousand do not exceed. */
static int64_t at_most(const int64_t *sorted, int64_t count, int64_t per_thousand)
{
    int64_t rank = (count * per_thousand + 999) / 1000;
    return sorted[rank > 0 ? rank - 1 : 0];
}

static void print_row(const struct road *r, const char *name, int64_t *value, const char *after)
{
    qsort(value, (size_t)r->count, sizeof *value, by_size);
    printf(r->json ? "\"%s_us\":{" : "  %-10s", name);
    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        long long at = (long long)at_most(value, r->count, points[i].per_thousand);
        if (r->json) printf("%s\"%s\":%lld", i > 0 ? "," : "", points[i].name, at);
        else printf("%8lld", at);
    }
    printf(r->json ? "}%s" : " us%s\n", after);
}

static void print_text(struct road *r)
{
    printf("%lld payments of each kind; load %s before, %s after\n"
           "                 p50     p95     p99     max\n",
           (long long)r->count, r->load[0], r->load[1]);
    for (size_t i = 0; i < KINDS; i++) {
        printf("%s\n", kinds[i].says);
        print_row(r, "answer", r->figures[i].answer_us, "  card's last byte to request's first");
        print_row(r, "terminal", r->figures[i].terminal_us, "  processor time of the terminal");
        print_row(r, "vault", r->figures[i].vault_us, "  processor time of the vault");
    }
}

static void print_json(struct road *r)
{
    printf("{\"count\":%lld,\"load_before\":\"%s\",\"load_after\":\"%s\"", (long long)r->count,
           r->load[0], r->load[1]);
    for (size_t i = 0; i < KINDS; i++) {
        printf(",\"%s\":{", kinds[i].name);
        print_row(r, "answer", r->figures[i].answer_us, ",");
        print_row(r, "terminal", r->figures[i].terminal_us, ",");
        print_row(r, "vault", r->figures[i].vault_us, "}");
    }
    printf("}\n");
}

static void complain(const struct process_program *about, const struct road *r, err why,
                     const struct process_fault *fault)
{
    process_complain(about, "%s", fault->text[0] != '\0' ? fault->text : err_text(why));
    if (r->story.page == NULL || page_screen(r->story.page) == NULL) return;
    uint8_t block[2048];
    struct writer w = writer_over(block, sizeof block);
    page_describe(r->story.page, &w);
    fprintf(stderr, "  the screen shows: %.*s\n", (int)w.len, (const char *)block);
}

static void leave(struct road *r)
{
    page_close(r->story.page);
    rpc_close(&r->cards);
    stage_stop(&r->stage, false);
    relay_stop(&r->relay);
    free(r->story.block);
    for (size_t i = 0; i < KINDS; i++) {
        free(r->figures[i].answer_us);
        free(r->figures[i].vault_us);
        free(r->figures[i].terminal_us);
    }
    explicit_bzero(&r->story, sizeof r->story);
}

int bench_road_main(int argc, char **argv)
{
    static struct road r;
    r = (struct road){.count = COUNT, .relay = {.listener = -1}, .cards = {.fd = -1}};
    const struct process_option options[] = {
        {"count", "N", "payments of each kind; 20 unless said", .number = &r.count, .min = 1,
         .max = COUNT_MAX},
        {"json", NULL, "one line of JSON", .flag = &r.json},
    };
    const struct process_program about = {
        .name = "tongbao bench tap --road",
        .version = TONGBAO_VERSION,
        .summary = "Chip payments through the real programs: how soon the request leaves, and what "
                   "of processor a payment takes.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    int status = process_options(&about, argc, argv, NULL);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = allocate(&r);
    if (!FAILED(done)) done = walk(&r, &fault);
    if (FAILED(done)) complain(&about, &r, done, &fault);
    else if (r.json) print_json(&r);
    else print_text(&r);
    leave(&r);
    return FAILED(done) ? PROCESS_EXIT_FAILED : 0;
}
