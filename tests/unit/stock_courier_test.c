/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parcels by courier (S138): ordered under one id however often, labelled, asked after; what the
 * courier tells moves terminal and application once and never backwards, however late, doubled,
 * shuffled or senseless; lost parcels and parcels that do not move are told; killed at every call
 * to the store the parcel is one and goes on. The courier is the simulator's own.
 */
#include "backoffice/stock/shipment_rows.h"
#include "simulators/courier.h"
#include "tests/unit/stock_joint_scene.h"

/* What his browser sends when he presses the button. */
#define RECEIVED \
    "--AB12\r\nContent-Disposition: form-data; name=\"act\"\r\n\r\nreceived\r\n--AB12--\r\n"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  INT64_C(86400000)

struct world {
    struct scene s;
    struct courier courier;
    struct {
        char id[SHIPMENT_ID_LEN + 1];
        uint8_t text[COURIER_ANSWER_MAX];
        size_t len;
        unsigned status;
        bool dropped;
    } answer[SHIPMENT_BATCH];
    size_t answers;
    unsigned asked;
    bool down;       /* the port itself */
    int64_t desk_ms; /* when it was handed over: sessions of the desk are of that hour */
};

static void ask_courier(struct world *w, enum courier_path path, const char *id, struct bytes body)
{
    char authorization[64], timestamp[24], signature[SMS_SIGNATURE_MAX + 1];
    int64_t now_s = w->s.t.rig->now_ms / 1000;
    struct courier_answer answer;
    assert_true(w->answers < SHIPMENT_BATCH);
    typeof(w->answer[0]) *a = &w->answer[w->answers++];
    struct writer out = writer_over(a->text, sizeof a->text);
    assert_ok(sms_sign(&w->courier.key, now_s, body, signature));
    snprintf(authorization, sizeof authorization, "Bearer %s", w->courier.key.bearer);
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)now_s);
    const struct courier_request request = {path, authorization, timestamp, signature, body};
    courier_answer(&w->courier, &request, &out, &answer);
    assert_int_equal(out.fault, ERR_OK);
    w->asked++;
    snprintf(a->id, sizeof a->id, "%s", id);
    a->len = out.len;
    a->status = answer.status;
    a->dropped = answer.drop;
}

static err on_order(void *context, const struct courier_order *order)
{
    struct world *w = context;
    uint8_t block[COURIER_BODY_MAX];
    struct writer body = writer_over(block, sizeof block);
    if (w->down) return ERR(CONFIG);
    courier_write_order(&body, order);
    ask_courier(w, COURIER_ORDERS, order->id, writer_view(&body));
    return OK;
}

static err on_track(void *context, const char *id, const char *label)
{
    struct world *w = context;
    uint8_t block[COURIER_BODY_MAX];
    struct writer body = writer_over(block, sizeof block);
    if (w->down) return ERR(CONFIG);
    courier_write_question(&body, label);
    ask_courier(w, COURIER_TRACK, id, writer_view(&body));
    return OK;
}

/* As the driver does: what has not status 200 is told to nobody. */
static void hear(struct world *w)
{
    struct rig *rig = w->s.t.rig;
    for (size_t i = 0; i < w->answers && !rig->ended; i++) {
        const typeof(w->answer[0]) *a = &w->answer[i];
        if (a->dropped || a->status != 200) continue;
        (void)rig_lives(rig, shipment_on_answer(rig->b, a->id, bytes_of(a->text, a->len)));
    }
    w->answers = 0;
}

static struct courier_ports ports;

static void plug(struct world *w)
{
    ports = (struct courier_ports){w, on_order, on_track, 0};
    w->s.t.rig->b->ports.courier = &ports;
}

static void pass(struct world *w, int64_t ms)
{
    struct rig *rig = w->s.t.rig;
    rig->now_ms += ms;
    if (rig_lives(rig, shipment_tick(rig->b, rig->now_ms))) hear(w);
}

/* On its way: everything up to SHIP. */
static struct world *open_world(void)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->s = open_agreed();
    w->courier.clock = w->s.t.rig->b->config.clock;
    w->courier.pace_ms = HOUR_MS;
    memset(w->courier.key.bearer, 'b', SMS_BEARER_LEN);
    plug(w);
    assert_int_equal(assign(&w->s, SERIAL), 200);
    assert_int_equal(step(&w->s, SERIAL, "pack", "{\"scanned\":\"" SERIAL "\"}"), 200);
    return w;
}

static struct world *open_shipped(void)
{
    struct world *w = open_world();
    assert_int_equal(step(&w->s, SERIAL, "ship", ""), 200);
    w->desk_ms = w->s.t.rig->now_ms + 1000;
    return w;
}

