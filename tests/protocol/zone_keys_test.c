/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S120: the keys shared with the card network are replaced with the real programs while payments
 * are under way: by two people, told over the line, switched, side by side; one payment begins
 * under the old keys and is answered, with its PIN, when the new ones have been in use for seconds;
 * none is lost or declined; acquirer and network are killed in between, and go on.
 */
#include "lib/store/audit.h"
#include "tests/protocol/pos.h"

enum { SWITCH_TRIES = 400, SLOW_MS = 30000 };

static struct host host;
static struct pos pos, slow;
static struct said said;

static int start(void **state)
{
    (void)state;
    host_start(&host);
    pos_make(&pos, &host, "10000018", PAYMENT_PROFILE_TONGBAO);
    pos_make(&slow, &host, "10000019", PAYMENT_PROFILE_TONGBAO);
    host_card(&host, "slow", slow.track2);
    memcpy(slow.pin, "246810", 7);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pos_free(&pos);
    pos_free(&slow);
    host_stop(&host);
    return 0;
}

#define ZONE_KEYS(action, ...)                                                               \
    (programs_run(&host.children, &said, "tongbao", "admin", "zone-keys", action, "--state", \
                  host.admin, __VA_ARGS__, NULL),                                            \
     said.status)

static void assert_done(int status)
{
    if (status != 0) fail_msg("%d: %s", status, said.complaint);
}

static void assert_complaint(const char *text)
{
    if (strstr(said.complaint, text) == NULL) fail_msg("%s", said.complaint);
}

struct wanted {
    const char *event;
    int64_t count;
};

static err count_record(void *context, const struct audit_record *record)
{
    struct wanted *wanted = context;
    wanted->count += bytes_equal(record->entry.event, bytes_text(wanted->event));
    return OK;
}

/* In the chain of a store of the host's. */
static int64_t recorded(const char *directory, const char *file, const char *event)
{
    struct wanted wanted = {event, 0};
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 2000};
    assert_ok(store_open(host_path(directory, file), &options, NULL, &store));
    assert_ok(audit_read(store, 1, count_record, &wanted));
    store_close(store);
    return wanted.count;
}

static bool switched(void)
{
    return recorded(host.acquirer, "journal.db", "zone_keys_switched") > 0;
}

static void by_two_people(void **state)
{
    (void)state;
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    pos_pays(&pos, 100);
    assert_done(ZONE_KEYS("show", "--acquirer", host.acquirer));
    assert_non_null(strstr(said.out, "set 1: 0 days old"));
    assert_int_equal(ZONE_KEYS("finish", "--by", "anna", "--acquirer", host.acquirer), 1);
    assert_int_equal(ZONE_KEYS("propose", "--by", "two words"), 1);
    assert_int_equal(ZONE_KEYS("propose", "--by", "anna", "--overlap", "10"), 2);
    assert_done(ZONE_KEYS("propose", "--by", "anna", "--overlap", "300"));
    assert_int_equal(ZONE_KEYS("propose", "--by", "bo"), 1);
    assert_int_equal(
        ZONE_KEYS("approve", "--by", "anna", "--hsm", host.hsm_socket, "--networks", host.networks),
        1);
    assert_complaint("who has proposed it cannot approve it (提出者不能自行批准");
    assert_int_equal(ZONE_KEYS("finish", "--by", "bo", "--acquirer", host.acquirer), 1);
    assert_complaint("not taken the new keys yet");
    pos_pays(&pos, 101); /* nothing has changed */
    assert_false(switched());
}

static void while_payments_are_under_way(void **state)
{
    (void)state;
    int64_t paid = 0;
    pos_connect(&slow, &host);
    pos_sign_in(&slow);
    struct payment p = pos_sale(&slow, 2500);
    assert_true(client_try_send(&slow.client, pos_request(&slow, &p)));
    pos_pays(&pos, 102); /* behind it: it is with its issuer, who takes twelve seconds */
    assert_done(
        ZONE_KEYS("approve", "--by", "bo", "--hsm", host.hsm_socket, "--networks", host.networks));
    assert_non_null(strstr(said.out, "set 2: MAC key with check value "));
    for (; paid < SWITCH_TRIES && !switched(); paid++) pos_pays(&pos, 200 + paid);
    assert_true(switched());
    for (int i = 0; i < 5; i++) pos_pays(&pos, 103); /* under the new set */
    assert_true(pos_try_receive(&slow, SLOW_MS));    /* begun and ended under the old one */
    assert_int_equal(slow.answer.mti, 0x0210);
    assert_string_equal(pos_code(&slow), "00");
    assert_true(pos_mac_good(&slow));
    assert_int_equal(ZONE_KEYS("withdraw", "--by", "anna"), 1);
    assert_int_equal(ZONE_KEYS("finish", "--by", "anna", "--acquirer", host.acquirer), 1);
    assert_complaint("both sets are good still");
    assert_done(ZONE_KEYS("show", "--acquirer", host.acquirer));
    assert_non_null(strstr(said.out, "in use, the set before is good, too; proposed by anna, "
                                     "approved by bo; overlap 300 s"));
    assert_int_equal(host_audits(&host, "network_mac_failed", NULL), 0);
    print_message("%lld payments until the switch\n", (long long)paid);
}

static void killed_they_go_on(void **state)
{
    (void)state;
    child_kill(host.process_networks);
    child_kill(host.process_acquirer);
    host_start_networks(&host);
    host_start_acquirer(&host);
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    pos_pays(&pos, 104);
    assert_int_equal(recorded(host.acquirer, "journal.db", "zone_keys_switched"), 1);
    assert_int_equal(recorded(host.admin, "registry.db", "zone_rotation_proposed"), 1);
    assert_int_equal(recorded(host.admin, "registry.db", "zone_rotation_approved"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_two_people),
        cmocka_unit_test(while_payments_are_under_way),
        cmocka_unit_test(killed_they_go_on),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
