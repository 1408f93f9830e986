/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversation between acquirer and network, in iso8583_dialect_ascii87: requests, queries,
 * reversals and their answers, matched by the retrieval reference number (field 37).
 */
#include "lib/base/clock.h"
#include "payment/fields.h"
#include "payment/message.h"

/* Processing codes on this leg, by what is asked and how the customer pays. */
/* clang-format off */
static const char *const processing[][3] = {
    [PAYMENT_NETWORK_REQUEST]  = {NULL, "000000", "450000"},
    [PAYMENT_NETWORK_QUERY]    = {NULL, "310000", "670000"},
    [PAYMENT_NETWORK_REVERSAL] = {NULL, "000000", "680000"},
};
/* clang-format on */

static err leg_common(enum payment_network_kind kind, const struct payment *p, struct arena *arena,
                      struct iso8583_message *m)
{
    ENSURE(p->means == PAYMENT_CARD || p->means == PAYMENT_CODE);
    ENSURE(p->amount_minor > 0 && p->amount_minor <= MONEY_FIELD_MAX);
    ENSURE(strlen(p->rrn) == 12);
    field_text(m, 3, processing[kind][p->means]);
    TRY(field_decimal(m, 4, arena, (uint64_t)p->amount_minor, 12));
    TRY(field_decimal(m, 11, arena, p->key.stan, 6));
    field_text(m, 37, p->rrn);
    field_text(m, 41, p->key.tid);
    field_text(m, 42, p->mid);
    TRY(field_decimal(m, 49, arena, p->currency, 3));
    return OK;
}

err payment_network_message(enum payment_network_kind kind, const struct payment *payment,
                            const struct payment_sensitive *sensitive, int64_t sent_ms,
                            struct arena *arena, struct iso8583_message *out)
{
    struct iso8583_message m;
    iso8583_start(&m, kind == PAYMENT_NETWORK_REVERSAL ? 0x0400 : 0x0200);
    TRY(leg_common(kind, payment, arena, &m));
    struct civil c = civil_from_ms(sent_ms);
    uint64_t moment = (unsigned)(c.month * 100 + c.day) * UINT64_C(1000000) +
                      (unsigned)(c.hour * 10000 + c.minute * 100 + c.second);
    TRY(field_decimal(&m, 7, arena, moment, 10)); /* MMDDhhmmss */
    TRY(field_decimal(&m, 22, arena, payment->entry * 10u + (payment->pin_entered ? 1u : 2u), 3));
    field_text(&m, 25, "00");
    if (kind == PAYMENT_NETWORK_REQUEST) {
        field_text(&m, 23, payment->card_sequence);
        field_view(&m, 55, payment_chip_view(&payment->chip));
        field_view(&m, 57, sensitive->envelope);
        field_view(&m, 59, sensitive->payment_code);
        field_view(&m, 125, sensitive->pin_block);
    }
    if (kind == PAYMENT_NETWORK_REVERSAL) field_text(&m, 39, payment->reversal_reason);
    if (iso8583_has(&m, 125)) {
        static const uint8_t place[ISO8583_MAC_SIZE];
        iso8583_set(&m, 128, BYTES_OF(place)); /* the MAC is the last field, wherever that is */
    } else {
        field_mac_place(&m);
    }
    *out = m;
    return OK;
}

static err parse_processing(const struct iso8583_message *m, struct payment *p,
                            enum payment_network_kind *ret_kind)
{
    char code[7];
    TRY(field_copy(m, 3, code, 6));
    for (unsigned kind = 0; kind < ARRAY_LEN(processing); kind++) {
        if ((kind == PAYMENT_NETWORK_REVERSAL) != (m->mti == 0x0400)) continue;
        for (unsigned means = PAYMENT_CARD; means <= PAYMENT_CODE; means++) {
            if (strcmp(code, processing[kind][means]) != 0) continue;
            p->type = PAYMENT_SALE;
            p->means = (enum payment_means)means;
            *ret_kind = (enum payment_network_kind)kind;
            return OK;
        }
    }
    return ERR(UNSUPPORTED);
}

err payment_from_network(const struct iso8583_message *message, struct payment *out,
                         struct payment_sensitive *ret_sensitive,
                         enum payment_network_kind *ret_kind)
{
    if (message->mti != 0x0200 && message->mti != 0x0400) return ERR(UNSUPPORTED);
    struct payment p = {.state = PAYMENT_CREATED};
    enum payment_network_kind kind;
    uint32_t mode = 0, currency;
    TRY(parse_processing(message, &p, &kind));
    TRY(field_amount(message, &p.amount_minor));
    TRY(field_number(message, 11, 0, 6, &p.key.stan));
    TRY(field_number(message, 22, 0, 3, &mode));
    TRY(field_copy(message, 37, p.rrn, 12));
    TRY(field_copy(message, 41, p.key.tid, 8));
    TRY(field_copy(message, 42, p.mid, 15));
    TRY(field_number(message, 49, 0, 3, &currency));
    p.entry = (enum payment_entry)(mode / 10);
    p.pin_entered = mode % 10 == 1;
    p.currency = (uint16_t)currency;
    TRY(field_copy_optional(message, 23, p.card_sequence, 3));
    if (iso8583_has(message, 55)) TRY(payment_chip_take(iso8583_get(message, 55), &p.chip));
    if (kind == PAYMENT_NETWORK_REVERSAL) TRY(field_copy(message, 39, p.reversal_reason, 2));
    *out = p;
    *ret_kind = kind;
    *ret_sensitive = (struct payment_sensitive){
        .pin_block = iso8583_get(message, 125),
        .envelope = iso8583_get(message, 57),
        .payment_code = iso8583_get(message, 59),
    };
    return OK;
}

err payment_network_response(enum payment_network_kind kind, const struct payment *payment,
                             struct arena *arena, struct iso8583_message *out)
{
    ENSURE(payment->response_code[0] != '\0');
    struct iso8583_message m;
    iso8583_start(&m, kind == PAYMENT_NETWORK_REVERSAL ? 0x0410 : 0x0210);
    TRY(leg_common(kind, payment, arena, &m));
    field_text(&m, 15, payment->settlement_date);
    field_text(&m, 38, payment->auth_code);
    field_text(&m, 39, payment->response_code);
    field_view(&m, 55, payment_chip_view(&payment->chip_answer));
    TRY(payment_class_format(payment, arena, &m));
    field_mac_place(&m);
    *out = m;
    return OK;
}

err payment_network_answer_parse(const struct iso8583_message *message,
                                 struct payment_network_answer *out)
{
    if (message->mti != 0x0210 && message->mti != 0x0410) return ERR(UNSUPPORTED);
    struct payment_network_answer a = {.mti = message->mti};
    TRY(field_copy(message, 37, a.rrn, 12));
    TRY(field_copy(message, 39, a.response_code, 2));
    TRY(field_copy_optional(message, 38, a.auth_code, 6));
    TRY(field_copy_optional(message, 15, a.settlement_date, 4));
    TRY(payment_class_parse(iso8583_get(message, 63), &a.card_class, a.issuer));
    if (iso8583_has(message, 55)) TRY(payment_chip_take(iso8583_get(message, 55), &a.chip));
    *out = a;
    return OK;
}
