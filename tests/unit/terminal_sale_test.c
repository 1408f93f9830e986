/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sale from the first key to its end, whatever the host does: S74, S77, S87, S88, S90, S91, S63,
 * S65. After every case both sides agree about every payment.
 */
#include "payment/response_code.h"
#include "tests/unit/terminal_rig.h"

static void end(struct rig *rig)
{
    rig_check_books(rig);
    rig_free(rig);
}

/* S74: amount, swipe, PIN, wait, approved, receipt, voice; and how often the store was asked. */
static void test_card_with_pin(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->transcript[0] = '\0';
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    AT(rig, "sale.present");
    assert_true(terminal_screen(rig->terminal)->card && terminal_screen(rig->terminal)->scan);
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.pin");
    assert_int_equal(terminal_screen(rig->terminal)->entry.purpose, VAULT_ENTRY_PIN);
    GOOD(rig_enter(rig, "135790"));
    AT(rig, "sale.approved");
    assert_string_equal(rig->transcript,
                        "sale.amount sale.present sale.pin sale.wait sale.approved ");
    assert_string_equal(rig_line(rig, "SALE_TOTAL"), "￥128.00");
    assert_string_equal(rig->spoken_text, "收款到账 128 元");
    assert_int_equal(rig->printed, 2); /* merchant and cardholder copy */
    assert_non_null(strstr(rig->printed_all, "622209******6620 /S"));
    assert_non_null(strstr(rig->printed_all, "2030/04/25 12:30:15"));
    assert_non_null(strstr(rig->printed_all, "A1B2C3"));
    assert_non_null(terminal_screen(rig->terminal)->receipt);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    end(rig);
}

static err count_commits(void *context, enum store_call call)
{
    if (call == STORE_CALL_COMMIT) ++*(int *)context;
    return OK;
}

/* A payment costs two commits: before it is sent, and with its result. */
static void test_two_commits(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    int commits = 0;
    rig_set_fault(rig, count_commits, &commits);
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    assert_int_equal(commits, 2);
    rig_set_fault(rig, NULL, NULL);
    end(rig);
}

/* S77: a payment code, recognised by its prefix; anything else is told and not sent. */
/* Codes that are foreign, too long, no text, or spent: each is refused by name, nothing is sent or
 * kept of what is none, and a good one pays. */
static void test_bad_codes(void **state)
{
    (void)state;
    static uint8_t longest[4096];
    memset(longest, '2', sizeof longest);
    const struct bytes none[] = {
        BYTES(""),
        BYTES("164567890123456789"),
        BYTES_OF(longest),
        bytes_of(longest, PAYMENT_CODE_MAX + 1),
        BYTES("28\0 56789"),
        BYTES("\xff\xfe 281234567890123456"),
        BYTES("000201010212520459995303156540525.505802CN6304ABCD"), /* a shop's own kind */
    };
    struct rig *rig = rig_ready();
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        GOOD(rig_keys(rig, "choice:sale digit:9 ok"));
        GOOD(terminal_on_code(rig->terminal, none[i]));
        AT(rig, "sale.present");
        assert_non_null(rig_line(rig, "SALE_BAD_CODE"));
        GOOD(rig_keys(rig, "cancel cancel"));
        AT(rig, "main.menu");
    }
    assert_int_equal(rig->sales_seen, 0);
    assert_int_equal(rig_count_rows(rig), 0);
    memcpy(rig->code, "14", 3); /* expired, or shown to another terminal before */
    GOOD(rig_keys(rig, "choice:sale digit:9 ok"));
    GOOD(terminal_on_code(rig->terminal, BYTES("280000000000000000")));
    GOOD(rig_pump(rig));
    AT(rig, "sale.declined");
    assert_non_null(strstr(rig_line(rig, "SALE_DECLINED"), "付款码已过期或已经用过"));
    assert_non_null(strstr(rig_line(rig, "SALE_ADVICE"), "刷新付款码"));
    memcpy(rig->code, "00", 3);
    GOOD(rig_keys(rig, "choice:next digit:9 ok"));
    GOOD(terminal_on_code(rig->terminal, BYTES("280000000000000001")));
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    end(rig);
}

