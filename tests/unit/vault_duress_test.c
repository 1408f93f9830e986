/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second password for an emergency (CR-37), and phones that say yes (S173): what they open,
 * what they do not, and that nobody at the counter sees the difference.
 */
#include "lib/crypto/approval.h"
#include "lib/crypto/openssl.h" /* signs as a phone does */
#include "tests/unit/vault_people_rig.h"

#define OWN_DURESS "582093"

static int set_up(void **state)
{
    *state = rig_shop(121);
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

static enum vault_status set_duress(struct rig *rig, uint8_t id, const char *text,
                                    uint8_t *ret_verdict)
{
    struct vault_password_answer said;
    rig_enter_for(rig, VAULT_ENTRY_NEW, id, text);
    rig_enter_for(rig, VAULT_ENTRY_REPEAT, id, text);
    vault_write_duress(rig_ask(rig, VAULT_DURESS_SET),
                       &(struct vault_duress){{id, VAULT_ENGLISH}, VAULT_DURESS_CHOOSE});
    enum vault_status status = rig_send(rig);
    if (status != VAULT_OK) return status;
    assert_ok(vault_read_password_answer(&rig->answer, &said));
    *ret_verdict = said.verdict;
    return status;
}

static enum vault_status give_up(struct rig *rig, uint8_t id)
{
    struct vault_password_answer said;
    vault_write_duress(rig_ask(rig, VAULT_DURESS_SET),
                       &(struct vault_duress){{id, VAULT_ENGLISH}, VAULT_DURESS_REMOVE});
    enum vault_status status = rig_send(rig);
    if (status != VAULT_OK) return status;
    assert_ok(vault_read_password_answer(&rig->answer, &said));
    assert_int_equal(said.verdict, VAULT_PASSWORD_OK);
    return status;
}

static void with_duress(struct rig *rig)
{
    uint8_t verdict = 255;
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    assert_status(set_duress(rig, 1, OWN_DURESS, &verdict), VAULT_OK);
    assert_int_equal(verdict, VAULT_PASSWORD_OK);
    rig_logout(rig);
}

/* The same answer but for one bit, the same rows written, the same waits. */
static void test_looks_alike(void **state)
{
    struct rig *rig = *state;
    with_duress(rig);
    rig->now_ms += 60000;
    struct vault_login_answer real = rig_login(rig, 1, OWN_CASHIER);
    size_t real_len = rig->answer.left.len;
    unsigned writes = rig->counter_writes;
    rig->now_ms += 60000;
    struct vault_login_answer duress = rig_login(rig, 1, OWN_DURESS);
    assert_int_equal(rig->counter_writes - writes, 1);
    assert_int_equal(rig->answer.left.len, real_len);
    assert_int_equal(real.duress, 0);
    assert_int_equal(duress.duress, 1);
    assert_int_equal(duress.verdict, real.verdict);
    assert_int_equal(duress.tries_left, real.tries_left);
    assert_int_equal(duress.last_login_ms, rig->now_ms - 60000);
    assert_status(rig_arm(rig), VAULT_OK);
    assert_int_equal(rig_logged(rig, "login", "operator 01", "duress"), 1);
    assert_true(rig_never_shown(rig, OWN_DURESS));
}

static void test_opt_in_and_its_rules(void **state)
{
    struct rig *rig = *state;
    uint8_t verdict = 255;
    assert_int_equal(rig_login(rig, 1, OWN_DURESS).verdict, VAULT_LOGIN_WRONG);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    assert_status(set_duress(rig, 1, OWN_CASHIER, &verdict), VAULT_OK);
    assert_int_equal(verdict, RIG_SAME); /* as the real one */
    assert_status(set_duress(rig, 1, "123456", &verdict), VAULT_OK);
    assert_int_equal(verdict, RIG_RUN);
    assert_status(set_duress(rig, 1, OWN_DURESS, &verdict), VAULT_OK);
    assert_int_equal(verdict, VAULT_PASSWORD_OK);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 1), VAULT_NOT_ALLOWED); /* used up */
    /* The real one cannot become it either. */
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_set(rig, 1, OWN_DURESS, OWN_DURESS), RIG_SAME);
    /* Not before one's own first password, and not by a proof of the host. */
    struct rig_challenge c = rig_recover(rig, 1, VAULT_BY_SMS);
    struct recovery_proof proof = rig_prove(rig, &c, 1, VAULT_BY_SMS);
    assert_int_equal(rig_code(rig, 1, proof.code).verdict, VAULT_PROOF_OK);
    assert_status(set_duress(rig, 1, "264917", &verdict), VAULT_NOT_ALLOWED);
}

