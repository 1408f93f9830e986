/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S124: a device asks that a backup is opened for it. Two different people of the desk say yes,
 * then the hsm is asked, once; the device hears of it and fetches what was made. One person alone,
 * the same one twice, a question that is another device's, one that was used, refused or forgotten:
 * nothing of it leads to a key.
 */
#include "backoffice/backups/restores.h"
#include "backoffice/desk/cooling.h"
#include "tests/unit/desk_backups_rig.h"

#define ASKED "{\"id\":9,\"status\":\"ok\"}"

static struct signer own;
static struct bundle b;
static err hsm_says;
static unsigned hsm_asked;
static struct desk_restore hsm_heard;
static char hsm_names[200];

static err open_backup(void *context, const struct desk_restore *restore, struct writer *grant)
{
    (void)context;
    hsm_asked++;
    hsm_heard = *restore;
    snprintf(hsm_names, sizeof hsm_names, "%s and %s", restore->first, restore->second);
    TRY(hsm_says);
    write_bytes(grant, BYTES("sealed to that vault"));
    return (err){grant->fault};
}

static int start(void **state)
{
    rig_make(state);
    signer_make(&own, RIG_TID);
    signer_serves(&own);
    rig.desk->ports.open_backup = open_backup;
    hsm_says = OK;
    hsm_asked = 0;
    rig_connect(1);
    bundle_make(&b, &own, RIG_TID, RIG_SERIAL, 3, 4);
    bundle_send(1, &b);
    return 0;
}

static int stop(void **state)
{
    identity_key_free(&own.key);
    return rig_drop(state);
}

/* As its vault has said it; `nonce` is all of it. */
static void ask(uint8_t nonce)
{
    static char text[DEVICE_FRAME_MAX];
    struct writer w = writer_over(text, sizeof text - 1);
    struct device_message m = {.ask = DEVICE_RESTORE_ASK, .id = 9};
    memcpy(m.digest, b.digest, sizeof m.digest);
    memset(m.nonce, nonce, sizeof m.nonce);
    memset(m.mac, 3, sizeof m.mac);
    memset(m.transport, 4, sizeof m.transport);
    device_write_ask(&w, &m);
    text[w.len] = '\0';
    rig.frames = 0;
    rig_say(1, text);
}

static struct restore newest(void)
{
    struct restore r;
    assert_ok(restore_find(rig.store, rig_count("SELECT max(id) FROM restore_case"), &r));
    return r;
}

static enum restore_verdict approve(const char *who)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct restore r = newest();
    enum restore_verdict verdict;
    assert_ok(restore_open(rig.desk, who, &r, &verdict));
    if (verdict != RESTORE_OK && verdict != RESTORE_NEEDS_SECOND) return verdict;
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(restore_approved(rig.desk, &tx, who, "called back, knows the shop", &r));
    assert_ok(store_commit(&tx));
    if (r.state == RESTORE_GRANTED) restore_tell(rig.desk, &r);
    return verdict;
}

static void two_people_and_the_device_has_it(void **state)
{
    (void)state;
    ask(1);
    assert_string_equal(rig_heard(), ASKED);
    ask(1); /* another connection: nothing new */
    assert_string_equal(rig_heard(), ASKED);
    assert_int_equal(rig_count("SELECT count(*) FROM restore_case"), 1);
    assert_int_equal(rig_count("SELECT count(*) FROM event WHERE kind = 'restore.asked'"), 1);
    assert_int_equal(approve("staff li.lei"), RESTORE_NEEDS_SECOND);
    assert_int_equal(approve("staff li.lei"), RESTORE_SAME_PERSON);
    assert_int_equal(hsm_asked, 0);
    ask(1);
    assert_string_equal(rig_heard(), ASKED); /* one alone gives nothing away */
    rig.frames = 0;
    assert_int_equal(approve("staff han.mei"), RESTORE_OK);
    assert_non_null(strstr(rig_heard(), "{\"tell\":\"restore\",\"digest\":\""));
    assert_int_equal(hsm_asked, 1);
    assert_string_equal(hsm_names, "staff li.lei and staff han.mei");
    assert_int_equal(hsm_heard.number, 3);
    ask(1);
    assert_non_null(strstr(rig_heard(), "\"bytes\":\"c2VhbGVkIHRvIHRoYXQgdmF1bHQ=\""));
    assert_int_equal(approve("staff wang"), RESTORE_DECIDED);
    assert_int_equal(hsm_asked, 1);
    /* Nobody moves the shop's money for a while. */
    struct cooling_verdict cooling;
    assert_ok(cooling_check(rig.store, RIG_MID, rig.now_ms, &cooling));
    assert_int_equal(cooling.reason, COOLING_RECOVERED);
}

