/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S118, S75: parameters of chip cards at the terminal: by themselves after a sign-in and from the
 * main screen, never over a payment; on over a broken link; cancelled, refused by name, fetched by
 * hand; and until the vault has taken the whole, the old ones are in force.
 */
#include "tests/unit/terminal_rig.h"

static struct rig *logged_in(uint32_t number, uint32_t len)
{
    struct rig *rig = rig_new();
    rig->parameters.number = number;
    rig->parameters.len = len;
    GOOD(rig_boot(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    return rig;
}

static int audited(struct rig *rig, const char *event, const char *detail)
{
    struct store_statement *s;
    bool row = false;
    GOOD(store_statement(rig->store, "SELECT count(*) FROM audit WHERE event = ? AND detail = ?",
                         &s));
    store_bind_text(s, bytes_text(event));
    store_bind_text(s, bytes_text(detail));
    GOOD(store_step(s, &row));
    int count = (int)store_read_int(s);
    store_reset(s);
    return count;
}

static void assert_in_force(struct rig *rig, uint32_t number)
{
    assert_int_equal(rig->parameters.vault_number, number);
    assert_int_equal(rig->terminal->facts.parameters_number, number);
    assert_int_equal(rig->parameters.host_knows, number);
}

static void after_the_sign_in(void **state)
{
    (void)state;
    struct rig *rig = logged_in(3, 1234);
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "sign_in.done");
    assert_non_null(strstr(rig->transcript, "sign_in.wait download.wait sign_in.done"));
    assert_non_null(rig_line(rig, "SIGN_IN_DONE"));
    assert_non_null(strstr(rig_line(rig, "DOWNLOAD_DONE"), "3"));
    assert_in_force(rig, 3);
    assert_int_equal(rig->parameters.parts, 3);
    assert_int_equal(audited(rig, "parameters_loaded", "3"), 1);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    GOOD(rig_advance(rig, 200000)); /* echoes: nothing newer */
    assert_int_equal(rig->parameters.statuses, 1);
    rig_free(rig);
}

/* A host that publishes nothing is not asked: a sign-in is as it was. */
static void nothing_is_asked_for(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    assert_int_equal(rig->parameters.statuses, 0);
    assert_null(strstr(rig->transcript, "download."));
    rig_free(rig);
}

/* The header of an echo asks; the main screen obeys, and a payment is not touched. */
static void from_the_main_screen_only(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1"));
    AT(rig, "sale.amount");
    rig->parameters.number = 9;
    rig->parameters.len = 700;
    GOOD(rig_advance(rig, 59000));
    rig->terminal->host.heard_us = 0; /* an echo is due */
    GOOD(rig_advance(rig, 500));
    assert_true(rig->echoes_seen > 0);
    AT(rig, "sale.amount");
    assert_int_equal(rig->parameters.statuses, 0);
    GOOD(rig_keys(rig, "digit:2 digit:8 ok"));
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_int_equal(rig->parameters.statuses, 0);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu"); /* it is over already */
    assert_in_force(rig, 9);
    assert_non_null(strstr(rig->transcript, "download.wait main.menu"));
    rig_check_books(rig);
    rig_free(rig);
}

static void on_where_the_link_broke(void **state)
{
    (void)state;
    struct rig *rig = logged_in(4, 2600);
    rig->parameters.drop_part = 4;
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "sign_in.done");
    assert_non_null(rig_line(rig, "DOWNLOAD_NO_ANSWER"));
    assert_int_equal(rig->parameters.vault_number, 0);
    assert_int_equal(audited(rig, "parameters_loaded", "4"), 0);
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_advance(rig, 100000)); /* connected again; the minute after, the main screen goes on */
    assert_in_force(rig, 4);
    assert_int_equal(rig->parameters.parts, 7); /* six, and the one that was lost */
    assert_int_equal(rig->parameters.statuses, 2);
    AT(rig, "main.menu");
    rig_free(rig);
}

static void another_is_published_meanwhile(void **state)
{
    (void)state;
    struct rig *rig = logged_in(4, 2600);
    rig->parameters.publish_part = 3;
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "sign_in.done");
    assert_in_force(rig, 5);
    assert_int_equal(rig->parameters.parts, 3 + 6);
    rig_free(rig);
}

