/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 找回设备 (S45): what the owner, or the desk, wants of a device that is not where it should be. A
 * command is in the store before anything is said about it, is done when the screen stands where
 * nothing is lost by it, and its end is told until it is acknowledged.
 *
 *   message  on the screen until somebody dismisses it
 *   lock     nothing but the message, over every restart; a payment that is under way is finished
 *            or reversed first. The owner's unlock opens it, or a supervisor whom the recovery desk
 *            has let in: who has only the device, its passwords and a helpful cashier does not
 *   ring     the device says where it is
 *
 * The vault says of each whether the hsm has made it for this device and whether its number is a
 * new one; what it refuses is told back and leaves no trace but the audit. remote_acts.c does the
 * others.
 */
#include "lib/wire/vault_protocol_command.h"
#include "terminal/core.h"
#include "terminal/device/speaker.h"

enum {
    RINGS = 6,
    LOCKS = 1 << DEVICE_LOCK | 1 << DEVICE_UNLOCK,
    NOTICES = 1 << DEVICE_MESSAGE | 1 << DEVICE_RING,
    TICKET_AGAIN = -1
};

/* ---- where the screen stands ---- */

static bool runs(const struct terminal *t, procedure_function run)
{
    for (size_t i = 0; i < t->depth; i++)
        if (t->stack[i].run == run) return true;
    return false;
}

/* On a screen that begins things, and nobody is in the middle of one. */
bool at_home(const struct terminal *t)
{
    static const char *const homes[] = {"main.menu", "login.operator", "lock.locked",
                                        "find.locked"};
    if (t->depth == 0 || t->screen.id == NULL) return false;
    for (size_t i = 0; i < ARRAY_LEN(homes); i++)
        if (strcmp(t->screen.id, homes[i]) == 0) return true;
    return false;
}

/* No payment is under way that a lock would tear off, and nothing waits for the host's answer but a
 * reversal or an echo, which go on behind any screen. */
bool remote_may_lock(const struct terminal *t)
{
    bool paying = runs(t, sale) && t->work.number != 0;
    enum host_task task = t->host.task;
    bool asking =
        task == HOST_SALE || task == HOST_SIGN_IN || task == HOST_SIGN_OUT || task == HOST_DOWNLOAD;
    return t->depth > 0 && !runs(t, boot) && !paying && !asking;
}

/* ---- taking ---- */

/* What the store holds, looked at once. */
static err look(struct terminal *t)
{
    struct command command;
    struct remote *r = &t->remote;
    TRY(command_kinds(t->config.store, &r->waits));
    err e = command_untold(t->config.store, &command);
    r->untold = !FAILED(e) || r->denied != 0;
    return e.code == ERR_NOT_FOUND ? OK : e;
}

err remote_open(struct terminal *t)
{
    t->remote = (struct remote){0};
    err e = command_lock(t->config.store, &t->remote.lock);
    t->remote.locked = !FAILED(e);
    if (FAILED(e) && e.code != ERR_NOT_FOUND) return e;
    TRY(remote_acts_open(t));
    return look(t);
}

/* The vault alone knows whether the host has said so, and whether it is a new one. */
static enum vault_status judge(struct terminal *t, const struct device_message *heard,
                               uint8_t *ret_verdict)
{
    struct vault_command_said said = {.verdict = VAULT_COMMAND_FORGED};
    const struct vault_command_ask ask = {
        .number = (uint64_t)heard->number,
        .kind = bytes_text(device_command_name(heard->command)),
        .nonce = BYTES_OF(heard->nonce),
        .text = bytes_text(heard->text),
        .mac = BYTES_OF(heard->mac),
    };
    enum vault_status status = secure_command_check(t, &ask, &said);
    *ret_verdict = said.verdict;
    return status;
}

err remote_deny(struct terminal *t, int64_t number, const char *why)
{
    t->remote.denied = number;
    memcpy(t->remote.denied_why, why, strlen(why) + 1);
    t->remote.untold = true;
    return audit(t, "command_refused", number_text(number).text, why);
}

err remote_take(struct terminal *t, const struct device_message *heard)
{
    struct command command = {.number = heard->number, .kind = heard->command};
    bool known = false, fresh = false;
    uint8_t verdict = VAULT_COMMAND_FORGED;
    TRY(command_known(t->config.store, heard->number, &known));
    if (known) return look(t); /* a repeat: what is not acknowledged yet is said again */
    enum vault_status status = judge(t, heard, &verdict);
    if (status != VAULT_OK) {
        log_event(t->config.log, LOG_WARN, "command_not_judged",
                  LOG_TEXT("vault", vault_status_text(status)));
        return OK; /* it is told again */
    }
    if (verdict == VAULT_COMMAND_OLD) return remote_deny(t, heard->number, "old");
    if (verdict == VAULT_COMMAND_FORGED) return remote_deny(t, heard->number, "forged");
    memcpy(command.text, heard->text, sizeof command.text);
    TRY(command_take(t->config.store, &command, now_ms(t), &fresh));
    TRY(audit(t, "command", device_command_name(heard->command), number_text(heard->number).text));
    return look(t);
}

