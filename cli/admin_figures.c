/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin figures --check`: are figures.db, ledger and journal of one mind? It only reads,
 * so everybody may be at work meanwhile. */
#include <assert.h>
#include <stdio.h>

#include "cli/admin.h"
#include "figures/check.h"
#include "lib/auth/pseudonym.h"
#include "lib/base/file.h"

struct places {
    char journal[FILE_PATH_MAX], ledger[FILE_PATH_MAX], figures[FILE_PATH_MAX], key[FILE_PATH_MAX];
};

static err find_places(const char *state, const char *office, struct places *p)
{
    TRY(file_path(state, "journal.db", p->journal, sizeof p->journal));
    TRY(file_path(state, "ledger.db", p->ledger, sizeof p->ledger));
    TRY(file_path(office, "figures.db", p->figures, sizeof p->figures));
    return file_path(office, "figures.key", p->key, sizeof p->key);
}

static err say(err done, const struct store *store, struct process_fault *fault)
{
    if (FAILED(done) && store != NULL)
        snprintf(fault->text, sizeof fault->text, "%.250s", store_error_text(store));
    return done;
}

static err open_to_read(const char *path, struct store **ret, struct process_fault *fault)
{
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    err done = store_open(path, &options, &why, ret);
    if (FAILED(done)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return done;
}

static err with_ledger(const struct places *p, struct store *figures,
                       struct figures_difference *ret_difference, struct process_fault *fault)
{
    CLEANUP(store_close_at) struct store *ledger = NULL;
    TRY(open_to_read(p->ledger, &ledger, fault));
    err done = say(store_migrate(figures, &figures_schema), figures, fault);
    if (FAILED(done)) return done;
    done = figures_check(figures, ledger, ret_difference);
    if (FAILED(done) && store_error_text(figures)[0] == '\0') return say(done, ledger, fault);
    return say(done, figures, fault);
}

static err with_journal(const struct places *p, struct store *figures,
                        struct figures_difference *ret_difference, struct process_fault *fault)
{
    uint8_t key[PSEUDONYM_KEY_BYTES];
    struct store_fault why = {""};
    err done = pseudonym_key_load(p->key, NULL, key);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text, "%.180s: %s", p->key, err_text(done));
        return done;
    }
    static_assert((int)PSEUDONYM_KEY_BYTES == (int)FIGURES_KEY_BYTES, "one key");
    const struct figures_config config = {.sources = STORE_READ_ONLY,
                                          .journal_path = p->journal,
                                          .ledger_path = p->ledger,
                                          .hash = pseudonym_of,
                                          .key = key};
    done = figures_rebuild_compare(figures, &config, &why, ret_difference);
    if (FAILED(done)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return done;
}

static void print(const struct figures_difference *d, bool rebuild)
{
    if (d->same)
        printf("figures are what the %s says, up to row %lld: %zu %s\n",
               rebuild ? "journal" : "ledger", (long long)d->seq, d->compared,
               rebuild ? "rows" : "days of shops");
    else
        printf("figures differ: %s; %zu of %zu in all. Stop tongbao-backoffice and move figures.db "
               "away: it is folded again.\n",
               d->text, d->differing, d->compared);
}

int admin_figures_check(const struct admin_command *command, const char *state, const char *office,
                        bool rebuild)
{
    CLEANUP(store_close_at) struct store *figures = NULL;
    struct process_fault fault = {""};
    struct places places;
    struct figures_difference d = {.same = false};
    err done = find_places(state, office, &places);
    if (!FAILED(done)) done = open_to_read(places.figures, &figures, &fault);
    if (!FAILED(done)) done = with_ledger(&places, figures, &d, &fault);
    if (!FAILED(done)) print(&d, false);
    bool same = d.same;
    if (!FAILED(done) && rebuild) {
        done = with_journal(&places, figures, &d, &fault);
        if (!FAILED(done)) print(&d, true);
        same = same && d.same;
    }
    if (FAILED(done)) return admin_failed(command, done, &fault);
    return same ? 0 : PROCESS_EXIT_FAILED;
}
