/* SPDX-License-Identifier: Apache-2.0 */
/* 首次开机: from a device with its factory's key to one that belongs to a shop. */
#include "terminal/first_start.h"

#include "lib/base/hex.h"
#include "lib/wire/vault_protocol_activation.h"
#include "terminal/core.h"

bool first_start_possible(const struct terminal *t)
{
    return t->ports.manage_connect_bare != NULL && t->facts.reached &&
           t->facts.tampered == VAULT_TAMPER_NONE && t->facts.serial[0] != '\0';
}

/* ---- asking ---- */

/* The vault's words lie where frames are built: they are copied first. */
static enum vault_status make_question(struct terminal *t, struct device_message *q)
{
    struct first_start *f = &t->first;
    const struct vault_activation_ask ask = {
        .way = bytes_text(device_proof_name((enum device_proof_way)f->way)),
        .code = bytes_text(f->code),
        .step = bytes_text(device_step_name((enum device_activation_step)f->step))};
    struct vault_activation_words words;
    enum vault_status status = secure_activation_ask(t, &ask, &words);
    if (status != VAULT_OK) return status;
    struct writer request = writer_over(f->request, sizeof f->request);
    struct writer hex = writer_over(q->words, sizeof q->words - 1);
    write_bytes(&request, words.request);
    write_hex(&hex, words.signature);
    if (request.fault != ERR_OK || hex.fault != ERR_OK ||
        words.transport.len != sizeof q->transport ||
        FAILED(bytes_to_text(bytes_text(t->facts.serial), q->serial, sizeof q->serial)) ||
        FAILED(bytes_to_text(bytes_text(t->facts.model), q->model, sizeof q->model)))
        return VAULT_FAILED;
    memcpy(q->transport, words.transport.at, sizeof q->transport);
    q->ask = DEVICE_ACTIVATE;
    q->proof_way = f->way;
    q->step = f->step;
    memcpy(q->code, f->code, sizeof q->code);
    q->policy = writer_view(&request);
    return VAULT_OK;
}

void first_start_heard(struct terminal *t, const struct device_message *heard)
{
    struct first_start *f = &t->first;
    f->refused = heard->status != DEVICE_OK;
    memcpy(f->reason, heard->reason, sizeof f->reason);
    f->tries = heard->seconds;
    f->document_len = 0;
    /* None, or one that is longer than a host's: none at all. */
    if (heard->policy.len == 0 || heard->policy.len > DEVICE_DOCUMENT_MAX) return;
    memcpy(f->document, heard->policy.at, heard->policy.len);
    f->document[heard->policy.len] = '\0';
    f->document_len = heard->policy.len;
}

static void say_refused(struct terminal *t)
{
    static const struct {
        const char *reason;
        enum text_id text;
    } rows[] = {{"code", TEXT_FIRST_REFUSED_CODE},         {"ended", TEXT_FIRST_REFUSED_ENDED},
                {"not_sent", TEXT_FIRST_REFUSED_NOT_SENT}, {"active", TEXT_FIRST_REFUSED_ACTIVE},
                {"bound", TEXT_FIRST_REFUSED_BOUND},       {"device", TEXT_FIRST_REFUSED_DEVICE},
                {"busy", TEXT_FIRST_REFUSED_BUSY}};
    const struct first_start *f = &t->first;
    bool code = strcmp(f->reason, "code") == 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].reason, f->reason) != 0) continue;
        NOTICE(t, SCREEN_ERROR, rows[i].text,
               code ? number_text(f->tries).text : t->config.support);
        return;
    }
    NOTICE(t, SCREEN_ERROR, TEXT_FIRST_REFUSED_BUSY);
}

/* DONE: the answer is yes, and its document is here. REFUSED: noticed. */
static err first_ask(struct terminal *t, struct procedure *p)
{
    struct device_message question = {.ask = DEVICE_ACTIVATE};
    enum vault_status status;

    PROCEDURE_BEGIN(p);
    status = make_question(t, &question);
    if (status != VAULT_OK) {
        NOTICE(t, SCREEN_ERROR, TEXT_FIRST_VAULT, vault_status_text(status));
        PROCEDURE_LEAVE(t, p, OUTCOME_REFUSED);
    }
    manage_ask(t, &question);
    while (t->manage.wish.progress == MANAGE_WAITING) {
        screen_begin(t, "first.ask", TEXT_FIRST_ASK_TITLE);
        screen_wait(t,
                    t->first.step == DEVICE_STEP_BIND ? TEXT_FIRST_BIND_WAIT : TEXT_FIRST_ASK_WAIT,
                    t->manage.wish.until_us);
        screen_keys(t, 0);
        screen_idle(t, 0);
        screen_show(t);
        PROCEDURE_AWAIT(t, p);
    }
    if (t->manage.wish.progress != MANAGE_ANSWERED) {
        NOTICE(t, SCREEN_ERROR, TEXT_FIRST_NETWORK, t->config.support);
        PROCEDURE_LEAVE(t, p, OUTCOME_REFUSED);
    }
    manage_leave(t, NULL);
    if (t->first.refused) {
        say_refused(t);
        PROCEDURE_LEAVE(t, p, OUTCOME_REFUSED);
    }
    PROCEDURE_END(t, p);
}

