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
#include "lib/wire/vault_protocol.h"
#include "payment/message.h"
#include "terminal/core.h"
#include "terminal/terminal.h"

#define RIG_START_MS INT64_C(1903321800000) /* 2030-04-25 04:30 UTC, half past twelve in China */

enum { RIG_ROWS = 512, RIG_FRAMES = 16 };

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
};

struct rig {
    char name[32]; /* of the memory store: each rig has its own, also after a test that failed */
    struct store_anchor *anchor;
    struct store *store;
    struct terminal *terminal;
    int64_t now_us;
    store_fault_function fault; /* of the store, taken away while the rig itself looks into it */
    void *fault_context;

    /* vault */
    char password[100][16]; /* empty: no such operator */
    bool one_time[100];
    int wrong_tries;
    char entered[3][16]; /* pin or password, new, repeat */
    uint8_t purpose;
    size_t entries_open;
    bool working_keys, provisioned, tampered, self_test, unreachable, bad_keys, panel_open;
    struct vault_card card;
    const char *card_pan;
    bool card_waiting;
    int arms, forgets, envelopes;
    bool refuse_mac;

    /* host */
    bool reachable, connecting, online, silent_sign_in, silent_echo, refuse_reversal;
    enum rig_mood mood;
    char code[3], sign_in_code[3], reversal_code[3];
    uint32_t host_batch;
    struct rig_row row[RIG_ROWS];
    size_t rows;
    uint8_t outbox[RIG_FRAMES][ISO8583_FRAME_MAX + 16];
    size_t outbox_len[RIG_FRAMES], outbox_count;
    uint8_t late[ISO8583_FRAME_MAX + 16]; /* the answer that a silent host kept back */
    size_t late_len;
    int sales_seen, reversals_seen, echoes_seen;
    char last_reason[3];
    bool was_persisted; /* every 0200 that came was in the store as PENDING already */

    /* what came out */
    int shows, spoken, printed;
    char spoken_text[128], printed_all[8192];
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
    return RIG_START_MS + rig->now_us / 1000;
}

static int64_t rig_now_us(void *context)
{
    const struct rig *rig = context;
    return rig->now_us + 1000000;
}

/* ---- the vault ---- */

static void rig_mac(struct bytes data, uint8_t mac[8])
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < data.len; i++) hash = (hash ^ data.at[i]) * UINT64_C(1099511628211);
    for (size_t i = 0; i < 8; i++) mac[i] = (uint8_t)(hash >> (8 * i));
}

static void rig_vault_status(struct rig *rig, struct writer *w)
{
    static const uint8_t kcv[4][4] = {
        {1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}, {13, 14, 15, 16}};
    struct bytes none = {0};
    struct vault_status_answer m = {
        .provisioned = rig->provisioned,
        .working_keys = rig->working_keys,
        .tampered = rig->tampered,
        .self_test = rig->self_test,
        .serial = BYTES("TB1-0000017"),
        .model = BYTES("TB-1"),
        .tid = rig->provisioned ? BYTES("10000017") : none,
        .mid = rig->provisioned ? BYTES("898290058120001") : none,
        .merchant_name = BYTES("虹桥小馆(示例)"),
        .kcv_master = rig->provisioned ? BYTES_OF(kcv[0]) : none,
        .kcv_pin = rig->working_keys ? BYTES_OF(kcv[1]) : none,
        .kcv_mac = rig->working_keys ? BYTES_OF(kcv[2]) : none,
        .kcv_data = rig->working_keys ? BYTES_OF(kcv[3]) : none,
        .first_login_ms = (uint64_t)(RIG_START_MS - 60000),
        .certificate_expiry_ms = (uint64_t)(RIG_START_MS + INT64_C(86400000) * 365),
    };
    vault_write_status_answer(w, &m);
}

static char *rig_entry_text(struct rig *rig)
{
    return rig->entered[rig->purpose == VAULT_ENTRY_NEW      ? 1
                        : rig->purpose == VAULT_ENTRY_REPEAT ? 2
                                                             : 0];
}

