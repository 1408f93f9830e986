/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Webhooks (S177, HS-16): what happens arrives, signed, at least once, in the order of its object,
 * at growing distances; what does not arrive can be seen and sent again; a secret is shown once.
 */
#include "backoffice/events/events.h"
#include "lib/base/base64.h"
#include "tests/unit/backoffice_rig.h"

#define OTHER_MID "898310153110002"
#define URL       "https://hooks.example.com/tongbao"

static struct browser owner(struct rig *rig, const char *login, const char *mid)
{
    struct browser b = {.realm = "console"};
    rig->mid = mid;
    (void)rig_known(rig, &b, login, ROLE_OWNER);
    return b;
}

/* Makes an endpoint; its secret as bytes. */
static void make_hook(struct rig *rig, struct browser *who, const char *kinds,
                      uint8_t ret_secret[WEBHOOK_SECRET_BYTES])
{
    char text[WEBHOOK_SECRET_TEXT + 1];
    size_t len = 0;
    assert_int_equal(
        rig_post(rig, who, "/api/v1/webhooks", "{\"url\":\"" URL "\",\"kinds\":[%s]}", kinds), 201);
    rig_member(rig, "secret", text, sizeof text);
    assert_int_equal(strncmp(text, "whsec_", 6), 0);
    assert_ok(base64_decode(bytes_text(text + 6), ret_secret, WEBHOOK_SECRET_BYTES, &len));
    assert_int_equal(len, WEBHOOK_SECRET_BYTES);
}

static void happen(struct rig *rig, const char *mid, const char *kind, const char *object)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(event_append(
        &tx, &(struct event){mid, 0, kind, object, BYTES("{\"n\":7}"), rig->now_ms}, NULL));
    assert_ok(store_commit(&tx));
    rig_turn(rig);
}

/* The end of the first that is on its way: `status`, or no answer when 0. */
static void answer(struct rig *rig, int status)
{
    const struct egress_answer got = {
        .status = status, .reason = status == 0 ? ERR(TIMEOUT) : OK, .fault = EGRESS_NONE};
    assert_true(rig->posts > 0);
    int64_t delivery = rig->post[0].delivery;
    rig->posts--;
    memmove(&rig->post[0], &rig->post[1], rig->posts * sizeof rig->post[0]);
    assert_ok(webhooks_on_result(rig->b, delivery, &got));
    rig_turn(rig);
}

static int64_t count(struct rig *rig, const char *sql)
{
    int64_t value = 0;
    assert_ok(store_query_int(rig->b->store, sql, &value));
    return value;
}

static void an_event_arrives_signed(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    uint8_t secret[WEBHOOK_SECRET_BYTES], wrong[WEBHOOK_SECRET_BYTES] = {0};
    happen(rig, RIG_MID, "key.made", "keys/1"); /* before: nobody hears of it */
    make_hook(rig, &li, "\"key.made\"", secret);
    assert_int_equal(rig->posts, 0);
    happen(rig, RIG_MID, "key.revoked", "keys/1"); /* not wanted */
    happen(rig, OTHER_MID, "key.made", "keys/2");  /* not his */
    assert_int_equal(rig->posts, 0);
    happen(rig, RIG_MID, "key.made", "keys/3");
    assert_int_equal(rig->posts, 1);
    assert_string_equal(rig->post[0].url, URL);
    assert_string_equal(rig->post[0].id, "evt_4_1");
    assert_string_equal(
        rig->post[0].body,
        "{\"type\":\"key.made\",\"number\":4,\"at\":1903321800000,\"mid\":\"" RIG_MID
        "\",\"object\":\"keys/3\",\"data\":{\"n\":7}}");
    const struct bytes body = bytes_text(rig->post[0].body);
    assert_ok(webhook_verify(BYTES_OF(secret), rig->post[0].id, rig->post[0].at_s,
                             rig->post[0].signatures, body, rig->now_ms / 1000));
    assert_err(webhook_verify(BYTES_OF(wrong), rig->post[0].id, rig->post[0].at_s,
                              rig->post[0].signatures, body, rig->now_ms / 1000),
               MAC);
    /* And by a key that is no secret: an auditor has it as the owner has. */
    char public[WEBHOOK_PUBLIC_TEXT + 1];
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/webhooks/1", ""), 200);
    rig_member(rig, "public_key", public, sizeof public);
    assert_ok(webhook_verify_public(public, rig->post[0].id, rig->post[0].at_s,
                                    rig->post[0].signatures, body, rig->now_ms / 1000));
    assert_err(webhook_verify_public(public, rig->post[0].id, rig->post[0].at_s + 1,
                                     rig->post[0].signatures, body, rig->now_ms / 1000),
               MAC);
    answer(rig, 200);
    rig_pass(rig, 60000);
    assert_int_equal(rig->posts, 0);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/webhooks/1/deliveries", ""), 200);
    assert_true(rig_says(rig, "\"state\":\"delivered\"") && rig_says(rig, "\"attempts\":1"));
    rig_close(rig);
}

