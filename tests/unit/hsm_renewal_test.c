/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hsm's commands for certificates of devices (S123): what was certified before is given another
 * end, and nothing else is ever certified, whoever asks.
 */
#include "lib/crypto/identity.h"
#include "lib/wire/hsm_protocol_renewal.h"
#include "tests/unit/hsm_fixture.h"

#define DAY_MS   INT64_C(86400000)
#define START_MS INT64_C(1800000000000)
#define TID      "10000017"

struct pem {
    char at[IDENTITY_PEM_MAX];
    size_t len;
};

static struct bytes of(const struct pem *pem)
{
    return bytes_of(pem->at, pem->len);
}

struct device {
    struct identity_key key;
    struct pem certificate, request;
    uint8_t print[HSM_PRINT_BYTES];
};

struct scene {
    struct fixture *f;
    struct identity_key authority_key;
    struct pem authority, secret;
    uint8_t blob[HSM_AUTHORITY_BLOB_MAX];
    size_t blob_len;
    struct device own, other;
};

static void make_device(struct scene *s, struct device *d, const char *tid)
{
    char name[IDENTITY_NAME_MAX + 1];
    const struct identity_subject subject = {.common_name = bytes_text(tid),
                                             .role = IDENTITY_CLIENT,
                                             .not_before_ms = START_MS - 100 * DAY_MS,
                                             .not_after_ms = START_MS};
    struct writer request = writer_over(d->request.at, sizeof d->request.at);
    struct writer w = writer_over(d->certificate.at, sizeof d->certificate.at);
    assert_ok(identity_key_generate(&d->key));
    assert_ok(identity_request(&d->key, bytes_text(tid), &request));
    d->request.len = request.len;
    assert_ok(identity_issue(&s->authority_key, of(&s->authority), of(&d->request), &subject, &w));
    d->certificate.len = w.len;
    assert_ok(identity_describe(of(&d->certificate), name, d->print));
}

static enum hsm_status seal(struct scene *s, struct bytes pem)
{
    struct bytes blob;
    hsm_write_bytes(begin(s->f, HSM_AUTHORITY_SEAL), pem);
    enum hsm_status status = execute(s->f);
    if (status != HSM_OK) return status;
    assert_ok(hsm_read_bytes(&s->f->answer, &blob));
    memcpy(s->blob, blob.at, blob.len);
    s->blob_len = blob.len;
    return status;
}

static int open_scene(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    open_hsm((void **)&s->f);
    struct writer a = writer_over(s->authority.at, sizeof s->authority.at);
    struct writer k = writer_over(s->secret.at, sizeof s->secret.at);
    assert_ok(identity_key_generate(&s->authority_key));
    assert_ok(identity_make_authority(&s->authority_key, BYTES("authority"),
                                      START_MS - 900 * DAY_MS, START_MS + 3000 * DAY_MS, &a));
    assert_ok(identity_key_write(&s->authority_key, &k));
    s->authority.len = a.len;
    s->secret.len = k.len;
    make_device(s, &s->own, TID);
    make_device(s, &s->other, "10000018");
    assert_status(seal(s, of(&s->secret)), HSM_OK);
    *state = s;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *s = *state;
    identity_key_free(&s->authority_key);
    identity_key_free(&s->own.key);
    identity_key_free(&s->other.key);
    close_hsm((void **)&s->f);
    free(s);
    return 0;
}

static struct hsm_renewal ask_of(const struct scene *s)
{
    return (struct hsm_renewal){.not_before_ms = START_MS + 30 * DAY_MS,
                                .not_after_ms = START_MS + 400 * DAY_MS,
                                .blob = bytes_of(s->blob, s->blob_len),
                                .authority = of(&s->authority),
                                .certificate = of(&s->own.certificate),
                                .request = of(&s->own.request),
                                .tid = BYTES(TID),
                                .print = BYTES_OF(s->own.print)};
}

static enum hsm_status renew(struct scene *s, const struct hsm_renewal *m, struct bytes *ret)
{
    hsm_write_renewal(begin(s->f, HSM_RENEW), m);
    enum hsm_status status = execute(s->f);
    if (status == HSM_OK) assert_ok(hsm_read_bytes(&s->f->answer, ret));
    return status;
}

/* S123: after it has ended: the same name, the same key, another end. */
static void a_dead_certificate_is_renewed(void **state)
{
    struct scene *s = *state;
    struct hsm_renewal m = ask_of(s);
    struct bytes made;
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES];
    int64_t end_ms = 0;
    assert_status(renew(s, &m, &made), HSM_OK);
    assert_ok(identity_describe(made, name, print));
    assert_string_equal(name, TID);
    assert_memory_equal(print, s->own.print, sizeof print);
    assert_ok(identity_expiry(made, &end_ms));
    assert_int_equal(end_ms, m.not_after_ms);
    assert_ok(identity_verify(of(&s->authority), made, IDENTITY_CLIENT, START_MS + 200 * DAY_MS));
}