static void close_world(struct world *w)
{
    rig_close(w->s.t.rig);
    free(w);
}

static struct shipment shipment_now(struct world *w)
{
    struct shipment s;
    assert_ok(shipment_find(w->s.t.rig->b->store, SERIAL, &s));
    return s;
}

static int64_t events_of(struct world *w)
{
    return count_of(&w->s, "SELECT count(*) FROM stock_shipment_event");
}

static void delivered_once(struct world *w)
{
    assert_int_equal(terminal_state(&w->s), STOCK_DELIVERED);
    assert_int_equal(application_state(&w->s), APPLICATION_DELIVERED);
    assert_int_equal(shipment_now(w).state, SHIPMENT_OVER);
    assert_int_equal(count_of(&w->s, "SELECT count(*) FROM stock_event WHERE event = 7"), 1);
    assert_int_equal(count_of(&w->s, "SELECT count(*) FROM application_event WHERE event = 23"), 1);
}

/* ---- the way it should go ---- */

static void a_parcel_is_ordered_tracked_and_delivered(void **state)
{
    (void)state;
    struct world *w = open_shipped();
    pass(w, 1000);
    assert_string_equal(shipment_now(w).label, "TB0000000001");
    assert_string_equal(w->courier.parcel[0].address, "北京市海淀区中关村大街1号");
    assert_string_equal(w->courier.parcel[0].contents, SERIAL);
    for (int hour = 1; hour <= 3; hour++) {
        pass(w, HOUR_MS);
        assert_int_equal(shipment_now(w).rank, hour);
        assert_int_equal(events_of(w), hour);
        assert_int_equal(terminal_state(&w->s), STOCK_SHIPPED);
    }
    pass(w, HOUR_MS);
    delivered_once(w);
    unsigned asked = w->asked;
    pass(w, DAY_MS); /* nobody asks any more */
    assert_int_equal(w->asked, asked);
    assert_int_equal(count_of(&w->s, "SELECT count(*) FROM event WHERE kind = 'stock.quiet'"), 0);
    w->s.t.rig->now_ms = w->desk_ms;
    assert_int_equal(
        rig_ask(w->s.t.rig, &w->s.keeper, "GET", "/api/v1/stock/terminals/" SERIAL "/shipment", ""),
        200);
    assert_true(rig_says(w->s.t.rig, "\"label\":\"TB0000000001\"") &&
                rig_says(w->s.t.rig, "\"event\":\"delivered\"") &&
                rig_says(w->s.t.rig, "\"state\":\"over\""));
    close_world(w);
}

/* A demo is watched: its courier is asked more often, and a try that failed is not waited for. */
static void a_courier_is_asked_as_often_as_is_said(void **state)
{
    (void)state;
    struct world *w = open_shipped();
    w->courier.pace_ms = 10000;
    ports.poll_ms = 2000;
    w->down = true;
    pass(w, 1000);
    w->down = false;
    pass(w, 2000);
    assert_string_equal(shipment_now(w).label, "TB0000000001");
    for (int i = 0; i < 20; i++) pass(w, 2000);
    assert_int_equal(w->asked, 21);
    delivered_once(w);
    close_world(w);
}

/* On his own page, before the courier has said anything. */
static void the_applicant_says_that_he_has_it(void **state)
{
    (void)state;
    struct world *w = open_world();
    struct rig *rig = w->s.t.rig;
    struct browser at = {.lang = "zh", .type = "multipart/form-data; boundary=AB12"};
    snprintf(at.cookie[0][0], 96, "apply");
    snprintf(at.cookie[0][1], 96, "%s", w->s.t.secret.text);
    assert_int_equal(rig_ask(rig, &at, "POST", "/apply/status", RECEIVED), 422);
    assert_int_equal(application_state(&w->s), APPLICATION_ASSIGNED);
    assert_int_equal(step(&w->s, SERIAL, "ship", ""), 200);
    assert_int_equal(rig_ask(rig, &at, "GET", "/apply/status", ""), 200);
    assert_true(rig_says(rig, "我已收到终端"));
    assert_int_equal(rig_ask(rig, &at, "POST", "/apply/status", RECEIVED), 303);
    assert_int_equal(terminal_state(&w->s), STOCK_DELIVERED);
    assert_int_equal(application_state(&w->s), APPLICATION_DELIVERED);
    assert_int_equal(rig_ask(rig, &at, "GET", "/apply/status", ""), 200);
    assert_false(rig_says(rig, "我已收到终端"));
    pass(w, 1000); /* nothing is asked any more */
    assert_int_equal(w->asked, 0);
    delivered_once(w);
    close_world(w);
}