/* The secret is not in the store, not even while it is the one before. */
static void a_secret_is_shown_once_and_sealed(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    uint8_t first[WEBHOOK_SECRET_BYTES], second[WEBHOOK_SECRET_BYTES];
    char text[WEBHOOK_SECRET_TEXT + 1];
    size_t len = 0;
    struct bytes image = {0};
    make_hook(rig, &li, "\"*\"", first);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/webhooks/1", ""), 200);
    assert_false(rig_says(rig, "whsec_"));
    assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks/1/secret", "{}"), 200);
    rig_member(rig, "secret", text, sizeof text);
    assert_ok(base64_decode(bytes_text(text + 6), second, sizeof second, &len));
    assert_memory_not_equal(first, second, sizeof first);
    assert_ok(store_anchor_image(rig->anchor, &image));
    assert_null(memmem(image.at, image.len, first, sizeof first));
    assert_null(memmem(image.at, image.len, second, sizeof second));
    assert_null(memmem(image.at, image.len, text, strlen(text)));
    store_image_free(image);
    /* Both sign for a day, then the new one alone. */
    for (int day = 0; day < 2; day++) {
        happen(rig, RIG_MID, "key.made", "keys/1");
        assert_int_equal(rig->posts, 1);
        const struct bytes body = bytes_text(rig->post[0].body);
        assert_ok(webhook_verify(BYTES_OF(second), rig->post[0].id, rig->post[0].at_s,
                                 rig->post[0].signatures, body, rig->now_ms / 1000));
        err old = webhook_verify(BYTES_OF(first), rig->post[0].id, rig->post[0].at_s,
                                 rig->post[0].signatures, body, rig->now_ms / 1000);
        assert_string_equal(err_name(old), day == 0 ? "OK" : "MAC");
        answer(rig, 204);
        rig_pass(rig, WEBHOOK_OLD_SECRET_MS);
    }
    rig_close(rig);
}

/* Do the signatures of the message that is on its way show it to who has this public key? */
static err shown_by(struct rig *rig, const char *public)
{
    return webhook_verify_public(public, rig->post[0].id, rig->post[0].at_s,
                                 rig->post[0].signatures, bytes_text(rig->post[0].body),
                                 rig->now_ms / 1000);
}

/* S177: the pair of v1a is changed as the secret is, and both sign for a week. */
static void a_pair_is_changed_and_both_sign(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    uint8_t secret[WEBHOOK_SECRET_BYTES];
    char first[WEBHOOK_PUBLIC_TEXT + 1], second[sizeof first], before[sizeof first];
    make_hook(rig, &li, "\"key.made\"", secret);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/webhooks/1", ""), 200);
    rig_member(rig, "public_key", first, sizeof first);
    assert_false(rig_says(rig, "old_public_key"));
    assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks/1/pair", "{}"), 200);
    rig_member(rig, "public_key", second, sizeof second);
    rig_member(rig, "old_public_key", before, sizeof before);
    assert_string_equal(before, first);
    assert_string_not_equal(second, first);
    assert_true(rig_says(rig, "\"old_public_key_until\":1903926600000"));
    assert_false(rig_says(rig, "whsec_"));
    /* A third at a time is never needed: somebody still holds the first. */
    assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks/1/pair", "{}"), 409);
    assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks/1/secret", "{}"), 200);
    happen(rig, RIG_MID, "key.made", "keys/1");
    assert_int_equal(strlen(rig->post[0].signatures), WEBHOOK_SIGNATURES_MAX);
    assert_ok(shown_by(rig, second));
    assert_ok(shown_by(rig, first));
    answer(rig, 204);
    rig_pass(rig, WEBHOOK_OLD_PAIR_MS);
    happen(rig, RIG_MID, "key.made", "keys/1");
    assert_ok(shown_by(rig, second));
    assert_err(shown_by(rig, first), MAC);
    answer(rig, 204);
    struct browser zhao = owner(rig, "zhao", RIG_MID);
    assert_int_equal(rig_ask(rig, &zhao, "GET", "/api/v1/webhooks/1", ""), 200);
    assert_true(rig_says(rig, second) && !rig_says(rig, "old_public_key"));
    assert_int_equal(rig_post(rig, &zhao, "/api/v1/webhooks/1/pair", "{}"), 200);
    rig_member(rig, "public_key", before, sizeof before);
    assert_true(strcmp(before, first) != 0 && strcmp(before, second) != 0);
    rig_close(rig);
}

