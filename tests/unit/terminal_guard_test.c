/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between a person and a mistake: the network guard (S169, S170), who may do what
 * (S48), the lock that comes by itself (S54), the sign-in of the day (S52), tips
 * (S72), reminders (S123), the keypad of secrets (S73), help (S182).
 */
#include "terminal/remind.h"
#include "tests/unit/terminal_rig.h"

/* ---- networks ---- */

/* S169: every kind of network with the words it gets. */
static void test_networks(void **state)
{
    (void)state;
    static const struct {
        const char *facts;
        enum network_verdict verdict;
    } rows[] = {
        {"{\"kind\":\"ethernet\",\"security\":\"unknown\",\"captive\":\"unknown\"}",
         NETWORK_VERDICT_TRUSTED},
        {"{\"kind\":\"mobile\",\"security\":\"unknown\",\"captive\":\"no\"}",
         NETWORK_VERDICT_TRUSTED},
        {"{\"kind\":\"wifi\",\"security\":\"wpa2\",\"captive\":\"no\",\"name\":\"Shop\"}",
         NETWORK_VERDICT_TRUSTED},
        {"{\"kind\":\"wifi\",\"security\":\"wpa3\",\"captive\":\"unknown\"}",
         NETWORK_VERDICT_TRUSTED},
        {"{\"kind\":\"wifi\",\"security\":\"open\",\"captive\":\"no\"}", NETWORK_VERDICT_OPEN},
        {"{\"kind\":\"wifi\",\"security\":\"wep\",\"captive\":\"no\"}", NETWORK_VERDICT_WEP},
        {"{\"kind\":\"wifi\",\"security\":\"unknown\",\"captive\":\"no\"}",
         NETWORK_VERDICT_UNKNOWN},
        {"{\"kind\":\"unknown\",\"security\":\"wpa3\",\"captive\":\"no\"}",
         NETWORK_VERDICT_UNKNOWN},
        {"{\"kind\":\"wifi\",\"security\":\"wpa2\",\"captive\":\"yes\"}", NETWORK_VERDICT_CAPTIVE},
        {"{\"kind\":\"ethernet\",\"security\":\"unknown\",\"captive\":\"yes\"}",
         NETWORK_VERDICT_CAPTIVE},
        {"{\"kind\":\"mobile\",\"security\":\"unknown\",\"captive\":\"yes\"}",
         NETWORK_VERDICT_CAPTIVE},
    };
    struct network_facts facts;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        GOOD(network_parse(bytes_text(rows[i].facts), &facts));
        assert_int_equal(network_judge(&facts), rows[i].verdict);
    }
    assert_int_equal(network_judge(&(struct network_facts){0}), NETWORK_VERDICT_UNKNOWN);
}

static void test_network_files(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "wifi",
        "{\"kind\":\"wifi\"}",
        "{\"kind\":\"wlan\",\"security\":\"open\",\"captive\":\"no\"}",
        "{\"kind\":\"wifi\",\"security\":\"open\",\"captive\":\"no\",\"trusted\":true}",
        "{\"kind\":\"wifi\",\"security\":\"open\",\"captive\":\"no\","
        "\"name\":\"0123456789012345678901234567890123\"}",
    };
    struct network_facts facts = {.kind = NETWORK_MOBILE}, before = facts;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_true(FAILED(network_parse(bytes_text(bad[i]), &facts)));
        assert_memory_equal(&facts, &before, sizeof facts);
    }
}

static const struct network_facts open_wifi = {
    .kind = NETWORK_WIFI, .security = NETWORK_OPEN, .captive = NETWORK_CAPTIVE_NO, .name = "Cafe"};

/* S170: named in words everywhere, log-in and payments go on, recovery says why not and what else.
 */
static void test_untrusted(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->ways = 31;
    GOOD(rig_boot(rig));
    assert_null(rig_line(rig, "NETWORK_IS_OPEN"));
    GOOD(terminal_on_network(rig->terminal, 0, &open_wifi));
    assert_non_null(rig_line(rig, "NETWORK_IS_OPEN"));
    assert_false(terminal_screen(rig->terminal)->status.trusted);
    assert_string_equal(terminal_screen(rig->terminal)->status.link, "wifi");

    static const char *const refused[] = {"choice:sms", "choice:mail", "choice:service"};
    GOOD(rig_keys(rig, "digit:0 digit:1 ok choice:forgotten"));
    AT(rig, "forgot.ways");
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        GOOD(rig_key(rig, refused[i]));
        AT(rig, "forgot.network");
        assert_non_null(rig_line(rig, "FORGOT_NETWORK"));
        assert_non_null(rig_line(rig, "FORGOT_NETWORK_ADVICE"));
        GOOD(rig_key(rig, "ok"));
        AT(rig, "forgot.ways");
    }
    assert_int_equal(rig->recoveries, 0); /* not even the vault was asked for a challenge */
    GOOD(rig_key(rig, "cancel"));

    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    AT(rig, "tip.show"); /* S72: public Wi-Fi */
    assert_non_null(rig_line(rig, "TIP_WIFI"));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    assert_non_null(rig_line(rig, "NETWORK_IS_OPEN"));
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    GOOD(rig_keys(rig, "ok choice:settings choice:network"));
    AT(rig, "settings.network");
    assert_non_null(strstr(rig_line(rig, "NETWORK_NAME"), "Cafe"));
    assert_non_null(rig_line(rig, "NETWORK_PAYMENTS"));
    assert_non_null(rig_line(rig, "NETWORK_ADVICE"));
    GOOD(terminal_on_network(rig->terminal, 0, &(struct network_facts){.kind = NETWORK_MOBILE}));
    assert_non_null(rig_line(rig, "NETWORK_IS_TRUSTED"));
    assert_true(terminal_screen(rig->terminal)->status.trusted);
    rig_check_books(rig);
    rig_free(rig);
}

