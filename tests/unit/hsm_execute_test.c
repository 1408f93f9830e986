/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, sign-in and MACs of the hsm: what each command gives, and what each refuses. S60, S62, S63.
 */
#include "tests/unit/hsm_fixture.h"

static void status_names_the_master_key(void **state)
{
    struct fixture *f = *state;
    struct hsm_status_answer answer;
    uint8_t kcv[KEY_CHECK_BYTES];
    begin(f, HSM_STATUS);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_status_answer(&f->answer, &answer));
    assert_ok(key_check_value(&f->crypto, &f->master.key, kcv));
    assert_true(answer.development);
    assert_true(bytes_equal(answer.master_kcv, BYTES_OF(kcv)));
    assert_true(bytes_equal(answer.hsm_public, BYTES_OF(f->master.transport.public_key)));
    assert_true(answer.commands >= 1);
}

static void a_master_key_reaches_its_vault(void **state)
{
    struct fixture *f = *state;
    struct transport_pair vault;
    transport_generate(&f->crypto, &vault);
    for (uint8_t suite = HSM_SUITE_TONGBAO; suite <= HSM_SUITE_CUP; suite++) {
        const struct hsm_make_key m = {
            HSM_KEY_TERMINAL_MASTER, suite, BYTES("10000017"), BYTES_OF(vault.public_key), {0}};
        struct hsm_key_answer answer;
        struct key sent = {0}, kept = {0};
        hsm_write_make_key(begin(f, HSM_MAKE_KEY), &m);
        assert_status(execute(f), HSM_OK);
        assert_ok(hsm_read_key_answer(&f->answer, &answer));
        assert_ok(transport_open_key(&vault, f->master.transport.public_key, answer.sealed,
                                     KEY_USAGE_TERMINAL_MASTER, BYTES("10000017"), &sent));
        assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, answer.block, &kept));
        assert_memory_equal(&sent, &kept, sizeof sent);
        assert_ok(key_check(&f->crypto, &sent, answer.kcv));
        assert_int_equal(sent.algorithm, suite == HSM_SUITE_TONGBAO ? KEY_AES128 : KEY_TDES);
    }
}

static void keys_that_are_not_made(void **state)
{
    struct fixture *f = *state;
    struct transport_pair holder;
    transport_generate(&f->crypto, &holder);
    struct bytes public_key = BYTES_OF(holder.public_key), none = {0};
    static const uint8_t no_point[32];
    const struct {
        struct hsm_make_key m;
        enum hsm_status status;
    } rows[] = {
        {{HSM_KEY_TERMINAL_PIN, 1, none, none, none}, HSM_NOT_ALLOWED},
        {{HSM_KEY_TERMINAL_MAC, 1, none, none, none}, HSM_NOT_ALLOWED},
        {{HSM_KEY_TERMINAL_DATA, 1, none, none, none}, HSM_NOT_ALLOWED},
        {{HSM_KEY_TOKEN, 1, none, public_key, none}, HSM_NOT_ALLOWED},
        {{0, 1, none, none, none}, HSM_BAD_REQUEST},
        {{HSM_KEY_IBM3624 + 1, 1, none, none, none}, HSM_BAD_REQUEST},
        {{HSM_KEY_TOKEN, 0, none, none, none}, HSM_BAD_REQUEST},
        {{HSM_KEY_TOKEN, HSM_SUITE_TONGBAO_SM4 + 1, none, none, none}, HSM_BAD_REQUEST},
        {{HSM_KEY_TOKEN, 1, none, none, BYTES("1234567890123456")}, HSM_BAD_REQUEST},
        {{HSM_KEY_ZONE_PIN, 1, none, BYTES("short"), none}, HSM_BAD_REQUEST},
        {{HSM_KEY_ZONE_PIN, 1, none, BYTES_OF(no_point), none}, HSM_BAD_REQUEST},
        {{HSM_KEY_ZONE_PIN, 1, BYTES("a\nb"), none, none}, HSM_BAD_REQUEST},
        {{HSM_KEY_ZONE_PIN, 1, BYTES("123456789012345678901234567890123"), none, none},
         HSM_BAD_REQUEST},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        hsm_write_make_key(begin(f, HSM_MAKE_KEY), &rows[i].m);
        assert_status(execute(f), rows[i].status);
    }
}

