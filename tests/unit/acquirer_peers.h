/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The peers of the acquirer as its tests play them, on the rig: terminals that sign in, sell and
 * reverse, networks that are asked and answer, and what is found on disk afterwards.
 */

#include "tests/unit/acquirer_rig.h"

/* ---- the terminal's side ---- */

/* Frames, seals (suite 0: no MAC) and hands over. */
static inline struct bytes rig_frame(struct rig *rig, const struct rig_terminal *t,
                                     const struct iso8583_message *message, bool sealed,
                                     uint8_t *out)
{
    const struct payment_profile_row *row = payment_profile(t->profile);
    struct iso8583_frame_header header = iso8583_frame_header_new(0x0003, 0x0000);
    struct iso8583_fault fault;
    struct writer w = writer_over(out, RIG_FRAME);
    iso8583_frame_write(&header, &w);
    size_t start = w.len;
    assert_ok(iso8583_encode(row->dialect, message, &w, &fault));
    struct bytes encoded = {out + start, w.len - start};
    if (sealed) {
        uint8_t mac[8];
        rig_mac(rig, row->suite, bytes_of(t->mac_block, t->mac_block_len),
                iso8583_mac_input(row->dialect, encoded), mac);
        iso8583_seal(row->dialect, out + start, encoded.len, mac);
    }
    return writer_view(&w);
}

/* Card data as the vault of `t` seals it for this payment. */
static inline void rig_envelope(struct rig *rig, const struct rig_terminal *t,
                                const struct payment *payment, const char *pan, struct writer *w)
{
    char aad[64];
    struct card_data card = {.expiry = "3012", .service_code = "220"};
    snprintf(card.pan, sizeof card.pan, "%s", pan);
    snprintf(aad, sizeof aad, "%s|%06u|%06u|%012lld", payment->key.tid, payment->key.batch,
             payment->key.stan, (long long)payment->amount_minor);
    assert_ok(envelope_seal(&rig->crypto, &t->keys.data, bytes_text(aad), &card, w));
}

/* The frame of a sale; the caller may spoil it before it is sent. */
static inline struct bytes rig_sale_frame(struct rig *rig, struct rig_terminal *t,
                                          const struct payment *payment, const char *pan,
                                          uint8_t *out)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA], envelope[ENVELOPE_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct payment_sensitive sensitive = {0};
    struct iso8583_message message;
    if (payment->means == PAYMENT_CODE) {
        sensitive.payment_code = BYTES(RIG_CODE);
    } else if (payment->means == PAYMENT_SHOWN) {
        assert_int_equal(payment->entry, PAYMENT_ENTRY_CODE); /* the host makes the code */
    } else if (t->profile == PAYMENT_PROFILE_CUP) {
        sensitive.pan = bytes_text(pan);
        sensitive.expiry = BYTES("3012");
    } else {
        struct writer w = writer_over(envelope, sizeof envelope);
        rig_envelope(rig, t, payment, pan, &w);
        sensitive.envelope = writer_view(&w);
    }
    assert_ok(payment_request_message(t->profile, payment, &sensitive, &arena, &message));
    return rig_frame(rig, t, &message, true, out);
}

static inline struct payment rig_payment(struct rig_terminal *t, enum payment_means means,
                                         int64_t amount_minor)
{
    struct payment p = {.type = PAYMENT_SALE,
                        .state = PAYMENT_PENDING,
                        .means = means,
                        .entry = payment_by_code(means) ? PAYMENT_ENTRY_CODE : PAYMENT_ENTRY_SWIPE,
                        .operator_id = "01",
                        .amount_minor = amount_minor,
                        .currency = CURRENCY_CNY};
    memcpy(p.mid, t->mid == NULL ? RIG_MID : t->mid, sizeof p.mid);
    memcpy(p.key.tid, t->tid, 9);
    p.key.batch = t->batch;
    p.key.stan = ++t->stan;
    return p;
}

static inline void rig_send(struct rig *rig, const struct rig_terminal *t, struct bytes frame)
{
    assert_ok(acquirer_on_terminal(rig->a, t->session, frame));
    rig_settle(rig);
}

static inline struct payment rig_sell(struct rig *rig, struct rig_terminal *t,
                                      enum payment_means means, int64_t amount_minor)
{
    uint8_t out[RIG_FRAME];
    struct payment p = rig_payment(t, means, amount_minor);
    rig_send(rig, t, rig_sale_frame(rig, t, &p, RIG_PAN, out));
    return p;
}

static inline void rig_again(struct rig *rig, struct rig_terminal *t, const struct payment *p)
{
    uint8_t out[RIG_FRAME];
    rig_send(rig, t, rig_sale_frame(rig, t, p, RIG_PAN, out));
}

