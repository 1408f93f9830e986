/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payments as messages between terminal and acquirer, in all profiles: what one end builds the
 * other reads, what is mandatory is missed, and an answer to another payment changes nothing.
 * S50 S74 S77 S87
 */
#include "tests/unit/payment_rig.h"

static const uint8_t block[16] = {0xa1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static struct payment_sensitive sensitive_of(enum payment_profile profile, enum payment_means means)
{
    if (means == PAYMENT_SHOWN) return (struct payment_sensitive){0}; /* the host makes its code */
    if (means == PAYMENT_CODE)
        return (struct payment_sensitive){.payment_code = BYTES("281234567890123456")};
    struct payment_sensitive s = {.pin_block =
                                      bytes_of(block, payment_profile(profile)->pin_block_len)};
    if (payment_profile(profile)->envelope) {
        s.envelope = BYTES("sealed for the hsm");
    } else {
        s.pan = BYTES("6200000000000005");
        s.expiry = BYTES("3012");
        s.track2 = BYTES("6200000000000005=30122201000000000000");
    }
    return s;
}

static struct iso8583_message request_of(enum payment_profile profile, const struct payment *p)
{
    struct arena arena = rig_arena();
    struct payment_sensitive s = sensitive_of(profile, p->means);
    struct iso8583_message m;
    assert_int_equal(payment_request_message(profile, p, &s, &arena, &m).code, ERR_OK);
    rig_add_ksn(profile, &m, block);
    return rig_sent(payment_profile(profile)->dialect, &m);
}

static struct iso8583_message reversal_of(enum payment_profile profile, const struct payment *p)
{
    struct arena arena = rig_arena();
    struct iso8583_message m;
    assert_int_equal(payment_reversal_message(profile, p, &arena, &m).code, ERR_OK);
    rig_add_ksn(profile, &m, block);
    return rig_sent(payment_profile(profile)->dialect, &m);
}

static void a_request_is_read_as_it_was_meant(void **state)
{
    (void)state;
    for (unsigned profile = 0; profile < PAYMENT_PROFILES; profile++) {
        for (unsigned means = PAYMENT_CARD; means <= PAYMENT_SHOWN; means++) {
            if (profile == PAYMENT_PROFILE_CUP && means == PAYMENT_CODE) continue; /* below */
            struct payment sent = rig_sale((enum payment_means)means), got;
            struct payment_sensitive s,
                want = sensitive_of((enum payment_profile)profile, (enum payment_means)means);
            memcpy(sent.approver_id, "00", 3); /* S58: in our dialect */
            struct iso8583_message m = request_of((enum payment_profile)profile, &sent);
            assert_int_equal(payment_from_request((enum payment_profile)profile, &m, &got, &s).code,
                             ERR_OK);
            assert_same_payment(&sent, &got);
            assert_int_equal(got.state, PAYMENT_CREATED);
            assert_int_equal(got.digest, payment_digest(&sent));
            assert_string_equal(got.operator_id, "01");
            assert_string_equal(got.approver_id,
                                payment_profile((enum payment_profile)profile)->envelope ? "00"
                                                                                         : "");
            assert_string_equal(got.reversal_reason, "");
            assert_true(bytes_equal(s.pin_block, want.pin_block));
            assert_true(bytes_equal(s.envelope, want.envelope));
            assert_true(bytes_equal(s.payment_code, want.payment_code));
            assert_true(bytes_equal(s.pan, want.pan));
            assert_true(bytes_equal(s.expiry, want.expiry));
            assert_true(bytes_equal(s.track2, want.track2));
            size_t ksn_len = payment_profile((enum payment_profile)profile)->ksn_len;
            assert_true(bytes_equal(s.ksn, bytes_of(block, ksn_len)));
        }
    }
}

/* S58: an approver is two digits, or there is none. */
static void an_odd_approver_is_refused(void **state)
{
    (void)state;
    static const char *const odd[] = {"01 0", "01 0a", "01 000"};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        struct payment sent = rig_sale(PAYMENT_CARD), got;
        struct payment_sensitive s;
        struct iso8583_message m = request_of(PAYMENT_PROFILE_TONGBAO, &sent);
        iso8583_set(&m, 63, bytes_text(odd[i]));
        assert_int_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &s).code,
                         ERR_FORMAT);
    }
}

