/* SPDX-License-Identifier: Apache-2.0 */
/* What a host tells a restored terminal, as bytes and as messages: see catch_up.h. */
#include "payment/catch_up.h"

#include "payment/fields.h"
#include "payment/kind.h"

enum { VERSION = 1, FIELD_KSN = 47, FIELD_SAID = 62, CODE_AT = 8, TRADE_LEN = 11 };
enum { FLAG_PIN = 1, FLAG_BY_MERCHANT = 2, FLAGS_ALL = FLAG_PIN | FLAG_BY_MERCHANT };
enum { REFERENCE_LEN = 12, RECORD_MAX = PAYMENT_CATCH_UP_PAYMENT_MAX - 2, AMOUNT_BYTES = 6 };

/* Texts of a payment in their order; each member has its own room, with a NUL. */
#define TEXTS(X)       \
    X(mid)             \
    X(operator_id)     \
    X(approver_id)     \
    X(pan_masked)      \
    X(card_sequence)   \
    X(issuer)          \
    X(response_code)   \
    X(reversal_reason) \
    X(rrn)             \
    X(auth_code)       \
    X(local_time)      \
    X(local_date)      \
    X(settlement_date) \
    X(original.date)   \
    X(original.rrn)    \
    X(original.auth_code)

#define ROOM(member) +sizeof((struct payment *)NULL)->member
_Static_assert(2 + 47 TEXTS(ROOM) + 1 + PAYMENT_CHIP_MAX == PAYMENT_CATCH_UP_PAYMENT_MAX,
               "the longest payment");
_Static_assert(PAYMENT_CATCH_UP_HEAD + PAYMENT_CATCH_UP_PAYMENT_MAX <= 512, "one fits in field 62");
#undef ROOM

/* ---- places ---- */

static void write_place(struct writer *w, const struct payment_catch_up_place *place)
{
    ENSURE(place->floor >= 0 && place->after >= 0);
    write_be(w, (uint64_t)place->step, 1);
    write_be(w, (uint64_t)place->floor, 8);
    write_be(w, (uint64_t)place->after, 8);
}

static int64_t read_position(struct reader *r)
{
    uint64_t value = read_be(r, 8);
    if (value > INT64_MAX) reader_fail(r, ERR_RANGE);
    return value > INT64_MAX ? 0 : (int64_t)value;
}

static struct payment_catch_up_place read_place(struct reader *r)
{
    uint64_t step = read_be(r, 1);
    struct payment_catch_up_place place = {.step = CATCH_UP_BEGIN};
    if (step < CATCH_UP_BEGIN || step >= CATCH_UP_STEPS) reader_fail(r, ERR_FORMAT);
    else place.step = (enum payment_catch_up_step)step;
    place.floor = read_position(r);
    place.after = read_position(r);
    return place;
}

/* No writer here says a NUL: behind one would stand what no check and no store sees. */
static err take_text(struct bytes text, char *out, size_t size)
{
    if (text.len > 0 && memchr(text.at, '\0', text.len) != NULL) return ERR(FORMAT);
    return bytes_to_text(text, out, size);
}

static void read_version(struct reader *r)
{
    if (read_be(r, 1) != VERSION) reader_fail(r, ERR_UNSUPPORTED);
}

/* ---- asks and pages ---- */

void payment_catch_up_write_ask(struct writer *w, const struct payment_catch_up_ask *ask)
{
    write_be(w, VERSION, 1);
    write_place(w, &ask->at);
    write_be(w, (uint64_t)ask->until_ms, 8);
    write_be(w, ask->payments, 4);
    write_be(w, ask->batches, 4);
    write_prefixed(w, 1, bytes_text(ask->rrn));
}

err payment_catch_up_read_ask(struct bytes field, struct payment_catch_up_ask *out)
{
    struct reader r = reader_over(field);
    struct payment_catch_up_ask ask = {0};
    read_version(&r);
    ask.at = read_place(&r);
    ask.until_ms = read_position(&r);
    ask.payments = (uint32_t)read_be(&r, 4);
    ask.batches = (uint32_t)read_be(&r, 4);
    struct bytes rrn = read_prefixed(&r, 1, REFERENCE_LEN);
    TRY(reader_finish(&r));
    if (rrn.len != 0 && rrn.len != REFERENCE_LEN) return ERR(LENGTH);
    TRY(take_text(rrn, ask.rrn, sizeof ask.rrn));
    *out = ask;
    return OK;
}

void payment_catch_up_write_head(struct writer *w, const struct payment_catch_up_page *page)
{
    write_be(w, VERSION, 1);
    write_place(w, &page->at);
    write_place(w, &page->next);
    write_be(w, page->last_stan, 3);
    write_be(w, page->count, 1);
}