static enum vault_status rig_entry_key(struct rig *rig, struct reader *r, struct writer *w)
{
    struct bytes sealed;
    struct vault_entry_answer answer = {0};
    char *text = rig_entry_text(rig);
    if (FAILED(vault_read_bytes(r, &sealed)) || sealed.len != 1) return VAULT_BAD_SEAL;
    if (!rig->panel_open) return VAULT_BAD_SEAL;
    uint8_t key = sealed.at[0];
    size_t len = strlen(text);
    if (key == 'X') answer.state = VAULT_ENTRY_CANCELLED;
    else if (key == 'O') answer.state = len >= 4 ? VAULT_ENTRY_DONE : VAULT_ENTRY_SHORT;
    else if (key < 10 && len < 12) {
        text[len] = (char)('0' + key);
        text[len + 1] = '\0';
    }
    answer.count = (uint8_t)strlen(text);
    vault_write_entry_answer(w, &answer);
    return VAULT_OK;
}

static enum vault_status rig_login(struct rig *rig, struct reader *r, struct writer *w)
{
    uint8_t id;
    if (FAILED(vault_read_byte(r, &id)) || id > 99) return VAULT_BAD_REQUEST;
    struct vault_login_answer answer = {.role = id == 0    ? VAULT_ROLE_SUPERVISOR
                                                : id == 99 ? VAULT_ROLE_ADMINISTRATOR
                                                           : VAULT_ROLE_CASHIER};
    if (rig->password[id][0] == '\0') answer.verdict = VAULT_LOGIN_NO_OPERATOR;
    else if (rig->wrong_tries >= 5) answer.verdict = VAULT_LOGIN_LOCKED;
    else if (strcmp(rig->password[id], rig->entered[0]) != 0) {
        rig->wrong_tries++;
        answer.verdict = VAULT_LOGIN_WRONG;
        answer.tries_left = (uint8_t)(5 - rig->wrong_tries);
    } else answer.verdict = rig->one_time[id] ? VAULT_LOGIN_MUST_CHANGE : VAULT_LOGIN_OK;
    rig->entered[0][0] = '\0';
    vault_write_login_answer(w, &answer);
    return VAULT_OK;
}

static enum vault_status rig_password_set(struct rig *rig, struct reader *r, struct writer *w)
{
    uint8_t id, verdict = VAULT_PASSWORD_OK;
    if (FAILED(vault_read_byte(r, &id)) || id > 99) return VAULT_BAD_REQUEST;
    if (strcmp(rig->entered[1], rig->entered[2]) != 0) verdict = VAULT_PASSWORD_MISMATCH;
    else if (strcmp(rig->entered[1], rig->password[id]) == 0) verdict = VAULT_PASSWORD_SAME;
    else if (strspn(rig->entered[1], "1") == strlen(rig->entered[1]))
        verdict = VAULT_PASSWORD_SIMPLE;
    else {
        memcpy(rig->password[id], rig->entered[1], sizeof rig->password[id]);
        rig->one_time[id] = false;
    }
    vault_write_byte(w, verdict);
    return VAULT_OK;
}

static enum vault_status rig_card_poll(struct rig *rig, struct writer *w)
{
    struct vault_card card = {.state = VAULT_CARD_NONE};
    if (rig->card_waiting) {
        card = rig->card;
        card.pan_masked = bytes_text(rig->card_pan);
        rig->card_waiting = false;
    }
    vault_write_card(w, &card);
    return VAULT_OK;
}

static enum vault_status rig_mac_check(struct rig *rig, struct reader *r)
{
    struct bytes data, mac;
    uint8_t right[8];
    if (FAILED(vault_read_pair(r, &data, &mac))) return VAULT_BAD_REQUEST;
    if (!rig->working_keys) return VAULT_NOT_READY;
    rig_mac(data, right);
    return bytes_equal(mac, BYTES_OF(right)) ? VAULT_OK : VAULT_BAD_MAC;
}

static enum vault_status rig_mac_make(struct rig *rig, struct reader *r, struct writer *w)
{
    struct bytes data;
    uint8_t mac[8];
    if (FAILED(vault_read_bytes(r, &data))) return VAULT_BAD_REQUEST;
    if (!rig->working_keys || rig->refuse_mac) return VAULT_NOT_READY;
    rig_mac(data, mac);
    vault_write_bytes(w, BYTES_OF(mac));
    return VAULT_OK;
}

