/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that is looked for (S45, S115): messages, rings and locks from the back office, taken
 * once, done where nothing is lost by it, told until acknowledged, kept over power cuts; where the
 * device is; and somebody who answers in the host's place (S171).
 */
#include "tests/unit/terminal_rig.h"

#define COMMAND(number, kind, text)                                                          \
    "{\"tell\":\"command\",\"number\":" #number ",\"command\":\"" kind "\",\"text\":\"" text \
    "\",\"nonce\":\"00000000000000000000000000000000\",\"mac\":"                             \
    "\"00000000000000000000000000000000\"}"
#define LOCK(number)   COMMAND(number, "lock", "Call 138 0000 5678")
#define UNLOCK(number) COMMAND(number, "unlock", "")

static bool said(const struct rig *rig, const char *text)
{
    return strstr(rig->manage_said, text) != NULL;
}

static bool shown(const struct rig *rig, const char *text)
{
    const struct screen *s = terminal_screen(rig->terminal);
    for (size_t i = 0; i < s->line_count; i++)
        if (strstr(s->line[i].text, text) != NULL) return true;
    return false;
}

/* Says hello and hears everything that is told until there is nothing left. Was `text` among it? */
static bool settles_saying(struct rig *rig, const char *text)
{
    bool heard = false;
    for (int i = 0; i < 20; i++) {
        int frames = rig->manage_frames;
        GOOD(rig_advance(rig, 20));
        heard = heard || said(rig, text);
        if (rig->terminal->manage.asked != DEVICE_NO_ASK) GOOD(rig_manage_answer(rig, "ok", ""));
        if (rig->manage_frames == frames && rig->terminal->manage.asked == DEVICE_NO_ASK)
            return heard;
    }
    fail_msg("it goes on asking: %s", rig->manage_said);
    return false;
}

static void settle(struct rig *rig)
{
    (void)settles_saying(rig, "");
}

static err power_cut(struct rig *rig)
{
    rig_off(rig);
    TRY(rig_boot(rig));
    return rig_advance(rig, 8000);
}

static struct rig *rig_found(void)
{
    struct rig *rig = rig_new();
    rig->with_manage = rig->manage_reachable = true;
    GOOD(rig_boot(rig));
    settle(rig);
    return rig;
}

static struct rig *rig_found_ready(void)
{
    struct rig *rig = rig_found();
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:sign_in"));
    AT(rig, "sign_in.done");
    GOOD(rig_key(rig, "ok"));
    settle(rig);
    return rig;
}

/* The next question, which must be about a command; answered. */
static void progress(struct rig *rig, int number, const char *state)
{
    char wanted[96];
    GOOD(rig_advance(rig, 20));
    snprintf(wanted, sizeof wanted, "\"ask\":\"done\",\"number\":%d,\"state\":\"%s\"", number,
             state);
    if (!said(rig, wanted)) fail_msg("%s is not in %s", wanted, rig->manage_said);
    GOOD(rig_manage_answer(rig, "ok", ""));
}

/* ---- messages ---- */

static void a_message_stays_until_somebody_reads_it(void **state)
{
    (void)state;
    struct rig *rig = rig_found();
    GOOD(rig_manage(rig, COMMAND(7, "message", "Bring it back")));
    progress(rig, 7, "acknowledged"); /* it is in the store, and no more is claimed */
    AT(rig, "find.message");
    assert_true(shown(rig, "Bring it back"));
    GOOD(rig_advance(rig, 600000));
    AT(rig, "find.message");
    GOOD(rig_manage(rig, COMMAND(7, "message", "Bring it back"))); /* told again */
    GOOD(power_cut(rig));                                          /* and a power cut */
    settle(rig);
    AT(rig, "find.message");
    GOOD(rig_key(rig, "choice:read"));
    progress(rig, 7, "verified");
    AT(rig, "login.operator");
    GOOD(rig_manage(rig, COMMAND(7, "message", "Bring it back")));
    settle(rig);
    AT(rig, "login.operator"); /* once */
    rig_free(rig);
}

static void a_message_does_not_come_into_a_sale(void **state)
{
    (void)state;
    struct rig *rig = rig_found_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1"));
    GOOD(rig_manage(rig, COMMAND(8, "message", "Hello")));
    settle(rig);
    AT(rig, "sale.amount");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
    settle(rig);
    AT(rig, "find.message");
    rig_free(rig);
}

static void a_ring_is_heard_once(void **state)
{
    (void)state;
    struct rig *rig = rig_found();
    struct speech speech;
    GOOD(rig_manage(rig, COMMAND(9, "ring", "")));
    GOOD(rig_advance(rig, 20));
    AT(rig, "find.ring");
    assert_int_equal(rig->spoken, 1);
    int64_t number = terminal_screen(rig->terminal)->speech_number;
    GOOD(terminal_speech(rig->terminal, number, &speech));
    assert_true(speech.count > 1);
    settle(rig);
    assert_true(said(rig, "\"number\":9,\"state\":\"verified\""));
    GOOD(rig_advance(rig, 61000));
    AT(rig, "login.operator");
    GOOD(rig_manage(rig, COMMAND(9, "ring", "")));
    settle(rig);
    assert_int_equal(rig->spoken, 1);
    rig_free(rig);
}

