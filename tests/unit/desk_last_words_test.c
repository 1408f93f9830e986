/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S70: a device that was tampered with has no key and comes without a certificate. Its last words
 * are one alarm, however often they come; nobody else's are, and nothing else is heard from one
 * without a certificate.
 */
#include "backoffice/devices/last_words.h"
#include "lib/auth/last_words.h"
#include "lib/base/hex.h"
#include "lib/crypto/identity.h"
#include "tests/unit/desk_rig.h"

#define DAY_MS INT64_C(86400000)

/* A device's certificate, and what its vault has signed. */
struct device {
    char certificate[IDENTITY_PEM_MAX], words[2 * LAST_WORDS_SIGNATURE_MAX + 1];
    char fingerprint[2 * CRYPTO_SHA256_BYTES + 1];
};

static struct device own, other;

static void sign(const struct identity_key *key, const char *tid, const char *serial,
                 char words[static 2 * LAST_WORDS_SIGNATURE_MAX + 1])
{
    uint8_t text[LAST_WORDS_TEXT_MAX], digest[IDENTITY_DIGEST_BYTES];
    uint8_t signature[IDENTITY_SIGNATURE_MAX];
    size_t len = 0;
    struct writer w = writer_over(text, sizeof text), hex = writer_over(words, 160);
    assert_ok(last_words_write(bytes_text(tid), bytes_text(serial), &w));
    crypto_sha256(writer_view(&w), digest);
    assert_ok(identity_sign(key, digest, signature, &len));
    write_hex(&hex, bytes_of(signature, len));
    words[hex.len] = '\0';
}

static void make(struct device *d, const char *tid, const char *serial)
{
    CLEANUP(identity_key_free) struct identity_key key = {NULL};
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(d->certificate, sizeof d->certificate - 1);
    struct writer hex = writer_over(d->fingerprint, sizeof d->fingerprint - 1);
    assert_ok(identity_key_generate(&key));
    assert_ok(identity_make_authority(&key, bytes_text(tid), rig.now_ms - DAY_MS,
                                      rig.now_ms + DAY_MS, &w));
    assert_ok(identity_describe(writer_view(&w), name, print));
    write_hex(&hex, BYTES_OF(print));
    sign(&key, tid, serial, d->words);
}

static int start(void **state)
{
    rig_make(state);
    memset(&own, 0, sizeof own);
    memset(&other, 0, sizeof other);
    make(&own, RIG_TID, RIG_SERIAL);
    make(&other, RIG_TID, RIG_SERIAL);
    assert_ok(registry_set_terminal_keys(rig.registry, &rig_admin, BYTES(RIG_TID),
                                         bytes_text(own.fingerprint), BYTES("D0016D0AB00E0000"),
                                         BYTES("")));
    return 0;
}

/* What is answered; "" when it is only let go. */
static const char *comes(const char *frame)
{
    static char text[512];
    struct writer w = writer_over(text, sizeof text - 1);
    assert_ok(last_words_from_stranger(rig.desk, BYTES("192.0.2.7:4711"), bytes_text(frame), &w));
    text[w.len] = '\0';
    return text;
}

static const char *says(const char *tid, const struct device *d, const char *words, int number)
{
    static char frame[DEVICE_FRAME_MAX];
    struct writer w = writer_over(frame, sizeof frame - 1);
    struct device_message m = {.ask = DEVICE_LAST_WORDS,
                               .id = 1,
                               .detail = "case",
                               .number = number,
                               .at_ms = 5,
                               .policy = bytes_text(d->certificate)};
    snprintf(m.terminal, sizeof m.terminal, "%s", tid);
    snprintf(m.words, sizeof m.words, "%s", words);
    device_write_ask(&w, &m);
    assert_int_equal(w.fault, ERR_OK);
    frame[w.len] = '\0';
    return comes(frame);
}

static int64_t alarms(void)
{
    return rig_count("SELECT count(*) FROM notice WHERE kind = 'tampered' AND alarm = 1");
}

static int64_t turned_away(void)
{
    return rig_count("SELECT count(*) FROM audit WHERE event = 'device_peer_refused'");
}

