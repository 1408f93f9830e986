/* SPDX-License-Identifier: Apache-2.0 */
/* Totals and batch upload as ISO 8583 messages, and back. */
#include "payment/settlement.h"

#include <stdio.h>

#include "payment/fields.h"

enum { AMOUNT_DIGITS = 12, CARD_DIGITS = 20, STAN_DIGITS = 6, KIND_DIGITS = 2, END_DIGITS = 4 };

/* Codes of field 60.3. */
#define CODE_SETTLE       "201"
#define CODE_END          "202"
#define CODE_END_BALANCED "207"

static size_t count_digits(enum payment_profile profile)
{
    return payment_profile(profile)->envelope ? 6 : 3;
}

static bool fits(int64_t value, size_t digits)
{
    for (; digits > 0; digits--) value /= 10;
    return value == 0;
}

/* ---- field 48 of 0500 and 0510 ---- */

static void write_sum(struct writer *w, const struct payment_sum *sum, size_t digits)
{
    write_decimal(w, (uint64_t)sum->minor, AMOUNT_DIGITS);
    write_decimal(w, (uint64_t)sum->count, digits);
}

static err set_totals(enum payment_profile profile, const struct payment_settlement *in,
                      struct arena *arena, struct iso8583_message *m)
{
    enum { ROOM = 80 };
    static const struct payment_totals none = {0};
    size_t digits = count_digits(profile);
    uint8_t *text = arena_array(arena, uint8_t, ROOM);
    if (text == NULL) return ERR(NO_MEMORY);
    struct writer w = writer_over(text, ROOM);
    const struct payment_totals *const blocks[] = {&in->totals, &none}; /* domestic, foreign */
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        const struct payment_sum *debit = &blocks[i]->side[PAYMENT_SIDE_DEBIT];
        const struct payment_sum *credit = &blocks[i]->side[PAYMENT_SIDE_CREDIT];
        if (!fits(debit->count, digits) || !fits(credit->count, digits)) return ERR(RANGE);
        write_sum(&w, debit, digits);
        write_sum(&w, credit, digits);
        write_decimal(&w, in->flag, 1);
    }
    ENSURE(w.fault == ERR_OK);
    iso8583_set(m, 48, writer_view(&w));
    return OK;
}

/* Twelve digits are more than read_digits() takes at a time. */
static int64_t read_amount(struct reader *r)
{
    int64_t high = read_digits(r, 6), low = read_digits(r, 6);
    return high * 1000000 + low;
}

static struct payment_totals read_totals(struct reader *r, size_t digits, unsigned *ret_flag)
{
    struct payment_totals totals = {0};
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        totals.side[side].minor = read_amount(r);
        totals.side[side].count = read_digits(r, digits);
    }
    *ret_flag = read_digits(r, 1);
    return totals;
}

static err parse_totals(enum payment_profile profile, const struct iso8583_message *m,
                        struct payment_settlement *out)
{
    struct reader r = reader_over(iso8583_get(m, 48));
    unsigned flag = 0, foreign_flag = 0;
    out->totals = read_totals(&r, count_digits(profile), &flag);
    struct payment_totals foreign = read_totals(&r, count_digits(profile), &foreign_flag);
    TRY(reader_finish(&r));
    if (flag > PAYMENT_SETTLE_ERROR || foreign_flag > PAYMENT_SETTLE_ERROR) return ERR(FORMAT);
    out->flag = (enum payment_settle_flag)flag;
    /* What a terminal counts as foreign is the same money to us. */
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        out->totals.side[side].minor += foreign.side[side].minor;
        out->totals.side[side].count += foreign.side[side].count;
    }
    return OK;
}

/* ---- field 48 of 0320 ---- */

void payment_shown_digits(const char *pan_masked, char out[static PAYMENT_SHOWN_DIGITS + 1])
{
    size_t len = strlen(pan_masked);
    out[0] = '\0';
    if (len < PAYMENT_SHOWN_DIGITS) return;
    struct writer w = writer_over(out, PAYMENT_SHOWN_DIGITS);
    write_bytes(&w, bytes_of(pan_masked, 6));
    write_bytes(&w, bytes_of(pan_masked + len - 4, 4));
    out[w.len] = '\0';
    if (!bytes_all_digits(writer_view(&w))) out[0] = '\0';
}

