/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of payment as tables, checked whole, and the rules by which one payment may follow
 * another: every refusal, every boundary, and the fold of what has followed.
 * S94 S95 S96 S97 S98 S99
 */
#include "payment/follow.h"
#include "payment/response_code.h"
#include "tests/unit/payment_rig.h"

#define DAY_MS INT64_C(86400000)

enum { BATCH = 12 };

static const int64_t now_ms = INT64_C(1903321800000);

static struct payment original_of(enum payment_type type, int64_t amount_minor)
{
    struct payment p = rig_sale(PAYMENT_CARD);
    p.type = type;
    p.state = PAYMENT_APPROVED;
    p.amount_minor = amount_minor;
    p.created_ms = now_ms - DAY_MS;
    memcpy(p.token, "0123456789ABCDEF", 17);
    memcpy(p.rrn, "611500000001", 13);
    memcpy(p.auth_code, "A1B2C3", 7);
    return p;
}

static struct payment follower_of(enum payment_type type, int64_t amount_minor)
{
    struct payment p = original_of(type, amount_minor);
    p.state = PAYMENT_CREATED;
    p.key.stan++;
    return p;
}

static const char *refusal(const struct payment *p, const struct payment *o,
                           const struct payment_trail *trail)
{
    const char *code = payment_follow_refusal(p, o, trail, BATCH, now_ms);
    return code == NULL ? "" : code;
}

/* No two kinds look alike on either leg, and each is found again by what it looks like. */
static void every_kind_is_told_apart(void **state)
{
    (void)state;
    size_t count;
    const struct payment_kind *k = payment_kinds(&count);
    bool seen[PAYMENT_TYPES] = {true};
    for (size_t i = 0; i < count; i++) {
        struct payment p = {.type = k[i].type, .means = k[i].means};
        assert_ptr_equal(payment_kind_of(&p), &k[i]);
        assert_ptr_equal(payment_kind_by_terminal(bytes_text(k[i].processing),
                                                  bytes_text(k[i].condition),
                                                  bytes_text(k[i].trade)),
                         &k[i]);
        assert_ptr_equal(
            payment_kind_by_network(k[i].mti, bytes_text(k[i].network), bytes_text(k[i].condition)),
            &k[i]);
        assert_true(payment_kind_mti(k[i].mti));
        seen[k[i].type] = true;
    }
    for (unsigned type = 0; type < PAYMENT_TYPES; type++) assert_true(seen[type]);
    assert_false(payment_kind_mti(0x0400));
    assert_null(payment_kind_by_terminal(BYTES("000000"), BYTES("00"), BYTES("23")));
    assert_null(payment_kind_by_network(0x0100, BYTES("000000"), BYTES("00")));
}

/* What has an original says which kinds it may be of; nothing follows itself. */
static void every_type_makes_sense(void **state)
{
    (void)state;
    for (enum payment_type type = PAYMENT_SALE; type < PAYMENT_TYPES; type++) {
        const struct payment_type_row *row = payment_type_row(type);
        assert_true(row->zh[0] != '\0' && row->en[0] != '\0');
        assert_int_equal(row->originals != 0, payment_linked(type));
        assert_int_equal(row->originals & (1u << type), 0);
        assert_false(row->same_batch && !row->whole);
        assert_false(payment_returns(type) && !payment_linked(type)); /* S95 */
    }
}

static struct iso8583_message request_of(enum payment_profile profile, const struct payment *p,
                                         const struct payment_sensitive *s)
{
    struct arena arena = rig_arena();
    struct iso8583_message m;
    assert_int_equal(payment_request_message(profile, p, s, &arena, &m).code, ERR_OK);
    return rig_sent(payment_profile(profile)->dialect, &m);
}