/* ---- locks ---- */

static void a_lock_holds_over_a_restart(void **state)
{
    (void)state;
    struct rig *rig = rig_found_ready();
    GOOD(rig_manage(rig, LOCK(3)));
    progress(rig, 3, "acknowledged");
    progress(rig, 3, "verified");
    AT(rig, "find.locked");
    assert_true(shown(rig, "138 0000 5678"));
    assert_string_equal(rig->terminal->operator_id, ""); /* nobody is in any more */
    static const char *const keys[] = {"cancel", "ok", "choice:unlock", "choice:sale", "digit:1"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        GOOD(rig_key(rig, keys[i]));
        AT(rig, "find.locked");
    }
    GOOD(power_cut(rig));
    settle(rig);
    AT(rig, "find.locked");
    GOOD(rig_manage(rig, LOCK(3)));
    settle(rig);
    GOOD(rig_manage(rig, UNLOCK(4)));
    settle(rig);
    AT(rig, "login.operator");
    assert_true(said(rig, "\"number\":4,\"state\":\"verified\""));
    GOOD(rig_manage(rig, LOCK(3))); /* an old one that comes late locks nothing */
    settle(rig);
    AT(rig, "login.operator");
    GOOD(power_cut(rig));
    settle(rig);
    AT(rig, "login.operator");
    rig_free(rig);
}

/* The answer is waited for, the payment is told, and then it locks. */
static void a_payment_under_way_is_finished_first(void **state)
{
    (void)state;
    struct rig *rig = rig_found_ready();
    rig->mood = RIG_SILENT;
    GOOD(rig_sale(rig));
    AT(rig, "sale.wait");
    GOOD(rig_manage(rig, LOCK(3)));
    progress(rig, 3, "acknowledged");
    GOOD(rig_advance(rig, 1000));
    AT(rig, "sale.wait");
    assert_false(said(rig, "verified"));
    GOOD(rig_advance(rig, 61000)); /* no answer: it is reversed */
    GOOD(rig_advance(rig, 61000));
    assert_int_equal(rig->reversals_seen, 1);
    assert_true(settles_saying(rig, "\"number\":3,\"state\":\"verified\"")); /* its place, too */
    AT(rig, "find.locked");
    assert_int_equal(rig->terminal->records.unsent, 0);
    rig_free(rig);
}

/* What has not been sent is no payment: it is dropped. */
static void what_was_only_typed_is_dropped(void **state)
{
    (void)state;
    struct rig *rig = rig_found_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 ok"));
    AT(rig, "sale.present");
    GOOD(rig_manage(rig, LOCK(3)));
    settle(rig);
    AT(rig, "find.locked");
    assert_int_equal(rig->sales_seen, 0);
    rig_free(rig);
}

/* Told while nobody could be reached: the newest word counts, whatever comes first. */
static void lock_and_unlock_that_come_together_end_open(void **state)
{
    (void)state;
    struct rig *rig = rig_found();
    GOOD(rig_manage(rig, LOCK(3)));
    GOOD(rig_manage(rig, UNLOCK(4)));
    settle(rig);
    AT(rig, "login.operator");
    int64_t locks;
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM audit WHERE event = 'remote_lock'",
                         &locks));
    assert_int_equal(locks, 1);
    rig_free(rig);
}

/* Nobody who only knows a password opens it; on a bad network not even the desk is asked. */
static void the_desk_is_asked_over_a_good_network_only(void **state)
{
    (void)state;
    struct rig *rig = rig_found();
    const struct network_facts open = {.kind = NETWORK_WIFI, .security = NETWORK_OPEN};
    const struct network_facts cable = {.kind = NETWORK_ETHERNET};
    GOOD(rig_manage(rig, LOCK(3)));
    settle(rig);
    GOOD(terminal_on_network(rig->terminal, 0, &open));
    GOOD(rig_key(rig, "choice:desk"));
    AT(rig, "find.locked");
    assert_int_equal(rig->recoveries, 0);
    GOOD(terminal_on_network(rig->terminal, 0, &cable));
    settle(rig);
    GOOD(rig_key(rig, "choice:desk"));
    assert_int_equal(rig->recoveries, 1); /* the vault was asked: terminal_recovery_test goes on */
    rig_free(rig);
}

