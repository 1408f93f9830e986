/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of parameters at the vault (S118): taken once and only upwards, under numbers of their
 * own; altered, of another device or of nobody's hsm, each is refused; and a power cut anywhere.
 */
#include "lib/auth/token.h"
#include "lib/wire/vault_protocol_command.h"
#include "tests/unit/vault_people_rig.h"
#include "vault/state.h"

struct given {
    uint64_t number;
    const char *document;
    uint8_t nonce[RECOVERY_NONCE_BYTES], mac[RECOVERY_PROOF_BYTES];
};

/* As the hsm proves it for this serial number. */
static struct given given_for(struct rig *rig, uint64_t number, const char *document,
                              const char *serial)
{
    struct given g = {.number = number, .document = document};
    uint8_t digest[TOKEN_HASH_BYTES], hex[2 * TOKEN_HASH_BYTES];
    struct writer w = writer_over(hex, sizeof hex);
    memset(g.nonce, (int)number, sizeof g.nonce);
    token_digest("tongbao parameters v1", bytes_text(document), digest);
    write_hex(&w, BYTES_OF(digest));
    const struct recovery_command command = {BYTES(RIG_TID),      bytes_text(serial),
                                             BYTES("parameters"), writer_view(&w),
                                             BYTES_OF(g.nonce),   number};
    assert_ok(recovery_command_mac(&rig->crypto, &rig->recovery, &command, g.mac));
    return g;
}

static struct given given_of(struct rig *rig, uint64_t number, const char *document)
{
    return given_for(rig, number, document, RIG_SERIAL);
}

static enum vault_status send(struct rig *rig, uint8_t command, const char *kind,
                              const struct given *g, uint8_t *ret_verdict)
{
    const struct vault_command_ask ask = {g->number, bytes_text(kind), BYTES_OF(g->nonce),
                                          bytes_text(g->document), BYTES_OF(g->mac)};
    struct vault_command_said said = {255};
    vault_write_command_ask(rig_ask(rig, command), &ask);
    enum vault_status status = rig_send(rig);
    if (status == VAULT_OK) assert_ok(vault_read_command_said(&rig->answer, &said));
    *ret_verdict = said.verdict;
    return status;
}

static uint8_t told(struct rig *rig, const struct given *g)
{
    uint8_t verdict = 255;
    assert_status(send(rig, VAULT_PARAMETERS_CHECK, "parameters", g, &verdict), VAULT_OK);
    return verdict;
}

#define TIP_ON  "tongbao parameters 1\ntip 1\n"
#define TIP_OFF "tongbao parameters 1\ntip 0\n"

static void a_number_is_taken_once_and_only_upwards(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(700);
    struct given first = given_of(rig, 3, TIP_ON), later = given_of(rig, 9, TIP_OFF);
    struct given between = given_of(rig, 5, TIP_ON), same = given_of(rig, 9, TIP_ON);
    assert_int_equal(told(rig, &first), VAULT_COMMAND_TAKEN);
    assert_int_equal(told(rig, &first), VAULT_COMMAND_BEFORE);
    assert_int_equal(told(rig, &later), VAULT_COMMAND_TAKEN);
    assert_int_equal(told(rig, &between), VAULT_COMMAND_OLD);
    assert_int_equal(told(rig, &first),
                     VAULT_COMMAND_OLD); /* a roll-back has a number of its own */
    assert_int_equal(told(rig, &same), VAULT_COMMAND_OLD);
    rig_restart(rig);
    rig_panel(rig);
    assert_int_equal(told(rig, &later), VAULT_COMMAND_BEFORE);
    assert_int_equal(told(rig, &first), VAULT_COMMAND_OLD);
    assert_int_equal(rig_logged(rig, "parameters_taken", NULL, NULL), 2);
    rig_free(rig);
}