/* S82: the tip goes with the amount that it is a part of, in every profile, and changes the digest;
 * a field that says no such thing is refused. */
static void a_tip_is_a_part_of_the_amount(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        enum err_code code;
    } odd[] = {{"0044156D00000000128", ERR_LENGTH},  {"0044156D0000000012800", ERR_LENGTH},
               {"0044156D000000012800", ERR_RANGE},  {"0044156D000000000000", ERR_RANGE},
               {"0044156C000000000100", ERR_FORMAT}, {"0040156D000000000100", ERR_FORMAT},
               {"0044156D00000000010a", ERR_DIGIT}};
    struct payment sent = rig_sale(PAYMENT_CARD), got = {0};
    struct payment_sensitive s;
    uint64_t without = payment_digest(&sent);
    sent.tip_minor = 1280;
    assert_true(payment_digest(&sent) != without);
    for (int profile = 0; profile < PAYMENT_PROFILES; profile++) {
        struct iso8583_message m = request_of((enum payment_profile)profile, &sent);
        assert_true(bytes_equal(iso8583_get(&m, 54), BYTES("0044156D000000001280")));
        assert_int_equal(payment_from_request((enum payment_profile)profile, &m, &got, &s).code,
                         ERR_OK);
        assert_int_equal(got.tip_minor, 1280);
        assert_int_equal(got.amount_minor, sent.amount_minor);
        assert_int_equal(got.digest, payment_digest(&sent));
        for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
            iso8583_set(&m, 54, bytes_text(odd[i].field));
            assert_int_equal(payment_from_request((enum payment_profile)profile, &m, &got, &s).code,
                             odd[i].code);
        }
    }
}

/* S82 S85: a reversal names the payment with its content, or the host takes it for another one. */
static void a_reversal_has_the_digest_of_its_payment(void **state)
{
    (void)state;
    static const uint8_t ksn[PAYMENT_KSN_MAX] = {1};
    for (unsigned profile = 0; profile < PAYMENT_PROFILES; profile++) {
        for (unsigned with = 0; with < 3; with++) {
            struct payment sent = rig_sale(PAYMENT_CARD), got;
            struct payment_sensitive s;
            sent.tip_minor = with == 1 ? 1280 : 0;
            if (with == 2) sent.type = PAYMENT_INSTALMENT, sent.plan.months = 6;
            struct iso8583_message m = request_of((enum payment_profile)profile, &sent);
            assert_int_equal(payment_from_request((enum payment_profile)profile, &m, &got, &s).code,
                             ERR_OK);
            assert_true(got.type == sent.type && got.plan.months == sent.plan.months);
            uint64_t digest = payment_digest(&sent);
            assert_int_equal(got.digest, digest);
            memcpy(sent.reversal_reason, "98", 3);
            struct arena arena = rig_arena();
            assert_int_equal(
                payment_reversal_message((enum payment_profile)profile, &sent, &arena, &m).code,
                ERR_OK);
            rig_add_ksn((enum payment_profile)profile, &m, ksn);
            assert_int_equal(payment_from_request((enum payment_profile)profile, &m, &got, &s).code,
                             ERR_OK);
            assert_int_equal(got.digest, digest);
        }
    }
}

static void a_reversal_is_read_as_it_was_meant(void **state)
{
    (void)state;
    for (unsigned profile = 0; profile < PAYMENT_PROFILES; profile++) {
        for (unsigned means = PAYMENT_CARD; means <= PAYMENT_SHOWN; means++) {
            struct payment sent = rig_sale((enum payment_means)means), got;
            struct payment_sensitive s;
            memcpy(sent.reversal_reason, "98", 3);
            struct iso8583_message m = reversal_of((enum payment_profile)profile, &sent);
            assert_int_equal(payment_from_request((enum payment_profile)profile, &m, &got, &s).code,
                             ERR_OK);
            assert_same_payment(&sent, &got);
            assert_string_equal(got.reversal_reason, "98");
            rig_has(&m, 61, "000012000345");
            /* A reversal says which payment, never which card. */
            static const unsigned fields[] = {3, 4, 11, 22, 25, 39, 41, 42, 49, 60, 61, 64, 0};
            if (payment_profile((enum payment_profile)profile)->ksn_len > 0) iso8583_unset(&m, 47);
            rig_only(&m, fields);
            assert_int_equal(s.pan.len + s.track2.len + s.pin_block.len + s.envelope.len, 0);
        }
    }
}