/* Who is forced to change the password changes the duress one: the real one stays (CR-37). */
static void test_change_under_duress(void **state)
{
    struct rig *rig = *state;
    with_duress(rig);
    assert_int_equal(rig_login(rig, 1, OWN_DURESS).duress, 1);
    assert_int_equal(rig_set(rig, 1, "264917", "264917"), VAULT_PASSWORD_OK);
    assert_int_equal(rig_login(rig, 1, OWN_DURESS).verdict, VAULT_LOGIN_WRONG);
    assert_int_equal(rig_login(rig, 1, "264917").duress, 1);
    struct vault_login_answer said = rig_login(rig, 1, OWN_CASHIER);
    assert_int_equal(said.verdict, VAULT_LOGIN_OK);
    assert_int_equal(said.duress, 0);
}

/* What opens, and whether it is the real one: '-' nothing, 'r' the real one, 'd' under duress. */
static char opens(struct rig *rig, const char *password)
{
    rig->now_ms += 60000;
    struct vault_login_answer said = rig_login(rig, 1, password);
    return said.verdict != VAULT_LOGIN_OK ? '-' : said.duress ? 'd' : 'r';
}

/* CR-37: given up with the real password; the answer is that of who never had one. */
static void test_given_up(void **state)
{
    struct rig *rig = *state;
    assert_status(give_up(rig, 1), VAULT_NOT_ALLOWED); /* nobody is in */
    assert_int_equal(opens(rig, OWN_CASHIER), 'r');
    assert_status(give_up(rig, 0), VAULT_NOT_ALLOWED); /* not his own */
    assert_status(give_up(rig, 1), VAULT_OK);          /* he has none */
    size_t none_len = rig->answer.left.len;
    assert_status(give_up(rig, 1), VAULT_NOT_ALLOWED); /* the password is asked for each time */
    with_duress(rig);
    assert_int_equal(opens(rig, OWN_CASHIER), 'r');
    assert_status(give_up(rig, 1), VAULT_OK);
    assert_int_equal(rig->answer.left.len, none_len);
    assert_int_equal(opens(rig, OWN_DURESS), '-');
    assert_int_equal(opens(rig, OWN_CASHIER), 'r');
    assert_int_equal(rig_logged(rig, "duress_removed", "operator 01", ""), 2);
    rig->now_ms += (VAULT_CHANGE_WITHIN_S + 1) * 1000;
    assert_status(give_up(rig, 1), VAULT_NOT_ALLOWED);
    vault_write_duress(rig_ask(rig, VAULT_DURESS_SET),
                       &(struct vault_duress){{1, VAULT_ENGLISH}, VAULT_DURESS_REMOVE + 1});
    assert_status(rig_send(rig), VAULT_BAD_REQUEST);
}

/*
 * CR-37: whoever makes him choose or give up "a duress password" is answered as in a session of the
 * real one, can try what was chosen, and changes nothing: the real one stays, the alarm too.
 */
static void test_settings_under_duress(void **state)
{
    struct rig *rig = *state;
    uint8_t verdict = 255;
    static const char *const decoy = "264917", *const next = "917350";
    with_duress(rig);
    assert_int_equal(opens(rig, OWN_DURESS), 'd');
    assert_status(set_duress(rig, 1, OWN_DURESS, &verdict), VAULT_OK);
    assert_int_equal(verdict, RIG_SAME); /* it must differ from what he says is his password */
    assert_status(set_duress(rig, 1, "123456", &verdict), VAULT_OK);
    assert_int_equal(verdict, RIG_RUN);
    assert_status(set_duress(rig, 1, decoy, &verdict), VAULT_OK);
    assert_int_equal(verdict, VAULT_PASSWORD_OK);
    assert_int_equal(opens(rig, decoy), 'd'); /* he tries it: it works */
    assert_int_equal(opens(rig, OWN_DURESS), 'd');
    assert_int_equal(rig_set(rig, 1, decoy, decoy), RIG_SAME); /* neither can become the other */
    assert_int_equal(rig_set(rig, 1, next, next), VAULT_PASSWORD_OK);
    assert_int_equal(opens(rig, OWN_DURESS), '-');
    assert_int_equal(opens(rig, decoy), 'd');
    assert_int_equal(opens(rig, next), 'd');
    assert_status(give_up(rig, 1), VAULT_OK);
    assert_int_equal(opens(rig, decoy), '-'); /* given up, as far as he can see */
    assert_int_equal(opens(rig, next), 'd');
    assert_int_equal(opens(rig, OWN_CASHIER), 'r');
    assert_status(give_up(rig, 1), VAULT_OK);
    assert_int_equal(opens(rig, next), '-');
    assert_int_equal(rig_logged(rig, "duress_removed", "operator 01", "duress"), 1);
    assert_int_equal(rig_logged(rig, "duress_set", "operator 01", "duress"), 1);
    assert_true(rig_never_shown(rig, decoy));
}