/* ---- telling ---- */

err remote_tell(struct terminal *t, struct device_message *ret_question, bool *ret_some)
{
    struct command command;
    if (t->remote.denied != 0) {
        *ret_question = (struct device_message){.ask = DEVICE_DONE,
                                                .has = DEVICE_HAS_REASON,
                                                .number = t->remote.denied,
                                                .progress = DEVICE_DENIED};
        memcpy(ret_question->reason, t->remote.denied_why, sizeof ret_question->reason);
        t->remote.telling = (struct command){0};
        *ret_some = true;
        return OK;
    }
    err e = command_untold(t->config.store, &command);
    *ret_some = !FAILED(e);
    if (!*ret_some) {
        t->remote.untold = false;
        return e.code == ERR_NOT_FOUND ? OK : e;
    }
    t->remote.telling = command;
    *ret_question = (struct device_message){
        .ask = DEVICE_DONE, .number = command.number, .progress = command.state};
    return OK;
}

err remote_heard(struct terminal *t)
{
    if (t->remote.telling.number == 0) t->remote.denied = 0;
    else TRY(command_told(t->config.store, t->remote.telling.number, t->remote.telling.state));
    return look(t);
}

/* ---- doing ---- */

err remote_finish(struct terminal *t, const struct command *command)
{
    TRY(command_done(t->config.store, command->number));
    return look(t);
}

/* Whoever was logged in is out, and what was on the screen is gone. */
void remote_clear_screen(struct terminal *t)
{
    secure_forget(t);
    explicit_bzero(&t->work, sizeof t->work);
    (void)secure_logout(t); /* a vault that cannot be reached has nobody logged in for long */
    operator_forget(t);
    notice_clear(t);
    procedure_restart(t);
}

