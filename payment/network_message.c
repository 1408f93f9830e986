/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversation between acquirer and network, in iso8583_dialect_ascii87: requests, queries,
 * reversals, advices and their answers, matched by the retrieval reference number (field 37).
 */
#include "lib/base/clock.h"
#include "payment/fields.h"
#include "payment/kind.h"
#include "payment/message.h"

/* A question about a request that was sent; and how a wallet is told to take a code back. */
/* clang-format off */
static const char *const query_processing[] = {NULL, "320000", "670000", "660000", NULL, "650000"}; /* by means */
static const char *const code_reversal[] = {NULL, NULL, "680000", "690000"};
/* clang-format on */

static const char *processing_of(enum payment_network_kind kind, const struct payment *p)
{
    if (kind == PAYMENT_NETWORK_QUERY) return query_processing[p->means];
    if (kind == PAYMENT_NETWORK_REVERSAL && payment_by_code(p->means))
        return code_reversal[p->means];
    return payment_kind_of(p)->network;
}

static uint16_t mti_of(enum payment_network_kind kind, const struct payment *p)
{
    switch (kind) {
    case PAYMENT_NETWORK_REVERSAL:
        return 0x0400;
    case PAYMENT_NETWORK_ADVICE:
        return 0x0220;
    case PAYMENT_NETWORK_QUERY:
        return 0x0200;
    case PAYMENT_NETWORK_REQUEST:
    case PAYMENT_NETWORK_KINDS:
        break;
    }
    return payment_kind_of(p)->mti;
}

static err leg_common(enum payment_network_kind kind, const struct payment *p, struct arena *arena,
                      struct iso8583_message *m)
{
    ENSURE(p->means == PAYMENT_CARD || payment_cardless(p->means));
    ENSURE(strlen(p->rrn) == 12);
    field_text(m, 3, processing_of(kind, p));
    TRY(field_amount_put(m, arena, p));
    TRY(field_decimal(m, 11, arena, p->key.stan, 6));
    field_text(m, 37, p->rrn);
    field_text(m, 41, p->key.tid);
    field_text(m, 42, p->mid);
    TRY(field_decimal(m, 49, arena, p->currency, 3));
    return OK;
}

/*
 * The earlier payment: 38 its authorisation, 61 its RRN, and 90 its type of message, STAN and date.
 * A reversal of such a payment has 90 for itself, because 3 and 25 alone do not say what it was,
 * and 61 as the payment had: a network that remembers nothing finds a refund by both.
 */
static err original_fields(enum payment_network_kind kind, const struct payment *p,
                           struct arena *arena, struct iso8583_message *m)
{
    const struct payment_original *o = &p->original;
    bool reversal = kind == PAYMENT_NETWORK_REVERSAL;
    if (kind == PAYMENT_NETWORK_QUERY || p->type == PAYMENT_SALE) return OK;
    if (!reversal && !payment_linked(p->type)) return OK;
    if (!reversal) field_text(m, 38, o->auth_code);
    if (payment_linked(p->type)) field_text(m, 61, o->rrn);
    bool hold = payment_type_row(p->type)->link == PAYMENT_LINK_AUTHORISATION;
    uint16_t mti = reversal ? payment_kind_of(p)->mti : hold ? 0x0100 : 0x0200;
    return field_format(m, 90, arena, "%04x%06u%s0000000000000000000000000000", mti,
                        reversal ? p->key.stan : o->stan,
                        !reversal && o->date[0] != '\0' ? o->date : "0000");
}

/* The MAC is the last field, wherever that is. */
static void mac_last(struct iso8583_message *m)
{
    static const uint8_t place[ISO8583_MAC_SIZE];
    if (iso8583_has(m, 125) || iso8583_has(m, 90)) iso8583_set(m, 128, BYTES_OF(place));
    else field_mac_place(m);
}

err payment_network_message(enum payment_network_kind kind, const struct payment *payment,
                            const struct payment_sensitive *sensitive, int64_t sent_ms,
                            struct arena *arena, struct iso8583_message *out)
{
    struct iso8583_message m;
    iso8583_start(&m, mti_of(kind, payment));
    TRY(leg_common(kind, payment, arena, &m));
    struct civil c = civil_from_ms(sent_ms);
    uint64_t moment = (unsigned)(c.month * 100 + c.day) * UINT64_C(1000000) +
                      (unsigned)(c.hour * 10000 + c.minute * 100 + c.second);
    TRY(field_decimal(&m, 7, arena, moment, 10)); /* MMDDhhmmss */
    TRY(field_decimal(&m, 22, arena, payment->entry * 10u + (payment->pin_entered ? 1u : 2u), 3));
    field_text(&m, 25, payment_kind_of(payment)->condition);
    TRY(original_fields(kind, payment, arena, &m));
    if (kind == PAYMENT_NETWORK_REQUEST || kind == PAYMENT_NETWORK_ADVICE) {
        field_text(&m, 23, payment->card_sequence);
        field_view(&m, 55, payment_chip_view(&payment->chip));
        field_view(&m, 57, sensitive->envelope);
        field_view(&m, 59, sensitive->payment_code);
        if (payment->plan.months > 0) TRY(instalment_write(&payment->plan, arena, &m));
        else field_view(&m, 62, sensitive->shown_code);
        field_view(&m, 125, sensitive->pin_block);
    }
    if (kind == PAYMENT_NETWORK_REVERSAL) field_text(&m, 39, payment->reversal_reason);
    mac_last(&m);
    *out = m;
    return OK;
}

