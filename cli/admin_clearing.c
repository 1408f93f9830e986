/* SPDX-License-Identifier: Apache-2.0 */
/* A network's clearing file and the two stores that it is held against. */
#include "cli/admin_clearing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/figures.h"
#include "lib/base/file.h"
#include "lib/crypto/crypto.h"

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

static err read_rows(const char *path, struct admin_clearing *c, struct process_fault *fault)
{
    struct clearing_fault at = {0};
    size_t max = clearing_rows_max(c->file);
    c->row = calloc(max, sizeof *c->row);
    if (c->row == NULL) return ERR(NO_MEMORY);
    err parsed =
        clearing_parse(c->file, &c->head, crypto_sha256, c->row, max, &c->rows, &c->sums, &at);
    if (FAILED(parsed))
        snprintf(fault->text, sizeof fault->text,
                 "%.120s, line %u: %s; nothing of it was taken, ask for it again", path, at.line,
                 at.why);
    return parsed;
}

enum payment_route admin_network(const char *name)
{
    for (enum payment_route r = PAYMENT_ROUTE_CARD_NETWORK; r < PAYMENT_ROUTES; r++)
        if (strcmp(name, clearing_network_name(r)) == 0) return r;
    return PAYMENT_ROUTE_NONE;
}

static err head_of(const char *network, const char *day, struct clearing_head *out,
                   struct process_fault *fault)
{
    struct clearing_head head = {.network = admin_network(network), .currency = CURRENCY_CNY};
    if (head.network == PAYMENT_ROUTE_NONE ||
        FAILED(clearing_day_parse(bytes_text(day), &head.day))) {
        snprintf(fault->text, sizeof fault->text,
                 "a day is such as 2026-01-31, and a network card_network or wallet");
        return ERR(CONFIG);
    }
    *out = head;
    return OK;
}

/* ---- all of it ---- */

static err open_one(const char *state, const char *name, struct store **ret,
                    struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    TRY(file_path(state, name, path, sizeof path));
    err opened = store_open(path, &options, &why, ret);
    if (FAILED(opened)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return opened;
}

err admin_clearing_open(const char *network, const char *day, const char *file, const char *state,
                        struct admin_clearing *out, struct process_fault *fault)
{
    CLEANUP(admin_clearing_close) struct admin_clearing c = {.rows = 0};
    TRY(head_of(network, day, &c.head, fault));
    TRY(map_file(file, &c.file, fault));
    TRY(read_rows(file, &c, fault));
    clearing_file_digest(c.file, c.digest);
    TRY(open_one(state, "journal.db", &c.journal, fault));
    TRY(open_one(state, "ledger.db", &c.ledger, fault));
    *out = c;
    c = (struct admin_clearing){.rows = 0};
    return OK;
}

void admin_clearing_close(struct admin_clearing *c)
{
    store_close(c->ledger);
    store_close(c->journal);
    free(c->row);
    if (c->file.len > 0) (void)munmap((void *)(uintptr_t)c->file.at, c->file.len);
    *c = (struct admin_clearing){.rows = 0};
}

/* ---- what was agreed ---- */

/* What issuer and network get of it is what the ledger has booked. */
static err agreed(void *context, const struct payment *p, int64_t row,
                  struct reconcile_agreed *ret_agreed)
{
    struct admin_clearing *c = context;
    struct ledger_shares shares;
    (void)p;
    err found = ledger_shares_of(c->ledger, row, &shares);
    if (found.code == ERR_NOT_FOUND) return ERR(AGAIN);
    TRY(found);
    *ret_agreed = (struct reconcile_agreed){true, shares.issuer_minor, shares.network_minor,
                                            shares.instalment_minor};
    return OK;
}

err admin_clearing_compare(struct admin_clearing *c, reconcile_each each, void *context,
                           struct reconcile_sums *ret_sums, struct process_fault *fault)
{
    const struct reconcile_file file = {.head = c->head,
                                        .row = c->row,
                                        .rows = c->rows,
                                        .version = c->sums.version,
                                        .agree = agreed,
                                        .agree_context = c};
    err done = reconcile(c->journal, &file, each, context, ret_sums);
    if (done.code == ERR_AGAIN)
        snprintf(fault->text, sizeof fault->text,
                 "the ledger is being folded and has not come to a payment of this day; ask again "
                 "in a moment");
    return done;
}
