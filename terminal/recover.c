/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One way back (S39, S40, S41, S43): the vault makes a challenge, somebody makes the proof of it,
 * the vault checks the proof, and the operator of t->setting chooses a new password. The terminal
 * carries the challenge out and the proof in, and cannot make one.
 *
 *   SMS, mail   the back office sends a code to the registered contact; it is typed here
 *   service     a ticket at the desk; the grant comes over the device channel, a code is not typed
 *   offline     the challenge is read out to the desk and the code typed here; needs no network
 *
 * t->chosen is the way, or -1 to go on with a ticket. The administrator's needs a supervisor at the
 * device besides (S46). What is under way is in the store: leaving the screen loses nothing.
 */
#include "terminal/core.h"

enum { TICKET_AGAIN = -1 };

static struct bytes challenge_of(const struct terminal *t)
{
    const struct notes_recovery *note = &t->recovery.note;
    return bytes_of(note->challenge, note->challenge_len);
}

/* ---- the challenge ---- */

static enum text_id begun_text(const struct vault_recovery_begun *begun)
{
    return begun->verdict == VAULT_RECOVERY_TOO_MANY      ? TEXT_RECOVER_TOO_MANY
           : begun->verdict == VAULT_RECOVERY_NO_OPERATOR ? TEXT_RECOVER_NO_OPERATOR
                                                          : TEXT_RECOVER_NO_WAY;
}

/* A new challenge into t->recovery and the store; false with a notice when the vault makes none. */
static err begin(struct terminal *t, uint8_t way, bool *ret_begun)
{
    struct recovery *r = &t->recovery;
    struct vault_recovery_begun begun = {0};
    const struct vault_recovery_ask in = {operator_number(t->setting.operator_id), way};
    enum vault_status status = secure_recovery_begin(t, &in, &begun);
    *ret_begun = false;
    if (status != VAULT_OK) {
        NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_FAULT, vault_status_text(status));
        return OK;
    }
    if (begun.verdict != VAULT_RECOVERY_BEGUN || begun.challenge.len > sizeof r->note.challenge) {
        NOTICE(t, SCREEN_ERROR, begun_text(&begun));
        return OK;
    }
    *r = (struct recovery){.note = {.way = way, .challenge_len = begun.challenge.len}};
    memcpy(r->note.operator_id, t->setting.operator_id, sizeof r->note.operator_id);
    memcpy(r->note.challenge, begun.challenge.at, begun.challenge.len);
    r->note.until_ms = now_ms(t) + (int64_t)begun.valid_s * 1000;
    r->until_us = now_us(t) + (int64_t)begun.valid_s * 1000000;
    r->resend_us = now_us(t) + (int64_t)TERMINAL_RESEND_S * 1000000;
    TRY(notes_recovery_save(t->config.store, &r->note));
    *ret_begun = true;
    return audit(t, "recovery_begun", r->note.operator_id, number_text(way).text);
}

/* He gives it up: nobody is to go on with it. */
static err give_up(struct terminal *t)
{
    struct device_message end = {.ask = DEVICE_RECOVER_END,
                                 .challenge_len = t->recovery.note.challenge_len};
    memcpy(end.operator_id, t->recovery.note.operator_id, sizeof end.operator_id);
    memcpy(end.challenge, t->recovery.note.challenge, t->recovery.note.challenge_len);
    manage_leave(t, t->recovery.note.way == VAULT_BY_OFFLINE ? NULL : &end);
    return notes_recovery_end(t->config.store, t->recovery.note.operator_id);
}

/* ---- asking the back office ---- */

static void ask_back_office(struct terminal *t)
{
    const struct notes_recovery *note = &t->recovery.note;
    struct device_message question = {
        .ask = DEVICE_RECOVER, .way = note->way, .challenge_len = note->challenge_len};
    memcpy(question.operator_id, note->operator_id, sizeof question.operator_id);
    memcpy(question.challenge, note->challenge, note->challenge_len);
    manage_ask(t, &question);
}

static void show_asking(struct terminal *t)
{
    screen_begin(t, "recover.asking", TEXT_FORGOT_TITLE);
    screen_wait(t, TEXT_RECOVER_ASKING, t->manage.wish.until_us);
    screen_show(t);
}