/* What is changed of the question, and what it gets. */
static void nothing_else_is_certified(void **state)
{
    struct scene *s = *state;
    struct scene *foreign = NULL;
    struct bytes made;
    struct hsm_renewal good = ask_of(s), m;
    open_scene((void **)&foreign);
    assert_status(renew(s, &good, &made), HSM_OK);
#define REFUSED(status, ...)                        \
    do {                                            \
        m = good;                                   \
        __VA_ARGS__;                                \
        assert_status(renew(s, &m, &made), status); \
    } while (0)
    /* another device's request, certificate, name, key */
    REFUSED(HSM_BAD_VALUE, m.request = of(&s->other.request));
    REFUSED(HSM_BAD_VALUE, m.certificate = of(&s->other.certificate));
    REFUSED(HSM_BAD_VALUE, m.tid = BYTES("10000018"));
    REFUSED(HSM_BAD_VALUE, m.print = BYTES_OF(s->other.print));
    REFUSED(HSM_BAD_VALUE, m.request = of(&s->other.request);
            m.certificate = of(&s->other.certificate));
    /* a certificate is public: it is no request */
    REFUSED(HSM_BAD_REQUEST, m.request = of(&s->own.certificate));
    struct pem both = {.len = 0};
    both.len = (size_t)snprintf(both.at, sizeof both.at,
                                "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
                                "-----END CERTIFICATE REQUEST-----\n%.*s",
                                (int)s->own.certificate.len, s->own.certificate.at);
    REFUSED(HSM_BAD_REQUEST, m.request = of(&both));
    /* of another authority, or one that is not the key's */
    REFUSED(HSM_BAD_VALUE, m.certificate = of(&foreign->own.certificate));
    REFUSED(HSM_BAD_VALUE, m.authority = of(&foreign->authority));
    REFUSED(HSM_BAD_VALUE, m.authority = of(&foreign->authority);
            m.certificate = of(&foreign->own.certificate); m.request = of(&foreign->own.request);
            m.print = BYTES_OF(foreign->own.print));
    REFUSED(HSM_BAD_KEY_BLOCK, m.blob = bytes_of(foreign->blob, foreign->blob_len));
    REFUSED(HSM_BAD_KEY_BLOCK, m.blob = bytes_of(s->blob, s->blob_len - 1));
    /* the authority's own certificate is no device's */
    REFUSED(HSM_BAD_VALUE, m.certificate = of(&s->authority));
    /* times */
    REFUSED(HSM_BAD_VALUE, m.not_after_ms = START_MS - DAY_MS;
            m.not_before_ms = START_MS - 2 * DAY_MS);
    REFUSED(HSM_BAD_REQUEST, m.not_after_ms = m.not_before_ms);
    REFUSED(HSM_BAD_REQUEST,
            m.not_after_ms = m.not_before_ms + (HSM_RENEWAL_DAYS_MAX + 1) * DAY_MS);
    REFUSED(HSM_BAD_REQUEST, m.tid = BYTES("1000001"));
    REFUSED(HSM_BAD_REQUEST, m.print = BYTES(""));
#undef REFUSED
    close_scene((void **)&foreign);
}

/* Each byte of the request counts: what its key has not signed is none. */
static void a_bent_request_is_none(void **state)
{
    struct scene *s = *state;
    struct hsm_renewal m = ask_of(s);
    struct bytes made;
    struct pem bent = s->own.request;
    size_t refused = 0, tried = 0;
    m.request = of(&bent);
    for (size_t i = 60; i + 60 < bent.len; i += 3) {
        char was = bent.at[i];
        if (was == '\n' || was == '=') continue;
        bent.at[i] = was == 'A' ? 'B' : 'A';
        refused += renew(s, &m, &made) != HSM_OK;
        tried++;
        bent.at[i] = was;
    }
    assert_true(tried > 40);
    assert_int_equal(refused, tried);
}

static void only_a_key_of_an_authority_is_sealed(void **state)
{
    struct scene *s = *state;
    static const char zeros[HSM_AUTHORITY_PEM_MAX + 1] = "x";
    assert_status(seal(s, BYTES("")), HSM_BAD_REQUEST);
    assert_status(seal(s, BYTES("-----BEGIN PRIVATE KEY-----\n")), HSM_BAD_REQUEST);
    assert_status(seal(s, of(&s->authority)), HSM_BAD_REQUEST);
    assert_status(seal(s, bytes_of(zeros, sizeof zeros)), HSM_BAD_REQUEST);
    /* And it never comes out: the blob has nothing of it. */
    assert_null(memmem(s->blob, s->blob_len, "PRIVATE", 7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_dead_certificate_is_renewed, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(nothing_else_is_certified, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(a_bent_request_is_none, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(only_a_key_of_an_authority_is_sealed, open_scene,
                                        close_scene),
    };
    return cmocka_run_group_tests_name("hsm_renewal", tests, NULL, NULL);
}
