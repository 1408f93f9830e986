/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy makes of time and of text: history (S25, CR-19), reminders and ends (S24, CR-06),
 * letters, signs and every script (S20 to S23, CR-01, CR-05), and the strength that only the page
 * may see (S28).
 */
#include "tests/unit/vault_people_rig.h"

#define DAY_MS INT64_C(86400000)

static int set_up(void **state)
{
    *state = rig_shop(111);
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

static struct vault_login_answer in_as(struct rig *rig, uint8_t id, const char *password)
{
    struct vault_login_answer said = rig_login(rig, id, password);
    assert_true(said.verdict == VAULT_LOGIN_OK || said.verdict == VAULT_LOGIN_MUST_CHANGE);
    return said;
}

static struct vault_login_answer in(struct rig *rig, const char *password)
{
    return in_as(rig, 1, password);
}

static uint8_t change_to(struct rig *rig, const char *from, const char *to)
{
    (void)in(rig, from);
    return rig_set(rig, 1, to, to);
}

static int64_t kept_hashes(struct rig *rig)
{
    int64_t count = -1;
    assert_ok(store_query_int(vault_store(rig->vault),
                              "SELECT count(*) FROM history WHERE operator = 1", &count));
    return count;
}

/* History 4: the present one and the three before it are refused; older hashes are gone. */
static void test_history(void **state)
{
    struct rig *rig = *state;
    static const char *const own[] = {OWN_CASHIER, "402869", "917350", "538206", "264917"};
    for (size_t i = 1; i < ARRAY_LEN(own); i++) {
        assert_int_equal(change_to(rig, own[i - 1], own[i]), VAULT_PASSWORD_OK);
        assert_int_equal(kept_hashes(rig), i < 3 ? i : 3);
        rig->now_ms += DAY_MS;
        for (size_t k = 0; k < i; k++) {
            bool remembered = k + 4 > i;
            if (remembered) assert_int_equal(change_to(rig, own[i], own[k]), RIG_HISTORY);
        }
        assert_int_equal(change_to(rig, own[i], own[i]), RIG_SAME);
    }
    /* The first of five is free again. */
    assert_int_equal(change_to(rig, own[4], own[0]), VAULT_PASSWORD_OK);
    assert_int_equal(kept_hashes(rig), 3);
}

/* CR-06, default profile: a reminder at T-30, T-7, T and T+7 days, and never a locked door. */
static void test_reviews_remind(void **state)
{
    struct rig *rig = *state;
    static const struct {
        int day;
        uint8_t review;
        int16_t days;
    } rows[] = {
        {0, VAULT_REVIEW_NONE, 180},     {149, VAULT_REVIEW_NONE, 31},
        {150, VAULT_REVIEW_SOON, 30},    {172, VAULT_REVIEW_SOON, 8},
        {173, VAULT_REVIEW_SOON, 7},     {179, VAULT_REVIEW_SOON, 1},
        {180, VAULT_REVIEW_DUE, 0},      {186, VAULT_REVIEW_DUE, -6},
        {187, VAULT_REVIEW_OVERDUE, -7}, {1825, VAULT_REVIEW_OVERDUE, -1645},
    };
    int64_t set_ms = rig->now_ms;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rig->now_ms = set_ms + rows[i].day * DAY_MS;
        struct vault_login_answer said = in(rig, OWN_CASHIER);
        assert_int_equal(said.verdict, VAULT_LOGIN_OK);
        assert_int_equal(said.review, rows[i].review);
        assert_int_equal(said.review_days, rows[i].days);
    }
    /* One tap keeps it; only his own, and only when he has just shown it. */
    vault_write_byte(rig_ask(rig, VAULT_PASSWORD_KEEP), 0);
    assert_status(rig_send(rig), VAULT_NOT_ALLOWED);
    vault_write_byte(rig_ask(rig, VAULT_PASSWORD_KEEP), 1);
    assert_status(rig_send(rig), VAULT_OK);
    assert_int_equal(in(rig, OWN_CASHIER).review_days, 180);
    rig->now_ms += VAULT_CHANGE_WITHIN_S * 1000 + 1;
    vault_write_byte(rig_ask(rig, VAULT_PASSWORD_KEEP), 1);
    assert_status(rig_send(rig), VAULT_NOT_ALLOWED);
    /* A new password begins anew. */
    assert_int_equal(change_to(rig, OWN_CASHIER, "402869"), VAULT_PASSWORD_OK);
    assert_int_equal(in(rig, "402869").review_days, 180);
}

