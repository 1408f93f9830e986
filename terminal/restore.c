/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup is read (S165): part by part to the vault, rows back from it. Into nothing, to know that
 * it opens and what is in it; or taken. Then the rows go in under one transaction, and it is
 * committed when the vault has found the signature of the whole right and has taken the people.
 *
 * A device that has records of its own keeps them: payments that it took before the restore come
 * behind those of the backup. Where some of the backup's are here already, or shifts, settlements
 * or orders were made, nothing is taken: there is nothing to restore, or too much to lose.
 */
#include "lib/store/audit.h"
#include "terminal/backup.h"
#include "terminal/backup_rows.h"
#include "terminal/core.h"
#include "terminal/secure_backup.h"

/* While one is read. */
struct reading {
    struct terminal *t;
    const char *name;
    uint64_t offset;
    bool take, foreign; /* another device has written it */
    struct backup_head head;
    uint8_t head_block[BACKUP_HEAD_MAX];
    uint32_t rows[BACKUP_SECTIONS];
    struct restore_result *result;
};

/* ---- the medium ---- */

/* The next part. False: `result` says why not. */
static bool next_part(struct reading *r, uint8_t block[BACKUP_PART_MAX], struct backup_part *out)
{
    struct terminal *t = r->t;
    size_t len = 0;
    const struct backup_ports *from = backup_from(t);
    err e = from->read(from->context, r->name, r->offset, block, BACKUP_PART_MAX, &len);
    if (FAILED(e)) {
        r->result->outcome = RESTORE_GONE;
        return false;
    }
    e = backup_cut(bytes_of(block, len), out);
    if (FAILED(e)) {
        r->result->outcome = RESTORE_REFUSED;
        r->result->verdict = e.code == ERR_NEWER   ? VAULT_RESTORE_NEWER
                             : e.code == ERR_SHORT ? VAULT_RESTORE_TRUNCATED
                             : r->offset == 0      ? VAULT_RESTORE_NO_BUNDLE
                                                   : VAULT_RESTORE_ALTERED;
        return false;
    }
    r->offset += out->whole.len;
    return true;
}

static bool refuse(struct reading *r, enum restore_outcome outcome)
{
    r->result->outcome = outcome;
    return false;
}

/* What the vault has said about a part. */
static bool judge(struct reading *r, enum vault_status status, const struct vault_restored *said)
{
    r->result->status = status;
    if (status != VAULT_OK) return refuse(r, RESTORE_VAULT);
    r->result->verdict = said->verdict;
    if (said->verdict == VAULT_RESTORE_OK) return true;
    r->result->number = said->number;
    return refuse(r, RESTORE_REFUSED);
}

/* ---- rows ---- */

static const struct backup_section *section_of(const struct reading *r, uint8_t kind)
{
    for (size_t i = 0; i < r->head.sections; i++)
        if (r->head.section[i].kind == kind) return &r->head.section[i];
    return NULL;
}

static err is_known(struct store *store, const struct backup_row *row, bool *ret_known)
{
    struct store_statement *s;
    TRY(store_statement(store, "SELECT 1 FROM payment WHERE batch = ? AND stan = ?", &s));
    store_bind_int(s, row->number[BACKUP_PAYMENT_BATCH]);
    store_bind_int(s, row->number[BACKUP_PAYMENT_STAN]);
    TRY(store_step(s, ret_known));
    store_reset(s);
    return OK;
}

/* A payment is of this terminal, and was decided: nothing that is in doubt is in a backup. */
static bool payment_plausible(const struct reading *r, const struct backup_row *row)
{
    int64_t state = row->number[BACKUP_PAYMENT_STATE];
    return bytes_equal(row->text[BACKUP_PAYMENT_TID], bytes_text(r->t->facts.tid)) &&
           row->number[BACKUP_PAYMENT_NUMBER] > r->result->last_payment && state > PAYMENT_NONE &&
           state < PAYMENT_STATES && state != PAYMENT_PENDING;
}