/* ---- what goes wrong with an order ---- */

static void an_order_is_one_parcel_whatever_is_answered(void **state)
{
    (void)state;
    static const enum courier_fault faults[] = {COURIER_FAULT_DOWN, COURIER_FAULT_LATER,
                                                COURIER_FAULT_BROKEN, COURIER_FAULT_WRONG,
                                                COURIER_FAULT_NONSENSE};
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct world *w = open_shipped();
        w->courier.fault = faults[i];
        w->courier.fault_count = 3;
        for (int k = 0; k < 3; k++) {
            pass(w, HOUR_MS);
            assert_int_equal(shipment_now(w).state, SHIPMENT_WANTED);
            assert_int_equal(w->asked, k + 1);
        }
        pass(w, HOUR_MS);
        assert_int_equal(shipment_now(w).state, SHIPMENT_UNDER_WAY);
        assert_int_equal(w->courier.count, 1);
        close_world(w);
    }
}

static void tries_come_at_growing_distances(void **state)
{
    (void)state;
    struct world *w = open_shipped();
    static const int minutes[] = {1, 2, 4, 8, 10, 10};
    w->courier.fault = COURIER_FAULT_DOWN;
    w->courier.fault_count = 100;
    pass(w, 1000);
    for (size_t i = 0; i < ARRAY_LEN(minutes); i++) {
        unsigned asked = w->asked;
        pass(w, minutes[i] * 60000 - 1);
        assert_int_equal(w->asked, asked);
        pass(w, 1);
        assert_int_equal(w->asked, asked + 1);
    }
    w->down = true; /* a driver without a line is a try as well */
    pass(w, HOUR_MS);
    assert_int_equal(shipment_now(w).state, SHIPMENT_WANTED);
    close_world(w);
}

static void what_is_refused_is_a_persons(void **state)
{
    (void)state;
    struct world *w = open_shipped();
    w->courier.fault = COURIER_FAULT_REFUSED;
    w->courier.fault_count = 1;
    pass(w, 1000);
    assert_int_equal(shipment_now(w).state, SHIPMENT_REFUSED);
    assert_int_equal(count_of(&w->s, "SELECT count(*) FROM event WHERE kind = 'stock.refused'"), 1);
    pass(w, DAY_MS);
    assert_int_equal(w->asked, 1);
    /* He carries it himself. */
    w->s.t.rig->now_ms = w->desk_ms;
    assert_int_equal(step(&w->s, SERIAL, "deliver", ""), 200);
    close_world(w);
}

/* ---- what goes wrong on the way ---- */

static void nonsense_moves_nothing(void **state)
{
    (void)state;
    static const enum courier_fault faults[] = {COURIER_FAULT_DOWN, COURIER_FAULT_BROKEN,
                                                COURIER_FAULT_WRONG, COURIER_FAULT_NONSENSE};
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct world *w = open_shipped();
        pass(w, 1000);
        w->courier.fault = faults[i];
        w->courier.fault_count = 1;
        pass(w, 5 * HOUR_MS);
        assert_int_equal(events_of(w), 0);
        assert_int_equal(terminal_state(&w->s), STOCK_SHIPPED);
        pass(w, HOUR_MS);
        delivered_once(w);
        close_world(w);
    }
}

static void doubled_and_late_events_are_one_and_go_forwards(void **state)
{
    (void)state;
    struct world *w = open_shipped();
    pass(w, 1000);
    w->courier.fault = COURIER_FAULT_LATE; /* newest first, and the first of all not yet */
    w->courier.fault_count = 1;
    pass(w, 3 * HOUR_MS);
    assert_int_equal(shipment_now(w).rank, COURIER_OUT);
    assert_int_equal(events_of(w), 2);
    w->courier.fault = COURIER_FAULT_DOUBLED;
    w->courier.fault_count = 100;
    pass(w, 10 * 60000);
    assert_int_equal(events_of(w), 3); /* the late one is kept, and moves nothing */
    assert_int_equal(shipment_now(w).rank, COURIER_OUT);
    pass(w, HOUR_MS);
    delivered_once(w);
    /* An echo after the end, and one for nobody. */
    const struct courier_track echo = {{{9, 1900000000, COURIER_LOST}}, 1};
    char id[SHIPMENT_ID_LEN + 1];
    memcpy(id, shipment_now(w).id, sizeof id);
    assert_ok(shipment_on_tracked(w->s.t.rig->b, id, &echo));
    assert_ok(shipment_on_tracked(w->s.t.rig->b, "nobodys", &echo));
    assert_ok(shipment_on_ordered(w->s.t.rig->b, id, COURIER_ACCEPTED, "TB0000000002"));
    delivered_once(w);
    assert_int_equal(events_of(w), 4);
    assert_string_equal(shipment_now(w).label, "TB0000000001");
    static const char *const tries[] = {
        "UPDATE stock_shipment SET rank = 1", "UPDATE stock_shipment SET state = 1",
        "DELETE FROM stock_shipment", "UPDATE stock_shipment_event SET event = 1",
        "DELETE FROM stock_shipment_event"};
    for (size_t i = 0; i < ARRAY_LEN(tries); i++)
        assert_int_equal(store_exec(w->s.t.rig->b->store, tries[i]).code, ERR_DENIED);
    close_world(w);
}

