/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors of the terminal: what comes in becomes an event for the procedures, what the clock
 * brings is looked for in terminal_tick(), and a store that fails ends in a screen of its own.
 */
#include "terminal/terminal.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/qr/payment_code.h"
#include "terminal/device/strokes.h"
#include "terminal/manual.h"
#include "terminal/owed.h"

static err open_records(struct terminal *t)
{
    TRY(records_open(&t->records, t->config.store));
    TRY(afar_open(t));
    TRY(parameters_load(&t->records, &t->limits));
    TRY(timeouts_load(&t->records, &t->timeouts));
    TRY(counter_load(&t->records, &t->counter));
    TRY(catch_up_load(&t->records, &t->catch_up));
    TRY(queue_recover(t));
    TRY(settle_load(t));
    TRY(orders_open(&t->records, &t->order));
    TRY(manual_load(&t->records, &t->manual_most));
    TRY(backup_load(t));
    return remote_open(t);
}

err terminal_open(const struct terminal_config *config, const struct terminal_ports *ports,
                  struct terminal **ret_terminal)
{
    ENSURE(config->store != NULL && config->version != NULL);
    ENSURE(ports->vault != NULL && ports->host_send != NULL && ports->show != NULL);
    struct terminal *t = calloc(1, sizeof *t);
    if (t == NULL) return ERR(NO_MEMORY);
    t->config = *config;
    t->ports = *ports;
    if (t->config.answer_ms == 0) t->config.answer_ms = TERMINAL_ANSWER_MS;
    if (t->config.connect_ms == 0) t->config.connect_ms = TERMINAL_CONNECT_MS;
    if (t->config.keep_alive_ms == 0) t->config.keep_alive_ms = TERMINAL_KEEP_ALIVE_MS;
    if (t->config.batch_max == 0) t->config.batch_max = TERMINAL_BATCH_MAX;
    if (t->config.support == NULL) t->config.support = TERMINAL_SUPPORT;
    t->devices = (struct terminal_devices){.battery = 100};
    paths_begin(&t->paths, config->paths == 0 ? 1 : config->paths);
    err e = open_records(t);
    if (FAILED(e)) {
        terminal_close(t);
        return e;
    }
    *ret_terminal = t;
    return OK;
}

void terminal_close(struct terminal *terminal)
{
    if (terminal == NULL) return;
    backup_close(terminal);
    explicit_bzero(terminal, sizeof *terminal); /* a payment code may still be in it */
    free(terminal);
}

/* ---- the store has failed ---- */

static void show_fault(struct terminal *t)
{
    screen_begin(t, "fault.storage", TEXT_STORAGE_TITLE);
    SAY(t, SCREEN_ERROR, TEXT_STORAGE_FAULT);
    SAY(t, SCREEN_NORMAL, TEXT_STORAGE_ADVICE);
    SAY(t, SCREEN_HINT, TEXT_BOOT_FAULT_CODE, "E101");
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, 0);
    screen_show(t);
}

/*
 * What the procedures return is the store's word. CRASHED goes out: this side is dead. After
 * anything else nobody knows what has reached the disk: stop, say so, and begin anew when told to.
 */
static err settle(struct terminal *t, err e)
{
    t->by_person = false;
    if (!FAILED(e) && t->refresh) {
        t->refresh = false;
        e = terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
    }
    if (!FAILED(e) || e.code == ERR_CRASHED) return e;
    log_event(t->config.log, LOG_ERROR, "store_failed", LOG_ERR(e),
              LOG_TEXT("cause", store_error_text(t->config.store)));
    t->broken = true;
    t->depth = 0;
    host_forget(t);
    show_fault(t);
    return OK;
}

static err start_again(struct terminal *t)
{
    err e = store_reopen(t->config.store);
    if (!FAILED(e)) e = open_records(t);
    if (FAILED(e)) {
        show_fault(t);
        return e.code == ERR_CRASHED ? e : OK;
    }
    t->broken = false;
    operator_forget(t);
    return terminal_boot(t);
}

err restore_begin_anew(struct terminal *t)
{
    TRY(open_records(t));
    (void)secure_status(t);
    secure_forget(t);
    operator_forget(t);
    procedure_restart(t);
    return OK;
}

err terminal_event(struct terminal *t, struct event event, bool by_person)
{
    if (t->depth == 0) return OK; /* not booted, or stopped */
    t->event = event;
    t->by_person = by_person;
    if (by_person) t->touched_us = now_us(t);
    return procedure_run(t);
}

/* ---- the first procedure ---- */

