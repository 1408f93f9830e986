/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vault that has only its factory's key (S139, S140, DV-01): the words that it asks with are
 * believed as its own and as nothing else; what it is given is taken whole or refused, once; cut
 * at every call to its store it is nobody's or somebody's; the first passwords are told to nobody.
 */
#include "lib/auth/factory.h"
#include "lib/wire/json.h"
#include "lib/wire/vault_protocol_activation.h"
#include "tests/unit/vault_rig.h"

static enum vault_status ask(struct rig *rig, const char *way, const char *code, const char *step,
                             struct vault_activation_words *ret)
{
    const struct vault_activation_ask in = {bytes_text(way), bytes_text(code), bytes_text(step)};
    vault_write_activation_ask(rig_ask(rig, VAULT_ACTIVATION_ASK), &in);
    enum vault_status status = rig_send(rig);
    if (status == VAULT_OK) assert_ok(vault_read_activation_words(&rig->answer, ret));
    return status;
}

static void test_its_words_are_its_own(void **state)
{
    (void)state;
    struct rig *rig = rig_new(61);
    struct vault_activation_words words = {{0}};
    uint8_t csr[IDENTITY_PEM_MAX], device[TRANSPORT_KEY_BYTES], print[FACTORY_PRINT];
    uint8_t own[CRYPTO_SHA256_BYTES];
    char name[IDENTITY_NAME_MAX + 1];
    struct writer w = writer_over(csr, sizeof csr);
    assert_int_equal(ask(rig, "code", "12345678", "show", &words), VAULT_NOT_READY);
    assert_ok(vault_initialise(rig->vault, BYTES(RIG_SERIAL), BYTES("TB-1"), &w, device));
    assert_ok(identity_describe(writer_view(&w), name, own));
    rig_restart(rig); /* what a factory does, and then a shop */
    assert_int_equal(ask(rig, "code", "12345678", "show", &words), VAULT_OK);
    assert_true(bytes_equal(words.transport, BYTES_OF(device)));
    struct factory_words said = {.serial = BYTES(RIG_SERIAL),
                                 .model = BYTES("TB-1"),
                                 .way = BYTES("code"),
                                 .code = BYTES("12345678"),
                                 .step = BYTES("show"),
                                 .transport = device};
    assert_ok(factory_check(words.request, words.signature, &said, print));
    assert_memory_equal(print, own, sizeof print); /* the print that the maker has reported */
    said.step = BYTES("bind");
    assert_err(factory_check(words.request, words.signature, &said, print), MAC);
    said.step = BYTES("show");
    said.code = BYTES("12345679");
    assert_err(factory_check(words.request, words.signature, &said, print), MAC);
    assert_int_equal(ask(rig, "code", "1\n2", "show", &words), VAULT_BAD_REQUEST);
    assert_int_equal(ask(rig, "code", "12345678901234567", "show", &words), VAULT_BAD_REQUEST);
    rig_free(rig);
}

/* What a host gives, as provision.json has it; member `name` is `change`. */
static struct bytes given(const struct vault_provision *p, const char *name, const char *change)
{
    static char text[8192];
    const struct {
        const char *name;
        struct bytes value;
        bool hex;
    } members[] = {{"tid", p->tid, false},
                   {"mid", p->mid, false},
                   {"merchant_zh", p->merchant_zh, false},
                   {"merchant_en", p->merchant_en, false},
                   {"certificate", p->certificate, false},
                   {"authority", p->authority, false},
                   {"hsm_public", p->hsm_public, true},
                   {"master_key", p->master_key, true},
                   {"kcv", p->kcv, true},
                   {"recovery_key", p->recovery_key, true},
                   {"recovery_kcv", p->recovery_kcv, true},
                   {"policy_signer", p->policy_signer, true},
                   {"policy", p->policy, false}};
    struct writer w = writer_over(text, sizeof text);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        bool changed = name != NULL && strcmp(name, members[i].name) == 0;
        if (changed) json_member_string(&j, name, change);
        else if (members[i].hex) json_member_hex(&j, members[i].name, members[i].value);
        else json_member_text(&j, members[i].name, members[i].value);
    }
    json_object_end(&j);
    assert_int_equal(w.fault, ERR_OK);
    return writer_view(&w);
}

static void test_what_it_is_given_is_taken_once(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {{"tid", "10000018"},   {"kcv", "00000000"},
                                           {"master_key", "00"},  {"certificate", "x"},
                                           {"policy_signer", ""}, {"hsm_public", "0011"},
                                           {"mid", ""},           {"recovery_key", "00"}};
    struct rig *rig = rig_new(62);
    struct vault_activation_words words = {{0}};
    struct vault_provision p = rig_prepare(rig, KEY_AES128);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(rig_bytes(rig, VAULT_ACTIVATE, given(&p, wrong[i][0], wrong[i][1])),
                         VAULT_NOT_ALLOWED);
        assert_int_equal(rig_status(rig).provisioned, 0);
    }
    assert_int_equal(rig_bytes(rig, VAULT_ACTIVATE, BYTES("nonsense")), VAULT_NOT_ALLOWED);
    assert_int_equal(rig_bytes(rig, VAULT_ACTIVATE, given(&p, NULL, NULL)), VAULT_OK);
    assert_ok(reader_finish(&rig->answer)); /* no password in it */
    assert_int_equal(rig_status(rig).provisioned, 1);
    assert_int_equal(rig_bytes(rig, VAULT_ACTIVATE, given(&p, NULL, NULL)), VAULT_NOT_ALLOWED);
    assert_int_equal(ask(rig, "code", "12345678", "show", &words), VAULT_NOT_ALLOWED);
    rig_free(rig);
}

struct reaper {
    int left;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? ERR(CRASHED) : OK;
}

static void test_cut_anywhere(void **state)
{
    (void)state;
    for (int cut = 0;; cut++) {
        struct rig *rig = rig_new(63);
        struct reaper reaper = {cut};
        struct vault_provision p = rig_prepare(rig, KEY_AES128);
        struct bytes document = given(&p, NULL, NULL);
        store_set_fault(vault_store(rig->vault), reap, &reaper);
        enum vault_status status = rig_bytes(rig, VAULT_ACTIVATE, document);
        bool over = reaper.left >= 0;
        store_set_fault(vault_store(rig->vault), NULL, NULL);
        if (!over) rig_restart(rig);
        bool taken = rig_status(rig).provisioned == 1;
        if (status == VAULT_OK) assert_true(taken);
        if (!taken) assert_int_equal(rig_bytes(rig, VAULT_ACTIVATE, document), VAULT_OK);
        assert_int_equal(rig_status(rig).provisioned, 1);
        rig_free(rig);
        if (!over) continue;
        assert_true(cut > 20);
        return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_its_words_are_its_own),
        cmocka_unit_test(test_what_it_is_given_is_taken_once),
        cmocka_unit_test(test_cut_anywhere),
    };
    return cmocka_run_group_tests_name("vault_activation", tests, NULL, NULL);
}