static void test_code(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:9 point digit:5 ok"));
    GOOD(terminal_on_code(rig->terminal, BYTES("https://example.com/pay")));
    assert_non_null(rig_line(rig, "SALE_BAD_CODE"));
    GOOD(terminal_on_code(rig->terminal, BYTES("164567890123456789")));
    assert_non_null(rig_line(rig, "SALE_BAD_CODE"));
    assert_int_equal(rig->sales_seen, 0);
    GOOD(terminal_on_code(rig->terminal, BYTES("280000000000000000")));
    assert_string_equal(rig_id(rig), "sale.wait");
    assert_non_null(strstr(terminal_screen(rig->terminal)->wait, "钱包"));
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    assert_string_equal(rig->spoken_text, "收款到账 9.50 元");
    assert_null(strstr(rig->printed_all, "280000000000000000")); /* S65 */
    assert_int_equal(rig->envelopes, 0);
    end(rig);
}

/* Cards that are not taken, S76 several of them too: the reader is armed again and the reason says
 * what to do. */
static void test_refused_cards(void **state)
{
    (void)state;
    static const struct {
        uint8_t state;
        const char *line;
    } cases[] = {{VAULT_CARD_UNREADABLE, "SALE_UNREADABLE"},
                 {VAULT_CARD_USE_CHIP, "SALE_USE_CHIP"},
                 {VAULT_CARD_EXPIRED, "SALE_EXPIRED"},
                 {VAULT_CARD_SEVERAL, "CHIP_SEVERAL"},
                 {VAULT_CARD_LEFT, "CHIP_LEFT"}};
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1 ok"));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int arms = rig->arms;
        rig_card(rig, cases[i].state, false);
        GOOD(rig_advance(rig, 300));
        AT(rig, "sale.present");
        assert_non_null(rig_line(rig, cases[i].line));
        assert_int_equal(rig->arms, arms + 1);
    }
    assert_int_equal(rig->sales_seen, 0);
    end(rig);
}

/* S91: every code of the table, and one that is not in it. */
static void test_response_codes(void **state)
{
    (void)state;
    size_t count;
    const struct response_code *table = response_code_table(&count);
    struct rig *rig = rig_ready();
    for (size_t i = 0; i <= count; i++) {
        const char *code = i < count ? table[i].code : "Z9";
        if (strcmp(code, "--") == 0) continue;
        memcpy(rig->code, code, 3);
        GOOD(rig_sale(rig));
        rig->row[rig->rows - 1].charged = response_approved(code);
        if (response_approved(code)) {
            AT(rig, "sale.approved");
        } else {
            AT(rig, "sale.declined");
            assert_non_null(strstr(rig_line(rig, "SALE_DECLINED"), response_code(code)->reason_zh));
            assert_non_null(strstr(rig_line(rig, "SALE_ADVICE"), response_code(code)->advice_zh));
        }
        if (!rig->terminal->records.signed_in) {
            assert_true(rig_has_choice(rig, "sign_in", true));
            GOOD(rig_keys(rig, "choice:sign_in ok"));
        }
        GOOD(rig_key(rig, "ok"));
        AT(rig, "main.menu");
    }
    end(rig);
}

/* S86, S144: a refusal names its limit, its amount, and when it is free again, in both languages.
 */
