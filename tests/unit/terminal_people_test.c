/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People at one terminal, with a real vault: operators and what a supervisor does about them (S17,
 * S47, S55), a supervisor's approval (S48) and whose lock it is (S53), paired phones and the log-in
 * that one of them must agree to (S173).
 */
#include "lib/base/hex.h"
#include "tests/unit/terminal_rig_real.h"

#define OWN           "927461"
#define ANOTHER       "381947"
#define SUPERVISOR    "640283"
#define ADMINISTRATOR "58274916"

/* ---- operators ---- */

static void open_operators(struct rig *rig)
{
    GOOD(rig_keys(rig, "choice:manage choice:operators"));
    AT(rig, "operators.list");
}

/* On the list: chooses the operator and does it to him. */
static void act(struct rig *rig, const char *operator_id, const char *action)
{
    char keys[64];
    AT(rig, "operators.list");
    snprintf(keys, sizeof keys, "choice:id_%s choice:%s choice:yes", operator_id, action);
    GOOD(rig_keys(rig, keys));
}

/* The one-time password on the screen: sealed for the page, in nothing else, and shown once. */
static void take_secret(struct rig *rig, char out[64])
{
    static uint8_t json[SCREEN_JSON_MAX];
    struct writer w = writer_over(json, sizeof json - 1);
    AT(rig, "operators.secret");
    const struct screen_secret *secret = &terminal_screen(rig->terminal)->secret;
    assert_true(secret->len > 0);
    assert_true(bench_open(rig->bench, bytes_of(secret->sealed, secret->len), out, 64) >= 6);
    GOOD(screen_write_json(terminal_screen(rig->terminal), &w));
    json[w.len] = '\0';
    assert_null(strstr((const char *)json, out));
    GOOD(rig_key(rig, "ok"));
    assert_string_not_equal(rig_id(rig), "operators.secret");
    assert_int_equal(terminal_screen(rig->terminal)->secret.len, 0);
}

static void first_day_with(struct rig *rig, uint8_t operator_id, const char *one_time,
                           const char *own)
{
    GOOD(rig_keys(rig, real_keys_of(operator_id)));
    GOOD(rig_enter(rig, one_time));
    AT(rig, "login.first");
    GOOD(rig_key(rig, "choice:continue"));
    real_choose(rig, own);
    AT(rig, "password.saved");
    GOOD(rig_key(rig, "ok"));
    real_past_tips(rig);
    AT(rig, "main.menu");
}

/* Is refused at the log-in, with this line. */
static void stays_out(struct rig *rig, uint8_t operator_id, const char *password, const char *line)
{
    GOOD(rig_keys(rig, real_keys_of(operator_id)));
    GOOD(rig_enter(rig, password));
    AT(rig, "login.operator");
    assert_non_null(rig_line(rig, line));
    GOOD(rig_advance(rig, 5000));
}

/* S55, S17: added, suspended, let in again, reset, deleted; each is on record and told outside. */
static void test_life_of_an_operator(void **state)
{
    (void)state;
    char first[64], second[64];
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 0, SUPERVISOR);
    open_operators(rig);
    GOOD(rig_keys(rig, "choice:add digit:1 digit:7 ok choice:yes"));
    take_secret(rig, first);
    real_home(rig);
    real_log_out(rig);
    first_day_with(rig, 17, first, OWN);
    real_log_out(rig);

    real_log_in(rig, 0, SUPERVISOR);
    open_operators(rig);
    GOOD(rig_keys(rig, "choice:more choice:id_17"));
    assert_non_null(strstr(rig_line(rig, "OPERATOR_LAST"), "2030-04-25"));
    assert_false(rig_has_choice(rig, "resume", true));
    GOOD(rig_keys(rig, "choice:suspend choice:yes"));
    AT(rig, "operators.one");
    assert_true(rig_has_choice(rig, "resume", true));
    real_home(rig);
    real_log_out(rig);
    stays_out(rig, 17, OWN, "LOGIN_NO_OPERATOR");

    real_log_in(rig, 0, SUPERVISOR);
    open_operators(rig);
    GOOD(rig_keys(rig, "choice:more choice:id_17 choice:resume choice:yes"));
    GOOD(rig_keys(rig, "choice:reset choice:yes"));
    take_secret(rig, second);
    assert_string_not_equal(first, second);
    real_home(rig);
    real_log_out(rig);
    stays_out(rig, 17, OWN, "LOGIN_WRONG");
    stays_out(rig, 17, first, "LOGIN_WRONG");
    first_day_with(rig, 17, second, ANOTHER);
    real_log_out(rig);

    real_log_in(rig, 0, SUPERVISOR);
    open_operators(rig);
    GOOD(rig_keys(rig, "choice:more choice:id_17 choice:delete"));
    AT(rig, "operators.ask");
    GOOD(rig_key(rig, "cancel")); /* not yet */
    GOOD(rig_keys(rig, "choice:delete choice:yes"));
    AT(rig, "operators.list");
    real_home(rig);
    real_log_out(rig);
    stays_out(rig, 17, ANOTHER, "LOGIN_NO_OPERATOR");
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'operator_changed'"),
                     5);
    rig_real_free(rig);
}