/* Our own profile has no room for a card number; the dialect would refuse to encode one. S60 */
static void our_profile_carries_no_card_number(void **state)
{
    (void)state;
    struct payment p = rig_sale(PAYMENT_CARD);
    struct iso8583_message m = request_of(PAYMENT_PROFILE_TONGBAO, &p);
    static const unsigned fields[] = {3, 4, 11, 22, 25, 26, 41, 42, 49, 52, 53, 57, 60, 63, 64, 0};
    rig_only(&m, fields);
    rig_has(&m, 22, "021");
    rig_has(&m, 60, "22000012000600");
    rig_has(&m, 63, "01 ");
    p.pin_entered = false;
    m = request_of(PAYMENT_PROFILE_TONGBAO, &p);
    rig_has(&m, 22, "022");
    assert_false(iso8583_has(&m, 26) || iso8583_has(&m, 52) || iso8583_has(&m, 53));
}

static void sign_in_goes_round_in_our_profile(void **state)
{
    (void)state;
    static const char *const codes[] = {"006", "002", "301"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct payment_sign_in in = {.tid = "10000017",
                                     .mid = "898310153110001",
                                     .stan = 999999,
                                     .batch = 999999,
                                     .operator_id = "05"},
                               got;
        memcpy(in.code, codes[i], 4);
        struct arena arena = rig_arena();
        struct iso8583_message m;
        assert_int_equal(payment_sign_in_request(PAYMENT_PROFILE_TONGBAO, &in, &arena, &m).code,
                         ERR_OK);
        m = rig_sent(&iso8583_dialect_tongbao, &m);
        assert_int_equal(m.mti, i == 0 ? 0x0800 : 0x0820);
        assert_int_equal(payment_sign_in_parse(&m, &got).code, ERR_OK);
        assert_string_equal(got.code, codes[i]);
        assert_int_equal(got.batch, 999999);

        memcpy(got.response_code, "00", 3);
        memcpy(got.rrn, "633015000001", 13);
        memcpy(got.local_time, "235959", 7);
        memcpy(got.local_date, "1231", 5);
        memcpy(got.local_year, "2026", 5);
        got.delivery = bytes_of(block, i == 0 ? sizeof block : 0);
        arena = rig_arena();
        assert_int_equal(payment_sign_in_response(PAYMENT_PROFILE_TONGBAO, &got, &arena, &m).code,
                         ERR_OK);
        m = rig_sent(&iso8583_dialect_tongbao, &m);
        assert_int_equal(m.mti, i == 0 ? 0x0810 : 0x0830);
        struct payment_sign_in back;
        assert_int_equal(payment_sign_in_parse(&m, &back).code, ERR_OK);
        assert_string_equal(back.local_year, "2026");
        assert_string_equal(back.local_time, "235959");
        assert_string_equal(back.response_code, "00");
        assert_int_equal(back.delivery.len, got.delivery.len);
    }
}

/* ---- what is missing or wrong ---- */

static void refused(enum payment_profile profile, const struct iso8583_message *m,
                    enum err_code expected)
{
    struct payment out, before;
    struct payment_sensitive s, kept;
    memset(&out, 0x5a, sizeof out);
    memset(&s, 0x5a, sizeof s);
    before = out;
    kept = s;
    assert_int_equal(payment_from_request(profile, m, &out, &s).code, expected);
    assert_memory_equal(&out, &before, sizeof out);
    assert_memory_equal(&s, &kept, sizeof s);
}

