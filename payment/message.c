/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversation between terminal and acquirer: requests, reversals, their responses. Sign-in is
 * in sign_in.c; network_message.c has the other leg. Which field means what is in docs/dialect.md.
 */
#include "payment/message.h"

#include "payment/fields.h"
#include "payment/kind.h"
#include "payment/response_code.h"

enum { FIELD_KSN = 47 };

/* clang-format off */
static const struct payment_profile_row profiles[PAYMENT_PROFILES] = {
    /*                              name          dialect                suite code  PIN  envelope  field 53 (tidy: pan)  KSN bits */
    [PAYMENT_PROFILE_TONGBAO]    = {"tongbao",    &iso8583_dialect_tongbao, 1, "006", 16, true,  "2400000000000000",  0,  0}, /* tidy: pan */
    [PAYMENT_PROFILE_CUP]        = {"cup",        &iso8583_dialect_cup,     2, "003",  8, false, "2600000000000000",  0,  0}, /* tidy: pan */
    [PAYMENT_PROFILE_SM4]        = {"sm4",        &iso8583_dialect_tongbao, 9, "006", 16, true,  "2300000000000000",  0,  0}, /* tidy: pan */
    [PAYMENT_PROFILE_DUKPT_AES]  = {"dukpt-aes",  &iso8583_dialect_tongbao, 8, "006", 16, true,  "2400000000000000", 12, 32}, /* tidy: pan */
    [PAYMENT_PROFILE_DUKPT_TDES] = {"dukpt-tdes", &iso8583_dialect_tongbao, 7, "006",  8, true,  "2600000000000000", 10, 21}, /* tidy: pan */
};
/* clang-format on */

const struct payment_profile_row *payment_profile(enum payment_profile profile)
{
    ENSURE(profile < PAYMENT_PROFILES);
    return &profiles[profile];
}

err payment_profile_named(struct bytes name, enum payment_profile *out)
{
    for (unsigned i = 0; i < PAYMENT_PROFILES; i++) {
        if (!bytes_equal(name, bytes_text(profiles[i].name))) continue;
        *out = (enum payment_profile)i;
        return OK;
    }
    return ERR(NOT_FOUND);
}

err payment_profile_of_suite(uint8_t suite, enum payment_profile *out)
{
    for (unsigned i = 0; i < PAYMENT_PROFILES; i++) {
        if (profiles[i].suite != suite) continue;
        *out = (enum payment_profile)i;
        return OK;
    }
    return ERR(NOT_FOUND);
}

void payment_set_ksn(struct iso8583_message *message, struct bytes ksn)
{
    iso8583_set(message, FIELD_KSN, ksn);
}

/* Type and 60.1 of an advice (protocol facts 1.5). */
enum { ADVICE_MTI = 0x0220 };
static const char advice_trade[] = "30";

/* What request, reversal and response have in common. */
static err common_fields(const struct payment *p, struct arena *arena, struct iso8583_message *m)
{
    ENSURE(p->key.stan >= 1 && p->key.stan <= 999999 && p->key.batch <= 999999);

    const struct payment_kind *kind = payment_kind_of(p);
    field_text(m, 3, kind->processing);
    TRY(field_amount_put(m, arena, p));
    TRY(field_decimal(m, 11, arena, p->key.stan, 6));
    field_text(m, 25, kind->condition);
    field_text(m, 41, p->key.tid);
    field_text(m, 42, p->mid);
    TRY(field_decimal(m, 49, arena, p->currency, 3));
    field_mac_place(m);
    return OK;
}

/* Field 55 of a chip payment, and the sequence number of its card. */
static void chip_fields(const struct payment *p, struct iso8583_message *m)
{
    field_text(m, 23, p->card_sequence);
    field_view(m, 55, payment_chip_view(&p->chip));
}