/* Each kind goes from terminal to acquirer and on to a network, and back, as it was meant. */
static void every_kind_goes_both_legs(void **state)
{
    (void)state;
    size_t count;
    const struct payment_kind *k = payment_kinds(&count);
    for (size_t i = 0; i < count; i++) {
        struct payment sent = rig_sale(k[i].means), got;
        struct payment_sensitive s = {0}, read;
        enum payment_network_kind asked;
        bool linked = payment_linked(k[i].type), code = payment_cardless(k[i].means);
        sent.type = k[i].type;
        if (!payment_moves(sent.type)) sent.amount_minor = 0;
        sent.original = (struct payment_original){12, 344, "0424", "611500000001", "A1B2C3", 0};
        sent.pin_entered = false;
        if (k[i].type == PAYMENT_INSTALMENT) sent.plan = (struct payment_plan){6, false, 445};
        if (linked && !code) sent.entry = PAYMENT_ENTRY_UNKNOWN; /* nothing was presented */
        if (!linked && k[i].means == PAYMENT_CODE) s.payment_code = BYTES("281234567890123456");
        if (!linked && k[i].means == PAYMENT_POINTS) s.payment_code = BYTES("8600000000012");
        if (!linked && !code) s.envelope = BYTES("sealed");
        struct iso8583_message m = request_of(PAYMENT_PROFILE_TONGBAO, &sent, &s);
        assert_int_equal(m.mti, k[i].mti);
        rig_has(&m, 25, k[i].condition);
        assert_int_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &read).code, 0);
        assert_same_payment(&sent, &got);
        if (payment_type_row(k[i].type)->link == PAYMENT_LINK_AUTHORISATION) {
            assert_string_equal(got.original.auth_code, "A1B2C3");
            rig_has(&m, 61, "0000000000000424");
        } else if (linked) {
            assert_int_equal(got.original.stan, 344);
            assert_int_equal(got.original.batch, 12);
            assert_string_equal(got.original.rrn, "611500000001");
        }
        memcpy(sent.rrn, "611500000002", 13);
        for (unsigned kind = 0; kind <= PAYMENT_NETWORK_REVERSAL; kind++) {
            struct arena arena = rig_arena();
            memcpy(sent.reversal_reason, "98", 3);
            assert_int_equal(payment_network_message((enum payment_network_kind)kind, &sent, &s,
                                                     now_ms, &arena, &m)
                                 .code,
                             ERR_OK);
            m = rig_sent(&iso8583_dialect_ascii87, &m);
            err read_back = payment_from_network(&m, &got, &read, &asked);
            if (kind != PAYMENT_NETWORK_REQUEST && !payment_moves(sent.type)) {
                /* An inquiry is asked once, and there is nothing to take back. */
                assert_true(FAILED(read_back));
                continue;
            }
            assert_int_equal(read_back.code, ERR_OK);
            assert_int_equal(asked, kind);
            assert_int_equal(got.means, sent.means);
            if (kind != PAYMENT_NETWORK_QUERY) assert_int_equal(got.type, sent.type);
            bool names = linked && kind != PAYMENT_NETWORK_QUERY;
            assert_string_equal(got.original.rrn, names ? "611500000001" : "");
        }
    }
}

/* What names its original must name one. */
static void a_missing_original_is_missed(void **state)
{
    (void)state;
    static const enum payment_type types[] = {PAYMENT_VOID, PAYMENT_REFUND, PAYMENT_COMPLETION};
    static const unsigned needed[] = {61, 37, 38};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct payment sent = rig_sale(PAYMENT_CARD), got;
        struct payment_sensitive s = {0}, read;
        sent.type = types[i];
        sent.entry = PAYMENT_ENTRY_UNKNOWN;
        sent.pin_entered = false;
        sent.original = (struct payment_original){12, 344, "0424", "611500000001", "A1B2C3", 0};
        struct iso8583_message m = request_of(PAYMENT_PROFILE_TONGBAO, &sent, &s);
        iso8583_unset(&m, needed[i]);
        assert_int_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &read).code,
                         ERR_MISSING);
        m = request_of(PAYMENT_PROFILE_TONGBAO, &sent, &s);
        iso8583_set(&m, 61, BYTES("000012000000"));
        assert_int_not_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &read).code,
                             ERR_OK);
    }
}

