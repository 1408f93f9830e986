/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: the table of kinds, giving one, and the desk's list of them. */
#include "backoffice/desk/notices.h"

#include "backoffice/desk/ticket_internal.h"

static const struct notice_kind kinds[] = {
    {"first_login", true, false},
    {"password_set", true, false},
    {"recovered", true, false},
    {"login_locked", true, true},
    {"rollback", true, true},
    {"duress", false, true},
    {"operator_changed", true, false},
    {"reissued", true, false},
    {"payout_asked", true, false},
    {"payout_taken", true, false},
    {"payout_ended", true, false},
    {"payout_cools", true, true},
    {"impostor", false, true},
    {"tampered", false, true},
    {"remote_lock_opened", false, true},
};

const struct notice_kind *notice_kind_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (bytes_equal(name, bytes_text(kinds[i].name))) return &kinds[i];
    return NULL;
}

static err insert(struct desk *desk, const struct notice_kind *kind,
                  const struct registry_terminal *terminal, const char *operator_id,
                  const char *detail)
{
    struct store_statement *insert;
    TRY(store_statement(desk->config.store,
                        "INSERT INTO notice(at_ms, mid, tid, operator, kind, detail, alarm)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_int(insert, desk_now_ms(desk));
    store_bind_text(insert, bytes_text(terminal->mid));
    store_bind_text(insert, bytes_text(terminal->tid));
    store_bind_text(insert, bytes_text(operator_id));
    store_bind_text(insert, bytes_text(kind->name));
    store_bind_text(insert, bytes_text(detail));
    store_bind_int(insert, kind->alarm);
    return store_run(insert);
}

/* To every address of every contact: whoever has taken over one of them cannot keep it quiet. */
static err tell_contacts(struct desk *desk, struct store_tx *tx, struct desk_message *message,
                         const char *mid)
{
    struct registry_contact contact[CONTACTS_MAX];
    size_t count = 0;
    TRY(registry_contacts(desk->config.registry, bytes_text(mid), contact, &count));
    for (size_t i = 0; i < count; i++) {
        message->contact = &contact[i];
        for (int by_mail = 0; by_mail <= 1; by_mail++) {
            message->by_mail = by_mail == 1;
            const char *address = by_mail ? contact[i].mail : contact[i].phone;
            err sent = OK;
            if (address[0] != '\0') sent = desk->house.send(desk->house.context, tx, message);
            if (sent.code != ERR_BUSY) TRY(sent); /* the others are told all the same */
        }
    }
    return OK;
}

err notice_give(struct desk *desk, struct store_tx *tx, const struct notice_kind *kind,
                const struct registry_terminal *terminal, const char *operator_id,
                const char *detail)
{
    struct desk_message message = {.template = DESK_NOTICE,
                                   .mid = terminal->mid,
                                   .tid = terminal->tid,
                                   .operator_id = operator_id,
                                   .event = kind->name,
                                   .secret = "",
                                   .at_ms = desk_now_ms(desk)};
    TRY(insert(desk, kind, terminal, operator_id, detail));
    if (kind->contacts) TRY(tell_contacts(desk, tx, &message, terminal->mid));
    desk_changed(desk, DESK_NOTICES);
    return desk_audit(desk, tx, "terminal", kind->name, terminal->tid, operator_id);
}

err notice_payout(struct desk *desk, struct store_tx *tx, const char *kind, const char *mid,
                  const char *ending, int64_t until_ms)
{
    const struct notice_kind *row = notice_kind_named(bytes_text(kind));
    struct registry_terminal nowhere = {.tid = ""};
    struct desk_message message = {.template = DESK_NOTICE,
                                   .mid = mid,
                                   .tid = "",
                                   .operator_id = "",
                                   .event = kind,
                                   .ending = ending,
                                   .until_ms = until_ms,
                                   .secret = "",
                                   .at_ms = desk_now_ms(desk)};
    ENSURE(row != NULL && store_in_tx(desk->config.store));
    TRY(bytes_to_text(bytes_text(mid), nowhere.mid, sizeof nowhere.mid));
    TRY(insert(desk, row, &nowhere, "", ending));
    TRY(tell_contacts(desk, tx, &message, mid));
    desk_changed(desk, DESK_NOTICES);
    return OK;
}

err notice_desk(struct desk *desk, const char *kind, const char *tid, const char *detail,
                bool alarm)
{
    const struct notice_kind row = {kind, false, alarm};
    struct registry_terminal nobody = {.mid = ""};
    ENSURE(store_in_tx(desk->config.store));
    TRY(bytes_to_text(bytes_text(tid), nobody.tid, sizeof nobody.tid));
    TRY(insert(desk, &row, &nobody, "", detail));
    desk_changed(desk, DESK_NOTICES);
    return OK;
}

static err read_notice(struct store_statement *row, struct notice *n)
{
    *n = (struct notice){.id = store_read_int(row), .at_ms = store_read_int(row)};
    store_read_text_into(row, n->mid, sizeof n->mid);
    store_read_text_into(row, n->tid, sizeof n->tid);
    store_read_text_into(row, n->operator_id, sizeof n->operator_id);
    store_read_text_into(row, n->kind, sizeof n->kind);
    store_read_text_into(row, n->detail, sizeof n->detail);
    n->alarm = store_read_int(row) != 0;
    store_read_text_into(row, n->seen_by, sizeof n->seen_by);
    n->seen = n->seen_by[0] != '\0';
    return store_read_finish(row);
}

err notice_list(struct desk *desk, notice_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        "SELECT id, at_ms, mid, tid, operator, kind, detail, alarm,"
                        " ifnull(seen_by, '') FROM notice ORDER BY"
                        " (alarm = 1 AND seen_ms IS NULL) DESC, id DESC LIMIT ?",
                        &rows));
    store_bind_int(rows, NOTICES_LISTED_MAX);
    for (;;) {
        bool row = false;
        struct notice notice;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_notice(rows, &notice);
        if (!FAILED(done)) done = each(context, &notice);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err notice_seen(struct desk *desk, const struct desk_staff *staff, int64_t notice, bool *ret_done)
{
    struct store_statement *update;
    char subject[24];
    struct ticket_actor actor = ticket_actor_of(staff);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "UPDATE notice SET seen_by = ?, seen_ms = ? WHERE id = ?"
                        " AND seen_ms IS NULL",
                        &update));
    store_bind_text(update, bytes_text(actor.text));
    store_bind_int(update, desk_now_ms(desk));
    store_bind_int(update, notice);
    TRY(store_run(update));
    *ret_done = store_changes(desk->config.store) == 1;
    if (!*ret_done) return OK;
    snprintf(subject, sizeof subject, "notice %lld", (long long)notice);
    TRY(desk_audit(desk, &tx, actor.text, "notice_seen", subject, ""));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_NOTICES);
    return OK;
}