static inline void rig_reverse(struct rig *rig, struct rig_terminal *t, const struct payment *p)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message message;
    struct payment copy = *p;
    memcpy(copy.reversal_reason, "98", 3);
    assert_ok(payment_reversal_message(t->profile, &copy, &arena, &message));
    rig_send(rig, t, rig_frame(rig, t, &message, true, out));
}

/* The first frame to a terminal, decoded; views live until rig_took(). */
static inline void rig_answer_to(struct rig *rig, const struct rig_terminal *t,
                                 struct iso8583_message *ret_message)
{
    static uint8_t block[ISO8583_ARENA_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_frame_header header;
    struct iso8583_fault fault;
    struct bytes raw;
    assert_true(rig->to_terminal.count > 0);
    const struct rig_item *item = &rig->to_terminal.item[0];
    assert_int_equal(item->target, t->session);
    assert_ok(iso8583_frame_split(bytes_of(item->at, item->len), &header, &raw));
    assert_ok(
        iso8583_decode(payment_profile(t->profile)->dialect, raw, &arena, ret_message, &fault));
    if (ret_message->mac_input == 0) return;
    uint8_t mac[8];
    const struct payment_profile_row *row = payment_profile(t->profile);
    rig_mac(rig, row->suite, bytes_of(t->mac_block, t->mac_block_len),
            bytes_of(raw.at, ret_message->mac_input), mac);
    assert_memory_equal(mac, ret_message->field[64].at, 8);
}

static inline void rig_took(struct rig_queue *queue)
{
    assert_true(queue->count > 0);
    queue->count--;
    memmove(&queue->item[0], &queue->item[1], queue->count * sizeof queue->item[0]);
}

/* Takes the first frame to the terminal: it must have this type and response code. */
static inline void rig_expect(struct rig *rig, const struct rig_terminal *t, uint16_t mti,
                              const char *code)
{
    struct iso8583_message m;
    char text[3] = "";
    rig_answer_to(rig, t, &m);
    assert_int_equal(m.mti, mti);
    assert_ok(bytes_to_text(iso8583_get(&m, 39), text, sizeof text));
    assert_string_equal(text, code);
    rig_took(&rig->to_terminal);
}

static inline struct rig_terminal rig_connect(struct rig *rig, const char *tid,
                                              enum payment_profile profile)
{
    static uint32_t session = 100;
    struct rig_terminal t = {.tid = tid, .profile = profile, .session = ++session};
    assert_ok(acquirer_session_opened(rig->a, t.session, bytes_text(tid)));
    rig_settle(rig);
    return t;
}

static inline void rig_sign_in(struct rig *rig, struct rig_terminal *t)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message message;
    struct payment_sign_in in = {.operator_id = "01"}, answer;
    memcpy(in.mid, t->mid == NULL ? RIG_MID : t->mid, sizeof in.mid);
    memcpy(in.tid, t->tid, 9);
    memcpy(in.code, payment_profile(t->profile)->sign_in_code, 4);
    in.stan = ++t->stan;
    in.batch = t->batch;
    assert_ok(payment_sign_in_request(t->profile, &in, &arena, &message));
    rig_send(rig, t, rig_frame(rig, t, &message, false, out));
    memcpy(t->mac_block, rig->made_mac, rig->made_mac_len);
    t->mac_block_len = rig->made_mac_len;

    rig_answer_to(rig, t, &message);
    assert_int_equal(message.mti, 0x0810);
    assert_ok(payment_sign_in_parse(&message, &answer));
    assert_string_equal(answer.response_code, "00");
    t->batch = answer.batch;
    CLEANUP(key_wipe) struct key master = {0};
    assert_ok(key_make(t->profile == PAYMENT_PROFILE_CUP ? KEY_TDES : KEY_AES128,
                       KEY_USAGE_TERMINAL_MASTER, BYTES_OF(rig_master_key), &master));
    assert_ok(delivery_unwrap(&rig->crypto, &master, answer.delivery, &t->keys));
    rig_took(&rig->to_terminal);
}

/* Connected and signed in. */
static inline struct rig_terminal rig_terminal(struct rig *rig, const char *tid)
{
    struct rig_terminal t = rig_connect(
        rig, tid, strcmp(tid, RIG_CUP) == 0 ? PAYMENT_PROFILE_CUP : PAYMENT_PROFILE_TONGBAO);
    rig_sign_in(rig, &t);
    return t;
}

/* ---- the network's side ---- */