/* What the answer means; true when the way goes on. */
static err conclude(struct terminal *t, bool *ret_goes_on)
{
    const struct manage_wish *wish = &t->manage.wish;
    struct recovery *r = &t->recovery;
    *ret_goes_on = false;
    if (wish->progress != MANAGE_ANSWERED) {
        if (network_trusted(t))
            NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_UNREACHABLE, t->config.support);
        else NOTICE(t, SCREEN_ERROR, TEXT_FORGOT_NETWORK);
        return OK;
    }
    switch (wish->heard.status) {
    case DEVICE_SENT:
        memcpy(r->contact, wish->heard.contact, sizeof r->contact);
        if (wish->heard.seconds > 0) r->until_us = now_us(t) + wish->heard.seconds * 1000000;
        *ret_goes_on = true;
        return OK;
    case DEVICE_TICKET:
        memcpy(r->note.ticket, wish->heard.ticket, sizeof r->note.ticket);
        *ret_goes_on = true;
        return notes_recovery_save(t->config.store, &r->note);
    case DEVICE_LIMIT:
        NOTICE(t, SCREEN_WARNING, TEXT_RECOVER_LIMIT,
               number_text((wish->heard.seconds + 59) / 60).text);
        return OK;
    case DEVICE_NO_CONTACT:
        NOTICE(t, SCREEN_WARNING, TEXT_RECOVER_NO_CONTACT, t->config.support);
        return OK;
    default:
        NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_REFUSED, t->config.support);
        return OK;
    }
}

/* DONE: a code is on its way, or a ticket is open. */
static err recover_ask(struct terminal *t, struct procedure *p)
{
    bool goes_on = false;

    PROCEDURE_BEGIN(p);
    ask_back_office(t);
    while (t->manage.wish.progress == MANAGE_WAITING) {
        show_asking(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) {
            TRY(give_up(t));
            PROCEDURE_BACK(t, p);
        }
    }
    TRY(conclude(t, &goes_on));
    if (!goes_on) PROCEDURE_BACK(t, p);
    PROCEDURE_END(t, p);
}

/* ---- the proof ---- */

/* True when the vault is convinced. */
static bool prove(struct terminal *t, struct bytes grant, uint8_t *ret_verdict)
{
    struct vault_recovery_ended ended = {0};
    const struct vault_recovery_proof proof = {operator_number(t->recovery.note.operator_id),
                                               grant};
    enum vault_status status = secure_recovery_finish(t, &proof, &ended);
    if (status != VAULT_OK) {
        NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_FAULT, vault_status_text(status));
        return false;
    }
    *ret_verdict = ended.verdict;
    if (ended.verdict == VAULT_PROOF_OK) return true;
    if (ended.verdict == VAULT_PROOF_NEEDS_APPROVAL) return false; /* asked for by the caller */
    if (ended.verdict == VAULT_PROOF_WRONG && ended.tries_left > 0)
        NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_WRONG, number_text(ended.tries_left).text);
    else NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_EXPIRED);
    return false;
}

static void ask_presence(struct terminal *t)
{
    t->approval =
        (struct approval){.action = VAULT_APPROVE_RECOVERY, .what = TEXT_APPROVE_RECOVERY};
    memcpy(t->approval.subject, t->recovery.note.operator_id, 3);
}

/* The administrator's: a supervisor says here that it is his administrator (S46). */
static err recover_presence(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (operator_role(operator_number(t->recovery.note.operator_id)) == VAULT_ROLE_ADMINISTRATOR) {
        ask_presence(t);
        PROCEDURE_CALL(t, p, approve);
        if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    }
    PROCEDURE_END(t, p);
}

static void ask_code(struct terminal *t)
{
    t->ask = (struct entry_ask){.id = "recover.code",
                                .title = TEXT_FORGOT_TITLE,
                                .label = TEXT_RECOVER_CODE,
                                .hint = TEXT_RECOVER_CODE_HINT,
                                .purpose = VAULT_ENTRY_CODE,
                                .operator_number = operator_number(t->recovery.note.operator_id)};
}

/* DONE: the code was right. BACK: cancelled, or no more tries with this challenge. */
static err recover_code(struct terminal *t, struct procedure *p)
{
    uint8_t verdict = VAULT_PROOF_WRONG;

    PROCEDURE_BEGIN(p);
    for (;;) {
        ask_code(t);
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
        if (prove(t, (struct bytes){0}, &verdict)) break;
        if (verdict == VAULT_PROOF_NEEDS_APPROVAL) { /* it has taken too long since the first yes */
            PROCEDURE_CALL(t, p, recover_presence);
            if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
            continue;
        }
        TRY(audit(t, "recovery_code_wrong", t->recovery.note.operator_id, ""));
        if (verdict == VAULT_PROOF_EXPIRED || verdict == VAULT_PROOF_NONE) PROCEDURE_BACK(t, p);
    }
    PROCEDURE_END(t, p);
}

