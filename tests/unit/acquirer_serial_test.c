/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key serial numbers at the host (S62, S63, DV-04): a number is used once and only upward, and is
 * of the device that its line belongs to. What is refused gets no MAC, goes neither to the hsm nor
 * to a network, and stands in the audit log with terminal and number.
 */
#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"
#include "lib/crypto/mac.h"
#include "tests/unit/acquirer_peers.h"

#define TID   "10000041"
#define OTHER "10000058"

static struct rig rig;

static struct suite {
    enum payment_profile profile;
    enum registry_suite registered;
    enum registry_host_key host_key;
    enum mac_algorithm mac;
    size_t ksn_len;
} suites[] = {
    {PAYMENT_PROFILE_DUKPT_AES, REGISTRY_DUKPT_AES, REGISTRY_BASE_AES_KEY, MAC_AES_CMAC_8, 12},
    {PAYMENT_PROFILE_DUKPT_TDES, REGISTRY_DUKPT_TDES, REGISTRY_BASE_TDES_KEY, MAC_X9_19, 10},
};

static const uint8_t base_value[16] = {0x13, 0x25, 0x37, 0x49, 0x5b, 0x6d, 0x7f, 0x80,
                                       0x91, 0xa2, 0xb3, 0xc4, 0xd5, 0xe6, 0xf7, 0x08};

/* A terminal with a key for each message: the keys of a number are worked out from the base key. */
struct device {
    const struct suite *suite;
    struct rig_terminal t;
    uint8_t ksn[REGISTRY_KSN_MAX]; /* as it was given, counter 0 */
};

static void base_key(const struct suite *suite)
{
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    uint8_t block[HSM_KEY_BLOCK_MAX];
    size_t len = rig_key(&rig, HSM_IMPORT_KEY, HSM_KEY_BASE_DERIVATION, (uint8_t)suite->registered,
                         BYTES_OF(base_value), block);
    assert_ok(registry_add_host_key(rig.registry, &actor, suite->host_key, bytes_of(block, len)));
}

static void add(struct device *d, const struct suite *suite, const char *tid, const char *serial)
{
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    struct registry_terminal row = {.outlet = 1,
                                    .suite = suite->registered,
                                    .status = REGISTRY_ACTIVE,
                                    .model = "TB-1",
                                    .mid = RIG_MID,
                                    .first_batch = 1,
                                    .ksn_len = (uint8_t)suite->ksn_len};
    *d = (struct device){.suite = suite};
    memcpy(row.tid, tid, 9);
    snprintf(row.serial, sizeof row.serial, "%s", serial);
    (void)rig_key(&rig, HSM_MAKE_KEY, HSM_KEY_TERMINAL_MASTER, HSM_SUITE_TONGBAO, (struct bytes){0},
                  row.master_block);
    assert_ok(registry_new_ksn(rig.registry, &actor, suite->registered, BYTES("whose"), row.ksn));
    memcpy(d->ksn, row.ksn, sizeof d->ksn);
    assert_ok(registry_add_terminal(rig.registry, &actor, &row));
}

static struct key derive(const struct device *d, const uint8_t *ksn, enum dukpt_purpose purpose)
{
    struct key base, key = {0};
    bool tdes = d->suite->profile == PAYMENT_PROFILE_DUKPT_TDES;
    assert_ok(key_make(tdes ? KEY_TDES : KEY_AES128, KEY_USAGE_BASE_DERIVATION,
                       BYTES_OF(base_value), &base));
    assert_ok(tdes ? dukpt_tdes_derive(&rig.crypto, &base, ksn, purpose, &key)
                   : dukpt_aes_derive(&rig.crypto, &base, ksn, purpose, KEY_AES128, &key));
    return key;
}

static void connect_device(struct device *d, const char *tid)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message message;
    struct payment_sign_in in = {.mid = RIG_MID, .operator_id = "01"}, answer;
    d->t = rig_connect(&rig, tid, d->suite->profile);
    memcpy(in.tid, tid, 9);
    memcpy(in.code, payment_profile(d->t.profile)->sign_in_code, 4);
    in.stan = ++d->t.stan;
    assert_ok(payment_sign_in_request(d->t.profile, &in, &arena, &message));
    rig_send(&rig, &d->t, rig_frame(&rig, &d->t, &message, false, out));
    rig_answer_to(&rig, &d->t, &message);
    assert_ok(payment_sign_in_parse(&message, &answer));
    assert_string_equal(answer.response_code, "00");
    assert_int_equal(answer.delivery.len, 0); /* there is nothing to deliver */
    d->t.batch = answer.batch;
    rig_took(&rig.to_terminal);
}

