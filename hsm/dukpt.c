/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands for terminals with a key for each transaction, and CMAC. The base key comes as a block
 * with each command and is opened once (cache.h); the way from it down to a transaction's key is
 * eighteen blocks of AES at most, so nothing of it is kept.
 */
#include "hsm/internal.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"

enum { MAC_SHORTEST = 4, CARD_TEXT_MAX = 48 };

/* A key as a block for the host, and its check value. */
static enum hsm_status answer_block(struct hsm *hsm, struct hsm_header header,
                                    const struct key *key, struct writer *response)
{
    uint8_t kcv[KEY_CHECK_BYTES], block[KEYBLOCK_MAX];
    struct writer w = writer_over(block, sizeof block);
    HSM_TRY(hsm_cipher_status(key_check_value(&hsm->crypto, key, kcv)));
    HSM_TRY(hsm_cipher_status(keyblock_wrap_derived(&hsm->crypto, &hsm->master.keys, key, &w)));
    const struct hsm_block_answer answer = {writer_view(&w), BYTES_OF(kcv)};
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_block_answer(response, &answer);
    return HSM_OK;
}

enum hsm_status hsm_do_dukpt_derive(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                    struct writer *response)
{
    struct hsm_dukpt_derive m;
    if (FAILED(hsm_read_dukpt_derive(r, &m)) || m.purpose >= DUKPT_PURPOSES) return HSM_BAD_REQUEST;
    CLEANUP(key_wipe) struct key key = {0};
    HSM_TRY(hsm_dukpt_key(hsm, &m.from, (enum dukpt_purpose)m.purpose, &key));
    return answer_block(hsm, header, &key, response);
}

enum hsm_status hsm_do_dukpt_mac(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                 struct writer *response)
{
    struct hsm_dukpt_mac m;
    if (FAILED(hsm_read_dukpt_mac(r, &m))) return HSM_BAD_REQUEST;
    bool check = m.mac.len > 0;
    if (check && (m.mac.len < MAC_SHORTEST || m.mac.len > MAC_FIELD_BYTES)) return HSM_BAD_REQUEST;
    CLEANUP(key_wipe) struct key key = {0};
    uint8_t mac[MAC_MAX];
    HSM_TRY(hsm_dukpt_key(hsm, &m.from, check ? DUKPT_MAC_REQUEST : DUKPT_MAC_RESPONSE, &key));
    enum mac_algorithm algorithm = hsm_suite_row(m.from.suite)->mac_algorithm;
    HSM_TRY(hsm_cipher_status(mac_generate(&hsm->crypto, algorithm, &key, m.data, mac)));
    if (check && !secret_equal(bytes_of(mac, m.mac.len), m.mac)) return HSM_BAD_MAC;
    hsm_write_answer(response, header, HSM_OK);
    if (!check) hsm_write_bytes(response, bytes_of(mac, mac_length(algorithm)));
    return HSM_OK;
}

/* Track 2 of a terminal, while it is clear. */
struct card_text {
    uint8_t at[CARD_TEXT_MAX];
};

static void card_text_wipe(struct card_text *text)
{
    secret_wipe_bytes(text, sizeof *text);
}

enum hsm_status hsm_do_dukpt_card(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                  struct writer *response)
{
    static const uint8_t iv[16];
    struct hsm_dukpt_card m;
    if (FAILED(hsm_read_dukpt_card(r, &m))) return HSM_BAD_REQUEST;
    if (m.data.len == 0 || m.data.len > CARD_TEXT_MAX || m.token_key.len == 0 ||
        m.zone_data_key.len == 0 || m.zone_aad.len == 0)
        return HSM_BAD_REQUEST;
    CLEANUP(key_wipe) struct key key = {0};
    CLEANUP(card_text_wipe) struct card_text text = {0};
    HSM_TRY(hsm_dukpt_key(hsm, &m.from, DUKPT_DATA_REQUEST, &key));
    err opened = cipher_cbc_decrypt(&hsm->crypto, &key, iv, m.data, text.at);
    if (opened.code == ERR_LENGTH) return HSM_BAD_REQUEST;
    HSM_TRY(hsm_cipher_status(opened));
    size_t len = m.data.len;
    while (len > 0 && text.at[len - 1] == 0) len--;
    const struct hsm_accept accept = {.clear_track2 = bytes_of(text.at, len),
                                      .token_key = m.token_key,
                                      .zone_data_key = m.zone_data_key,
                                      .zone_aad = m.zone_aad};
    return hsm_answer_clear_card(hsm, header, &accept, response);
}