static err do_lock(struct terminal *t)
{
    struct command command;
    TRY(command_waiting(t->config.store, LOCKS, &command));
    TRY(remote_finish(t, &command));
    TRY(audit(t, command.kind == DEVICE_LOCK ? "remote_lock" : "remote_unlock", "",
              number_text(command.number).text));
    t->remote.locked = command.kind == DEVICE_LOCK;
    t->remote.lock = command;
    if (command.kind == DEVICE_UNLOCK) t->remote.lost = false;
    remote_clear_screen(t);
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

static err do_notice(struct terminal *t)
{
    TRY(command_waiting(t->config.store, NOTICES, &t->remote.shown));
    procedure_push(t, t->remote.shown.kind == DEVICE_RING ? remote_ring : remote_message);
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

static bool lock_is_due(const struct terminal *t)
{
    return (t->remote.waits & LOCKS) != 0 && remote_may_lock(t);
}

static bool notice_is_due(const struct terminal *t)
{
    return (t->remote.waits & NOTICES) != 0 && at_home(t);
}

err remote_tick(struct terminal *t)
{
    while (lock_is_due(t)) TRY(do_lock(t));
    TRY(remote_acts_tick(t));
    return notice_is_due(t) ? do_notice(t) : OK;
}

int64_t remote_next_us(const struct terminal *t)
{
    return lock_is_due(t) || notice_is_due(t) ? now_us(t) : remote_acts_next_us(t);
}

/* ---- screens ---- */

static void show_message(struct terminal *t)
{
    screen_begin(t, "find.message", TEXT_FIND_MESSAGE_TITLE);
    SAY(t, SCREEN_HINT, TEXT_FIND_MESSAGE_FROM);
    SAY(t, SCREEN_BIG, TEXT_FIND_TEXT, t->remote.shown.text);
    screen_choice(t, "read", TEXT_ENTRY_READ, SCREEN_PRIMARY, NULL, true);
    screen_keys(t, 0); /* a slip of the thumb is not reading */
    screen_idle(t, 0); /* until somebody has read it */
    screen_show(t);
}

err remote_message(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_message(t);
        PROCEDURE_AWAIT(t, p);
    } while (!choice_is(t, "read"));
    TRY(remote_finish(t, &t->remote.shown));
    TRY(audit(t, "message_read", "", number_text(t->remote.shown.number).text));
    t->event = (struct event){0}; /* the screen below is not meant */
    PROCEDURE_END(t, p);
}

void remote_speech(const struct terminal *t, int64_t number, struct speech *out)
{
    bool zh = t->records.language == LANGUAGE_ZH;
    *out = (struct speech){.number = number, .language = t->records.language, .count = RINGS};
    for (size_t i = 0; i < RINGS; i++)
        out->clip[i] = (uint8_t)(zh ? SPEAKER_ZH_HERE : SPEAKER_EN_HERE);
    text_fill(TEXT_FIND_RING_SAID, out->language, NULL, out->text, sizeof out->text);
}

static void show_ring(struct terminal *t)
{
    screen_begin(t, "find.ring", TEXT_FIND_RING_TITLE);
    SAY(t, SCREEN_BIG, TEXT_FIND_RING);
    SAY(t, SCREEN_HINT, TEXT_FIND_RING_HINT, t->config.support);
    t->screen.speech_number = t->speech.number;
    memcpy(t->screen.speech, t->speech.text, sizeof t->screen.speech);
    screen_choice(t, "read", TEXT_ENTRY_RING_STOP, SCREEN_PRIMARY, NULL, true);
    screen_keys(t, 0);
    screen_idle(t, 0);
    screen_until(t, t->remote.ring_until_us);
    screen_show(t);
}

/* Once: a restart in the middle rings again, and then it is done. */
err remote_ring(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->remote.ring_until_us = now_us(t) + (int64_t)TERMINAL_RING_S * 1000000;
    remote_speech(t, TERMINAL_RING_SPEECH + t->remote.shown.number, &t->speech);
    if (t->ports.speak != NULL) t->ports.speak(t->ports.context, &t->speech);
    TRY(remote_finish(t, &t->remote.shown));
    do {
        show_ring(t);
        PROCEDURE_AWAIT(t, p);
    } while (!choice_is(t, "read") && t->event.kind != EVENT_TIME);
    t->event = (struct event){0};
    PROCEDURE_END(t, p);
}

static void show_locked(struct terminal *t)
{
    screen_begin(t, "find.locked", TEXT_FIND_LOCK_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_ERROR, TEXT_FIND_LOCKED);
    if (strcmp(t->remote.lock.text, DEVICE_WIPE_SETTLES) == 0 && t->remote.lock.kind == DEVICE_WIPE)
        SAY(t, SCREEN_BIG, TEXT_FIND_ENDING);
    else if (t->remote.lock.text[0] != '\0')
        SAY(t, SCREEN_BIG, TEXT_FIND_TEXT, t->remote.lock.text);
    SAY(t, SCREEN_HINT, TEXT_FIND_LOCK_ADVICE, t->config.support);
    screen_choice(t, "desk", TEXT_ENTRY_FIND_DESK, SCREEN_PLAIN, "support", true);
    screen_keys(t, 0);
    screen_idle(t, 0);
    screen_show(t);
}

/* The supervisor, by the desk: its ticket when one is open, or a new one. */
static err ask_desk(struct terminal *t)
{
    struct notes_recovery open;
    t->setting = (struct setting){.operator_id = "00"};
    err e = notes_recovery_of(t->config.store, "00", now_ms(t), &open);
    bool ticket = !FAILED(e) && open.way == VAULT_BY_SERVICE && open.ticket[0] != '\0';
    if (FAILED(e) && e.code != ERR_NOT_FOUND) return e;
    t->chosen = ticket ? TICKET_AGAIN : VAULT_BY_SERVICE;
    return OK;
}

static err open_by_desk(struct terminal *t)
{
    TRY(command_lock_open(t->config.store, t->remote.lock.number));
    TRY(audit(t, "remote_lock_opened", "00", number_text(t->remote.lock.number).text));
    t->remote.locked = t->remote.lost = false;
    return manage_event(t, "remote_lock_opened", "00", number_text(t->remote.lock.number).text);
}

err remote_locked(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->home = true;
    for (;;) {
        if (settle_due(t)) PROCEDURE_CALL(t, p, settle_by_itself);
        show_locked(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (!choice_is(t, "desk")) continue;
        if (!network_trusted(t)) {
            NOTICE(t, SCREEN_ERROR, TEXT_FORGOT_NETWORK);
            continue;
        }
        TRY(ask_desk(t));
        PROCEDURE_CALL(t, p, recovery);
        if (t->outcome == OUTCOME_DONE) break;
    }
    TRY(open_by_desk(t));
    PROCEDURE_END(t, p);
}