static void test_limits(void **state)
{
    (void)state;
    static const struct {
        const char *code, *notice, *id, *zh, *en;
    } cases[] = {
        {"61", "PAAA00000500000000050000", "QUOTA_PAYMENT",
         "本店收款每笔最多 500.00 元。请减少金额，或换一种方式付款。",
         "Payments: at most 500.00 yuan a payment at this shop. Lower the amount, or ask for "
         "another way to pay."},
        {"61", "DCAA00001000000000012345", "QUOTA_DAY",
         "本店信用卡收款每天最多 1000.00 元，今天还可收 123.45 元，明天 0 点恢复。",
         "Credit cards: at most 1000.00 yuan a day at this shop. 123.45 are left today; it is free "
         "again tomorrow at 00:00."},
        {"61", "MFCA00010000000000000000", "QUOTA_MONTH",
         "本店境外卡收款（挥卡）每月最多 10000.00 元，本月还可收 0.00 元，下月 1 日 0 点恢复。",
         "Foreign cards (tapped): at most 10000.00 yuan a month at this shop. 0.00 are left; it is "
         "free again on the 1st of next month at 00:00."},
        {"65", "DAMN00000000100000000000", "QUOTA_DAY_COUNT",
         "本店收款（手输卡号）每天最多 10 笔，今天还可收 0 笔，明天 0 点恢复。",
         "Payments (typed numbers): at most 10 a day at this shop. 0 are left today; it is free "
         "again tomorrow at 00:00."},
        {"65", "MWXN00000000100000000003", "QUOTA_MONTH_COUNT",
         "本店钱包收款（静态收款码）每月最多 10 笔，本月还可收 3 笔，下月 1 日 0 点恢复。",
         "Wallets (printed codes): at most 10 a month at this shop. 3 are left; it is free again on "
         "the 1st of next month at 00:00."},
        {"61", "DCAa00001000000000012345", "QUOTA_PERSON_DAY",
         "同一经营者名下各店信用卡收款合计每天最多 1000.00 元，今天还可收 123.45 元，明天 0 点恢复。",
         "Credit cards: at most 1000.00 yuan a day in all shops of one owner together. 123.45 are "
         "left today; it is free again tomorrow at 00:00."},
        {"61", "MCAa00010000000000000000", "QUOTA_PERSON_MONTH",
         "同一经营者名下各店信用卡收款合计每月最多 10000.00 元，本月还可收 0.00 元，下月 1 日 0 点恢复。",
         "Credit cards: at most 10000.00 yuan a month in all shops of one owner together. 0.00 are "
         "left; it is free again on the 1st of next month at 00:00."},
        {"57", "PDIA00000000000000000000", "QUOTA_NEVER",
         "本店不能办理借记卡收款（插卡）。请换一种方式付款。",
         "Debit cards (inserted): not taken at this shop. Ask for another way to pay."},
    };
    struct rig *rig = rig_ready();
    for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
        bool english = i >= ARRAY_LEN(cases);
        size_t n = i % ARRAY_LEN(cases);
        if (i == ARRAY_LEN(cases)) GOOD(rig_key(rig, "language"));
        memcpy(rig->code, cases[n].code, 3);
        memcpy(rig->notice, cases[n].notice, PAYMENT_NOTICE_MAX + 1);
        GOOD(rig_sale(rig));
        AT(rig, "sale.declined");
        assert_string_equal(rig_line(rig, cases[n].id), english ? cases[n].en : cases[n].zh);
        assert_non_null(rig_line(rig, "QUOTA_RAISE"));
        assert_null(rig_line(rig, "SALE_ADVICE"));
        GOOD(rig_key(rig, "ok"));
    }
    memcpy(rig->notice, "no notice of this host's", PAYMENT_NOTICE_MAX + 1);
    GOOD(rig_sale(rig)); /* a newer host's, perhaps: the code says enough */
    AT(rig, "sale.declined");
    assert_non_null(rig_line(rig, "SALE_ADVICE"));
    end(rig);
}

/* S88: what is not a definitive answer in time ends reversed, with the right reason, never printed.
 */
