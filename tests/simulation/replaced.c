/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that are destroyed and replaced (S124, S165). A terminal dies between two calls to its
 * store, and its vault with it: both stores are gone. A while later a spare of the same terminal
 * number stands there, with keys of its own and nothing in it; the registry knows it and refuses
 * the old one; its supervisor has his first day once more, and restores it from the last backup
 * with the digits that the owner wrote down. Then it signs in and trades on. No invariant knows of
 * it: what the old one had must be what this one has.
 *
 * What happened at a device since its last backup is gone with it, and is the host's to know. So a
 * device is destroyed only while its backup says what it has; how often it makes one is up to
 * chance.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/crypto/backup_seal.h"
#include "registry/replacement.h"
#include "terminal/backup_rows.h"
#include "tests/simulation/world.h"

enum {
    BUNDLE_MAX = 1 << 20,
    BACKUP_ONE_IN = 12, /* before an errand one is made by hand */
    DOOM_ONE_IN = 2,    /* backups are followed by a death */
    DOOM_CALLS = 100,   /* of the terminal to its store, at most, before it */
};

/* Forty digits that fit together: what the owner of every shop has written down. */
static const char digits[] = "7304916258730491625873049162587304916254";

bool replaced_eligible(const struct side_terminal *t)
{
    return t->spare.vault.len > 0;
}

bool replaced_dies_now(struct side_terminal *t)
{
    return t->dies_in > 0 && --t->dies_in == 0;
}

/* ---- the medium: it survives ---- */

static err snapshot(void *context, struct store **ret_store)
{
    struct side_terminal *t = context;
    struct medium *m = &t->medium;
    struct bytes image;
    char name[48];
    snprintf(name, sizeof name, "sim-snapshot-%u-%u", t->index, ++m->snapshots);
    if (m->copy != NULL) store_anchor_close(m->copy);
    m->copy = NULL;
    TRY(store_anchor_image(t->anchor, &image));
    err e = store_anchor_open(name, &m->copy);
    if (!FAILED(e)) e = store_anchor_fill(m->copy, image);
    store_image_free(image);
    TRY(e);
    const struct store_options options = {.mode = STORE_MEMORY};
    return store_open(name, &options, NULL, ret_store);
}

static err create(void *context, const char *name)
{
    struct medium *m = &((struct side_terminal *)context)->medium;
    if (m->writing == NULL) m->writing = malloc(BUNDLE_MAX);
    ENSURE(m->writing != NULL);
    m->written = 0;
    return bytes_to_text(bytes_text(name), m->writing_name, sizeof m->writing_name);
}

static err append(void *context, struct bytes b)
{
    struct medium *m = &((struct side_terminal *)context)->medium;
    if (b.len > BUNDLE_MAX - m->written) return ERR(FULL);
    memcpy(m->writing + m->written, b.at, b.len);
    m->written += b.len;
    return OK;
}

static err finish(void *context, bool whole)
{
    struct side_terminal *t = context;
    struct medium *m = &t->medium;
    if (!whole || m->written == 0) return OK;
    uint8_t *before = m->bundle;
    m->bundle = m->writing;
    m->len = m->written;
    memcpy(m->name, m->writing_name, sizeof m->name);
    m->made_of = m->snapshots;
    m->writing = before;
    m->written = 0;
    struct world *w = t->world;
    if (!t->replaced && !w->healing && !w->options.calm && world_chance(w, DOOM_ONE_IN))
        t->dies_in = 1 + random_below(&w->chance, DOOM_CALLS);
    return OK;
}

static err read_part(void *context, const char *name, uint64_t offset, void *block, size_t max,
                     size_t *ret_len)
{
    const struct medium *m = &((struct side_terminal *)context)->medium;
    if (m->len == 0 || strcmp(name, m->name) != 0) return ERR(NOT_FOUND);
    size_t left = offset < m->len ? m->len - (size_t)offset : 0;
    *ret_len = left < max ? left : max;
    if (*ret_len > 0) memcpy(block, m->bundle + offset, *ret_len);
    return OK;
}

static err each(void *context, err (*found)(void *found_context, const char *name),
                void *found_context)
{
    const struct medium *m = &((struct side_terminal *)context)->medium;
    return m->len == 0 ? OK : found(found_context, m->name);
}