/* The key of one device: the base key never leaves, this one leaves sealed to its device alone. */
static enum hsm_status initial_key(struct hsm *hsm, const struct hsm_side *from,
                                   struct key *ret_key)
{
    const struct hsm_suite_row *suite;
    const struct key *base;
    HSM_TRY(hsm_dukpt_base(hsm, from, &suite, &base));
    return hsm_cipher_status(from->suite == HSM_SUITE_DUKPT_TDES
                                 ? dukpt_tdes_initial(&hsm->crypto, base, from->ksn.at, ret_key)
                                 : dukpt_aes_initial(&hsm->crypto, base, from->ksn.at, ret_key));
}

enum hsm_status hsm_do_initial_key(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                   struct writer *response)
{
    struct hsm_initial_key m;
    if (FAILED(hsm_read_initial_key(r, &m))) return HSM_BAD_REQUEST;
    CLEANUP(key_wipe) struct key key = {0};
    HSM_TRY(initial_key(hsm, &m.from, &key));
    const struct hsm_make_key made = {.label = m.label, .recipient = m.recipient};
    return hsm_answer_key(hsm, header, &made, &key, response);
}

/* What INITIAL_BLOCK says about its key: which cipher, and which serial number it begins. */
static void lay_header(const struct hsm_side *from, struct keyblock_header *header,
                       struct writer *optional)
{
    bool tdes = from->suite == HSM_SUITE_DUKPT_TDES;
    struct bytes id = bytes_of(from->ksn.at, tdes ? from->ksn.len : DUKPT_AES_ID_BYTES);
    write_bytes(optional, tdes ? BYTES("KS18") : BYTES("IK14")); /* X9.143: their whole length */
    write_hex_upper(optional, id);
    *header = (struct keyblock_header){.version = 'D',
                                       .usage = {'B', '1'},
                                       .algorithm = tdes ? 'T' : 'A',
                                       .mode = 'X',
                                       .key_version = {'0', '0'},
                                       .exportability = 'N',
                                       .optional_count = 1,
                                       .optional = writer_view(optional)};
}

enum hsm_status hsm_do_initial_block(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                     struct writer *response)
{
    struct hsm_initial_block m;
    struct keyblock_header block_header;
    const struct key *master;
    char optional[32];
    uint8_t kcv[KEY_CHECK_BYTES], block[KEYBLOCK_MAX];
    struct writer o = writer_over(optional, sizeof optional);
    struct writer w = writer_over(block, sizeof block);
    if (FAILED(hsm_read_initial_block(r, &m))) return HSM_BAD_REQUEST;
    HSM_TRY(hsm_take_key(hsm, m.master, KEY_USAGE_TERMINAL_MASTER, KEY_AES128, &master));
    CLEANUP(key_wipe) struct key key = {0};
    HSM_TRY(initial_key(hsm, &m.from, &key));
    lay_header(&m.from, &block_header, &o);
    HSM_TRY(hsm_cipher_status(
        keyblock_make(&hsm->crypto, master, &block_header, secret_view(&key.value), &w)));
    HSM_TRY(hsm_cipher_status(key_check_value(&hsm->crypto, &key, kcv)));
    HSM_TRY(hsm_audit_key(hsm, "key_delivered", &key));
    const struct hsm_block_answer answer = {writer_view(&w), BYTES_OF(kcv)};
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_block_answer(response, &answer);
    return HSM_OK;
}

