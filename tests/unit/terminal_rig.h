/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A terminal on the bench: the real core over a memory store, with a scripted vault, a scripted
 * host and a clock that only moves when told. The vault's panel channel is open text here: a sealed
 * key is the key itself.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/iso8583/frame.h"
#include "lib/wire/vault_protocol_activation.h"
#include "lib/wire/vault_protocol_chip.h"
#include "payment/kind.h"
#include "payment/message.h"
#include "terminal/core.h"
#include "terminal/terminal.h"

#define RIG_START_MS INT64_C(1903321800000) /* 2030-04-25 04:30 UTC, half past twelve in China */

#define GOOD_CODE(call) assert_int_equal((call).code, ERR_OK)

enum { RIG_ROWS = 512, RIG_FRAMES = 16, RIG_LOCK_S = 300 };

/* What the host does with the next 0200. */
enum rig_mood {
    RIG_ANSWER,  /* with rig.code */
    RIG_SILENT,  /* charges, says nothing */
    RIG_DEAF,    /* never gets it */
    RIG_BAD_MAC, /* charges, answers with a wrong MAC */
    RIG_NO_MAC,  /* answers without field 64 */
    RIG_WRONG_STAN,
    RIG_WRONG_AMOUNT,
    RIG_WRONG_TID,
    RIG_WRONG_BATCH,
    RIG_GARBAGE,
    RIG_DROP, /* charges, then the connection breaks */
};

/* What the host knows of one payment. */
struct rig_row {
    uint32_t batch, stan;
    int64_t amount;
    bool charged, reversed;
    char approver_id[3]; /* as the 0200 named him */
    int64_t tip;         /* within the amount */
};

struct bench;

#include "tests/unit/terminal_rig_catch_up.h"
#include "tests/unit/terminal_rig_parameters.h"
#include "tests/unit/terminal_rig_settle.h" /* after the moods, which it has too */
/* Codes that the terminal shows: what the host tells of the next one. */
struct rig_shown {
    char text[PAYMENT_SHOWN_MAX + 1]; /* empty: nothing; the payment is answered as any other */
    unsigned seconds;
    bool at_once; /* the answer that ends it follows at once; otherwise it is kept: rig_scanned() */
    bool bad_mac; /* of what tells it */
    bool nonsense; /* a field 62 that cannot be shown */
};

/* Payments that cards approve by themselves: the vault's limits, and what the host does. */
struct rig_offline {
    uint32_t count; /* limits, as STATUS says them; days 0: none */
    int64_t each, total;
    uint8_t days;
    uint8_t host_use;            /* what the last CARD_ARM has said: enum vault_host */
    bool no_hold;                /* the vault seals nothing */
    bool deaf;                   /* the host never gets an advice */
    bool mute;                   /* it takes it and says nothing */
    char code[3];                /* its answer; empty: 00 */
    unsigned holds, seen, heard; /* sealed; advices that came; that were new */
};

/* What a card has left, as the host says it. */
struct rig_balance {
    int64_t minor;
    bool silent, untold, nonsense, bad_mac;
    unsigned seen;
};

struct rig {
    char name[32]; /* of the memory store: each rig has its own, also after a test that failed */
    struct store_anchor *anchor;
    struct store *store;
    struct terminal *terminal;
    int64_t now_us;
    int64_t jumped_ms; /* how far the clock on the wall is off; the monotonic one never jumps */
    store_fault_function fault; /* of the store, taken away while the rig itself looks into it */
    void *fault_context;