/* djbp-l3: an end, three more log-ins, then nothing but a change; a day between changes. */
static void test_expiry_is_enforced(void **state)
{
    struct rig *rig = *state;
    rig_policy(rig, "TB-DJ", 2);
    const char *own = "Kx7#qmWv2pZt";
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_set(rig, 1, own, own), RIG_TOO_YOUNG);
    rig->now_ms += DAY_MS;
    assert_int_equal(change_to(rig, OWN_CASHIER, own), VAULT_PASSWORD_OK);
    rig->now_ms += 200 * DAY_MS;
    for (int i = 0; i < 3; i++) {
        struct vault_login_answer said = in(rig, own);
        assert_int_equal(said.verdict, VAULT_LOGIN_OK);
        assert_int_equal(said.review, VAULT_REVIEW_ENDS);
    }
    vault_write_byte(rig_ask(rig, VAULT_PASSWORD_KEEP), 1);
    assert_status(rig_send(rig), VAULT_NOT_ALLOWED); /* what ends is not kept */
    struct vault_login_answer said = in(rig, own);
    assert_int_equal(said.verdict, VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(said.reason, VAULT_CHANGE_EXPIRED);
    assert_status(rig_arm(rig), VAULT_NOT_ALLOWED);
    assert_int_equal(rig_set(rig, 1, own, own), RIG_SAME);
    assert_int_equal(rig_set(rig, 1, "mZ4!rrTu9bLd", "mZ4!rrTu9bLd"), VAULT_PASSWORD_OK);
    assert_int_equal(in(rig, "mZ4!rrTu9bLd").verdict, VAULT_LOGIN_OK);
    /* A supervisor's wish comes before the day between changes (CR-06). */
    rig_logout(rig);
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_OK);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_FORCE, 1);
    assert_int_equal(in(rig, "mZ4!rrTu9bLd").reason, VAULT_CHANGE_FORCED);
    assert_int_equal(rig_set(rig, 1, "pW8%hhNc3sGf", "pW8%hhNc3sGf"), VAULT_PASSWORD_OK);
}

/* Fewer tries where the policy says so; never more than ten. */
static void test_tries_of_the_policy(void **state)
{
    struct rig *rig = *state;
    struct policy policy = policy_of_model(BYTES("TB-UP"), POLICY_CASHIER);
    rig_policy(rig, "TB-UP", 2);
    assert_in_range(policy.tries, 1, VAULT_TRIES_MAX - 1);
    unsigned looked_at = 0;
    for (int i = 0; i < 20; i++) {
        rig->now_ms += DAY_MS;
        looked_at += rig_login(rig, 1, "000000").verdict == VAULT_LOGIN_WRONG;
    }
    assert_int_equal(looked_at, policy.tries);
}

/* ---- text: the supervisor of TB-2 has letters, digits and signs, 8 to 64 of them ---- */

/* `points` code points of a text that no rule calls simple. */
static void long_text(char *out, size_t points)
{
    static const char odd[] = "kT7#mQ2!xW9%bZ4&hR6*";
    for (size_t i = 0; i < points; i++) out[i] = odd[(i * 7 + i / 20 * 3) % (sizeof odd - 1)];
    out[points] = '\0';
}

static struct vault_entry_answer typed(struct rig *rig, struct bytes text)
{
    struct vault_entry_answer out = {.state = 255};
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 0), VAULT_OK);
    assert_int_equal(rig->shown.keyboard, VAULT_KEYS_TEXT);
    assert_status(rig_type(rig, text, &out), VAULT_OK);
    return out;
}

