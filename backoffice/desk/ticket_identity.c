/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is it that calls? The agent asks, types what was said, and is told right or wrong. So the
 * registered value is never on a screen of the desk, and a guess costs one of three tries that are
 * counted before anything is compared. This is no factor (nobody gets in by it alone): it is what
 * an approval asks for besides the device, the registered addresses and the second person.
 */
#include "backoffice/desk/ticket_internal.h"

enum { ANSWER_MAX = 128 };

static const char *const names[QUESTIONS] = {
    [QUESTION_OWNER] = "owner",       [QUESTION_PHONE] = "phone",   [QUESTION_MAIL] = "mail",
    [QUESTION_MERCHANT] = "merchant", [QUESTION_SERIAL] = "serial",
};

/* What is registered, in up to two spellings; empty when nothing is. */
struct registered {
    char value[2][ANSWER_MAX + 1];
    char mask[CONTACT_MASK_MAX];
};

/* Letters and digits of ASCII in lower case, everything beyond ASCII as it is, nothing else. */
static void plain(struct bytes from, char to[static ANSWER_MAX + 1])
{
    size_t len = 0;
    for (size_t i = 0; i < from.len && len < ANSWER_MAX; i++) {
        uint8_t c = from.at[i];
        if (c >= 'A' && c <= 'Z') c = (uint8_t)(c - 'A' + 'a');
        bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80 || c == '@';
        if (kept) to[len++] = (char)c;
    }
    to[len] = '\0';
}

static void set(struct registered *r, size_t spelling, const char *value)
{
    plain(bytes_text(value), r->value[spelling]);
}

static err of_owner(struct desk *desk, const struct ticket *ticket, enum ticket_question question,
                    struct registered *r)
{
    struct registry_contact contact[CONTACTS_MAX];
    size_t count = 0;
    TRY(registry_contacts(desk->config.registry, bytes_text(ticket->mid), contact, &count));
    if (count == 0 || contact[0].number != 1) return OK;
    if (question == QUESTION_OWNER) {
        set(r, 0, contact[0].name_zh);
        set(r, 1, contact[0].pinyin);
        contact_mask_name(contact[0].name_zh, r->mask);
    } else if (question == QUESTION_PHONE) {
        set(r, 0, contact[0].phone);
        if (strlen(r->value[0]) == 11) snprintf(r->value[1], 14, "86%.11s", r->value[0]);
        contact_mask_phone(contact[0].phone, r->mask);
    } else {
        set(r, 0, contact[0].mail);
        contact_mask_mail(contact[0].mail, r->mask);
    }
    return OK;
}

/* What is asked about a console account: the person's own name and addresses, and the merchant. */
static err of_account(struct desk *desk, const struct ticket *ticket, enum ticket_question question,
                      struct registered *r)
{
    struct account a;
    TRY(account_find(desk->config.store, ticket->account, &a));
    if (question == QUESTION_OWNER) {
        set(r, 0, a.name);
        contact_mask_name(a.name, r->mask);
    } else if (question == QUESTION_PHONE && a.phone[0] != '\0') {
        set(r, 0, a.phone);
        if (strlen(r->value[0]) == 11) snprintf(r->value[1], 14, "86%.11s", r->value[0]);
        contact_mask_phone(a.phone, r->mask);
    } else if (question == QUESTION_MAIL && a.mail[0] != '\0') {
        set(r, 0, a.mail);
        contact_mask_mail(a.mail, r->mask);
    } else if (question == QUESTION_MERCHANT && a.mid[0] != '\0') {
        set(r, 0, a.mid);
        contact_mask_ends(a.mid, r->mask);
    }
    return OK;
}