/* A sale by swiped card under a number of `d`, as it would come to the host; `counter` is small. */
struct made {
    uint8_t frame[RIG_FRAME], ksn[REGISTRY_KSN_MAX];
    size_t len;
};

static void make_sale(struct device *d, uint8_t counter, size_t ksn_len, struct made *out)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA], envelope[ENVELOPE_MAX], mac[MAC_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct writer w = writer_over(envelope, sizeof envelope);
    const struct payment p = rig_payment(&d->t, PAYMENT_CARD, 1200);
    memcpy(out->ksn, d->ksn, sizeof out->ksn);
    out->ksn[d->suite->ksn_len - 1] |= counter;
    d->t.keys.data = derive(d, out->ksn, DUKPT_DATA_REQUEST);
    rig_envelope(&rig, &d->t, &p, RIG_PAN, &w);
    const struct payment_sensitive sensitive = {.envelope = writer_view(&w)};
    assert_ok(payment_request_message(d->t.profile, &p, &sensitive, &arena, &m));
    payment_set_ksn(&m, bytes_of(out->ksn, ksn_len));
    const struct iso8583_dialect *dialect = payment_profile(d->t.profile)->dialect;
    struct bytes frame = rig_frame(&rig, &d->t, &m, false, out->frame);
    out->len = frame.len;
    uint8_t *encoded = out->frame + ISO8583_FRAME_HEADER_SIZE;
    size_t len = frame.len - ISO8583_FRAME_HEADER_SIZE;
    struct key key = derive(d, out->ksn, DUKPT_MAC_REQUEST);
    assert_ok(mac_generate(&rig.crypto, d->suite->mac, &key,
                           iso8583_mac_input(dialect, bytes_of(encoded, len)), mac));
    iso8583_seal(dialect, encoded, len, mac);
}