/* CR-01, CR-05: sixty-four and no more, a hundred and twenty-eight can be typed, nothing is cut. */
static void test_lengths_of_text(void **state)
{
    struct rig *rig = *state;
    char text[200];
    rig_policy(rig, "TB-2", 2);
    struct policy policy = policy_of_model(BYTES("TB-2"), POLICY_SUPERVISOR);
    assert_int_equal(policy.max, 64);
    static const struct {
        size_t points;
        uint8_t verdict;
    } rows[] = {{65, RIG_TOO_LONG}, {128, RIG_TOO_LONG}, {64, VAULT_PASSWORD_OK}};
    (void)in_as(rig, 0, OWN_SUPERVISOR);
    long_text(text, 7);
    struct vault_entry_answer out = typed(rig, bytes_text(text));
    assert_status(rig_touch(rig, 'O', &out), VAULT_OK);
    assert_int_equal(out.state, VAULT_ENTRY_SHORT);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        long_text(text, rows[i].points);
        assert_int_equal(rig_set(rig, 0, text, text), rows[i].verdict);
    }
    long_text(text, 64);
    text[63] ^= 1; /* the last character counts */
    assert_int_equal(rig_login(rig, 0, text).verdict, VAULT_LOGIN_WRONG);
    text[63] ^= 1;
    assert_int_equal(rig_login(rig, 0, text).verdict, VAULT_LOGIN_OK);

    long_text(text, 129);
    out = typed(rig, bytes_text(text));
    assert_int_equal(out.state, VAULT_ENTRY_TOO_LONG);
    assert_int_equal(out.count, 0); /* nothing of it was taken */
    assert_status(rig_type(rig, BYTES("a"), &out), VAULT_OK);
    assert_int_equal(out.count, 1);
    static char paste[VAULT_PASTE_MAX];
    memset(paste, 'x', sizeof paste);
    assert_status(rig_type(rig, BYTES_OF(paste), &out), VAULT_OK);
    assert_int_equal(out.state, VAULT_ENTRY_TOO_LONG);
    assert_int_equal(out.count, 1);
}

/* What comes out of clipboards and input methods. */
static void test_odd_text(void **state)
{
    struct rig *rig = *state;
    rig_policy(rig, "TB-2", 2);
    static const struct {
        struct bytes text;
        uint8_t count, verdict;
    } rows[] = {
        {BYTES("kT7#mQ2\0xW9%"), 12, RIG_CONTROL}, /* a NUL inside is a character, and seen */
        {BYTES("kT7#mQ2\nxW9%"), 12, RIG_CONTROL},
        {BYTES("kT7#\xff\xfemQ2xW"), 11, RIG_NOT_TEXT},           /* no UTF-8 */
        {BYTES("kT7#mQ2\xe2\x98\x83xW9"), 11, VAULT_PASSWORD_OK}, /* a snowman is a sign */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)in_as(rig, 0, OWN_SUPERVISOR);
        struct vault_entry_answer out = typed(rig, rows[i].text);
        assert_int_equal(out.count, rows[i].count);
        assert_status(rig_touch(rig, 'O', &out), VAULT_OK);
        assert_status(rig_begin_for(rig, VAULT_ENTRY_REPEAT, false, 0), VAULT_OK);
        assert_status(rig_type(rig, rows[i].text, &out), VAULT_OK);
        assert_status(rig_touch(rig, 'O', &out), VAULT_OK);
        uint8_t verdict = 255;
        assert_status(rig_set_entered(rig, 0, &verdict), VAULT_OK);
        assert_int_equal(verdict, rows[i].verdict);
    }
}

/* NFKC: full-width letters and digits, and an accent in two pieces, are the same password. */
static void test_one_password_two_spellings(void **state)
{
    struct rig *rig = *state;
    rig_policy(rig, "TB-2", 2);
    (void)in_as(rig, 0, OWN_SUPERVISOR);
    const char *plain = "kT7#m\xc3\xa9Q2xW", *wide = "\xef\xbd\x8bT\xef\xbc\x97#me\xcc\x81Q2xW";
    assert_int_equal(rig_set(rig, 0, plain, wide), VAULT_PASSWORD_OK);
    assert_int_equal(rig_login(rig, 0, wide).verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_login(rig, 0, plain).verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_set(rig, 0, wide, wide), RIG_SAME);
}

