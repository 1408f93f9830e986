/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New keys for the card network while payments are under way (S120): told until the network has
 * shown that it has them; what began under the old set ends under it, and nothing is declined for
 * it; the old set ends when its time is over and nothing is under way; after a restart, and after a
 * kill at every store call, it goes on.
 */
#include "acquirer/limits.h"
#include "hsm/hsm.h"
#include "journal/zone_use.h"
#include "lib/crypto/agreement.h"
#include "lib/crypto/mac.h"
#include "lib/wire/hsm_protocol_zone.h"
#include "payment/key_change.h"
#include "registry/rotation.h"
#include "tests/unit/acquirer_peers.h"

enum { OVERLAP_MS = 1000 }; /* shorter than a payment may be under way */

static struct rig rig;
static struct transport_pair network;
static uint8_t old_mac[HSM_KEY_BLOCK_MAX], new_mac[HSM_KEY_BLOCK_MAX];
static size_t old_mac_len, new_mac_len;

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    transport_generate(&rig.crypto, &network);
    memcpy(old_mac, rig.zone_mac, rig.zone_mac_len);
    old_mac_len = rig.zone_mac_len;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

/* The network's messages are under this set from now on. */
static void speak(bool new)
{
    rig.zone_mac_len = new ? new_mac_len : old_mac_len;
    memcpy(rig.zone_mac, new ? new_mac : old_mac, rig.zone_mac_len);
}

/* By the hsm, for what is in use. */
static struct hsm_zone_keys_answer make_keys(uint8_t out[HSM_FRAME_MAX])
{
    uint8_t request[HSM_FRAME_MAX];
    struct registry_zone_keys now;
    struct hsm_zone_keys_answer made;
    assert_ok(registry_find_zone_keys(rig.registry, REGISTRY_CARD_NETWORK, &now));
    const struct hsm_zone_keys ask = {.first = BYTES("anna"),
                                      .second = BYTES("bo"),
                                      .label = BYTES("zone"),
                                      .recipient = BYTES_OF(network.public_key),
                                      .block = {bytes_text(now.pin_block),
                                                bytes_text(now.mac_block),
                                                bytes_text(now.data_block)}};
    struct writer w = writer_over(request, sizeof request);
    hsm_write_header(&w, HSM_ZONE_KEYS, 1);
    hsm_write_zone_keys(&w, &ask);
    struct reader r = reader_over(rig_hsm_body(rig_hsm(&rig, writer_view(&w), out)));
    assert_ok(hsm_read_zone_keys_answer(&r, &made));
    return made;
}

/* What two people do: anna proposes, bo approves. */
static void approve(int64_t overlap_ms)
{
    uint8_t out[HSM_FRAME_MAX];
    struct registry_rotation rotation;
    const struct registry_actor anna = {BYTES("anna"), rig.now_ms}, bo = {BYTES("bo"), rig.now_ms};
    assert_ok(registry_propose_rotation(rig.registry, &anna, REGISTRY_CARD_NETWORK, overlap_ms));
    assert_ok(registry_find_rotation(rig.registry, REGISTRY_CARD_NETWORK, &rotation));
    struct hsm_zone_keys_answer made = make_keys(out);
    const struct payment_key_change change = {(uint32_t)rotation.number, PAYMENT_KEY_OVERLAP_MIN_S,
                                              made.sealed[0], made.sealed[1], made.sealed[2]};
    struct writer w = writer_over(rotation.told, sizeof rotation.told);
    assert_ok(bytes_to_text(made.block[0], rotation.pin_block, sizeof rotation.pin_block));
    assert_ok(bytes_to_text(made.block[1], rotation.mac_block, sizeof rotation.mac_block));
    assert_ok(bytes_to_text(made.block[2], rotation.data_block, sizeof rotation.data_block));
    assert_ok(payment_key_change_write(&change, &w));
    rotation.told_len = w.len;
    memcpy(new_mac, made.block[1].at, made.block[1].len);
    new_mac_len = made.block[1].len;
    assert_err(registry_approve_rotation(rig.registry, &anna, &rotation), DENIED);
    assert_ok(registry_approve_rotation(rig.registry, &bo, &rotation));
}