/* The password must be changed at the next log-in, and nothing else is possible before. */
static void test_forced_change(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    real_log_out(rig);
    real_first_day(rig, 0, SUPERVISOR);
    open_operators(rig);
    act(rig, "01", "force");
    real_home(rig);
    real_log_out(rig);
    GOOD(rig_keys(rig, real_keys_of(1)));
    GOOD(rig_enter(rig, OWN));
    AT(rig, "password.new");
    assert_non_null(rig_line(rig, "PASSWORD_FORCED"));
    real_choose(rig, ANOTHER);
    GOOD(rig_key(rig, "ok"));
    real_past_tips(rig);
    AT(rig, "main.menu");
    rig_real_free(rig);
}

/* S48, S55: whose operators are whose, and what nobody may. */
static void test_whose(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:manage choice:operators"));
    AT(rig, "need.manager"); /* a cashier does not manage */
    real_home(rig);
    real_log_out(rig);

    real_first_day(rig, 0, SUPERVISOR);
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.cashier"); /* a supervisor does not trade */
    GOOD(rig_key(rig, "cancel"));
    open_operators(rig);
    assert_true(rig_has_choice(rig, "add", true));
    GOOD(rig_key(rig, "choice:id_00")); /* himself */
    assert_false(rig_has_choice(rig, "reset", true));
    assert_non_null(rig_line(rig, "OPERATOR_NOT_YOURS"));
    GOOD(rig_keys(rig, "cancel choice:add digit:0 digit:1 ok choice:yes"));
    assert_non_null(rig_line(rig, "OPERATORS_EXISTS"));
    GOOD(rig_keys(rig, "choice:add digit:9 digit:9 ok choice:yes"));
    AT(rig, "operators.list");
    assert_string_not_equal(rig_line(rig, "OPERATORS_DONE") == NULL ? "" : "done", "done");
    real_home(rig);
    real_log_out(rig);

    char one_time[64];
    real_first_day(rig, 99, ADMINISTRATOR);
    open_operators(rig);
    assert_false(rig_has_choice(rig, "add", true));
    GOOD(rig_key(rig, "choice:id_01"));
    assert_false(rig_has_choice(rig, "reset", true));
    GOOD(rig_key(rig, "cancel"));
    act(rig, "00", "reset");
    take_secret(rig, one_time);
    real_home(rig);
    real_log_out(rig);
    stays_out(rig, 0, SUPERVISOR, "LOGIN_WRONG");
    first_day_with(rig, 0, one_time, ANOTHER);
    rig_real_free(rig);
}

/* S47: twenty and more operators; the list has pages. */
static void test_many(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    char keys[64], one_time[64];
    real_first_day(rig, 0, SUPERVISOR);
    open_operators(rig);
    for (int id = 10; id < 30; id++) {
        snprintf(keys, sizeof keys, "choice:add digit:%d digit:%d ok choice:yes", id / 10, id % 10);
        GOOD(rig_keys(rig, keys));
        take_secret(rig, one_time);
    }
    int pages = 1;
    while (rig_has_choice(rig, "more", true)) {
        GOOD(rig_key(rig, "choice:more"));
        pages++;
    }
    assert_int_equal(pages, 5); /* 00, 01 to 05, 10 to 29, 99: six on a page */
    assert_true(rig_has_choice(rig, "id_99", true));
    GOOD(rig_key(rig, "choice:before"));
    assert_false(rig_has_choice(rig, "id_99", true));
    rig_real_free(rig);
}

