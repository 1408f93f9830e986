/* SPDX-License-Identifier: Apache-2.0 */
/* Events: with their effect or not at all, in order, for those who may hear of them (S177). */
#include "backoffice/api/keys.h"
#include "backoffice/events/events.h"
#include "tests/unit/backoffice_rig.h"

#define OTHER_MID "898310153110002"

struct seen {
    size_t count;
    int64_t number[64];
    char kind[64][EVENT_KIND_MAX + 1], object[64][EVENT_OBJECT_MAX + 1], data[64][64];
    err after; /* what the reader says once `stop` were seen; 0: never */
    size_t stop;
};

static err see(void *context, const struct event_record *record)
{
    struct seen *s = context;
    assert_true(s->count < ARRAY_LEN(s->number));
    assert_non_null(record->kind);
    s->number[s->count] = record->number;
    snprintf(s->kind[s->count], sizeof s->kind[0], "%s", record->event.kind);
    snprintf(s->object[s->count], sizeof s->object[0], "%s", record->event.object);
    snprintf(s->data[s->count], sizeof s->data[0], "%.*s", (int)record->event.data.len,
             (const char *)record->event.data.at);
    s->count++;
    return s->stop != 0 && s->count == s->stop ? s->after : OK;
}

static struct seen read_as(struct rig *rig, const char *mid, uint32_t outlet, int64_t number,
                           size_t limit)
{
    struct seen s = {0};
    assert_ok(
        events_after(rig->b->store, &(struct event_reader){mid, outlet}, number, limit, see, &s));
    return s;
}

static int64_t happen(struct rig *rig, const char *mid, uint32_t outlet, const char *object,
                      struct bytes data)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t number = 0;
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(event_append(&tx, &(struct event){mid, outlet, "key.made", object, data, rig->now_ms},
                           &number));
    assert_ok(store_commit(&tx));
    return number;
}

static void everybody_reads_on_in_order(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    int64_t last = 0;
    assert_ok(events_last(rig->b->store, &last));
    assert_int_equal(last, 0);
    int64_t a = happen(rig, RIG_MID, 1, "keys/1", BYTES("{\"n\":1}"));
    int64_t b = happen(rig, RIG_MID, 2, "keys/2", BYTES(""));
    int64_t c = happen(rig, OTHER_MID, 1, "keys/3", BYTES("{}"));
    int64_t d = happen(rig, "", 0, "", BYTES("{}"));
    int64_t e = happen(rig, RIG_MID, 0, "keys/4", BYTES("{}"));
    assert_true(a < b && b < c && c < d && d < e);
    assert_ok(events_last(rig->b->store, &last));
    assert_int_equal(last, e);

    struct seen s = read_as(rig, NULL, 0, 0, 10);
    assert_int_equal(s.count, 5);
    assert_string_equal(s.data[0], "{\"n\":1}");
    assert_string_equal(s.data[1], "{}");
    s = read_as(rig, NULL, 0, b, 1);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.number[0], c);

    s = read_as(rig, RIG_MID, 0, 0, 10);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.number[2], e);
    /* One outlet's reader learns nothing of the others, nor of the merchant as a whole. */
    s = read_as(rig, RIG_MID, 2, 0, 10);
    assert_int_equal(s.count, 1);
    assert_string_equal(s.object[0], "keys/2");
    s = read_as(rig, OTHER_MID, 0, c, 10);
    assert_int_equal(s.count, 0);
    rig_close(rig);
}

/* What is for the acquirer alone is not a merchant's, even when it is about him. */
static void an_audience_is_kept_with_the_event(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    happen(rig, RIG_MID, 0, "keys/1", BYTES(""));
    assert_ok(store_exec(rig->b->store,
                         "INSERT INTO event(at_ms, mid, outlet, kind, object, audience, data)"
                         " VALUES(1, '" RIG_MID "', 0, 'key.made', 'keys/2', 2, '{}')"));
    assert_int_equal(read_as(rig, NULL, 0, 0, 10).count, 2);
    struct seen s = read_as(rig, RIG_MID, 0, 0, 10);
    assert_int_equal(s.count, 1);
    assert_string_equal(s.object[0], "keys/1");
    rig_close(rig);
}

static void an_event_comes_with_its_effect_or_not_at_all(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        assert_ok(store_begin(rig->b->store, &tx));
        assert_ok(event_append(&tx, &(struct event){RIG_MID, 0, "key.made", "", {0}, 1}, NULL));
    }
    assert_int_equal(read_as(rig, NULL, 0, 0, 10).count, 0);
    struct browser li = {.realm = "console"};
    (void)rig_known(rig, &li, "li", ROLE_OWNER);
    assert_int_equal(rig_post(rig, &li, "/api/v1/keys",
                              "{\"name\":\"till\",\"scopes\":[\"keys:read\"],\"days\":30}"),
                     201);
    assert_int_equal(rig_ask(rig, &li, "DELETE", "/api/v1/keys/9", ""), 404);
    assert_int_equal(rig_ask(rig, &li, "DELETE", "/api/v1/keys/1", ""), 200);
    struct seen s = read_as(rig, RIG_MID, 0, 0, 10);
    assert_int_equal(s.count, 2);
    assert_string_equal(s.kind[0], "key.made");
    assert_string_equal(s.kind[1], "key.revoked");
    assert_string_equal(s.object[1], "keys/1");
    rig_close(rig);
}