/* ---- who may what ---- */

/* S48: the matrix whole, written down a second time. */
static void test_matrix(void **state)
{
    (void)state;
    static const char wanted[PERMISSIONS][5] = {
        /* nobody, cashier, supervisor, administrator */
        [PERMISSION_SIGN_IN] = "-y--",   [PERMISSION_SALE] = "-y--",
        [PERMISSION_VOID] = "-a--",      [PERMISSION_REFUND] = "-a--",
        [PERMISSION_RECORDS] = "-yyy",   [PERMISSION_OWN_PASSWORD] = "-yyy",
        [PERMISSION_CASHIERS] = "--y-",  [PERMISSION_SUPERVISOR] = "---y",
        [PERMISSION_OPERATORS] = "--yy", [PERMISSION_PHONES] = "--y-",
        [PERMISSION_DEVICE] = "-yyy",    [PERMISSION_PARAMETERS] = "---y",
    };
    for (enum permission what = 0; what < PERMISSIONS; what++)
        for (uint8_t role = 0; role < 4; role++)
            assert_int_equal("-ay"[permission_of(role, what)], wanted[what][role]);
}

/* CR-37: under duress a sale has an ordinary limit, and the next operator does not have it. */
static void test_duress_cap(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    rig->duress = true;
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:sale digit:5 digit:0 digit:1 ok"));
    AT(rig, "sale.amount");
    assert_non_null(strstr(rig_line(rig, "SALE_LIMIT"), "500.00"));
    GOOD(rig_keys(rig, "clear digit:5 digit:0 digit:0 ok"));
    AT(rig, "sale.present");
    GOOD(rig_keys(rig, "cancel cancel cancel choice:log_out"));
    rig->duress = false;
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:sale digit:5 digit:0 digit:1 ok"));
    AT(rig, "sale.present");
    rig_free(rig);
}

/* ---- the lock that comes by itself ---- */

/* S54: an untouched main screen locks, a touch begins the time anew, the locker goes on. */
static void test_auto_lock(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_advance(rig, (RIG_LOCK_S - 1) * 1000));
    AT(rig, "main.menu");
    GOOD(rig_keys(rig, "choice:settings cancel"));
    GOOD(rig_advance(rig, (RIG_LOCK_S - 1) * 1000));
    AT(rig, "main.menu");
    GOOD(rig_advance(rig, 2000));
    AT(rig, "lock.locked");
    GOOD(rig_login_as(rig, "choice:unlock", "9375")); /* S53: of operator 02 */
    AT(rig, "lock.locked");
    GOOD(rig_login_as(rig, "choice:unlock", "8264"));
    AT(rig, "main.menu");
    assert_string_equal(rig->terminal->operator_id, "01");
    int64_t locks;
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM audit WHERE event = 'auto_lock'",
                         &locks));
    assert_int_equal(locks, 1);
    rig_free(rig);
}

/* S54: a payment that takes its time is not locked away. */
static void test_lock_waits_for_the_payment(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->mood = RIG_SILENT;
    rig->refuse_reversal = true;
    rig->lock_s = 10;
    person_policy(rig->terminal);
    GOOD(rig_sale(rig));
    GOOD(rig_advance(rig, 50000));
    AT(rig, "sale.wait");
    GOOD(rig_advance(rig, 12000)); /* no answer: it is being reversed, and this may be left alone */
    AT(rig, "sale.reversing");
    rig->refuse_reversal = false;
    rig->mood = RIG_ANSWER;
    GOOD(rig_advance(rig, 120000));
    AT(rig, "lock.locked");
    rig_check_books(rig);
    rig_free(rig);
}

/* S52: yesterday's keys are as good as none; the sale that asks for them goes on after the sign-in.
 */