static void test_no_answer(void **state)
{
    (void)state;
    static const struct {
        enum rig_mood mood;
        const char *reason;
    } cases[] = {{RIG_SILENT, "98"},      {RIG_DEAF, "98"},      {RIG_GARBAGE, "98"},
                 {RIG_WRONG_STAN, "98"},  {RIG_WRONG_TID, "98"}, {RIG_WRONG_AMOUNT, "98"},
                 {RIG_WRONG_BATCH, "98"}, {RIG_DROP, "98"},      {RIG_BAD_MAC, "A0"},
                 {RIG_NO_MAC, "A0"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig *rig = rig_ready();
        rig->mood = cases[i].mood;
        GOOD(rig_sale(rig));
        if (strcmp(rig_id(rig), "sale.wait") == 0) {
            GOOD(rig_advance(rig, 58000));
            AT(rig, "sale.wait");
            GOOD(rig_advance(rig, 3000));
        }
        GOOD(rig_advance(rig, 2000));
        AT(rig, "sale.reversed");
        assert_string_equal(rig->last_reason, cases[i].reason);
        assert_int_equal(rig->printed, 0);
        assert_int_equal(rig->spoken, 0);
        /* The answer that comes too late is dropped. */
        if (rig->late_len > 0)
            GOOD(terminal_on_host(rig->terminal, bytes_of(rig->late, rig->late_len)));
        AT(rig, "sale.reversed");
        assert_int_equal(rig->printed, 0);
        end(rig);
    }
}

/* A late approval while the reversal is still unacknowledged changes nothing. */
static void test_late_answer(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->mood = RIG_SILENT;
    rig->refuse_reversal = true;
    GOOD(rig_sale(rig));
    GOOD(rig_advance(rig, 61000));
    AT(rig, "sale.reversing");
    GOOD(terminal_on_host(rig->terminal, bytes_of(rig->late, rig->late_len)));
    AT(rig, "sale.reversing");
    assert_int_equal(rig->printed, 0);
    rig->refuse_reversal = false;
    GOOD(rig_advance(rig, 120000));
    end(rig);
}

/* Cancel while waiting: stops, reverses, and says so. */
static void test_cancel_while_waiting(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->mood = RIG_SILENT;
    GOOD(rig_sale(rig));
    AT(rig, "sale.wait");
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_advance(rig, 1000));
    AT(rig, "sale.reversed");
    assert_string_equal(rig->last_reason, "06");
    end(rig);
}

/* An unacknowledged reversal stands before the next payment, is repeated, and then lets it pass. */
static void test_reversal_first(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->mood = RIG_SILENT;
    rig->refuse_reversal = true;
    memcpy(rig->reversal_code, "96", 3);
    GOOD(rig_sale(rig));
    GOOD(rig_advance(rig, 61000));
    AT(rig, "sale.reversing");
    assert_int_equal(terminal_screen(rig->terminal)->status.unsent, 1);
    GOOD(rig_key(rig, "cancel")); /* may leave; the reversal goes on */
    AT(rig, "main.menu");
    int sales = rig->sales_seen;
    rig->mood = RIG_ANSWER;
    GOOD(rig_sale(rig));
    AT(rig, "reverse.failed");
    assert_int_equal(rig->sales_seen, sales);
    int before = rig->reversals_seen;
    GOOD(rig_key(rig, "choice:retry"));
    AT(rig, "reverse.failed");
    assert_int_equal(rig->reversals_seen, before + 1);
    rig->refuse_reversal = false;
    GOOD(rig_key(rig, "choice:retry"));
    AT(rig, "sale.approved");
    end(rig);
}

/* The next payment waits for the reversal across a restart too. */
static void test_reversal_after_restart(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->mood = RIG_SILENT;
    GOOD(rig_sale(rig));
    AT(rig, "sale.wait");
    rig->mood = RIG_ANSWER;
    rig->reachable = false;
    rig_off(rig);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    AT(rig, "main.menu");
    assert_non_null(rig_line(rig, "MAIN_LAST_REVERSING"));
    assert_int_equal(terminal_screen(rig->terminal)->status.unsent, 1);
    rig->reachable = true;
    GOOD(rig_advance(rig, 40000));
    assert_non_null(rig_line(rig, "MAIN_LAST_REVERSED"));
    assert_int_equal(terminal_screen(rig->terminal)->status.unsent, 0);
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    end(rig);
}