/* An object's events arrive in their order, whatever happens to the first; others go on. */
static void an_object_keeps_its_order(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    uint8_t secret[WEBHOOK_SECRET_BYTES];
    make_hook(rig, &li, "\"*\"", secret);
    happen(rig, RIG_MID, "key.made", "keys/1");
    happen(rig, RIG_MID, "key.revoked", "keys/1");
    happen(rig, RIG_MID, "key.made", "keys/2");
    assert_int_equal(rig->posts, 2);
    assert_string_equal(rig->post[0].id, "evt_1_1");
    assert_string_equal(rig->post[1].id, "evt_3_1");
    answer(rig, 500);
    answer(rig, 200);
    for (int i = 0; i < 4; i++) rig_pass(rig, 1000);
    assert_int_equal(rig->posts, 0); /* the second waits for the first, the first for its time */
    rig_pass(rig, 3000);
    assert_int_equal(rig->posts, 1);
    assert_string_equal(rig->post[0].id, "evt_1_1"); /* the same id again */
    answer(rig, 200);
    assert_int_equal(rig->posts, 1);
    assert_string_equal(rig->post[0].id, "evt_2_1");
    answer(rig, 200);
    rig_close(rig);
}

static void distances_grow_and_are_spread(void **state)
{
    (void)state;
    struct random_seeded source;
    random_seed(&source, 3);
    const struct random random = random_from_seed(&source);
    int64_t all = 0, before = 0;
    for (int64_t n = 1; n <= 9; n++) {
        int64_t least = INT64_MAX, most = 0;
        for (int i = 0; i < 200; i++) {
            int64_t wait = delivery_wait_ms(&random, n);
            least = wait < least ? wait : least;
            most = wait > most ? wait : most;
        }
        assert_true(least > before && most > least && most <= least * 13 / 10);
        before = most;
        all += least;
    }
    assert_int_equal(delivery_wait_ms(&random, 10), 0);
    assert_true(all >= 40 * INT64_C(3600000) && all <= 72 * INT64_C(3600000));
}

/* What is never taken is dead after two days, can be seen, and is sent again when it is asked. */
static void what_is_dead_can_be_seen_and_sent_again(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    uint8_t secret[WEBHOOK_SECRET_BYTES];
    int tries = 0;
    make_hook(rig, &li, "\"key.made\"", secret);
    happen(rig, RIG_MID, "key.made", "keys/1");
    for (int hours = 0; hours < 80; hours++) {
        for (; rig->posts > 0; tries++) answer(rig, tries % 2 == 0 ? 503 : 0);
        rig_pass(rig, 3600 * 1000);
    }
    assert_int_equal(tries, 10);
    li = owner(rig, "li2", RIG_MID);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/webhooks/1", ""), 200);
    assert_true(rig_says(rig, "\"state\":\"failing\""));
    assert_int_equal(count(rig, "SELECT count(*) FROM event WHERE kind = 'webhook.failing'"), 1);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/webhooks/1/deliveries", ""), 200);
    assert_true(rig_says(rig, "\"state\":\"dead\"") && rig_says(rig, "\"reason\":\"TIMEOUT\""));
    rig_pass(rig, 3600 * 1000);
    assert_int_equal(rig->posts, 0);
    li = owner(rig, "li3", RIG_MID);
    assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks/1/deliveries/1/again", "{}"), 201);
    assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks/1/deliveries/1/again", "{}"), 409);
    rig_pass(rig, 1000);
    assert_int_equal(rig->posts, 1);
    assert_string_equal(rig->post[0].id, "evt_1_1");
    answer(rig, 200);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/webhooks/1", ""), 200);
    assert_true(rig_says(rig, "\"state\":\"active\""));
    rig_close(rig);
}

