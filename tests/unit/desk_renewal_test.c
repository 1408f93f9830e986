/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S123: the rescue channel. Under a clock that goes to the end of a device's certificate and past
 * it: the device asks without a certificate, signed with its key, and gets another; nobody else
 * does, and nothing else can be asked there. The hsm is the real one.
 */
#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/last_words.h"
#include "backoffice/devices/renewal.h"
#include "hsm/hsm.h"
#include "lib/base/hex.h"
#include "lib/crypto/identity.h"
#include "lib/wire/hsm_protocol_renewal.h"
#include "tests/unit/desk_rig.h"

struct device {
    struct identity_key key;
    char certificate[IDENTITY_PEM_MAX], request[IDENTITY_PEM_MAX];
    char fingerprint[2 * CRYPTO_SHA256_BYTES + 1];
};

static struct hsm *hsm;
static struct crypto crypto;
static struct identity_key authority_key;
static char authority[IDENTITY_PEM_MAX];
static uint8_t blob[HSM_AUTHORITY_BLOB_MAX];
static size_t blob_len;
static struct device own, other;
static unsigned issued;

/* One command; the body of its answer, or none when it is refused. */
static err command(struct writer *w, uint8_t *out, size_t size, struct bytes *ret)
{
    struct writer response = writer_over(out, size);
    struct hsm_header header;
    enum hsm_status status;
    assert_ok(hsm_execute(hsm, writer_view(w), &response));
    struct reader r = reader_over(writer_view(&response));
    assert_ok(hsm_read_answer(&r, &header, &status));
    return status == HSM_OK ? hsm_read_bytes(&r, ret) : ERR(DENIED);
}

static err by_hsm(void *context, const struct desk_renewal *renewal, struct writer *certificate)
{
    static uint8_t request[HSM_FRAME_MAX], out[HSM_FRAME_MAX];
    struct writer w = writer_over(request, sizeof request);
    struct bytes made;
    (void)context;
    if (rig.hsm_away) return ERR(REFUSED);
    hsm_write_header(&w, HSM_RENEW, 1);
    hsm_write_renewal(&w, &(struct hsm_renewal){.not_before_ms = renewal->not_before_ms,
                                                .not_after_ms = renewal->not_after_ms,
                                                .blob = bytes_of(blob, blob_len),
                                                .authority = bytes_text(authority),
                                                .certificate = renewal->certificate,
                                                .request = renewal->request,
                                                .tid = bytes_text(renewal->tid),
                                                .print = BYTES_OF(renewal->print)});
    assert_int_equal(w.fault, ERR_OK);
    TRY(command(&w, out, sizeof out, &made));
    issued++;
    write_bytes(certificate, made);
    return OK;
}

static void make_authority(void)
{
    static uint8_t request[HSM_FRAME_MAX], out[HSM_FRAME_MAX];
    char secret[IDENTITY_PEM_MAX];
    struct hsm_master master = {0};
    struct bytes sealed;
    struct writer a = writer_over(authority, sizeof authority - 1);
    struct writer k = writer_over(secret, sizeof secret), w = writer_over(request, sizeof request);
    const struct hsm_config config = {random_system(), NULL, true, NULL};
    assert_ok(crypto_open(random_system(), &crypto));
    hsm_master_generate(&crypto, true, &master);
    assert_ok(hsm_open(&config, &master, &hsm));
    assert_ok(identity_key_generate(&authority_key));
    assert_ok(identity_make_authority(&authority_key, BYTES("authority"), rig.now_ms - RIG_DAY_MS,
                                      rig.now_ms + 3650 * RIG_DAY_MS, &a));
    authority[a.len] = '\0';
    assert_ok(identity_key_write(&authority_key, &k));
    hsm_write_header(&w, HSM_AUTHORITY_SEAL, 1);
    hsm_write_bytes(&w, writer_view(&k));
    assert_ok(command(&w, out, sizeof out, &sealed));
    memcpy(blob, sealed.at, sealed.len);
    blob_len = sealed.len;
}

static void make(struct device *d, const char *tid)
{
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES];
    const struct identity_subject subject = {.common_name = bytes_text(tid),
                                             .role = IDENTITY_CLIENT,
                                             .not_before_ms = rig.now_ms - RIG_DAY_MS,
                                             .not_after_ms = RIG_CERTIFICATE_END};
    struct writer r = writer_over(d->request, sizeof d->request - 1);
    struct writer w = writer_over(d->certificate, sizeof d->certificate - 1);
    struct writer hex = writer_over(d->fingerprint, sizeof d->fingerprint - 1);
    memset(d, 0, sizeof *d);
    assert_ok(identity_key_generate(&d->key));
    assert_ok(identity_request(&d->key, bytes_text(tid), &r));
    d->request[r.len] = '\0';
    assert_ok(identity_issue(&authority_key, bytes_text(authority), bytes_text(d->request),
                             &subject, &w));
    d->certificate[w.len] = '\0';
    assert_ok(identity_describe(writer_view(&w), name, print));
    write_hex(&hex, BYTES_OF(print));
}