/* Nothing is charged and nothing stored while there is no connection. */
static void test_no_network(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->reachable = rig->online = false;
    GOOD(rig_pump(rig));
    GOOD(rig_sale(rig));
    AT(rig, "host.wait");
    GOOD(rig_advance(rig, 16000));
    AT(rig, "host.unreachable");
    assert_int_equal(rig_count_rows(rig), 0);
    rig->reachable = true;
    GOOD(rig_key(rig, "choice:retry"));
    AT(rig, "sale.approved");
    end(rig);
}

/* Without keys nothing leaves; the way out is a sign-in. A host that says 77 leads there too. S52
 */
static void test_keys_gone(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->refuse_mac = true;
    GOOD(rig_sale(rig));
    AT(rig, "sale.present");
    assert_non_null(rig_line(rig, "SALE_SIGN_IN_AGAIN"));
    assert_int_equal(rig_count_rows(rig), 0);
    rig->refuse_mac = false;
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "need.sign_in");
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    AT(rig, "sale.approved");
    end(rig);
}

/* Amounts as they are typed. */
static void test_amount_keys(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *value, *charged;
    } cases[] = {
        {"digit:1 digit:2 digit:8", "128", "￥128.00"},
        {"digit:0 digit:0 digit:5", "5", "￥5.00"},
        {"point digit:0 digit:1", "0.01", "￥0.01"},
        {"digit:1 point digit:2 digit:3 digit:4", "1.23", "￥1.23"},
        {"digit:1 point point digit:5", "1.5", "￥1.50"},
        {"digit:1 point", "1.", "￥1.00"},
        {"digit:9 digit:00 digit:00 digit:00 digit:9", "9000000", "￥9000000.00"},
        {"digit:1 digit:2 backspace digit:3", "13", "￥13.00"},
        {"digit:1 clear digit:7", "7", "￥7.00"},
    };
    struct rig *rig = rig_ready();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        GOOD(rig_key(rig, "choice:sale"));
        GOOD(rig_keys(rig, cases[i].keys));
        assert_string_equal(terminal_screen(rig->terminal)->field.value, cases[i].value);
        GOOD(rig_key(rig, "ok"));
        AT(rig, "sale.present");
        assert_string_equal(rig_line(rig, "SALE_TOTAL"), cases[i].charged);
        GOOD(rig_keys(rig, "cancel cancel"));
        AT(rig, "main.menu");
    }
    GOOD(rig_keys(rig, "choice:sale ok"));
    assert_non_null(rig_line(rig, "SALE_AMOUNT_ZERO"));
    GOOD(rig_keys(rig, "digit:0 point digit:00 ok"));
    assert_non_null(rig_line(rig, "SALE_AMOUNT_ZERO"));
    end(rig);
}

/* S90: a payment is announced once, not again by reprints, restarts or late answers. */
static void test_spoken_once(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    for (int i = 1; i <= 3; i++) {
        GOOD(rig_sale(rig));
        assert_int_equal(rig->spoken, i);
        GOOD(rig_key(rig, "ok"));
    }
    GOOD(rig_keys(rig, "choice:records choice:reprint_last"));
    AT(rig, "reprint.done");
    GOOD(rig_restart(rig));
    assert_non_null(rig_line(rig, "MAIN_LAST_APPROVED"));
    assert_int_equal(rig->spoken, 3); /* rig_speak refuses a number that it has heard before */
    struct speech speech;
    GOOD(terminal_speech(rig->terminal, 1, &speech));
    assert_int_equal(speech.number, 1);
    end(rig);
}