    /* a vault that is not scripted, and the page's side of its channel (terminal_rig_real.h) */
    err (*vault_port)(void *context, struct bytes request, struct writer *response);
    err (*enter)(struct rig *rig, const char *secret);
    err (*panel)(struct rig *rig);
    struct bench *bench;
    struct backup_ports backup, spool; /* none unless a test says so */
    /* vault */
    char password[100][16]; /* empty: no such operator */
    bool one_time[100];
    int wrong_tries;
    char entered[3][16]; /* pin or password, new, repeat */
    uint8_t purpose;
    size_t entries_open;
    bool working_keys, provisioned, self_test, unreachable, bad_keys, panel_open;
    uint8_t tampered; /* enum vault_tamper: nothing but STATUS is answered */
    unsigned watch_ms, asked_status, activations; /* activations: documents it was given */
    struct vault_card_code coded;                 /* what the vault makes of a code of a card */
    struct vault_card card, typed; /* typed: what the vault makes of a number that was entered */
    const char *card_pan;
    bool card_waiting;
    int arms, forgets, envelopes;
    const struct vault_chip
        *chip;               /* what the vault says of its card; each answer leads to the next */
    char chip_said[32];      /* kinds of the answers so far, as digits */
    char chip_code[3];       /* response code of the last */
    bool macs_fail;          /* of the host, every one */
    bool refuse_mac, duress; /* duress: of the next log-in */
    uint8_t keypad;          /* enum vault_keypad, of the last entry */
    enum vault_status refuse_entry; /* of every PIN; OK: none */
    uint8_t ways, review;           /* of the policy; of the next log-in */
    unsigned lock_s;
    int review_days, certificate_days, recoveries, kept;
    struct rig_certificate certificate;
    int64_t last_login_ms;
    /* host */
    bool reachable, connecting, online, silent_sign_in, silent_echo, refuse_reversal;
    enum rig_mood mood;
    char code[3], sign_in_code[3], reversal_code[3];
    char notice[PAYMENT_NOTICE_MAX + 1]; /* which limit of the host it was */
    uint32_t host_batch;
    struct rig_row row[RIG_ROWS];
    size_t rows;
    uint8_t outbox[RIG_FRAMES][ISO8583_FRAME_MAX + 16];
    size_t outbox_len[RIG_FRAMES], outbox_count;
    uint8_t late[ISO8583_FRAME_MAX + 16]; /* the answer that a silent host kept back */
    size_t late_len;
    unsigned frames_seen; /* whatever they are */
    int sales_seen, reversals_seen, echoes_seen;
    char last_reason[3];
    struct payment_original last_original; /* as the last request named it */
    enum payment_type last_type;
    char auth_code[7]; /* that an approval has; empty: A1B2C3 */
    enum payment_entry last_entry;
    struct payment_plan last_plan;
    bool was_persisted; /* every 0200 that came was in the store as PENDING already */
    struct rig_parameters parameters;
    struct rig_settling settling;
    struct rig_offline offline;
    struct rig_balance balance;
    struct rig_shown shown;
    struct rig_catch_up catch_up;
    /* the back office: only when the test says so */
    bool with_manage, manage_reachable, manage_online, manage_connecting;
    bool with_bare;          /* it can come without a certificate, too */
    unsigned bare, connects; /* how often it did so, and how often in all */
    char manage_said[8300];  /* the last frame from the terminal */
    int manage_frames, states, restarts, command_last, parameters_last;
    char state_said[1024]; /* of its state; answered at once */
    bool state_waits, wipe_wanted;
    bool printer_tells; /* of each slip how it ended, as the test says */
    /* what came out */
    int shows, spoken, printed, orders_printed; /* slips; those of orders among them */
    char spoken_text[SCREEN_SPEECH], printed_all[8192];
    int64_t spoken_numbers[RIG_ROWS];
    bool printed_reprint;
    char transcript[4096]; /* ids of the screens, each once in a row */
};

static inline void rig_set_fault(struct rig *rig, store_fault_function fault, void *context)
{
    rig->fault = fault;
    rig->fault_context = context;
    store_set_fault(rig->store, fault, context);
}

/* ---- clock ---- */

static int64_t rig_now_ms(void *context)
{
    const struct rig *rig = context;
    return RIG_START_MS + rig->now_us / 1000 + rig->jumped_ms;
}

static int64_t rig_now_us(void *context)
{
    const struct rig *rig = context;
    return rig->now_us + 1000000;
}

#include "tests/unit/terminal_rig_vault.h" /* after struct rig, which both are written for */

#include "tests/unit/terminal_rig_host.h"
/* ---- what comes out ---- */

static void rig_show(void *context, const struct screen *screen)
{
    struct rig *rig = context;
    static uint8_t json[SCREEN_JSON_MAX];
    struct writer w = writer_over(json, sizeof json);
    rig->shows++;
    assert_false(FAILED(screen_write_json(screen, &w))); /* every screen fits */
    size_t used = strlen(rig->transcript), len = strlen(screen->id);
    bool same = used >= len + 1 && memcmp(rig->transcript + used - len - 1, screen->id, len) == 0;
    if (same || used + len + 2 > sizeof rig->transcript) return;
    memcpy(rig->transcript + used, screen->id, len);
    memcpy(rig->transcript + used + len, " ", 2);
}

static void rig_speak(void *context, const struct speech *speech)
{
    struct rig *rig = context;
    for (int i = 0; i < rig->spoken; i++) assert_true(rig->spoken_numbers[i] != speech->number);
    assert_true(rig->spoken < RIG_ROWS);
    rig->spoken_numbers[rig->spoken++] = speech->number;
    memcpy(rig->spoken_text, speech->text, sizeof rig->spoken_text);
}