/* The first answer has this code; with a MAC, when one can be made, under the number's keys. */
static void answered(const struct device *d, const struct made *sale, const char *code, bool sealed)
{
    static uint8_t block[ISO8583_ARENA_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_frame_header header;
    struct iso8583_fault fault;
    struct iso8583_message m;
    struct bytes raw;
    char text[3] = "";
    uint8_t mac[MAC_MAX];
    assert_int_equal(rig.to_terminal.count, 1);
    const struct rig_item *item = &rig.to_terminal.item[0];
    assert_int_equal(item->target, d->t.session);
    assert_ok(iso8583_frame_split(bytes_of(item->at, item->len), &header, &raw));
    assert_ok(iso8583_decode(payment_profile(d->t.profile)->dialect, raw, &arena, &m, &fault));
    assert_ok(bytes_to_text(iso8583_get(&m, 39), text, sizeof text));
    assert_int_equal(m.mti, 0x0210);
    assert_string_equal(text, code);
    assert_int_equal(m.mac_input != 0, sealed);
    if (sealed) {
        struct key key = derive(d, sale->ksn, DUKPT_MAC_RESPONSE);
        assert_ok(
            mac_generate(&rig.crypto, d->suite->mac, &key, bytes_of(raw.at, m.mac_input), mac));
        assert_memory_equal(mac, m.field[64].at, 8);
    }
    rig_took(&rig.to_terminal);
}

static void pays(const struct device *d, const struct made *sale)
{
    rig_send(&rig, &d->t, bytes_of(sale->frame, sale->len));
    (void)rig_issuer(&rig, "00");
    answered(d, sale, "00", true);
}

/* Refused by the host alone. */
static void refused(const struct device *d, const struct made *sale, const char *code)
{
    rig.hsm_holds = true;
    rig_send(&rig, &d->t, bytes_of(sale->frame, sale->len));
    assert_int_equal(rig.to_hsm.count, 0);
    assert_int_equal(rig.to_route.count, 0);
    rig.hsm_holds = false;
    answered(d, sale, code, false);
}

/* ---- what is written of it ---- */

struct wanted {
    const char *event, *detail;
    int found;
};

static err each_record(void *context, const struct audit_record *record)
{
    struct wanted *w = context;
    if (!bytes_equal(record->entry.event, bytes_text(w->event))) return OK;
    w->found += bytes_equal(record->entry.subject, BYTES(TID)) &&
                bytes_equal(record->entry.detail, bytes_text(w->detail));
    return OK;
}

/* "FFFF 9876 5432 10E0 0005": whole, where digits in one piece would be masked as a card's. */
static void write_ksn(const struct device *d, const struct made *sale, struct writer *w)
{
    for (size_t i = 0; i < d->suite->ksn_len; i += 2)
        write_format(w, "%s%02X%02X", i > 0 ? " " : "", sale->ksn[i], sale->ksn[i + 1]);
}

/* How many lines say this of the terminal TID: its number and, when there is one, the last. */
static int noted(const struct device *d, const char *event, const struct made *sale,
                 const struct made *last)
{
    char detail[128];
    struct writer w = writer_over(detail, sizeof detail - 1);
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    write_bytes(&w, BYTES("KSN "));
    write_ksn(d, sale, &w);
    if (last != NULL) {
        write_bytes(&w, BYTES(", the last was "));
        write_ksn(d, last, &w);
    }
    detail[w.len] = '\0';
    struct wanted wanted = {event, detail, 0};
    assert_ok(store_open("audit", &options, NULL, &store));
    assert_ok(audit_read(store, 1, each_record, &wanted));
    store_close(store);
    return wanted.found;
}

/* ---- cases, each for every suite that has numbers ---- */

static struct device own, other;

static int setup(void **state)
{
    const struct suite *suite = *state;
    rig_make(&rig);
    base_key(suite);
    add(&own, suite, TID, "SN-D1");
    add(&other, suite, OTHER, "SN-D2");
    connect_device(&own, TID);
    connect_device(&other, OTHER);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

static void a_number_is_used_once(void **state)
{
    const struct suite *suite = *state;
    static struct made first, late, later, last;
    make_sale(&own, 1, suite->ksn_len, &first);
    make_sale(&own, 2, suite->ksn_len, &late); /* comes after the next one */
    make_sale(&own, 3, suite->ksn_len, &later);
    make_sale(&own, 4, suite->ksn_len, &last);
    pays(&own, &first);
    refused(&own, &first, "94");
    assert_int_equal(noted(&own, "ksn_replayed", &first, &first), 1);
    pays(&own, &later);
    refused(&own, &late, "94");
    assert_int_equal(noted(&own, "ksn_replayed", &late, &later), 1);

    rig_restart(&rig); /* the number was committed with what its message did */
    assert_ok(acquirer_session_opened(rig.a, own.t.session, BYTES(TID)));
    refused(&own, &later, "94");
    assert_int_equal(noted(&own, "ksn_replayed", &later, &later), 1);
    pays(&own, &last);
    assert_int_equal(rig_audited("ksn_replayed"), 3);
    assert_int_equal(rig_audited("ksn_of_another_device"), 0);
}

static void another_devices_number_is_refused(void **state)
{
    const struct suite *suite = *state;
    static struct made borrowed, sale;
    struct device mixed = own; /* the line of one terminal, number and keys of the other */
    memcpy(mixed.ksn, other.ksn, sizeof mixed.ksn);
    make_sale(&mixed, 9, suite->ksn_len, &borrowed);
    refused(&own, &borrowed, "97");
    assert_int_equal(rig_audited("ksn_of_another_device"), 1);
    assert_int_equal(noted(&own, "ksn_of_another_device", &borrowed, NULL), 1);

    /* Neither has lost anything by it: the other's earlier number is still good. */
    make_sale(&other, 8, suite->ksn_len, &sale);
    pays(&other, &sale);
    make_sale(&own, 1, suite->ksn_len, &sale);
    pays(&own, &sale);
    assert_int_equal(rig_audited("ksn_replayed"), 0);
}

/* Whoever sends a number without its key takes nothing from the device that has it. */
static void a_wrong_mac_spends_no_number(void **state)
{
    const struct suite *suite = *state;
    static struct made sale, spoilt;
    make_sale(&own, 5, suite->ksn_len, &sale);
    spoilt = sale;
    spoilt.frame[spoilt.len - 1] ^= 1;
    rig_send(&rig, &own.t, bytes_of(spoilt.frame, spoilt.len));
    assert_int_equal(rig.to_route.count, 0);
    assert_int_equal(rig.to_terminal.count, 1);
    rig_took(&rig.to_terminal);
    assert_int_equal(rig_audited("mac_failed"), 1);
    pays(&own, &sale);
}

/* A number that is cut off, or none at all, is no message of this profile. */
static void a_message_without_its_number_is_refused(void **state)
{
    const struct suite *suite = *state;
    static struct made sale;
    make_sale(&own, 6, suite->ksn_len - 1, &sale);
    refused(&own, &sale, "30");
    make_sale(&own, 6, suite->ksn_len, &sale);
    pays(&own, &sale);
}

int main(void)
{
#define CASE(name)                                                               \
    cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, &suites[0]), \
        cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, &suites[1])
    const struct CMUnitTest tests[] = {
        CASE(a_number_is_used_once),
        CASE(another_devices_number_is_refused),
        CASE(a_wrong_mac_spends_no_number),
        CASE(a_message_without_its_number_is_refused),
    };
    return cmocka_run_group_tests_name("acquirer_serial", tests, NULL, NULL);
}