static enum vault_status rig_entry_begin(struct rig *rig, struct reader *r, struct writer *w)
{
    static const uint8_t layout[36] = {0};
    struct vault_entry_begin begin;
    struct vault_entry_layout answer = {4, 12, BYTES_OF(layout)};
    if (FAILED(vault_read_entry_begin(r, &begin))) return VAULT_BAD_REQUEST;
    if (!rig->panel_open) return VAULT_BAD_SEAL;
    rig->purpose = begin.purpose;
    rig_entry_text(rig)[0] = '\0';
    vault_write_entry_layout(w, &answer);
    return VAULT_OK;
}

static enum vault_status rig_panel(struct rig *rig, struct reader *r, struct writer *w)
{
    static const uint8_t key[65] = {4};
    struct bytes page;
    if (FAILED(vault_read_bytes(r, &page)) || page.len != 65) return VAULT_BAD_REQUEST;
    rig->panel_open = true;
    vault_write_bytes(w, BYTES_OF(key));
    return VAULT_OK;
}

static enum vault_status rig_small(struct rig *rig, uint8_t command, struct writer *w)
{
    static const uint8_t envelope[64] = {0xe1}, pin_block[16] = {0xb1};
    switch (command) {
    case VAULT_KEYS_LOAD:
        rig->working_keys = !rig->bad_keys;
        return rig->bad_keys ? VAULT_BAD_KEYS : VAULT_OK;
    case VAULT_CARD_ARM:
        rig->arms++;
        return VAULT_OK;
    case VAULT_CARD_FORGET:
        rig->forgets++;
        return VAULT_OK;
    case VAULT_CARD_ENVELOPE:
        rig->envelopes++;
        vault_write_bytes(w, BYTES_OF(envelope));
        return VAULT_OK;
    case VAULT_PIN_BLOCK:
        if (strlen(rig->entered[0]) < 4) return VAULT_NO_ENTRY;
        vault_write_bytes(w, BYTES_OF(pin_block));
        return VAULT_OK;
    default:
        return VAULT_BAD_REQUEST;
    }
}

static enum vault_status rig_vault_command(struct rig *rig, uint8_t command, struct reader *r,
                                           struct writer *w)
{
    switch (command) {
    case VAULT_STATUS:
        rig_vault_status(rig, w);
        return VAULT_OK;
    case VAULT_PANEL_OPEN:
        return rig_panel(rig, r, w);
    case VAULT_ENTRY_BEGIN:
        return rig_entry_begin(rig, r, w);
    case VAULT_ENTRY_KEY:
        return rig_entry_key(rig, r, w);
    case VAULT_LOGIN:
        return rig_login(rig, r, w);
    case VAULT_PASSWORD_SET:
        return rig_password_set(rig, r, w);
    case VAULT_CARD_POLL:
        return rig_card_poll(rig, w);
    case VAULT_MAC_MAKE:
        return rig_mac_make(rig, r, w);
    case VAULT_MAC_CHECK:
        return rig_mac_check(rig, r);
    default:
        return rig_small(rig, command, w);
    }
}

static err rig_vault(void *context, struct bytes request, struct writer *response)
{
    struct rig *rig = context;
    uint8_t block[VAULT_FRAME_MAX], command;
    struct reader r = reader_over(request);
    struct writer body = writer_over(block, sizeof block);
    if (rig->unreachable) return ERR(REFUSED);
    assert_false(FAILED(vault_read_header(&r, &command)));
    enum vault_status status = rig_vault_command(rig, command, &r, &body);
    vault_write_answer(response, command, status);
    if (status == VAULT_OK) write_bytes(response, writer_view(&body));
    return OK;
}

/* ---- the host ---- */

static void rig_host_connect(void *context)
{
    ((struct rig *)context)->connecting = true;
}

static void rig_host_close(void *context)
{
    struct rig *rig = context;
    rig->online = rig->connecting = false;
    rig->outbox_count = 0;
}

static struct rig_row *rig_row_of(struct rig *rig, uint32_t batch, uint32_t stan)
{
    for (size_t i = 0; i < rig->rows; i++)
        if (rig->row[i].batch == batch && rig->row[i].stan == stan) return &rig->row[i];
    return NULL;
}