err payment_catch_up_read_page(struct bytes field, struct payment_catch_up_page *out)
{
    struct reader r = reader_over(field);
    struct payment_catch_up_page page = {0};
    read_version(&r);
    page.at = read_place(&r);
    page.next = read_place(&r);
    page.last_stan = (uint32_t)read_be(&r, 3);
    page.count = (unsigned)read_be(&r, 1);
    if (r.fault == ERR_OK && page.last_stan > 999999) return ERR(RANGE);
    page.records = read_rest(&r);
    TRY(reader_finish(&r));
    *out = page;
    return OK;
}

/* ---- a payment ---- */

static void write_texts(struct writer *w, const struct payment *p)
{
#define WRITE(member) write_prefixed(w, 1, bytes_text(p->member));
    TEXTS(WRITE)
#undef WRITE
    write_prefixed(w, 1, payment_chip_view(&p->chip));
}

void payment_catch_up_write_payment(struct writer *w, const struct payment *p)
{
    uint8_t block[RECORD_MAX];
    struct writer r = writer_over(block, sizeof block);
    unsigned flags = (p->pin_entered ? FLAG_PIN : 0) | (p->plan.by_merchant ? FLAG_BY_MERCHANT : 0);
    ENSURE(p->amount_minor > 0 && p->tip_minor >= 0 && p->plan.fee_minor >= 0);
    write_be(&r, p->key.batch, 3);
    write_be(&r, p->key.stan, 3);
    write_be(&r, p->type, 1);
    write_be(&r, p->state, 1);
    write_be(&r, p->means, 1);
    write_be(&r, p->entry, 1);
    write_be(&r, p->card_class, 1);
    write_be(&r, flags, 1);
    write_be(&r, (uint64_t)p->amount_minor, AMOUNT_BYTES);
    write_be(&r, p->currency, 2);
    write_be(&r, (uint64_t)p->created_ms, 8);
    write_be(&r, (uint64_t)p->tip_minor, AMOUNT_BYTES);
    write_be(&r, p->plan.months, 1);
    write_be(&r, (uint64_t)p->plan.fee_minor, AMOUNT_BYTES);
    write_be(&r, p->original.batch, 3);
    write_be(&r, p->original.stan, 3);
    write_texts(&r, p);
    ENSURE(r.fault == ERR_OK);
    write_prefixed(w, 2, writer_view(&r));
}

static void read_text(struct reader *r, char *out, size_t size)
{
    struct bytes text = read_prefixed(r, 1, size - 1);
    if (r->fault == ERR_OK && FAILED(take_text(text, out, size))) reader_fail(r, ERR_FORMAT);
}

static void read_texts(struct reader *r, struct payment *p)
{
#define READ(member) read_text(r, p->member, sizeof p->member);
    TEXTS(READ)
#undef READ
    struct bytes chip = read_prefixed(r, 1, PAYMENT_CHIP_MAX);
    if (r->fault == ERR_OK && chip.len > 0 && FAILED(payment_chip_take(chip, &p->chip)))
        reader_fail(r, ERR_FORMAT);
}

static unsigned read_enum(struct reader *r, unsigned least, unsigned end)
{
    unsigned value = (unsigned)read_be(r, 1);
    if (value < least || value >= end) reader_fail(r, ERR_FORMAT);
    return value;
}

static int64_t read_minor(struct reader *r, int64_t least)
{
    int64_t minor = (int64_t)read_be(r, AMOUNT_BYTES);
    if (minor < least || minor > MONEY_FIELD_MAX) reader_fail(r, ERR_RANGE);
    return minor;
}

static uint32_t read_number(struct reader *r, uint32_t least)
{
    uint32_t number = (uint32_t)read_be(r, 3);
    if (number < least || number > 999999) reader_fail(r, ERR_RANGE);
    return number;
}

/* What is shown of a card or code has stars in its middle: nobody else's word lets a whole number
 * into a store. */
static bool masked(const char *shown)
{
    return strlen(shown) < 13 || strchr(shown, '*') != NULL;
}

static void read_fixed(struct reader *r, struct payment *p)
{
    p->key.batch = read_number(r, 1);
    p->key.stan = read_number(r, 1);
    p->type = (enum payment_type)read_enum(r, PAYMENT_SALE, PAYMENT_TYPES);
    p->state = (enum payment_state)read_enum(r, PAYMENT_PENDING, PAYMENT_STATES);
    p->means = (enum payment_means)read_enum(r, PAYMENT_CARD, PAYMENT_POINTS + 1);
    p->entry = (enum payment_entry)read_enum(r, 0, PAYMENT_ENTRY_FALLBACK + 1);
    p->card_class = (enum payment_card_class)read_enum(r, 0, PAYMENT_CLASSES);
    unsigned flags = read_enum(r, 0, FLAGS_ALL + 1);
    p->pin_entered = (flags & FLAG_PIN) != 0;
    p->plan.by_merchant = (flags & FLAG_BY_MERCHANT) != 0;
    p->amount_minor = read_minor(r, 1);
    p->currency = (uint16_t)read_be(r, 2);
    p->created_ms = read_position(r);
    p->tip_minor = read_minor(r, 0);
    p->plan.months = (uint8_t)read_be(r, 1);
    p->plan.fee_minor = read_minor(r, 0);
    p->original.batch = read_number(r, 0);
    p->original.stan = read_number(r, 0);
}