/* A server that says that it has gone is not asked again; a paused one loses nothing. */
static void a_paused_endpoint_goes_on_where_it_was(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    uint8_t secret[WEBHOOK_SECRET_BYTES];
    make_hook(rig, &li, "\"key.made\"", secret);
    happen(rig, RIG_MID, "key.made", "keys/1");
    answer(rig, 410);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/webhooks/1", ""), 200);
    assert_true(rig_says(rig, "\"state\":\"paused\"") && rig_says(rig, "\"why\":\"gone\""));
    happen(rig, RIG_MID, "key.made", "keys/2");
    rig_pass(rig, 60000);
    assert_int_equal(rig->posts, 0);
    assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks/1/resume", "{}"), 200);
    rig_pass(rig, 1000);
    assert_int_equal(rig->posts, 2);
    answer(rig, 200);
    answer(rig, 200);
    assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks/1/pause", "{}"), 200);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/webhooks/1", ""), 200);
    assert_true(rig_says(rig, "\"why\":\"asked\""));
    assert_int_equal(rig_ask(rig, &li, "DELETE", "/api/v1/webhooks/1", ""), 200);
    assert_int_equal(count(rig, "SELECT count(*) FROM webhook_delivery"), 0);
    rig_close(rig);
}

/* A queue holds so much; then its endpoint reads no further, and the events stay where they are. */
static void a_full_queue_loses_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID), wu = owner(rig, "wu", OTHER_MID);
    uint8_t secret[WEBHOOK_SECRET_BYTES];
    make_hook(rig, &li, "\"key.made\"", secret);
    make_hook(rig, &wu, "\"key.made\"", secret);
    rig->post_fails = true;
    {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        assert_ok(store_begin(rig->b->store, &tx));
        for (int i = 0; i < WEBHOOK_WAITING + 50; i++)
            assert_ok(event_append(
                &tx, &(struct event){RIG_MID, 0, "key.made", "keys/1", {0}, rig->now_ms}, NULL));
        assert_ok(store_commit(&tx));
    }
    for (int i = 0; i < 30; i++) rig_pass(rig, 1000);
    assert_int_equal(count(rig, "SELECT count(*) FROM webhook_delivery"), WEBHOOK_WAITING);
    assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks/1/test", "{}"), 409);
    /* Nobody else is kept waiting by it. */
    rig->post_fails = false;
    rig->posts = 0;
    happen(rig, OTHER_MID, "key.made", "keys/1");
    bool other = false;
    for (unsigned i = 0; i < rig->posts; i++) other = other || strstr(rig->post[i].id, "_2");
    assert_true(other);
    unsigned done = 0;
    for (int i = 0; i < 4000 && done < WEBHOOK_WAITING + 51; i++) {
        if (rig->posts == 0) rig_pass(rig, 1000);
        for (; rig->posts > 0; done++) answer(rig, 200);
    }
    assert_int_equal(done, WEBHOOK_WAITING + 51);
    assert_int_equal(
        count(rig, "SELECT count(DISTINCT event) FROM webhook_delivery WHERE webhook = 1"),
        WEBHOOK_WAITING + 50);
    rig_close(rig);
}

static void a_restart_sends_again_what_was_on_its_way(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    uint8_t secret[WEBHOOK_SECRET_BYTES];
    char id[WEBHOOK_ID_MAX + 1];
    make_hook(rig, &li, "\"key.made\"", secret);
    happen(rig, RIG_MID, "key.made", "keys/1");
    snprintf(id, sizeof id, "%s", rig->post[0].id);
    rig->posts = 0;
    rig_restart(rig);
    rig_pass(rig, 1000);
    assert_int_equal(rig->posts, 1);
    assert_string_equal(rig->post[0].id, id);
    answer(rig, 200);
    rig_close(rig);
}

