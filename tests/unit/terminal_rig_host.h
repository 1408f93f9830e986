/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The scripted host of terminal_rig.h, which includes this. */

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
    if (rig->parameters.number > rig->parameters.host_knows)
        iso8583_frame_set_request(&header, ISO8583_REQUEST_CHIP_PARAMETERS);
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
    memcpy(p.notice, rig->notice, sizeof p.notice);
    memcpy(p.rrn, "042512000345", 13);
    memcpy(p.local_time, "123015", 7);
    memcpy(p.local_date, "0425", 5);
    if (strcmp(code, "00") == 0)
        memcpy(p.auth_code, rig->auth_code[0] == '\0' ? "A1B2C3" : rig->auth_code, 7);
    memcpy(p.issuer, "示例银行", sizeof "示例银行");
    p.card_class = PAYMENT_CLASS_DEBIT;
    if (mti != 0x0410 && rig->mood == RIG_WRONG_STAN) p.key.stan++;
    if (mti != 0x0410 && rig->mood == RIG_WRONG_AMOUNT) p.amount_minor++;
    if (mti != 0x0410 && rig->mood == RIG_WRONG_BATCH) p.key.batch++;
    if (mti != 0x0410 && rig->mood == RIG_WRONG_TID) memcpy(p.key.tid, "10000018", 9);
    assert_false(FAILED(payment_response_message(PAYMENT_PROFILE_TONGBAO, &p, mti, &arena, &m)));
    bool sale = mti != 0x0410;
    rig_post(rig, &m, !(sale && rig->mood == RIG_NO_MAC), sale && rig->mood == RIG_BAD_MAC);
}