/* The oldest message to a network, as it understands it; its MAC is checked. */
static inline struct payment rig_asked(struct rig *rig, enum payment_network_kind kind)
{
    static uint8_t block[ISO8583_ARENA_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message message;
    struct iso8583_fault fault;
    struct payment p;
    struct payment_sensitive sensitive;
    enum payment_network_kind said;
    uint8_t mac[8];
    assert_true(rig->to_route.count > 0);
    const struct rig_item *item = &rig->to_route.item[0];
    struct bytes raw = bytes_of(item->at, item->len);
    assert_ok(iso8583_decode(&iso8583_dialect_ascii87, raw, &arena, &message, &fault));
    assert_ok(payment_from_network(&message, &p, &sensitive, &said));
    assert_int_equal(said, kind);
    assert_true(message.mac_input > 0);
    rig_mac(rig, HSM_SUITE_TONGBAO, bytes_of(rig->zone_mac, rig->zone_mac_len),
            bytes_of(raw.at, message.mac_input), mac);
    assert_memory_equal(mac, message.field[iso8583_has(&message, 128) ? 128 : 64].at, 8);
    p.route = (enum payment_route)item->target;
    rig_took(&rig->to_route);
    return p;
}

/* The bytes of an answer. */
static inline struct bytes rig_answer_frame(struct rig *rig, enum payment_network_kind kind,
                                            const struct payment *asked, const char *code,
                                            uint8_t *out)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message message;
    struct iso8583_fault fault;
    struct payment p = *asked;
    memcpy(p.response_code, code, 3);
    memcpy(p.settlement_date, "0102", 5);
    if (strcmp(code, "00") == 0) memcpy(p.auth_code, "A12345", 7);
    p.card_class = rig->class;
    memcpy(p.issuer, "测试银行", sizeof "测试银行");
    assert_ok(payment_network_response(kind, &p, &arena, &message));
    struct writer w = writer_over(out, RIG_FRAME);
    assert_ok(iso8583_encode(&iso8583_dialect_ascii87, &message, &w, &fault));
    uint8_t mac[8];
    rig_mac(rig, HSM_SUITE_TONGBAO, bytes_of(rig->zone_mac, rig->zone_mac_len),
            iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w)), mac);
    iso8583_seal(&iso8583_dialect_ascii87, out, w.len, mac);
    return writer_view(&w);
}

static inline void rig_network(struct rig *rig, enum payment_network_kind kind,
                               const struct payment *asked, const char *code)
{
    uint8_t out[RIG_FRAME];
    struct bytes frame = rig_answer_frame(rig, kind, asked, code, out);
    assert_ok(acquirer_on_route(rig->a, asked->route, frame));
    rig_settle(rig);
}

/* The network takes the oldest request and answers it. */
static inline struct payment rig_issuer(struct rig *rig, const char *code)
{
    struct payment p = rig_asked(rig, PAYMENT_NETWORK_REQUEST);
    rig_network(rig, PAYMENT_NETWORK_REQUEST, &p, code);
    return p;
}

/* The network takes the oldest reversal and acknowledges it. */
static inline struct payment rig_undo(struct rig *rig, const char *code)
{
    struct payment p = rig_asked(rig, PAYMENT_NETWORK_REVERSAL);
    rig_network(rig, PAYMENT_NETWORK_REVERSAL, &p, code);
    return p;
}

/* ---- what is on disk ---- */

/* The state of the payment of this key after its last row, and how many rows it has. */
struct rig_journal {
    struct journal_row row[512];
    size_t count;
};

/* As it stands now: to open it is dear, so who asks for many payments reads it once. */
static inline void rig_read_journal(struct rig_journal *journal)
{
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_read(store, 1, journal->row, ARRAY_LEN(journal->row), &journal->count));
    store_close(store);
}

static inline enum payment_state rig_state_in(const struct rig_journal *journal,
                                              const struct payment_key *key, size_t *ret_rows)
{
    enum payment_state state = PAYMENT_NONE;
    *ret_rows = 0;
    for (size_t i = 0; i < journal->count; i++) {
        if (!payment_key_equal(&journal->row[i].payment.key, key)) continue;
        state = journal->row[i].payment.state;
        (*ret_rows)++;
    }
    return state;
}

static inline enum payment_state rig_state(const struct payment_key *key, size_t *ret_rows)
{
    static struct rig_journal journal;
    rig_read_journal(&journal);
    return rig_state_in(&journal, key, ret_rows);
}

static inline void rig_expect_state(const struct payment *p, enum payment_state state, size_t rows)
{
    size_t found = 0;
    assert_string_equal(payment_state_name(rig_state(&p->key, &found)), payment_state_name(state));
    assert_int_equal(found, rows);
}

/* How many audit records name this event. */
struct rig_audit {
    const char *event;
    int found;
};

static inline err rig_audit_each(void *context, const struct audit_record *record)
{
    struct rig_audit *audit = context;
    if (bytes_equal(record->entry.event, bytes_text(audit->event))) audit->found++;
    return OK;
}

static inline int rig_audited(const char *event)
{
    struct store *store = NULL;
    struct rig_audit audit = {event, 0};
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("audit", &options, NULL, &store));
    assert_ok(audit_read(store, 1, rig_audit_each, &audit));
    store_close(store);
    return audit.found;
}