/* The published UnionPay pair: its check value is D2B91CC5. */
static void known_keys_only_in_development(void **state)
{
    struct fixture *f = *state;
    static const uint8_t value[16] = {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                      0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22};
    struct hsm_make_key m = {
        HSM_KEY_TERMINAL_MASTER, HSM_SUITE_CUP, BYTES("t"), {0}, BYTES_OF(value)};
    struct hsm_key_answer answer;
    hsm_write_make_key(begin(f, HSM_IMPORT_KEY), &m);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_key_answer(&f->answer, &answer));
    assert_true(bytes_equal(answer.kcv, BYTES("\xd2\xb9\x1c\xc5")));
    m.clear.len = 15;
    hsm_write_make_key(begin(f, HSM_IMPORT_KEY), &m);
    assert_status(execute(f), HSM_BAD_REQUEST);

    /* A master key made in development opens in no other mode; a real one allows no import. */
    const struct hsm_config config = {.random = random_system()};
    struct hsm *strict = NULL;
    assert_string_equal(err_name(hsm_open(&config, &f->master, &strict)), "CONFIG");
    struct hsm_master real;
    hsm_master_generate(&f->crypto, false, &real);
    assert_ok(hsm_open(&config, &real, &strict));
    struct hsm *development = f->hsm;
    f->hsm = strict;
    m.clear.len = 16;
    hsm_write_make_key(begin(f, HSM_IMPORT_KEY), &m);
    assert_status(execute(f), HSM_NOT_ALLOWED);
    f->hsm = development;
    hsm_close(strict);
}

static void working_keys_for_both_suites(void **state)
{
    struct fixture *f = *state;
    struct terminal t = new_terminal(f, HSM_SUITE_TONGBAO);
    assert_int_equal(t.delivery_len, 60);
    assert_int_equal(t.keys.data.algorithm, KEY_AES128);
    t = new_terminal(f, HSM_SUITE_CUP);
    assert_int_equal(t.delivery_len, 40);
    assert_int_equal(t.data_block.len, 0);
    assert_int_equal(t.keys.pin.algorithm, KEY_TDES);
    assert_int_equal(t.keys.mac.algorithm, KEY_DES);
    /* The block that the host stores is the key that was delivered. */
    struct key kept = {0};
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&t.mac_block), &kept));
    assert_memory_equal(&kept, &t.keys.mac, sizeof kept);

    struct hsm_sign_in m = {HSM_SUITE_TONGBAO, view(&t.master_block)};
    hsm_write_sign_in(begin(f, HSM_SIGN_IN), &m); /* of the other suite */
    assert_status(execute(f), HSM_WRONG_USAGE);
    m = (struct hsm_sign_in){HSM_SUITE_CUP, view(&t.pin_block)};
    hsm_write_sign_in(begin(f, HSM_SIGN_IN), &m);
    assert_status(execute(f), HSM_WRONG_USAGE);
    m = (struct hsm_sign_in){HSM_SUITE_DUKPT_TDES, view(&t.master_block)}; /* no base key */
    hsm_write_sign_in(begin(f, HSM_SIGN_IN), &m);
    assert_status(execute(f), HSM_WRONG_USAGE);
    m = (struct hsm_sign_in){HSM_SUITE_TONGBAO_SM4 + 1, view(&t.master_block)};
    hsm_write_sign_in(begin(f, HSM_SIGN_IN), &m);
    assert_status(execute(f), HSM_BAD_REQUEST);
}

/* S62: the same terminal gets other keys each time, two terminals never the same. */
static void no_two_deliveries_are_alike(void **state)
{
    struct fixture *f = *state;
    enum { TERMINALS = 20, TIMES = 3, KEYS = TERMINALS * TIMES };
    static struct working_keys seen[KEYS];
    size_t count = 0;
    for (int i = 0; i < TERMINALS; i++) {
        struct terminal t = new_terminal(f, HSM_SUITE_TONGBAO);
        for (int k = 0; k < TIMES; k++) {
            sign_in(f, &t);
            for (size_t j = 0; j < count; j++) {
                assert_memory_not_equal(seen[j].pin.value.at, t.keys.pin.value.at, 16);
                assert_memory_not_equal(seen[j].mac.value.at, t.keys.mac.value.at, 16);
                assert_memory_not_equal(seen[j].data.value.at, t.keys.data.value.at, 16);
            }
            seen[count++] = t.keys;
        }
    }
}

