/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person is told of the own console account, and when (CR-33), on a clock that the test
 * moves; and where the links in it lead, whatever a request says about its host.
 */
#include "tests/unit/backoffice_rig.h"

enum { TOLD_WITHIN_MS = 60000 };

static struct rig *rig;

static int make_rig(void **state)
{
    (void)state;
    rig = rig_open();
    return 0;
}

static int drop_rig(void **state)
{
    (void)state;
    rig_close(rig);
    return 0;
}

/* One who has a telephone, too. */
static struct person with_a_phone(struct browser *browser)
{
    struct person p = rig_known(rig, browser, "wang", ROLE_OWNER);
    assert_ok(
        store_exec(rig->b->store, "UPDATE account SET phone = '13900001234' WHERE login = 'wang'"));
    rig->letters = 0;
    return p;
}

/* A mail and an SMS since the last look, within a minute, and with these words. */
static void is_told(int64_t since_ms, const char *words)
{
    bool by_mail = false, by_sms = false;
    assert_true(rig->now_ms - since_ms < TOLD_WITHIN_MS);
    for (unsigned i = 0; i < rig->letters; i++) {
        if (strstr(rig->letter[i].text, words) == NULL) continue;
        assert_true(rig->letter[i].told);
        if (rig->letter[i].channel == CHANNEL_MAIL) by_mail = true;
        else by_sms = true;
    }
    if (!by_mail || !by_sms) fail_msg("nobody was told: %s", words);
    rig->letters = 0;
}

/* A log-in from a browser that is not known says so to every address; the next one does not. */
static void a_new_device_is_told(void **state)
{
    (void)state;
    struct browser own = {0}, other = {.address = "203.0.113.9"};
    struct person p = with_a_phone(&own);
    rig_enter(rig, &other, &p, RIG_PASSWORD);
    int64_t then = rig->now_ms;
    is_told(then, "203.0.113.9");
    rig_enter(rig, &other, &p, RIG_PASSWORD);
    assert_int_equal(rig->letters, 0);
    /* Also after somebody has guessed at it from there. */
    struct browser guesser = {.address = "203.0.113.10"};
    for (int i = 0; i < 4; i++)
        assert_int_equal(rig_login(rig, &guesser, &p, "not the password"), 401);
    rig_enter(rig, &guesser, &p, RIG_PASSWORD);
    is_told(rig->now_ms, "203.0.113.10");
}

/* Each change of what proves who it is: password, authenticator, recovery codes, link of a mail. */
static void a_changed_factor_is_told(void **state)
{
    (void)state;
    struct browser b = {0};
    char pending[256], code[TOTP_DIGITS + 1];
    struct person p = with_a_phone(&b);
    int64_t then = rig->now_ms;
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/security/codes"), "{}"), 200);
    is_told(then, "changed");
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/security/totp/begin"), "{}"), 200);
    rig_member(rig, "key", p.key, sizeof p.key);
    rig_member(rig, "pending", pending, sizeof pending);
    rig_code(rig, &p, rig->now_ms, code);
    assert_int_equal(rig->letters, 0); /* nothing has changed yet */
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/security/totp/finish"),
                              "{\"pending\":\"%s\",\"code\":\"%s\"}", pending, code),
                     204);
    is_told(then, "changed");
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/security/password"),
                              "{\"current\":\"" RIG_PASSWORD "\",\"password\":\"" RIG_OTHER "\"}"),
                     200);
    is_told(then, "changed");
    assert_int_equal(
        rig_post(rig, &b, rig_path(&p, "/reset/request"), "{\"name\":\"%s\"}", p.login), 202);
    char link[TOKEN_TEXT + 1];
    const char *at = strstr(rig->letter[rig->letters - 1].text, "/reset#");
    assert_non_null(at);
    snprintf(link, sizeof link, "%s", at + 7);
    assert_int_equal(rig_post(rig, &b, rig_path(&p, "/reset"),
                              "{\"token\":\"%s\",\"password\":\"violet anvil seventeen kites\"}",
                              link),
                     200);
    is_told(then, "changed");
}

static unsigned links_home(const char *path)
{
    char wanted[96];
    unsigned found = 0;
    snprintf(wanted, sizeof wanted, "http://localhost:8080/%s#", path);
    for (unsigned i = 0; i < rig->letters; i++)
        if (strstr(rig->letter[i].text, wanted) != NULL) found++;
    rig->letters = 0;
    return found;
}

/*
 * S40: every request of the rig names RIG_FORGED as its host, in every header that some server
 * believes, and rig_on_letter() refuses a letter that mentions it or that links elsewhere than to
 * the configured origin. Here each route that sends a link, of both kinds of account.
 */
static void a_forged_host_is_in_no_link(void **state)
{
    (void)state;
    struct browser own = {0}, chief = {0}, nobody = {0};
    struct person owner = rig_known(rig, &own, "wang", ROLE_OWNER);
    struct person staff = rig_known(rig, &chief, "chen", ROLE_AGENT);
    rig->letters = 0;
    assert_int_equal(
        rig_post(rig, &nobody, rig_path(&owner, "/reset/request"), "{\"name\":\"wang\"}"), 202);
    assert_int_equal(links_home("reset"), 1);
    assert_int_equal(
        rig_post(rig, &nobody, rig_path(&staff, "/reset/request"), "{\"name\":\"chen\"}"), 202);
    assert_int_equal(links_home("staff/reset"), 1);
    assert_int_equal(rig_post(rig, &own, rig_path(&owner, "/people/add"),
                              "{\"login\":\"sun\",\"name\":\"Sun\",\"roles\":[\"cashier\"],"
                              "\"mid\":\"898310153110001\",\"outlet\":1,\"mail\":"
                              "\"sun@example.com\",\"phone\":\"\",\"english\":true}"),
                     200);
    assert_int_equal(links_home("setup"), 1);
    struct account sun;
    assert_ok(account_find_login(rig->b->store, ACCOUNT_OWNER, BYTES("sun"), &sun));
    assert_int_equal(
        rig_post(rig, &own, rig_path(&owner, "/people/link"), "{\"id\":%lld}", (long long)sun.id),
        204);
    assert_int_equal(links_home("setup"), 1);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, make_rig, drop_rig)
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_new_device_is_told),
        WITH_RIG(a_changed_factor_is_told),
        WITH_RIG(a_forged_host_is_in_no_link),
    };
    return cmocka_run_group_tests_name("notices of the back office", tests, NULL, NULL);
}