/* What was asked, when it is no reversal. */
static err parse_question(const struct iso8583_message *m, struct payment *p,
                          enum payment_network_kind *ret_kind)
{
    struct bytes processing = iso8583_get(m, 3);
    for (unsigned means = PAYMENT_CARD; means < ARRAY_LEN(query_processing); means++) {
        if (query_processing[means] == NULL || m->mti != 0x0200 ||
            !bytes_equal(processing, bytes_text(query_processing[means])))
            continue;
        p->type = PAYMENT_SALE; /* of whatever has this RRN */
        p->means = (enum payment_means)means;
        *ret_kind = PAYMENT_NETWORK_QUERY;
        return OK;
    }
    const struct payment_kind *kind =
        payment_kind_by_network(m->mti, processing, iso8583_get(m, 25));
    *ret_kind = PAYMENT_NETWORK_REQUEST;
    if (kind == NULL && m->mti == 0x0220) { /* a sale by a card that has approved by itself */
        kind = payment_kind_by_network(0x0200, processing, iso8583_get(m, 25));
        *ret_kind = PAYMENT_NETWORK_ADVICE;
        if (kind != NULL && (kind->type != PAYMENT_SALE || kind->means != PAYMENT_CARD))
            return ERR(UNSUPPORTED);
    }
    if (kind == NULL) return ERR(UNSUPPORTED);
    p->type = kind->type;
    p->means = kind->means;
    return OK;
}

/* Field 90 says of what type the message was; without it, it was a sale. 61: what it followed. */
static err parse_reversal(const struct iso8583_message *m, struct payment *p)
{
    struct bytes processing = iso8583_get(m, 3);
    uint32_t high = 2, low = 0;
    if (iso8583_has(m, 90)) TRY(field_number(m, 90, 0, 2, &high));
    if (iso8583_has(m, 90)) TRY(field_number(m, 90, 2, 2, &low));
    for (unsigned means = PAYMENT_CODE; means < ARRAY_LEN(code_reversal); means++) {
        const struct payment sale = {.type = PAYMENT_SALE, .means = (enum payment_means)means};
        if (!iso8583_has(m, 90) && bytes_equal(processing, bytes_text(code_reversal[means])))
            processing = bytes_text(payment_kind_of(&sale)->network);
    }
    uint16_t mti = (uint16_t)(high << 8 | (low / 10) << 4 | low % 10);
    const struct payment_kind *kind = payment_kind_by_network(mti, processing, iso8583_get(m, 25));
    if (kind == NULL) return ERR(UNSUPPORTED);
    p->type = kind->type;
    p->means = kind->means;
    return payment_linked(p->type) ? field_copy_optional(m, 61, p->original.rrn, 12) : OK;
}

static err parse_original(const struct iso8583_message *m, struct payment *p)
{
    if (!payment_linked(p->type)) return OK;
    TRY(field_copy(m, 61, p->original.rrn, 12));
    TRY(field_copy_optional(m, 38, p->original.auth_code, 6));
    return iso8583_has(m, 90) ? field_number(m, 90, 4, 6, &p->original.stan) : ERR(MISSING);
}

err payment_from_network(const struct iso8583_message *message, struct payment *out,
                         struct payment_sensitive *ret_sensitive,
                         enum payment_network_kind *ret_kind)
{
    bool reversal = message->mti == 0x0400;
    if (!reversal && !payment_kind_mti(message->mti)) return ERR(UNSUPPORTED);
    struct payment p = {.state = PAYMENT_CREATED};
    enum payment_network_kind kind = PAYMENT_NETWORK_REVERSAL;
    uint32_t mode = 0, currency;
    if (!iso8583_has(message, 3)) return ERR(MISSING);
    if (reversal) TRY(parse_reversal(message, &p));
    else TRY(parse_question(message, &p, &kind));
    if (kind == PAYMENT_NETWORK_REQUEST) TRY(parse_original(message, &p));
    else if (!payment_moves(p.type)) return ERR(UNSUPPORTED); /* nobody asks or takes it back */
    bool plan = kind == PAYMENT_NETWORK_REQUEST && p.type == PAYMENT_INSTALMENT;
    if (plan) TRY(instalment_read(message, &p.plan));
    TRY(field_amount_of(message, p.type, &p.amount_minor));
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
        .shown_code = plan ? (struct bytes){0} : iso8583_get(message, 62),
    };
    return OK;
}

err payment_network_response(enum payment_network_kind kind, const struct payment *payment,
                             struct arena *arena, struct iso8583_message *out)
{
    ENSURE(payment->response_code[0] != '\0');
    struct iso8583_message m;
    iso8583_start(&m, mti_of(kind, payment) + 0x10);
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
    uint16_t request = (uint16_t)(message->mti - 0x10);
    if (message->mti != 0x0410 && !payment_kind_mti(request)) return ERR(UNSUPPORTED);
    struct payment_network_answer a = {.mti = message->mti};
    TRY(field_copy(message, 37, a.rrn, 12));
    if (iso8583_has(message, 4)) TRY(field_amount(message, &a.amount_minor));
    TRY(field_copy(message, 39, a.response_code, 2));
    TRY(field_copy_optional(message, 38, a.auth_code, 6));
    TRY(field_copy_optional(message, 15, a.settlement_date, 4));
    TRY(payment_class_parse(iso8583_get(message, 63), &a.card_class, a.issuer));
    if (iso8583_has(message, 55)) TRY(payment_chip_take(iso8583_get(message, 55), &a.chip));
    err e = payment_balance_get(message, &a.balance_minor);
    a.has_balance = !FAILED(e);
    if (FAILED(e) && e.code != ERR_MISSING) return e;
    if (iso8583_has(message, 62)) TRY(payment_shown_copy(iso8583_get(message, 62), a.shown_code));
    *out = a;
    return OK;
}