static void what_was_altered_is_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(701);
    struct given good = given_of(rig, 3, TIP_ON), bad = good;
    bad.document = TIP_OFF;
    assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
    bad = good;
    bad.number = 4;
    assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
    bad = given_for(rig, 3, TIP_ON, "TB1-00004712");
    assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
    for (size_t bit = 0; bit < 8 * sizeof good.mac; bit++) {
        bad = good;
        bad.mac[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
        bad = good;
        bad.nonce[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
    }
    assert_int_equal(told(rig, &good), VAULT_COMMAND_TAKEN); /* nothing was used up by that */
    rig_free(rig);
}

/* What proves the one proves nothing of the other, and the numbers are apart. */
static void it_is_no_command(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(702);
    uint8_t verdict = 255;
    struct given good = given_of(rig, 3, TIP_ON);
    assert_status(send(rig, VAULT_COMMAND_CHECK, "parameters", &good, &verdict), VAULT_OK);
    assert_int_equal(verdict, VAULT_COMMAND_FORGED);
    struct given digest = good;
    char hex[2 * TOKEN_HASH_BYTES + 1];
    uint8_t hash[TOKEN_HASH_BYTES];
    struct writer w = writer_over((uint8_t *)hex, sizeof hex - 1);
    token_digest("tongbao parameters v1", bytes_text(good.document), hash);
    write_hex(&w, BYTES_OF(hash));
    hex[w.len] = '\0';
    digest.document = hex; /* the very text that the MAC is of */
    assert_status(send(rig, VAULT_COMMAND_CHECK, "parameters", &digest, &verdict), VAULT_OK);
    assert_int_equal(verdict, VAULT_COMMAND_FORGED);
    assert_status(send(rig, VAULT_PARAMETERS_CHECK, "lock", &good, &verdict), VAULT_BAD_REQUEST);
    assert_int_equal(told(rig, &good), VAULT_COMMAND_TAKEN);
    struct given lock = {.number = 1, .document = ""};
    const struct recovery_command command = {BYTES(RIG_TID), BYTES(RIG_SERIAL),    BYTES("lock"),
                                             BYTES(""),      BYTES_OF(lock.nonce), 1};
    assert_ok(recovery_command_mac(&rig->crypto, &rig->recovery, &command, lock.mac));
    assert_status(send(rig, VAULT_COMMAND_CHECK, "lock", &lock, &verdict), VAULT_OK);
    assert_int_equal(verdict, VAULT_COMMAND_TAKEN);
    rig_free(rig);
}

struct reaper {
    int left;
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    if (reaper->left-- == 0) return (err){reaper->with};
    return OK;
}

/* Taken or not, wherever it is cut; told again it is what it was, and an older one never comes. */
static void wherever_taking_is_cut(void **state)
{
    (void)state;
    unsigned cuts = 0;
    for (int n = 0;; n++) {
        struct rig *rig = rig_shop(703);
        struct reaper reaper = {n, n % 2 == 0 ? ERR_CRASHED : ERR_FULL};
        struct given before = given_of(rig, 2, TIP_OFF), g = given_of(rig, 5, TIP_ON);
        uint8_t verdict = 255;
        assert_int_equal(told(rig, &before), VAULT_COMMAND_TAKEN);
        store_set_fault(vault_store(rig->vault), reap, &reaper);
        (void)send(rig, VAULT_PARAMETERS_CHECK, "parameters", &g, &verdict);
        store_set_fault(vault_store(rig->vault), NULL, NULL);
        bool struck = reaper.left < 0;
        if (FAILED(rig->executed)) rig_restart(rig);
        rig_panel(rig);
        if (!struck) assert_int_equal(verdict, VAULT_COMMAND_TAKEN);
        uint8_t again = told(rig, &g);
        if (verdict == VAULT_COMMAND_TAKEN) assert_int_equal(again, VAULT_COMMAND_BEFORE);
        else assert_true(again == VAULT_COMMAND_TAKEN || again == VAULT_COMMAND_BEFORE);
        assert_int_equal(told(rig, &before), VAULT_COMMAND_OLD);
        rig_free(rig);
        if (!struck) break;
        cuts++;
    }
    assert_true(cuts > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_taken_once_and_only_upwards),
        cmocka_unit_test(what_was_altered_is_refused),
        cmocka_unit_test(it_is_no_command),
        cmocka_unit_test(wherever_taking_is_cut),
    };
    return cmocka_run_group_tests_name("vault_device_parameters", tests, NULL, NULL);
}