static err set_rows(enum payment_profile profile, const struct payment_settlement *in,
                    struct arena *arena, struct iso8583_message *m)
{
    enum { ROOM = 2 + PAYMENT_UPLOAD_ROWS * 40 };
    bool ours = payment_profile(profile)->envelope;
    ENSURE(in->rows > 0 && in->rows <= PAYMENT_UPLOAD_ROWS);
    uint8_t *text = arena_array(arena, uint8_t, ROOM);
    if (text == NULL) return ERR(NO_MEMORY);
    struct writer w = writer_over(text, ROOM);
    write_decimal(&w, in->rows, KIND_DIGITS);
    for (size_t i = 0; i < in->rows; i++) {
        const struct payment_upload_row *row = &in->row[i];
        write_decimal(&w, ours ? (unsigned)row->type : 0, KIND_DIGITS);
        write_decimal(&w, row->stan, STAN_DIGITS);
        size_t len = strlen(row->shown);
        for (size_t zero = len; zero < CARD_DIGITS; zero++) write_be(&w, '0', 1);
        write_bytes(&w, bytes_text(row->shown));
        write_decimal(&w, (uint64_t)row->amount_minor, AMOUNT_DIGITS);
    }
    ENSURE(w.fault == ERR_OK);
    iso8583_set(m, 48, writer_view(&w));
    return OK;
}

/* Of 20 digits with zeros in front, those that may be shown. */
static void keep_shown(struct bytes card, char out[static PAYMENT_SHOWN_DIGITS + 1])
{
    size_t zeros = 0;
    out[0] = '\0';
    while (zeros < card.len && card.at[zeros] == '0') zeros++;
    if (card.len < PAYMENT_SHOWN_DIGITS || zeros == card.len) return;
    size_t from = zeros > card.len - PAYMENT_SHOWN_DIGITS ? card.len - PAYMENT_SHOWN_DIGITS : zeros;
    memcpy(out, card.at + from, 6);
    memcpy(out + 6, card.at + card.len - 4, 4);
    out[PAYMENT_SHOWN_DIGITS] = '\0';
}

static err parse_row(struct reader *r, bool ours, struct payment_upload_row *out)
{
    unsigned kind = read_digits(r, KIND_DIGITS);
    out->stan = read_digits(r, STAN_DIGITS);
    struct bytes card = read_bytes(r, CARD_DIGITS);
    out->amount_minor = read_amount(r);
    if (r->fault != ERR_OK) return (err){r->fault};
    if (out->stan == 0 || out->amount_minor == 0) return ERR(RANGE);
    if (ours && (kind == PAYMENT_TYPE_NONE || kind >= PAYMENT_TYPES)) return ERR(FORMAT);
    out->type = ours ? (enum payment_type)kind : PAYMENT_TYPE_NONE;
    keep_shown(card, out->shown);
    return OK;
}

static err parse_rows(enum payment_profile profile, const struct iso8583_message *m,
                      struct payment_settlement *out)
{
    struct reader r = reader_over(iso8583_get(m, 48));
    out->rows = read_digits(&r, out->end ? END_DIGITS : KIND_DIGITS);
    if (out->end) return reader_finish(&r);
    if (r.fault != ERR_OK) return (err){r.fault};
    if (out->rows == 0 || out->rows > PAYMENT_UPLOAD_ROWS) return ERR(FORMAT);
    for (size_t i = 0; i < out->rows; i++)
        TRY(parse_row(&r, payment_profile(profile)->envelope, &out->row[i]));
    return reader_finish(&r);
}

/* ---- messages ---- */

static err start(const struct payment_settlement *in, uint16_t mti, struct arena *arena,
                 struct iso8583_message *m)
{
    iso8583_start(m, mti);
    TRY(field_decimal(m, 11, arena, in->stan, 6));
    field_text(m, 41, in->tid);
    field_text(m, 42, in->mid);
    return field_format(m, 60, arena, "00%06u%s", in->batch, in->end ? CODE_END : CODE_SETTLE);
}