/* A given password and a recovery leave none behind. */
static void test_ends_with_a_new_beginning(void **state)
{
    struct rig *rig = *state;
    with_duress(rig);
    struct rig_challenge c = rig_recover(rig, 1, VAULT_BY_SMS);
    struct recovery_proof proof = rig_prove(rig, &c, 1, VAULT_BY_SMS);
    assert_int_equal(rig_code(rig, 1, proof.code).verdict, VAULT_PROOF_OK);
    assert_int_equal(rig_set(rig, 1, "264917", "264917"), VAULT_PASSWORD_OK);
    assert_int_equal(rig_login(rig, 1, OWN_DURESS).verdict, VAULT_LOGIN_WRONG);
    assert_int_equal(rig_login(rig, 1, "264917").verdict, VAULT_LOGIN_OK);
    assert_status(set_duress(rig, 1, OWN_DURESS, &(uint8_t){0}), VAULT_OK);
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_OK);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_RESET, 1);
    assert_int_equal(rig_login(rig, 1, OWN_DURESS).verdict, VAULT_LOGIN_WRONG);
}

/* ---- phones ---- */

struct phone {
    EVP_PKEY *pkey;
    uint8_t public_key[VAULT_PHONE_KEY_BYTES];
};

static struct phone make_phone(void)
{
    struct phone phone = {EVP_EC_gen("P-256"), {0}};
    size_t len = 0;
    assert_non_null(phone.pkey);
    assert_true(EVP_PKEY_get_octet_string_param(phone.pkey, OSSL_PKEY_PARAM_PUB_KEY,
                                                phone.public_key, sizeof phone.public_key, &len));
    assert_int_equal(len, sizeof phone.public_key);
    return phone;
}

/* r and s over SHA-256("tongbao approval v1" | challenge), as WebCrypto gives them. */
static void sign(const struct phone *phone, struct bytes challenge,
                 uint8_t raw[VAULT_PHONE_SIGNATURE_BYTES])
{
    uint8_t text[64], der[80];
    const uint8_t *at = der;
    size_t der_len = sizeof der;
    struct writer w = writer_over(text, sizeof text);
    write_bytes(&w, BYTES("tongbao approval v1"));
    write_bytes(&w, challenge);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_true(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, phone->pkey));
    assert_true(EVP_DigestSign(context, der, &der_len, text, w.len));
    EVP_MD_CTX_free(context);
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
    assert_non_null(signature);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, 32), 32);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + 32, 32), 32);
    ECDSA_SIG_free(signature);
}

struct paired {
    enum vault_status status;
    uint8_t verdict;
    char check[VAULT_PAIR_CHECK_DIGITS + 1];
};

static struct paired pair(struct rig *rig, const uint8_t token[VAULT_GRANT_BYTES],
                          const struct phone *phone, const char *label, uint8_t confirmed)
{
    struct paired out = {.verdict = 255};
    struct vault_pair_answer said;
    const struct vault_pair_finish m = {bytes_of(token, VAULT_GRANT_BYTES),
                                        BYTES_OF(phone->public_key), bytes_text(label), confirmed};
    vault_write_pair_finish(rig_ask(rig, VAULT_PAIR_FINISH), &m);
    out.status = rig_send(rig);
    if (out.status != VAULT_OK) return out;
    assert_ok(vault_read_pair_answer(&rig->answer, &said));
    out.verdict = said.verdict;
    assert_ok(bytes_to_text(said.check, out.check, sizeof out.check));
    return out;
}

static void begin_pairing(struct rig *rig, uint8_t token[VAULT_GRANT_BYTES])
{
    assert_status(rig_plain(rig, VAULT_PAIR_BEGIN), VAULT_OK);
    struct bytes made = rig_answer_bytes(rig);
    assert_int_equal(made.len, VAULT_GRANT_BYTES);
    memcpy(token, made.at, VAULT_GRANT_BYTES);
}