static void test_sign_in_of_the_day(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    assert_true(terminal_screen(rig->terminal)->status.signed_in);
    rig->lock_s = 0;
    person_policy(rig->terminal);
    GOOD(rig_advance(rig, 11 * 3600000 + 1800000)); /* half past twelve, and midnight is over */
    AT(rig, "main.menu");
    assert_false(terminal_screen(rig->terminal)->status.signed_in);
    assert_non_null(rig_line(rig, "MAIN_SIGN_IN_DAY"));
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.sign_in");
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    AT(rig, "sale.amount");
    assert_true(terminal_screen(rig->terminal)->status.signed_in);
    rig_free(rig);
}

static void sign_in_and_sell(struct rig *rig)
{
    while (strcmp(rig_id(rig), "main.menu") != 0) GOOD(rig_key(rig, "cancel"));
    assert_false(terminal_screen(rig->terminal)->status.signed_in);
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.sign_in");
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    AT(rig, "sale.amount");
    GOOD(rig_keys(rig, "digit:1 digit:2 digit:8 ok"));
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    rig_check_books(rig);
}

/* S52: a host that says 77 (batch) or A0 (MAC), or whose answers fail their check three times in a
 * row, leads to the screen that asks for a sign-in; after it the sale succeeds. */
static void test_host_wants_a_sign_in(void **state)
{
    (void)state;
    static const char *const codes[] = {"77", "A0"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct rig *rig = rig_ready();
        memcpy(rig->code, codes[i], 3);
        GOOD(rig_sale(rig));
        AT(rig, "sale.declined");
        assert_true(rig_has_choice(rig, "sign_in", true));
        memcpy(rig->code, "00", 3);
        rig->host_batch++; /* the batch that the host is at */
        sign_in_and_sell(rig);
        assert_int_equal(rig->terminal->records.batch, rig->host_batch);
        rig_free(rig);
    }
    struct rig *rig = rig_ready();
    rig->macs_fail = true; /* the keys do not fit: of the sale, and of two tries to reverse it */
    GOOD(rig_sale(rig));
    AT(rig, "sale.reversing");
    GOOD(rig_advance(rig, 10000));
    assert_true(rig->reversals_seen >= TERMINAL_BAD_MACS - 1);
    assert_true(rig_has_choice(rig, "sign_in", true));
    rig->macs_fail = false;
    sign_in_and_sell(rig);
    rig_free(rig);
}

/* ---- reminders ---- */

static void log_in_again(struct rig *rig, const char *operator_keys, const char *password)
{
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    GOOD(rig_login_as(rig, operator_keys, password));
}