static err note_payment(struct reading *r, const struct backup_row *row)
{
    struct restore_result *result = r->result;
    bool known = false;
    TRY(is_known(r->t->config.store, row, &known));
    result->known = result->known || known;
    result->payments++;
    result->last_payment = row->number[BACKUP_PAYMENT_NUMBER];
    int64_t state = row->number[BACKUP_PAYMENT_STATE];
    bool untold = state == PAYMENT_OFFLINE || state == PAYMENT_DISPUTED;
    bool sealed = r->foreign && untold && row->text[BACKUP_PAYMENT_HELD].len > 0;
    result->sealed += sealed;
    return OK;
}

/* One row that was read. False: `result` says why. */
static err take_row(struct reading *r, const struct backup_table *table,
                    const struct backup_row *row, bool *ret_good)
{
    bool payment = table->kind == BACKUP_PAYMENT;
    *ret_good = !payment || payment_plausible(r, row) || refuse(r, RESTORE_BAD_ROWS);
    if (!*ret_good) return OK;
    r->rows[table->kind]++;
    if (payment && r->take) r->result->last_payment = row->number[BACKUP_PAYMENT_NUMBER];
    else if (payment) TRY(note_payment(r, row));
    if (!r->take) return OK;
    err e = backup_row_insert(table, row, r->t->config.store);
    if (e.code != ERR_EXISTS && e.code != ERR_RANGE) return e;
    *ret_good = refuse(r, RESTORE_BAD_ROWS);
    return OK;
}

/* False: `result` says why. */
static err take_rows(struct reading *r, const struct vault_restored *said, bool *ret_good)
{
    const struct backup_table *table = backup_table_of(said->kind);
    const struct backup_section *section = section_of(r, said->kind);
    struct reader piece = reader_over(said->content);
    *ret_good = table != NULL && section->columns <= strlen(table->types);
    if (!*ret_good) (void)refuse(r, RESTORE_NEWER);
    while (*ret_good && piece.left.len > 0) {
        struct backup_row row;
        if (FAILED(backup_row_read(table, section->columns, &piece, &row)))
            *ret_good = refuse(r, RESTORE_BAD_ROWS);
        else TRY(take_row(r, table, &row, ret_good));
    }
    return OK;
}

/* As many of each as the head has said. */
static bool rows_complete(struct reading *r)
{
    for (size_t i = 0; i < r->head.sections; i++) {
        const struct backup_section *section = &r->head.section[i];
        if (section->kind == BACKUP_PEOPLE) continue;
        if (section->kind >= BACKUP_SECTIONS || section->rows != r->rows[section->kind])
            return refuse(r, RESTORE_BAD_ROWS);
    }
    return true;
}

/* ---- all of it ---- */

static bool begin(struct reading *r, enum vault_restore_key key)
{
    uint8_t block[BACKUP_PART_MAX];
    struct backup_part part;
    struct vault_restored said = {0};
    if (!next_part(r, block, &part)) return false;
    if (part.kind != BACKUP_HEAD_PART || part.whole.len > sizeof r->head_block) {
        r->result->verdict = VAULT_RESTORE_NO_BUNDLE;
        return refuse(r, RESTORE_REFUSED);
    }
    memcpy(r->head_block, part.whole.at, part.whole.len);
    const struct bytes head = bytes_of(r->head_block, part.whole.len);
    if (FAILED(backup_read_head(head, &r->head))) {
        r->result->verdict = VAULT_RESTORE_NO_BUNDLE;
        return refuse(r, RESTORE_REFUSED);
    }
    r->foreign = !bytes_equal(r->head.serial, bytes_text(r->t->facts.serial));
    const struct cloud_ask *granted = &r->t->backup.cloud.ask;
    struct bytes grant = {0};
    if (key == VAULT_RESTORE_BY_GRANT) grant = bytes_of(granted->grant, granted->grant_len);
    const struct vault_restore_begin ask = {(uint8_t)key, r->take, head, grant};
    return judge(r, secure_restore_begin(r->t, &ask, &said), &said);
}