static void rig_receipt(void *context, const struct terminal_receipt *receipt)
{
    struct rig *rig = context;
    struct writer w = writer_over(rig->printed_all, sizeof rig->printed_all - 1);
    rig->printed++;
    rig->orders_printed += receipt->number < 0;
    rig->printed_reprint = receipt->reprint;
    for (size_t i = 0; i < receipt->receipt->count; i++)
        write_format(&w, "%s\n", receipt->receipt->line[i].text);
    rig->printed_all[w.len] = '\0';
}

/* ---- the back office ---- */

static void rig_manage_connect(void *context)
{
    ((struct rig *)context)->manage_connecting = true;
    ((struct rig *)context)->connects++;
}

static void rig_manage_connect_bare(void *context)
{
    ((struct rig *)context)->bare++;
    rig_manage_connect(context);
}

static void rig_manage_close(void *context)
{
    struct rig *rig = context;
    rig->manage_online = rig->manage_connecting = rig->state_waits = false;
}

static void rig_manage_send(void *context, struct bytes frame)
{
    struct rig *rig = context;
    assert_true(rig->manage_online);
    if (memmem(frame.at, frame.len, "\"ask\":\"state\"", 13) != NULL) {
        GOOD_CODE(bytes_to_text(frame, rig->state_said, sizeof rig->state_said));
        rig->states++;
        rig->state_waits = true;
        return;
    }
    GOOD_CODE(bytes_to_text(frame, rig->manage_said, sizeof rig->manage_said));
    rig->manage_frames++;
}

/* The back office says this. */
static inline err rig_manage(struct rig *rig, const char *json)
{
    return terminal_on_manage(rig->terminal, bytes_text(json));
}

static inline err rig_answer_state(struct rig *rig)
{
    char json[64];
    rig->state_waits = false;
    snprintf(json, sizeof json, "{\"id\":%ld,\"status\":\"ok\"}",
             strtol(strstr(rig->state_said, "\"id\":") + 5, NULL, 10));
    return rig_manage(rig, json);
}

/* The number of the question that was asked last. */
static inline long rig_manage_id(const struct rig *rig)
{
    const char *at = strstr(rig->manage_said, "\"id\":");
    assert_non_null(at);
    return strtol(at + 5, NULL, 10);
}

/* Answers it: members after the status, or "". */
static inline err rig_manage_answer(struct rig *rig, const char *status, const char *members)
{
    char json[1024];
    snprintf(json, sizeof json, "{\"id\":%ld,\"status\":\"%s\"%s%s}", rig_manage_id(rig), status,
             members[0] == '\0' ? "" : ",", members);
    return rig_manage(rig, json);
}

/* ---- driving ---- */

static inline err rig_open(struct rig *rig)
{
    struct store_options memory = {.mode = STORE_MEMORY};
    struct terminal_config config = {.clock = {rig_now_ms, rig_now_us, rig},
                                     .profile = PAYMENT_PROFILE_TONGBAO,
                                     .version = "0.1.0",
                                     .watch_ms = rig->watch_ms,
                                     .printer_tells = rig->printer_tells};
    struct terminal_ports ports = {
        rig,      rig_vault, rig_host_connect, rig_host_close,         rig_host_send,
        rig_show, rig_speak, rig_receipt,      .restart = rig_restarts};
    if (rig->with_manage) {
        ports.manage_connect = rig_manage_connect;
        ports.manage_close = rig_manage_close;
        ports.manage_send = rig_manage_send;
        if (rig->with_bare) ports.manage_connect_bare = rig_manage_connect_bare;
        ports.certificate_renewed = rig_certificate_renewed;
    }
    if (rig->vault_port != NULL) ports.vault = rig->vault_port;
    ports.backup = rig->backup;
    ports.spool = rig->spool;
    assert_false(FAILED(store_open(rig->name, &memory, NULL, &rig->store)));
    config.store = rig->store;
    return terminal_open(&config, &ports, &rig->terminal);
}

/* Answers and connections that are waiting come in. */
/* From now on the printer says of each slip how it ended, when the test says so. */
static inline void rig_printer_tells(struct rig *rig)
{
    rig->printer_tells = rig->terminal->config.printer_tells = true;
}