/* S94: each condition of a void violated has a refusal of its own. */
static void a_void_is_refused_by_name(void **state)
{
    (void)state;
    const struct payment sale = original_of(PAYMENT_SALE, 12800);
    const struct payment_trail none = {0};
    struct payment p = follower_of(PAYMENT_VOID, 12800), o = sale;
    assert_string_equal(refusal(&p, &sale, &none), "");
    memcpy(o.mid, "898310153110002", 16);
    assert_string_equal(refusal(&p, &o, &none), "25");
    o = sale, o.state = PAYMENT_REVERSED;
    assert_string_equal(refusal(&p, &o, &none), "25");
    o = sale, o.state = PAYMENT_REVERSING;
    assert_string_equal(refusal(&p, &o, &none), "BA");
    o = sale, o.type = PAYMENT_REFUND;
    assert_string_equal(refusal(&p, &o, &none), "12");
    o = sale, o.means = PAYMENT_CODE;
    assert_string_equal(refusal(&p, &o, &none), "12");
    struct payment code = p, shown = sale; /* who had shown the code is not on a slip */
    code.means = PAYMENT_CODE, shown.means = PAYMENT_SHOWN;
    assert_string_equal(refusal(&code, &shown, &none), "");
    o = sale, o.token[0] = 'F';
    assert_string_equal(refusal(&p, &o, &none), "B7");
    o = sale, o.key.tid[7] = '8';
    assert_string_equal(refusal(&p, &o, &none), "B3");
    o = sale, o.key.batch = BATCH - 1;
    assert_string_equal(refusal(&p, &o, &none), "B4");
    p.amount_minor = 12799;
    assert_string_equal(refusal(&p, &sale, &none), "64");
    p.amount_minor = 12800;
    assert_string_equal(refusal(&p, &sale, &(struct payment_trail){.voided = true}), "B1");
    assert_string_equal(refusal(&p, &sale, &(struct payment_trail){.given_minor = 1}), "B9");
    const struct payment_trail busy = {.voided = true, .under_way = true};
    assert_string_equal(refusal(&p, &sale, &busy), "BA");
}

/* S95: refunds add up to the original and no fen more, whatever is still under way. */
static void refunds_never_exceed_the_original(void **state)
{
    (void)state;
    const struct payment sale = original_of(PAYMENT_SALE, 10000);
    struct payment_trail trail = {0};
    int64_t given = 0;
    for (int i = 1; i <= 200; i++) {
        struct payment p = follower_of(PAYMENT_REFUND, 37 * i % 900 + 1);
        p.key.tid[0] = '2'; /* from another terminal, in another batch */
        bool fits = given + p.amount_minor <= sale.amount_minor;
        assert_string_equal(refusal(&p, &sale, &trail), fits ? "" : "B2");
        if (!fits) continue;
        enum payment_state last = i % 3 == 0   ? PAYMENT_DECLINED
                                  : i % 3 == 1 ? PAYMENT_APPROVED
                                               : PAYMENT_REVERSING;
        payment_trail_add(&trail, p.type, last, p.amount_minor);
        if (i % 3 != 0) given += p.amount_minor;
        assert_int_equal(payment_trail_left(&trail, &sale), sale.amount_minor - given);
    }
    struct payment p = follower_of(PAYMENT_REFUND, 1);
    assert_string_equal(refusal(&p, &sale, &(struct payment_trail){.voided = true}), "B1");
}