err payment_settle_request(enum payment_profile profile, const struct payment_settlement *in,
                           struct arena *arena, struct iso8583_message *out)
{
    struct iso8583_message m;
    ENSURE(!in->end && in->flag == PAYMENT_SETTLE_ASKED);
    TRY(start(in, 0x0500, arena, &m));
    TRY(set_totals(profile, in, arena, &m));
    field_text(&m, 49, "156");
    if (in->operator_id[0] != '\0') TRY(field_format(&m, 63, arena, "%s ", in->operator_id));
    *out = m;
    return OK;
}

err payment_upload_request(enum payment_profile profile, const struct payment_settlement *in,
                           struct arena *arena, struct iso8583_message *out)
{
    struct iso8583_message m;
    TRY(start(in, 0x0320, arena, &m));
    if (!in->end) TRY(set_rows(profile, in, arena, &m));
    else if (in->rows > PAYMENT_UPLOAD_MAX) return ERR(RANGE);
    else TRY(field_decimal(&m, 48, arena, in->rows, END_DIGITS));
    *out = m;
    return OK;
}

err payment_settlement_response(enum payment_profile profile, uint16_t mti,
                                const struct payment_settlement *in, struct arena *arena,
                                struct iso8583_message *out)
{
    struct iso8583_message m;
    ENSURE(mti == 0x0510 || mti == 0x0330);
    ENSURE(in->response_code[0] != '\0');
    TRY(start(in, mti, arena, &m));
    field_text(&m, 12, in->local_time);
    field_text(&m, 13, in->local_date);
    field_text(&m, 39, in->response_code);
    if (mti == 0x0510) {
        TRY(set_totals(profile, in, arena, &m));
        field_text(&m, 49, "156");
    }
    *out = m;
    return OK;
}

/* Who speaks of which batch, and at which step: fields 11, 41, 42, 60, 63. */
static err parse_head(const struct iso8583_message *m, struct payment_settlement *out)
{
    char code[4];
    TRY(field_number(m, 11, 0, 6, &out->stan));
    TRY(field_copy(m, 41, out->tid, 8));
    TRY(field_copy(m, 42, out->mid, 15));
    TRY(field_number(m, 60, 2, 6, &out->batch));
    struct bytes trade = iso8583_get(m, 60);
    if (trade.len < 11) return ERR(SHORT);
    TRY(bytes_to_text(bytes_of(trade.at + 8, 3), code, sizeof code));
    out->end = strcmp(code, CODE_END) == 0 || strcmp(code, CODE_END_BALANCED) == 0;
    if (!out->end && strcmp(code, CODE_SETTLE) != 0) return ERR(UNSUPPORTED);
    return field_operator(m, out->operator_id);
}

static err parse_answer(const struct iso8583_message *m, struct payment_settlement *out)
{
    TRY(field_copy(m, 39, out->response_code, 2));
    TRY(field_copy_optional(m, 12, out->local_time, 6));
    return field_copy_optional(m, 13, out->local_date, 4);
}

err payment_settlement_parse(enum payment_profile profile, const struct iso8583_message *message,
                             struct payment_settlement *out)
{
    struct payment_settlement p = {0};
    bool totals = message->mti == 0x0500 || message->mti == 0x0510;
    bool rows = message->mti == 0x0320, answer = message->mti == 0x0510 || message->mti == 0x0330;
    if (!totals && !rows && !answer) return ERR(UNSUPPORTED);
    TRY(parse_head(message, &p));
    if (answer) TRY(parse_answer(message, &p));
    /* A refusal need not say the totals again. */
    bool refused = answer && strcmp(p.response_code, "00") != 0 && !iso8583_has(message, 48);
    if (totals && !refused) TRY(parse_totals(profile, message, &p));
    if (rows) TRY(parse_rows(profile, message, &p));
    *out = p;
    return OK;
}