static inline err rig_pump(struct rig *rig)
{
    for (int i = 0; i < 50; i++) {
        if (rig->state_waits) TRY(rig_answer_state(rig));
        if (rig->connecting) {
            rig->connecting = false;
            rig->online = rig->reachable;
            TRY(terminal_on_host_state(rig->terminal, rig->online, rig->online ? NULL : "refused"));
        } else if (rig->outbox_count > 0) {
            uint8_t frame[ISO8583_FRAME_MAX + 16];
            size_t len = rig->outbox_len[0];
            memcpy(frame, rig->outbox[0], len);
            rig->outbox_count--;
            memmove(rig->outbox[0], rig->outbox[1], sizeof rig->outbox - sizeof rig->outbox[0]);
            memmove(rig->outbox_len, rig->outbox_len + 1, sizeof rig->outbox_len - sizeof(size_t));
            TRY(terminal_on_host(rig->terminal, bytes_of(frame, len)));
        } else if (rig->manage_connecting) {
            rig->manage_connecting = false;
            rig->manage_online = rig->manage_reachable;
            TRY(terminal_on_manage_state(rig->terminal, rig->manage_online,
                                         rig->manage_online ? NULL : "refused"));
        } else if (!rig->manage_online && rig->terminal->manage.state == SCREEN_ONLINE) {
            TRY(terminal_on_manage_state(rig->terminal, false, "dropped"));
        } else if (!rig->online && rig->terminal->host.state == SCREEN_ONLINE) {
            TRY(terminal_on_host_state(rig->terminal, false, "dropped"));
        } else {
            return OK;
        }
    }
    return OK;
}

/* Lets time pass, stopping wherever the terminal wants to be woken. */
static inline err rig_advance(struct rig *rig, int64_t ms)
{
    int64_t end_us = rig->now_us + ms * 1000;
    if (rig->state_waits) TRY(rig_answer_state(rig));
    for (int i = 0; i < 100000; i++) {
        int64_t next_ms = terminal_next_ms(rig->terminal);
        int64_t next_us = next_ms < 0 ? end_us : rig->now_us + next_ms * 1000;
        if (next_us > end_us) break;
        if (next_us > rig->now_us) rig->now_us = next_us;
        TRY(terminal_tick(rig->terminal));
        TRY(rig_pump(rig));
        if (next_ms < 0) break;
    }
    rig->now_us = end_us;
    TRY(terminal_tick(rig->terminal));
    return rig_pump(rig);
}

static inline err rig_key(struct rig *rig, const char *name)
{
    struct terminal_key key = {.serial = 0};
    assert_false(FAILED(bytes_to_text(bytes_text(name), key.name, sizeof key.name)));
    TRY(terminal_on_key(rig->terminal, &key));
    return rig_pump(rig);
}

/* Keys separated by spaces. */
static inline err rig_keys(struct rig *rig, const char *names)
{
    while (*names != '\0') {
        char one[32] = "";
        size_t len = strcspn(names, " ");
        memcpy(one, names, len);
        TRY(rig_key(rig, one));
        names += len + (names[len] == ' ');
    }
    return OK;
}

/* Digits on the secure keypad, then ok. */
static inline err rig_enter(struct rig *rig, const char *digits)
{
    bool reopen;
    if (rig->enter != NULL) {
        TRY(rig->enter(rig, digits));
        return rig_pump(rig);
    }
    for (; *digits != '\0'; digits++) {
        uint8_t key = (uint8_t)(*digits - '0');
        TRY(terminal_on_entry(rig->terminal, 0, bytes_of(&key, 1), &reopen));
        assert_false(reopen);
    }
    TRY(terminal_on_entry(rig->terminal, 0, BYTES("O"), &reopen));
    return rig_pump(rig);
}

static inline err rig_panel_open(struct rig *rig)
{
    if (rig->panel != NULL) return rig->panel(rig);
    uint8_t key[65] = {4}, block[80];
    struct writer answer = writer_over(block, sizeof block);
    TRY(terminal_on_panel(rig->terminal, BYTES_OF(key), &answer));
    assert_int_equal(answer.len, 65);
    return OK;
}

static inline void rig_card(struct rig *rig, uint8_t state, bool pin)
{
    rig->card = (struct vault_card){.state = state, .entry = 2, .pin_required = pin};
    rig->card_pan = "622209******6620";
    rig->card_waiting = true;
}

static inline const char *rig_id(const struct rig *rig)
{
    return terminal_screen(rig->terminal)->id;
}

#define AT(rig, wanted) assert_string_equal(rig_id(rig), wanted)
#define GOOD(call)      GOOD_CODE(call)

