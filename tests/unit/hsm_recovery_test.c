/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hsm does for passwords: proofs that a vault with the same key accepts, the pepper of the
 * console, the anchor; and what it refuses. S41, S43, CR-08, CR-18.
 */
#include "lib/crypto/agreement.h"
#include "lib/crypto/pepper.h"
#include "lib/crypto/recovery.h"
#include "tests/unit/hsm_fixture.h"

/* A recovery key as the host stores it, and as its vault has opened it. */
static struct text recovery_key(struct fixture *f, struct key *ret_key)
{
    struct transport_pair device;
    struct hsm_key_answer answer;
    transport_generate(&f->crypto, &device);
    const struct hsm_make_key m = {
        HSM_KEY_RECOVERY, HSM_SUITE_CUP, BYTES("10000017"), BYTES_OF(device.public_key), {0}};
    hsm_write_make_key(begin(f, HSM_MAKE_KEY), &m);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_key_answer(&f->answer, &answer));
    assert_ok(transport_open_key(&device, answer.hsm_public.at, answer.sealed, KEY_USAGE_RECOVERY,
                                 BYTES("10000017"), ret_key));
    assert_ok(key_check(&f->crypto, ret_key, answer.kcv));
    return keep(answer.block);
}

static enum hsm_status recover(struct fixture *f, const struct hsm_recovery *m)
{
    hsm_write_recovery(begin(f, HSM_RECOVERY), m);
    return execute(f);
}

static void a_proof_is_what_the_vault_expects(void **state)
{
    struct fixture *f = *state;
    struct key key = {0};
    struct text block = recovery_key(f, &key);
    for (uint8_t way = RECOVERY_SMS; way <= RECOVERY_SHEET; way++) {
        const struct hsm_recovery m = {7, way, view(&block), BYTES("10000017"), BYTES("challenge")};
        const struct recovery_subject subject = {way, 7, m.tid, m.challenge};
        struct hsm_recovery_answer answer;
        struct recovery_proof own;
        assert_status(recover(f, &m), HSM_OK);
        assert_ok(hsm_read_recovery_answer(&f->answer, &answer));
        assert_ok(recovery_prove(&f->crypto, &key, &subject, &own));
        assert_true(bytes_equal(answer.mac, BYTES_OF(own.grant)));
        assert_true(bytes_equal(answer.code, bytes_text(own.code)));
        if (own.code[0] != '\0') assert_null(strstr(f->logged, own.code));
    }
    assert_non_null(strstr(f->logged, "recovery_proved"));
}

static void proofs_that_are_not_made(void **state)
{
    struct fixture *f = *state;
    struct key key = {0};
    struct text block = recovery_key(f, &key), pepper = make_key(f, HSM_KEY_PEPPER, 1),
                token = make_key(f, HSM_KEY_TOKEN, 1);
    struct hsm_recovery m = {7, RECOVERY_SMS, view(&pepper), BYTES("10000017"), BYTES("c")};
    assert_status(recover(f, &m), HSM_WRONG_USAGE);
    m.key = view(&token);
    assert_status(recover(f, &m), HSM_WRONG_USAGE);
    m.key = BYTES("");
    assert_status(recover(f, &m), HSM_BAD_KEY_BLOCK);
    m.key = view(&block);
    assert_status(recover(f, &m), HSM_OK);
    m.way = 7;
    assert_status(recover(f, &m), HSM_BAD_REQUEST);
    m.way = RECOVERY_SMS;
    m.operator_id = 100;
    assert_status(recover(f, &m), HSM_BAD_REQUEST);
    m.operator_id = 7;
    m.tid = BYTES("1");
    assert_status(recover(f, &m), HSM_BAD_REQUEST);
    m.tid = BYTES("10000017");
    m.challenge = BYTES("");
    assert_status(recover(f, &m), HSM_BAD_REQUEST);
}

static void the_pepper_never_leaves(void **state)
{
    struct fixture *f = *state;
    struct text block = make_key(f, HSM_KEY_PEPPER, 1);
    struct transport_pair anybody;
    transport_generate(&f->crypto, &anybody);
    const struct hsm_make_key sent = {
        HSM_KEY_PEPPER, 1, BYTES("x"), BYTES_OF(anybody.public_key), {0}};
    hsm_write_make_key(begin(f, HSM_MAKE_KEY), &sent);
    assert_status(execute(f), HSM_NOT_ALLOWED);

    struct key key = {0};
    uint8_t own[PEPPER_BYTES];
    struct bytes made;
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&block), &key));
    assert_ok(pepper_apply(&f->crypto, &key, BYTES("account 7"), BYTES("digest"), own));
    struct hsm_pepper m = {view(&block), BYTES("account 7"), BYTES("digest")};
    hsm_write_pepper(begin(f, HSM_PEPPER), &m);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_bytes(&f->answer, &made));
    assert_true(bytes_equal(made, BYTES_OF(own)));
    m.data = BYTES("");
    hsm_write_pepper(begin(f, HSM_PEPPER), &m);
    assert_status(execute(f), HSM_BAD_REQUEST);
    struct text recovery = recovery_key(f, &key);
    m = (struct hsm_pepper){view(&recovery), BYTES("account 7"), BYTES("digest")};
    hsm_write_pepper(begin(f, HSM_PEPPER), &m);
    assert_status(execute(f), HSM_WRONG_USAGE);
}