/* It has restored itself: what was made is not kept, and not given a second time. */
static void used_once(void **state)
{
    (void)state;
    ask(1);
    assert_int_equal(approve("staff li.lei"), RESTORE_NEEDS_SECOND);
    assert_int_equal(approve("staff han.mei"), RESTORE_OK);
    rig_say(1, "{\"id\":10,\"ask\":\"event\",\"kind\":\"restored\",\"operator\":\"00\",\"detail\":"
               "\"TB1\",\"number\":5,\"at_ms\":1}");
    assert_int_equal(newest().state, RESTORE_DONE);
    assert_int_equal(newest().grant_len, 0);
    assert_int_equal(rig_count("SELECT count(*) FROM event WHERE kind = 'restore.done'"), 1);
    ask(1); /* it is a new question, to be decided anew */
    assert_string_equal(rig_heard(), ASKED);
    assert_int_equal(newest().state, RESTORE_WAITS);
}

static void another_question_ends_the_first(void **state)
{
    (void)state;
    ask(1);
    assert_int_equal(approve("staff li.lei"), RESTORE_NEEDS_SECOND);
    ask(2); /* another nonce: what was said of the first one does not count */
    assert_int_equal(rig_count("SELECT count(*) FROM restore_case WHERE state = 5"), 1);
    assert_int_equal(approve("staff han.mei"), RESTORE_NEEDS_SECOND);
    assert_int_equal(hsm_asked, 0);
    for (uint8_t i = 3; i <= RESTORES_A_DAY; i++) ask(i);
    assert_string_equal(rig_heard(), ASKED);
    ask(99);
    assert_string_equal(rig_heard(), "{\"id\":9,\"status\":\"refused\",\"reason\":\"limit\"}");
}

static void refused_and_asked_again(void **state)
{
    (void)state;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum restore_verdict verdict;
    ask(1);
    struct restore r = newest();
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(restore_refuse(rig.desk, &tx, "staff li.lei", "nobody answers there", &r, &verdict));
    assert_ok(store_commit(&tx));
    assert_int_equal(verdict, RESTORE_OK);
    ask(1);
    assert_string_equal(rig_heard(), "{\"id\":9,\"status\":\"refused\",\"reason\":\"desk\"}");
    ask(1); /* it knows: this is a person who asks again */
    assert_string_equal(rig_heard(), ASKED);
    assert_int_equal(newest().state, RESTORE_WAITS);
}

static void what_the_hsm_does_not_take(void **state)
{
    (void)state;
    ask(1);
    assert_int_equal(approve("staff li.lei"), RESTORE_NEEDS_SECOND);
    hsm_says = ERR(TIMEOUT);
    assert_int_equal(approve("staff han.mei"), RESTORE_HSM_AWAY);
    assert_int_equal(newest().state, RESTORE_WAITS);
    hsm_says = ERR(MAC); /* a public key that is not this device's */
    assert_int_equal(approve("staff han.mei"), RESTORE_NOT_ITS);
    assert_int_equal(newest().state, RESTORE_WAITS);
    hsm_says = OK;
    assert_int_equal(approve("staff han.mei"), RESTORE_OK);
}

/* Past the program: the table holds it, too. */
static void the_table_wants_two(void **state)
{
    (void)state;
    ask(1);
    assert_true(FAILED(store_exec(rig.store, "UPDATE restore_case SET state = 2, first = 'a'")));
    assert_true(FAILED(
        store_exec(rig.store, "UPDATE restore_case SET state = 2, first = 'a', second = 'a'")));
    assert_true(FAILED(store_exec(rig.store, "DELETE FROM restore_case")));
    assert_ok(store_exec(rig.store, "UPDATE restore_case SET state = 4"));
    assert_true(FAILED(
        store_exec(rig.store, "UPDATE restore_case SET state = 2, first = 'a', second = 'b'")));
}

static void forgotten_after_three_days(void **state)
{
    (void)state;
    ask(1);
    rig.now_ms += RESTORE_DAYS * RIG_DAY_MS + 1;
    assert_ok(restores_sweep(rig.desk));
    assert_int_equal(newest().state, RESTORE_OVER);
    assert_int_equal(approve("staff li.lei"), RESTORE_DECIDED);
}

static void a_backup_that_is_not_there(void **state)
{
    (void)state;
    b.digest[0] ^= 1;
    ask(1);
    assert_string_equal(rig_heard(), "{\"id\":9,\"status\":\"refused\",\"reason\":\"not_found\"}");
    assert_int_equal(rig_count("SELECT count(*) FROM restore_case"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_people_and_the_device_has_it), TEST(used_once),
        TEST(another_question_ends_the_first),  TEST(refused_and_asked_again),
        TEST(what_the_hsm_does_not_take),       TEST(the_table_wants_two),
        TEST(forgotten_after_three_days),       TEST(a_backup_that_is_not_there),
    };
    return cmocka_run_group_tests_name("desk_restores", tests, NULL, NULL);
}
