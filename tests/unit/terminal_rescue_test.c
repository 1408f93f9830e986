/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S123: a terminal asks for another certificate before its own ends, and nobody notices; one that
 * was in a drawer until after the end says so, asks without a certificate for another and for
 * nothing else, and goes on by itself.
 */
#include "tests/unit/terminal_rig.h"

#define DAY_MS  INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)

static struct rig *new_rig(int64_t end_ms)
{
    struct rig *rig = rig_new();
    rig->with_manage = rig->with_bare = rig->manage_reachable = true;
    rig->certificate.end_ms = end_ms;
    return rig;
}

static bool asks(const struct rig *rig, const char *what)
{
    char wanted[40];
    snprintf(wanted, sizeof wanted, "\"ask\":\"%s\"", what);
    return strstr(rig->manage_said, wanted) != NULL;
}

static int64_t audits(struct rig *rig, const char *sql)
{
    int64_t count = -1;
    GOOD(store_query_int(rig->store, sql, &count));
    return count;
}

#define RENEWED "SELECT count(*) FROM audit WHERE event = 'certificate_renewed'"
#define REFUSED "SELECT count(*) FROM audit WHERE event = 'renewal_refused'"

/* Every key and every hour leaves it where it is. */
static void stays(struct rig *rig)
{
    static const char *const keys[] = {"ok", "cancel", "digit:1", "choice:sale"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        GOOD(rig_key(rig, keys[i]));
        AT(rig, "boot.certificate");
    }
}

static void out_of_the_drawer(void **state)
{
    (void)state;
    struct rig *rig = new_rig(RIG_START_MS - 100 * DAY_MS);
    char zh[400];
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 100));
    AT(rig, "boot.certificate");
    snprintf(zh, sizeof zh, "%s", rig_line(rig, "BOOT_CERTIFICATE_FAULT"));
    GOOD(rig_key(rig, "language"));
    assert_string_not_equal(rig_line(rig, "BOOT_CERTIFICATE_FAULT"), zh);
    stays(rig);
    /* Without a certificate it asks this one thing. */
    assert_int_equal(rig->bare, 1);
    assert_int_equal(rig->manage_frames, 1);
    assert_true(asks(rig, "renew"));
    assert_non_null(strstr(rig->manage_said, "\"terminal\":\"10000017\""));
    assert_non_null(strstr(rig->manage_said, "certificaterequest")); /* one after the other */
    /* Refused: not again for an hour, and then as before. */
    GOOD(rig_manage_answer(rig, "refused", ""));
    GOOD(rig_advance(rig, HOUR_MS - 10000));
    assert_int_equal(rig->manage_frames, 1);
    assert_int_equal(audits(rig, REFUSED), 1);
    GOOD(rig_advance(rig, 20000));
    assert_int_equal(rig->manage_frames, 2);
    assert_true(asks(rig, "renew"));
    stays(rig);
    GOOD(rig_manage_answer(rig, "ok", "\"renewed\":\"PEM\""));
    assert_int_equal(rig->certificate.taken, 1);
    assert_int_equal(rig->certificate.told, 1);
    assert_int_equal(audits(rig, RENEWED), 1);
    /* It goes on by itself, in its own name. */
    GOOD(rig_advance(rig, 10000));
    AT(rig, "login.operator");
    assert_int_equal(rig->bare, 2);
    assert_true(asks(rig, "hello"));
    assert_true(rig->online);
    rig_free(rig);
}

/* What comes back is not what the vault takes: nothing has changed. */
static void a_wrong_one_is_not_taken(void **state)
{
    (void)state;
    struct rig *rig = new_rig(RIG_START_MS - DAY_MS);
    rig->certificate.refused = true;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 100));
    GOOD(rig_manage_answer(rig, "ok", "\"renewed\":\"PEM\""));
    GOOD(rig_advance(rig, 10000));
    stays(rig);
    assert_int_equal(rig->certificate.told, 0);
    assert_int_equal(audits(rig, REFUSED), 1);
    rig_free(rig);
}

static void answer_until(struct rig *rig, const char *what)
{
    for (int i = 0; i < 20 && !asks(rig, what); i++) {
        GOOD(rig_manage_answer(rig, "ok", ""));
        GOOD(rig_advance(rig, 100));
    }
}

/* In a shop that is open: a month before the end, over the line that is up. */
static void before_the_end_nobody_notices(void **state)
{
    (void)state;
    struct rig *rig = new_rig(RIG_START_MS + 31 * DAY_MS);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 100));
    for (int i = 0; i < 10; i++) {
        if (!asks(rig, "renew")) GOOD(rig_manage_answer(rig, "ok", ""));
        GOOD(rig_advance(rig, 100));
    }
    assert_false(asks(rig, "renew"));
    rig->certificate.end_ms = RIG_START_MS + 29 * DAY_MS; /* time has passed */
    rig_off(rig);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 100));
    answer_until(rig, "renew");
    assert_true(asks(rig, "renew"));
    GOOD(rig_manage_answer(rig, "ok", "\"renewed\":\"PEM\""));
    GOOD(rig_advance(rig, 100));
    assert_int_equal(rig->certificate.taken, 1);
    assert_int_equal(rig->bare, 0);
    assert_true(rig->manage_online);
    rig_free(rig);
}

/* It ends while the shop is open and the back office was away all month. */
static void it_ends_while_it_works(void **state)
{
    (void)state;
    struct rig *rig = new_rig(RIG_START_MS + 2 * HOUR_MS);
    rig->manage_reachable = false;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, HOUR_MS));
    assert_int_equal(rig->bare, 0);
    GOOD(rig_advance(rig, 2 * HOUR_MS));
    assert_true(rig->bare > 0);
    rig->manage_reachable = true;
    GOOD(rig_advance(rig, 100000));
    assert_true(asks(rig, "renew"));
    GOOD(rig_manage_answer(rig, "ok", "\"renewed\":\"PEM\""));
    GOOD(rig_advance(rig, 100));
    assert_int_equal(rig->certificate.taken, 1);
    assert_true(asks(rig, "hello"));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_of_the_drawer),
        cmocka_unit_test(a_wrong_one_is_not_taken),
        cmocka_unit_test(before_the_end_nobody_notices),
        cmocka_unit_test(it_ends_while_it_works),
    };
    return cmocka_run_group_tests_name("terminal_rescue", tests, NULL, NULL);
}
