/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S118, S75: parameters of chip cards in the vault. The power goes at every call to its store while
 * they are loaded: afterwards the old ones are in force or the new ones, whole. Nobody else's
 * signature counts, and what is in force is told with its digest.
 */
#include "lib/emv/parameters_text.h"
#include "tests/unit/vault_chip_rig.h"

static uint8_t document[EMV_PARAMETERS_MAX + 512];

/* The demo's text with this number behind these lines, signed by `secret`. */
static struct bytes demo_behind(const char *head, uint32_t number, const uint8_t *secret)
{
    static char text[65536];
    static uint8_t tlv[EMV_PARAMETERS_MAX];
    static struct emv_parameters parsed;
    struct emv_parameters_text_fault fault = {0};
    FILE *file = fopen("simulators/parameters/demo.parameters", "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    struct writer t = writer_over(tlv, sizeof tlv);
    assert_ok(emv_parameters_text(bytes_of(text, len), number, &t, &parsed, &fault));
    struct writer w = writer_over(document, sizeof document);
    write_bytes(&w, bytes_text(head));
    write_bytes(&w, writer_view(&t));
    policy_signature_write(&w, secret);
    assert_int_equal(w.fault, ERR_OK);
    return writer_view(&w);
}

static struct bytes demo(uint32_t number, const uint8_t *secret)
{
    return demo_behind("tongbao-parameters 1\n", number, secret);
}

static struct rig *provisioned(void)
{
    struct rig *rig = rig_new(7);
    rig_provision(rig, KEY_AES128);
    return rig;
}

static void the_demos_parameters(void **state)
{
    (void)state;
    struct rig *rig = provisioned();
    struct vault_status_answer said = rig_status(rig);
    assert_int_equal(said.parameters_number, 0);
    assert_int_equal(said.parameters_digest.len, 0);

    struct bytes signed_document = demo(3, rig->policy_secret);
    uint8_t digest[CRYPTO_SHA256_BYTES];
    crypto_sha256(signed_document, digest);
    struct vault_parameters_loaded loaded = chip_load(rig, signed_document, 511);
    assert_int_equal(loaded.verdict, VAULT_PARAMETERS_OK);
    assert_int_equal(loaded.number, 3);
    for (int restarted = 0; restarted < 2; restarted++) {
        said = rig_status(rig);
        assert_int_equal(said.parameters_number, 3);
        assert_true(bytes_equal(said.parameters_digest, BYTES_OF(digest)));
        rig_restart(rig);
    }
    rig_free(rig);
}

/* Another acquirer's key: its documents are well-formed, and nothing to us. */
static void another_signer(void **state)
{
    (void)state;
    struct rig *rig = provisioned();
    uint8_t signer[POLICY_SIGNER_BYTES], secret[POLICY_SIGNER_SECRET_BYTES];
    struct random_seeded seed;
    random_seed(&seed, 99);
    const struct random random = random_from_seed(&seed);
    policy_signer_make(&random, signer, secret);
    assert_int_equal(chip_load(rig, demo(2, rig->policy_secret), 511).verdict, VAULT_PARAMETERS_OK);
    assert_int_equal(chip_load(rig, demo(9, secret), 511).verdict, VAULT_PARAMETERS_BAD_SIGNATURE);
    assert_int_equal(chip_load(rig, demo(1, rig->policy_secret), 511).verdict,
                     VAULT_PARAMETERS_OLDER);
    assert_int_equal(rig_status(rig).parameters_number, 2);
    rig_free(rig);
}

/* What was published for one model is for no other, and for its own as good as any. */
static void another_model(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        uint8_t verdict;
    } row[] = {
        {"tongbao-parameters 1\nmodel TB-1\n", VAULT_PARAMETERS_OK},
        {"tongbao-parameters 1\nmodel TB-2\n", VAULT_PARAMETERS_OTHER_MODEL},
        {"tongbao-parameters 1\nmodel TB-12K\n", VAULT_PARAMETERS_OTHER_MODEL},
        {"tongbao-parameters 1\nmodel \n", VAULT_PARAMETERS_OTHER_MODEL},
        {"tongbao-parameters 1\nmodel TB-1\nmodel TB-1\n", VAULT_PARAMETERS_REFUSED},
        {"model TB-1\ntongbao-parameters 1\n", VAULT_PARAMETERS_REFUSED},
        {"tongbao-parameters 2\n", VAULT_PARAMETERS_REFUSED},
    };
    struct rig *rig = provisioned();
    assert_true(bytes_equal(rig_status(rig).model, BYTES("TB-1")));
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct bytes bytes = demo_behind(row[i].head, (uint32_t)i + 1, rig->policy_secret);
        assert_int_equal(chip_load(rig, bytes, 511).verdict, row[i].verdict);
        assert_int_equal(rig_status(rig).parameters_number, 1);
    }
    rig_restart(rig);
    assert_int_equal(rig_status(rig).parameters_number, 1);
    rig_free(rig);
}