/* Cancelled: the old ones count, nothing nags, and by hand it goes on. */
static void cancelled_and_by_hand(void **state)
{
    (void)state;
    struct rig *rig = logged_in(2, 2600);
    rig->parameters.vault_number = 1;
    rig->parameters.mute_part = 3;
    memcpy(rig->password[99], "24681357", 9);
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "download.wait");
    assert_non_null(strstr(rig_line(rig, "DOWNLOAD_PROGRESS"), "38"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sign_in.done");
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_advance(rig, 200000));
    AT(rig, "main.menu");
    assert_int_equal(rig->parameters.parts, 3);
    assert_int_equal(rig->parameters.vault_number, 1);

    GOOD(rig_keys(rig, "cancel choice:log_out"));
    GOOD(rig_login_as(rig, "digit:9 digit:9 ok", "24681357"));
    GOOD(rig_keys(rig, "choice:manage choice:download"));
    AT(rig, "download.menu");
    assert_non_null(strstr(rig_line(rig, "DOWNLOAD_IN_FORCE"), "1"));
    GOOD(rig_key(rig, "choice:fetch"));
    AT(rig, "download.menu");
    assert_non_null(rig_line(rig, "DOWNLOAD_DONE"));
    assert_int_equal(rig->parameters.parts, 3 + 4); /* on from the third */
    assert_in_force(rig, 2);
    GOOD(rig_key(rig, "choice:fetch"));
    assert_non_null(rig_line(rig, "DOWNLOAD_NEWEST"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "manage.menu");
    rig_free(rig);
}

/* Each verdict of the vault has its line, in both languages, its record and its event. */
static void refused_by_name(void **state)
{
    (void)state;
    static const struct {
        uint8_t verdict;
        const char *line, *why;
    } row[] = {
        {VAULT_PARAMETERS_BAD_SIGNATURE, "DOWNLOAD_BAD_SIGNATURE", "bad signature"},
        {VAULT_PARAMETERS_OLDER, "DOWNLOAD_OLDER", "older"},
        {VAULT_PARAMETERS_REFUSED, "DOWNLOAD_MALFORMED", "malformed"},
        {VAULT_PARAMETERS_OTHER_MODEL, "DOWNLOAD_OTHER_MODEL", "another model's"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row) * 2; i++) {
        struct rig *rig = logged_in(8, 900);
        rig->parameters.verdict = row[i / 2].verdict;
        rig->parameters.vault_number = 7;
        rig->terminal->facts.parameters_number = 7;
        if (i % 2 == 1) GOOD(rig_key(rig, "language"));
        GOOD(rig_key(rig, "choice:sign_in"));
        AT(rig, "sign_in.done");
        const char *said = rig_line(rig, row[i / 2].line);
        assert_non_null(said);
        assert_non_null(strstr(said, "8"));
        assert_int_equal(strstr(said, "refused") != NULL, i % 2 == 1);
        assert_int_equal(rig->parameters.vault_number, 7);
        assert_int_equal(audited(rig, "parameters_refused", row[i / 2].why), 1);
        GOOD(rig_key(rig, "ok"));
        GOOD(rig_advance(rig, 200000));
        assert_int_equal(rig->parameters.statuses, 1); /* not again by itself */
        rig->parameters.verdict = VAULT_PARAMETERS_OK;
        GOOD(rig_keys(rig, "choice:manage choice:sign_in"));
        AT(rig, "sign_in.done");
        assert_in_force(rig, 8);
        rig_free(rig);
    }
}

static void what_the_host_says_wrong(void **state)
{
    (void)state;
    struct rig *rig = logged_in(8, 900);
    rig->parameters.nonsense = true;
    GOOD(rig_key(rig, "choice:sign_in"));
    assert_non_null(rig_line(rig, "DOWNLOAD_BAD_ANSWER"));
    rig->parameters.nonsense = false;

    rig->parameters.len = 60000; /* more than a vault takes */
    GOOD(rig_keys(rig, "ok choice:manage choice:sign_in"));
    assert_non_null(rig_line(rig, "DOWNLOAD_MALFORMED"));
    rig->parameters.len = 900;

    memcpy(rig->parameters.code, "96", 3);
    GOOD(rig_keys(rig, "ok choice:manage choice:sign_in"));
    assert_non_null(strstr(rig_line(rig, "DOWNLOAD_REFUSED"), "96"));
    memcpy(rig->parameters.code, "77", 3);
    GOOD(rig_keys(rig, "ok choice:manage choice:sign_in"));
    assert_non_null(strstr(rig_line(rig, "DOWNLOAD_REFUSED"), "77"));
    assert_false(rig->terminal->records.signed_in);
    assert_int_equal(rig->parameters.vault_number, 0);
    rig_free(rig);
}

/* A vault that was started anew has lost the parts: from the first one. */
static void the_vault_has_lost_its_parts(void **state)
{
    (void)state;
    struct rig *rig = logged_in(2, 2600);
    rig->parameters.mute_part = 4;
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "download.wait");
    rig->parameters.vault_has = 0;
    GOOD(rig_advance(rig, 20000)); /* no answer: named, and tried again from the main screen */
    AT(rig, "sign_in.done");
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_advance(rig, 120000));
    assert_in_force(rig, 2);
    assert_int_equal(rig->parameters.parts, 4 + 1 + 6);
    rig_free(rig);
}

/* The host reminds until it has heard what is in force, also when its answer was lost. */
static void told_again_what_is_in_force(void **state)
{
    (void)state;
    struct rig *rig = logged_in(5, 900);
    rig->parameters.vault_number = 5;
    GOOD(rig_restart(rig));
    assert_int_equal(rig->terminal->facts.parameters_number, 5);
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "sign_in.done");
    assert_in_force(rig, 5);
    assert_int_equal(rig->parameters.parts, 0);
    assert_int_equal(rig->parameters.ends, 1);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_the_sign_in),
        cmocka_unit_test(nothing_is_asked_for),
        cmocka_unit_test(from_the_main_screen_only),
        cmocka_unit_test(on_where_the_link_broke),
        cmocka_unit_test(another_is_published_meanwhile),
        cmocka_unit_test(cancelled_and_by_hand),
        cmocka_unit_test(refused_by_name),
        cmocka_unit_test(what_the_host_says_wrong),
        cmocka_unit_test(the_vault_has_lost_its_parts),
        cmocka_unit_test(told_again_what_is_in_force),
    };
    return cmocka_run_group_tests_name("terminal_download", tests, NULL, NULL);
}