static err find_registered(struct desk *desk, const struct ticket *ticket,
                           enum ticket_question question, struct registered *ret)
{
    struct registry_terminal terminal;
    struct registered r = {0};
    if (ticket->account != 0) {
        TRY(of_account(desk, ticket, question, &r));
        *ret = r;
        return OK;
    }
    switch (question) {
    case QUESTION_OWNER:
    case QUESTION_PHONE:
    case QUESTION_MAIL:
        TRY(of_owner(desk, ticket, question, &r));
        break;
    case QUESTION_MERCHANT:
        set(&r, 0, ticket->mid);
        contact_mask_ends(ticket->mid, r.mask);
        break;
    case QUESTION_SERIAL:
        TRY(registry_find_terminal(desk->config.registry, bytes_text(ticket->tid), &terminal));
        set(&r, 0, terminal.serial);
        contact_mask_ends(terminal.serial, r.mask);
        break;
    case QUESTIONS:
        ensure_failed(__FILE__, __LINE__, "a question of the list");
    }
    *ret = r;
    return OK;
}

static err read_tries(struct desk *desk, int64_t ticket, enum ticket_question question,
                      unsigned *ret_tries, bool *ret_right)
{
    struct store_statement *query;
    bool row = false;
    *ret_tries = 0;
    *ret_right = false;
    TRY(store_statement(desk->config.store,
                        "SELECT tries, correct FROM ticket_answer WHERE ticket = ?"
                        " AND question = ?",
                        &query));
    store_bind_int(query, ticket);
    store_bind_text(query, bytes_text(names[question]));
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_tries = (unsigned)store_read_int(query);
    *ret_right = store_read_int(query) != 0;
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err ticket_asked(struct desk *desk, const struct ticket *ticket, enum ticket_question question,
                 struct ticket_asked *ret_asked)
{
    struct registered r;
    struct ticket_asked asked = {.tries = 0};
    TRY(find_registered(desk, ticket, question, &r));
    TRY(read_tries(desk, ticket->id, question, &asked.tries, &asked.right));
    static_assert(sizeof asked.mask == sizeof r.mask, "copied whole");
    memcpy(asked.mask, r.mask, sizeof asked.mask);
    *ret_asked = asked;
    return OK;
}

static err write_answer(struct desk *desk, int64_t ticket, enum ticket_question question,
                        bool right)
{
    struct store_statement *put;
    TRY(store_statement(desk->config.store,
                        "INSERT INTO ticket_answer(ticket, question, tries, correct)"
                        " VALUES(?, ?, 1, ?) ON CONFLICT(ticket, question) DO UPDATE SET"
                        " tries = tries + 1, correct = max(correct, excluded.correct)",
                        &put));
    store_bind_int(put, ticket);
    store_bind_text(put, bytes_text(names[question]));
    store_bind_int(put, right);
    return store_run(put);
}

err ticket_answer(struct desk *desk, const struct desk_staff *staff, int64_t id,
                  enum ticket_question question, struct bytes said,
                  enum ticket_verdict *ret_verdict, bool *ret_right)
{
    struct ticket ticket;
    struct registered r;
    char plainly[ANSWER_MAX + 1];
    unsigned tries = 0;
    bool before = false;
    ENSURE(question >= QUESTION_OWNER && question < QUESTIONS);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    *ret_right = false;
    *ret_verdict = TICKET_NOT_FOUND;
    err found = ticket_find(desk, id, &ticket);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    TRY(read_tries(desk, id, question, &tries, &before));
    TRY(find_registered(desk, &ticket, question, &r));
    *ret_verdict = ticket_is_over(&ticket)        ? TICKET_OVER
                   : ticket.account == staff->id  ? TICKET_OWN
                   : r.value[0][0] == '\0'        ? TICKET_NOT_REGISTERED
                   : tries >= TICKET_ANSWER_TRIES ? TICKET_NO_TRIES
                                                  : TICKET_OK;
    if (*ret_verdict != TICKET_OK) return OK;
    plain(said, plainly);
    bool right = plainly[0] != '\0' &&
                 (strcmp(plainly, r.value[0]) == 0 || strcmp(plainly, r.value[1]) == 0);
    explicit_bzero(plainly, sizeof plainly);
    TRY(write_answer(desk, id, question, right));
    TRY(ticket_add_event(desk, &tx, &ticket, ticket_actor_of(staff).text,
                         right ? "answer_right" : "answer_wrong", bytes_text(names[question])));
    if (!right) TRY(ticket_weigh(desk, &ticket));
    TRY(store_commit(&tx));
    *ret_right = right;
    desk_changed(desk, DESK_TICKETS);
    return OK;
}