static void rig_post(struct rig *rig, struct iso8583_message *m, bool mac, bool wrong)
{
    uint8_t block[ISO8583_FRAME_MAX + 16];
    struct writer w = writer_over(block, sizeof block);
    struct iso8583_frame_header header = iso8583_frame_header_new(0, 3);
    struct iso8583_fault fault;
    iso8583_frame_write(&header, &w);
    if (!mac && iso8583_has(m, 64)) iso8583_unset(m, 64);
    assert_false(FAILED(iso8583_encode(&iso8583_dialect_tongbao, m, &w, &fault)));
    if (mac && iso8583_has(m, 64)) {
        uint8_t made[8];
        uint8_t *message = block + ISO8583_FRAME_HEADER_SIZE;
        size_t len = w.len - ISO8583_FRAME_HEADER_SIZE;
        rig_mac(iso8583_mac_input(&iso8583_dialect_tongbao, bytes_of(message, len)), made);
        if (wrong) made[0] ^= 1;
        iso8583_seal(&iso8583_dialect_tongbao, message, len, made);
    }
    assert_true(rig->outbox_count < RIG_FRAMES);
    memcpy(rig->outbox[rig->outbox_count], block, w.len);
    rig->outbox_len[rig->outbox_count++] = w.len;
}

static void rig_answer_payment(struct rig *rig, const struct payment *asked, uint16_t mti,
                               const char *code)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct payment p = *asked;
    memcpy(p.response_code, code, 3);
    memcpy(p.rrn, "042512000345", 13);
    memcpy(p.local_time, "123015", 7);
    memcpy(p.local_date, "0425", 5);
    if (strcmp(code, "00") == 0) memcpy(p.auth_code, "A1B2C3", 7);
    memcpy(p.issuer, "示例银行", sizeof "示例银行");
    p.card_class = PAYMENT_CLASS_DEBIT;
    if (mti == 0x0210 && rig->mood == RIG_WRONG_STAN) p.key.stan++;
    if (mti == 0x0210 && rig->mood == RIG_WRONG_AMOUNT) p.amount_minor++;
    if (mti == 0x0210 && rig->mood == RIG_WRONG_BATCH) p.key.batch++;
    if (mti == 0x0210 && rig->mood == RIG_WRONG_TID) memcpy(p.key.tid, "10000018", 9);
    assert_false(FAILED(payment_response_message(PAYMENT_PROFILE_TONGBAO, &p, mti, &arena, &m)));
    bool sale = mti == 0x0210;
    rig_post(rig, &m, !(sale && rig->mood == RIG_NO_MAC), sale && rig->mood == RIG_BAD_MAC);
}

/* Is the payment in the terminal's store as PENDING at the moment its bytes arrive? */
static bool rig_is_pending(struct rig *rig, const struct payment *p)
{
    int64_t number;
    struct payment stored;
    struct records *records = &rig->terminal->records;
    store_set_fault(rig->store, NULL, NULL);
    bool pending = !store_in_tx(rig->store) &&
                   !FAILED(records_by_voucher(records, p->key.stan, &number, &stored)) &&
                   stored.state == PAYMENT_PENDING && stored.amount_minor == p->amount_minor;
    store_set_fault(rig->store, rig->fault, rig->fault_context);
    return pending;
}

static void rig_take_sale(struct rig *rig, const struct payment *p)
{
    rig->sales_seen++;
    rig->was_persisted &= rig_is_pending(rig, p);
    if (rig->mood == RIG_DEAF) return;
    if (rig->mood == RIG_GARBAGE) {
        memcpy(rig->outbox[rig->outbox_count], "garbage", 7);
        rig->outbox_len[rig->outbox_count++] = 7;
        return;
    }
    assert_null(rig_row_of(rig, p->key.batch, p->key.stan)); /* a key is used once */
    assert_true(rig->rows < RIG_ROWS);
    bool approved = strcmp(rig->code, "00") == 0;
    rig->row[rig->rows++] =
        (struct rig_row){p->key.batch, p->key.stan, p->amount_minor, approved, false};
    rig_answer_payment(rig, p, 0x0210, rig->code);
    if (rig->mood == RIG_SILENT || rig->mood == RIG_DROP) {
        size_t at = --rig->outbox_count;
        memcpy(rig->late, rig->outbox[at], rig->outbox_len[at]);
        rig->late_len = rig->outbox_len[at];
    }
    if (rig->mood == RIG_DROP) rig->online = false;
}

