/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin reconcile`: holds a network's file of a day against the journal and hands each
 * difference to the acquirer, which is the only one to write there (S111). The file is read whole
 * before anything of it counts.
 */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/admin_clearing.h"
#include "cli/control_client.h"
#include "lib/wire/acquirer_work.h"

struct settings {
    const char *file, *state, *control, *network, *day, *actor;
    bool dry;
};

struct work {
    const struct settings *settings;
    struct control_client client;
    struct process_fault *fault;
};

/* ---- the comparison ---- */

static void print_item(const struct journal_item *item)
{
    printf("%-14s %s  %s/%06u/%06u  host %lld  network %lld\n", journal_item_name(item->kind),
           item->rrn, item->tid, item->batch, item->stan, (long long)item->host_minor,
           (long long)item->network_minor);
}

static err hand_over(void *context, const struct journal_item *item)
{
    struct work *work = context;
    const struct settings *s = work->settings;
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    enum acquirer_status status;
    print_item(item);
    if (s->dry) return OK;
    const struct acquirer_difference d = {.actor = bytes_text(s->actor),
                                          .rrn = bytes_text(item->rrn),
                                          .kind = (uint8_t)item->kind,
                                          .network = (uint8_t)item->network,
                                          .type = (uint8_t)item->type,
                                          .day = item->day,
                                          .host_minor = item->host_minor,
                                          .network_minor = item->network_minor};
    acquirer_write_difference(&w, work->client.id, &d);
    return control_client_call(&work->client, &w, &status, NULL, work->fault);
}

static err say_done(struct work *work, const struct admin_clearing *c,
                    const struct reconcile_sums *sums)
{
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    enum acquirer_status status;
    if (work->settings->dry) return OK;
    const struct acquirer_reconciled d = {.actor = bytes_text(work->settings->actor),
                                          .digest = bytes_text(c->digest),
                                          .network = (uint8_t)c->head.network,
                                          .day = c->head.day,
                                          .rows = (int64_t)c->rows,
                                          .matched = sums->matched,
                                          .differences = sums->differences};
    acquirer_write_reconciled(&w, work->client.id, &d);
    return control_client_call(&work->client, &w, &status, NULL, work->fault);
}

static err refuse_done(const struct admin_clearing *c, struct process_fault *fault)
{
    struct journal_reconciled before;
    err found = journal_reconciled_find(c->journal, c->head.network, c->head.day, &before);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    snprintf(fault->text, sizeof fault->text,
             "this day of this network is reconciled, by the file with the digest %.16s...",
             before.digest);
    return ERR(EXISTS);
}

static err compare(struct work *work, struct admin_clearing *c)
{
    struct reconcile_sums sums;
    if (!work->settings->dry) TRY(refuse_done(c, work->fault));
    TRY(admin_clearing_compare(c, hand_over, work, &sums, work->fault));
    TRY(say_done(work, c, &sums));
    printf("%zu rows of the network, %lld matched, %lld differences\n", c->rows,
           (long long)sums.matched, (long long)sums.differences);
    printf("stands here: %lld fen; there: %lld fen\n", (long long)sums.host_minor,
           (long long)sums.network_minor);
    printf("of what stands here, terminals have settled %lld as we have it, %lld in batches with "
           "work items, and not yet settled %lld\n",
           (long long)sums.settled, (long long)sums.disputed_batch, (long long)sums.unsettled);
    return OK;
}

static err run(const struct settings *s, struct process_fault *fault)
{
    struct work work = {.settings = s, .fault = fault};
    CLEANUP(admin_clearing_close) struct admin_clearing c = {.rows = 0};
    TRY(admin_clearing_open(s->network, s->day, s->file, s->state, &c, fault));
    if (!s->dry) TRY(control_client_open(&work.client, s->control, fault));
    err done = compare(&work, &c);
    if (!s->dry) control_client_close(&work.client);
    return done;
}

int admin_reconcile(const struct admin_command *command, int argc, char **argv)
{
    struct settings s = {.network = "card_network", .actor = "admin"};
    const struct process_option options[] = {
        {"day", "DAY", "the business day of the file, such as 2026-01-31", .text = &s.day,
         .required = true},
        {"file", "FILE", "the network's clearing file", .text = &s.file, .required = true},
        {"network", "NETWORK", "card_network (unless said) or wallet", .text = &s.network},
        {"state", "DIR", "the acquirer's state directory", .text = &s.state, .required = true},
        {"control", "SOCKET", "the acquirer's control socket", .text = &s.control},
        {"actor", "NAME", "who does it: it stands in the audit log", .text = &s.actor},
        {"dry-run", NULL, "print the differences and change nothing", .flag = &s.dry},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    if (!s.dry && s.control == NULL) {
        snprintf(fault.text, sizeof fault.text, "--control is wanted, or --dry-run");
        return admin_failed(command, ERR(CONFIG), &fault);
    }
    err done = run(&s, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