/* Every piece; *ret_good when the tail is next, which is in `tail`. */
static err read_pieces(struct reading *r, uint8_t block[BACKUP_PART_MAX], struct backup_part *tail,
                       bool *ret_good)
{
    *ret_good = false;
    for (;;) {
        struct vault_restored said = {0};
        bool good = true;
        if (!next_part(r, block, tail)) return OK;
        if (tail->kind == BACKUP_TAIL_PART) break;
        if (!judge(r, secure_restore_part(r->t, false, tail->whole, &said), &said)) return OK;
        if (said.kind == BACKUP_PEOPLE || said.kind == BACKUP_END) continue;
        TRY(take_rows(r, &said, &good));
        if (!good) return OK;
    }
    *ret_good = rows_complete(r);
    return OK;
}

static err read_all(struct reading *r, enum vault_restore_key key, bool *ret_good)
{
    uint8_t block[BACKUP_PART_MAX];
    struct backup_part tail;
    struct vault_restored said = {0};
    *ret_good = false;
    if (!begin(r, key)) return OK;
    TRY(read_pieces(r, block, &tail, ret_good));
    if (!*ret_good) return OK;
    *ret_good = judge(r, secure_restore_part(r->t, true, tail.whole, &said), &said);
    if (*ret_good) r->result->outcome = RESTORE_DONE;
    return OK;
}

/* ---- taking ---- */

/* Closed shifts, settlements and orders keep their numbers for ever: none may be in the way. */
static err has_books(struct store *store, bool *ret_has)
{
    int64_t count = 0;
    TRY(store_query_int(store,
                        "SELECT (SELECT count(*) FROM shift) + (SELECT count(*) FROM settlement)"
                        " + (SELECT count(*) FROM orders)",
                        &count));
    *ret_has = count > 0;
    return OK;
}

/* What this terminal has taken before comes behind: its numbers grow by the highest of both. */
static err make_room(struct store *store, int64_t last)
{
    static const char *const moves[] = {
        "UPDATE basket SET payment = payment + ? WHERE payment > 0",
        "UPDATE signature SET payment = payment + ?",
        "UPDATE payment SET number = number + ?",
    };
    int64_t own = 0;
    TRY(store_query_int(store, "SELECT max(number) FROM payment", &own));
    if (own == 0) return OK;
    for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
        struct store_statement *s;
        TRY(store_statement(store, moves[i], &s));
        store_bind_int(s, own > last ? own : last);
        TRY(store_run(s));
    }
    return OK;
}

static err take(struct reading *r, enum vault_restore_key key, int64_t last)
{
    struct terminal *t = r->t;
    struct store *store = t->config.store;
    bool good = false;
    char number[24];
    struct writer w = writer_over(number, sizeof number - 1);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(make_room(store, last));
    TRY(read_all(r, key, &good));
    if (!good) return OK;
    /* The plain profile has no such question: there what came back is all there is. */
    if (payment_profile(t->config.profile)->envelope)
        TRY(catch_up_begin(store, r->head.made_ms, r->foreign, last));
    write_format(&w, "%llu", (unsigned long long)r->head.number);
    number[w.len] = '\0';
    char serial[BACKUP_SERIAL_MAX + 1];
    ENSURE(!FAILED(bytes_to_text(r->head.serial, serial, sizeof serial)));
    const struct audit_entry entry = {now_ms(t), bytes_text(t->operator_id), BYTES("restored"),
                                      bytes_text(serial), bytes_text(number)};
    TRY(audit_append(&tx, &entry));
    return store_commit(&tx);
}

static err look(struct terminal *t, const char *name, enum vault_restore_key key,
                struct restore_result *result)
{
    struct reading r = {.t = t, .name = name, .result = result};
    bool good;
    return read_all(&r, key, &good);
}