static void bind(const struct device *d)
{
    assert_ok(registry_set_terminal_keys(rig.registry, &rig_admin, BYTES(RIG_TID),
                                         bytes_text(d->fingerprint), BYTES("D0016D0AB00E0000"),
                                         BYTES("")));
}

static int start(void **state)
{
    rig_make(state);
    rig.renew = by_hsm;
    issued = 0;
    make_authority();
    make(&own, RIG_TID);
    make(&other, RIG_TID);
    bind(&own);
    rig_connect(3); /* so it is known when its certificate ends */
    assert_ok(devices_closed(rig.desk, 3));
    return 0;
}

static int stop(void **state)
{
    identity_key_free(&own.key);
    identity_key_free(&other.key);
    identity_key_free(&authority_key);
    hsm_close(hsm);
    crypto_close(&crypto);
    return rig_drop(state);
}

static const char *frame_of(const char *tid, const char *certificate, const char *request)
{
    static char frame[DEVICE_FRAME_MAX + 1], both[2 * IDENTITY_PEM_MAX];
    struct writer w = writer_over(frame, sizeof frame - 1);
    snprintf(both, sizeof both, "%s%s", certificate, request);
    struct device_message m = {.ask = DEVICE_RENEW, .id = 1, .policy = bytes_text(both)};
    snprintf(m.terminal, sizeof m.terminal, "%s", tid);
    device_write_ask(&w, &m);
    assert_int_equal(w.fault, ERR_OK);
    frame[w.len] = '\0';
    return frame;
}

/* As a stranger. The certificate that it gets, or NULL. */
static const char *comes(const char *tid, const char *certificate, const char *request)
{
    static char text[DEVICE_FRAME_MAX + 1], pem[IDENTITY_PEM_MAX];
    CLEANUP(json_free) struct json_document document = {0};
    struct device_message heard = {0};
    struct writer w = writer_over(text, sizeof text - 1);
    assert_ok(last_words_from_stranger(rig.desk, BYTES("192.0.2.7:4711"),
                                       bytes_text(frame_of(tid, certificate, request)), &w));
    text[w.len] = '\0';
    assert_int_equal(device_read_heard(bytes_text(text), DEVICE_RENEW, &document, &heard),
                     DEVICE_UNDERSTOOD);
    if (heard.status != DEVICE_OK) return NULL;
    assert_ok(bytes_to_text(heard.policy, pem, sizeof pem));
    return pem;
}

static void to_days_after(int64_t days)
{
    rig.now_ms = RIG_CERTIFICATE_END + days * RIG_DAY_MS;
}

/* The clock runs to the end and past it; the device is rescued, comes in its own name, and the
 * calendar begins anew. */
static void after_the_end_it_is_rescued(void **state)
{
    (void)state;
    int64_t end_ms = 0;
    assert_null(comes(RIG_TID, own.certificate, own.request)); /* a hundred days before: no need */
    for (int64_t days = -99; days <= 400; days++) {
        to_days_after(days);
        assert_ok(desk_tick(rig.desk));
    }
    assert_int_equal(rig_count("SELECT count(*) FROM notice WHERE kind = 'expired' AND tid <> ''"),
                     1);
    const char *pem = comes(RIG_TID, own.certificate, own.request);
    assert_non_null(pem);
    assert_ok(identity_verify(bytes_text(authority), bytes_text(pem), IDENTITY_CLIENT, rig.now_ms));
    assert_ok(identity_expiry(bytes_text(pem), &end_ms));
    assert_int_equal(end_ms, rig.now_ms + RENEWAL_DAYS * RIG_DAY_MS);
    assert_int_equal(rig_count("SELECT count(*) FROM event WHERE kind = 'device.rescued'"), 1);
    /* In its own name again. */
    assert_ok(devices_opened(rig.desk, 4, BYTES(RIG_TID), end_ms));
    rig_say(4, RIG_HELLO(RIG_SERIAL, "TB-1"));
    assert_true(rig_heard_any("\"status\":\"ok\""));
    assert_int_equal(rig_count("SELECT max(certificate_end_ms) FROM terminal"), end_ms);
    assert_null(comes(RIG_TID, own.certificate, own.request)); /* and no need any more */
    rig_audit_is_whole();
}