/* 09: the wallet has the order, and nobody has paid it. */
static void rig_tell_shown(struct rig *rig, const struct payment *asked)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct payment p = *asked;
    memcpy(p.response_code, "09", 3);
    memcpy(p.rrn, "042512000345", 13);
    assert_false(FAILED(payment_response_message(PAYMENT_PROFILE_TONGBAO, &p, 0x0210, &arena, &m)));
    assert_false(
        FAILED(payment_shown_tell(&m, rig->shown.seconds, bytes_text(rig->shown.text), &arena)));
    if (rig->shown.nonsense) iso8583_set(&m, 62, BYTES("what?"));
    rig_post(rig, &m, true, rig->shown.bad_mac);
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
        (struct rig_row){p->key.batch, p->key.stan, p->amount_minor, approved, false, ""};
    memcpy(rig->row[rig->rows - 1].approver_id, p->approver_id, sizeof p->approver_id);
    rig->row[rig->rows - 1].tip = p->tip_minor;
    rig->last_original = p->original;
    rig->last_type = p->type;
    rig->last_plan = p->plan;
    rig->last_entry = p->entry;
    bool told = p->type == PAYMENT_SALE && p->means == PAYMENT_SHOWN && rig->shown.text[0] != '\0';
    if (told && rig->mood != RIG_SILENT) rig_tell_shown(rig, p);
    rig_answer_payment(rig, p, (uint16_t)(payment_kind_of(p)->mti + 0x10), rig->code);
    bool kept = told && !rig->shown.at_once;
    if (rig->mood == RIG_SILENT || rig->mood == RIG_DROP || kept) {
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

/* An advice is in the store as OFFLINE, comes again until it is heard, and counts once (S89). */
static void rig_take_advice(struct rig *rig, const struct payment *p, struct bytes envelope)
{
    struct rig_offline *o = &rig->offline;
    char bound[64];
    struct writer w = writer_over(bound, sizeof bound);
    o->seen++;
    if (o->deaf) return;
    write_format(&w, "%s|%06u|%06u|%lld", p->key.tid, p->key.batch, p->key.stan,
                 (long long)p->amount_minor);
    if (payment_offline(p)) assert_true(bytes_equal(envelope, writer_view(&w)));
    else assert_int_equal(envelope.len, 0); /* the notice of a completion is of a hold */
    rig->last_type = p->type;
    rig->last_original = p->original;
    if (o->code[0] != '\0') {
        rig_answer_payment(rig, p, 0x0230, o->code);
        return;
    }
    if (rig_row_of(rig, p->key.batch, p->key.stan) == NULL) {
        o->heard++;
        assert_true(rig->rows < RIG_ROWS);
        rig->row[rig->rows++] =
            (struct rig_row){p->key.batch, p->key.stan, p->amount_minor, true, false, ""};
    }
    if (!o->mute) rig_answer_payment(rig, p, 0x0230, "00");
}

/* What byte `at` of the published document is. */
static uint8_t rig_parameter_byte(const struct rig *rig, uint32_t at)
{
    return (uint8_t)(at * 31 + rig->parameters.number);
}

/* Field 62 of the answer. */
static void rig_say_download(struct rig *rig, const char *code,
                             const struct payment_download_ask *ask, struct writer *w)
{
    struct rig_parameters *p = &rig->parameters;
    if (strcmp(code, PAYMENT_CODE_STATUS) == 0) {
        p->statuses++;
        payment_download_write_status(w,
                                      &(struct payment_download_answer){
                                          p->number > ask->number, p->number, p->len, false, {0}});
    } else if (strcmp(code, PAYMENT_CODE_END) == 0) {
        p->ends++;
        p->host_knows = ask->number;
        assert_int_equal(ask->digest[0], p->vault_number);
    } else if (ask->number != p->number) {
        payment_download_write_flag(w, false, false);
    } else {
        uint32_t end = ask->offset + 500 < p->len ? ask->offset + 500 : p->len;
        payment_download_write_flag(w, true, end == p->len);
        for (uint32_t i = ask->offset; i < end; i++) write_be(w, rig_parameter_byte(rig, i), 1);
        p->last_offset = ask->offset;
    }
}

static void rig_take_download(struct rig *rig, struct payment_sign_in *in)
{
    struct rig_parameters *p = &rig->parameters;
    uint8_t block[PAYMENT_MESSAGE_ARENA], field[PAYMENT_FIELD_62_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct writer w = writer_over(field, sizeof field);
    struct payment_download_ask ask;
    struct iso8583_message answer;
    assert_false(FAILED(payment_download_read_ask(in->code, in->delivery, &ask)));
    if (strcmp(in->code, PAYMENT_CODE_PART) == 0) {
        p->parts++;
        if (p->parts == p->mute_part) return;
        if (p->parts == p->drop_part) {
            rig->online = false;
            return;
        }
        if (p->parts == p->publish_part) p->number++;
    }
    memcpy(in->response_code, p->code[0] == '\0' ? "00" : p->code, 3);
    if (p->nonsense) write_bytes(&w, BYTES("what?"));
    else if (p->code[0] == '\0') rig_say_download(rig, in->code, &ask, &w);
    in->delivery = writer_view(&w);
    assert_false(FAILED(payment_sign_in_response(PAYMENT_PROFILE_TONGBAO, in, &arena, &answer)));
    rig_post(rig, &answer, false, false);
}

static void rig_take_sign_in(struct rig *rig, const struct iso8583_message *m)
{
    static const uint8_t delivery[60] = {1};
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message answer;
    struct payment_sign_in in;
    assert_false(FAILED(payment_sign_in_parse(m, &in)));
    if (payment_download_code(in.code)) {
        rig_take_download(rig, &in);
        return;
    }
    bool echo = strcmp(in.code, "301") == 0, out = strcmp(in.code, "002") == 0;
    assert_int_equal(in.has_kcv, !echo && !out); /* S120: which master key its vault has */
    if (in.has_kcv && rig->bench == NULL)
        assert_memory_equal(in.master_kcv, rig_master_kcv, sizeof in.master_kcv);
    in.has_kcv = false; /* the same struct answers */
    rig->echoes_seen += echo;
    if (echo ? rig->silent_echo : rig->silent_sign_in) return;
    memcpy(in.response_code, echo ? "00" : rig->sign_in_code, 3);
    memcpy(in.local_time, "123000", 7);
    memcpy(in.local_date, "0425", 5);
    memcpy(in.local_year, "2030", 5);
    if (!echo && !out && strcmp(rig->sign_in_code, "00") == 0) {
        if (!in.restored) rig->host_batch++; /* one that was restored stays where it was */
        in.batch = rig->host_batch;
        in.delivery = BYTES_OF(delivery);
    }
    assert_false(FAILED(payment_sign_in_response(PAYMENT_PROFILE_TONGBAO, &in, &arena, &answer)));
    rig_post(rig, &answer, false, false);
}

static void rig_close_batch(struct rig *rig, uint32_t batch, enum payment_settle_flag flag)
{
    rig->settling.closings++;
    rig->settling.batch = batch;
    rig->settling.flag = flag;
}

/* What the host's own books say of a batch. */
static struct payment_totals rig_totals(const struct rig *rig, uint32_t batch)
{
    struct payment_totals totals = {0};
    for (size_t i = 0; i < rig->rows; i++) {
        const struct rig_row *row = &rig->row[i];
        if (row->batch == batch && row->charged && !row->reversed)
            GOOD_CODE(payment_totals_add(&totals, PAYMENT_SALE, 1, row->amount));
    }
    if (rig->settling.differs) GOOD_CODE(payment_totals_add(&totals, PAYMENT_SALE, 1, 1));
    return totals;
}

static void rig_judge_totals(struct rig *rig, struct payment_settlement *m)
{
    struct rig_settling *s = &rig->settling;
    struct payment_totals own = rig_totals(rig, m->batch);
    if (s->batch == m->batch) { /* closed: the same answer */
        assert_true(payment_totals_equal(&s->said, &m->totals));
        m->flag = s->flag;
        return;
    }
    m->flag =
        payment_totals_equal(&own, &m->totals) ? PAYMENT_SETTLE_EQUAL : PAYMENT_SETTLE_DIFFERENT;
    s->said = m->totals;
    if (m->flag == PAYMENT_SETTLE_EQUAL) rig_close_batch(rig, m->batch, m->flag);
}

static const char *rig_judge_rows(struct rig *rig, const struct payment_settlement *m)
{
    struct rig_settling *s = &rig->settling;
    if (s->batch == m->batch) return "00";
    for (size_t i = 0; !m->end && i < m->rows; i++)
        if (!rig_settle_known(s, m->row[i].stan)) s->row[s->rows++] = m->row[i];
    if (!m->end) return "00";
    if (s->miscounts > 0) {
        s->miscounts--;
        s->rows = 0;
        return "95";
    }
    if (m->rows != s->rows) return "95";
    rig_close_batch(rig, m->batch, PAYMENT_SETTLE_DIFFERENT);
    return "00";
}

/* An inquiry: nothing of it is in the store. */
static void rig_take_inquiry(struct rig *rig, const struct payment *asked)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct payment p = *asked, stored;
    int64_t number;
    struct rig_balance *b = &rig->balance;
    b->seen++;
    assert_int_equal(records_by_voucher(&rig->terminal->records, p.key.stan, &number, &stored).code,
                     ERR_NOT_FOUND);
    if (b->silent) return;
    memcpy(p.response_code, rig->code, 3);
    memcpy(p.rrn, "042512000346", 13);
    assert_false(FAILED(payment_response_message(PAYMENT_PROFILE_TONGBAO, &p, 0x0210, &arena, &m)));
    if (!b->untold && strcmp(rig->code, "00") == 0)
        assert_false(FAILED(payment_balance_put(&m, &arena, b->minor)));
    if (b->nonsense) iso8583_set(&m, 54, BYTES("0002156X000000000001"));
    rig_post(rig, &m, true, b->bad_mac);
}

static void rig_take_settlement(struct rig *rig, const struct iso8583_message *m)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message answer;
    struct payment_settlement asked;
    struct rig_settling *s = &rig->settling;
    assert_false(FAILED(payment_settlement_parse(PAYMENT_PROFILE_TONGBAO, m, &asked)));
    enum rig_mood mood = ++s->seen == s->at ? s->mood : RIG_ANSWER;
    if (mood == RIG_DEAF) return;
    memcpy(asked.response_code, "00", 3);
    if (s->code[0] != '\0') memcpy(asked.response_code, s->code, 3);
    else if (m->mti == 0x0500) rig_judge_totals(rig, &asked);
    else memcpy(asked.response_code, rig_judge_rows(rig, &asked), 3);
    if (mood == RIG_DROP) rig->online = false;
    if (mood == RIG_DROP || mood == RIG_SILENT) return;
    asked.end = false;
    assert_false(FAILED(payment_settlement_response(
        PAYMENT_PROFILE_TONGBAO, (uint16_t)(m->mti | 0x10), &asked, &arena, &answer)));
    rig_post(rig, &answer, false, false);
}

