/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The courier's driver over real HTTP (S138, S176): a parcel is ordered and tracked to the shop at
 * the simulated courier's own socket; a key that is not the courier's is answered nothing.
 */
#include "backoffice/stock/courier_port.h"
#include "simulators/channels.h"
#include "tests/unit/stock_joint_scene.h"

struct line {
    struct scene s;
    struct scratch scratch;
    struct loop *loop;
    struct channels *channels;
    struct courier_port *port;
    unsigned failed;
};

static void failed(void *context, err why)
{
    struct line *l = context;
    (void)why;
    l->failed++;
}

static void open_line(struct line *l, bool own_key)
{
    static char url[64], key[128];
    struct process_fault fault = {""};
    const struct random random = random_system();
    *l = (struct line){.s = open_agreed()};
    scratch_make(&l->scratch);
    const struct clock clock = l->s.t.rig->b->config.clock;
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &l->loop));
    const struct channels_options options = {.loop = l->loop,
                                             .clock = clock,
                                             .sms_port = CHANNELS_OFF,
                                             .smtp_port = CHANNELS_OFF,
                                             .state = l->scratch.directory};
    assert_ok(channels_open(&options, &fault, &l->channels));
    snprintf(url, sizeof url, "http://127.0.0.1:%u", channels_courier_port(l->channels));
    snprintf(key, sizeof key, "%s",
             scratch_path(&l->scratch, own_key ? "courier.key" : "another.key"));
    CLEANUP(sms_key_wipe) struct sms_key another = {0};
    if (!own_key) assert_ok(sms_key_make(&random, key, &another));
    const struct courier_port_options port = {.loop = l->loop,
                                              .clock = clock,
                                              .url = url,
                                              .key_file = key,
                                              .failed = failed,
                                              .context = l};
    assert_ok(courier_port_open(&port, &fault, &l->port));
    l->s.t.rig->b->ports.courier = courier_port_ports(l->port);
    courier_port_attach(l->port, l->s.t.rig->b);
    assert_int_equal(assign(&l->s, SERIAL), 200);
    assert_int_equal(step(&l->s, SERIAL, "pack", "{\"scanned\":\"" SERIAL "\"}"), 200);
    assert_int_equal(step(&l->s, SERIAL, "ship", ""), 200);
}

static void close_line(struct line *l)
{
    assert_int_equal(l->failed, 0);
    courier_port_close(l->port);
    rig_close(l->s.t.rig);
    channels_close(l->channels);
    loop_destroy(l->loop);
    scratch_remove(&l->scratch);
}

/* One question, and the loop until it has ended. */
static void ask(struct line *l, int64_t ms)
{
    struct rig *rig = l->s.t.rig;
    rig->now_ms += ms;
    assert_ok(shipment_tick(rig->b, rig->now_ms));
    assert_true(courier_port_busy(l->port));
    for (int i = 0; i < 2000 && courier_port_busy(l->port); i++) assert_ok(loop_once(l->loop, 10));
    assert_false(courier_port_busy(l->port));
}

static void a_parcel_reaches_the_shop(void **state)
{
    (void)state;
    struct line l;
    struct shipment s;
    open_line(&l, true);
    ask(&l, 1000);
    assert_ok(shipment_find(l.s.t.rig->b->store, SERIAL, &s));
    assert_string_equal(s.label, "TB0000000001");
    channels_courier(l.channels)->fault = COURIER_FAULT_NONSENSE;
    channels_courier(l.channels)->fault_count = 1;
    ask(&l, COURIER_PACE_MS);
    ask(&l, COURIER_PACE_MS);
    assert_ok(shipment_find(l.s.t.rig->b->store, SERIAL, &s));
    assert_int_equal(s.rank, COURIER_MOVING);
    ask(&l, 2 * COURIER_PACE_MS);
    assert_int_equal(terminal_state(&l.s), STOCK_DELIVERED);
    assert_int_equal(application_state(&l.s), APPLICATION_DELIVERED);
    close_line(&l);
}

static void a_stranger_orders_nothing(void **state)
{
    (void)state;
    struct line l;
    open_line(&l, false);
    ask(&l, 1000);
    assert_int_equal(channels_courier(l.channels)->count, 0);
    assert_int_equal(count_of(&l.s, "SELECT count(*) FROM stock_shipment WHERE state = 1"), 1);
    close_line(&l);
}

static void what_is_no_courier_is_said(void **state)
{
    (void)state;
    struct process_fault fault = {""};
    struct courier_port *port = NULL;
    struct courier_port_options options = {.clock = clock_system(), .failed = failed};
    assert_ok(courier_port_open(&options, &fault, &port));
    assert_null(courier_port_ports(port));
    options.url = "http://courier.example";
    options.key_file = "/nowhere";
    assert_err(courier_port_open(&options, &fault, &port), CONFIG);
    assert_non_null(strstr(fault.text, "courier.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parcel_reaches_the_shop),
        cmocka_unit_test(a_stranger_orders_nothing),
        cmocka_unit_test(what_is_no_courier_is_said),
    };
    return cmocka_run_group_tests_name("stock_courier_wire", tests, NULL, NULL);
}