/* The answer was lost: the same again within a day, over a restart, and another one after it. */
static void asked_again_it_is_the_same(void **state)
{
    (void)state;
    char first[IDENTITY_PEM_MAX];
    to_days_after(1);
    snprintf(first, sizeof first, "%s", comes(RIG_TID, own.certificate, own.request));
    rig_close_desk();
    rig_open_desk();
    assert_string_equal(comes(RIG_TID, own.certificate, own.request), first);
    assert_int_equal(issued, 1);
    rig.now_ms += RENEWAL_AGAIN_MS;
    assert_string_not_equal(comes(RIG_TID, own.certificate, own.request), first);
    assert_int_equal(issued, 2);
}

static void nobody_else_gets_one(void **state)
{
    (void)state;
    char bent[sizeof own.request];
    to_days_after(1);
    memcpy(bent, own.request, sizeof bent);
    bent[200] = bent[200] == 'A' ? 'B' : 'A';
    const struct {
        const char *tid, *certificate, *request;
    } rows[] = {
        {RIG_TID, other.certificate, other.request}, /* well signed, of a key that was replaced */
        {RIG_TID, own.certificate, other.request},   /* its certificate is public */
        {RIG_TID, other.certificate, own.request},
        {RIG_TID, own.certificate, bent},
        {RIG_TID, own.certificate, own.certificate},
        {RIG_TID, own.certificate, ""},
        {RIG_TID, "", own.request},
        {RIG_TID, "", ""},
        {RIG_OTHER, own.certificate, own.request},
        {"99999999", own.certificate, own.request},
        {"", own.certificate, own.request},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_null(comes(rows[i].tid, rows[i].certificate, rows[i].request));
    assert_int_equal(issued, 0);
    rig.hsm_away = true;
    assert_null(comes(RIG_TID, own.certificate, own.request));
    rig.hsm_away = false;
    bind(&other); /* the device was replaced: the old one's key is worthless */
    assert_null(comes(RIG_TID, own.certificate, own.request));
    assert_non_null(comes(RIG_TID, other.certificate, other.request));
    assert_ok(
        registry_set_terminal_status(rig.registry, &rig_admin, BYTES(RIG_TID), REGISTRY_CLOSED));
    assert_null(comes(RIG_TID, other.certificate, other.request));
}

/* Within a month of the end it asks on its own line, and not in another's name: an event, and no
 * rescue. */
static void before_the_end_it_is_renewed(void **state)
{
    (void)state;
    rig_connect(4);
    rig_say(4, frame_of(RIG_TID, own.certificate, own.request));
    assert_non_null(strstr(rig_heard(), "\"status\":\"refused\"")); /* a hundred days: too early */
    to_days_after(-30);
    rig_say(4, frame_of(RIG_OTHER, own.certificate, own.request));
    assert_non_null(strstr(rig_heard(), "\"status\":\"refused\""));
    rig_say(4, frame_of(RIG_TID, own.certificate, own.request));
    assert_non_null(strstr(rig_heard(), "BEGIN CERTIFICATE"));
    assert_int_equal(rig_count("SELECT count(*) FROM event WHERE kind = 'device.rescued'"), 0);
    assert_int_equal(rig_count("SELECT count(*) FROM event WHERE kind = 'device.renewed'"), 1);
    assert_int_equal(rig_count("SELECT count(*) FROM audit WHERE event = 'certificate_renewed'"),
                     1);
}

/* What the operator has said is how long the next one lasts. */
static void it_lasts_as_long_as_was_said(void **state)
{
    (void)state;
    int64_t end_ms = 0;
    rig.desk->config.certificate_days = 60;
    to_days_after(1);
    const char *pem = comes(RIG_TID, own.certificate, own.request);
    assert_non_null(pem);
    assert_ok(identity_expiry(bytes_text(pem), &end_ms));
    assert_int_equal(end_ms, rig.now_ms + 60 * RIG_DAY_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_lasts_as_long_as_was_said, start, stop),
        cmocka_unit_test_setup_teardown(after_the_end_it_is_rescued, start, stop),
        cmocka_unit_test_setup_teardown(asked_again_it_is_the_same, start, stop),
        cmocka_unit_test_setup_teardown(nobody_else_gets_one, start, stop),
        cmocka_unit_test_setup_teardown(before_the_end_it_is_renewed, start, stop),
    };
    return cmocka_run_group_tests_name("desk_renewal", tests, NULL, NULL);
}