static err reversal_chip(const struct payment *p, struct arena *arena, struct iso8583_message *m)
{
    if (p->chip.len == 0) return OK;
    uint8_t *copy = arena_array(arena, uint8_t, PAYMENT_CHIP_MAX);
    if (copy == NULL) return ERR(NO_MEMORY);
    struct writer w = writer_over(copy, PAYMENT_CHIP_MAX);
    payment_chip_reversal(&p->chip, &w);
    ENSURE(w.fault == ERR_OK); /* a part of what fitted */
    field_view(m, 55, writer_view(&w));
    return OK;
}

/* Field 52 of a profile's dialect has one length. */
static err field_pin_block(const struct payment_profile_row *row, struct bytes block,
                           struct arena *arena, struct iso8583_message *m)
{
    size_t wide = row->dialect->field[52].max;
    if (block.len == wide) {
        iso8583_set(m, 52, block);
        return OK;
    }
    ENSURE(block.len < wide);
    uint8_t *copy = arena_array(arena, uint8_t, wide);
    if (copy == NULL) return ERR(NO_MEMORY);
    memset(copy, 0, wide);
    memcpy(copy, block.at, block.len);
    iso8583_set(m, 52, bytes_of(copy, wide));
    return OK;
}

/* The block without the zeros behind it, or as it is when there is something else. */
static struct bytes pin_block_of(const struct payment_profile_row *row, struct bytes field)
{
    for (size_t i = row->pin_block_len; i < field.len; i++)
        if (field.at[i] != 0) return field;
    return bytes_of(field.at, field.len < row->pin_block_len ? field.len : row->pin_block_len);
}

static err entry_mode(const struct payment *p, struct arena *arena, struct iso8583_message *m)
{
    return field_decimal(m, 22, arena, p->entry * 10u + (p->pin_entered ? 1u : 2u), 3);
}

/* Field 60 of a request: 60.1, batch, no network code, terminal capability 6, no fallback. */
static err trade(const struct payment *p, struct arena *arena, struct iso8583_message *m)
{
    return field_format(m, 60, arena, "%s%06u000600", payment_kind_of(p)->trade, p->key.batch);
}

/* Which earlier payment is meant: 37, 38 and 61, as its kind says it. */
static err original_fields(const struct payment *p, struct arena *arena, struct iso8583_message *m)
{
    const struct payment_original *o = &p->original;
    switch (payment_type_row(p->type)->link) {
    case PAYMENT_LINK_NONE:
        return OK;
    case PAYMENT_LINK_VOUCHER:
        ENSURE(o->stan > 0);
        field_text(m, 37, o->rrn);
        field_text(m, 38, o->auth_code);
        return field_format(m, 61, arena, "%06u%06u", o->batch, o->stan);
    case PAYMENT_LINK_REFERENCE:
        ENSURE(strlen(o->rrn) == 12 && strlen(o->date) == 4);
        field_text(m, 37, o->rrn);
        return field_format(m, 61, arena, "%06u%06u%s", o->batch, o->stan, o->date);
    case PAYMENT_LINK_AUTHORISATION:
        ENSURE(strlen(o->auth_code) == 6 && strlen(o->date) == 4);
        field_text(m, 38, o->auth_code);
        return field_format(m, 61, arena, "000000000000%s", o->date);
    }
    return OK;
}

err payment_request_message(enum payment_profile profile, const struct payment *payment,
                            const struct payment_sensitive *sensitive, struct arena *arena,
                            struct iso8583_message *out)
{
    const struct payment_profile_row *row = payment_profile(profile);
    struct iso8583_message m;
    iso8583_start(&m, payment_kind_of(payment)->mti);
    TRY(common_fields(payment, arena, &m));
    TRY(entry_mode(payment, arena, &m));
    chip_fields(payment, &m);
    TRY(field_extras(&m, arena, payment));
    if (payment->pin_entered) {
        ENSURE(sensitive->pin_block.len == row->pin_block_len);
        field_text(&m, 26, "12");
        TRY(field_pin_block(row, sensitive->pin_block, arena, &m));
        field_text(&m, 53, row->security); /* PIN format with PAN; 3 SM4, 4 AES, 6 TDES */
    }
    if (row->envelope) {
        field_view(&m, 57, sensitive->envelope);
        field_view(&m, 59, sensitive->payment_code);
    } else {
        field_view(&m, 2, sensitive->pan);
        field_view(&m, 14, sensitive->expiry);
        field_view(&m, 35, sensitive->track2);
    }
    TRY(trade(payment, arena, &m));
    TRY(original_fields(payment, arena, &m));
    if (payment->operator_id[0] != '\0')
        TRY(field_format(&m, 63, arena, "%s %s", payment->operator_id,
                         row->envelope ? payment->approver_id : ""));
    *out = m;
    return OK;
}

