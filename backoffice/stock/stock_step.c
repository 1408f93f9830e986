/* SPDX-License-Identifier: Apache-2.0 */
/* What changes a terminal in stock: taking a list in, and every step of a life. */
#include <stdio.h>

#include "backoffice/events/events.h"
#include "backoffice/stock/stock.h"
#include "lib/base/reader.h"

/* ---- rows ---- */

static err put_event(struct store_tx *tx, const struct registry_actor *actor,
                     enum stock_happening event, const char *serial, enum stock_state was,
                     enum stock_state became, const char *note)
{
    struct store_statement *put;
    TRY(store_statement(tx->store,
                        "INSERT INTO stock_event(serial, at_ms, event, was, became, actor, note)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(serial));
    store_bind_int(put, actor->at_ms);
    store_bind_int(put, (int64_t)event);
    store_bind_int(put, (int64_t)was);
    store_bind_int(put, (int64_t)became);
    store_bind_text(put, actor->name);
    store_bind_text(put, bytes_text(note));
    return store_run(put);
}

static err put_terminal(struct store_tx *tx, const struct stock_terminal *t)
{
    struct store_statement *put;
    TRY(store_statement(tx->store,
                        "UPDATE stock_terminal SET state = ?, mid = ?, application = ?, tid = ?,"
                        " assignment = ?, changed_ms = ? WHERE serial = ?",
                        &put));
    store_bind_int(put, (int64_t)t->state);
    store_bind_text(put, bytes_text(t->mid));
    store_bind_text(put, bytes_text(t->application));
    store_bind_text(put, bytes_text(t->tid));
    store_bind_int(put, t->assignment);
    store_bind_int(put, t->changed_ms);
    store_bind_text(put, bytes_text(t->serial));
    return store_run(put);
}

static err note_audit(struct store_tx *tx, const struct registry_actor *actor,
                      enum stock_happening event, const struct stock_terminal *t)
{
    char name[40];
    snprintf(name, sizeof name, "stock_%s", stock_event_word(event));
    return audit_append(tx, &(struct audit_entry){actor->at_ms, actor->name, bytes_text(name),
                                                  bytes_text(t->serial), bytes_text(t->mid)});
}

/* What others want to hear of; the rest is the stock's own matter. */
static err tell(struct store_tx *tx, const struct registry_actor *actor, enum stock_happening event,
                const struct stock_terminal *t)
{
    static const char *const kinds[STOCK_HAPPENINGS] = {
        [STOCK_DOES_SHIP] = "stock.shipped",
        [STOCK_DOES_DELIVER] = "stock.delivered",
        [STOCK_DOES_RETURN] = "stock.returned",
        [STOCK_DOES_ACTIVATE] = "device.activated",
    };
    char object[EVENT_OBJECT_MAX + 1];
    if (kinds[event] == NULL) return OK;
    snprintf(object, sizeof object, "stock/terminals/%s", t->serial);
    const struct event told = {
        .mid = t->mid, .kind = kinds[event], .object = object, .at_ms = actor->at_ms};
    return event_append(tx, &told, NULL);
}

/* ---- steps ---- */

err stock_step(struct store_tx *tx, const struct registry_actor *actor, enum stock_happening event,
               const char *note, struct stock_terminal *terminal, enum stock_verdict *ret_verdict)
{
    struct stock_terminal now = *terminal;
    bool was_active = false;
    *ret_verdict = STOCK_STATE;
    now.state = stock_next(terminal->state, event);
    if (now.state == 0) return OK;
    if (event == STOCK_DOES_RESTOCK) TRY(stock_was_active(tx->store, now.serial, &was_active));
    *ret_verdict = STOCK_USED;
    if (was_active) return OK;
    now.changed_ms = actor->at_ms;
    TRY(put_event(tx, actor, event, now.serial, terminal->state, now.state, note));
    if (event == STOCK_DOES_ASSIGN) now.assignment = store_last_id(tx->store);
    TRY(note_audit(tx, actor, event, &now));
    TRY(tell(tx, actor, event, &now));
    if (now.state == STOCK_IN_STOCK) {
        now.mid[0] = now.application[0] = now.tid[0] = '\0';
        now.assignment = 0;
    }
    TRY(put_terminal(tx, &now));
    *terminal = now;
    *ret_verdict = STOCK_OK;
    return OK;
}

err stock_assign(struct store_tx *tx, const struct registry_actor *actor, const char *mid,
                 const char *application, struct stock_terminal *terminal,
                 enum stock_verdict *ret_verdict)
{
    struct stock_terminal now = *terminal;
    ENSURE(strlen(mid) < sizeof now.mid && strlen(application) < sizeof now.application);
    snprintf(now.mid, sizeof now.mid, "%s", mid);
    snprintf(now.application, sizeof now.application, "%s", application);
    TRY(stock_step(tx, actor, STOCK_DOES_ASSIGN, mid, &now, ret_verdict));
    if (*ret_verdict == STOCK_OK) *terminal = now;
    return OK;
}

err stock_number(struct store_tx *tx, struct stock_terminal *terminal, const char *tid)
{
    ENSURE(strlen(tid) == 8 && terminal->assignment != 0);
    memcpy(terminal->tid, tid, sizeof terminal->tid);
    return put_terminal(tx, terminal);
}

err stock_pack(struct store_tx *tx, const struct registry_actor *actor, struct bytes scanned,
               struct stock_terminal *terminal, enum stock_verdict *ret_verdict)
{
    if (bytes_equal(scanned, bytes_text(terminal->serial)))
        return stock_step(tx, actor, STOCK_DOES_PACK, terminal->serial, terminal, ret_verdict);
    char one[SERIAL_MAX + 1], other[SERIAL_MAX + 1];
    bool alike = !FAILED(serial_fold(scanned, one)) &&
                 !FAILED(serial_fold(bytes_text(terminal->serial), other)) &&
                 strcmp(one, other) == 0;
    *ret_verdict = alike ? STOCK_ALIKE : STOCK_ANOTHER;
    return OK;
}

/* ---- a list ---- */

static bool is_print(struct bytes text)
{
    if (text.len != STOCK_PRINT_LEN) return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return false;
    }
    return true;
}

/* The next line without its end; false when there is none, or it has no end. */
static bool next_line(struct bytes *list, struct bytes *ret_line)
{
    const uint8_t *end = list->len == 0 ? NULL : memchr(list->at, '\n', list->len);
    if (end == NULL) return false;
    size_t len = (size_t)(end - list->at);
    *ret_line = bytes_of(list->at, len > 0 && list->at[len - 1] == '\r' ? len - 1 : len);
    *list = bytes_of(end + 1, list->len - len - 1);
    return true;
}

/* Exactly three fields of printable characters without spaces and quotes. */
static bool split(struct bytes line, struct bytes field[3])
{
    size_t at = 0, count = 0;
    for (size_t i = 0; i <= line.len; i++) {
        if (i < line.len && line.at[i] != ',') {
            if (line.at[i] <= ' ' || line.at[i] > '~' || line.at[i] == '"') return false;
            continue;
        }
        if (count == 3) return false;
        field[count++] = bytes_of(line.at + at, i - at);
        at = i + 1;
    }
    return count == 3;
}

static err find_print(struct store *store, struct bytes print, char ret[SERIAL_MAX + 1])
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, "SELECT serial FROM stock_terminal WHERE print = ?", &query));
    store_bind_text(query, print);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, ret, SERIAL_MAX + 1);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