static enum hsm_status anchor(struct fixture *f, const struct hsm_anchor *m)
{
    hsm_write_anchor(begin(f, HSM_ANCHOR), m);
    return execute(f);
}

/* CR-18: the host's word is made, the vault's is checked, and neither passes for the other. */
static void anchors(void **state)
{
    struct fixture *f = *state;
    struct key key = {0};
    struct text block = recovery_key(f, &key);
    uint8_t vault[RECOVERY_PROOF_BYTES], host[RECOVERY_PROOF_BYTES];
    const struct bytes tid = BYTES("10000017");
    assert_ok(recovery_epoch_mac(&f->crypto, &key, RECOVERY_FROM_VAULT, tid, 9, vault));
    assert_ok(recovery_epoch_mac(&f->crypto, &key, RECOVERY_FROM_HOST, tid, 9, host));

    struct hsm_anchor m = {HSM_ANCHOR_FROM_HOST, 9, view(&block), tid, BYTES("")};
    struct bytes made;
    assert_status(anchor(f, &m), HSM_OK);
    assert_ok(hsm_read_bytes(&f->answer, &made));
    assert_true(bytes_equal(made, BYTES_OF(host)));
    m.direction = HSM_ANCHOR_FROM_VAULT;
    assert_status(anchor(f, &m), HSM_BAD_REQUEST); /* it is not made here */
    m.mac = BYTES_OF(vault);
    assert_status(anchor(f, &m), HSM_OK);
    assert_int_equal(f->answer.left.len, 0);
    m.epoch = 10;
    assert_status(anchor(f, &m), HSM_BAD_MAC);
    m.epoch = 9;
    m.mac = BYTES_OF(host);
    assert_status(anchor(f, &m), HSM_BAD_MAC);
    m.mac = bytes_of(vault, RECOVERY_PROOF_BYTES - 1);
    assert_status(anchor(f, &m), HSM_BAD_MAC);
    m.direction = HSM_ANCHOR_FROM_HOST;
    assert_status(anchor(f, &m), HSM_BAD_REQUEST);
    m.direction = 3;
    m.mac = BYTES("");
    assert_status(anchor(f, &m), HSM_BAD_REQUEST);
}

/* DV-11: what is wanted of a device is for that device, and needs the key that proves to it. */
static void commands_are_for_one_device(void **state)
{
    struct fixture *f = *state;
    struct key key = {0};
    struct text block = recovery_key(f, &key);
    uint8_t nonce[RECOVERY_NONCE_BYTES] = {7}, expected[RECOVERY_PROOF_BYTES];
    struct hsm_command_mac m = {9,
                                view(&block),
                                BYTES("10000017"),
                                BYTES("TB1-1"),
                                BYTES("lock"),
                                BYTES_OF(nonce),
                                BYTES("Call 138")};
    const struct recovery_command c = {m.tid, m.serial, m.kind, m.text, m.nonce, m.number};
    struct bytes made;
    assert_ok(recovery_command_mac(&f->crypto, &key, &c, expected));
    hsm_write_command_mac(begin(f, HSM_COMMAND_MAC), &m);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_bytes(&f->answer, &made));
    assert_true(bytes_equal(made, BYTES_OF(expected)));
    m.number = 0;
    hsm_write_command_mac(begin(f, HSM_COMMAND_MAC), &m);
    assert_status(execute(f), HSM_BAD_REQUEST);
    m.number = 9;
    m.nonce = bytes_of(nonce, sizeof nonce - 1);
    hsm_write_command_mac(begin(f, HSM_COMMAND_MAC), &m);
    assert_status(execute(f), HSM_BAD_REQUEST);
    m.nonce = BYTES_OF(nonce);
    m.key = BYTES("D0016D0AB00E0000");
    hsm_write_command_mac(begin(f, HSM_COMMAND_MAC), &m);
    assert_status(execute(f), HSM_BAD_KEY_BLOCK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proof_is_what_the_vault_expects),
        cmocka_unit_test(proofs_that_are_not_made),
        cmocka_unit_test(the_pepper_never_leaves),
        cmocka_unit_test(anchors),
        cmocka_unit_test(commands_are_for_one_device),
    };
    return cmocka_run_group_tests_name("hsm_recovery", tests, open_hsm, close_hsm);
}
