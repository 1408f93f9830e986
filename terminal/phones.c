/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 配对手机 (S173): a phone that says yes to a log-in where the policy wants that. Pairing shows a
 * code with an address of the back office, the phone makes a key and sends its public half, and
 * both sides show six digits that the vault has made of it: a person compares them before the key
 * counts. The log-in then shows who is asked, waits, and offers another way when no answer comes.
 */
#include "terminal/core.h"

/* ---- the list ---- */

static void show_phone(struct terminal *t, const struct vault_pair *pair)
{
    char key[16], label[VAULT_PHONE_LABEL_MAX + 1];
    struct writer w = writer_over(key, sizeof key - 1);
    write_format(&w, "phone_%u", pair->id);
    key[w.len] = '\0';
    if (FAILED(bytes_to_text(pair->label, label, sizeof label))) label[0] = '\0';
    screen_choice(t, key, TEXT_PHONES_TITLE, SCREEN_LIST, "phone", true);
    struct screen_choice *row = &t->screen.choice[t->screen.choice_count - 1];
    text_fill(TEXT_PHONE_ROW, t->records.language,
              (const char *const[]){
                  label, time_text((int64_t)pair->added_ms + CLOCK_CHINA_OFFSET_MS).text, NULL},
              row->text, sizeof row->text);
}

static void show_list(struct terminal *t)
{
    struct vault_pair list[VAULT_PAIRS_MAX];
    size_t count = 0;
    enum vault_status status = secure_pair_list(t, list, &count);
    screen_begin(t, "phones.list", TEXT_PHONES_TITLE);
    screen_notice(t);
    if (status != VAULT_OK) SAY(t, SCREEN_ERROR, TEXT_PHONES_FAULT, vault_status_text(status));
    else SAY(t, SCREEN_HINT, count == 0 ? TEXT_PHONES_NONE : TEXT_PHONES_HINT);
    for (size_t i = 0; status == VAULT_OK && i < count; i++) show_phone(t, &list[i]);
    screen_choice(t, "add", TEXT_ENTRY_PAIR, SCREEN_PRIMARY, "phone", status == VAULT_OK);
    screen_show(t);
}

static void show_remove(struct terminal *t)
{
    screen_begin(t, "phones.remove", TEXT_PHONES_TITLE);
    SAY(t, SCREEN_WARNING, TEXT_PHONE_REMOVE);
    screen_choice(t, "yes", TEXT_ENTRY_PHONE_REMOVE, SCREEN_DANGER, NULL, true);
    screen_show(t);
}

static err remove_phone(struct terminal *t, uint8_t id)
{
    uint8_t verdict = VAULT_PAIR_OK;
    enum vault_status status = secure_pair_remove(t, id, &verdict);
    if (status != VAULT_OK || verdict != VAULT_PAIR_OK) {
        NOTICE(t, SCREEN_ERROR, TEXT_PHONES_FAULT, vault_status_text(status));
        return OK;
    }
    NOTICE(t, SCREEN_SUCCESS, TEXT_PHONE_REMOVED);
    TRY(audit(t, "phone_removed", number_text(id).text, ""));
    return manage_event(t, "phone_removed", "", number_text(id).text);
}