/* CMAC by the cipher of a MAC key, of a terminal or of a zone. */
enum hsm_status hsm_do_cmac(struct hsm *hsm, struct reader *r, struct hsm_header header,
                            struct writer *response)
{
    static const struct {
        enum key_algorithm key;
        enum mac_algorithm mac;
    } rows[] = {{KEY_AES128, MAC_AES_CMAC},
                {KEY_AES256, MAC_AES_CMAC},
                {KEY_SM4, MAC_SM4_CMAC},
                {KEY_TDES, MAC_TDES_CMAC}};
    struct hsm_cmac m;
    if (FAILED(hsm_read_cmac(r, &m))) return HSM_BAD_REQUEST;
    const struct key *key;
    HSM_TRY(hsm_take_any_key(hsm, m.key, &key));
    if (key->usage != KEY_USAGE_MAC && key->usage != KEY_USAGE_ZONE_MAC) return HSM_WRONG_USAGE;
    size_t i = 0;
    while (i < ARRAY_LEN(rows) && rows[i].key != key->algorithm) i++;
    if (i == ARRAY_LEN(rows)) return HSM_WRONG_USAGE;
    uint8_t mac[MAC_MAX];
    size_t len = mac_length(rows[i].mac);
    HSM_TRY(hsm_cipher_status(mac_generate(&hsm->crypto, rows[i].mac, key, m.data, mac)));
    if (m.mac.len > 0 && !secret_equal(bytes_of(mac, len), m.mac)) return HSM_BAD_MAC;
    hsm_write_answer(response, header, HSM_OK);
    if (m.mac.len == 0) hsm_write_bytes(response, bytes_of(mac, len));
    return HSM_OK;
}

/* What a partner's block may hold, and what it becomes here. */
static const struct {
    char usage[3];
    enum key_usage becomes;
} import_row[] = {
    {"P0", KEY_USAGE_ZONE_PIN},  {"M1", KEY_USAGE_ZONE_MAC},
    {"M3", KEY_USAGE_ZONE_MAC},  {"M6", KEY_USAGE_ZONE_MAC},
    {"D0", KEY_USAGE_ZONE_DATA}, {"B0", KEY_USAGE_BASE_DERIVATION},
    {"V2", KEY_USAGE_PVV},       {"C0", KEY_USAGE_CARD_VERIFICATION},
    {"V1", KEY_USAGE_IBM3624},
};

static err key_of_header(const struct keyblock_header *header, struct bytes value,
                         struct key *ret_key)
{
    static const struct {
        char letter;
        enum key_algorithm algorithm;
    } letters[] = {{'T', KEY_TDES},   {'T', KEY_TDES3},  {'A', KEY_AES128},
                   {'A', KEY_AES192}, {'A', KEY_AES256}, {'D', KEY_DES}};
    for (size_t u = 0; u < ARRAY_LEN(import_row); u++) {
        if (memcmp(import_row[u].usage, header->usage, 2) != 0) continue;
        for (size_t a = 0; a < ARRAY_LEN(letters); a++)
            if (letters[a].letter == header->algorithm &&
                key_size(letters[a].algorithm) == value.len)
                return key_make(letters[a].algorithm, import_row[u].becomes, value, ret_key);
    }
    return ERR(UNSUPPORTED);
}

enum hsm_status hsm_do_block_import(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                    struct writer *response)
{
    struct hsm_block_import m;
    const struct key *zone;
    if (FAILED(hsm_read_block_import(r, &m))) return HSM_BAD_REQUEST;
    HSM_TRY(hsm_take_any_key(hsm, m.zone_master, &zone));
    if (zone->usage != KEY_USAGE_ZONE_MASTER) return HSM_WRONG_USAGE;
    CLEANUP(secret_wipe) struct secret value = {0};
    CLEANUP(key_wipe) struct key key = {0};
    struct keyblock_header foreign;
    size_t len;
    err opened =
        keyblock_open(&hsm->crypto, zone, m.block, &foreign, value.at, sizeof value.at, &len);
    if (FAILED(opened)) return opened.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_KEY_BLOCK;
    if (FAILED(key_of_header(&foreign, bytes_of(value.at, len), &key))) return HSM_WRONG_USAGE;
    HSM_TRY(hsm_audit_key(hsm, "block_imported", &key));
    return answer_block(hsm, header, &key, response);
}