void replaced_ports(struct side_terminal *t, struct terminal_ports *ports)
{
    if (!replaced_eligible(t)) return;
    ports->backup = (struct backup_ports){.context = t,
                                          .snapshot = snapshot,
                                          .create = create,
                                          .append = append,
                                          .finish = finish,
                                          .read = read_part,
                                          .each = each};
}

/* ---- the owner's digits, and the spare ---- */

/* As if a supervisor had made them on his first day, and the owner had written them down. */
err replaced_owner(struct vault *vault)
{
    CLEANUP(transport_pair_wipe) struct transport_pair pair = {0};
    struct store_statement *s;
    TRY(backup_code_pair(bytes_text(digits), &pair));
    TRY(store_statement(vault_store(vault), "UPDATE device SET backup_owner = ?", &s));
    store_bind_blob(s, BYTES_OF(pair.public_key));
    return store_run(s);
}

const char *replaced_digits(void)
{
    return digits;
}

/* ---- backups by hand ---- */

void replaced_befall(struct side_terminal *t)
{
    if (!replaced_eligible(t) || t->terminal == NULL || t->restoring) return;
    if (world_chance(t->world, BACKUP_ONE_IN)) side_terminal_did(t, backup_start(t->terminal));
}

/* The rows of all tables that are in a backup, as a digest of what a device has. */
static err fingerprint(struct store *store, uint8_t ret_digest[CRYPTO_SHA256_BYTES])
{
    static uint8_t block[1 << 16];
    crypto_sha256(BYTES(""), ret_digest);
    for (size_t i = 0; i < backup_table_count; i++) {
        const struct backup_table *table = &backup_tables[i];
        struct store_statement *s;
        bool row = true;
        if (table->kind == BACKUP_SHOWN) continue; /* a time for each text */
        TRY(store_statement(store, table->select, &s));
        while (row) {
            struct writer w = writer_over(block, sizeof block);
            TRY(store_step(s, &row));
            if (!row) break;
            write_bytes(&w, bytes_of(ret_digest, CRYPTO_SHA256_BYTES));
            TRY(backup_row_write(table, s, &w));
            crypto_sha256(writer_view(&w), ret_digest);
        }
    }
    return OK;
}

/* What settlements.c has spoilt it puts right at the end, by a table of its own in this store. */
static err is_spoilt(struct store *store, bool *ret_spoilt)
{
    int64_t count = 0;
    TRY(store_query_int(store, "SELECT count(*) FROM sqlite_master WHERE name = 'spoilt'", &count));
    if (count > 0) TRY(store_query_int(store, "SELECT count(*) FROM spoilt", &count));
    *ret_spoilt = count > 0;
    return OK;
}

/* Has it the same as its last backup was made from? */
static bool backup_says_all(struct side_terminal *t)
{
    /* Card data of what a card alone has approved opens at its own device and nowhere else. */
    static const char sealed_here[] = "SELECT count(*) FROM payment WHERE length(held) > 0";
    struct store *now = NULL, *then = NULL;
    int64_t sealed = 0;
    bool spoilt = false;
    uint8_t a[CRYPTO_SHA256_BYTES], b[CRYPTO_SHA256_BYTES];
    char name[48];
    const struct store_options options = {.mode = STORE_MEMORY};
    if (t->medium.len == 0 || t->medium.made_of != t->medium.snapshots) return false;
    snprintf(name, sizeof name, "sim-snapshot-%u-%u", t->index, t->medium.snapshots);
    err e = store_open(t->store_name, &options, NULL, &now);
    if (!FAILED(e)) e = store_open(name, &options, NULL, &then);
    if (!FAILED(e)) e = store_query_int(now, sealed_here, &sealed);
    if (!FAILED(e)) e = is_spoilt(now, &spoilt);
    if (!FAILED(e)) e = fingerprint(now, a);
    if (!FAILED(e)) e = fingerprint(then, b);
    store_close(now);
    store_close(then);
    if (FAILED(e)) world_fail(t->world, "what terminal %u has: %s", t->index, err_name(e));
    return !FAILED(e) && sealed == 0 && !spoilt && memcmp(a, b, sizeof a) == 0;
}

/* It has just died. */
void replaced_died(struct side_terminal *t)
{
    struct world *w = t->world;
    if (!replaced_eligible(t) || t->restoring || t->replaced || w->healing || w->options.calm)
        return;
    if (!backup_says_all(t)) return;
    t->destroyed = true;
    w->counts.destroyed++;
}