static err phone_remove(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->number;
    do {
        show_remove(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    } while (!choice_is(t, "yes"));
    TRY(remove_phone(t, (uint8_t)p->local[0]));
    PROCEDURE_END(t, p);
}

/* ---- pairing ---- */

static struct bytes token_of(const struct terminal *t)
{
    return bytes_of(t->challenge, DEVICE_TOKEN);
}

static void ask_address(struct terminal *t)
{
    struct device_message question = {.ask = DEVICE_PAIR, .challenge_len = DEVICE_TOKEN};
    memcpy(question.challenge, t->challenge, DEVICE_TOKEN);
    manage_ask(t, &question);
}

static void show_pairing(struct terminal *t, bool ready)
{
    screen_begin(t, ready ? "phones.code" : "phones.asking", TEXT_PHONES_TITLE);
    if (ready) {
        SAY(t, SCREEN_NORMAL, TEXT_PHONE_SCAN);
        memcpy(t->screen.qr, t->manage.wish.heard.url, sizeof t->manage.wish.heard.url);
        screen_wait(t, TEXT_PHONE_WAIT, now_us(t) < t->phone_until_us ? t->phone_until_us : 0);
        screen_until(t, t->phone_until_us);
    } else screen_wait(t, TEXT_RECOVER_ASKING, t->manage.wish.until_us);
    screen_show(t);
}

/* The vault's six digits for the key that came; true when there are some. */
static bool check_digits(struct terminal *t, uint8_t confirmed, char out[7])
{
    struct vault_pair_answer answer = {0};
    const struct vault_pair_finish in = {token_of(t), BYTES_OF(t->phone.phone_key),
                                         bytes_text(t->phone.label), confirmed};
    enum vault_status status = secure_pair_finish(t, &in, &answer);
    if (status == VAULT_OK && answer.verdict == VAULT_PAIR_OK)
        return !FAILED(bytes_to_text(answer.check, out, 7));
    NOTICE(t, SCREEN_ERROR,
           answer.verdict == VAULT_PAIR_FULL ? TEXT_PHONES_FULL : TEXT_PHONE_NOT_PAIRED);
    return false;
}

static bool show_check(struct terminal *t)
{
    char digits[7] = "";
    if (!check_digits(t, 0, digits)) return false;
    screen_begin(t, "phones.check", TEXT_PHONES_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_PHONE_COMPARE, t->phone.label);
    SAY(t, SCREEN_AMOUNT, TEXT_PHONE_DIGITS, digits);
    screen_choice(t, "yes", TEXT_ENTRY_SAME, SCREEN_PRIMARY, "shield", true);
    screen_choice(t, "no", TEXT_ENTRY_DIFFERENT, SCREEN_DANGER, NULL, true);
    screen_show(t);
    return true;
}

/* A key has come: compared and taken, or refused. */
static err phone_confirm(struct terminal *t, struct procedure *p)
{
    char digits[7];

    PROCEDURE_BEGIN(p);
    do {
        if (!show_check(t)) PROCEDURE_BACK(t, p);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel") || choice_is(t, "no")) {
            TRY(audit(t, "phone_refused", t->phone.label, ""));
            NOTICE(t, SCREEN_WARNING, TEXT_PHONE_DIFFERENT);
            PROCEDURE_BACK(t, p);
        }
    } while (!choice_is(t, "yes"));
    if (!check_digits(t, 1, digits)) PROCEDURE_BACK(t, p);
    NOTICE(t, SCREEN_SUCCESS, TEXT_PHONE_PAIRED, t->phone.label);
    TRY(audit(t, "phone_paired", t->phone.label, ""));
    PROCEDURE_END(t, p);
}

/* The vault's number of the phone that was paired last; 0 when it does not say. */
static int64_t newest_phone(struct terminal *t)
{
    struct vault_pair list[VAULT_PAIRS_MAX];
    size_t count = 0, newest = 0;
    if (secure_pair_list(t, list, &count) != VAULT_OK || count == 0) return 0;
    for (size_t i = 1; i < count; i++)
        if (list[i].added_ms >= list[newest].added_ms) newest = i;
    return list[newest].id;
}

/* The back office may forget the token; `pair` is what it calls the phone from now on. */
static void end_pairing(struct terminal *t, int64_t pair)
{
    struct device_message end = {.ask = DEVICE_PAIR_END,
                                 .has = DEVICE_HAS_TOKEN,
                                 .challenge_len = DEVICE_TOKEN,
                                 .pair = pair};
    memcpy(end.challenge, t->challenge, DEVICE_TOKEN);
    manage_leave(t, &end);
}

static bool begin_pairing(struct terminal *t)
{
    enum vault_status status = secure_pair_begin(t, t->challenge);
    t->phone_until_us = now_us(t) + (int64_t)TERMINAL_PAIRING_S * 1000000;
    if (status == VAULT_OK) return true;
    NOTICE(t, SCREEN_ERROR, TEXT_PHONES_FAULT, vault_status_text(status));
    return false;
}

/* DONE: the address is there. */
static err phone_address(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (!begin_pairing(t)) PROCEDURE_BACK(t, p);
    ask_address(t);
    while (t->manage.wish.progress == MANAGE_WAITING) {
        show_pairing(t, false);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) {
            end_pairing(t, 0);
            PROCEDURE_BACK(t, p);
        }
    }
    if (t->manage.wish.progress != MANAGE_ANSWERED || t->manage.wish.heard.status != DEVICE_OK ||
        t->manage.wish.heard.url[0] == '\0') {
        NOTICE(t, SCREEN_ERROR, TEXT_PHONE_UNREACHABLE);
        PROCEDURE_BACK(t, p);
    }
    PROCEDURE_END(t, p);
}