static size_t list_pairs(struct rig *rig, struct vault_pair list[VAULT_PAIRS_MAX])
{
    size_t count = 0;
    assert_status(rig_plain(rig, VAULT_PAIR_LIST), VAULT_OK);
    assert_ok(vault_read_pairs(&rig->answer, list, VAULT_PAIRS_MAX, &count));
    return count;
}

/* A lost telephone: the desk takes it off the list with a recovery, a code by SMS does not. S41
 * S173
 */
static void test_the_desk_lets_phones_go(void **state)
{
    struct rig *rig = *state;
    static const struct {
        uint8_t way;
        size_t left;
    } rows[] = {{VAULT_BY_SMS, 1}, {VAULT_BY_SERVICE, 0}};
    struct vault_pair list[VAULT_PAIRS_MAX];
    uint8_t token[VAULT_GRANT_BYTES];
    struct phone phone = make_phone();
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_OK);
    begin_pairing(rig, token);
    assert_int_equal(pair(rig, token, &phone, "phone", 1).verdict, VAULT_PAIR_OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig_challenge c = rig_recover(rig, 0, rows[i].way);
        struct recovery_proof proof = rig_prove(rig, &c, 0, rows[i].way);
        struct vault_recovery_ended said =
            proof.code[0] == '\0' ? rig_grant(rig, 0, proof.grant) : rig_code(rig, 0, proof.code);
        assert_int_equal(said.verdict, VAULT_PROOF_OK);
        assert_int_equal(list_pairs(rig, list), rows[i].left);
    }
    assert_int_equal(rig_logged(rig, "phones_removed", NULL, "1"), 1);
    EVP_PKEY_free(phone.pkey);
}

static void test_pairing(void **state)
{
    struct rig *rig = *state;
    struct phone phone = make_phone(), other = make_phone();
    struct vault_pair list[VAULT_PAIRS_MAX];
    uint8_t token[VAULT_GRANT_BYTES], wrong[VAULT_GRANT_BYTES] = {0};
    char check[VAULT_PAIR_CHECK_DIGITS + 1];
    assert_status(rig_plain(rig, VAULT_PAIR_BEGIN), VAULT_NOT_ALLOWED);
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_OK);
    assert_int_equal(pair(rig, wrong, &phone, "phone", 0).verdict, VAULT_PAIR_BAD_TOKEN);
    begin_pairing(rig, token);
    assert_int_equal(pair(rig, wrong, &phone, "phone", 1).verdict, VAULT_PAIR_BAD_TOKEN);

    /* Two keys, two checks: somebody between the phone and here would be seen. */
    struct paired seen = pair(rig, token, &phone, "phone", 0);
    assert_int_equal(seen.verdict, VAULT_PAIR_OK);
    approval_check(BYTES_OF(token), BYTES_OF(phone.public_key), check);
    assert_string_equal(seen.check, check);
    assert_string_not_equal(pair(rig, token, &other, "phone", 0).check, check);
    assert_int_equal(list_pairs(rig, list), 0); /* nothing is kept before it is confirmed */
    other.public_key[64] ^= 1;
    assert_int_equal(pair(rig, token, &other, "phone", 1).verdict, VAULT_PAIR_BAD_KEY);
    assert_status(pair(rig, token, &phone, "a\nb", 1).status, VAULT_BAD_REQUEST);
    assert_int_equal(pair(rig, token, &phone, "王店长的手机", 1).verdict, VAULT_PAIR_OK);
    assert_int_equal(pair(rig, token, &phone, "again", 1).verdict, VAULT_PAIR_BAD_TOKEN);
    assert_int_equal(list_pairs(rig, list), 1);
    assert_int_equal(list[0].id, 1);
    assert_true(bytes_equal(list[0].label, BYTES("王店长的手机")));
    assert_int_equal(list[0].added_ms, rig->now_ms);
    begin_pairing(rig, token);
    rig->now_ms += (VAULT_PAIRING_WITHIN_S + 1) * 1000;
    assert_int_equal(pair(rig, token, &phone, "late", 1).verdict, VAULT_PAIR_BAD_TOKEN);

    for (int i = 1; i < VAULT_PAIRS_MAX; i++) {
        begin_pairing(rig, token);
        assert_int_equal(pair(rig, token, &phone, "more", 1).verdict, VAULT_PAIR_OK);
    }
    begin_pairing(rig, token);
    assert_int_equal(pair(rig, token, &phone, "more", 1).verdict, VAULT_PAIR_FULL);
    uint8_t verdict = 255;
    for (int round = 0; round < 2; round++) {
        vault_write_byte(rig_ask(rig, VAULT_PAIR_REMOVE), 3);
        assert_status(rig_send(rig), VAULT_OK);
        assert_ok(vault_read_byte(&rig->answer, &verdict));
        assert_int_equal(verdict, round == 0 ? VAULT_PAIR_OK : VAULT_PAIR_NOT_FOUND);
    }
    assert_int_equal(pair(rig, token, &phone, "more", 1).verdict, VAULT_PAIR_OK);
    EVP_PKEY_free(phone.pkey);
    EVP_PKEY_free(other.pkey);
}