static void a_lost_parcel_is_told_once_and_may_turn_up(void **state)
{
    (void)state;
    struct world *w = open_shipped();
    pass(w, 1000);
    pass(w, HOUR_MS);
    assert_true(courier_lose(&w->courier, "TB0000000001"));
    for (int i = 0; i < 3; i++) pass(w, HOUR_MS);
    assert_int_equal(shipment_now(w).rank, COURIER_LOST);
    assert_int_equal(count_of(&w->s, "SELECT count(*) FROM event WHERE kind = 'stock.lost'"), 1);
    assert_int_equal(terminal_state(&w->s), STOCK_SHIPPED);
    const struct courier_track found = {{{8, 1903400000, COURIER_DELIVERED}}, 1};
    assert_ok(shipment_on_tracked(w->s.t.rig->b, shipment_now(w).id, &found));
    delivered_once(w);
    close_world(w);
}

/* "Delivered" to the sender is not delivered to the shop, whichever is heard first. */
static void what_comes_back_is_not_delivered(void **state)
{
    (void)state;
    struct world *w = open_shipped();
    pass(w, 1000);
    const struct courier_track back = {
        {{6, 1903400000, COURIER_DELIVERED}, {5, 1903390000, COURIER_COMES_BACK}}, 2};
    assert_ok(shipment_on_tracked(w->s.t.rig->b, shipment_now(w).id, &back));
    assert_int_equal(terminal_state(&w->s), STOCK_SHIPPED);
    assert_int_equal(step(&w->s, SERIAL, "return", "{\"reason\":\"came back\"}"), 200);
    unsigned asked = w->asked;
    pass(w, HOUR_MS);
    assert_int_equal(w->asked, asked);
    assert_int_equal(shipment_now(w).state, SHIPMENT_OVER);
    assert_int_equal(application_state(&w->s), APPLICATION_AGREED);
    close_world(w);
}

static void what_does_not_move_is_told_every_three_days(void **state)
{
    (void)state;
    struct world *w = open_shipped();
    w->courier.pace_ms = 100 * DAY_MS;
    pass(w, 1000);
    rig_turn(w->s.t.rig);
    unsigned letters = w->s.t.rig->letters;
    pass(w, SHIPMENT_QUIET_MS - 1001);
    rig_turn(w->s.t.rig);
    assert_int_equal(w->s.t.rig->letters, letters);
    for (int i = 1; i <= 2; i++) {
        pass(w, i == 1 ? 1001 : SHIPMENT_QUIET_MS);
        pass(w, HOUR_MS);
        rig_turn(w->s.t.rig);
        assert_int_equal(w->s.t.rig->letters, letters + i);
        assert_non_null(strstr(w->s.t.rig->letter[letters + i - 1].text, "TB0000000001"));
        assert_int_equal(count_of(&w->s, "SELECT count(*) FROM event WHERE kind = 'stock.quiet'"),
                         i);
    }
    close_world(w);
}

/* ---- killed anywhere ---- */

struct reaper {
    int left;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? ERR(IO) : OK;
}

/* Each hour of its way is cut once at the `cut`th call; true when no hour was cut any more. */
static bool cut_at(int cut)
{
    struct world *w = open_shipped();
    bool over = true;
    for (int hour = 0; hour < 5; hour++) {
        struct reaper reaper = {cut};
        w->s.t.rig->may_end = true;
        store_set_fault(w->s.t.rig->b->store, reap, &reaper);
        pass(w, HOUR_MS + 60000);
        over = over && !w->s.t.rig->ended;
        bench_restart(&w->s.t);
        plug(w);
        w->answers = 0;
    }
    for (int i = 0; i < 6; i++) pass(w, HOUR_MS);
    delivered_once(w);
    assert_int_equal(w->courier.count, 1);
    assert_int_equal(events_of(w), COURIER_STEPS);
    close_world(w);
    return over;
}