/* ---- by SMS and mail ---- */

static void show_sent(struct terminal *t)
{
    const struct recovery *r = &t->recovery;
    bool sms = r->note.way == VAULT_BY_SMS;
    screen_begin(t, "recover.sent", TEXT_FORGOT_TITLE);
    screen_notice(t);
    network_warn(t);
    SAY(t, SCREEN_SUCCESS, sms ? TEXT_RECOVER_SENT_SMS : TEXT_RECOVER_SENT_MAIL, r->contact);
    SAY(t, SCREEN_HINT, TEXT_RECOVER_SENT_HINT);
    screen_choice(t, "code", TEXT_ENTRY_CODE, SCREEN_PRIMARY, "lock", true);
    screen_choice(t, "again", TEXT_ENTRY_RESEND, SCREEN_PLAIN, NULL, now_us(t) >= r->resend_us);
    screen_wait(t, TEXT_RECOVER_VALID, r->until_us);
    screen_until(t, now_us(t) < r->resend_us ? r->resend_us : r->until_us);
    screen_show(t);
}

static bool over(const struct terminal *t)
{
    return now_us(t) >= t->recovery.until_us;
}

/* DONE: the code was right. */
static err recover_by_code(struct terminal *t, struct procedure *p)
{
    bool begun = true;

    PROCEDURE_BEGIN(p);
    PROCEDURE_CALL(t, p, recover_ask);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    while (!over(t)) {
        show_sent(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) {
            TRY(give_up(t));
            PROCEDURE_BACK(t, p);
        }
        if (choice_is(t, "code")) {
            PROCEDURE_CALL(t, p, recover_code);
            if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
        } else if (choice_is(t, "again") && !network_trusted(t)) { /* the code that came holds */
            NOTICE(t, SCREEN_ERROR, TEXT_FORGOT_NETWORK);
        } else if (choice_is(t, "again")) {
            TRY(begin(t, t->recovery.note.way, &begun));
            if (!begun) PROCEDURE_BACK(t, p);
            PROCEDURE_CALL(t, p, recover_ask);
            if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
        }
    }
    NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_EXPIRED);
    PROCEDURE_BACK(t, p);
    PROCEDURE_END(t, p);
}

/* ---- by customer service ---- */

static void show_ticket(struct terminal *t)
{
    screen_begin(t, "recover.ticket", TEXT_FORGOT_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_RECOVER_TICKET, t->recovery.note.ticket);
    SAY(t, SCREEN_BIG, TEXT_RECOVER_CALL, t->config.support);
    SAY(t, SCREEN_HINT, TEXT_RECOVER_TICKET_HINT);
    screen_choice(t, "end", TEXT_ENTRY_TICKET_END, SCREEN_DANGER, NULL, true);
    screen_wait(t, TEXT_RECOVER_TICKET_WAIT, 0);
    screen_idle(t, TERMINAL_IDLE_S); /* it may be left; the ticket is in the store */
    screen_show(t);
}

/* The desk has decided: its grant is taken, or its refusal noticed and the ticket gone. */
static err hear(struct terminal *t, bool *ret_refused)
{
    struct device_message heard;
    *ret_refused = false;
    if (manage_told(t, DEVICE_GRANT_TOLD, challenge_of(t), &heard)) {
        memcpy(t->recovery.grant, heard.grant, sizeof t->recovery.grant);
        t->recovery.granted = true;
        explicit_bzero(&heard, sizeof heard);
        /* The desk says "acknowledged" from now on, and no more than that. */
        return manage_event(t, "granted", t->recovery.note.operator_id, "");
    }
    if (!manage_told(t, DEVICE_REFUSED_TOLD, challenge_of(t), &heard)) return OK;
    NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_DESK_REFUSED, t->config.support);
    *ret_refused = true;
    return notes_recovery_end(t->config.store, t->recovery.note.operator_id);
}

