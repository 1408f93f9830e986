/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One merchant that asks without end slows itself and nobody else (S177, HS-14): all its keys and
 * people together have a limit, in calls and in places where a stream waits, and whoever else asks
 * in the same moment is answered.
 */
#include "backoffice/api/keys.h"
#include "backoffice/api/rates.h"
#include "tests/unit/backoffice_rig.h"

#define OTHER_MID "898310153110002"

enum { FLOOD = 20000, KEYS = KEYS_EACH, STREAMS_EACH = 4, STREAMS_MERCHANT = 32 };

struct scene {
    struct rig *rig;
    struct browser li, wu, staff; /* li's merchant is the one that floods */
    char key[KEYS][16 + KEY_TEXT];
    struct browser program[KEYS];
};

static void open_scene(struct scene *s)
{
    *s = (struct scene){.rig = rig_open(),
                        .li = {.realm = "console"},
                        .wu = {.realm = "console"},
                        .staff = {.realm = "staff"}};
    struct rig *rig = s->rig;
    rig->mid = RIG_MID;
    (void)rig_known(rig, &s->li, "li", ROLE_OWNER);
    rig->mid = OTHER_MID;
    (void)rig_known(rig, &s->wu, "wu", ROLE_OWNER);
    (void)rig_known(rig, &s->staff, "staff", ROLES_STAFF);
    for (size_t i = 0; i < KEYS; i++) {
        char secret[KEY_TEXT + 1];
        rig->now_ms += 1000;
        assert_int_equal(rig_post(rig, &s->li, "/api/v1/keys",
                                  "{\"name\":\"till\",\"scopes\":[\"keys:read\",\"events:read\"],"
                                  "\"days\":30}"),
                         201);
        rig_member(rig, "secret", secret, sizeof secret);
        snprintf(s->key[i], sizeof s->key[i], "Bearer %s", secret);
        s->program[i] = (struct browser){.key = s->key[i]};
    }
    rig->now_ms += 30 * 1000; /* everybody has rested */
}

/* So many calls of the flood are answered; in between others ask, and are. */
static unsigned flood(struct scene *s, unsigned *ret_others)
{
    unsigned passed = 0;
    *ret_others = 0;
    for (unsigned i = 0; i < FLOOD; i++) {
        unsigned status = rig_ask(s->rig, &s->program[i % KEYS], "GET", "/api/v1/keys", "");
        if (status == 200) passed++;
        else {
            assert_int_equal(status, 429);
            assert_true(rig_says(s->rig, "too_many"));
            assert_in_range(s->rig->held_ms, 1, HTTP_HOLD_MS); /* it waits for its refusal ... */
        }
        if (i % (FLOOD / 100) != 0) continue;
        assert_int_equal(rig_ask(s->rig, &s->wu, "GET", "/api/v1/keys", ""), 200);
        assert_int_equal(rig_ask(s->rig, &s->staff, "GET", "/api/v1/keys", ""), 200);
        assert_int_equal(s->rig->held_ms, 0); /* ... and nobody else does */
        *ret_others += 2;
    }
    return passed;
}

static void a_merchant_that_floods_slows_itself(void **state)
{
    (void)state;
    static struct scene s;
    unsigned others = 0;
    open_scene(&s);
    unsigned passed = flood(&s, &others);
    assert_int_equal(passed, RATES_BURST * RATES_MERCHANT); /* and not twenty times as much */
    assert_int_equal(others, 200);
    /* Its people share it: they wait, too, and come again. */
    assert_int_equal(rig_ask(s.rig, &s.li, "GET", "/api/v1/keys", ""), 429);
    s.rig->now_ms += 10 * 1000;
    passed = flood(&s, &others);
    assert_int_equal(passed, 10 * RATES_PER_SECOND * RATES_MERCHANT);
    s.rig->now_ms += 1000;
    assert_int_equal(rig_ask(s.rig, &s.li, "GET", "/api/v1/keys", ""), 200);
    rig_close(s.rig);
}

/* Streams that wait hold a place each: one merchant has a share of them. */
static void a_merchant_that_listens_leaves_places(void **state)
{
    (void)state;
    static struct scene s;
    unsigned waiting = 0;
    open_scene(&s);
    for (size_t i = 0; i < KEYS * STREAMS_EACH; i++) {
        struct browser *program = &s.program[i % KEYS];
        program->last_event = "999999";
        unsigned status = rig_send(s.rig, program, "GET", "/api/v1/events/stream", "");
        if (status == 0) waiting++;
        else assert_true(rig_says(s.rig, "retry: 10000\n\n"));
    }
    assert_int_equal(waiting, STREAMS_MERCHANT);
    s.wu.last_event = s.staff.last_event = "999999";
    for (int i = 0; i < STREAMS_EACH; i++) {
        assert_int_equal(rig_send(s.rig, &s.wu, "GET", "/api/v1/events/stream", ""), 0);
        assert_int_equal(rig_send(s.rig, &s.staff, "GET", "/api/v1/events/stream", ""), 0);
    }
    rig_close(s.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_merchant_that_floods_slows_itself),
        cmocka_unit_test(a_merchant_that_listens_leaves_places),
    };
    return cmocka_run_group_tests_name("backoffice_fair", tests, NULL, NULL);
}
