/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that make keys: MAKE_KEY, IMPORT_KEY, SIGN_IN. */
#include <assert.h>

#include "hsm/internal.h"
#include "lib/crypto/delivery.h"
#include "lib/crypto/rsa_scheme.h"

/* The protocol's usages in our own. Working keys of a terminal come from SIGN_IN only. */
static const struct {
    enum key_usage usage;
    bool made; /* MAKE_KEY makes it */
    bool sent; /* it has another holder */
} usage_row[] = {
    [HSM_KEY_TERMINAL_MASTER] = {KEY_USAGE_TERMINAL_MASTER, true, true},
    [HSM_KEY_TERMINAL_PIN] = {KEY_USAGE_PIN, false, false},
    [HSM_KEY_TERMINAL_MAC] = {KEY_USAGE_MAC, false, false},
    [HSM_KEY_TERMINAL_DATA] = {KEY_USAGE_DATA, false, false},
    [HSM_KEY_ZONE_PIN] = {KEY_USAGE_ZONE_PIN, true, true},
    [HSM_KEY_ZONE_MAC] = {KEY_USAGE_ZONE_MAC, true, true},
    [HSM_KEY_ZONE_DATA] = {KEY_USAGE_ZONE_DATA, true, true},
    [HSM_KEY_TOKEN] = {KEY_USAGE_TOKEN, true, false},
    [HSM_KEY_RECOVERY] = {KEY_USAGE_RECOVERY, true, true},
    [HSM_KEY_PEPPER] = {KEY_USAGE_PEPPER, true, false},
    [HSM_KEY_BASE_DERIVATION] = {KEY_USAGE_BASE_DERIVATION, true, false},
    [HSM_KEY_CVV] = {KEY_USAGE_CARD_VERIFICATION, true, false},
    [HSM_KEY_PVV] = {KEY_USAGE_PVV, true, false},
    [HSM_KEY_IBM3624] = {KEY_USAGE_IBM3624, true, false},
};

/* Which algorithm a key of this use has. Zone keys and tokens do not depend on the suite. */
static enum key_algorithm algorithm_for(enum key_usage usage, const struct hsm_suite_row *suite)
{
    switch (usage) {
    case KEY_USAGE_TERMINAL_MASTER:
    case KEY_USAGE_BASE_DERIVATION:
        return suite->master;
    case KEY_USAGE_CARD_VERIFICATION:
    case KEY_USAGE_PVV:
    case KEY_USAGE_IBM3624:
        return KEY_TDES;
    case KEY_USAGE_PIN:
        return suite->pin;
    case KEY_USAGE_MAC:
        return suite->mac;
    case KEY_USAGE_DATA:
        return suite->data;
    case KEY_USAGE_TOKEN:
    case KEY_USAGE_RECOVERY:
    case KEY_USAGE_PEPPER:
        return KEY_HMAC_SHA256;
    default:
        return KEY_AES128;
    }
}

static bool printable(struct bytes label)
{
    for (size_t i = 0; i < label.len; i++)
        if (label.at[i] < 0x20 || label.at[i] > 0x7e) return false;
    return true;
}

/* A key in PEM: of a terminal of another make. */
static bool has_rsa(struct bytes recipient)
{
    return recipient.len > TRANSPORT_KEY_BYTES && recipient.len <= RSA_SCHEME_PEM_MAX;
}

/* A label that can be printed, and a recipient whose key may be one, or none. */
static bool deliverable(const struct hsm_make_key *m)
{
    return m->label.len <= TRANSPORT_LABEL_MAX && printable(m->label) &&
           (m->recipient.len == 0 || m->recipient.len == TRANSPORT_KEY_BYTES ||
            has_rsa(m->recipient));
}

static enum hsm_status read_make_key(struct reader *r, struct hsm_make_key *ret_m,
                                     const struct hsm_suite_row **ret_suite)
{
    if (FAILED(hsm_read_make_key(r, ret_m))) return HSM_BAD_REQUEST;
    *ret_suite = hsm_suite_row(ret_m->suite);
    if (*ret_suite == NULL || ret_m->usage < 1 || ret_m->usage >= ARRAY_LEN(usage_row) ||
        !deliverable(ret_m))
        return HSM_BAD_REQUEST;
    /* A base key is for DUKPT, and a suite with DUKPT has no master key. */
    bool dukpt = (*ret_suite)->ksn_len > 0;
    bool base = ret_m->usage == HSM_KEY_BASE_DERIVATION;
    bool master = ret_m->usage == HSM_KEY_TERMINAL_MASTER;
    return (base && !dukpt) || (master && dukpt) ? HSM_BAD_REQUEST : HSM_OK;
}

/*
 * The copy for the other holder, in the way that his key is for. RSA says nothing of who sent a
 * key: the host signs what it passes on.
 */
static err seal(struct hsm *hsm, const struct hsm_make_key *m, const struct key *key,
                struct writer *w)
{
    if (m->recipient.len == 0) return OK;
    if (has_rsa(m->recipient))
        return rsa_oaep_encrypt(m->recipient, m->label, secret_view(&key->value), w);
    return transport_seal_key(&hsm->crypto, &hsm->master.transport, m->recipient.at, key, m->label,
                              w);
}