err restore_read(struct terminal *t, const char *name, enum vault_restore_key key, bool to_take,
                 struct restore_result *out)
{
    struct restore_result seen = {.outcome = RESTORE_REFUSED}, taken = {.outcome = RESTORE_REFUSED};
    bool books = false;
    TRY(look(t, name, key, &seen));
    if (!to_take || seen.outcome != RESTORE_DONE) {
        *out = seen;
        return OK;
    }
    TRY(has_books(t->config.store, &books));
    if (books || seen.known) {
        seen.outcome = RESTORE_HAS_DATA;
        *out = seen;
        return OK;
    }
    struct reading r = {.t = t, .name = name, .take = true, .result = &taken};
    TRY(take(&r, key, seen.last_payment));
    TRY(shop_open(t));
    taken.payments = seen.payments;
    taken.sealed = seen.sealed;
    *out = taken;
    return OK;
}

void restore_ask(struct terminal *t, const char *name, struct restore_result *out)
{
    struct reading r = {.t = t, .name = name, .result = out};
    uint8_t block[BACKUP_PART_MAX];
    struct backup_part part;
    struct vault_restore_asked asked = {0};
    *out = (struct restore_result){.outcome = RESTORE_REFUSED, .verdict = VAULT_RESTORE_NO_BUNDLE};
    if (!next_part(&r, block, &part) || part.kind != BACKUP_HEAD_PART) return;
    out->status = secure_restore_ask(t, part.whole, &asked);
    out->outcome = RESTORE_VAULT;
    if (out->status != VAULT_OK) return;
    out->verdict = asked.verdict;
    out->outcome = asked.verdict == VAULT_RESTORE_OK ? RESTORE_DONE : RESTORE_REFUSED;
    if (out->outcome == RESTORE_DONE) cloud_ask_key(t, &asked);
}

/* ---- what there is ---- */

struct finding {
    struct terminal *t;
    struct backup_found *list;
    size_t max, count;
};

/* False: of somebody else, or nothing of ours. */
static bool read_found(struct terminal *t, const char *name, struct backup_found *out)
{
    uint8_t block[BACKUP_HEAD_MAX];
    struct backup_part part;
    struct backup_head head;
    struct backup_found found = {.number = 0};
    const struct backup_ports *from = backup_from(t);
    size_t len = 0;
    if (FAILED(bytes_to_text(bytes_text(name), found.name, sizeof found.name)) ||
        FAILED(from->read(from->context, name, 0, block, sizeof block, &len)) ||
        FAILED(backup_cut(bytes_of(block, len), &part)) ||
        FAILED(backup_read_head(part.whole, &head)) ||
        !bytes_equal(head.tid, bytes_text(t->facts.tid)))
        return false;
    found.number = head.number;
    found.made_ms = head.made_ms;
    ENSURE(!FAILED(bytes_to_text(head.serial, found.serial, sizeof found.serial)));
    for (size_t i = 0; i < head.sections; i++)
        if (head.section[i].kind == BACKUP_PAYMENT) found.payments = head.section[i].rows;
    for (size_t i = 0; i < head.wraps; i++) {
        found.for_owner = found.for_owner || head.wrap[i].kind == BACKUP_FOR_OWNER;
        found.for_acquirer = found.for_acquirer || head.wrap[i].kind == BACKUP_FOR_ACQUIRER;
    }
    found.for_device = bytes_equal(head.serial, bytes_text(t->facts.serial));
    *out = found;
    return true;
}

/* In its place among the newest. */
static err consider(void *context, const char *name)
{
    struct finding *f = context;
    struct backup_found found;
    size_t at = 0;
    if (!read_found(f->t, name, &found)) return OK;
    while (at < f->count && f->list[at].made_ms >= found.made_ms) at++;
    if (at == f->max) return OK;
    if (f->count < f->max) f->count++;
    memmove(&f->list[at + 1], &f->list[at], (f->count - 1 - at) * sizeof found);
    f->list[at] = found;
    return OK;
}

err backup_find(struct terminal *t, struct backup_found *list, size_t max, size_t *ret_count)
{
    struct finding f = {t, list, max, 0};
    const struct backup_ports *from = backup_from(t);
    *ret_count = 0;
    if (from->each == NULL) return OK;
    err e = from->each(from->context, consider, &f);
    if (e.code == ERR_CRASHED) return e;
    *ret_count = f.count; /* a medium that is not there has none */
    return OK;
}