static err phone_pair(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    PROCEDURE_CALL(t, p, phone_address);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    while (!manage_told(t, DEVICE_PAIR_KEY_TOLD, token_of(t), &t->phone)) {
        show_pairing(t, true);
        PROCEDURE_AWAIT(t, p);
        if (!key_is(t, "cancel") && t->event.kind != EVENT_TIME) continue;
        if (t->event.kind == EVENT_TIME) NOTICE(t, SCREEN_WARNING, TEXT_PHONE_NOT_PAIRED);
        end_pairing(t, 0);
        PROCEDURE_BACK(t, p);
    }
    PROCEDURE_CALL(t, p, phone_confirm);
    end_pairing(t, t->outcome == OUTCOME_DONE ? newest_phone(t) : 0);
    PROCEDURE_END(t, p);
}

err phones(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    for (;;) {
        show_list(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "add")) PROCEDURE_CALL(t, p, phone_pair);
        if (t->event.kind == EVENT_KEY && strncmp(t->event.key, "choice:phone_", 13) == 0) {
            struct reader digits = reader_over(bytes_text(t->event.key + 13));
            t->number = (uint8_t)read_digits(&digits, strlen(t->event.key + 13));
            PROCEDURE_CALL(t, p, phone_remove);
        }
    }
    PROCEDURE_END(t, p);
}

/* ---- a log-in that a phone must agree to ---- */

static void ask_phone(struct terminal *t)
{
    struct device_message question = {.ask = DEVICE_APPROVE, .challenge_len = sizeof t->challenge};
    memcpy(question.challenge, t->challenge, sizeof t->challenge);
    operator_text(t->ask.operator_number, question.operator_id);
    manage_ask(t, &question);
    t->phone_until_us = now_us(t) + (int64_t)TERMINAL_APPROVAL_S * 1000000;
}

static void show_approval(struct terminal *t)
{
    char id[3];
    operator_text(t->ask.operator_number, id);
    screen_begin(t, "login.approval", TEXT_APPROVAL_TITLE);
    SAY(t, SCREEN_BIG, TEXT_APPROVAL_ASKED, id);
    SAY(t, SCREEN_HINT, TEXT_APPROVAL_HINT);
    screen_wait(t, TEXT_APPROVAL_WAIT, t->phone_until_us);
    screen_until(t, t->phone_until_us);
    screen_show(t);
}

static void show_no_approval(struct terminal *t)
{
    screen_begin(t, "login.no_approval", TEXT_APPROVAL_TITLE);
    network_warn(t);
    SAY(t, SCREEN_ERROR, network_trusted(t) ? TEXT_APPROVAL_NONE : TEXT_APPROVAL_NETWORK);
    SAY(t, SCREEN_NORMAL, TEXT_APPROVAL_ADVICE);
    screen_choice(t, "forgotten", TEXT_ENTRY_OTHER_WAY, SCREEN_PRIMARY, "help", true);
    screen_show(t);
}

/* Nobody has answered. */
static err phone_none(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_no_approval(t);
        PROCEDURE_AWAIT(t, p);
        if (choice_is(t, "forgotten")) PROCEDURE_LEAVE(t, p, OUTCOME_FORGOTTEN);
    } while (!key_is(t, "cancel"));
    PROCEDURE_BACK(t, p);
    PROCEDURE_END(t, p);
}

/* The phone has signed: the vault says whether it counts. */
static bool finish(struct terminal *t)
{
    struct vault_login_answer answer = {0};
    char id[3];
    const struct vault_approval in = {(uint8_t)t->phone.pair, BYTES_OF(t->phone.signature)};
    operator_text(t->ask.operator_number, id);
    enum vault_status status = secure_approval_finish(t, &in, &answer);
    answer.approval = (struct bytes){0};
    t->login = answer;
    return login_judge(t, id, status, &answer);
}

static bool nothing_comes(const struct terminal *t)
{
    const struct manage_wish *wish = &t->manage.wish;
    return now_us(t) >= t->phone_until_us || wish->progress == MANAGE_FAILED ||
           (wish->progress == MANAGE_ANSWERED && wish->heard.status != DEVICE_ASKED);
}

err phone_approval(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (network_trusted(t)) ask_phone(t);
    else t->phone_until_us = 0;
    while (!manage_told(t, DEVICE_APPROVAL_TOLD, BYTES_OF(t->challenge), &t->phone)) {
        if (nothing_comes(t)) {
            manage_leave(t, NULL);
            PROCEDURE_CALL(t, p, phone_none);
            PROCEDURE_LEAVE(t, p, t->outcome);
        }
        show_approval(t);
        PROCEDURE_AWAIT(t, p);
        if (!key_is(t, "cancel")) continue;
        manage_leave(t, NULL);
        PROCEDURE_BACK(t, p);
    }
    manage_leave(t, NULL);
    PROCEDURE_LEAVE(t, p, finish(t) ? OUTCOME_DONE : OUTCOME_REFUSED);
    PROCEDURE_END(t, p);
}