/* Wraps a key for the host and, when somebody else holds it too, seals a copy for him. */
enum hsm_status hsm_answer_key(struct hsm *hsm, struct hsm_header header,
                               const struct hsm_make_key *m, const struct key *key,
                               struct writer *response)
{
    if (!deliverable(m)) return HSM_BAD_REQUEST;
    if (has_rsa(m->recipient) && key->usage != KEY_USAGE_TERMINAL_MASTER) return HSM_NOT_ALLOWED;
    uint8_t kcv[KEY_CHECK_BYTES], block[KEYBLOCK_MAX];
    uint8_t sealed[RSA_SCHEME_BYTES_MAX];
    static_assert(sizeof sealed >= TRANSPORT_OVERHEAD + 8 + TRANSPORT_LABEL_MAX + SECRET_MAX,
                  "holds either copy");
    struct writer block_w = writer_over(block, sizeof block);
    struct writer sealed_w = writer_over(sealed, sizeof sealed);
    HSM_TRY(hsm_cipher_status(key_check_value(&hsm->crypto, key, kcv)));
    HSM_TRY(
        hsm_cipher_status(keyblock_wrap_derived(&hsm->crypto, &hsm->master.keys, key, &block_w)));
    /* A recipient's key that is none is the request's fault. */
    if (FAILED(seal(hsm, m, key, &sealed_w))) return HSM_BAD_REQUEST;
    HSM_TRY(hsm_audit_key(hsm, m->recipient.len > 0 ? "key_delivered" : "key_made", key));
    const struct hsm_key_answer answer = {writer_view(&block_w), BYTES_OF(kcv),
                                          BYTES_OF(hsm->master.transport.public_key),
                                          writer_view(&sealed_w)};
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_key_answer(response, &answer);
    log_event(hsm->log, LOG_INFO, "key_made", LOG_TEXT("usage", key_usage_text(key->usage)),
              LOG_TEXT("algorithm", key_algorithm_text(key->algorithm)),
              LOG_BYTES("label", m->label), LOG_INT("sealed", m->recipient.len > 0));
    return HSM_OK;
}

enum hsm_status hsm_do_make_key(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                struct writer *response)
{
    struct hsm_make_key m;
    const struct hsm_suite_row *suite;
    HSM_TRY(read_make_key(r, &m, &suite));
    if (m.clear.len != 0) return HSM_BAD_REQUEST;
    if (!usage_row[m.usage].made || (m.recipient.len > 0 && !usage_row[m.usage].sent))
        return HSM_NOT_ALLOWED;
    CLEANUP(key_wipe) struct key key = {0};
    enum key_usage usage = usage_row[m.usage].usage;
    key_generate(&hsm->crypto, algorithm_for(usage, suite), usage, &key);
    return hsm_answer_key(hsm, header, &m, &key, response);
}

enum hsm_status hsm_do_import_key(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                  struct writer *response)
{
    struct hsm_make_key m;
    const struct hsm_suite_row *suite;
    HSM_TRY(read_make_key(r, &m, &suite));
    if (!hsm->development) return HSM_NOT_ALLOWED;
    enum key_usage usage = usage_row[m.usage].usage;
    CLEANUP(key_wipe) struct key key = {0};
    if (FAILED(key_make(algorithm_for(usage, suite), usage, m.clear, &key))) return HSM_BAD_REQUEST;
    return hsm_answer_key(hsm, header, &m, &key, response);
}

/* One working key as a block for the host. */
static enum hsm_status wrap(struct hsm *hsm, const struct key *key, uint8_t block[KEYBLOCK_MAX],
                            struct bytes *ret_block)
{
    struct writer w = writer_over(block, KEYBLOCK_MAX);
    HSM_TRY(hsm_cipher_status(keyblock_wrap_derived(&hsm->crypto, &hsm->master.keys, key, &w)));
    *ret_block = writer_view(&w);
    return HSM_OK;
}

/* A suite with a key for each transaction delivers none: what the host works with is the base key,
 * for all that it has to do with the terminal. */
static enum hsm_status sign_in_by_serial(struct hsm *hsm, const struct hsm_sign_in *m,
                                         const struct hsm_suite_row *suite,
                                         struct hsm_header header, struct writer *response)
{
    const struct key *base;
    HSM_TRY(hsm_take_key(hsm, m->master_block, KEY_USAGE_BASE_DERIVATION, suite->master, &base));
    const struct hsm_sign_in_answer answer = {
        {0}, m->master_block, m->master_block, m->master_block};
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_sign_in_answer(response, &answer);
    return HSM_OK;
}

enum hsm_status hsm_do_sign_in(struct hsm *hsm, struct reader *r, struct hsm_header header,
                               struct writer *response)
{
    struct hsm_sign_in m;
    if (FAILED(hsm_read_sign_in(r, &m))) return HSM_BAD_REQUEST;
    const struct hsm_suite_row *suite = hsm_suite_row(m.suite);
    if (suite == NULL) return HSM_BAD_REQUEST;
    if (suite->ksn_len > 0) return sign_in_by_serial(hsm, &m, suite, header, response);
    const struct key *master;
    HSM_TRY(hsm_take_key(hsm, m.master_block, KEY_USAGE_TERMINAL_MASTER, suite->master, &master));

    CLEANUP(working_keys_wipe) struct working_keys keys = {0};
    uint8_t delivery[DELIVERY_MAX], block[3][KEYBLOCK_MAX];
    struct writer w = writer_over(delivery, sizeof delivery);
    struct hsm_sign_in_answer answer = {0};
    HSM_TRY(hsm_cipher_status(
        delivery_generate(&hsm->crypto, master, suite->pin, suite->mac, suite->has_data, &keys)));
    HSM_TRY(hsm_cipher_status(delivery_wrap(&hsm->crypto, master, &keys, &w)));
    HSM_TRY(wrap(hsm, &keys.pin, block[0], &answer.pin_block));
    HSM_TRY(wrap(hsm, &keys.mac, block[1], &answer.mac_block));
    if (keys.has_data) HSM_TRY(wrap(hsm, &keys.data, block[2], &answer.data_block));
    answer.delivery = writer_view(&w);
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_sign_in_answer(response, &answer);
    return HSM_OK;
}