/* Without the hsm nothing can be signed: it waits, and no try is lost. */
static void without_the_hsm_it_waits(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    uint8_t secret[WEBHOOK_SECRET_BYTES];
    make_hook(rig, &li, "\"key.made\"", secret);
    rig->hsm_away = true;
    assert_int_equal(
        rig_post(rig, &li, "/api/v1/webhooks", "{\"url\":\"" URL "\",\"kinds\":[\"*\"]}"), 503);
    assert_int_equal(count(rig, "SELECT count(*) FROM webhook"), 1);
    happen(rig, RIG_MID, "key.made", "keys/1");
    rig_pass(rig, 30000);
    assert_int_equal(rig->posts, 0);
    rig->hsm_away = false;
    rig_pass(rig, 10000);
    assert_int_equal(rig->posts, 1);
    assert_int_equal(count(rig, "SELECT attempts FROM webhook_delivery"), 1);
    rig_close(rig);
}

static void an_endpoint_is_checked_before_it_is_kept(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    static const struct {
        const char *url, *kinds, *error;
    } rows[] = {
        {"http://hooks.example.com/", "\"*\"", "scheme"},
        {"https://10.0.0.1/", "\"*\"", "address"},
        {"https://localhost/", "\"*\"", "local"},
        {"https://u@hooks.example.com/", "\"*\"", "user"},
        {"https://hooks.example.com:8443/", "\"*\"", "port"},
        {URL, "\"key.stolen\"", "kinds"},
        {URL, "\"*\",\"key.made\"", "kinds"},
        {URL, "\"host.down\"", "kinds"}, /* the acquirer's alone */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rig->now_ms += 1000;
        char error[48];
        assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks", "{\"url\":\"%s\",\"kinds\":[%s]}",
                                  rows[i].url, rows[i].kinds),
                         422);
        rig_member(rig, "error", error, sizeof error);
        assert_string_equal(error, rows[i].error);
        const char *chinese = strstr(rig->answer, " | ");
        assert_true(chinese != NULL && (unsigned char)chinese[3] >= 0x80);
    }
    uint8_t secret[WEBHOOK_SECRET_BYTES];
    for (int i = 0; i < WEBHOOKS_EACH; i++) {
        rig->now_ms += 1000;
        make_hook(rig, &li, "\"*\"", secret);
    }
    assert_int_equal(
        rig_post(rig, &li, "/api/v1/webhooks", "{\"url\":\"" URL "\",\"kinds\":[\"*\"]}"), 409);
    rig_close(rig);
}

/* Events about endpoints go to none: one that fails would feed itself. */
static void endpoints_do_not_hear_of_endpoints(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    uint8_t secret[WEBHOOK_SECRET_BYTES];
    make_hook(rig, &li, "\"*\"", secret);
    happen(rig, RIG_MID, "webhook.paused", "webhooks/1");
    assert_int_equal(rig->posts, 0);
    assert_int_equal(rig_post(rig, &li, "/api/v1/webhooks/1/test", "{}"), 201);
    rig_pass(rig, 1000);
    assert_int_equal(rig->posts, 1);
    assert_non_null(strstr(rig->post[0].body, "\"type\":\"webhook.test\""));
    answer(rig, 200);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_arrives_signed),
        cmocka_unit_test(a_secret_is_shown_once_and_sealed),
        cmocka_unit_test(a_pair_is_changed_and_both_sign),
        cmocka_unit_test(an_object_keeps_its_order),
        cmocka_unit_test(distances_grow_and_are_spread),
        cmocka_unit_test(what_is_dead_can_be_seen_and_sent_again),
        cmocka_unit_test(a_paused_endpoint_goes_on_where_it_was),
        cmocka_unit_test(a_full_queue_loses_nothing),
        cmocka_unit_test(a_restart_sends_again_what_was_on_its_way),
        cmocka_unit_test(without_the_hsm_it_waits),
        cmocka_unit_test(an_endpoint_is_checked_before_it_is_kept),
        cmocka_unit_test(endpoints_do_not_hear_of_endpoints),
    };
    return cmocka_run_group_tests_name("backoffice_webhooks", tests, NULL, NULL);
}