static void every_mandatory_field_is_missed(void **state)
{
    (void)state;
    static const unsigned always[] = {3, 4, 11, 22, 41, 42, 49, 60};
    for (unsigned profile = 0; profile < PAYMENT_PROFILES; profile++) {
        struct payment p = rig_sale(PAYMENT_CARD);
        memcpy(p.reversal_reason, "06", 3);
        for (size_t i = 0; i < ARRAY_LEN(always); i++) {
            struct iso8583_message m = request_of((enum payment_profile)profile, &p);
            iso8583_unset(&m, always[i]);
            refused((enum payment_profile)profile, &m, ERR_MISSING);
            m = reversal_of((enum payment_profile)profile, &p);
            iso8583_unset(&m, always[i]);
            refused((enum payment_profile)profile, &m, ERR_MISSING);
        }
        struct iso8583_message m = reversal_of((enum payment_profile)profile, &p);
        iso8583_unset(&m, 39);
        refused((enum payment_profile)profile, &m, ERR_MISSING);
        m = request_of((enum payment_profile)profile, &p);
        iso8583_unset(&m, 52); /* field 22 says that a PIN was entered */
        refused((enum payment_profile)profile, &m, ERR_FORMAT);
        if (payment_profile((enum payment_profile)profile)->ksn_len == 0) continue;
        m = reversal_of((enum payment_profile)profile, &p);
        iso8583_unset(&m, 47);
        refused((enum payment_profile)profile, &m, ERR_MISSING);
        iso8583_set(&m, 47, bytes_of(block, 9));
        refused((enum payment_profile)profile, &m, ERR_LENGTH);
    }
}

static void a_request_says_how_it_is_paid(void **state)
{
    (void)state;
    struct payment p = rig_sale(PAYMENT_CARD);
    struct iso8583_message m = request_of(PAYMENT_PROFILE_TONGBAO, &p);
    iso8583_unset(&m, 57);
    refused(PAYMENT_PROFILE_TONGBAO, &m, ERR_MISSING);
    /* Track or number will do in the plain profile; neither will not. */
    m = request_of(PAYMENT_PROFILE_CUP, &p);
    iso8583_unset(&m, 35);
    struct payment got;
    struct payment_sensitive s;
    assert_int_equal(payment_from_request(PAYMENT_PROFILE_CUP, &m, &got, &s).code, ERR_OK);
    iso8583_unset(&m, 2);
    refused(PAYMENT_PROFILE_CUP, &m, ERR_MISSING);

    p = rig_sale(PAYMENT_CODE);
    m = request_of(PAYMENT_PROFILE_TONGBAO, &p);
    iso8583_unset(&m, 59);
    refused(PAYMENT_PROFILE_TONGBAO, &m, ERR_FORMAT);
    static const char *const codes[] = {"", "28123456789", "28123456789012345A",
                                        "2812345678901234567890123"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        iso8583_set(&m, 59, bytes_text(codes[i]));
        refused(PAYMENT_PROFILE_TONGBAO, &m, ERR_FORMAT);
    }
    iso8583_set(&m, 59, BYTES("281234567890123456"));
    p = rig_sale(PAYMENT_SHOWN); /* a code that is shown is not the terminal's to choose */
    m = request_of(PAYMENT_PROFILE_TONGBAO, &p);
    iso8583_set(&m, 59, BYTES("281234567890123456"));
    refused(PAYMENT_PROFILE_TONGBAO, &m, ERR_FORMAT);
    p = rig_sale(PAYMENT_CODE);
    m = request_of(PAYMENT_PROFILE_TONGBAO, &p);
    iso8583_set(&m, 52, BYTES_OF(block)); /* a code is never paid with a PIN at the terminal */
    refused(PAYMENT_PROFILE_TONGBAO, &m, ERR_FORMAT);
}