/* ---- approval ---- */

/* S53, S48: the supervisor opens somebody's lock by his approval; he is not in, and it is on
 * record. */
static void test_unlock(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 0, SUPERVISOR);
    real_log_out(rig);
    real_first_day(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:manage choice:lock"));
    AT(rig, "lock.locked");
    GOOD(rig_key(rig, "choice:supervisor"));
    AT(rig, "approve.password");
    assert_non_null(strstr(rig_line(rig, "APPROVE_UNLOCK"), "01"));
    GOOD(rig_enter(rig, OWN)); /* the cashier's */
    AT(rig, "approve.password");
    assert_non_null(rig_line(rig, "LOGIN_WRONG"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "lock.locked");
    GOOD(rig_advance(rig, 5000));
    GOOD(rig_key(rig, "choice:supervisor"));
    GOOD(rig_enter(rig, SUPERVISOR));
    AT(rig, "login.operator");
    assert_string_equal(rig->terminal->operator_id, "");
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'approved'"), 1);
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'approve_refused'"),
                     1);
    rig_real_free(rig);
}

/* A supervisor with a one-time password approves nothing before he has one of his own. */
static void test_no_approval_with_a_one_time_password(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:manage choice:lock choice:supervisor"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, bench_initial(rig->bench, 0)));
    AT(rig, "approve.password");
    assert_non_null(rig_line(rig, "APPROVE_CHANGE_FIRST"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "lock.locked");
    rig_real_free(rig);
}

/* ---- phones ---- */

static void hex(struct bytes b, char *out, size_t size)
{
    struct writer w = writer_over(out, size - 1);
    write_hex_upper(&w, b);
    out[w.len] = '\0';
}

static const char *said(const struct rig *rig, const char *member)
{
    static char value[128];
    char wanted[40];
    snprintf(wanted, sizeof wanted, "\"%s\":\"", member);
    const char *at = strstr(rig->manage_said, wanted);
    assert_non_null(at);
    at += strlen(wanted);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\""), at);
    return value;
}

static void until_asked(struct rig *rig, const char *ask)
{
    for (int i = 0; i < 20; i++) {
        GOOD(rig_advance(rig, 10));
        if (strcmp(said(rig, "ask"), ask) == 0) return;
        GOOD(rig_manage_answer(rig, "ok", ""));
    }
    fail_msg("%s was not asked", ask);
}

/* To the screen with the digits. */
static void scan(struct rig *rig, const char *label)
{
    uint8_t key[65];
    char json[512], key_hex[131], token[40];
    GOOD(rig_keys(rig, "choice:settings choice:security choice:phones"));
    AT(rig, "phones.list");
    GOOD(rig_key(rig, "choice:add"));
    AT(rig, "phones.asking");
    until_asked(rig, "pair");
    snprintf(token, sizeof token, "%s", said(rig, "token"));
    GOOD(rig_manage_answer(rig, "ok", "\"url\":\"http://localhost:8090/pair#x\""));
    AT(rig, "phones.code");
    assert_string_equal(terminal_screen(rig->terminal)->qr, "http://localhost:8090/pair#x");
    bench_phone_key(rig->bench, key);
    hex(BYTES_OF(key), key_hex, sizeof key_hex);
    snprintf(json, sizeof json,
             "{\"tell\":\"pair_key\",\"token\":\"%s\",\"key\":\"%s\",\"label\":\"%s\"}", token,
             key_hex, label);
    GOOD(rig_manage(rig, json));
    AT(rig, "phones.check");
    assert_int_equal(strlen(rig_line(rig, "PHONE_DIGITS")), 6);
}