/* CR-06: at T-30, -7, 0 and +7, each once; Keep tells the vault; nothing is forced. */
static void test_review(void **state)
{
    (void)state;
    static const struct {
        int days;
        bool shown;
    } rows[] = {{31, false}, {30, true},  {29, false}, {7, true},   {3, false},
                {0, true},   {-3, false}, {-7, true},  {-40, false}};
    struct rig *rig = rig_new();
    GOOD(rig_boot(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    AT(rig, "main.menu");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rig->review = rows[i].days > 30 ? VAULT_REVIEW_NONE : VAULT_REVIEW_SOON;
        rig->review_days = rows[i].days;
        log_in_again(rig, "digit:0 digit:1 ok", "8264");
        AT(rig, rows[i].shown ? "remind.review" : "main.menu");
        if (rows[i].shown) GOOD(rig_key(rig, "cancel"));
        AT(rig, "main.menu");
    }
    rig->review_days = 7; /* another half a year: the password was changed, the stages begin anew */
    rig->review = VAULT_REVIEW_NONE;
    log_in_again(rig, "digit:0 digit:1 ok", "8264");
    rig->review = VAULT_REVIEW_SOON;
    log_in_again(rig, "digit:0 digit:1 ok", "8264");
    AT(rig, "remind.review");
    GOOD(rig_key(rig, "choice:keep"));
    AT(rig, "main.menu");
    assert_int_equal(rig->kept, 1); /* the vault counts anew */
    rig_free(rig);
}

/* S123: 90, 30, 7 days and the end, to supervisor and administrator, once each. */
static void test_certificate(void **state)
{
    (void)state;
    static const struct {
        int days;
        bool shown;
    } rows[] = {{91, false}, {90, true}, {60, false}, {30, true}, {7, true}, {6, false}, {0, true}};
    struct rig *rig = rig_new();
    GOOD(rig_boot(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:0 ok", "246813"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rig->certificate_days = rows[i].days;
        log_in_again(rig, "digit:0 digit:1 ok", "8264"); /* a cashier is not bothered */
        AT(rig, "main.menu");
        log_in_again(rig, "digit:0 digit:0 ok", "246813");
        AT(rig, rows[i].shown ? "remind.certificate" : "main.menu");
        if (rows[i].shown) GOOD(rig_key(rig, "ok"));
    }
    assert_int_equal(remind_days(1), 1);
    assert_int_equal(remind_days(0), 0);
    assert_int_equal(remind_days(-INT64_C(86400000)), -1);
    rig_free(rig);
}

/* S72: a tip comes when it is of use, and not again within its period. */
static void test_tips(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->last_login_ms = RIG_START_MS - 86400000;
    GOOD(rig_boot(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    AT(rig, "tip.show");
    assert_non_null(rig_line(rig, "TIP_COVER"));
    GOOD(rig_key(rig, "ok"));
    log_in_again(rig, "digit:0 digit:1 ok", "8264");
    assert_non_null(rig_line(rig, "TIP_LOCK"));
    GOOD(rig_advance(rig, 31000)); /* left alone it goes by itself */
    AT(rig, "main.menu");
    log_in_again(rig, "digit:0 digit:1 ok", "8264");
    AT(rig, "main.menu");
    rig->now_us += INT64_C(91) * 86400 * 1000000;
    GOOD(terminal_tick(rig->terminal));
    GOOD(rig_login_as(rig, "choice:unlock", "8264"));
    log_in_again(rig, "digit:0 digit:1 ok", "8264");
    assert_non_null(rig_line(rig, "TIP_COVER"));
    rig_free(rig);
}

/* ---- keypad, help ---- */

/* S73: which digits stand where others cannot know, in each mode; it stays over a restart. */
static void test_privacy(void **state)
{
    (void)state;
    static const struct {
        const char *choice;
        bool pin, password, shade;
    } modes[] = {
        {"choice:standard", true, false, false},
        {"choice:private", true, true, true},
        {"choice:fixed", false, false, false},
    };
    struct rig *rig = rig_ready();
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        GOOD(rig_keys(rig, "choice:settings choice:security choice:keypad"));
        AT(rig, "settings.keypad");
        GOOD(rig_key(rig, modes[i].choice));
        AT(rig, "settings.keypad");
        assert_non_null(rig_line(rig, "KEYPAD_SAVED"));
        GOOD(rig_restart(rig));
        const struct screen *s = terminal_screen(rig->terminal);
        GOOD(rig_keys(rig, "choice:settings choice:passwords choice:change"));
        assert_int_equal(rig->keypad == VAULT_KEYPAD_SHUFFLED, modes[i].password);
        assert_int_equal(s->entry.shade, modes[i].shade);
        assert_int_equal(rig_line(rig, "KEYPAD_SHADE") != NULL, modes[i].shade);
        GOOD(rig_keys(rig, "cancel cancel cancel choice:sale digit:1 ok"));
        rig_card(rig, VAULT_CARD_READ, true);
        GOOD(rig_advance(rig, 300));
        AT(rig, "sale.pin");
        assert_int_equal(rig->keypad == VAULT_KEYPAD_SHUFFLED, modes[i].pin);
        assert_int_equal(s->entry.shade, modes[i].shade);
        while (strcmp(rig_id(rig), "main.menu") != 0) GOOD(rig_key(rig, "cancel"));
    }
    int64_t changes;
    GOOD(
        store_query_int(rig->store, "SELECT count(*) FROM audit WHERE event = 'keypad'", &changes));
    assert_int_equal(changes, ARRAY_LEN(modes));
    rig_free(rig);
}

/* S182: help lies over any screen, changes nothing below, and goes with it. */
static void test_help(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1 help"));
    AT(rig, "sale.amount");
    assert_true(terminal_screen(rig->terminal)->help[0] != '\0');
    GOOD(rig_key(rig, "digit:2"));
    assert_string_equal(terminal_screen(rig->terminal)->field.value, "12");
    GOOD(rig_key(rig, "help"));
    assert_string_equal(terminal_screen(rig->terminal)->help, "");
    GOOD(rig_keys(rig, "help cancel"));
    AT(rig, "main.menu");
    assert_string_equal(terminal_screen(rig->terminal)->help, "");
    assert_int_equal(help_text("password.repeat"), TEXT_HELP_NEW);
    assert_int_equal(help_text("password.current"), TEXT_HELP_PASSWORD);
    assert_int_equal(help_text("nothing.known"), TEXT_HELP_ANY);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_network_files),
        cmocka_unit_test(test_untrusted),
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_duress_cap),
        cmocka_unit_test(test_auto_lock),
        cmocka_unit_test(test_lock_waits_for_the_payment),
        cmocka_unit_test(test_sign_in_of_the_day),
        cmocka_unit_test(test_host_wants_a_sign_in),
        cmocka_unit_test(test_review),
        cmocka_unit_test(test_certificate),
        cmocka_unit_test(test_tips),
        cmocka_unit_test(test_privacy),
        cmocka_unit_test(test_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