/* S98: 115.00 % is completed, 115.01 % is not; what was added to the hold counts. */
static void a_completion_has_its_limits(void **state)
{
    (void)state;
    struct payment hold = original_of(PAYMENT_PREAUTH, 100000);
    struct payment_trail trail = {0};
    for (int kind = 0; kind < 2; kind++) {
        enum payment_type type = kind == 0 ? PAYMENT_COMPLETION : PAYMENT_COMPLETION_ADVICE;
        struct payment p = follower_of(type, 115000);
        assert_string_equal(refusal(&p, &hold, &trail), "");
        p.amount_minor = 115010;
        assert_string_equal(refusal(&p, &hold, &trail), "B8");
        p.amount_minor = 115001;
        assert_string_equal(refusal(&p, &hold, &trail), "B8");
        hold.created_ms = now_ms - 30 * DAY_MS;
        p.amount_minor = 1;
        assert_string_equal(refusal(&p, &hold, &trail), "");
        hold.created_ms--; /* S100 */
        assert_string_equal(refusal(&p, &hold, &trail), "B5");
        hold.created_ms = now_ms - DAY_MS;
    }
    payment_trail_add(&trail, PAYMENT_PREAUTH_ADD, PAYMENT_APPROVED, 100000);
    struct payment p = follower_of(PAYMENT_COMPLETION, 230000);
    assert_string_equal(refusal(&p, &hold, &trail), "");
    payment_trail_add(&trail, PAYMENT_PREAUTH_ADD, PAYMENT_PENDING, 100000);
    assert_string_equal(refusal(&p, &hold, &trail), "BA");
    assert_int_equal(payment_trail_whole(&trail, &hold), 200000); /* what is sure */
    /* A notice counts from the moment it is taken; one that is disputed has happened, too. */
    struct payment_trail told = {0}, disputed = {0};
    payment_trail_add(&told, PAYMENT_COMPLETION_ADVICE, PAYMENT_OFFLINE, 1);
    assert_string_equal(refusal(&p, &hold, &told), "BA");
    payment_trail_add(&disputed, PAYMENT_COMPLETION_ADVICE, PAYMENT_DISPUTED, 1);
    assert_string_equal(refusal(&p, &hold, &disputed), "B6");
    struct payment waits = original_of(PAYMENT_COMPLETION_ADVICE, 100);
    struct payment v = follower_of(PAYMENT_COMPLETION_VOID, 100);
    waits.state = PAYMENT_OFFLINE;
    assert_string_equal(refusal(&v, &waits, &(struct payment_trail){0}), "BA");
    waits.state = PAYMENT_DISPUTED;
    assert_string_equal(refusal(&v, &waits, &(struct payment_trail){0}), "25");
}

/* S99: a hold is completed or cancelled, once; a completion is voided, once. */
static void a_hold_ends_once(void **state)
{
    (void)state;
    const struct payment hold = original_of(PAYMENT_PREAUTH, 5000);
    const struct payment done = original_of(PAYMENT_COMPLETION, 5000);
    const struct payment_trail captured = {.captured = true}, cancelled = {.voided = true};
    struct payment complete = follower_of(PAYMENT_COMPLETION, 5000);
    struct payment cancel = follower_of(PAYMENT_PREAUTH_CANCEL, 5000);
    struct payment undo = follower_of(PAYMENT_COMPLETION_VOID, 5000);
    const struct payment_trail none = {0};
    assert_string_equal(refusal(&cancel, &hold, &none), "");
    assert_string_equal(refusal(&cancel, &hold, &captured), "B6");
    assert_string_equal(refusal(&cancel, &hold, &cancelled), "B1");
    assert_string_equal(refusal(&complete, &hold, &captured), "B6");
    assert_string_equal(refusal(&complete, &hold, &cancelled), "B1");
    assert_string_equal(refusal(&undo, &done, &none), "");
    assert_string_equal(refusal(&undo, &done, &cancelled), "B1");
    assert_string_equal(refusal(&undo, &hold, &none), "12");
    cancel.amount_minor = 4999;
    assert_string_equal(refusal(&cancel, &hold, &none), "64");
}

/* Every refusal is in the table, is none, and says something in both languages. */
static void refusals_have_words(void **state)
{
    (void)state;
    static const char *const codes[] = {"B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "BA"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        assert_string_equal(response_code(codes[i])->code, codes[i]);
        assert_false(response_approved(codes[i]));
        assert_string_not_equal(response_code_standard(codes[i]), codes[i]);
        assert_false(response_approved(response_code_standard(codes[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_told_apart),
        cmocka_unit_test(every_type_makes_sense),
        cmocka_unit_test(every_kind_goes_both_legs),
        cmocka_unit_test(a_missing_original_is_missed),
        cmocka_unit_test(a_void_is_refused_by_name),
        cmocka_unit_test(refunds_never_exceed_the_original),
        cmocka_unit_test(a_completion_has_its_limits),
        cmocka_unit_test(a_hold_ends_once),
        cmocka_unit_test(refusals_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