/* What is over is forgotten; the last word about the lock is not, however old. */
static void the_table_is_bounded(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct command lock;
    int64_t count;
    bool fresh;
    GOOD(rig_boot(rig));
    for (int64_t number = 1; number <= COMMANDS_KEPT + 50; number++) {
        struct command c = {number, number == 3 ? DEVICE_LOCK : DEVICE_RING, "", 0};
        GOOD(command_take(rig->store, &c, 1, &fresh));
        assert_true(fresh);
        GOOD(command_done(rig->store, number));
        GOOD(command_told(rig->store, number, DEVICE_VERIFIED));
    }
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM command", &count));
    assert_int_equal(count, COMMANDS_KEPT + 1);
    GOOD(command_lock(rig->store, &lock));
    assert_int_equal(lock.number, 3);
    rig_free(rig);
}

/* ---- where it is ---- */

static void the_place_is_told_when_it_changes(void **state)
{
    (void)state;
    struct rig *rig = rig_found();
    assert_true(said(rig, "\"ask\":\"place\",\"kind\":\"ethernet\",\"name\":\"\",\"at_ms\":"));
    const struct network_facts shop = {
        .kind = NETWORK_WIFI, .security = NETWORK_WPA2, .name = "Shop"};
    GOOD(terminal_on_network(rig->terminal, 0, &shop));
    settle(rig);
    assert_true(said(rig, "\"kind\":\"wifi\",\"name\":\"Shop\""));
    assert_false(said(rig, "latitude")); /* nobody has said where it is */
    GOOD(terminal_on_place(rig->terminal, &(struct network_place){true, 31230416, 121473701, 20}));
    settle(rig);
    assert_true(said(rig, "\"latitude_e6\":31230416,\"longitude_e6\":121473701,\"accuracy_m\":20"));
    int frames = rig->manage_frames;
    GOOD(rig_advance(rig, 600000));
    assert_int_equal(rig->manage_frames, frames);
    struct network_place place = {0};
    static const char good[] = "{\"latitude_e6\":1,\"longitude_e6\":-2,\"accuracy_m\":3}";
    GOOD(network_place_parse(bytes_text(good), &place));
    assert_true(place.known && place.longitude_e6 == -2);
    assert_true(FAILED(network_place_parse(BYTES("{\"latitude_e6\":91000000}"), &place)));
    rig_free(rig);
}

/* ---- somebody else than the host ---- */

/* S171: an audit line and an event for each time, and what to do on the screen until it is over. */
static void an_impostor_is_named_and_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    int64_t count;
    rig->with_manage = true;
    GOOD(rig_boot(rig));
    for (int i = 0; i < 3; i++)
        GOOD(terminal_on_impostor(rig->terminal, TERMINAL_LINE_OFFICE, "hostname mismatch"));
    AT(rig, "login.operator");
    assert_true(shown(rig, "核对不上"));
    GOOD(
        store_query_int(rig->store, "SELECT count(*) FROM audit WHERE event = 'impostor'", &count));
    assert_int_equal(count, 1);
    GOOD(power_cut(rig)); /* what has happened is not forgotten */
    rig->manage_reachable = true;
    GOOD(rig_advance(rig, 60000));
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 20));
    assert_true(said(rig, "\"kind\":\"impostor\""));
    assert_true(said(rig, "back office: hostname mismatch"));
    settle(rig);
    assert_false(shown(rig, "核对不上"));
    rig_free(rig);
}

/* S70: the vault's tamper bit is an event, once, and the channel is brought up to tell it. */
static void a_tampered_vault_is_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    int64_t count;
    rig->with_manage = rig->manage_reachable = true;
    rig->tampered = VAULT_TAMPER_CASE;
    GOOD(rig_open(rig)); /* no page: its channel is refused */
    GOOD(terminal_boot(rig->terminal));
    GOOD(rig_pump(rig));
    AT(rig, "boot.tamper");
    for (int i = 0; i < 3; i++) GOOD(rig_key(rig, "ok"));
    GOOD(rig_advance(rig, 100));
    assert_true(said(rig, "\"ask\":\"hello\""));
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 100));
    assert_true(said(rig, "\"kind\":\"tampered\""));
    settle(rig);
    rig_off(rig);
    GOOD(rig_open(rig));
    GOOD(terminal_boot(rig->terminal));
    settle(rig);
    GOOD(
        store_query_int(rig->store, "SELECT count(*) FROM audit WHERE event = 'tampered'", &count));
    assert_int_equal(count, 1);
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM event", &count));
    assert_int_equal(count, 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tampered_vault_is_told),
        cmocka_unit_test(a_message_stays_until_somebody_reads_it),
        cmocka_unit_test(a_message_does_not_come_into_a_sale),
        cmocka_unit_test(a_ring_is_heard_once),
        cmocka_unit_test(a_lock_holds_over_a_restart),
        cmocka_unit_test(a_payment_under_way_is_finished_first),
        cmocka_unit_test(what_was_only_typed_is_dropped),
        cmocka_unit_test(lock_and_unlock_that_come_together_end_open),
        cmocka_unit_test(the_desk_is_asked_over_a_good_network_only),
        cmocka_unit_test(the_table_is_bounded),
        cmocka_unit_test(the_place_is_told_when_it_changes),
        cmocka_unit_test(an_impostor_is_named_and_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