static enum hsm_status check_mac(struct fixture *f, const struct terminal *t, struct bytes key,
                                 struct bytes data, struct bytes mac)
{
    const struct hsm_mac m = {t->suite, key, data, mac};
    hsm_write_mac(begin(f, HSM_MAC_CHECK), &m);
    return execute(f);
}

static void macs_of_both_suites_and_of_a_zone(void **state)
{
    struct fixture *f = *state;
    static const enum mac_algorithm algorithm[] = {
        [HSM_SUITE_TONGBAO] = MAC_AES_CMAC_8, [HSM_SUITE_CUP] = MAC_CUP_ECB};
    struct bytes data = BYTES("0210 and whatever else stands before field 64"), made;
    for (uint8_t suite = HSM_SUITE_TONGBAO; suite <= HSM_SUITE_CUP; suite++) {
        struct terminal t = new_terminal(f, suite);
        uint8_t mac[MAC_MAX];
        assert_ok(mac_generate(&f->crypto, algorithm[suite], &t.keys.mac, data, mac));
        const struct hsm_mac m = {suite, view(&t.mac_block), data, {0}};
        hsm_write_mac(begin(f, HSM_MAC_MAKE), &m);
        assert_status(execute(f), HSM_OK);
        assert_ok(hsm_read_bytes(&f->answer, &made));
        assert_true(bytes_equal(made, bytes_of(mac, 8)));
        assert_status(check_mac(f, &t, view(&t.mac_block), data, bytes_of(mac, 8)), HSM_OK);
        /* Zone keys have their own algorithm, whatever the suite says. */
        struct text zone = make_key(f, HSM_KEY_ZONE_MAC, suite);
        struct key zone_key = {0};
        assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&zone), &zone_key));
        assert_ok(mac_generate(&f->crypto, MAC_AES_CMAC_8, &zone_key, data, mac));
        assert_status(check_mac(f, &t, view(&zone), data, bytes_of(mac, 8)), HSM_OK);
        assert_status(check_mac(f, &t, view(&t.mac_block), data, bytes_of(mac, 8)), HSM_BAD_MAC);
    }
}

static void keys_do_only_what_they_are_for(void **state)
{
    struct fixture *f = *state;
    struct terminal t = new_terminal(f, HSM_SUITE_TONGBAO), cup = new_terminal(f, HSM_SUITE_CUP);
    struct text token = make_key(f, HSM_KEY_TOKEN, 1), zone_pin = make_key(f, HSM_KEY_ZONE_PIN, 1);
    const struct text *const wrong[] = {&t.pin_block, &t.data_block, &t.master_block,
                                        &token,       &zone_pin,     &cup.mac_block};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_status(check_mac(f, &t, view(wrong[i]), BYTES("x"), BYTES("12345678")),
                      HSM_WRONG_USAGE);
        const struct hsm_mac m = {t.suite, view(wrong[i]), BYTES("x"), {0}};
        hsm_write_mac(begin(f, HSM_MAC_MAKE), &m);
        assert_status(execute(f), HSM_WRONG_USAGE);
    }
}

/* Warm or cold, a block with one bit changed is refused: the cache compares all of it. */
static void altered_blocks_are_refused(void **state)
{
    struct fixture *f = *state;
    struct terminal t = new_terminal(f, HSM_SUITE_TONGBAO);
    struct bytes data = BYTES("message");
    uint8_t mac[MAC_MAX];
    assert_ok(mac_generate(&f->crypto, MAC_AES_CMAC_8, &t.keys.mac, data, mac));
    assert_status(check_mac(f, &t, view(&t.mac_block), data, bytes_of(mac, 8)), HSM_OK);
    struct text altered = t.mac_block;
    for (size_t bit = 0; bit < 8 * altered.len; bit++) {
        altered.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_status(check_mac(f, &t, view(&altered), data, bytes_of(mac, 8)), HSM_BAD_KEY_BLOCK);
        altered.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < altered.len; len++)
        assert_status(check_mac(f, &t, bytes_of(altered.at, len), data, bytes_of(mac, 8)),
                      HSM_BAD_KEY_BLOCK);
    /* And one of another hsm. */
    struct hsm_master other;
    struct key key = {0};
    uint8_t block[KEYBLOCK_MAX];
    struct writer w = writer_over(block, sizeof block);
    hsm_master_generate(&f->crypto, true, &other);
    key_generate(&f->crypto, KEY_AES128, KEY_USAGE_MAC, &key);
    assert_ok(keyblock_wrap(&f->crypto, &other.key, &key, &w));
    assert_status(check_mac(f, &t, writer_view(&w), data, bytes_of(mac, 8)), HSM_BAD_KEY_BLOCK);
}

