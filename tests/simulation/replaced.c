/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that are destroyed and replaced (S124, S165). A terminal dies between two calls to its
 * store, and its vault with it: both stores are gone. A while later a spare of the same terminal
 * number stands there, with keys of its own and nothing in it; the registry knows it and refuses
 * the old one; its supervisor has his first day once more, and restores it from the last backup
 * with the digits that the owner wrote down. Then it signs in, hears from its host what came since
 * that backup, and trades on: what the old one had must be what this one has (replaced_check.c).
 *
 * It happens at any time: between a request and its answer, with reversals outstanding, in a
 * settlement. Two devices are spared: whose payments settlements.c has got wrong, because it puts
 * them right at the end by a table in this store; and one that has told its host what a card has
 * approved while the network is not heard yet, because what the network then does is for people to
 * find in its file (acquirer/catch_up.c).
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/crypto/backup_seal.h"
#include "registry/replacement.h"
#include "terminal/records.h"
#include "tests/simulation/world.h"

enum {
    BUNDLE_MAX = 1 << 20,
    BACKUP_ONE_IN = 12, /* before an errand one is made by hand */
    DOOM_ONE_IN = 2,    /* backups are followed by a death */
    DOOM_CALLS = 4000,  /* of the terminal to its store, at most, before it */
    KILL_ONE_IN = 8,    /* of other deaths is for good */
};

/* Forty digits that fit together: what the owner of every shop has written down. */
static const char digits[] = "7304916258730491625873049162587304916254";

bool replaced_eligible(const struct side_terminal *t)
{
    return t->spare.vault.len > 0;
}

bool replaced_dies_now(struct side_terminal *t)
{
    if (t->world->healing) return false;
    t->doomed = t->dies_in > 0 && --t->dies_in == 0;
    return t->doomed;
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

/* What settlements.c has spoilt it puts right at the end, by a table of its own in this store. */
static err is_spoilt(struct store *store, bool *ret_spoilt)
{
    int64_t count = 0;
    TRY(store_query_int(store, "SELECT count(*) FROM sqlite_master WHERE name = 'spoilt'", &count));
    if (count > 0) TRY(store_query_int(store, "SELECT count(*) FROM spoilt", &count));
    *ret_spoilt = count > 0;
    return OK;
}

/* ---- the end of a device ---- */

static err remember(void *context, int64_t number, const struct payment *p)
{
    struct dead_device *dead = context;
    (void)number;
    if (dead->count % 256 == 0) {
        dead->row = realloc(dead->row, (dead->count + 256) * sizeof *dead->row);
        ENSURE(dead->row != NULL);
    }
    dead->row[dead->count++] = (struct dead_payment){
        p->key, p->type, p->state, p->means, payment_offline(p), p->amount_minor};
    return OK;
}

/* Has the host an approval of a card from it that no network has confirmed? */
static err is_telling(const struct side_terminal *t, bool *ret_is)
{
    static const char sql[] =
        "SELECT count(*) FROM (SELECT state, max(seq) FROM journal WHERE tid = ? AND rrn <> ''"
        " GROUP BY rrn) WHERE state = 9";
    const struct store_options options = {.mode = STORE_MEMORY};
    struct store *journal = NULL;
    struct store_statement *s;
    bool row = false;
    if (!side_acquirer_was_up(t->world)) return OK; /* nobody has told it anything */
    TRY(store_open("sim-journal", &options, NULL, &journal));
    err e = store_statement(journal, sql, &s);
    if (!FAILED(e)) {
        store_bind_text(s, bytes_text(t->tid));
        e = store_step(s, &row);
    }
    if (!FAILED(e)) *ret_is = row && store_read_int(s) > 0;
    store_close(journal);
    return e;
}

/* What it had, for the checks; nothing when it is spared. */
static err look_back(struct side_terminal *t, bool *ret_dies)
{
    struct store *store = NULL;
    struct records records;
    const struct store_options options = {.mode = STORE_MEMORY};
    bool spoilt = false, telling = false;
    TRY(is_telling(t, &telling));
    TRY(store_open(t->store_name, &options, NULL, &store));
    err e = is_spoilt(store, &spoilt);
    spoilt = spoilt || telling;
    if (!FAILED(e) && !spoilt) e = records_open(&records, store);
    if (!FAILED(e) && !spoilt) e = records_each(&records, remember, &t->dead);
    store_close(store);
    *ret_dies = !FAILED(e) && !spoilt;
    return e;
}

/* It has just died. */
void replaced_died(struct side_terminal *t)
{
    struct world *w = t->world;
    bool dies = false, doomed = t->doomed;
    t->doomed = false;
    if (!replaced_eligible(t) || t->restoring || t->replaced || w->healing || w->options.calm)
        return;
    if (t->medium.len == 0 || (!doomed && !world_chance(w, KILL_ONE_IN))) return;
    err e = look_back(t, &dies);
    if (FAILED(e)) world_fail(w, "what terminal %u has: %s", t->index, err_name(e));
    if (!dies) return;
    papers_forget(t); /* its payments get other numbers in the other one */
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

bool replaced_behind(struct side_terminal *t)
{
    int64_t due = 0;
    if (!t->replaced || t->restoring || t->store == NULL) return false;
    err asked = store_query_int(t->store, "SELECT count(*) FROM catch_up WHERE stage = 1", &due);
    if (FAILED(asked) && asked.code != ERR_CRASHED)
        world_fail(t->world, "whether terminal %u has caught up: %s", t->index, err_name(asked));
    return due > 0;
}

static void restored(struct side_terminal *t)
{
    t->restoring = t->medium.restored = false;
    t->cashier.supervisor.has_own = true;
    t->cashier.self.has_own = false; /* the backup may be of before his first day: he tries both */
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
    free(t->dead.row);
    free(t->medium.bundle);
    free(t->medium.writing);
    if (t->medium.copy != NULL) store_anchor_close(t->medium.copy);
}