static struct iso8583_message read_told(void)
{
    static uint8_t block[ISO8583_ARENA_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    assert_ok(iso8583_decode(&iso8583_dialect_ascii87, bytes_of(rig.told, rig.told_len), &arena, &m,
                             &fault));
    return m;
}

/* Opens what it was told with its transport key: the keys are those of the blocks. */
static void look_at_told(void)
{
    uint8_t block[PAYMENT_KEY_CHANGE_BYTES], mac[8], mine[MAC_MAX];
    struct payment_key_change c;
    struct iso8583_message m = read_told();
    CLEANUP(key_wipe) struct key key = {0};
    assert_ok(payment_key_change_decode(iso8583_get(&m, 48), block, &c));
    assert_int_equal(c.number, 2);
    assert_ok(transport_open_key(&network, rig.master.transport.public_key, c.mac,
                                 KEY_USAGE_ZONE_MAC, BYTES("zone"), &key));
    rig_mac(&rig, HSM_SUITE_TONGBAO, bytes_of(new_mac, new_mac_len), BYTES("anything"), mac);
    assert_ok(mac_generate(&rig.crypto, MAC_AES_CMAC_8, &key, BYTES("anything"), mine));
    assert_memory_equal(mac, mine, sizeof mac);
    /* It came under the set that is in use. */
    rig_mac(&rig, HSM_SUITE_TONGBAO, bytes_of(old_mac, old_mac_len),
            bytes_of(rig.told, m.mac_input), mac);
    assert_memory_equal(mac, iso8583_get(&m, 128).at, sizeof mac);
}

/* The network's answer, under this set. */
static err answer_told(const char *code, bool new)
{
    static const uint8_t place[ISO8583_MAC_SIZE];
    uint8_t out[RIG_FRAME], mac[8];
    struct iso8583_message told = read_told(), m;
    struct iso8583_fault fault;
    struct writer w = writer_over(out, sizeof out);
    iso8583_start(&m, 0x0810);
    iso8583_set(&m, 7, iso8583_get(&told, 7));
    iso8583_set(&m, 11, iso8583_get(&told, 11));
    iso8583_set(&m, 39, bytes_text(code));
    iso8583_set(&m, 70, iso8583_get(&told, 70));
    iso8583_set(&m, 128, BYTES_OF(place));
    assert_ok(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
    rig_mac(&rig, HSM_SUITE_TONGBAO,
            new ? bytes_of(new_mac, new_mac_len) : bytes_of(old_mac, old_mac_len),
            iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w)), mac);
    iso8583_seal(&iso8583_dialect_ascii87, out, w.len, mac);
    TRY(acquirer_on_route(rig.a, PAYMENT_ROUTE_CARD_NETWORK, writer_view(&w)));
    return rig_settle_err(&rig);
}

static struct journal_zone_use read_use(void)
{
    struct store *store = NULL;
    struct journal_zone_use use;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_zone_use_find(store, REGISTRY_CARD_NETWORK, &use));
    store_close(store);
    return use;
}

/* In the chain beside the journal. */
static int recorded(const char *event)
{
    struct store *store = NULL;
    struct rig_audit audit = {event, 0};
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(audit_read(store, 1, rig_audit_each, &audit));
    store_close(store);
    return audit.found;
}

static void approved(struct rig_terminal *t)
{
    rig_expect(&rig, t, 0x0210, "00");
}

static void nothing_under_way_is_lost(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment first = rig_sell(&rig, &t, PAYMENT_CARD, 1000);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    approve(OVERLAP_MS);
    rig_pass(&rig, ACQUIRER_REGISTRY_MS + 200);
    assert_int_equal(rig.tells, 1);
    look_at_told();
    /* Said by somebody who cannot show it: nothing changes. */
    assert_ok(answer_told("00", false));
    assert_int_equal(read_use().number, 0);
    assert_ok(answer_told("12", true));
    assert_int_equal(read_use().number, 0);
    struct payment second = rig_sell(&rig, &t, PAYMENT_CARD, 2000);
    (void)rig_issuer(&rig, "00"); /* under the old set, which it checks */
    approved(&t);
    /* One whose card and PIN went to the hsm under the old set, and is not yet sealed. */
    rig.hsm_holds = true;
    struct payment third = rig_sell(&rig, &t, PAYMENT_CARD, 3000);
    rig.hsm_holds = false;
    assert_ok(answer_told("00", true));
    assert_int_equal(read_use().number, 2);
    assert_false(read_use().ended);
    assert_int_equal(recorded("zone_keys_switched"), 1);
    (void)rig_issuer(&rig, "00"); /* the third: begun and ended under the old set */
    approved(&t);
    rig_expect_state(&third, PAYMENT_APPROVED, 2);
    /* What begins now is under the new one. */
    speak(true);
    struct payment fourth = rig_sell(&rig, &t, PAYMENT_CARD, 4000);
    (void)rig_issuer(&rig, "00");
    approved(&t);
    rig_expect_state(&fourth, PAYMENT_APPROVED, 2);
    /* The overlap is over, and the first is under way still: it is waited for. */
    rig_pass(&rig, OVERLAP_MS + 2000);
    assert_false(read_use().ended);
    speak(false);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    approved(&t);
    rig_expect_state(&first, PAYMENT_APPROVED, 2);
    rig_expect_state(&second, PAYMENT_APPROVED, 2);
    rig_pass(&rig, 200);
    assert_true(read_use().ended);
    assert_int_equal(recorded("zone_keys_ended"), 1);
    /* An answer under the old set is under no set at all: it is none. */
    speak(true);
    struct payment fifth = rig_sell(&rig, &t, PAYMENT_CARD, 5000);
    asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    speak(false);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    assert_int_equal(rig_audited("network_mac_failed"), 2);
    speak(true);
    rig_pass(&rig, ACQUIRER_NETWORK_MS + 200);
    (void)rig_undo(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "98");
    size_t rows = 0;
    assert_int_equal(rig_state(&fifth.key, &rows), PAYMENT_REVERSED);
    assert_int_equal(rig.tells, 1);
}

