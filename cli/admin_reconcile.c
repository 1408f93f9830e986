/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin reconcile`: holds a network's file of a day against the journal and hands each
 * difference to the acquirer, which is the only one to write there (S111). The file is read whole
 * before anything of it counts.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/admin.h"
#include "cli/control_client.h"
#include "journal/reconcile.h"
#include "ledger/fee.h"
#include "lib/base/file.h"
#include "lib/crypto/crypto.h"
#include "lib/wire/acquirer_work.h"
#include "payment/kind.h"

struct settings {
    const char *file, *state, *control, *network, *day, *actor;
    bool dry;
};

struct work {
    const struct settings *settings;
    struct control_client client;
    struct process_fault *fault;
};

/* ---- what was agreed ---- */

static enum fee_class class_of(enum payment_card_class class)
{
    switch (class) {
    case PAYMENT_CLASS_DEBIT:
        return FEE_DEBIT;
    case PAYMENT_CLASS_CREDIT:
        return FEE_CREDIT;
    case PAYMENT_CLASS_WALLET:
        return FEE_WALLET;
    case PAYMENT_CLASS_FOREIGN:
        return FEE_FOREIGN;
    default:
        return FEE_UNKNOWN;
    }
}

/* What issuer and network get of a payment; of one that gives money back the rule of its original
 * would have to be known, so that is left alone. */
static int64_t agreed_fee(void *context, const struct payment *p, int64_t approved_ms)
{
    (void)context;
    if (payment_type_row(p->type)->direction != PAYMENT_TAKES) return -1;
    const struct fee_share_rule *rule = fee_share_rule_for(class_of(p->card_class), approved_ms);
    struct fee_shares shares = fee_shares_of(rule, p->amount_minor, 0);
    return shares.issuer_minor + shares.network_minor;
}

/* ---- the file ---- */

static err map_file(const char *path, struct bytes *ret, struct process_fault *fault)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
        size_t len = (size_t)about.st_size;
        void *at = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
        (void)close(fd);
        if (at != MAP_FAILED) {
            *ret = bytes_of(at, len);
            return OK;
        }
    } else if (fd >= 0) (void)close(fd);
    snprintf(fault->text, sizeof fault->text, "%.200s cannot be read, or is empty", path);
    return ERR(NOT_FOUND);
}

static err read_rows(const struct settings *s, struct bytes file, struct clearing_head *head,
                     struct clearing_row **ret_rows, size_t *ret_count, struct process_fault *fault)
{
    struct clearing_fault at = {0};
    struct clearing_sums sums;
    size_t max = clearing_rows_max(file);
    struct clearing_row *rows = calloc(max, sizeof *rows);
    if (rows == NULL) return ERR(NO_MEMORY);
    err parsed = clearing_parse(file, head, crypto_sha256, rows, max, ret_count, &sums, &at);
    if (FAILED(parsed)) {
        snprintf(fault->text, sizeof fault->text,
                 "%.120s, line %u: %s; nothing of it was taken, ask for it again", s->file, at.line,
                 at.why);
        free(rows);
        return parsed;
    }
    *ret_rows = rows;
    return OK;
}

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

static err say_done(struct work *work, const struct clearing_head *head, const char *digest,
                    size_t rows, const struct reconcile_sums *sums)
{
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    enum acquirer_status status;
    if (work->settings->dry) return OK;
    const struct acquirer_reconciled d = {.actor = bytes_text(work->settings->actor),
                                          .digest = bytes_text(digest),
                                          .network = (uint8_t)head->network,
                                          .day = head->day,
                                          .rows = (int64_t)rows,
                                          .matched = sums->matched,
                                          .differences = sums->differences};
    acquirer_write_reconciled(&w, work->client.id, &d);
    return control_client_call(&work->client, &w, &status, NULL, work->fault);
}

static err refuse_done(struct store *store, const struct clearing_head *head,
                       struct process_fault *fault)
{
    struct journal_reconciled before;
    err found = journal_reconciled_find(store, head->network, head->day, &before);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    snprintf(fault->text, sizeof fault->text,
             "this day of this network is reconciled, by the file with the digest %.16s...",
             before.digest);
    return ERR(EXISTS);
}

static err compare(struct work *work, struct store *store, const struct clearing_head *head,
                   const struct clearing_row *rows, size_t count, const char *digest)
{
    const struct reconcile_file file = {
        .head = *head, .row = rows, .rows = count, .fee = agreed_fee};
    struct reconcile_sums sums;
    if (!work->settings->dry) TRY(refuse_done(store, head, work->fault));
    TRY(reconcile(store, &file, hand_over, work, &sums));
    TRY(say_done(work, head, digest, count, &sums));
    printf("%zu rows of the network, %lld matched, %lld differences\n", count,
           (long long)sums.matched, (long long)sums.differences);
    printf("stands here: %lld fen; there: %lld fen\n", (long long)sums.host_minor,
           (long long)sums.network_minor);
    printf("of what stands here, terminals have settled %lld as we have it, %lld in batches with "
           "work items, and not yet settled %lld\n",
           (long long)sums.settled, (long long)sums.disputed_batch, (long long)sums.unsettled);
    return OK;
}

static err head_of(const struct settings *s, struct clearing_head *out, struct process_fault *fault)
{
    struct clearing_head head = {.currency = CURRENCY_CNY};
    for (enum payment_route r = PAYMENT_ROUTE_CARD_NETWORK; r < PAYMENT_ROUTES; r++)
        if (strcmp(s->network, clearing_network_name(r)) == 0) head.network = r;
    if (head.network == 0 || FAILED(clearing_day_parse(bytes_text(s->day), &head.day))) {
        snprintf(fault->text, sizeof fault->text,
                 "a day is such as 2026-01-31, and a network card_network or wallet");
        return ERR(CONFIG);
    }
    *out = head;
    return OK;
}

static err with_journal(struct work *work, const struct clearing_head *head,
                        const struct clearing_row *rows, size_t count, const char *digest)
{
    const struct settings *s = work->settings;
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    TRY(file_path(s->state, "journal.db", path, sizeof path));
    err done = store_open(path, &options, &why, &store);
    if (FAILED(done)) {
        snprintf(work->fault->text, sizeof work->fault->text, "%.250s", why.text);
        return done;
    }
    if (!s->dry) done = control_client_open(&work->client, s->control, work->fault);
    if (!FAILED(done)) done = compare(work, store, head, rows, count, digest);
    if (!s->dry) control_client_close(&work->client);
    store_close(store);
    return done;
}

static err run(const struct settings *s, struct process_fault *fault)
{
    struct work work = {.settings = s, .fault = fault};
    struct clearing_head head;
    struct clearing_row *rows = NULL;
    struct bytes file;
    char digest[2 * CLEARING_DIGEST_BYTES + 1];
    size_t count = 0;
    TRY(head_of(s, &head, fault));
    TRY(map_file(s->file, &file, fault));
    err done = read_rows(s, file, &head, &rows, &count, fault);
    if (!FAILED(done)) {
        clearing_file_digest(file, digest);
        done = with_journal(&work, &head, rows, count, digest);
        free(rows);
    }
    (void)munmap((void *)(uintptr_t)file.at, file.len);
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