err payment_catch_up_read_payment(struct reader *r, struct payment *out)
{
    struct payment p = {0};
    struct bytes record = read_prefixed(r, 2, RECORD_MAX);
    if (r->fault != ERR_OK) return (err){r->fault};
    struct reader in = reader_over(record);
    read_fixed(&in, &p);
    if (in.fault == ERR_OK) read_texts(&in, &p);
    TRY(reader_finish(&in));
    bool kind = payment_kind_moves(p.type, p.means); /* none is cash */
    if (!kind || !masked(p.pan_masked) || p.tip_minor >= p.amount_minor) return ERR(FORMAT);
    p.digest = payment_digest(&p);
    *out = p;
    return OK;
}

/* ---- a closing ---- */

void payment_catch_up_write_closing(struct writer *w,
                                    const struct payment_catch_up_closing *closing)
{
    enum { LEN = 3 + 1 + 8 + 2 * (4 + AMOUNT_BYTES) };
    write_be(w, LEN, 2);
    write_be(w, closing->batch, 3);
    write_be(w, closing->flag, 1);
    write_be(w, (uint64_t)closing->at_ms, 8);
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        write_be(w, (uint64_t)closing->totals.side[side].count, 4);
        write_be(w, (uint64_t)closing->totals.side[side].minor, AMOUNT_BYTES);
    }
}

err payment_catch_up_read_closing(struct reader *r, struct payment_catch_up_closing *out)
{
    struct payment_catch_up_closing closing = {0};
    struct bytes record = read_prefixed(r, 2, RECORD_MAX);
    if (r->fault != ERR_OK) return (err){r->fault};
    struct reader in = reader_over(record);
    closing.batch = read_number(&in, 1);
    closing.flag =
        (enum payment_settle_flag)read_enum(&in, PAYMENT_SETTLE_EQUAL, PAYMENT_SETTLE_ERROR + 1);
    closing.at_ms = read_position(&in);
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        closing.totals.side[side].count = (int64_t)read_be(&in, 4);
        closing.totals.side[side].minor = read_minor(&in, 0);
    }
    TRY(reader_finish(&in));
    *out = closing;
    return OK;
}

/* ---- messages ---- */

static err start(const struct payment_catch_up *in, uint16_t mti, struct arena *arena,
                 struct iso8583_message *m)
{
    iso8583_start(m, mti);
    TRY(field_decimal(m, 11, arena, in->stan, 6));
    field_text(m, 41, in->tid);
    field_text(m, 42, in->mid);
    TRY(field_format(m, 60, arena, "00%06u%s", in->batch, PAYMENT_CODE_CATCH_UP));
    field_view(m, FIELD_SAID, in->field);
    field_mac_place(m);
    return OK;
}

err payment_catch_up_request(const struct payment_catch_up *in, struct arena *arena,
                             struct iso8583_message *out)
{
    struct iso8583_message m;
    TRY(start(in, 0x0300, arena, &m));
    *out = m;
    return OK;
}

err payment_catch_up_response(const struct payment_catch_up *in, struct arena *arena,
                              struct iso8583_message *out)
{
    struct iso8583_message m;
    ENSURE(in->response_code[0] != '\0');
    TRY(start(in, 0x0310, arena, &m));
    field_text(&m, 12, in->local_time);
    field_text(&m, 13, in->local_date);
    field_text(&m, 39, in->response_code);
    *out = m;
    return OK;
}

err payment_catch_up_parse(const struct iso8583_message *message, struct payment_catch_up *out)
{
    struct payment_catch_up p = {0};
    struct bytes trade = iso8583_get(message, 60);
    bool answer = message->mti == 0x0310;
    if (message->mti != 0x0300 && !answer) return ERR(UNSUPPORTED);
    TRY(field_number(message, 11, 0, 6, &p.stan));
    TRY(field_copy(message, 41, p.tid, 8));
    TRY(field_copy(message, 42, p.mid, 15));
    TRY(field_number(message, 60, 2, 6, &p.batch));
    if (trade.len != TRADE_LEN) return ERR(SHORT);
    if (!bytes_equal(bytes_of(trade.at + CODE_AT, 3), BYTES(PAYMENT_CODE_CATCH_UP)))
        return ERR(UNSUPPORTED);
    if (answer) TRY(field_copy(message, 39, p.response_code, 2));
    TRY(field_copy_optional(message, 12, p.local_time, 6));
    TRY(field_copy_optional(message, 13, p.local_date, 4));
    p.field = iso8583_get(message, FIELD_SAID);
    p.ksn = iso8583_get(message, FIELD_KSN);
    *out = p;
    return OK;
}