static struct vault_login_answer finish(struct rig *rig, uint8_t id,
                                        const uint8_t signature[VAULT_PHONE_SIGNATURE_BYTES],
                                        enum vault_status *ret_status)
{
    struct vault_login_answer out = {.verdict = 255};
    const struct vault_approval m = {id, bytes_of(signature, VAULT_PHONE_SIGNATURE_BYTES)};
    vault_write_approval(rig_ask(rig, VAULT_APPROVAL_FINISH), &m);
    *ret_status = rig_send(rig);
    if (*ret_status == VAULT_OK) assert_ok(vault_read_login_answer(&rig->answer, &out));
    return out;
}

/* The profile "PIN and a paired phone": the password alone opens nothing. */
static void test_log_in_with_a_phone(void **state)
{
    struct rig *rig = *state;
    struct phone phone = make_phone(), stranger = make_phone();
    uint8_t token[VAULT_GRANT_BYTES], signature[VAULT_PHONE_SIGNATURE_BYTES];
    uint8_t challenge[VAULT_APPROVAL_BYTES];
    enum vault_status status;
    rig_policy(rig, "TB-MP", 2);
    assert_true(policy_of_model(BYTES("TB-MP"), POLICY_CASHIER).approval);
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_OK); /* no phone yet */
    begin_pairing(rig, token);
    assert_int_equal(pair(rig, token, &phone, "phone", 1).verdict, VAULT_PAIR_OK);
    rig_logout(rig);

    for (int round = 0; round < 5; round++) {
        struct vault_login_answer said = rig_login(rig, 1, OWN_CASHIER);
        assert_int_equal(said.verdict, VAULT_LOGIN_NEEDS_APPROVAL);
        assert_int_equal(said.approval.len, sizeof challenge);
        memcpy(challenge, said.approval.at, sizeof challenge);
        vault_write_byte(rig_ask(rig, VAULT_PASSWORD_KEEP), 1);
        assert_status(rig_send(rig), VAULT_NOT_ALLOWED); /* nobody is in */
        sign(round == 1 ? &stranger : &phone, BYTES_OF(challenge), signature);
        if (round == 2) signature[40] ^= 1;
        if (round == 3) rig->now_ms += (VAULT_APPROVAL_WITHIN_S + 1) * 1000;
        said = finish(rig, round == 4 ? 2 : 1, signature, &status);
        if (round == 3) {
            assert_status(status, VAULT_NO_ENTRY);
            continue;
        }
        assert_int_equal(said.verdict, round == 0 ? VAULT_LOGIN_OK : VAULT_LOGIN_WRONG);
        (void)finish(rig, 1, signature, &status);
        assert_status(status, VAULT_NO_ENTRY); /* once */
        rig_logout(rig);
    }
    /* Signed for one challenge, good for no other. */
    sign(&phone, BYTES_OF(challenge), signature);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_NEEDS_APPROVAL);
    assert_int_equal(finish(rig, 1, signature, &status).verdict, VAULT_LOGIN_WRONG);
    assert_int_equal(rig_logged(rig, "approval_refused", "operator 01", "login"), 4);
    EVP_PKEY_free(phone.pkey);
    EVP_PKEY_free(stranger.pkey);
}

int main(void)
{
#define SHOP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SHOP(test_looks_alike),
        SHOP(test_opt_in_and_its_rules),
        SHOP(test_change_under_duress),
        SHOP(test_given_up),
        SHOP(test_settings_under_duress),
        SHOP(test_ends_with_a_new_beginning),
        SHOP(test_pairing),
        SHOP(test_the_desk_lets_phones_go),
        SHOP(test_log_in_with_a_phone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
