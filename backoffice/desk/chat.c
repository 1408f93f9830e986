/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of a chat: what may be said, how often, and by whom. */
#include "backoffice/desk/chat.h"

#include <stdio.h>

#include "backoffice/desk/ticket_internal.h"
#include "lib/base/mask.h"

static const char *const verdict_name[CHAT_VERDICTS] = {
    [CHAT_OK] = "ok",
    [CHAT_NOT_FOUND] = "not_found",
    [CHAT_OVER] = "over",
    [CHAT_EMPTY] = "empty",
    [CHAT_LONG] = "long",
    [CHAT_SECRET] = "secret",
    [CHAT_TOO_FAST] = "too_fast",
    [CHAT_TOO_MANY] = "too_many",
};

const char *chat_verdict_name(enum chat_verdict verdict)
{
    ENSURE(verdict < CHAT_VERDICTS);
    return verdict_name[verdict];
}

/* ---- what is said ---- */

/* A message as it will be stored. */
struct line {
    uint8_t at[CHAT_TEXT_MAX];
    size_t len;
};

static bool is_gap(uint8_t c)
{
    return c == ' ' || c == '-';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Card numbers are looked for among the digits alone: "6222 0212-3456 ..." is one too. */
static void mask_line(struct line *line)
{
    uint8_t digits[CHAT_TEXT_MAX], masked[CHAT_TEXT_MAX];
    size_t where[CHAT_TEXT_MAX], count = 0;
    for (size_t i = 0; i < line->len; i++) {
        if (is_gap(line->at[i])) continue;
        digits[count] = line->at[i];
        where[count++] = i;
    }
    if (!mask_cards(bytes_of(digits, count), masked)) return;
    for (size_t i = 0; i < count; i++) line->at[where[i]] = masked[i];
}

static bool names_a_secret(struct bytes text)
{
    static const char *const words[] = {"密码", "口令", "验证码", "password", "passcode", " pin "};
    char padded[CHAT_TEXT_MAX + 3]; /* so that a word stands between blanks at the ends, too */
    snprintf(padded, sizeof padded, " %.*s ", (int)text.len, (const char *)text.at);
    for (size_t w = 0; w < ARRAY_LEN(words); w++)
        if (strcasestr(padded, words[w]) != NULL) return true;
    return false;
}

/*
 * Passwords and codes of ours are 4 to 10 digits, first passwords 12. Eleven are the challenge that
 * a screen shows, or a telephone number.
 */
static bool is_secret(struct bytes text)
{
    bool named = names_a_secret(text), others = false, found = false;
    for (size_t i = 0; i < text.len; i++) {
        size_t run = 0;
        for (; i < text.len && (is_digit(text.at[i]) || (run > 0 && is_gap(text.at[i]))); i++)
            run += is_digit(text.at[i]);
        found |= (run >= 4 && run <= 10) || run == 12;
        if (i < text.len) others = true;
    }
    return found && (named || !others);
}

static enum chat_verdict read_line(struct bytes text, struct line *line)
{
    size_t from = 0;
    while (from < text.len && text.at[from] <= ' ') from++;
    while (text.len > from && text.at[text.len - 1] <= ' ') text.len--;
    if (from == text.len) return CHAT_EMPTY;
    if (text.len - from > CHAT_TEXT_MAX) return CHAT_LONG;
    line->len = text.len - from;
    for (size_t i = 0; i < line->len; i++) {
        uint8_t c = text.at[from + i];
        line->at[i] = c < ' ' || c == 0x7F ? ' ' : c;
    }
    if (is_secret(bytes_of(line->at, line->len))) return CHAT_SECRET;
    mask_line(line);
    return CHAT_OK;
}

/* ---- how often ---- */

static err count(struct desk *desk, const char *sql, struct bytes first, int64_t second,
                 int64_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(desk->config.store, sql, &query));
    store_bind_text(query, first);
    store_bind_int(query, second);
    store_bind_int(query, desk_now_ms(desk));
    TRY(store_step(query, &row));
    ENSURE(row);
    *ret_count = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

/* Of this kind in the last minute, and of both in all. */
static err check_rate(struct desk *desk, int64_t ticket, const char *kind,
                      enum chat_verdict *verdict)
{
    int64_t lately = 0, all = 0;
    TRY(count(desk,
              "SELECT count(*) FROM ticket_event WHERE kind = ?1 AND ticket = ?2"
              " AND at_ms > ?3 - 60000",
              bytes_text(kind), ticket, &lately));
    TRY(count(desk,
              "SELECT count(*) FROM ticket_event WHERE ?1 <> '' AND ticket = ?2 AND ?3 > 0"
              " AND kind IN ('owner_says', 'desk_says')",
              bytes_text(kind), ticket, &all));
    if (lately >= CHAT_IN_MINUTE) *verdict = CHAT_TOO_FAST;
    if (all >= CHAT_IN_TICKET) *verdict = CHAT_TOO_MANY;
    return OK;
}

static err check_new(struct desk *desk, const char *mid, enum chat_verdict *verdict)
{
    int64_t today = 0;
    TRY(count(desk,
              "SELECT count(*) FROM ticket WHERE mid = ?1 AND origin = ?2"
              " AND opened_ms > ?3 - 86400000",
              bytes_text(mid), TICKET_BY_CHAT, &today));
    if (today >= CHAT_NEW_IN_DAY) *verdict = CHAT_TOO_MANY;
    return OK;
}

/* ---- by whom ---- */

static struct ticket_actor owner_actor(const struct chat_owner *owner)
{
    struct ticket_actor actor;
    snprintf(actor.text, sizeof actor.text, "owner %lld %s", (long long)owner->id, owner->login);
    return actor;
}

static bool is_theirs(const struct chat_owner *owner, const struct registry_terminal *t)
{
    return strcmp(owner->mid, t->mid) == 0 && (owner->outlet == 0 || owner->outlet == t->outlet);
}

bool chat_may_see(struct desk *desk, const struct chat_owner *owner, const struct ticket *ticket)
{
    struct registry_terminal terminal;
    if (strcmp(owner->mid, ticket->mid) != 0 || ticket->chat == TICKET_NO_CHAT) return false;
    if (owner->outlet == 0) return true;
    err found = registry_find_terminal(desk->config.registry, bytes_text(ticket->tid), &terminal);
    return !FAILED(found) && is_theirs(owner, &terminal);
}

err chat_find(struct desk *desk, const struct chat_owner *owner, int64_t ticket,
              struct ticket *ret_ticket)
{
    struct ticket found;
    TRY(ticket_find(desk, ticket, &found));
    if (!chat_may_see(desk, owner, &found)) return ERR(NOT_FOUND);
    *ret_ticket = found;
    return OK;
}

/* ---- saying ---- */

static err say(struct desk *desk, struct store_tx *tx, struct ticket *ticket, const char *actor,
               const char *kind, const struct line *line)
{
    TRY(ticket_add_event(desk, tx, ticket, actor, kind, bytes_of(line->at, line->len)));
    return ticket_store(desk, ticket);
}

err chat_open(struct desk *desk, const struct chat_owner *owner, struct bytes tid,
              struct bytes operator_id, struct bytes text, enum chat_verdict *ret_verdict,
              int64_t *ret_ticket)
{
    struct registry_terminal terminal;
    struct ticket ticket;
    struct line line;
    char id[DESK_OPERATOR_LEN + 1];
    *ret_verdict = CHAT_NOT_FOUND;
    err found = registry_find_terminal(desk->config.registry, tid, &terminal);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (!is_theirs(owner, &terminal) || operator_id.len != DESK_OPERATOR_LEN ||
        !bytes_all_digits(operator_id))
        return OK;
    TRY(bytes_to_text(operator_id, id, sizeof id));
    *ret_verdict = read_line(text, &line);
    if (*ret_verdict != CHAT_OK) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(ticket_current(desk, terminal.tid, id, &ticket));
    if (ticket.id == 0) TRY(check_new(desk, owner->mid, ret_verdict));
    else TRY(check_rate(desk, ticket.id, "owner_says", ret_verdict));
    if (*ret_verdict != CHAT_OK) return OK;
    struct ticket_actor actor = owner_actor(owner);
    if (ticket.id == 0 || ticket.chat == TICKET_NO_CHAT)
        TRY(ticket_join(desk, &tx, &terminal, id, TICKET_BY_CHAT, actor.text, BYTES(""), &ticket));
    TRY(say(desk, &tx, &ticket, actor.text, "owner_says", &line));
    TRY(store_commit(&tx));
    *ret_ticket = ticket.id;
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

/* One of `owner` and `staff` is NULL. */
static err say_in(struct desk *desk, const struct chat_owner *owner, const struct desk_staff *staff,
                  int64_t id, struct bytes text, enum chat_verdict *verdict)
{
    struct ticket_actor actor = owner == NULL ? ticket_actor_of(staff) : owner_actor(owner);
    struct ticket ticket;
    struct line line;
    enum ticket_verdict loaded;
    const char *kind = owner == NULL ? "desk_says" : "owner_says";
    *verdict = read_line(text, &line);
    if (*verdict != CHAT_OK) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(ticket_load(desk, &tx, staff, id, &ticket, &loaded));
    bool there = loaded != TICKET_NOT_FOUND && ticket.chat != TICKET_NO_CHAT &&
                 (owner == NULL || chat_may_see(desk, owner, &ticket));
    *verdict = !there ? CHAT_NOT_FOUND : loaded == TICKET_OVER ? CHAT_OVER : CHAT_OK;
    if (*verdict == CHAT_OK) TRY(check_rate(desk, id, kind, verdict));
    if (*verdict != CHAT_OK) return OK;
    TRY(say(desk, &tx, &ticket, actor.text, kind, &line));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

err chat_owner_says(struct desk *desk, const struct chat_owner *owner, int64_t ticket,
                    struct bytes text, enum chat_verdict *ret_verdict)
{
    return say_in(desk, owner, NULL, ticket, text, ret_verdict);
}

err chat_desk_says(struct desk *desk, const struct desk_staff *staff, int64_t ticket,
                   struct bytes text, enum chat_verdict *ret_verdict)
{
    return say_in(desk, NULL, staff, ticket, text, ret_verdict);
}

/* ---- reading ---- */

enum chat_side chat_side_of(const struct ticket_event *event)
{
    static const char *const steps[] = {
        "asked",
        "approved",
        "queued",
        "sent",
        "acknowledged",
        "may_read_out",
        "read_out",
        "verified",
        "rejected",
        "closed",
        "given_up",
        "in_by_another_way",
        "diagnostics_asked",
        "diagnostics",
        "diagnostics_refused",
    };
    if (strcmp(event->kind, "owner_says") == 0) return CHAT_OF_OWNER;
    if (strcmp(event->kind, "desk_says") == 0) return CHAT_OF_DESK;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (strcmp(event->kind, steps[i]) == 0) return CHAT_STEP;
    return CHAT_HIDDEN;
}