/* S63: one bit of message or MAC. */
static void flipped_bits_are_never_accepted(void **state)
{
    struct fixture *f = *state;
    for (uint8_t suite = HSM_SUITE_TONGBAO; suite <= HSM_SUITE_CUP; suite++) {
        struct terminal t = new_terminal(f, suite);
        uint8_t data[150], mac[MAC_MAX];
        random_fill(&f->crypto.random, data, sizeof data);
        assert_ok(mac_generate(&f->crypto, suite == HSM_SUITE_CUP ? MAC_CUP_ECB : MAC_AES_CMAC_8,
                               &t.keys.mac, BYTES_OF(data), mac));
        struct bytes key = view(&t.mac_block), given = bytes_of(mac, 8);
        int accepted = 0;
        for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            accepted += check_mac(f, &t, key, BYTES_OF(data), given) != HSM_BAD_MAC;
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t bit = 0; bit < 64; bit++) {
            mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
            accepted += check_mac(f, &t, key, BYTES_OF(data), given) != HSM_BAD_MAC;
            mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        accepted += check_mac(f, &t, key, BYTES_OF(data), bytes_of(mac, 7)) != HSM_BAD_MAC;
        accepted += check_mac(f, &t, key, BYTES_OF(data), BYTES("")) != HSM_BAD_MAC;
        assert_int_equal(accepted, 0);
        assert_status(check_mac(f, &t, key, BYTES_OF(data), given), HSM_OK);
    }
}

/* More keys than the cache holds, in rounds: every one still answers with its own. */
static void the_cache_forgets_and_finds_again(void **state)
{
    struct fixture *f = *state;
    enum { KEYS = 200, SETS_FULL = 3 };
    static struct text block[KEYS];
    static struct key key[KEYS];
    for (size_t i = 0; i < KEYS; i++) {
        block[i] = make_key(f, HSM_KEY_ZONE_MAC, 1);
        assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&block[i]), &key[i]));
    }
    struct terminal t = {.suite = 1};
    uint64_t cold = hsm_counts(f->hsm).misses;
    for (int round = 0; round < SETS_FULL; round++) {
        for (size_t i = 0; i < KEYS; i++) {
            uint8_t mac[MAC_MAX];
            assert_ok(mac_generate(&f->crypto, MAC_AES_CMAC_8, &key[i], BYTES("m"), mac));
            assert_status(check_mac(f, &t, view(&block[i]), BYTES("m"), bytes_of(mac, 8)), HSM_OK);
        }
    }
    uint64_t misses = hsm_counts(f->hsm).misses - cold;
    assert_in_range(misses, KEYS, KEYS + 4); /* unwrapped once each */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_names_the_master_key),
        cmocka_unit_test(a_master_key_reaches_its_vault),
        cmocka_unit_test(keys_that_are_not_made),
        cmocka_unit_test(known_keys_only_in_development),
        cmocka_unit_test(working_keys_for_both_suites),
        cmocka_unit_test(no_two_deliveries_are_alike),
        cmocka_unit_test(macs_of_both_suites_and_of_a_zone),
        cmocka_unit_test(keys_do_only_what_they_are_for),
        cmocka_unit_test(altered_blocks_are_refused),
        cmocka_unit_test(flipped_bits_are_never_accepted),
        cmocka_unit_test(the_cache_forgets_and_finds_again),
    };
    return cmocka_run_group_tests_name("hsm_execute", tests, open_hsm, close_hsm);
}