err payment_advice_message(enum payment_profile profile, const struct payment *payment,
                           const struct payment_sensitive *sensitive, struct arena *arena,
                           struct iso8583_message *out)
{
    ENSURE(payment->type == PAYMENT_SALE && payment_offline(payment) && !payment->pin_entered);
    struct iso8583_message m;
    TRY(payment_request_message(profile, payment, sensitive, arena, &m));
    m.mti = ADVICE_MTI;
    TRY(field_format(&m, 60, arena, "%s%06u000600", advice_trade, payment->key.batch));
    *out = m;
    return OK;
}

err payment_reversal_message(enum payment_profile profile, const struct payment *payment,
                             struct arena *arena, struct iso8583_message *out)
{
    (void)payment_profile(profile);
    ENSURE(payment->reversal_reason[0] != '\0');
    struct iso8583_message m;
    iso8583_start(&m, 0x0400);
    TRY(common_fields(payment, arena, &m));
    TRY(entry_mode(payment, arena, &m));
    TRY(reversal_chip(payment, arena, &m));
    TRY(field_extras(&m, arena, payment)); /* it is of the payment with this content (digest) */
    field_text(&m, 39, payment->reversal_reason);
    TRY(trade(payment, arena, &m));
    TRY(field_format(&m, 61, arena, "%06u%06u", payment->key.batch, payment->key.stan));
    *out = m;
    return OK;
}

/* The response belongs to this payment: its type, terminal, STAN and, when it says one, amount. */
static err check_same(const struct iso8583_message *m, uint16_t expected_mti,
                      const struct payment *p)
{
    uint32_t stan;
    char tid[9];
    if (m->mti != expected_mti) return ERR(CONFLICT);
    TRY(field_number(m, 11, 0, 6, &stan));
    TRY(field_copy(m, 41, tid, 8));
    if (stan != p->key.stan || memcmp(tid, p->key.tid, 8) != 0) return ERR(CONFLICT);
    if (!iso8583_has(m, 4)) return OK;
    int64_t amount;
    TRY(field_amount(m, &amount));
    return amount == p->amount_minor ? OK : ERR(CONFLICT);
}

/*
 * Field 63 of a response: a class as a letter and two spaces, or a scheme as three letters ("CUP"),
 * which tells no class; then the issuer's name.
 */
static enum payment_card_class class_of(const uint8_t scheme[3])
{
    if (scheme[1] != ' ' || scheme[2] != ' ') return PAYMENT_CLASS_UNKNOWN;
    switch (scheme[0]) {
    case 'D':
        return PAYMENT_CLASS_DEBIT;
    case 'C':
        return PAYMENT_CLASS_CREDIT;
    case 'W':
        return PAYMENT_CLASS_WALLET;
    case 'F':
        return PAYMENT_CLASS_FOREIGN;
    default:
        return PAYMENT_CLASS_UNKNOWN;
    }
}

static char class_letter(enum payment_card_class class)
{
    static const char letter[PAYMENT_CLASSES] = {'U', 'D', 'C', 'W', 'F'};
    ENSURE(class < PAYMENT_CLASSES);
    return letter[class];
}