static void wrong_values_are_named(void **state)
{
    (void)state;
    static const struct {
        unsigned field;
        const char *value;
        enum err_code expected;
    } wrong[] = {
        {3, "200000", ERR_UNSUPPORTED},
        {3, "00000", ERR_LENGTH},
        {4, "000000000000", ERR_RANGE},
        {4, "00000001280A", ERR_DIGIT},
        {11, "000000", ERR_RANGE},
        {22, "991", ERR_UNSUPPORTED},
        {22, "001", ERR_UNSUPPORTED},
        {41, "1000001", ERR_LENGTH},
        {42, "8983101531100012", ERR_LENGTH},
        {49, "15", ERR_SHORT},
        {60, "22", ERR_SHORT},
        {23, "0011", ERR_LENGTH},
    };
    struct payment p = rig_sale(PAYMENT_CARD);
    for (unsigned profile = 0; profile < PAYMENT_PROFILES; profile++) {
        for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
            struct iso8583_message m = request_of((enum payment_profile)profile, &p);
            iso8583_set(&m, wrong[i].field, bytes_text(wrong[i].value));
            refused((enum payment_profile)profile, &m, wrong[i].expected);
        }
        struct iso8583_message m = request_of((enum payment_profile)profile, &p);
        iso8583_set(&m, 52, bytes_of(block, 7));
        refused((enum payment_profile)profile, &m, ERR_LENGTH);
        m.mti = 0x0240;
        refused((enum payment_profile)profile, &m, ERR_UNSUPPORTED);
    }
}

/* ---- the answer ---- */

static struct iso8583_message response_of(enum payment_profile profile, const struct payment *p,
                                          uint16_t mti)
{
    struct arena arena = rig_arena();
    struct iso8583_message m;
    assert_int_equal(payment_response_message(profile, p, mti, &arena, &m).code, ERR_OK);
    return rig_sent(payment_profile(profile)->dialect, &m);
}

static struct payment answered(void)
{
    struct payment p = rig_sale(PAYMENT_CARD);
    memcpy(p.response_code, "00", 3);
    memcpy(p.rrn, "633015000001", 13);
    memcpy(p.auth_code, "A1B2C3", 7);
    memcpy(p.local_time, "123015", 7);
    memcpy(p.local_date, "1123", 5);
    memcpy(p.settlement_date, "1124", 5);
    p.card_class = PAYMENT_CLASS_CREDIT;
    memcpy(p.issuer, "通宝银行", sizeof "通宝银行");
    return p;
}

static void an_answer_is_taken_into_the_payment(void **state)
{
    (void)state;
    const struct payment said = answered();
    struct iso8583_message m = response_of(PAYMENT_PROFILE_TONGBAO, &said, 0x0210);
    struct payment p = rig_sale(PAYMENT_CARD);
    assert_int_equal(payment_apply_response(&m, 0x0210, &p).code, ERR_OK);
    assert_string_equal(p.response_code, "00");
    assert_string_equal(p.rrn, said.rrn);
    assert_string_equal(p.auth_code, said.auth_code);
    assert_string_equal(p.local_time, said.local_time);
    assert_string_equal(p.local_date, said.local_date);
    assert_string_equal(p.settlement_date, said.settlement_date);
    assert_string_equal(p.issuer, said.issuer);
    assert_int_equal(p.card_class, PAYMENT_CLASS_CREDIT);
    assert_int_equal(p.state, PAYMENT_CREATED); /* the state is the caller's */
    static const unsigned fields[] = {3,  4,  11, 12, 13, 15, 25, 37, 38,
                                      39, 41, 42, 49, 60, 63, 64, 0};
    rig_only(&m, fields);
}

static void untouched(const struct iso8583_message *m, enum err_code expected)
{
    struct payment p, before;
    memset(&p, 0, sizeof p);
    p = rig_sale(PAYMENT_CARD);
    memcpy(&before, &p, sizeof p);
    assert_int_equal(payment_apply_response(m, 0x0210, &p).code, expected);
    assert_memory_equal(&p, &before, sizeof p);
}

/* A late or a strange answer must not decide this payment. */
static void an_answer_to_another_payment_changes_nothing(void **state)
{
    (void)state;
    struct payment other = answered();
    other.key.stan++;
    struct iso8583_message m = response_of(PAYMENT_PROFILE_TONGBAO, &other, 0x0210);
    untouched(&m, ERR_CONFLICT);
    other = answered();
    other.key.tid[7] = '8';
    m = response_of(PAYMENT_PROFILE_TONGBAO, &other, 0x0210);
    untouched(&m, ERR_CONFLICT);
    other = answered();
    other.amount_minor--; /* approved in part: not what was asked */
    m = response_of(PAYMENT_PROFILE_TONGBAO, &other, 0x0210);
    untouched(&m, ERR_CONFLICT);
    other = answered();
    m = response_of(PAYMENT_PROFILE_TONGBAO, &other, 0x0410);
    untouched(&m, ERR_CONFLICT);
}

