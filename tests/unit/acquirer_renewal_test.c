/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new master key on its way: the registry keeps it sealed, the acquirer hands it over behind the
 * working keys to a terminal that names another check value, and stops when it is named. S62, S120.
 */
#include "registry/delivery.h"
#include "tests/unit/acquirer_peers.h"

static struct rig rig;
static struct transport_pair device;

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    transport_generate(&rig.crypto, &device);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

/* What `tongbao admin renew-key` does. */
static struct registry_delivery renew(struct rig *r)
{
    uint8_t request[HSM_FRAME_MAX], answer[HSM_FRAME_MAX];
    struct writer w = writer_over(request, sizeof request);
    struct registry_delivery made = {.sealed_len = 0};
    struct hsm_key_answer key;
    const struct registry_actor actor = {BYTES("test"), r->now_ms};
    hsm_write_header(&w, HSM_MAKE_KEY, 1);
    hsm_write_make_key(&w, &(struct hsm_make_key){.usage = HSM_KEY_TERMINAL_MASTER,
                                                  .suite = HSM_SUITE_TONGBAO,
                                                  .label = BYTES(RIG_TID),
                                                  .recipient = BYTES_OF(device.public_key)});
    struct reader body = reader_over(rig_hsm_body(rig_hsm(r, writer_view(&w), answer)));
    assert_ok(hsm_read_key_answer(&body, &key));
    assert_ok(bytes_to_text(key.block, made.master_block, sizeof made.master_block));
    memcpy(made.kcv, key.kcv.at, sizeof made.kcv);
    memcpy(made.sealed, key.sealed.at, key.sealed.len);
    made.sealed_len = key.sealed.len;
    assert_ok(registry_deliver_master(r->registry, &actor, BYTES(RIG_TID), &made));
    return made; /* no time passes: at a sign-in the acquirer looks into the registry */
}

/* Signs in, saying this check value (NULL: none); the delivery of the answer. */
static struct bytes delivered(struct rig *r, struct rig_terminal *t, const uint8_t *kcv,
                              uint8_t out[256])
{
    static uint8_t frame[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct payment_sign_in in = {.mid = RIG_MID, .operator_id = "01"}, said;
    memcpy(in.tid, t->tid, 9);
    memcpy(in.code, payment_profile(t->profile)->sign_in_code, 4);
    in.stan = ++t->stan;
    in.batch = t->batch;
    in.has_kcv = kcv != NULL;
    if (in.has_kcv) memcpy(in.master_kcv, kcv, sizeof in.master_kcv);
    assert_ok(payment_sign_in_request(t->profile, &in, &arena, &m));
    rig_send(r, t, rig_frame(r, t, &m, false, frame));
    rig_answer_to(r, t, &m);
    assert_ok(payment_sign_in_parse(&m, &said));
    assert_string_equal(said.response_code, "00");
    assert_in_range(said.delivery.len, 1, 256);
    memcpy(out, said.delivery.at, said.delivery.len);
    rig_took(&r->to_terminal);
    return bytes_of(out, said.delivery.len);
}

static void handed_over_until_it_is_named(void **state)
{
    (void)state;
    static const uint8_t old_kcv[4] = {1, 2, 3, 4};
    uint8_t out[256];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    assert_int_equal(delivered(&rig, &t, old_kcv, out).len, DELIVERY_WITH_DATA);
    struct registry_delivery made = renew(&rig);
    for (int i = 0; i < 3; i++) { /* the vault may have been cut off: as often as it asks */
        struct bytes d = delivered(&rig, &t, i == 2 ? NULL : old_kcv, out);
        struct key master = {0};
        struct working_keys keys = {0};
        assert_int_equal(d.len, DELIVERY_WITH_DATA + made.sealed_len);
        assert_ok(
            transport_open_key(&device, rig.master.transport.public_key,
                               bytes_of(d.at + DELIVERY_WITH_DATA, d.len - DELIVERY_WITH_DATA),
                               KEY_USAGE_TERMINAL_MASTER, BYTES(RIG_TID), &master));
        assert_ok(key_check(&rig.crypto, &master, BYTES_OF(made.kcv)));
        assert_ok(delivery_unwrap(&rig.crypto, &master, bytes_of(d.at, DELIVERY_WITH_DATA), &keys));
    }
    assert_int_equal(delivered(&rig, &t, made.kcv, out).len, DELIVERY_WITH_DATA);
    struct registry_delivery again = renew(&rig); /* and once more */
    assert_memory_not_equal(again.kcv, made.kcv, sizeof made.kcv);
    assert_int_equal(delivered(&rig, &t, made.kcv, out).len, DELIVERY_WITH_DATA + again.sealed_len);
}

static void others_get_what_they_always_got(void **state)
{
    (void)state;
    uint8_t out[256];
    struct rig_terminal cup = rig_terminal(&rig, RIG_CUP);
    (void)renew(&rig);
    assert_int_equal(delivered(&rig, &cup, NULL, out).len, DELIVERY_DOUBLE);
    rig_sign_in(&rig, &cup);
}

/* What the registry keeps, and when it forgets it. */
static void kept_and_forgotten(void **state)
{
    (void)state;
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    uint8_t key[REGISTRY_TRANSPORT_BYTES];
    struct registry_delivery found, none = {.sealed_len = 0};
    assert_string_equal(err_name(registry_find_transport(rig.registry, BYTES(RIG_TID), key)),
                        "NOT_FOUND");
    assert_ok(registry_set_transport(rig.registry, &actor, BYTES(RIG_TID), device.public_key));
    assert_ok(registry_find_transport(rig.registry, BYTES(RIG_TID), key));
    assert_memory_equal(key, device.public_key, sizeof key);
    assert_string_equal(
        err_name(registry_set_transport(rig.registry, &actor, BYTES("19999999"), key)),
        "NOT_FOUND");
    struct registry_delivery made = renew(&rig);
    assert_ok(registry_find_delivery(rig.registry, BYTES(RIG_TID), &found));
    assert_string_equal(found.master_block, made.master_block);
    assert_int_equal(found.made_ms, actor.at_ms);
    memcpy(none.master_block, made.master_block, sizeof none.master_block);
    assert_string_equal(
        err_name(registry_deliver_master(rig.registry, &actor, BYTES(RIG_TID), &none)), "FORMAT");
    assert_string_equal(
        err_name(registry_deliver_master(rig.registry, &actor, BYTES("19999999"), &made)),
        "NOT_FOUND");
    /* Another device takes the number. */
    assert_ok(registry_set_terminal_keys(rig.registry, &actor, BYTES(RIG_TID), BYTES(""),
                                         bytes_text(made.master_block), BYTES("")));
    assert_string_equal(err_name(registry_find_delivery(rig.registry, BYTES(RIG_TID), &found)),
                        "NOT_FOUND");
    assert_string_equal(err_name(registry_find_transport(rig.registry, BYTES(RIG_TID), key)),
                        "NOT_FOUND");
    assert_ok(registry_set_terminal_status(rig.registry, &actor, BYTES(RIG_TID), REGISTRY_CLOSED));
    assert_string_equal(
        err_name(registry_deliver_master(rig.registry, &actor, BYTES(RIG_TID), &made)), "STATE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(handed_over_until_it_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(others_get_what_they_always_got, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_and_forgotten, setup, teardown),
    };
    return cmocka_run_group_tests_name("acquirer_renewal", tests, NULL, NULL);
}