err payment_class_parse(struct bytes field63, enum payment_card_class *ret_class, char issuer[25])
{
    if (field63.len < 3) return OK;
    /* A name for people: a longer one is cut between two characters, for its payment is none the
     * less paid. */
    struct bytes name = {field63.at + 3, field63.len - 3};
    while (name.len > 24 ||
           (name.len > 0 && field63.len > name.len + 3 && (name.at[name.len] & 0xc0) == 0x80))
        name.len--;
    TRY(bytes_to_text(name, issuer, 25));
    *ret_class = class_of(field63.at);
    return OK;
}

err payment_class_format(const struct payment *payment, struct arena *arena,
                         struct iso8583_message *m)
{
    return field_format(m, 63, arena, "%c  %s", class_letter(payment->card_class), payment->issuer);
}

err payment_apply_response(const struct iso8583_message *message, uint16_t expected_mti,
                           struct payment *payment)
{
    TRY(check_same(message, expected_mti, payment));
    struct payment p = *payment;
    TRY(field_copy(message, 39, p.response_code, 2));
    TRY(field_copy_optional(message, 12, p.local_time, 6));
    TRY(field_copy_optional(message, 13, p.local_date, 4));
    TRY(field_copy_optional(message, 15, p.settlement_date, 4));
    TRY(field_copy_optional(message, 37, p.rrn, 12));
    TRY(field_copy_optional(message, 38, p.auth_code, 6));
    TRY(payment_class_parse(iso8583_get(message, 63), &p.card_class, p.issuer));
    if (iso8583_has(message, 55)) TRY(payment_chip_take(iso8583_get(message, 55), &p.chip_answer));
    TRY(field_notice(message, p.notice));
    *payment = p;
    return OK;
}

/* Of what a card has approved by itself: a sale's message of another type, and of another 60.1. */
static bool says_advice(const struct iso8583_message *m)
{
    struct bytes trade = iso8583_get(m, 60);
    return m->mti == ADVICE_MTI && trade.len >= 2 &&
           bytes_equal(bytes_of(trade.at, 2), bytes_text(advice_trade));
}

static err parse_kind(const struct iso8583_message *m, struct payment *p)
{
    char processing[7], condition[3];
    struct bytes trade = iso8583_get(m, 60);
    TRY(field_copy(m, 3, processing, 6));
    TRY(field_copy(m, 25, condition, 2));
    if (!iso8583_has(m, 60)) return ERR(MISSING);
    if (trade.len < 2) return ERR(SHORT);
    bool advice = says_advice(m);
    const struct payment_kind *kind =
        payment_kind_by_terminal(bytes_text(processing), bytes_text(condition),
                                 advice ? BYTES("22") : bytes_of(trade.at, 2));
    if (kind == NULL || (m->mti != 0x0400 && m->mti != kind->mti && !advice))
        return ERR(UNSUPPORTED);
    if (advice && kind->type != PAYMENT_SALE) return ERR(UNSUPPORTED);
    p->type = kind->type;
    p->means = kind->means;
    return OK;
}

/* A voucher has a number; a reference and an authorisation have a date. */
static err parse_original(const struct iso8583_message *m, struct payment *p)
{
    struct payment_original *o = &p->original;
    enum payment_link link = payment_type_row(p->type)->link;
    if (link == PAYMENT_LINK_NONE) return OK;
    TRY(field_number(m, 61, 0, 6, &o->batch));
    TRY(field_number(m, 61, 6, 6, &o->stan));
    if (link == PAYMENT_LINK_VOUCHER) {
        TRY(field_copy_optional(m, 37, o->rrn, 12));
        TRY(field_copy_optional(m, 38, o->auth_code, 6));
        return o->stan > 0 ? OK : ERR(RANGE);
    }
    struct bytes said = iso8583_get(m, 61);
    if (said.len < 16) return ERR(SHORT);
    TRY(bytes_to_text(bytes_of(said.at + 12, 4), o->date, sizeof o->date));
    return link == PAYMENT_LINK_REFERENCE ? field_copy(m, 37, o->rrn, 12)
                                          : field_copy(m, 38, o->auth_code, 6);
}