struct reaper {
    int left; /* calls that still succeed */
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? (err){reaper->with} : OK;
}

/* The parts of `bytes` until all are in or the store fails. */
static bool load_until_struck(struct rig *rig, struct bytes bytes)
{
    for (size_t at = 0; at < bytes.len; at += 511) {
        size_t len = bytes.len - at < 511 ? bytes.len - at : 511;
        const struct vault_parameters_part m = {(uint32_t)bytes.len, (uint32_t)at,
                                                bytes_of(bytes.at + at, len)};
        vault_write_parameters_part(rig_ask(rig, VAULT_PARAMETERS_LOAD), &m);
        (void)rig_send(rig);
        if (FAILED(rig->executed)) return false;
    }
    return true;
}

static void cut(enum err_code with)
{
    int cuts = 0;
    bool old = false, new = false;
    for (bool struck = true; struck; cuts++) {
        struct rig *rig = provisioned();
        struct reaper reaper = {-1, with};
        assert_int_equal(chip_load(rig, demo(4, rig->policy_secret), 511).number, 4);
        struct bytes next = demo(5, rig->policy_secret);
        uint8_t digest[CRYPTO_SHA256_BYTES];
        crypto_sha256(next, digest);
        reaper.left = cuts;
        store_set_fault(vault_store(rig->vault), reap, &reaper);
        bool done = load_until_struck(rig, next);
        struck = reaper.left < 0;
        store_set_fault(vault_store(rig->vault), NULL, NULL);
        assert_true(done || struck);
        rig_restart(rig); /* it starts: what is stored is whole */
        struct vault_status_answer said = rig_status(rig);
        assert_true(said.parameters_number == 4 || said.parameters_number == 5);
        if (!struck) assert_int_equal(said.parameters_number, 5);
        bool is_new = bytes_equal(said.parameters_digest, BYTES_OF(digest));
        assert_int_equal(is_new, said.parameters_number == 5);
        if (struck && is_new) new = true;
        if (struck && !is_new) old = true;
        /* And whatever it was, the new ones are taken now. */
        assert_int_equal(chip_load(rig, next, 511).verdict, VAULT_PARAMETERS_OK);
        rig_free(rig);
    }
    assert_true(cuts > 5 && old);
    if (with == ERR_CRASHED) assert_true(new); /* cut behind the commit */
}

static void the_power_goes_at_every_call(void **state)
{
    (void)state;
    cut(ERR_CRASHED);
}

static void the_disk_is_full_at_every_call(void **state)
{
    (void)state;
    cut(ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_demos_parameters),
        cmocka_unit_test(another_signer),
        cmocka_unit_test(another_model),
        cmocka_unit_test(the_power_goes_at_every_call),
        cmocka_unit_test(the_disk_is_full_at_every_call),
    };
    return cmocka_run_group_tests_name("vault_parameters", tests, NULL, NULL);
}
