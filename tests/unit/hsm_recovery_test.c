/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hsm does for passwords: proofs that a vault with the same key accepts, the pepper of the
 * console, the anchor; and what it refuses. S41, S43, CR-08, CR-18.
 */
#include "lib/crypto/agreement.h"
#include "lib/crypto/backup_seal.h"
#include "lib/crypto/pepper.h"
#include "lib/crypto/recovery.h"
#include "lib/wire/hsm_protocol_restore.h"
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

/* ---- S124: a backup is opened for another device ---- */

/* What a vault asks, and the bundle that it is about. */
struct restore_case {
    struct text block;
    struct key key;
    struct transport_pair sender, vault;
    uint8_t wrapped[BACKUP_WRAPPED_BYTES], nonce[RECOVERY_NONCE_BYTES], mac[RECOVERY_PROOF_BYTES];
    uint8_t hsm[TRANSPORT_KEY_BYTES];
    struct hsm_restore m;
};

static const struct backup_key data_key = {{7, 7, 7}};
#define BUNDLE "TB1-00004711|12"

static void restore_case(struct fixture *f, struct restore_case *c)
{
    struct hsm_status_answer said;
    struct writer w = writer_over(c->wrapped, sizeof c->wrapped);
    *c = (struct restore_case){.nonce = {9}};
    c->block = recovery_key(f, &c->key);
    begin(f, HSM_STATUS);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_status_answer(&f->answer, &said));
    memcpy(c->hsm, said.hsm_public.at, sizeof c->hsm);
    transport_generate(&f->crypto, &c->sender);
    transport_generate(&f->crypto, &c->vault);
    assert_ok(backup_key_wrap(&f->crypto, &c->sender, c->hsm, BYTES(BUNDLE), &data_key, &w));
    const struct recovery_restore asked = {BYTES("10000017"), BYTES(BUNDLE), BYTES_OF(c->nonce),
                                           BYTES_OF(c->vault.public_key)};
    assert_ok(recovery_restore_mac(&f->crypto, &c->key, &asked, c->mac));
    c->m = (struct hsm_restore){.number = 12,
                                .key = view(&c->block),
                                .tid = BYTES("10000017"),
                                .serial = BYTES("TB1-00004711"),
                                .sender = BYTES_OF(c->sender.public_key),
                                .wrapped = BYTES_OF(c->wrapped),
                                .public_key = BYTES_OF(c->vault.public_key),
                                .nonce = BYTES_OF(c->nonce),
                                .mac = BYTES_OF(c->mac),
                                .first = BYTES("3 Li Lei"),
                                .second = BYTES("4 Han Meimei")};
}

static enum hsm_status restore(struct fixture *f, const struct hsm_restore *m)
{
    hsm_write_restore(begin(f, HSM_RESTORE), m);
    return execute(f);
}

static void a_backup_is_opened_for_the_vault_that_asked(void **state)
{
    struct fixture *f = *state;
    struct restore_case c;
    struct backup_key opened;
    struct bytes grant;
    char block[BACKUP_GRANT_LABEL_MAX];
    struct writer label = writer_over(block, sizeof block);
    restore_case(f, &c);
    assert_status(restore(f, &c.m), HSM_OK);
    assert_ok(hsm_read_bytes(&f->answer, &grant));
    backup_grant_label(BYTES(BUNDLE), BYTES_OF(c.nonce), &label);
    assert_ok(backup_key_unwrap(&c.vault, BYTES_OF(c.hsm), writer_view(&label), grant, &opened));
    assert_memory_equal(opened.at, data_key.at, sizeof opened.at);
    /* With another nonce, or for somebody else, it is nothing. */
    assert_true(
        FAILED(backup_key_unwrap(&c.vault, BYTES_OF(c.hsm), BYTES(BUNDLE), grant, &opened)));
    assert_true(
        FAILED(backup_key_unwrap(&c.sender, BYTES_OF(c.hsm), writer_view(&label), grant, &opened)));
    assert_non_null(strstr(f->logged, "backup_opened"));
    assert_non_null(strstr(f->logged, "Han Meimei"));
}

static void a_backup_is_opened_for_nobody_else(void **state)
{
    struct fixture *f = *state;
    struct restore_case c;
    struct transport_pair thief;
    struct key other_key = {0};
    uint8_t altered[BACKUP_WRAPPED_BYTES];
    size_t before = strlen(f->logged);
    restore_case(f, &c);
    transport_generate(&f->crypto, &thief);
    struct text other = recovery_key(f, &other_key);
    struct hsm_restore m = c.m;
    m.public_key = BYTES_OF(thief.public_key); /* in the place of the vault's */
    assert_status(restore(f, &m), HSM_BAD_MAC);
    m = c.m;
    m.key = view(&other); /* of another device */
    assert_status(restore(f, &m), HSM_BAD_MAC);
    m = c.m;
    m.number = 13; /* another bundle than it asked for */
    assert_status(restore(f, &m), HSM_BAD_MAC);
    m = c.m;
    memcpy(altered, c.wrapped, sizeof altered);
    altered[60] ^= 1;
    m.wrapped = BYTES_OF(altered);
    assert_status(restore(f, &m), HSM_BAD_ENVELOPE);
    m = c.m;
    m.second = m.first; /* one person, twice */
    assert_status(restore(f, &m), HSM_NOT_ALLOWED);
    m.second = (struct bytes){0};
    assert_status(restore(f, &m), HSM_NOT_ALLOWED);
    m = c.m;
    m.nonce = bytes_of(c.nonce, 3);
    assert_status(restore(f, &m), HSM_BAD_REQUEST);
    assert_null(strstr(f->logged + before, "backup_opened"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proof_is_what_the_vault_expects),
        cmocka_unit_test(proofs_that_are_not_made),
        cmocka_unit_test(the_pepper_never_leaves),
        cmocka_unit_test(anchors),
        cmocka_unit_test(commands_are_for_one_device),
        cmocka_unit_test(a_backup_is_opened_for_the_vault_that_asked),
        cmocka_unit_test(a_backup_is_opened_for_nobody_else),
    };
    return cmocka_run_group_tests_name("hsm_recovery", tests, open_hsm, close_hsm);
}