static void what_has_happened_stands(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    static uint8_t big[EVENT_DATA_MAX + 1];
    memset(big, ' ', sizeof big);
    memcpy(big, "{}", 2);
    happen(rig, RIG_MID, 0, "keys/1", bytes_of(big, EVENT_DATA_MAX));
    happen(rig, RIG_MID, 0, "keys/2", BYTES_OF(big));
    assert_string_equal(read_as(rig, NULL, 0, 1, 10).data[0], "{\"cut\":true}");
    err e = store_exec(rig->b->store, "UPDATE event SET mid = 'x'");
    assert_int_equal(e.code, ERR_DENIED);
    e = store_exec(rig->b->store, "DELETE FROM event WHERE number = 1");
    assert_int_equal(e.code, ERR_DENIED);
    assert_int_equal(read_as(rig, NULL, 0, 0, 10).count, 2);
    /* Only what a million newer ones stand behind is given up, and its number does not come back.
     */
    assert_ok(store_exec(rig->b->store,
                         "INSERT INTO event VALUES(1000001, 1, '', 0, 'key.made', '', 1, '{}')"));
    rig_pass(rig, 1000);
    struct seen s = read_as(rig, NULL, 0, 0, 10);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.number[0], 2);
    assert_int_equal(happen(rig, "", 0, "", BYTES("")), 1000002);
    rig_close(rig);
}

static void a_reader_that_fails_ends_the_reading(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    for (int i = 0; i < 5; i++) happen(rig, RIG_MID, 0, "", BYTES(""));
    struct seen s = {.stop = 2, .after = ERR(FULL)};
    err e = events_after(rig->b->store, &(struct event_reader){0}, 0, 10, see, &s);
    assert_int_equal(e.code, ERR_FULL);
    assert_int_equal(s.count, 2);
    assert_int_equal(read_as(rig, NULL, 0, 0, 10).count, 5);
    rig_close(rig);
}

/* ---- calls ---- */

static struct browser person(struct rig *rig, const char *login, const char *mid, unsigned role,
                             uint32_t outlet)
{
    struct browser b = {.realm = (role & ROLES_STAFF) != 0 ? "staff" : "console"};
    rig->mid = mid;
    rig->outlet = outlet;
    (void)rig_known(rig, &b, login, role);
    rig->outlet = 0;
    return b;
}

static void everybody_lists_his_own(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER, 0),
                   ma = person(rig, "ma", RIG_MID, ROLE_MANAGER, 2),
                   wu = person(rig, "wu", OTHER_MID, ROLE_OWNER, 0),
                   an = person(rig, "an", NULL, ROLE_AUDITOR, 0);
    happen(rig, RIG_MID, 1, "keys/1", BYTES("{\"n\":1}"));
    happen(rig, RIG_MID, 2, "keys/2", BYTES(""));
    happen(rig, "", 0, "keys/3", BYTES(""));
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/events", ""), 200);
    assert_true(rig_says(rig, "keys/1") && rig_says(rig, "keys/2") && !rig_says(rig, "keys/3"));
    assert_true(rig_says(rig, "\"data\":{\"n\":1}"));
    assert_int_equal(rig_ask(rig, &ma, "GET", "/api/v1/events", ""), 200);
    assert_true(!rig_says(rig, "keys/1") && rig_says(rig, "keys/2"));
    assert_int_equal(rig_ask(rig, &wu, "GET", "/api/v1/events", ""), 200);
    assert_true(rig_says(rig, "\"events\":[]"));
    assert_int_equal(rig_ask(rig, &an, "GET", "/api/v1/events", ""), 200);
    assert_true(rig_says(rig, "keys/1") && rig_says(rig, "keys/3"));
    li.limit = "1";
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/events", ""), 200);
    assert_true(rig_says(rig, "\"next\":\"1\""));
    assert_int_equal(rig_ask(rig, &an, "GET", "/api/v1/events/kinds", ""), 200);
    assert_true(rig_says(rig, "host.down"));
    assert_int_equal(rig_ask(rig, &wu, "GET", "/api/v1/events/kinds", ""), 200);
    assert_true(rig_says(rig, "key.made") && !rig_says(rig, "host.down"));
    rig_close(rig);
}