/* Ended by `finish`, the registry has the new set alone, and so has a restart. */
static void finished(void)
{
    const struct registry_actor who = {BYTES("anna"), rig.now_ms};
    struct registry_rotation rotation;
    int64_t number, since_ms;
    assert_ok(registry_finish_rotation(rig.registry, &who, REGISTRY_CARD_NETWORK));
    assert_err(registry_find_rotation(rig.registry, REGISTRY_CARD_NETWORK, &rotation), NOT_FOUND);
    assert_ok(registry_zone_age(rig.registry, REGISTRY_CARD_NETWORK, &number, &since_ms));
    assert_int_equal(number, 2);
}

static void sells(bool new)
{
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    speak(new);
    struct payment p = rig_sell(&rig, &t, PAYMENT_CARD, 700);
    (void)rig_issuer(&rig, "00");
    approved(&t);
    rig_expect_state(&p, PAYMENT_APPROVED, 2);
    assert_ok(acquirer_session_closed(rig.a, t.session));
    rig_settle(&rig);
}

static void a_restart_goes_on(void **state)
{
    (void)state;
    sells(false);
    approve(OVERLAP_MS);
    rig_pass(&rig, ACQUIRER_REGISTRY_MS + 200);
    assert_int_equal(rig.tells, 1);
    rig_restart(&rig); /* told, and not answered */
    sells(false);
    rig_pass(&rig, 200);
    assert_int_equal(rig.tells, 2);
    rig_pass(&rig, ACQUIRER_ZONE_MS);
    assert_int_equal(rig.tells, 3); /* until it is answered */
    assert_ok(answer_told("00", true));
    sells(true);
    rig_restart(&rig); /* side by side */
    sells(true);
    rig_pass(&rig, OVERLAP_MS + 200);
    assert_true(read_use().ended);
    rig_restart(&rig);
    sells(true);
    finished();
    rig_pass(&rig, ACQUIRER_REGISTRY_MS + 200);
    sells(true);
    rig_restart(&rig);
    sells(true);
    assert_int_equal(rig.tells, 3);
    assert_int_equal(recorded("zone_keys_switched") + recorded("zone_keys_ended"), 2);
    /* And once more, from the new set on. */
    approve(OVERLAP_MS);
    rig_pass(&rig, ACQUIRER_REGISTRY_MS + 200);
    assert_int_equal(rig.tells, 4);
}

/* From the answer to the end; the network takes either set meanwhile, by its MAC. */
static err change(void)
{
    TRY(rig_pass_err(&rig, ACQUIRER_REGISTRY_MS + 200));
    if (rig.tells > 0) TRY(answer_told("00", true));
    return rig_pass_err(&rig, OVERLAP_MS + 500);
}

static void killed_at_each_store_call(void **state)
{
    int calls = 0;
    for (int at = 0; at == 0 || at < calls; at++) {
        if (at > 0) {
            teardown(state);
            setup(state);
        }
        approve(OVERLAP_MS);
        rig.calls = 0;
        rig.left = at == 0 ? -1 : at;
        err e = change();
        if (at == 0) calls = rig.calls;
        assert_true(at == 0 ? !FAILED(e) : FAILED(e));
        rig_restart(&rig);
        /* One of the two is in use, and the other side of the line takes it. */
        sells(read_use().number == 2);
        assert_ok(change());
        assert_true(read_use().number == 2 && read_use().ended);
        sells(true);
        assert_int_equal(recorded("zone_keys_ended"), 1);
        finished();
    }
    assert_true(calls > 4);
    print_message("killed at %d store calls\n", calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_under_way_is_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(a_restart_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(killed_at_each_store_call, setup, teardown),
    };
    return cmocka_run_group_tests_name("acquirer_zone", tests, NULL, NULL);
}