err session(struct terminal *t, struct procedure *p)
{
    bool first = false;

    PROCEDURE_BEGIN(p);
    p->home = true;
    PROCEDURE_CALL(t, p, boot);
    TRY(owed_print(t)); /* of before the start */
    for (;;) {
        TRY(first_steps_wait(t, &first));
        if (t->remote.locked) PROCEDURE_CALL(t, p, remote_locked);
        else if (t->records.locked_by[0] != '\0') PROCEDURE_CALL(t, p, locked);
        else if (first) PROCEDURE_CALL(t, p, first_steps);
        else if (t->operator_id[0] == '\0') PROCEDURE_CALL(t, p, login);
        else PROCEDURE_CALL(t, p, main_menu);
    }
    PROCEDURE_END(t, p);
}

err terminal_boot(struct terminal *terminal)
{
    ENSURE(terminal->depth == 0);
    procedure_push(terminal, session);
    return settle(terminal, procedure_run(terminal));
}

/* ---- keys ---- */

/* The choice that a key means: by its name, or by its place (1 to 9, and 0 for the tenth). */
static const struct screen_choice *choice_of(const struct screen *s, const char *key)
{
    if (strncmp(key, "choice:", 7) == 0) {
        for (size_t i = 0; i < s->choice_count; i++)
            if (strcmp(s->choice[i].key, key + 7) == 0) return &s->choice[i];
        return NULL;
    }
    if (strncmp(key, "digit:", 6) != 0 || key[7] != '\0') return NULL;
    int place = key[6] == '0' ? 10 : key[6] - '0';
    for (size_t i = 0; i < s->choice_count; i++) {
        enum screen_choice_style style = s->choice[i].style;
        if ((style == SCREEN_TILE || style == SCREEN_LIST) && --place == 0) return &s->choice[i];
    }
    return NULL;
}

/* Turns a key into the event it is on this screen; false when the screen does not take it. */
static bool take_key(const struct screen *s, const char *name, struct event *out)
{
    bool typing = s->field.kind != SCREEN_FIELD_NONE;
    *out = (struct event){.kind = EVENT_KEY};
    if (strcmp(name, "ok") == 0 || strcmp(name, "cancel") == 0) {
        unsigned key = name[0] == 'o' ? SCREEN_KEY_OK : SCREEN_KEY_CANCEL;
        if (!(s->keys & key)) return false;
    } else if (!typing || strncmp(name, "choice:", 7) == 0) {
        const struct screen_choice *choice = choice_of(s, name);
        if (choice == NULL || !choice->enabled) return false;
        struct writer w = writer_over(out->key, sizeof out->key - 1);
        write_format(&w, "choice:%s", choice->key);
        return w.fault == ERR_OK;
    }
    return !FAILED(bytes_to_text(bytes_text(name), out->key, sizeof out->key));
}

static err toggle_language(struct terminal *t)
{
    struct records next = t->records;
    next.language = next.language == LANGUAGE_ZH ? LANGUAGE_EN : LANGUAGE_ZH;
    TRY(records_save(&t->records, &next, "", NULL, "", ""));
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, true);
}

/* Help lies over the screen: no procedure hears of it, so none loses what it waits for (S182). */
static err toggle_help(struct terminal *t)
{
    t->help = !t->help;
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, true);
}

err terminal_on_key(struct terminal *terminal, const struct terminal_key *key)
{
    struct event event;
    ENSURE(memchr(key->name, '\0', sizeof key->name) != NULL);
    if (key->serial != 0 && key->serial != terminal->serial) return OK;
    if (terminal->broken) return strcmp(key->name, "ok") == 0 ? start_again(terminal) : OK;
    if (strcmp(key->name, "language") == 0) return settle(terminal, toggle_language(terminal));
    if (strcmp(key->name, "help") == 0) return settle(terminal, toggle_help(terminal));
    if (!take_key(&terminal->screen, key->name, &event)) return OK;
    return settle(terminal, terminal_event(terminal, event, true));
}

err terminal_on_entry(struct terminal *terminal, uint32_t serial, struct bytes sealed,
                      bool *ret_reopen)
{
    struct vault_entry_answer answer = {0};
    *ret_reopen = false;
    if (serial != 0 && serial != terminal->serial) return OK;
    if (terminal->broken || terminal->screen.entry.purpose == 0) return OK;
    enum vault_status status = secure_entry_key(terminal, sealed, &answer);
    if (status != VAULT_OK) {
        *ret_reopen = true; /* whatever it is, a new channel brings a new entry */
        return OK;
    }
    entry_answer(terminal, &answer);
    struct event event = {.kind = EVENT_ENTRY, .entry_state = answer.state};
    return settle(terminal, terminal_event(terminal, event, true));
}