/* A long list is cut where an answer ends, and goes on there. */
static void a_list_of_long_events_is_cut(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER, 0);
    static char big[EVENT_DATA_MAX], next[24];
    memset(big, ' ', sizeof big);
    memcpy(big, "{}", 2);
    for (int i = 0; i < 150; i++) happen(rig, RIG_MID, 0, "", BYTES_OF(big));
    size_t pages = 0, seen = 0;
    li.limit = "60";
    for (bool more = true; more; pages++) {
        assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/events", ""), 200);
        for (const char *at = rig->answer; (at = strstr(at, "\"kind\"")) != NULL; at++) seen++;
        more = !rig_says(rig, "\"next\":null");
        if (more) rig_member(rig, "next", next, sizeof next);
        li.after = next;
    }
    assert_int_equal(seen, 150);
    rig_close(rig);
}

/* Begins a stream that has to wait, and returns its ticket. */
static uint64_t wait_for(struct rig *rig, struct browser *browser, const char *last)
{
    browser->last_event = last;
    assert_int_equal(rig_send(rig, browser, "GET", "/api/v1/events/stream", ""), 0);
    return rig->tickets;
}

static void a_stream_tells_what_happens(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER, 0),
                   wu = person(rig, "wu", OTHER_MID, ROLE_OWNER, 0);
    happen(rig, RIG_MID, 0, "keys/1", BYTES(""));
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/events/stream", ""), 200);
    assert_true(rig_says(rig, "retry: 500\n\n"));
    assert_true(rig_says(rig, "id: 1\nevent: hello\ndata: {}\n\n"));
    uint64_t his = wait_for(rig, &li, "1"), others = wait_for(rig, &wu, "1");
    rig_turn(rig);
    assert_false(rig_pending(rig, his)->answered);
    happen(rig, RIG_MID, 0, "keys/2", BYTES(""));
    rig_turn(rig);
    assert_true(rig_pending(rig, his)->answered);
    assert_true(rig_says(rig, "id: 2\nevent: event\ndata: {\"number\":2,\"kind\":\"key.made\""));
    assert_false(rig_pending(rig, others)->answered);
    /* Nothing comes for the other: after a while he is told so, and comes again. */
    for (int i = 0; i < 30; i++) rig_pass(rig, 1000);
    assert_true(rig_pending(rig, others)->answered);
    assert_true(rig_says(rig, ": nothing\n\n") && !rig_says(rig, "keys/2"));
    /* Whoever was away gets what he has missed at once. */
    li.last_event = "0";
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/events/stream", ""), 200);
    assert_true(rig_says(rig, "keys/1") && rig_says(rig, "keys/2"));
    li.last_event = "nonsense";
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/events/stream", ""), 200);
    rig_close(rig);
}

/* So many windows of one person wait; one more is asked to come later, and keeps nobody out. */
static void a_crowd_waits_in_turn(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER, 0),
                   wu = person(rig, "wu", OTHER_MID, ROLE_OWNER, 0);
    happen(rig, RIG_MID, 0, "keys/1", BYTES(""));
    for (int i = 0; i < 4; i++) (void)wait_for(rig, &li, "1");
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/events/stream", ""), 200);
    assert_true(rig_says(rig, "retry: 10000\n\n"));
    (void)wait_for(rig, &wu, "1");
    for (int i = 0; i < 30; i++) rig_pass(rig, 1000);
    (void)wait_for(rig, &li, "1");
    rig_close(rig);
}

/* Every kind once, of the characters that it may have, with a clause in both languages. */
static void kinds_are_whole(void **state)
{
    (void)state;
    const struct event_kind *kind;
    size_t count = 0;
    for (; (kind = event_kind_at(count)) != NULL; count++) {
        size_t len = strlen(kind->kind);
        assert_true(len <= EVENT_KIND_MAX);
        assert_int_equal(strspn(kind->kind, "abcdefghijklmnopqrstuvwxyz._"), len);
        const char *stop = strchr(kind->kind, '.');
        assert_true(stop != NULL && stop != kind->kind && stop[1] != '\0');
        assert_true(kind->zh[0] != '\0' && (unsigned char)kind->zh[0] >= 0x80);
        assert_true(kind->en[0] != '\0' && (unsigned char)kind->en[0] < 0x80);
        assert_ptr_equal(event_kind_find(bytes_text(kind->kind)), kind);
    }
    assert_true(count >= 2);
    assert_null(event_kind_find(BYTES("key.stolen")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_reads_on_in_order),
        cmocka_unit_test(an_audience_is_kept_with_the_event),
        cmocka_unit_test(an_event_comes_with_its_effect_or_not_at_all),
        cmocka_unit_test(what_has_happened_stands),
        cmocka_unit_test(a_reader_that_fails_ends_the_reading),
        cmocka_unit_test(everybody_lists_his_own),
        cmocka_unit_test(a_list_of_long_events_is_cut),
        cmocka_unit_test(a_stream_tells_what_happens),
        cmocka_unit_test(a_crowd_waits_in_turn),
        cmocka_unit_test(kinds_are_whole),
    };
    return cmocka_run_group_tests_name("backoffice_events", tests, NULL, NULL);
}
