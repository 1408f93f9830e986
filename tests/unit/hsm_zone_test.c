/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New keys for a zone (S120, S190): three, by two people, for who has the set in use; sealed to the
 * network alone; who and what stands in the log before they leave.
 */
#include "lib/crypto/agreement.h"
#include "lib/wire/hsm_protocol_zone.h"
#include "tests/unit/hsm_fixture.h"

static const uint8_t old_usages[HSM_ZONE_KEYS_EACH] = {HSM_KEY_ZONE_PIN, HSM_KEY_ZONE_MAC,
                                                       HSM_KEY_ZONE_DATA};
static const enum key_usage usages[HSM_ZONE_KEYS_EACH] = {KEY_USAGE_ZONE_PIN, KEY_USAGE_ZONE_MAC,
                                                          KEY_USAGE_ZONE_DATA};

static struct transport_pair network;
static struct text old_block[HSM_ZONE_KEYS_EACH];

static struct hsm_zone_keys question(struct fixture *f)
{
    struct hsm_zone_keys m = {.first = BYTES("anna"),
                              .second = BYTES("bo"),
                              .label = BYTES("zone"),
                              .recipient = BYTES_OF(network.public_key)};
    transport_generate(&f->crypto, &network);
    for (size_t i = 0; i < HSM_ZONE_KEYS_EACH; i++) {
        old_block[i] = make_key(f, old_usages[i], HSM_SUITE_TONGBAO);
        m.block[i] = view(&old_block[i]);
    }
    return m;
}

static enum hsm_status ask(struct fixture *f, const struct hsm_zone_keys *m)
{
    hsm_write_zone_keys(begin(f, HSM_ZONE_KEYS), m);
    return execute(f);
}

/* The sealed copy is the key of the block, for this use. */
static void look_at_key(struct fixture *f, const struct hsm_zone_keys_answer *made, size_t i)
{
    CLEANUP(key_wipe) struct key sealed = {0};
    assert_ok(transport_open_key(&network, made->hsm_public.at, made->sealed[i], usages[i],
                                 BYTES("zone"), &sealed));
    assert_ok(key_check(&f->crypto, &sealed, made->kcv[i]));
    for (size_t j = 0; j < HSM_ZONE_KEYS_EACH; j++)
        assert_false(bytes_equal(made->block[i], view(&old_block[j])));
    /* For nothing and nobody else. */
    struct transport_pair thief;
    transport_generate(&f->crypto, &thief);
    assert_true(FAILED(transport_open_key(&thief, made->hsm_public.at, made->sealed[i], usages[i],
                                          BYTES("zone"), &sealed)));
    assert_true(FAILED(transport_open_key(&network, made->hsm_public.at, made->sealed[i], usages[i],
                                          BYTES("other"), &sealed)));
    assert_true(
        FAILED(transport_open_key(&network, made->hsm_public.at, made->sealed[i],
                                  usages[(i + 1) % HSM_ZONE_KEYS_EACH], BYTES("zone"), &sealed)));
}

static void three_keys_by_two_people(void **state)
{
    struct fixture *f = *state;
    struct hsm_zone_keys_answer made;
    struct hsm_zone_keys m = question(f);
    assert_status(ask(f, &m), HSM_OK);
    assert_ok(hsm_read_zone_keys_answer(&f->answer, &made));
    for (size_t i = 0; i < HSM_ZONE_KEYS_EACH; i++) look_at_key(f, &made, i);
    assert_non_null(strstr(f->logged, "zone_keys_renewed"));
    assert_non_null(strstr(f->logged, "anna"));
    assert_non_null(strstr(f->logged, "\"bo\""));
}

/* What the host makes with the block, the network makes with what was sealed to it. */
static void both_sides_have_the_same(void **state)
{
    struct fixture *f = *state;
    struct hsm_zone_keys_answer made;
    struct hsm_zone_keys m = question(f);
    CLEANUP(key_wipe) struct key sealed = {0};
    uint8_t mine[MAC_MAX];
    struct bytes mac;
    assert_status(ask(f, &m), HSM_OK);
    assert_ok(hsm_read_zone_keys_answer(&f->answer, &made));
    assert_ok(transport_open_key(&network, made.hsm_public.at, made.sealed[1], KEY_USAGE_ZONE_MAC,
                                 BYTES("zone"), &sealed));
    struct text block = keep(made.block[1]);
    hsm_write_mac(begin(f, HSM_MAC_MAKE),
                  &(struct hsm_mac){HSM_SUITE_TONGBAO, view(&block), BYTES("a message"), {0}});
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_bytes(&f->answer, &mac));
    assert_ok(mac_generate(&f->crypto, MAC_AES_CMAC_8, &sealed, BYTES("a message"), mine));
    assert_true(bytes_equal(mac, bytes_of(mine, mac.len)) && mac.len == 8);
}

static void what_is_refused(void **state)
{
    struct fixture *f = *state;
    const struct hsm_zone_keys good = question(f);
    struct hsm_zone_keys m = good;
    size_t before = strlen(f->logged);
    m.second = m.first;
    assert_status(ask(f, &m), HSM_NOT_ALLOWED);
    m.second = (struct bytes){0};
    assert_status(ask(f, &m), HSM_NOT_ALLOWED);
    m.second = BYTES("two words");
    assert_status(ask(f, &m), HSM_NOT_ALLOWED);
    m = good;
    m.block[0] = good.block[1]; /* of another use */
    assert_status(ask(f, &m), HSM_WRONG_USAGE);
    m.block[0] = (struct bytes){0};
    assert_status(ask(f, &m), HSM_BAD_KEY_BLOCK);
    uint8_t altered[HSM_KEY_BLOCK_MAX];
    m = good;
    memcpy(altered, good.block[2].at, good.block[2].len);
    altered[40] ^= 1;
    m.block[2] = bytes_of(altered, good.block[2].len);
    assert_status(ask(f, &m), HSM_BAD_KEY_BLOCK);
    m = good;
    m.recipient = bytes_of(network.public_key, 31);
    assert_status(ask(f, &m), HSM_BAD_REQUEST);
    static const uint8_t zeros[TRANSPORT_KEY_BYTES];
    m.recipient = BYTES_OF(zeros); /* no key */
    assert_status(ask(f, &m), HSM_BAD_REQUEST);
    m = good;
    m.label = (struct bytes){0};
    assert_status(ask(f, &m), HSM_BAD_REQUEST);
    hsm_write_zone_keys(begin(f, HSM_ZONE_KEYS), &good);
    write_be(&f->w, 0, 1);
    assert_status(execute(f), HSM_BAD_REQUEST);
    assert_null(strstr(f->logged + before, "\"key_made\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(three_keys_by_two_people, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(both_sides_have_the_same, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(what_is_refused, open_hsm, close_hsm),
    };
    return cmocka_run_group_tests_name("hsm_zone", tests, NULL, NULL);
}