static void a_damaged_answer_changes_nothing(void **state)
{
    (void)state;
    const struct payment said = answered();
    static const unsigned needed[] = {11, 39, 41};
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        struct iso8583_message m = response_of(PAYMENT_PROFILE_TONGBAO, &said, 0x0210);
        iso8583_unset(&m, needed[i]);
        untouched(&m, ERR_MISSING);
    }
    static const struct {
        unsigned field;
        const char *value;
        enum err_code expected;
    } wrong[] = {
        {39, "000", ERR_LENGTH},   {37, "63301500000", ERR_LENGTH}, {38, "A1B2C", ERR_LENGTH},
        {12, "12301", ERR_LENGTH}, {13, "11231", ERR_LENGTH},       {15, "", ERR_LENGTH},
        {11, "00034A", ERR_DIGIT}, {4, "000000000000", ERR_RANGE},
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct iso8583_message m = response_of(PAYMENT_PROFILE_TONGBAO, &said, 0x0210);
        iso8583_set(&m, wrong[i].field, bytes_text(wrong[i].value));
        untouched(&m, wrong[i].expected);
    }
}

/* A payment that was approved is paid, however long its issuer's name is. */
static void a_long_issuer_is_cut_between_characters(void **state)
{
    (void)state;
    static const struct {
        const char *field, *issuer;
    } table[] = {
        {"D  abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwx"},
        {"D  abcdefghijklmnopqrstuvwx", "abcdefghijklmnopqrstuvwx"},
        {"D  a一二三四五六七八", "a一二三四五六七"},
        {"D  一二三四五六七八", "一二三四五六七八"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct payment said = answered(), p = rig_sale(PAYMENT_CARD);
        struct iso8583_message m = response_of(PAYMENT_PROFILE_TONGBAO, &said, 0x0210);
        iso8583_set(&m, 63, bytes_text(table[i].field));
        assert_int_equal(payment_apply_response(&m, 0x0210, &p).code, ERR_OK);
        assert_string_equal(p.issuer, table[i].issuer);
    }
}

static void every_class_of_card_goes_round(void **state)
{
    (void)state;
    for (unsigned class = 0; class < PAYMENT_CLASSES; class ++) {
        struct payment said = answered(), p = rig_sale(PAYMENT_CARD);
        said.card_class = (enum payment_card_class) class;
        struct iso8583_message m = response_of(PAYMENT_PROFILE_TONGBAO, &said, 0x0210);
        assert_int_equal(payment_apply_response(&m, 0x0210, &p).code, ERR_OK);
        assert_int_equal(p.card_class, class);
    }
}

/* ---- the record itself ---- */

static void masks_keep_six_and_four(void **state)
{
    (void)state;
    char text[20];
    assert_int_equal(payment_mask(BYTES("6200000000000005"), text).code, ERR_OK); /* S65 */
    assert_string_equal(text, "620000******0005");
    assert_int_equal(payment_mask(BYTES("6212345678901"), text).code, ERR_OK);
    assert_string_equal(text, "621234***8901");
    assert_int_equal(payment_mask(BYTES("281234567890123456789012"), text).code, ERR_OK);
    assert_string_equal(text, "281234*********9012");
    char before[20];
    memcpy(before, text, sizeof text);
    assert_int_equal(payment_mask(BYTES("621234567890"), text).code, ERR_LENGTH);
    assert_int_equal(payment_mask(BYTES("621234567890x"), text).code, ERR_DIGIT);
    assert_memory_equal(text, before, sizeof text);
}

static void the_key_and_the_digest_tell_payments_apart(void **state)
{
    (void)state;
    const struct payment a = rig_sale(PAYMENT_CARD);
    struct payment b = a;
    char text[24];
    payment_key_text(&a.key, text);
    assert_string_equal(text, "10000017/000012/000345");
    b.key.batch++;
    assert_false(payment_key_equal(&a.key, &b.key));
    assert_int_equal(payment_digest(&a), payment_digest(&b)); /* content, not key */
    b = a;
    b.amount_minor++;
    assert_int_not_equal(payment_digest(&a), payment_digest(&b));
    b = a;
    b.currency = 840;
    assert_int_not_equal(payment_digest(&a), payment_digest(&b));
    b = a;
    b.means = PAYMENT_CODE;
    assert_int_not_equal(payment_digest(&a), payment_digest(&b));
    b = a;
    b.mid[14] = '2';
    assert_int_not_equal(payment_digest(&a), payment_digest(&b));
}

static void profiles_have_their_names(void **state)
{
    (void)state;
    enum payment_profile p = PAYMENT_PROFILES;
    assert_int_equal(payment_profile_named(BYTES("tongbao"), &p).code, ERR_OK);
    assert_int_equal(p, PAYMENT_PROFILE_TONGBAO);
    assert_int_equal(payment_profile_named(BYTES("cup"), &p).code, ERR_OK);
    assert_int_equal(p, PAYMENT_PROFILE_CUP);
    assert_int_equal(payment_profile_named(BYTES("CUP"), &p).code, ERR_NOT_FOUND);
    assert_int_equal(payment_profile_named(BYTES(""), &p).code, ERR_NOT_FOUND);
    assert_int_equal(p, PAYMENT_PROFILE_CUP);
    for (unsigned i = 0; i < PAYMENT_PROFILES; i++) {
        const struct payment_profile_row *row = payment_profile((enum payment_profile)i);
        assert_int_equal(payment_profile_named(bytes_text(row->name), &p).code, ERR_OK);
        assert_int_equal(p, i);
        assert_int_equal(payment_profile_of_suite(row->suite, &p).code, ERR_OK);
        assert_int_equal(p, i);
    }
    assert_int_equal(payment_profile_of_suite(200, &p).code, ERR_NOT_FOUND);
}

/* A block of eight bytes has zeros behind it in our dialect, and nothing else. */
static void a_short_pin_block_is_filled_up(void **state)
{
    (void)state;
    struct payment p = rig_sale(PAYMENT_CARD);
    struct iso8583_message m = request_of(PAYMENT_PROFILE_DUKPT_TDES, &p);
    uint8_t field[16];
    assert_int_equal(m.field[52].len, sizeof field);
    memcpy(field, m.field[52].at, sizeof field);
    assert_memory_equal(field, block, 8);
    for (size_t i = 8; i < sizeof field; i++) assert_int_equal(field[i], 0);
    field[15] = 1;
    iso8583_set(&m, 52, BYTES_OF(field));
    refused(PAYMENT_PROFILE_DUKPT_TDES, &m, ERR_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_read_as_it_was_meant),
        cmocka_unit_test(an_odd_approver_is_refused),
        cmocka_unit_test(a_tip_is_a_part_of_the_amount),
        cmocka_unit_test(a_reversal_has_the_digest_of_its_payment),
        cmocka_unit_test(a_reversal_is_read_as_it_was_meant),
        cmocka_unit_test(our_profile_carries_no_card_number),
        cmocka_unit_test(sign_in_goes_round_in_our_profile),
        cmocka_unit_test(every_mandatory_field_is_missed),
        cmocka_unit_test(a_request_says_how_it_is_paid),
        cmocka_unit_test(wrong_values_are_named),
        cmocka_unit_test(an_answer_is_taken_into_the_payment),
        cmocka_unit_test(an_answer_to_another_payment_changes_nothing),
        cmocka_unit_test(a_damaged_answer_changes_nothing),
        cmocka_unit_test(a_long_issuer_is_cut_between_characters),
        cmocka_unit_test(every_class_of_card_goes_round),
        cmocka_unit_test(masks_keep_six_and_four),
        cmocka_unit_test(the_key_and_the_digest_tell_payments_apart),
        cmocka_unit_test(profiles_have_their_names),
        cmocka_unit_test(a_short_pin_block_is_filled_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