/* Characters come and go whole; what is no key of this keyboard is refused and changes nothing. */
static void test_editing_text(void **state)
{
    struct rig *rig = *state;
    struct vault_entry_answer out;
    rig_policy(rig, "TB-2", 2);
    (void)in_as(rig, 0, OWN_SUPERVISOR);
    out = typed(rig, BYTES("a\xe5\xaf\x86\xf0\x9f\x94\x91"));
    assert_int_equal(out.count, 3);
    assert_status(rig_touch(rig, 'B', &out), VAULT_OK);
    assert_int_equal(out.count, 2);
    assert_status(rig_touch(rig, 'B', &out), VAULT_OK);
    assert_int_equal(out.count, 1);
    assert_status(rig_touch(rig, 'B', &out), VAULT_OK);
    assert_status(rig_touch(rig, 'B', &out), VAULT_OK);
    assert_int_equal(out.count, 0);
    assert_status(rig_type(rig, BYTES("abc"), &out), VAULT_OK);
    assert_status(rig_touch(rig, 'C', &out), VAULT_OK);
    assert_int_equal(out.count, 0);
    assert_status(rig_touch(rig, 'T', &out), VAULT_BAD_REQUEST); /* text of no length */
    assert_status(rig_touch(rig, 3, &out), VAULT_BAD_REQUEST);   /* a place of the keypad */
    /* Text where digits are wanted does not open. */
    rig_logout(rig);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_CODE, false, 1), VAULT_OK);
    assert_int_equal(rig->shown.keyboard, VAULT_KEYS_DIGITS);
    assert_status(rig_type(rig, BYTES("1"), &out), VAULT_BAD_SEAL);
}

/* S28: sealed for the page, with NEW and with nothing else; the length says nothing but the count.
 */
static void test_strength_is_for_the_page(void **state)
{
    struct rig *rig = *state;
    struct vault_entry_answer out;
    rig_policy(rig, "TB-2", 2);
    (void)in_as(rig, 0, OWN_SUPERVISOR);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 0), VAULT_OK);
    uint8_t plain[256];
    unsigned worst = 4, best = 0;
    for (const char *c = "kT7#mQ2!xW9%"; *c != '\0'; c++) {
        struct writer w = writer_over(plain, sizeof plain);
        assert_status(rig_type(rig, bytes_of(c, 1), &out), VAULT_OK);
        assert_ok(panel_open(&rig->crypto, &rig->panel, out.strength, &w));
        assert_true(w.len > 1 && plain[0] <= 4); /* a score, and a sentence */
        if (plain[0] < worst) worst = plain[0];
        if (plain[0] > best) best = plain[0];
    }
    assert_true(worst <= 1 && best >= 3); /* it grows as he types */
    static const uint8_t others[] = {VAULT_ENTRY_PASSWORD, VAULT_ENTRY_CODE, VAULT_ENTRY_APPROVER,
                                     VAULT_ENTRY_REPEAT};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_status(rig_begin_for(rig, others[i], false, 0), VAULT_OK);
        if (rig->shown.keyboard == VAULT_KEYS_DIGITS) out = rig_press(rig, '1');
        else assert_status(rig_type(rig, BYTES("1"), &out), VAULT_OK);
        assert_int_equal(out.count, 1);
        assert_int_equal(out.strength.len, 0);
    }
}

int main(void)
{
#define SHOP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SHOP(test_history),
        SHOP(test_reviews_remind),
        SHOP(test_expiry_is_enforced),
        SHOP(test_tries_of_the_policy),
        SHOP(test_lengths_of_text),
        SHOP(test_odd_text),
        SHOP(test_one_password_two_spellings),
        SHOP(test_editing_text),
        SHOP(test_strength_is_for_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