/* ---- another one stands there ---- */

static err register_spare(struct side_terminal *t)
{
    struct registry *registry = NULL;
    const struct registry_actor who = {BYTES("simulation"), t->world->now_ms};
    const struct spare *spare = &t->spare;
    TRY(registry_open("sim-registry", STORE_MEMORY, NULL, &registry));
    err e = registry_replace_terminal(registry, &who, bytes_text(t->tid), bytes_text(t->serial),
                                      bytes_text(spare->serial), BYTES("TB-1"));
    if (!FAILED(e))
        e = registry_set_terminal_keys(
            registry, &who, bytes_text(t->tid), bytes_text(spare->fingerprint),
            bytes_text(spare->master_block), bytes_text(spare->recovery_block));
    registry_close(registry);
    return e;
}

static err put_spare(struct side_terminal *t)
{
    struct spare *spare = &t->spare;
    store_anchor_close(t->anchor);
    store_anchor_close(t->vault_anchor);
    t->anchor = t->vault_anchor = NULL;
    snprintf(t->store_name, sizeof t->store_name, "sim-spare-terminal-%u", t->index);
    snprintf(t->vault_name, sizeof t->vault_name, "sim-spare-vault-%u", t->index);
    TRY(store_anchor_open(t->store_name, &t->anchor));
    TRY(store_anchor_open(t->vault_name, &t->vault_anchor));
    TRY(store_anchor_fill(t->vault_anchor, spare->vault));
    memcpy(t->serial, spare->serial, sizeof t->serial);
    memcpy(t->device_key, spare->key, sizeof t->device_key);
    memcpy(t->counter, spare->counter, sizeof t->counter);
    t->counter_len = spare->counter_len;
    return OK;
}

/* False: the vault is being started, and it is too early. */
bool replaced_by_spare(struct side_terminal *t)
{
    struct cashier *c = &t->cashier;
    if (t->vault == NULL) return false;
    vault_close(t->vault);
    t->vault = NULL;
    reader_stop(t);
    err e = register_spare(t);
    if (!FAILED(e)) e = put_spare(t);
    if (FAILED(e)) {
        world_fail(t->world, "terminal %u is not replaced: %s", t->index, err_name(e));
        return true;
    }
    t->destroyed = false;
    t->replaced = t->restoring = true;
    c->supervisor.has_own = false;
    memcpy(c->supervisor.initial, t->spare.initial, sizeof c->supervisor.initial);
    c->panel_open = false;
    side_start_vault(t);
    return true;
}

/* ---- its supervisor restores it ---- */

static bool has_payments(struct side_terminal *t)
{
    int64_t count = 0;
    err asked = store_query_int(t->store, "SELECT count(*) FROM payment", &count);
    if (FAILED(asked) && asked.code != ERR_CRASHED)
        world_fail(t->world, "terminal %u's payments: %s", t->index, err_name(asked));
    return count > 0;
}

static void restored(struct side_terminal *t)
{
    t->restoring = t->medium.restored = false;
    t->cashier.supervisor.has_own = t->cashier.self.has_own = true;
    t->world->counts.replaced++;
}

/* At any screen but those of logging in. False: what the screen offers is for others to do. */
bool replaced_act(struct side_terminal *t)
{
    static const struct {
        const char *screen, *choice;
    } steps[] = {{"main.menu", "manage"},
                 {"manage.menu", "backup"},
                 {"backup.menu", "restore"},
                 {"backup.list", "row_0"},
                 {"backup.one", "owner"}};
    const char *id = terminal_screen(t->terminal)->id;
    if (!t->restoring) return false;
    bool says_so = strcmp(id, "backup.restored") == 0;
    /* One that had sold nothing yet has only the screen to tell by; one that was killed before the
     * screen came has its payments to tell by. */
    if (says_so) t->medium.restored = true;
    if (!says_so && (t->medium.restored || has_payments(t))) {
        restored(t);
        return false;
    }
    if (strcmp(id, "main.menu") == 0) t->cashier.at->has_own = true;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (strcmp(id, steps[i].screen) == 0 && cashier_choose(t, steps[i].choice)) return true;
    return false;
}

void replaced_free(struct side_terminal *t)
{
    free(t->medium.bundle);
    free(t->medium.writing);
    if (t->medium.copy != NULL) store_anchor_close(t->medium.copy);
}