/* ---- to whom ---- */

static bool read_elements(struct terminal *t)
{
    CLEANUP(json_free) struct json_document document = {NULL};
    struct first_start *f = &t->first;
    bool english = t->records.language == LANGUAGE_EN;
    if (FAILED(json_parse(bytes_of(f->document, f->document_len), DEVICE_DOCUMENT_MAX, &document)))
        return false;
    const struct {
        const char *name;
        char *out;
        size_t size;
    } members[] = {{english ? "merchant_en" : "merchant_zh", f->merchant, sizeof f->merchant},
                   {"acquirer", f->acquirer, sizeof f->acquirer},
                   {"mid", f->mid, sizeof f->mid},
                   {"subject", f->subject, sizeof f->subject},
                   {"account", f->account, sizeof f->account},
                   {"address", f->address, sizeof f->address}};
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (FAILED(json_text_copy(document.root, members[i].name, members[i].out, members[i].size)))
            return false;
    return true;
}

static void show_confirm(struct terminal *t)
{
    const struct first_start *f = &t->first;
    screen_begin(t, "first.confirm", TEXT_FIRST_CONFIRM_TITLE);
    SAY(t, SCREEN_BIG, TEXT_FIRST_CONFIRM_MERCHANT, f->merchant);
    SAY(t, SCREEN_NORMAL, TEXT_FIRST_CONFIRM_ACQUIRER, f->acquirer);
    SAY(t, SCREEN_NORMAL, TEXT_FIRST_CONFIRM_MID, f->mid);
    SAY(t, SCREEN_NORMAL, TEXT_FIRST_CONFIRM_SUBJECT, f->subject);
    SAY(t, SCREEN_NORMAL, TEXT_FIRST_CONFIRM_ACCOUNT, f->account);
    SAY(t, SCREEN_NORMAL, TEXT_FIRST_CONFIRM_ADDRESS, f->address);
    SAY(t, SCREEN_HINT, TEXT_FIRST_CONFIRM_HINT);
    screen_choice(t, "yes", TEXT_ENTRY_FIRST_YES, SCREEN_PRIMARY, "check", true);
    screen_choice(t, "no", TEXT_ENTRY_FIRST_NO, SCREEN_DANGER, NULL, true);
    screen_keys(t, 0); /* a yes to be read, and not an OK in passing */
    screen_idle(t, 0);
    screen_show(t);
}

/* DONE: it is his shop. */
static err first_confirm(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        if (!read_elements(t)) {
            NOTICE(t, SCREEN_ERROR, TEXT_FIRST_REFUSED_BUSY);
            PROCEDURE_BACK(t, p);
        }
        show_confirm(t);
        PROCEDURE_AWAIT(t, p);
        if (choice_is(t, "yes")) PROCEDURE_DONE(t, p);
        if (!choice_is(t, "no")) continue;
        NOTICE(t, SCREEN_WARNING, TEXT_FIRST_NOT_MINE, t->config.support);
        PROCEDURE_BACK(t, p);
    }
    PROCEDURE_END(t, p);
}

/* What came goes into the vault: from then on this device is somebody's. */
static err take(struct terminal *t, bool *ret_taken)
{
    struct first_start *f = &t->first;
    /* Marked before: a power cut behind it loses the mark otherwise, and with it the guide. */
    TRY(notes_show(t->config.store, "first_active", now_ms(t)));
    enum vault_status status = secure_activate(t, bytes_of(f->document, f->document_len));
    (void)secure_status(t);
    *ret_taken = t->facts.provisioned;
    explicit_bzero(f->document, sizeof f->document);
    if (!*ret_taken) {
        NOTICE(t, SCREEN_ERROR, TEXT_FIRST_VAULT, vault_status_text(status));
        return OK;
    }
    return audit(t, "activated", t->facts.tid, t->facts.mid);
}

/* DONE: the vault is provisioned. Everything else is noticed. */
static err first_bind(struct terminal *t, struct procedure *p)
{
    bool taken = false;

    PROCEDURE_BEGIN(p);
    t->first.step = DEVICE_STEP_SHOW;
    PROCEDURE_CALL(t, p, first_ask);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    PROCEDURE_CALL(t, p, first_confirm);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    t->first.step = DEVICE_STEP_BIND;
    PROCEDURE_CALL(t, p, first_ask);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    TRY(take(t, &taken));
    if (!taken) PROCEDURE_BACK(t, p);
    PROCEDURE_END(t, p);
}