static err parse_entry(const struct iso8583_message *m, struct payment *p)
{
    uint32_t mode;
    TRY(field_number(m, 22, 0, 3, &mode));
    p->pin_entered = mode % 10 == 1;
    switch (mode / 10) {
    case PAYMENT_ENTRY_UNKNOWN: /* nothing was read: the original says which card it was */
        return payment_linked(p->type) ? OK : ERR(UNSUPPORTED);
    case PAYMENT_ENTRY_MANUAL:
    case PAYMENT_ENTRY_SWIPE:
    case PAYMENT_ENTRY_CODE:
    case PAYMENT_ENTRY_CHIP:
    case PAYMENT_ENTRY_CONTACTLESS:
    case PAYMENT_ENTRY_FALLBACK:
        p->entry = (enum payment_entry)(mode / 10);
        return OK;
    default:
        return ERR(UNSUPPORTED);
    }
}

static err parse_common(const struct iso8583_message *m, struct payment *p)
{
    uint32_t currency;
    TRY(parse_kind(m, p));
    TRY(field_amount_of(m, p->type, &p->amount_minor));
    TRY(field_number(m, 11, 0, 6, &p->key.stan));
    if (p->key.stan == 0) return ERR(RANGE);
    TRY(parse_entry(m, p));
    TRY(field_copy(m, 41, p->key.tid, 8));
    TRY(field_copy(m, 42, p->mid, 15));
    TRY(field_number(m, 49, 0, 3, &currency));
    p->currency = (uint16_t)currency;
    TRY(field_number(m, 60, 2, 6, &p->key.batch));
    return field_copy_optional(m, 23, p->card_sequence, 3);
}

/* Field 55 comes exactly when 22 says that a chip was read, or the code of a card. */
static err check_chip(const struct payment *p)
{
    bool chip = payment_chip_due(p);
    if (chip == (p->chip.len > 0)) return OK;
    return chip ? ERR(MISSING) : ERR(FORMAT);
}

/* It is of a card that has approved by itself, and brings no PIN that somebody should judge. */
static err check_advice(const struct payment *p)
{
    enum { TAG_INFORMATION = 0x9F27, CRYPTOGRAM = 0xC0, TC = 0x40 };
    struct bytes information = payment_chip_get(&p->chip, TAG_INFORMATION);
    bool approved = information.len == 1 && (information.at[0] & CRYPTOGRAM) == TC;
    return approved && payment_offline(p) && !p->pin_entered ? OK : ERR(FORMAT);
}

/* In our dialect the approver's two digits follow; elsewhere that place means other things. */
static err parse_approver(const struct iso8583_message *m, char approver_id[3])
{
    struct bytes who = iso8583_get(m, 63);
    if (who.len <= 3) return OK;
    struct bytes digits = bytes_of(who.at + 3, who.len - 3);
    if (digits.len != 2 || !bytes_all_digits(digits)) return ERR(FORMAT);
    return bytes_to_text(digits, approver_id, 3);
}

/* A member's number is told where a code is. What follows a payment by code needs none of its own:
 * the original says whose it was; and a code that the terminal shall show is the host's to make. */
static err check_code(const struct payment *p, const struct payment_sensitive *s)
{
    struct bytes code = s->payment_code;
    if (s->pin_block.len > 0) return ERR(FORMAT);
    if (payment_linked(p->type) || p->means == PAYMENT_SHOWN)
        return code.len == 0 ? OK : ERR(FORMAT);
    return bytes_all_digits(code) && code.len >= 13 && code.len <= 24 ? OK : ERR(FORMAT);
}