/* DONE: the desk has granted it. */
static err recover_by_service(struct terminal *t, struct procedure *p)
{
    bool refused = false;

    PROCEDURE_BEGIN(p);
    PROCEDURE_CALL(t, p, recover_ask); /* with an open ticket: whether it is decided */
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    for (;;) {
        TRY(hear(t, &refused));
        if (refused) PROCEDURE_BACK(t, p);
        if (t->recovery.granted) PROCEDURE_DONE(t, p);
        show_ticket(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "end")) {
            TRY(give_up(t));
            PROCEDURE_BACK(t, p);
        }
    }
    PROCEDURE_END(t, p);
}

/* ---- offline ---- */

/* "12345678901" as "1234 5678 901": read out in breaths. */
static void grouped(struct bytes digits, char out[24])
{
    struct writer w = writer_over(out, 23);
    for (size_t i = 0; i < digits.len; i += 4)
        write_format(&w, "%s%.*s", i == 0 ? "" : " ",
                     (int)(digits.len - i < 4 ? digits.len - i : 4), (const char *)digits.at + i);
    out[w.len] = '\0';
}

static void show_challenge(struct terminal *t)
{
    char digits[24];
    grouped(challenge_of(t), digits);
    screen_begin(t, "recover.challenge", TEXT_FORGOT_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_RECOVER_READ_OUT, t->config.support);
    SAY(t, SCREEN_AMOUNT, TEXT_RECOVER_CHALLENGE, digits);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_SERIAL, t->facts.serial);
    screen_choice(t, "code", TEXT_ENTRY_CODE, SCREEN_PRIMARY, "lock", true);
    screen_wait(t, TEXT_RECOVER_VALID, t->recovery.until_us);
    screen_until(t, t->recovery.until_us);
    screen_show(t);
}

static err recover_offline(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    while (!over(t)) {
        show_challenge(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) {
            TRY(give_up(t));
            PROCEDURE_BACK(t, p);
        }
        if (!choice_is(t, "code")) continue;
        PROCEDURE_CALL(t, p, recover_code);
        if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
    }
    NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_EXPIRED);
    PROCEDURE_BACK(t, p);
    PROCEDURE_END(t, p);
}

/* ---- the whole ---- */

static procedure_function procedure_of(uint8_t way)
{
    return way == VAULT_BY_SERVICE   ? recover_by_service
           : way == VAULT_BY_OFFLINE ? recover_offline
                                     : recover_by_code;
}

/* The ticket that is open, or a new challenge. */
static err prepare(struct terminal *t, int64_t way, bool *ret_ready)
{
    struct recovery *r = &t->recovery;
    notice_clear(t);
    if (way != TICKET_AGAIN) return begin(t, (uint8_t)way, ret_ready);
    *r = (struct recovery){.until_us = INT64_MAX};
    err e = notes_recovery_of(t->config.store, t->setting.operator_id, now_ms(t), &r->note);
    *ret_ready = !FAILED(e);
    if (e.code != ERR_NOT_FOUND) return e;
    NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_EXPIRED);
    return OK;
}

static err recovered(struct terminal *t)
{
    static const char *const names[] = {"", "sms", "mail", "service", "offline"};
    const struct notes_recovery *note = &t->recovery.note;
    ENSURE(note->way < ARRAY_LEN(names));
    TRY(audit(t, "recovered", note->operator_id, names[note->way]));
    TRY(manage_event(t, "recovered", note->operator_id, names[note->way]));
    return notes_recovery_end(t->config.store, note->operator_id);
}

err recovery(struct terminal *t, struct procedure *p)
{
    bool good = false;
    uint8_t verdict = 0;

    PROCEDURE_BEGIN(p);
    TRY(prepare(t, t->chosen, &good));
    if (!good) PROCEDURE_BACK(t, p);
    p->local[0] = t->recovery.note.way;
    if (p->local[0] != VAULT_BY_SERVICE) { /* before the code: it is spent with the first look */
        PROCEDURE_CALL(t, p, recover_presence);
        if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    }
    PROCEDURE_CALL(t, p, procedure_of((uint8_t)p->local[0]));
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    if (p->local[0] == VAULT_BY_SERVICE) {
        PROCEDURE_CALL(t, p, recover_presence);
        good = t->outcome == OUTCOME_DONE && prove(t, BYTES_OF(t->recovery.grant), &verdict);
        if (!good) PROCEDURE_BACK(t, p);
    }
    TRY(recovered(t));
    explicit_bzero(&t->recovery, sizeof t->recovery);
    t->setting.recovered = true;
    NOTICE(t, SCREEN_SUCCESS, TEXT_RECOVER_PROVED);
    PROCEDURE_CALL(t, p, password_new);
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}