err terminal_on_panel(struct terminal *terminal, struct bytes public_key, struct writer *answer)
{
    enum vault_status status = secure_panel(terminal, public_key, answer);
    if (status != VAULT_OK) return status == VAULT_BAD_REQUEST ? ERR(FORMAT) : ERR(IO);
    if (terminal->broken || terminal->screen.entry.purpose == 0) return OK;
    entry_again(terminal);
    return settle(terminal, terminal_event(terminal, (struct event){.kind = EVENT_NONE}, false));
}

/* A card's code goes to the vault as it is; what comes of it is a card like any other. */
static err on_card_code(struct terminal *t, struct bytes text)
{
    enum vault_status status = secure_card_code(t, text);
    if (status == VAULT_OK) return terminal_event(t, (struct event){.kind = EVENT_CARD}, true);
    NOTICE(t, SCREEN_WARNING, TEXT_SALE_READER_FAULT, vault_status_text(status));
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

err terminal_on_code(struct terminal *terminal, struct bytes digits)
{
    struct work *work = &terminal->work;
    if (terminal->broken || !terminal->screen.scan) return OK;
    terminal->label = bytes_equal(digits, bytes_text(terminal->facts.serial));
    if (payment_code_of_card(digits)) return settle(terminal, on_card_code(terminal, digits));
    work->code_len = 0; /* stays so when it is no payment code; the procedure says that */
    if (payment_code_wallet(digits) != PAYMENT_CODE_UNKNOWN) {
        ENSURE(digits.len <= sizeof work->code);
        memcpy(work->code, digits.at, digits.len);
        work->code_len = digits.len;
    }
    return settle(terminal, terminal_event(terminal, (struct event){.kind = EVENT_CODE}, true));
}

err terminal_on_text(struct terminal *terminal, uint32_t serial, struct bytes text)
{
    const struct screen *s = &terminal->screen;
    bool wanted = s->field.kind == SCREEN_FIELD_TEXT || s->field.kind == SCREEN_FIELD_LINES;
    if (terminal->broken || !wanted || serial != s->serial) return OK;
    if (FAILED(bytes_to_text(text, terminal->text, sizeof terminal->text))) return OK;
    return settle(terminal, terminal_event(terminal, (struct event){.kind = EVENT_TEXT}, true));
}

err terminal_on_strokes(struct terminal *terminal, uint32_t serial, struct bytes points)
{
    struct work *work = &terminal->work;
    if (terminal->broken || !terminal->screen.sign || serial != terminal->screen.serial) return OK;
    struct writer packed = writer_over(work->strokes, sizeof work->strokes);
    work->strokes_fault = strokes_pack(points, &packed).code;
    work->strokes_len = packed.len;
    return settle(terminal, terminal_event(terminal, (struct event){.kind = EVENT_STROKES}, true));
}

err terminal_on_host_state(struct terminal *terminal, bool connected, const char *reason)
{
    if (connected) terminal->impostor.here[TERMINAL_LINE_HOST] = false;
    return settle(terminal, host_state(terminal, connected, reason));
}

err terminal_on_host(struct terminal *terminal, struct bytes frame)
{
    if (terminal->broken) return OK;
    return settle(terminal, host_frame(terminal, frame));
}

err terminal_on_devices(struct terminal *terminal, const struct terminal_devices *devices)
{
    terminal->devices = *devices;
    if (terminal->broken) return OK;
    return settle(terminal, terminal_event(terminal, (struct event){.kind = EVENT_NONE}, false));
}

err terminal_on_unsure_slip(struct terminal *terminal, int64_t number)
{
    struct payment payment = {0};
    if (terminal->broken) return OK;
    err e = number <= 0 ? OK : records_get(&terminal->records, number, &payment);
    /* What is owed is remembered: none else can be printed again (S84, S98). */
    if (number < 0 || payment.state == PAYMENT_DECLINED) {
        if (!FAILED(e)) e = owed_unsure(terminal, number);
    } else {
        terminal->unsure = (struct unsure_slip){true, payment.key.stan};
    }
    if (!FAILED(e)) e = terminal_event(terminal, (struct event){.kind = EVENT_NONE}, false);
    return settle(terminal, e);
}

err terminal_on_printed_slip(struct terminal *terminal, int64_t number)
{
    if (terminal->broken || number == 0 || number != terminal->records.printing) return OK;
    err e = owed_printed(terminal, number);
    if (!FAILED(e)) e = terminal_event(terminal, (struct event){.kind = EVENT_NONE}, false);
    return settle(terminal, e);
}

err terminal_on_network(struct terminal *terminal, size_t path, const struct network_facts *facts)
{
    struct terminal *t = terminal;
    ENSURE(memchr(facts->name, '\0', sizeof facts->name) != NULL);
    t->manage.place = true;
    if (paths_learn(&t->paths, path, facts, now_us(t))) TRY(host_leave(t));
    if (t->broken) return OK;
    return settle(t, terminal_event(t, (struct event){.kind = EVENT_NONE}, false));
}

err terminal_on_place(struct terminal *terminal, const struct network_place *place)
{
    terminal->place = *place;
    terminal->manage.place = true;
    return OK;
}

static err impostor(struct terminal *t, enum terminal_line line, const char *why)
{
    static const char *const names[TERMINAL_LINES] = {"acquirer", "back office"};
    char detail[NOTES_DETAIL_MAX];
    snprintf(detail, sizeof detail, "%s: %s", names[line], why);
    t->impostor.here[line] = true;
    TRY(audit(t, "impostor", names[line], why));
    TRY(manage_event(t, "impostor", "", detail));
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

err terminal_on_impostor(struct terminal *terminal, enum terminal_line line, const char *why)
{
    ENSURE(line < TERMINAL_LINES);
    if (terminal->broken || terminal->impostor.here[line]) return OK;
    /* Without a key it is we who cannot prove ourselves. */
    if (secure_status(terminal) == VAULT_OK && terminal->facts.tampered != VAULT_TAMPER_NONE)
        return OK;
    return settle(terminal, impostor(terminal, line, why));
}

err terminal_on_manage_state(struct terminal *terminal, bool connected, const char *reason)
{
    if (terminal->broken) return OK;
    if (connected) terminal->impostor.here[TERMINAL_LINE_OFFICE] = false;
    return settle(terminal, manage_state(terminal, connected, reason));
}

err terminal_on_manage(struct terminal *terminal, struct bytes frame)
{
    if (terminal->broken) return OK;
    return settle(terminal, manage_frame(terminal, frame));
}

/* ---- time ---- */

static err idle(struct terminal *t)
{
    ENSURE(t->host.task != HOST_SALE);
    bool outcome;
    t->idle_at_us = 0;
    TRY(timeout_over(t, &outcome));
    secure_forget(t);
    host_forget_balance(&t->host);
    chip_forget(t);
    explicit_bzero(t->work.code, sizeof t->work.code);
    notice_clear(t);
    procedure_unwind(t);
    if (outcome) procedure_push(t, timed_out);
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

/* Asked as soon as the vault says so, so that the payment leaves at once. */
static err poll_chip(struct terminal *t)
{
    uint8_t before = t->work.chip.state, entry = t->work.chip.entry;
    enum vault_status status = secure_chip_poll(t);
    if (status != VAULT_OK) {
        t->work.chip.state = VAULT_CHIP_DONE;
        t->work.chip.result = VAULT_CHIP_FAILED;
        t->work.chip.reason = VAULT_CHIP_REMOVED;
    }
    t->poll_at_us = now_us(t) + (t->work.chip.state == VAULT_CHIP_WORKING ? TERMINAL_CHIP_POLL_MS
                                                                          : TERMINAL_CARD_POLL_MS) *
                                    1000;
    /* Slot or field is known with the first answer: another hint. */
    if (t->work.chip.state == before && t->work.chip.entry == entry) return OK;
    return terminal_event(t, (struct event){.kind = EVENT_CHIP}, true);
}

static bool polls_chip(const struct terminal *t)
{
    return chip_open(t) && t->work.chip.state != VAULT_CHIP_DONE;
}

static err poll_card(struct terminal *t)
{
    struct payment *payment = &t->work.payment;
    t->poll_at_us = now_us(t) + TERMINAL_CARD_POLL_MS * 1000;
    enum vault_status status =
        secure_card_poll(t, &t->work.card, payment->pan_masked, payment->card_sequence);
    if (status != VAULT_OK) {
        t->poll_at_us += 2000000; /* it does not get better by asking faster */
        NOTICE(t, SCREEN_WARNING, TEXT_SALE_READER_FAULT, vault_status_text(status));
        return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
    }
    if (t->work.card.state == VAULT_CARD_NONE) return OK;
    return terminal_event(t, (struct event){.kind = EVENT_CARD}, true);
}

static err tick(struct terminal *t)
{
    TRY(host_tick(t));
    TRY(reverse_drive(t));
    TRY(advice_drive(t));
    TRY(manage_tick(t));
    TRY(tamper_tick(t));
    if (t->depth == 0) return OK;
    int64_t now = now_us(t);
    if (polls_chip(t) && now >= t->poll_at_us) TRY(poll_chip(t));
    else if (t->screen.card && now >= t->poll_at_us) TRY(poll_card(t));
    if (t->time_at_us > 0 && now >= t->time_at_us) {
        t->time_at_us = 0;
        TRY(terminal_event(t, (struct event){.kind = EVENT_TIME}, false));
    }
    if (t->idle_at_us > 0 && now >= t->idle_at_us) TRY(idle(t));
    TRY(lock_when_idle(t));
    TRY(remote_tick(t));
    TRY(afar_tick(t));
    update_tick(t);
    TRY(backup_tick(t));
    if (now_local_ms(t) / 60000 != t->minute)
        TRY(terminal_event(t, (struct event){.kind = EVENT_NONE}, false));
    return OK;
}

err terminal_tick(struct terminal *terminal)
{
    if (terminal->broken) return OK;
    return settle(terminal, tick(terminal));
}

err terminal_on_notice(struct terminal *terminal)
{
    terminal->poll_at_us = 0;
    return terminal_tick(terminal);
}

static int64_t sooner(int64_t a_us, int64_t b_us)
{
    return b_us > 0 && b_us < a_us ? b_us : a_us;
}

int64_t terminal_next_ms(const struct terminal *terminal)
{
    const struct terminal *t = terminal;
    if (t->broken || t->depth == 0) return -1;
    int64_t now = now_us(t);
    int64_t next = now + (60000 - now_local_ms(t) % 60000) * 1000; /* the clock on the screen */
    next = sooner(next, t->idle_at_us);
    next = sooner(next, t->time_at_us);
    if (t->screen.card || polls_chip(t)) next = sooner(next, t->poll_at_us);
    next = sooner(next, host_next_us(t));
    next = sooner(next, reverse_next_us(t));
    next = sooner(next, advice_next_us(t));
    next = sooner(next, manage_next_us(t));
    next = sooner(next, tamper_next_us(t));
    next = sooner(next, lock_at_us(t));
    next = sooner(next, remote_next_us(t));
    next = sooner(next, afar_next_us(t));
    next = sooner(next, update_next_us(t));
    next = sooner(next, backup_next_us(t));
    return next <= now ? 0 : (next - now + 999) / 1000;
}

/* ---- what others ask ---- */

const struct screen *terminal_screen(const struct terminal *terminal)
{
    return &terminal->screen;
}

const char *terminal_serial(const struct terminal *terminal)
{
    return terminal->facts.serial;
}

const struct payment *terminal_payment(const struct terminal *terminal)
{
    return &terminal->work.payment;
}

bool terminal_settled(const struct terminal *terminal)
{
    bool none = terminal->records.batch_since_ms == 0;
    return !settle_open(terminal) && (none || settle_over(terminal));
}

err terminal_receipt_text(struct terminal *terminal, int64_t number, enum receipt_copy copy,
                          struct receipt *out)
{
    struct payment payment;
    TRY(records_get(&terminal->records, number, &payment));
    if (!payment_state_paid(payment.state)) return ERR(NOT_FOUND);
    TRY(queue_receipt(terminal, number, &payment, copy, false));
    *out = terminal->receipt;
    return OK;
}

err terminal_speech(struct terminal *terminal, int64_t number, struct speech *out)
{
    struct payment payment;
    if (number >= TERMINAL_RING_SPEECH) {
        if (terminal->speech.number != number) return ERR(NOT_FOUND);
        *out = terminal->speech;
        return OK;
    }
    TRY(records_get(&terminal->records, number, &payment));
    if (!payment_state_paid(payment.state) || payment.means == PAYMENT_CASH) return ERR(NOT_FOUND);
    queue_speech(terminal, number, &payment, out);
    return OK;
}

bool terminal_authority(struct terminal *terminal, struct writer *pem)
{
    struct bytes own, authority;
    if (secure_certificate(terminal, &own, &authority) != VAULT_OK) return false;
    write_bytes(pem, authority);
    return pem->fault == ERR_OK;
}

err terminal_each_payment(struct terminal *terminal,
                          err (*each)(void *context, int64_t number, const struct payment *payment),
                          void *context)
{
    return records_each(&terminal->records, each, context);
}