/* 重打印: the last one, any one, marked; a wrong number is told. S102 */
static void test_reprint(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "ok"));
    memcpy(rig->code, "51", 3);
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "ok"));
    rig->printed = 0;
    GOOD(rig_keys(rig, "choice:records choice:reprint_last"));
    AT(rig, "reprint.done");
    assert_int_equal(rig->printed, 2);
    assert_true(rig->printed_reprint);
    assert_non_null(strstr(rig->printed_all, "重打印"));
    GOOD(rig_keys(rig, "ok choice:reprint_any digit:9 digit:9 ok"));
    assert_non_null(rig_line(rig, "REPRINT_NOT_FOUND"));
    GOOD(rig_keys(rig, "digit:3 ok")); /* the declined one has no slip */
    assert_non_null(rig_line(rig, "REPRINT_NOT_FOUND"));
    GOOD(rig_keys(rig, "digit:2 ok"));
    AT(rig, "reprint.done");
    assert_int_equal(rig->printed, 4);
    end(rig);
}

/* 交易查询: the list of the batch, pages, one payment in full. S103 */
static void test_query(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:records choice:query"));
    assert_non_null(rig_line(rig, "QUERY_EMPTY"));
    GOOD(rig_keys(rig, "cancel cancel"));
    for (int i = 0; i < 8; i++) {
        memcpy(rig->code, i % 2 == 0 ? "00" : "51", 3);
        GOOD(rig_sale(rig));
        GOOD(rig_key(rig, "ok"));
    }
    GOOD(rig_keys(rig, "choice:records choice:query"));
    AT(rig, "query.list");
    assert_string_equal(rig_line(rig, "QUERY_TOTAL"), "成功 4 笔\t512.00 元");
    assert_true(rig_has_choice(rig, "row_8", true) && rig_has_choice(rig, "row_3", true));
    assert_false(rig_has_choice(rig, "row_2", true));
    GOOD(rig_keys(rig, "choice:older"));
    assert_true(rig_has_choice(rig, "row_2", true) && rig_has_choice(rig, "row_1", true));
    GOOD(rig_key(rig, "choice:row_1"));
    AT(rig, "query.detail");
    assert_string_equal(rig_line(rig, "QUERY_RRN"), "参考号\t042512000345");
    GOOD(rig_key(rig, "choice:reprint"));
    assert_true(rig->printed_reprint);
    GOOD(rig_keys(rig, "cancel choice:newer digit:1")); /* the first row by its number */
    AT(rig, "query.detail");
    assert_string_equal(rig_line(rig, "QUERY_STATE"), "结果\t未成功");
    end(rig);
}

/* STANs go up by one with every message, wrap to 1, and survive a restart. */
static void test_stan(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    assert_int_equal(rig->terminal->records.stan, 1); /* the sign-in took one */
    GOOD(rig_sale(rig));
    assert_int_equal(terminal_payment(rig->terminal)->key.stan, 2);
    rig->terminal->records.stan = 999998;
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_sale(rig));
    assert_int_equal(terminal_payment(rig->terminal)->key.stan, 999999);
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_restart(rig));
    GOOD(rig_sale(rig));
    assert_int_equal(terminal_payment(rig->terminal)->key.stan, 1);
    AT(rig, "sale.approved");
    end(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card_with_pin),  cmocka_unit_test(test_two_commits),
        cmocka_unit_test(test_code),           cmocka_unit_test(test_bad_codes),
        cmocka_unit_test(test_refused_cards),  cmocka_unit_test(test_response_codes),
        cmocka_unit_test(test_limits),         cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_late_answer),    cmocka_unit_test(test_cancel_while_waiting),
        cmocka_unit_test(test_reversal_first), cmocka_unit_test(test_reversal_after_restart),
        cmocka_unit_test(test_no_network),     cmocka_unit_test(test_keys_gone),
        cmocka_unit_test(test_amount_keys),    cmocka_unit_test(test_spoken_once),
        cmocka_unit_test(test_reprint),        cmocka_unit_test(test_query),
        cmocka_unit_test(test_stan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