/* S173: paired after the digits were compared; not when they differ; removed at once. */
static void test_pairing(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 0, SUPERVISOR);
    scan(rig, "Wang");
    GOOD(rig_key(rig, "choice:no"));
    AT(rig, "phones.list");
    assert_non_null(rig_line(rig, "PHONE_DIFFERENT"));
    assert_non_null(rig_line(rig, "PHONES_NONE"));
    until_asked(rig, "pair_end");
    assert_non_null(strstr(rig->manage_said, "\"pair\":0"));
    real_home(rig);

    scan(rig, "Wang");
    GOOD(rig_key(rig, "choice:yes"));
    AT(rig, "phones.list");
    assert_non_null(rig_line(rig, "PHONE_PAIRED"));
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'phone_paired'"), 1);
    until_asked(rig, "pair_end");
    assert_null(strstr(rig->manage_said, "\"pair\":0"));
    GOOD(rig_key(rig, "digit:1"));
    AT(rig, "phones.remove");
    GOOD(rig_key(rig, "choice:yes"));
    assert_non_null(rig_line(rig, "PHONES_NONE"));
    until_asked(rig, "event"); /* the back office hears which: its page is not asked any more */
    assert_string_equal(said(rig, "kind"), "phone_removed");
    assert_string_equal(said(rig, "detail"), "1");
    rig_real_free(rig);
}

static void agree(struct rig *rig, const char *challenge, int pair)
{
    uint8_t bytes[32], signature[64];
    char json[512], signature_hex[129];
    size_t len;
    GOOD(hex_decode(bytes_text(challenge), bytes, sizeof bytes, &len));
    bench_phone_sign(rig->bench, bytes_of(bytes, len), signature);
    hex(BYTES_OF(signature), signature_hex, sizeof signature_hex);
    snprintf(json, sizeof json,
             "{\"tell\":\"approval\",\"challenge\":\"%s\",\"pair\":%d,\"signature\":\"%s\"}",
             challenge, pair, signature_hex);
    GOOD(rig_manage(rig, json));
}

static void password_then_phone(struct rig *rig, char challenge[65])
{
    GOOD(rig_keys(rig, real_keys_of(0)));
    GOOD(rig_enter(rig, SUPERVISOR));
    AT(rig, "login.approval");
    until_asked(rig, "approve");
    assert_string_equal(said(rig, "operator"), "00");
    snprintf(challenge, 65, "%s", said(rig, "challenge"));
    GOOD(rig_manage_answer(rig, "asked", "\"seconds\":90"));
    AT(rig, "login.approval");
}

/* S21, S173: where the policy wants a phone's yes, the password alone does not let anybody in. */
static void test_approval_by_phone(void **state)
{
    (void)state;
    char challenge[65], other[65];
    int pair;
    struct rig *rig = rig_real("TB-KS");
    real_first_day(rig, 0, SUPERVISOR);
    scan(rig, "Wang");
    GOOD(rig_key(rig, "choice:yes"));
    until_asked(rig, "pair_end");
    pair = (int)strtol(strstr(rig->manage_said, "\"pair\":") + 7, NULL, 10);
    real_home(rig);
    real_log_out(rig);

    password_then_phone(rig, challenge);
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "login.operator");
    password_then_phone(rig, other);
    assert_string_not_equal(challenge, other);
    agree(rig, challenge, pair); /* the yes to the log-in that was given up */
    AT(rig, "login.approval");
    agree(rig, other, pair);
    real_past_tips(rig);
    AT(rig, "main.menu");
    real_log_out(rig);

    password_then_phone(rig, challenge);
    GOOD(rig_advance(rig, 91000)); /* nobody answers: another way is offered */
    AT(rig, "login.no_approval");
    assert_non_null(rig_line(rig, "APPROVAL_ADVICE"));
    GOOD(rig_key(rig, "choice:forgotten"));
    AT(rig, "forgot.ways");
    GOOD(rig_key(rig, "cancel"));

    GOOD(terminal_on_network(rig->terminal, 0, &(struct network_facts){.kind = NETWORK_WIFI}));
    int frames = rig->manage_frames;
    GOOD(rig_keys(rig, real_keys_of(0)));
    GOOD(rig_enter(rig, SUPERVISOR));
    AT(rig, "login.no_approval"); /* S170: not over this network */
    assert_non_null(rig_line(rig, "APPROVAL_NETWORK"));
    assert_int_equal(rig->manage_frames, frames);
    rig_real_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life_of_an_operator),
        cmocka_unit_test(test_forced_change),
        cmocka_unit_test(test_whose),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_unlock),
        cmocka_unit_test(test_no_approval_with_a_one_time_password),
        cmocka_unit_test(test_pairing),
        cmocka_unit_test(test_approval_by_phone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