static void rig_take_reversal(struct rig *rig, const struct payment *p)
{
    rig->reversals_seen++;
    memcpy(rig->last_reason, p->reversal_reason, 3);
    if (rig->refuse_reversal) {
        if (rig->reversal_code[0] != '\0') rig_answer_payment(rig, p, 0x0410, rig->reversal_code);
        return;
    }
    struct rig_row *row = rig_row_of(rig, p->key.batch, p->key.stan);
    if (row != NULL) row->reversed = true;
    rig_answer_payment(rig, p, 0x0410, row != NULL ? "00" : "25");
}

static void rig_take_sign_in(struct rig *rig, const struct iso8583_message *m)
{
    static const uint8_t delivery[60] = {1};
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message answer;
    struct payment_sign_in in;
    assert_false(FAILED(payment_sign_in_parse(m, &in)));
    bool echo = strcmp(in.code, "301") == 0, out = strcmp(in.code, "002") == 0;
    rig->echoes_seen += echo;
    if (echo ? rig->silent_echo : rig->silent_sign_in) return;
    memcpy(in.response_code, echo ? "00" : rig->sign_in_code, 3);
    memcpy(in.local_time, "123000", 7);
    memcpy(in.local_date, "0425", 5);
    memcpy(in.local_year, "2030", 5);
    if (!echo && !out && strcmp(rig->sign_in_code, "00") == 0) {
        in.batch = ++rig->host_batch;
        in.delivery = BYTES_OF(delivery);
    }
    assert_false(FAILED(payment_sign_in_response(PAYMENT_PROFILE_TONGBAO, &in, &arena, &answer)));
    rig_post(rig, &answer, false, false);
}

static void rig_host_send(void *context, struct bytes frame)
{
    struct rig *rig = context;
    struct iso8583_frame_header header;
    struct bytes message;
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct payment p;
    struct payment_sensitive sensitive;
    uint8_t block[ISO8583_ARENA_MAX];
    struct arena arena = arena_over(block, sizeof block);
    assert_true(rig->online);
    assert_false(FAILED(iso8583_frame_split(frame, &header, &message)));
    assert_false(FAILED(iso8583_decode(&iso8583_dialect_tongbao, message, &arena, &m, &fault)));
    if (m.mti == 0x0800 || m.mti == 0x0820) {
        rig_take_sign_in(rig, &m);
        return;
    }
    uint8_t mac[8];
    assert_true(m.mac_input > 0); /* every financial message has a MAC (S63) */
    rig_mac(bytes_of(message.at, m.mac_input), mac);
    assert_true(bytes_equal(iso8583_get(&m, 64), BYTES_OF(mac)));
    assert_false(FAILED(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &p, &sensitive)));
    if (m.mti == 0x0400) rig_take_reversal(rig, &p);
    else rig_take_sale(rig, &p);
}

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
    rig->printed_reprint = receipt->reprint;
    for (size_t i = 0; i < receipt->receipt->count; i++)
        write_format(&w, "%s\n", receipt->receipt->line[i].text);
    rig->printed_all[w.len] = '\0';
}

/* ---- driving ---- */

static inline err rig_open(struct rig *rig)
{
    struct store_options memory = {.mode = STORE_MEMORY};
    struct terminal_config config = {.clock = {rig_now_ms, rig_now_us, rig},
                                     .profile = PAYMENT_PROFILE_TONGBAO,
                                     .version = "0.1.0"};
    struct terminal_ports ports = {rig,           rig_vault, rig_host_connect, rig_host_close,
                                   rig_host_send, rig_show,  rig_speak,        rig_receipt};
    assert_false(FAILED(store_open(rig->name, &memory, NULL, &rig->store)));
    config.store = rig->store;
    return terminal_open(&config, &ports, &rig->terminal);
}

/* Answers and connections that are waiting come in. */
static inline err rig_pump(struct rig *rig)
{
    for (int i = 0; i < 50; i++) {
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
#define GOOD(call)      assert_int_equal((call).code, ERR_OK)

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
static inline struct rig *rig_ready(void)
{
    struct rig *rig = rig_new();
    GOOD(rig_boot(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    AT(rig, "main.menu");
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "sign_in.done");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    return rig;
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
                p->state == PAYMENT_REVERSED);
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
    assert_true((int64_t)rig->rows <=
                rig_count_rows(rig)); /* the host knows no payment we do not */
}
