/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S123: the vault asks for another certificate with its own key, and takes one that is for this key
 * and number, by its authority, and ends later than the one that it has; nothing else.
 */
#include "tests/unit/vault_people_rig.h"

#define DAY_MS INT64_C(86400000)

struct asked {
    char own[IDENTITY_PEM_MAX], request[IDENTITY_PEM_MAX];
};

static struct asked ask(struct rig *rig)
{
    struct asked a;
    struct bytes own, request;
    (void)rig_ask(rig, VAULT_RENEW_ASK);
    assert_status(rig_send(rig), VAULT_OK);
    assert_ok(vault_read_pair(&rig->answer, &own, &request));
    assert_ok(bytes_to_text(own, a.own, sizeof a.own));
    assert_ok(bytes_to_text(request, a.request, sizeof a.request));
    return a;
}

/* A certificate by the rig's authority, or by `key` and `pem` when they are given. */
static const char *issued(struct rig *rig, const char *request, const char *name,
                          enum identity_role role, int64_t end_ms)
{
    static char pem[IDENTITY_PEM_MAX];
    struct identity_key ca = {NULL};
    struct writer w = writer_over(pem, sizeof pem - 1);
    const struct identity_subject subject = {.common_name = bytes_text(name),
                                             .role = role,
                                             .not_before_ms = rig->now_ms - DAY_MS,
                                             .not_after_ms = end_ms};
    assert_ok(identity_key_read(bytes_text(rig->authority_key), &ca));
    assert_ok(identity_issue(&ca, bytes_text(rig->authority), bytes_text(request), &subject, &w));
    identity_key_free(&ca);
    pem[w.len] = '\0';
    return pem;
}

static enum vault_status take(struct rig *rig, const char *pem)
{
    vault_write_bytes(rig_ask(rig, VAULT_RENEW_TAKE), bytes_text(pem));
    return rig_send(rig);
}

static int64_t expiry(struct rig *rig)
{
    struct vault_status_answer m;
    (void)rig_ask(rig, VAULT_STATUS);
    assert_status(rig_send(rig), VAULT_OK);
    assert_ok(vault_read_status_answer(&rig->answer, &m));
    return (int64_t)m.certificate_expiry_ms;
}

static void it_is_asked_for_and_taken(void **state)
{
    (void)state;
    struct rig *rig = rig_new(81);
    rig_provision(rig, KEY_AES128);
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t own[CRYPTO_SHA256_BYTES], print[CRYPTO_SHA256_BYTES];
    int64_t end_ms = rig->now_ms + 1000 * DAY_MS;
    struct asked a = ask(rig);
    assert_string_equal(a.own, rig->certificate);
    assert_ok(identity_describe(bytes_text(a.own), name, own));
    assert_ok(identity_describe_request(bytes_text(a.request), name, print));
    assert_string_equal(name, RIG_TID);
    assert_memory_equal(print, own, sizeof own);
    /* Long after the end of the first one, and over a restart. */
    rig->now_ms += 800 * DAY_MS;
    assert_status(take(rig, issued(rig, a.request, RIG_TID, IDENTITY_CLIENT, end_ms)), VAULT_OK);
    assert_int_equal(expiry(rig), end_ms);
    rig_restart(rig);
    assert_int_equal(expiry(rig), end_ms);
    assert_string_not_equal(ask(rig).own, a.own);
    assert_int_equal(rig_logged(rig, "certificate_renewed", NULL, NULL), 1);
    rig_free(rig);
}

static void nothing_else_is_taken(void **state)
{
    (void)state;
    struct rig *rig = rig_new(82), *other = rig_new(83);
    rig_provision(rig, KEY_AES128);
    rig_provision(other, KEY_AES128);
    struct asked a = ask(rig), b = ask(other);
    int64_t end_ms = expiry(rig), later_ms = end_ms + DAY_MS;
    assert_status(take(rig, ""), VAULT_BAD_REQUEST);
    assert_status(take(rig, a.request), VAULT_BAD_REQUEST);
    assert_status(take(rig, rig->authority), VAULT_BAD_REQUEST);
    /* another key, another number, a server's, another authority's */
    assert_status(take(rig, issued(rig, b.request, RIG_TID, IDENTITY_CLIENT, later_ms)),
                  VAULT_BAD_REQUEST);
    assert_status(take(rig, issued(rig, a.request, "10000018", IDENTITY_CLIENT, later_ms)),
                  VAULT_BAD_REQUEST);
    assert_status(take(rig, issued(rig, a.request, RIG_TID, IDENTITY_SERVER, later_ms)),
                  VAULT_BAD_REQUEST);
    assert_status(take(rig, issued(other, a.request, RIG_TID, IDENTITY_CLIENT, later_ms)),
                  VAULT_BAD_REQUEST);
    /* one that does not end later: an old copy is put back by nobody */
    assert_status(take(rig, a.own), VAULT_NOT_ALLOWED);
    assert_status(take(rig, issued(rig, a.request, RIG_TID, IDENTITY_CLIENT, end_ms - DAY_MS)),
                  VAULT_NOT_ALLOWED);
    assert_int_equal(expiry(rig), end_ms);
    assert_int_equal(rig_logged(rig, "certificate_refused", NULL, NULL), 9);
    assert_int_equal(rig_logged(rig, "certificate_renewed", NULL, NULL), 0);
    rig_free(other);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_asked_for_and_taken),
        cmocka_unit_test(nothing_else_is_taken),
    };
    return cmocka_run_group_tests_name("vault_certificate", tests, NULL, NULL);
}