/* The text of the first line with this id, or NULL. */
static inline const char *rig_line(const struct rig *rig, const char *id)
{
    const struct screen *s = terminal_screen(rig->terminal);
    for (size_t i = 0; i < s->line_count; i++)
        if (strcmp(s->line[i].id, id) == 0) return s->line[i].text;
    return NULL;
}

static inline bool rig_has_choice(const struct rig *rig, const char *key, bool enabled)
{
    const struct screen *s = terminal_screen(rig->terminal);
    for (size_t i = 0; i < s->choice_count; i++)
        if (strcmp(s->choice[i].key, key) == 0) return s->choice[i].enabled == enabled;
    return false;
}

static inline err rig_boot(struct rig *rig)
{
    TRY(rig_open(rig));
    TRY(terminal_boot(rig->terminal));
    TRY(rig_pump(rig));
    return rig_panel_open(rig);
}

static inline struct rig *rig_new(void)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    static int made;
    struct writer name = writer_over(rig->name, sizeof rig->name - 1);
    write_format(&name, "terminal_rig_%d", ++made);
    assert_false(FAILED(store_anchor_open(rig->name, &rig->anchor)));
    rig->provisioned = rig->self_test = rig->reachable = rig->was_persisted = true;
    memcpy(rig->code, "00", 3);
    memcpy(rig->sign_in_code, "00", 3);
    memcpy(rig->password[0], "246813", 7);
    memcpy(rig->password[1], "8264", 5);
    memcpy(rig->password[2], "9375", 5);
    rig->host_batch = 11;
    rig->ways = 1;
    rig->lock_s = RIG_LOCK_S;
    rig->certificate_days = 365;
    return rig;
}

static inline void rig_off(struct rig *rig)
{
    terminal_close(rig->terminal);
    store_close(rig->store);
    rig->terminal = NULL;
    rig->store = NULL;
    rig->online = rig->connecting = false;
    rig->outbox_count = 0;
}

static inline void rig_free(struct rig *rig)
{
    rig_off(rig);
    store_anchor_close(rig->anchor);
    free(rig);
}

static inline err rig_login_as(struct rig *rig, const char *keys, const char *password)
{
    TRY(rig_keys(rig, keys));
    return rig_enter(rig, password);
}

/* Power off, power on, log in again. */
static inline err rig_restart(struct rig *rig)
{
    rig_off(rig);
    TRY(rig_boot(rig));
    TRY(rig_advance(rig, 8000));
    return rig_login_as(rig, "digit:0 digit:1 ok", "8264");
}

/* Booted, operator 01 in, signed in, on the main screen. */
static inline struct rig *rig_make_ready(struct rig *rig)
{
    GOOD(rig_boot(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    AT(rig, "main.menu");
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "sign_in.done");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    return rig;
}

static inline struct rig *rig_ready(void)
{
    return rig_make_ready(rig_new());
}

/* A sale of 128.00 by card without PIN up to the answer. */
static inline err rig_sale(struct rig *rig)
{
    TRY(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    rig_card(rig, VAULT_CARD_READ, false);
    return rig_advance(rig, 300);
}

/* Both sides agree: what the host keeps charged the terminal has approved, and nothing else. */
static inline err rig_check_row(void *context, int64_t number, const struct payment *p)
{
    struct rig *rig = context;
    struct rig_row *row = rig_row_of(rig, p->key.batch, p->key.stan);
    bool charged = row != NULL && row->charged && !row->reversed;
    (void)number;
    assert_true(p->state == PAYMENT_APPROVED || p->state == PAYMENT_DECLINED ||
                p->state == PAYMENT_REVERSED || p->state == PAYMENT_DISPUTED);
    if (p->means == PAYMENT_CASH) { /* no host knows of it */
        assert_true(p->state == PAYMENT_APPROVED && row == NULL);
        return OK;
    }
    assert_int_equal(charged, p->state == PAYMENT_APPROVED);
    if (row != NULL) assert_int_equal(row->amount, p->amount_minor);
    return OK;
}

static inline int64_t rig_count_rows(struct rig *rig)
{
    int64_t count;
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM payment", &count));
    return count;
}

static inline void rig_check_books(struct rig *rig)
{
    assert_int_equal(rig->terminal->records.unsent, 0);
    assert_true(rig->was_persisted);
    GOOD(terminal_each_payment(rig->terminal, rig_check_row, rig));
    assert_true((int64_t)rig->rows <= rig_count_rows(rig)); /* it knows none that we do not */
}