/* A card payment says which card, a code payment which code, and a PIN comes when 22 says so. */
static err check_means(const struct payment_profile_row *row, const struct payment *p,
                       const struct payment_sensitive *s)
{
    if (payment_cardless(p->means)) return check_code(p, s);
    bool card = row->envelope ? s->envelope.len > 0 : s->pan.len > 0 || s->track2.len > 0;
    if (!card && p->entry != PAYMENT_ENTRY_UNKNOWN) return ERR(MISSING);
    if (p->pin_entered != (s->pin_block.len > 0) || (p->pin_entered && !card)) return ERR(FORMAT);
    return s->pin_block.len == 0 || s->pin_block.len == row->pin_block_len ? OK : ERR(LENGTH);
}

static err parse_ksn(const struct payment_profile_row *row, const struct iso8583_message *m,
                     struct bytes *ret_ksn)
{
    if (row->ksn_len == 0) return OK;
    *ret_ksn = iso8583_get(m, FIELD_KSN);
    if (ret_ksn->len == row->ksn_len) return OK;
    return ret_ksn->len == 0 ? ERR(MISSING) : ERR(LENGTH);
}

err payment_from_request(enum payment_profile profile, const struct iso8583_message *message,
                         struct payment *out, struct payment_sensitive *ret_sensitive)
{
    const struct payment_profile_row *row = payment_profile(profile);
    if (message->mti != 0x0400 && !payment_kind_mti(message->mti)) return ERR(UNSUPPORTED);

    struct payment p = {.state = PAYMENT_CREATED};
    struct payment_sensitive s = {0};
    TRY(parse_common(message, &p));
    if (message->mti == 0x0400 && !payment_moves(p.type)) return ERR(UNSUPPORTED);
    TRY(field_operator(message, p.operator_id));
    TRY(field_extras_parse(message, &p));
    if (iso8583_has(message, 55)) TRY(payment_chip_take(iso8583_get(message, 55), &p.chip));
    if (row->envelope) TRY(parse_approver(message, p.approver_id));
    if (message->mti == 0x0400) {
        TRY(field_copy(message, 39, p.reversal_reason, 2));
    } else {
        s = (struct payment_sensitive){
            .pin_block = pin_block_of(row, iso8583_get(message, 52)),
            .envelope = iso8583_get(message, 57),
            .payment_code = iso8583_get(message, 59),
        };
        if (!row->envelope) {
            s.pan = iso8583_get(message, 2);
            s.expiry = iso8583_get(message, 14);
            s.track2 = iso8583_get(message, 35);
        }
        TRY(parse_original(message, &p));
        TRY(check_chip(&p));
        TRY(check_means(row, &p, &s));
        if (says_advice(message)) TRY(check_advice(&p));
    }
    TRY(parse_ksn(row, message, &s.ksn));
    p.digest = payment_digest(&p);
    *out = p;
    *ret_sensitive = s;
    return OK;
}

err payment_response_message(enum payment_profile profile, const struct payment *payment,
                             uint16_t mti, struct arena *arena, struct iso8583_message *out)
{
    ENSURE(mti == 0x0410 || payment_kind_mti((uint16_t)(mti - 0x10)));
    ENSURE(payment->response_code[0] != '\0');
    struct iso8583_message m;
    iso8583_start(&m, mti);
    TRY(common_fields(payment, arena, &m));
    field_text(&m, 12, payment->local_time);
    field_text(&m, 13, payment->local_date);
    field_text(&m, 15, payment->settlement_date);
    field_text(&m, 37, payment->rrn);
    field_text(&m, 38, payment->auth_code);
    field_text(&m, 39,
               payment_profile(profile)->envelope ? payment->response_code
                                                  : response_code_standard(payment->response_code));
    if (payment_profile(profile)->envelope) field_text(&m, 44, payment->notice);
    field_view(&m, 55, payment_chip_view(&payment->chip_answer));
    TRY(field_format(&m, 60, arena, "%s%06u", payment_kind_of(payment)->trade, payment->key.batch));
    if (payment_profile(profile)->envelope) TRY(payment_class_format(payment, arena, &m));
    else field_text(&m, 63, "CUP");
    *out = m;
    return OK;
}