/* What speaks against one line, in the order in which a person would look. */
static err judge(struct store *store, const struct bytes field[3], struct stock_taken *taken)
{
    struct stock_model model;
    struct stock_terminal there;
    taken->verdict = STOCK_MODEL;
    err found = stock_model_find(store, field[1], &model);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    taken->verdict = STOCK_FORM;
    if (!serial_has_form(field[0], bytes_text(model.form))) return OK;
    taken->verdict = STOCK_PRINT;
    if (!is_print(field[2])) return OK;
    taken->verdict = STOCK_THERE;
    found = stock_find(store, field[0], &there);
    if (found.code != ERR_NOT_FOUND) return found;
    taken->verdict = STOCK_ALIKE;
    found = stock_find_alike(store, field[0], taken->other);
    if (found.code != ERR_NOT_FOUND) return found;
    taken->verdict = STOCK_SHARED;
    found = find_print(store, field[2], taken->other);
    if (found.code != ERR_NOT_FOUND) return found;
    taken->verdict = STOCK_OK;
    return OK;
}

static err insert(struct store_tx *tx, const struct registry_actor *actor,
                  const struct bytes field[3])
{
    struct store_statement *put;
    struct stock_terminal t = {.state = STOCK_IN_STOCK};
    char folded[SERIAL_MAX + 1];
    TRY(bytes_to_text(field[0], t.serial, sizeof t.serial));
    TRY(serial_fold(field[0], folded));
    TRY(store_statement(tx->store,
                        "INSERT INTO stock_terminal(serial, folded, model, print, state, mid,"
                        " application, tid, assignment, taken_ms, changed_ms)"
                        " VALUES(?, ?, ?, ?, 1, '', '', '', 0, ?, ?)",
                        &put));
    store_bind_text(put, field[0]);
    store_bind_text(put, bytes_text(folded));
    store_bind_text(put, field[1]);
    store_bind_text(put, field[2]);
    store_bind_int(put, actor->at_ms);
    store_bind_int(put, actor->at_ms);
    TRY(store_run(put));
    TRY(put_event(tx, actor, STOCK_DOES_TAKE_IN, t.serial, (enum stock_state)0, STOCK_IN_STOCK,
                  ""));
    return note_audit(tx, actor, STOCK_DOES_TAKE_IN, &t);
}

err stock_take_in(struct store_tx *tx, const struct registry_actor *actor, struct bytes list,
                  struct stock_taken *ret_taken)
{
    struct stock_taken taken = {.verdict = STOCK_LIST, .line = 1};
    struct bytes line, field[3];
    bool head = next_line(&list, &line) && bytes_equal(line, BYTES("serial,model,print"));
    *ret_taken = taken;
    if (!head || list.len == 0) return OK;
    while (list.len > 0) {
        taken.line++;
        taken.verdict = STOCK_LINE;
        bool whole = next_line(&list, &line) && split(line, field);
        if (whole) TRY(judge(tx->store, field, &taken));
        if (taken.verdict != STOCK_OK) {
            *ret_taken = taken;
            return OK;
        }
        TRY(insert(tx, actor, field));
        taken.count++;
    }
    *ret_taken = taken;
    return OK;
}