static void killed_anywhere_it_is_one_parcel_and_goes_on(void **state)
{
    (void)state;
    int cut = 0;
    while (!cut_at(cut)) cut++;
    assert_true(cut > 10);
}

/* ---- the courier's own side ---- */

static void strangers_are_answered_nothing(void **state)
{
    (void)state;
    struct world *w = open_shipped();
    uint8_t block[COURIER_ANSWER_MAX];
    char bearer[64], timestamp[24], signature[SMS_SIGNATURE_MAX + 1], old[24];
    struct bytes body = BYTES("{\"label\":\"TB0000000001\"}");
    int64_t now_s = w->s.t.rig->now_ms / 1000;
    assert_ok(sms_sign(&w->courier.key, now_s, body, signature));
    snprintf(bearer, sizeof bearer, "Bearer %s", w->courier.key.bearer);
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)now_s);
    snprintf(old, sizeof old, "%lld", (long long)now_s - 1000);
    const struct courier_request rows[] = {
        {COURIER_TRACK, NULL, timestamp, signature, body},
        {COURIER_TRACK, "Bearer x", timestamp, signature, body},
        {COURIER_TRACK, bearer, old, signature, body},
        {COURIER_TRACK, bearer, timestamp, NULL, body},
        {COURIER_TRACK, bearer, timestamp, signature, BYTES("{\"label\":\"TB0000000002\"}")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct writer out = writer_over(block, sizeof block);
        struct courier_answer answer;
        courier_answer(&w->courier, &rows[i], &out, &answer);
        assert_int_equal(answer.status, 401);
        assert_int_equal(out.len, 0);
    }
    const struct courier_request unknown = {COURIER_TRACK, bearer, timestamp, signature, body};
    struct writer out = writer_over(block, sizeof block);
    struct courier_answer answer;
    courier_answer(&w->courier, &unknown, &out, &answer);
    assert_int_equal(answer.status, 404);
    close_world(w);
}

static void answers_have_one_form(void **state)
{
    (void)state;
    struct courier_track track;
    static const struct {
        const char *text;
        bool good;
        size_t count;
    } rows[] = {
        {"{\"label\":\"TB000001\",\"events\":[]}", true, 0},
        {"{\"label\":\"TB000001\",\"events\":[{\"number\":1,\"at\":5,\"event\":\"moving\"}]}", true,
         1},
        {"{\"label\":\"TB000001\",\"events\":[{\"number\":1,\"at\":5,\"event\":\"by_drone\"}]}",
         true, 0},
        {"{\"label\":\"TB000002\",\"events\":[]}", false, 0},
        {"{\"label\":\"TB000001\",\"events\":[{\"number\":0,\"at\":5,\"event\":\"moving\"}]}",
         false, 0},
        {"{\"label\":\"TB000001\",\"events\":[{\"number\":1,\"at\":-5,\"event\":\"moving\"}]}",
         false, 0},
        {"{\"label\":\"TB000001\",\"events\":{}}", false, 0},
        {"{\"label\":\"TB000001\"}", false, 0},
        {"[]", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        err read = courier_read_track(bytes_text(rows[i].text), "TB000001", &track);
        assert_int_equal(read.code, rows[i].good ? ERR_OK : ERR_FORMAT);
        if (rows[i].good) assert_int_equal(track.count, rows[i].count);
    }
    for (enum courier_event e = COURIER_COLLECTED; e < COURIER_EVENTS; e++) {
        assert_int_equal(courier_event_of(bytes_text(courier_event_word(e))), e);
        assert_true(courier_event_text(e, true)[0] && courier_event_text(e, false)[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parcel_is_ordered_tracked_and_delivered),
        cmocka_unit_test(a_courier_is_asked_as_often_as_is_said),
        cmocka_unit_test(the_applicant_says_that_he_has_it),
        cmocka_unit_test(an_order_is_one_parcel_whatever_is_answered),
        cmocka_unit_test(tries_come_at_growing_distances),
        cmocka_unit_test(what_is_refused_is_a_persons),
        cmocka_unit_test(nonsense_moves_nothing),
        cmocka_unit_test(doubled_and_late_events_are_one_and_go_forwards),
        cmocka_unit_test(a_lost_parcel_is_told_once_and_may_turn_up),
        cmocka_unit_test(what_comes_back_is_not_delivered),
        cmocka_unit_test(what_does_not_move_is_told_every_three_days),
        cmocka_unit_test(killed_anywhere_it_is_one_parcel_and_goes_on),
        cmocka_unit_test(strangers_are_answered_nothing),
        cmocka_unit_test(answers_have_one_form),
    };
    return cmocka_run_group_tests_name("stock_courier", tests, NULL, NULL);
}