#include "tests/unit/terminal_rig_caught.h"

static void rig_host_send(void *context, struct bytes frame)
{
    struct rig *rig = context;
    struct iso8583_frame_header header;
    struct bytes message;
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct payment p;
    struct payment_sensitive sensitive;
    rig->frames_seen++;
    uint8_t block[ISO8583_ARENA_MAX];
    struct arena arena = arena_over(block, sizeof block);
    assert_true(rig->online);
    assert_false(FAILED(iso8583_frame_split(frame, &header, &message)));
    assert_false(FAILED(iso8583_decode(&iso8583_dialect_tongbao, message, &arena, &m, &fault)));
    if (m.mti == 0x0800 || m.mti == 0x0820) {
        rig_take_sign_in(rig, &m);
        return;
    }
    if (m.mti == 0x0500 || m.mti == 0x0320) {
        rig_take_settlement(rig, &m);
        return;
    }
    uint8_t mac[8];
    assert_true(m.mac_input > 0); /* every financial message has a MAC (S63) */
    rig_mac(bytes_of(message.at, m.mac_input), mac);
    assert_true(bytes_equal(iso8583_get(&m, 64), BYTES_OF(mac)));
    if (m.mti == 0x0300) {
        rig_take_catch_up(rig, &m);
        return;
    }
    assert_false(FAILED(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &p, &sensitive)));
    if (m.mti == 0x0400) rig_take_reversal(rig, &p);
    else if (!payment_moves(p.type)) rig_take_inquiry(rig, &p);
    else if (payment_told(&p)) rig_take_advice(rig, &p, sensitive.envelope);
    else rig_take_sale(rig, &p);
}
