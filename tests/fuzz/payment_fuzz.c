/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of terminals and messages of networks (S193), from bytes to a payment: what is taken is
 * within its limits, and its answer can be written and belongs to it.
 */
#include "payment/catch_up.h"
#include "payment/download.h"
#include "payment/message.h"
#include "payment/settlement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t decoded[ISO8583_ARENA_MAX], built[PAYMENT_MESSAGE_ARENA];

static void check_request(enum payment_profile profile, const struct iso8583_message *m)
{
    struct payment p, asked;
    struct payment_sensitive s;
    if (FAILED(payment_from_request(profile, m, &p, &s))) return;
    ENSURE(p.amount_minor > 0 && p.amount_minor <= MONEY_FIELD_MAX);
    ENSURE(p.key.stan >= 1 && p.key.stan <= 999999 && p.key.batch <= 999999);
    ENSURE(p.digest == payment_digest(&p));

    struct arena arena = arena_over(built, sizeof built);
    struct iso8583_message answer;
    asked = p;
    memcpy(p.response_code, "05", 3);
    uint16_t mti = (uint16_t)(m->mti + 0x10);
    err done = payment_response_message(profile, &p, mti, &arena, &answer);
    ENSURE(!FAILED(done));
    done = payment_apply_response(&answer, mti, &asked);
    ENSURE(!FAILED(done) && strcmp(asked.response_code, "05") == 0);
}

static void check_network(const struct iso8583_message *m)
{
    struct payment p;
    struct payment_sensitive s;
    struct payment_network_answer answer;
    enum payment_network_kind kind;
    if (!FAILED(payment_from_network(m, &p, &s, &kind)))
        ENSURE(strlen(p.rrn) == 12 && p.amount_minor > 0);
    if (!FAILED(payment_network_answer_parse(m, &answer)))
        ENSURE(answer.card_class < PAYMENT_CLASSES);
}

/* Field 62 of a download, whatever code it comes with. */
static void check_download(const char *code, struct bytes field)
{
    struct payment_download_ask ask;
    struct payment_download_answer answer;
    uint8_t again[PAYMENT_FIELD_62_MAX];
    struct writer w = writer_over(again, sizeof again);
    if (!FAILED(payment_download_read_ask(code, field, &ask))) {
        payment_download_write_ask(&w, code, &ask);
        ENSURE(bytes_equal(writer_view(&w), field)); /* one value has one spelling */
    }
    if (!FAILED(payment_download_read_answer(code, field, &answer)))
        ENSURE(answer.len <= PAYMENT_DOCUMENT_MAX && answer.part.len < field.len);
}

/* Field 62 after a restore: every record that is taken is within its limits, masked, and is written
 * as it came. */
static void check_records(const struct payment_catch_up_page *page)
{
    uint8_t again[PAYMENT_CATCH_UP_PAYMENT_MAX];
    struct reader payments = reader_over(page->records), closings = payments;
    for (;;) {
        struct payment p;
        struct bytes before = payments.left;
        if (FAILED(payment_catch_up_read_payment(&payments, &p))) break;
        ENSURE(p.amount_minor > 0 && p.amount_minor <= MONEY_FIELD_MAX && p.key.stan >= 1);
        ENSURE(strlen(p.pan_masked) < 13 || strchr(p.pan_masked, '*') != NULL);
        struct writer w = writer_over(again, sizeof again);
        payment_catch_up_write_payment(&w, &p);
        ENSURE(bytes_equal(writer_view(&w), bytes_of(before.at, before.len - payments.left.len)));
    }
    struct payment_catch_up_closing closing;
    while (!FAILED(payment_catch_up_read_closing(&closings, &closing)))
        ENSURE(closing.batch >= 1 && closing.batch <= 999999);
}

static void check_catch_up(const struct iso8583_message *m)
{
    struct payment_catch_up said;
    struct payment_catch_up_ask ask;
    struct payment_catch_up_page page;
    uint8_t again[64];
    struct writer w = writer_over(again, sizeof again);
    struct bytes field = iso8583_get(m, 62);
    if (!FAILED(payment_catch_up_parse(m, &said))) ENSURE(strlen(said.tid) == 8);
    if (!FAILED(payment_catch_up_read_ask(field, &ask))) {
        payment_catch_up_write_ask(&w, &ask);
        ENSURE(bytes_equal(writer_view(&w), field));
    }
    if (!FAILED(payment_catch_up_read_page(field, &page))) check_records(&page);
}

/* A settlement that is taken can be said again, and says the same. */
static void check_settlement(enum payment_profile profile, const struct iso8583_message *m)
{
    struct payment_settlement s, again;
    struct iso8583_message built_again;
    struct arena arena = arena_over(built, sizeof built);
    if (FAILED(payment_settlement_parse(profile, m, &s))) return;
    ENSURE(strlen(s.tid) == 8 && s.batch <= 999999 && s.rows <= PAYMENT_UPLOAD_MAX);
    for (size_t i = 0; !s.end && i < s.rows; i++)
        ENSURE(s.row[i].amount_minor > 0 && s.row[i].stan > 0);
    if (m->mti != 0x0320) return;
    err done = payment_upload_request(profile, &s, &arena, &built_again);
    ENSURE(!FAILED(done));
    done = payment_settlement_parse(profile, &built_again, &again);
    ENSURE(!FAILED(done) && again.rows == s.rows && again.end == s.end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > ISO8583_FRAME_MAX) return 0;
    const struct iso8583_dialect *const dialects[] = {
        &iso8583_dialect_tongbao, &iso8583_dialect_cup, &iso8583_dialect_ascii87};
    unsigned which = data[0] % 3;
    struct arena arena = arena_over(decoded, sizeof decoded);
    struct iso8583_message m;
    struct iso8583_fault fault;
    if (FAILED(iso8583_decode(dialects[which], bytes_of(data + 1, size - 1), &arena, &m, &fault)))
        return 0;
    struct payment_sign_in sign_in;
    if (!FAILED(payment_sign_in_parse(&m, &sign_in))) ENSURE(strlen(sign_in.tid) == 8);
    check_download(PAYMENT_CODE_STATUS, iso8583_get(&m, 62));
    check_download(PAYMENT_CODE_PART, iso8583_get(&m, 62));
    check_download(PAYMENT_CODE_END, iso8583_get(&m, 62));
    check_catch_up(&m);
    if (which != 2) check_settlement((enum payment_profile)which, &m);
    if (which == 2) check_network(&m);
    else check_request((enum payment_profile)which, &m);
    return 0;
}