static void one_alarm_however_often_they_come(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_string_equal(says(RIG_TID, &own, own.words, 7), "{\"id\":1,\"status\":\"ok\"}");
        assert_int_equal(alarms(), 1);
    }
    /* The same event had come over the connection of before: the answer to it was lost. */
    assert_string_equal(says(RIG_TID, &own, own.words, 8), "{\"id\":1,\"status\":\"ok\"}");
    assert_int_equal(alarms(), 1); /* a device is tampered with once in the life of its keys */
    assert_int_equal(turned_away(), 0);
    rig_close_desk();
    rig_open_desk();
    assert_string_equal(says(RIG_TID, &own, own.words, 9), "{\"id\":1,\"status\":\"ok\"}");
    assert_int_equal(alarms(), 1);
    assert_int_equal(rig_count("SELECT count(*) FROM event WHERE kind = 'device.tampered'"), 1);
    rig_event(RIG_TID, 20, "duress", "01");
    rig_event(RIG_TID, 20, "duress", "01"); /* the same one again */
    rig_event(RIG_TID, 21, "operator_changed", "01");
    assert_int_equal(rig_count("SELECT count(*) FROM event WHERE kind = 'device.duress'"), 1);
    assert_int_equal(rig_count("SELECT count(*) FROM event"), 2);
}

static void nobody_elses_are_believed(void **state)
{
    (void)state;
    char altered[sizeof own.words];
    memcpy(altered, own.words, sizeof altered);
    altered[strlen(altered) - 1] = altered[strlen(altered) - 1] == '0' ? '1' : '0';
    const struct {
        const char *tid;
        const struct device *device;
        const char *words;
    } rows[] = {
        {RIG_TID, &other, other.words}, /* well signed, by a key that is not this terminal's */
        {RIG_TID, &own, other.words},   /* its certificate, another's signature */
        {RIG_TID, &own, altered},       {RIG_TID, &own, ""},           {RIG_TID, &own, "not hex"},
        {RIG_OTHER, &own, own.words},   {"99999999", &own, own.words},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *said = says(rows[i].tid, rows[i].device, rows[i].words, 1);
        assert_string_equal(said, "{\"id\":1,\"status\":\"refused\"}");
        assert_int_equal(turned_away(), (int64_t)i + 1);
    }
    assert_int_equal(alarms(), 0);
    assert_ok(
        registry_set_terminal_status(rig.registry, &rig_admin, BYTES(RIG_TID), REGISTRY_CLOSED));
    assert_string_equal(says(RIG_TID, &own, own.words, 1), "{\"id\":1,\"status\":\"refused\"}");
    assert_int_equal(alarms(), 0);
}

/* It was given new keys since: what the old ones signed is no alarm any more. */
static void of_a_device_that_was_replaced(void **state)
{
    (void)state;
    assert_ok(registry_set_terminal_keys(rig.registry, &rig_admin, BYTES(RIG_TID),
                                         bytes_text(other.fingerprint), BYTES("D0016D0AB00E0000"),
                                         BYTES("")));
    assert_string_equal(says(RIG_TID, &own, own.words, 1), "{\"id\":1,\"status\":\"refused\"}");
    assert_int_equal(alarms(), 0);
    assert_string_equal(says(RIG_TID, &other, other.words, 2), "{\"id\":1,\"status\":\"ok\"}");
    assert_int_equal(alarms(), 1);
}

static void a_stranger_is_heard_in_nothing_else(void **state)
{
    (void)state;
    static const char *const frames[] = {
        "",
        "[]",
        "{\"id\":1,\"ask\":\"last_words\"}",
        "{\"id\":1,\"ask\":\"nothing\"}",
        RIG_HELLO(RIG_SERIAL, "TB-1"),
        "{\"id\":1,\"ask\":\"event\",\"kind\":\"tampered\",\"operator\":\"\",\"detail\":\"case\"}"};
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        assert_string_equal(comes(frames[i]), "");
        assert_int_equal(turned_away(), (int64_t)i + 1);
    }
    assert_int_equal(alarms(), 0);
    for (int i = 0; i < 50; i++) (void)comes("");
    assert_int_equal(turned_away(), 10); /* a minute */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_alarm_however_often_they_come, start, rig_drop),
        cmocka_unit_test_setup_teardown(nobody_elses_are_believed, start, rig_drop),
        cmocka_unit_test_setup_teardown(of_a_device_that_was_replaced, start, rig_drop),
        cmocka_unit_test_setup_teardown(a_stranger_is_heard_in_nothing_else, start, rig_drop),
    };
    return cmocka_run_group_tests_name("desk_last_words", tests, NULL, NULL);
}