/* ---- by what ---- */

static bool by_code(const struct terminal *t)
{
    return t->first.way == DEVICE_BY_CODE;
}

static void show_code(struct terminal *t)
{
    struct screen *s = &t->screen;
    bool code = by_code(t);
    screen_begin(t, code ? "first.code" : "first.tail",
                 code ? TEXT_FIRST_CODE_TITLE : TEXT_FIRST_TAIL_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, code ? TEXT_FIRST_CODE_HINT : TEXT_FIRST_TAIL_HINT);
    s->field.kind = code ? SCREEN_FIELD_DIGITS : SCREEN_FIELD_TEXT;
    s->field.max = code ? FIRST_CODE : FIRST_TAIL;
    text_fill(code ? TEXT_FIRST_CODE_FIELD : TEXT_FIRST_TAIL_FIELD, s->language, NULL,
              s->field.label, sizeof s->field.label);
    if (code) {
        memcpy(s->field.value, t->typed, sizeof t->typed);
        s->keypad = SCREEN_KEYPAD_DIGITS;
    }
    screen_keys(t, SCREEN_KEY_CANCEL | SCREEN_KEY_OK);
    screen_idle(t, 0);
    screen_show(t);
}

/* Small letters are what a keyboard gives; a document has capitals. */
static bool take_text(struct terminal *t)
{
    size_t len = strlen(t->text);
    if (t->event.kind != EVENT_TEXT) return false;
    if (len == FIRST_TAIL)
        for (size_t i = 0; i <= len; i++) {
            char c = t->text[i];
            t->first.code[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        }
    else NOTICE(t, SCREEN_WARNING, TEXT_FIRST_SHORT);
    return len == FIRST_TAIL;
}

/* True when all of it is there. */
static bool entered(struct terminal *t)
{
    if (!by_code(t)) return take_text(t);
    (void)typed_key(t, FIRST_CODE);
    if (!key_is(t, "ok")) return false;
    bool whole = strlen(t->typed) == FIRST_CODE;
    if (whole) memcpy(t->first.code, t->typed, FIRST_CODE + 1);
    else NOTICE(t, SCREEN_WARNING, TEXT_FIRST_SHORT);
    return whole;
}

static err first_code(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->typed[0] = t->text[0] = '\0';
    notice_clear(t);
    for (;;) {
        show_code(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (!entered(t)) continue;
        PROCEDURE_CALL(t, p, first_bind);
        explicit_bzero(t->first.code, sizeof t->first.code);
        t->typed[0] = t->text[0] = '\0';
        if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

/* ---- the first screen ---- */

static void show_welcome(struct terminal *t)
{
    screen_begin(t, "first.welcome", TEXT_FIRST_START_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_FIRST_START_HELLO);
    SAY(t, SCREEN_NORMAL, TEXT_FIRST_START_SERIAL, t->facts.serial);
    SAY(t, SCREEN_HINT, TEXT_FIRST_START_SCAN);
    network_warn(t);
    screen_choice(t, "code", TEXT_ENTRY_FIRST_CODE, SCREEN_PRIMARY, "lock", true);
    screen_choice(t, "tail", TEXT_ENTRY_FIRST_TAIL, SCREEN_PLAIN, NULL, true);
    screen_keys(t, 0);
    screen_idle(t, 0);
    t->screen.scan = true;
    screen_show(t);
}

/* The label on the back has the serial number: another one's is another device's. */
static uint8_t way_of_event(struct terminal *t)
{
    if (choice_is(t, "code")) return DEVICE_BY_CODE;
    if (choice_is(t, "tail")) return DEVICE_BY_TAIL;
    if (t->event.kind != EVENT_CODE) return DEVICE_NO_PROOF;
    if (t->label) return DEVICE_BY_TAIL;
    NOTICE(t, SCREEN_WARNING, TEXT_FIRST_WRONG_LABEL);
    return DEVICE_NO_PROOF;
}

err first_start(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    manage_first(t);
    notice_clear(t);
    for (;;) {
        show_welcome(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        t->first.way = way_of_event(t);
        if (t->first.way == DEVICE_NO_PROOF) continue;
        PROCEDURE_CALL(t, p, first_code);
        if (t->outcome == OUTCOME_DONE) break;
    }
    log_event(t->config.log, LOG_INFO, "activated", LOG_TEXT("tid", t->facts.tid));
    explicit_bzero(&t->first, sizeof t->first);
    manage_start(t); /* in its own name from now on */
    notice_clear(t);
    PROCEDURE_END(t, p);
}
