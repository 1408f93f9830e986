/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal for the tests: see pos.h. */
#include "tests/protocol/pos.h"

#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "lib/crypto/agreement.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/identity.h"
#include "lib/crypto/keyblock.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/openssl.h"
#include "lib/crypto/pin.h"
#include "lib/iso8583/frame.h"
#include "lib/wire/json.h"

static const struct iso8583_dialect *dialect_of(const struct pos *pos)
{
    return pos->profile == PAYMENT_PROFILE_CUP ? &iso8583_dialect_cup : &iso8583_dialect_tongbao;
}

static const struct {
    enum mac_algorithm mac;
    enum pin_format pin;
} suite_of[PAYMENT_PROFILES] = {
    [PAYMENT_PROFILE_TONGBAO] = {MAC_AES_CMAC_8, PIN_ISO4},
    [PAYMENT_PROFILE_CUP] = {MAC_CUP_ECB, PIN_ISO0},
    [PAYMENT_PROFILE_SM4] = {MAC_SM4_CMAC_8, PIN_SM4_LONG},
    [PAYMENT_PROFILE_DUKPT_AES] = {MAC_AES_CMAC_8, PIN_ISO4},
    [PAYMENT_PROFILE_DUKPT_TDES] = {MAC_X9_19, PIN_ISO0},
};

static enum mac_algorithm mac_of(const struct pos *pos)
{
    return suite_of[pos->profile].mac;
}

/* ---- registration ---- */

static void read_pem(const char *path, char out[POS_PEM_MAX])
{
    size_t len = 0;
    assert_ok(file_read(path, FILE_PUBLIC, out, POS_PEM_MAX - 1, &len));
    out[len] = '\0';
}

static void make_request(struct pos *pos, const char *request_file)
{
    CLEANUP(identity_key_free) struct identity_key key = {NULL};
    uint8_t request[POS_PEM_MAX];
    struct writer pem = writer_over(pos->private_key, sizeof pos->private_key - 1);
    struct writer w = writer_over(request, sizeof request);
    assert_ok(identity_key_generate(&key));
    assert_ok(identity_key_write(&key, &pem));
    assert_ok(identity_request(&key, bytes_text(pos->tid), &w));
    assert_ok(file_write(request_file, FILE_PUBLIC, writer_view(&w)));
}

static void ran(const struct said *said)
{
    if (said->status != 0) fail_msg("status %d: %s", said->status, said->complaint);
}

/* Its first key, wrapped under its master key, with the serial number that it begins with. */
static void take_initial(struct pos *pos, struct bytes block)
{
    struct keyblock_header header;
    struct key initial;
    uint8_t value[64];
    size_t len = 0, id_len = 0;
    bool tdes = pos->profile == PAYMENT_PROFILE_DUKPT_TDES;
    assert_ok(keyblock_open(&pos->crypto, &pos->master, block, &header, value, sizeof value, &len));
    assert_memory_equal(header.usage, "B1", 2);
    assert_ok(
        key_make(tdes ? KEY_TDES : KEY_AES128, KEY_USAGE_INITIAL, bytes_of(value, len), &initial));
    struct reader r = reader_over(header.optional);
    struct keyblock_optional id = keyblock_read_optional(&r);
    assert_memory_equal(id.id, tdes ? "KS" : "IK", 2);
    assert_ok(hex_decode(id.data, pos->ksn, sizeof pos->ksn, &id_len));
    pos->ksn_len = payment_profile(pos->profile)->ksn_len;
    if (tdes) assert_ok(dukpt_tdes_load(&pos->crypto, &initial, pos->ksn, &pos->device.tdes));
    else assert_ok(dukpt_aes_load(&pos->crypto, &initial, pos->ksn, &pos->device.aes));
}

static void take_provision(struct pos *pos, const struct transport_pair *transport,
                           const char *file)
{
    uint8_t block[16384], hsm_public[TRANSPORT_KEY_BYTES], sealed[256];
    size_t len;
    struct bytes hex;
    CLEANUP(json_free) struct json_document document = {0};
    assert_ok(file_read(file, FILE_PRIVATE, block, sizeof block, &len));
    assert_ok(json_parse(bytes_of(block, len), sizeof block, &document));
    assert_ok(
        json_text_copy(document.root, "certificate", pos->certificate, sizeof pos->certificate));
    assert_ok(json_text(document.root, "hsm_public", 64, &hex));
    assert_ok(hex_decode(hex, hsm_public, sizeof hsm_public, &len));
    assert_ok(json_text(document.root, "master_key", 512, &hex));
    assert_ok(hex_decode(hex, sealed, sizeof sealed, &len));
    assert_ok(transport_open_key(transport, hsm_public, bytes_of(sealed, len),
                                 KEY_USAGE_TERMINAL_MASTER, bytes_text(pos->tid), &pos->master));
    if (payment_profile(pos->profile)->ksn_len == 0) return;
    assert_ok(json_text(document.root, "initial_key", KEYBLOCK_MAX, &hex));
    take_initial(pos, hex);
}

/* `again`: "--again" for a device that is registered and has lost its keys, or NULL. */
static void provision(struct pos *pos, const struct host *h, const char *device, const char *again)
{
    static struct said said;
    struct transport_pair transport;
    uint8_t hex[64];
    struct writer w = writer_over(hex, sizeof hex);
    transport_generate(&pos->crypto, &transport);
    write_hex(&w, BYTES_OF(transport.public_key));
    make_request(pos, host_path(device, "device.csr"));
    assert_ok(file_write(host_path(device, "device.public"), FILE_PUBLIC, writer_view(&w)));
    programs_run(&h->children, &said, "tongbao", "admin", "provision", "--state", h->admin, "--hsm",
                 h->hsm_socket, "--tid", pos->tid, "--mid", pos->mid, "--serial", pos->tid,
                 "--device", device, "--suite", payment_profile(pos->profile)->name, again, NULL);
    ran(&said);
    take_provision(pos, &transport, host_path(device, "provision.json"));
    transport_pair_wipe(&transport);
}

/* A foreign terminal has its master key from elsewhere: a test key that differs for each. */
static void register_foreign(struct pos *pos, const struct host *h, const char *device)
{
    static struct said said;
    uint8_t hex[32];
    struct writer w = writer_over(hex, sizeof hex);
    key_generate(&pos->crypto, KEY_TDES, KEY_USAGE_TERMINAL_MASTER, &pos->master);
    write_hex(&w, secret_view(&pos->master.value));
    const char *request = host_path(device, "request.pem");
    const char *key = host_path(device, "master.hex");
    const char *certificate = host_path(device, "certificate.pem");
    make_request(pos, request);
    assert_ok(file_write(key, FILE_PRIVATE, writer_view(&w)));
    programs_run(&h->children, &said, "tongbao", "admin", "foreign", "--state", h->admin, "--hsm",
                 h->hsm_socket, "--tid", pos->tid, "--mid", pos->mid, "--serial", pos->tid,
                 "--master-key-file", key, "--request", request, "--certificate", certificate,
                 NULL);
    ran(&said);
    read_pem(certificate, pos->certificate);
}

/* Opens its master key, after it has looked who sends it: the authority that it knows. */
static void take_transport(struct pos *pos, EVP_PKEY *rsa, const char *file)
{
    static uint8_t block[16384];
    char text[2048], kcv_hex[9], key_hex[513];
    uint8_t sealed[256], signature[80], kcv[KEY_CHECK_BYTES], digest[CRYPTO_SHA256_BYTES];
    uint8_t value[256]; /* OpenSSL wants room for the modulus */
    size_t len, sealed_len, signature_len, value_len = sizeof value;
    struct bytes hex;
    CLEANUP(json_free) struct json_document document = {0};
    assert_ok(file_read(file, FILE_PUBLIC, block, sizeof block, &len));
    assert_ok(json_parse(bytes_of(block, len), sizeof block, &document));
    assert_ok(json_text_copy(document.root, "kcv", kcv_hex, sizeof kcv_hex));
    assert_ok(json_text_copy(document.root, "key", key_hex, sizeof key_hex));
    assert_ok(json_text(document.root, "signature", 160, &hex));
    assert_ok(hex_decode(hex, signature, sizeof signature, &signature_len));
    assert_ok(hex_decode(bytes_text(kcv_hex), kcv, sizeof kcv, &len));
    assert_ok(hex_decode(bytes_text(key_hex), sealed, sizeof sealed, &sealed_len));
    snprintf(text, sizeof text, "tongbao key transport 1\n%s\n%s\n%s\n", pos->tid, kcv_hex,
             key_hex);
    crypto_sha256(bytes_text(text), digest);
    assert_ok(
        identity_check(bytes_text(pos->authority), digest, bytes_of(signature, signature_len)));
    digest[0] ^= 1;
    assert_true(FAILED(
        identity_check(bytes_text(pos->authority), digest, bytes_of(signature, signature_len))));
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, rsa, NULL);
    assert_true(EVP_PKEY_decrypt_init(context) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0);
    assert_true(EVP_PKEY_CTX_set0_rsa_oaep_label(context, OPENSSL_memdup(pos->tid, 8), 8) > 0);
    assert_true(EVP_PKEY_decrypt(context, value, &value_len, sealed, sealed_len) > 0);
    EVP_PKEY_CTX_free(context);
    assert_ok(
        key_make(KEY_TDES, KEY_USAGE_TERMINAL_MASTER, bytes_of(value, value_len), &pos->master));
    assert_ok(key_check(&pos->crypto, &pos->master, BYTES_OF(kcv)));
}

/* A foreign terminal with an RSA key pair of its own gets its master key under it (DV-03). */
static void register_by_rsa(struct pos *pos, const struct host *h, const char *device)
{
    static struct said said;
    uint8_t pem[1024];
    EVP_PKEY *rsa = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    char request[128], transport[128], key[128], certificate[128];
    assert_ok(file_path(device, "request.pem", request, sizeof request));
    assert_ok(file_path(device, "transport.pem", transport, sizeof transport));
    assert_ok(file_path(device, "key.json", key, sizeof key));
    assert_ok(file_path(device, "certificate.pem", certificate, sizeof certificate));
    assert_true(PEM_write_bio_PUBKEY(bio, rsa));
    size_t len = (size_t)BIO_read(bio, pem, sizeof pem);
    BIO_free(bio);
    assert_ok(file_write(transport, FILE_PUBLIC, bytes_of(pem, len)));
    make_request(pos, request);
    programs_run(&h->children, &said, "tongbao", "admin", "foreign", "--state", h->admin, "--hsm",
                 h->hsm_socket, "--tid", pos->tid, "--mid", pos->mid, "--serial", pos->tid,
                 "--transport-key", transport, "--key", key, "--request", request, "--certificate",
                 certificate, NULL);
    ran(&said);
    read_pem(certificate, pos->certificate);
    read_pem(h->authority, pos->authority);
    take_transport(pos, rsa, key);
    EVP_PKEY_free(rsa);
}

static void make(struct pos *pos, const struct host *h, const char *mid, const char *tid,
                 enum payment_profile profile, bool by_rsa)
{
    *pos = (struct pos){.profile = profile, .batch = 1, .pin = "246810"};
    assert_ok(bytes_to_text(bytes_text(tid), pos->tid, sizeof pos->tid));
    assert_ok(bytes_to_text(bytes_text(mid), pos->mid, sizeof pos->mid));
    assert_ok(crypto_open(random_system(), &pos->crypto));
    const char *device = host_path(h->directory, tid);
    assert_int_equal(mkdir(device, 0700), 0);
    if (by_rsa) register_by_rsa(pos, h, device);
    else if (profile == PAYMENT_PROFILE_CUP) register_foreign(pos, h, device);
    else provision(pos, h, device, NULL);
    read_pem(h->authority, pos->authority);
    host_card(h, "good", pos->track2);
}

void pos_make(struct pos *pos, const struct host *h, const char *tid, enum payment_profile profile)
{
    make(pos, h, HOST_MID, tid, profile, false);
}

void pos_make_for(struct pos *pos, const struct host *h, const char *mid, const char *tid,
                  enum payment_profile profile)
{
    make(pos, h, mid, tid, profile, false);
}

void pos_make_again(struct pos *pos, const struct host *h)
{
    client_close(&pos->client);
    provision(pos, h, host_path(h->directory, pos->tid), "--again");
}

void pos_make_by_rsa(struct pos *pos, const struct host *h, const char *tid)
{
    make(pos, h, HOST_MID, tid, PAYMENT_PROFILE_CUP, true);
}

void pos_free(struct pos *pos)
{
    client_close(&pos->client);
    crypto_close(&pos->crypto);
    explicit_bzero(pos, sizeof *pos);
}

struct client_identity pos_identity(const struct pos *pos)
{
    return (struct client_identity){pos->authority, pos->certificate, pos->private_key};
}

void pos_connect(struct pos *pos, const struct host *h)
{
    if (pos->client.ssl != NULL) { /* the old connection first, or they would replace each other */
        int64_t before = host_count(h, "sessions");
        client_close(&pos->client);
        while (host_count(h, "sessions") >= before && before > 0) programs_pause();
    }
    assert_true(pos_try_connect(pos, h->port));
}

bool pos_try_connect(struct pos *pos, long port)
{
    struct client_identity identity = pos_identity(pos);
    client_close(&pos->client);
    if (client_open(&pos->client, port, &identity)) return true;
    client_close(&pos->client);
    return false;
}

/* ---- messages ---- */

void pos_next_keys(struct pos *pos)
{
    struct dukpt_aes_transaction aes;
    struct dukpt_tdes_transaction tdes;
    if (pos->ksn_len == 0) return;
    if (pos->profile == PAYMENT_PROFILE_DUKPT_AES) {
        assert_ok(dukpt_aes_next(&pos->crypto, &pos->device.aes, KEY_AES128, &aes));
        pos->keys = (struct working_keys){aes.pin, aes.mac_request, aes.data_request, true};
        pos->answer_mac = aes.mac_response;
        memcpy(pos->ksn, aes.ksn, sizeof aes.ksn);
    } else {
        assert_ok(dukpt_tdes_next(&pos->crypto, &pos->device.tdes, &tdes));
        pos->keys = (struct working_keys){tdes.pin, tdes.mac_request, tdes.data_request, true};
        pos->answer_mac = tdes.mac_response;
        memcpy(pos->ksn, tdes.ksn, sizeof tdes.ksn);
    }
}

struct bytes pos_encode(struct pos *pos, const struct iso8583_message *m)
{
    struct iso8583_message copy = *m, *message = &copy;
    if (iso8583_has(m, 64) && pos->ksn_len > 0)
        payment_set_ksn(&copy, bytes_of(pos->ksn, pos->ksn_len));
    struct iso8583_frame_header header = iso8583_frame_header_new(0x0003, 0x0000);
    struct iso8583_fault fault;
    struct writer w = writer_over(pos->frame, sizeof pos->frame);
    iso8583_frame_write(&header, &w);
    assert_ok(iso8583_encode(dialect_of(pos), message, &w, &fault));
    if (iso8583_has(message, 64)) {
        uint8_t mac[MAC_MAX], *encoded = pos->frame + ISO8583_FRAME_HEADER_SIZE;
        size_t len = w.len - ISO8583_FRAME_HEADER_SIZE;
        struct bytes input = iso8583_mac_input(dialect_of(pos), bytes_of(encoded, len));
        assert_ok(mac_generate(&pos->crypto, mac_of(pos), &pos->keys.mac, input, mac));
        iso8583_seal(dialect_of(pos), encoded, len, mac);
    }
    return writer_view(&w);
}

static void take_answer(struct pos *pos, struct bytes frame)
{
    struct iso8583_frame_header header;
    struct iso8583_fault fault;
    struct arena arena = arena_over(pos->arena_block, sizeof pos->arena_block);
    assert_ok(iso8583_frame_split(frame, &header, &pos->raw));
    assert_ok(iso8583_decode(dialect_of(pos), pos->raw, &arena, &pos->answer, &fault));
}

void pos_exchange(struct pos *pos, struct bytes frame)
{
    client_send(&pos->client, frame);
    take_answer(pos, client_receive(&pos->client));
}

bool pos_try_receive(struct pos *pos, int wait_ms)
{
    struct bytes answer;
    if (!client_try_receive(&pos->client, wait_ms, &answer)) return false;
    take_answer(pos, answer);
    return true;
}

bool pos_try_exchange(struct pos *pos, struct bytes frame, int wait_ms)
{
    return client_try_send(&pos->client, frame) && pos_try_receive(pos, wait_ms);
}

const char *pos_field(const struct pos *pos, unsigned field)
{
    static char text[4][1024];
    static unsigned next;
    char *out = text[next++ % ARRAY_LEN(text)];
    assert_ok(bytes_to_text(iso8583_get(&pos->answer, field), out, sizeof text[0]));
    return out;
}

const char *pos_code(const struct pos *pos)
{
    return pos_field(pos, 39);
}

bool pos_mac_good(struct pos *pos)
{
    if (pos->answer.mac_input == 0) return false;
    const struct key *key = pos->ksn_len > 0 ? &pos->answer_mac : &pos->keys.mac;
    return !FAILED(mac_verify(&pos->crypto, mac_of(pos), key,
                              bytes_of(pos->raw.at, pos->answer.mac_input),
                              iso8583_get(&pos->answer, 64)));
}

/* ---- sign-in ---- */

bool pos_try_sign_in(struct pos *pos, int wait_ms)
{
    char stan[7], trade[16];
    bool plain = pos->profile == PAYMENT_PROFILE_CUP;
    struct iso8583_message m;
    pos->stan++;
    snprintf(stan, sizeof stan, "%06u", pos->stan % 1000000);
    snprintf(trade, sizeof trade, "00%06u%s", pos->batch % 1000000, plain ? "003" : "006");
    iso8583_start(&m, 0x0800);
    iso8583_set(&m, 11, bytes_text(stan));
    iso8583_set(&m, 41, bytes_text(pos->tid));
    iso8583_set(&m, 42, bytes_text(pos->mid));
    iso8583_set(&m, 60, bytes_text(trade));
    iso8583_set(&m, 63, BYTES("01 "));
    if (!pos_try_exchange(pos, pos_encode(pos, &m), wait_ms)) return false;
    if (pos->answer.mti != 0x0810 || strcmp(pos_code(pos), "00") != 0) return false;
    struct bytes delivery = iso8583_get(&pos->answer, 62);
    if (pos->ksn_len > 0) {
        assert_int_equal(delivery.len, 0);
    } else {
        assert_int_equal(delivery.len, plain ? DELIVERY_DOUBLE : DELIVERY_WITH_DATA);
        assert_ok(delivery_unwrap(&pos->crypto, &pos->master, delivery, &pos->keys));
    }
    struct reader r = reader_over(iso8583_get(&pos->answer, 60));
    (void)read_bytes(&r, 2);
    pos->batch = read_digits(&r, 6);
    assert_int_equal(r.fault, ERR_OK);
    return true;
}

void pos_sign_in(struct pos *pos)
{
    assert_true(pos_try_sign_in(pos, CLIENT_WAIT_MS));
}

/* ---- payments ---- */

struct payment pos_sale(struct pos *pos, int64_t amount_minor)
{
    struct payment p = {
        .key = {.batch = pos->batch, .stan = ++pos->stan},
        .type = PAYMENT_SALE,
        .state = PAYMENT_CREATED,
        .means = PAYMENT_CARD,
        .entry = PAYMENT_ENTRY_SWIPE,
        .pin_entered = true,
        .operator_id = "01",
        .amount_minor = amount_minor,
        .currency = CURRENCY_CNY,
    };
    memcpy(p.key.tid, pos->tid, sizeof p.key.tid);
    memcpy(p.mid, pos->mid, sizeof p.mid);
    return p;
}

struct payment pos_code_sale(struct pos *pos, int64_t amount_minor)
{
    struct payment p = pos_sale(pos, amount_minor);
    p.means = PAYMENT_CODE;
    p.entry = PAYMENT_ENTRY_CODE;
    p.pin_entered = false;
    return p;
}

struct bytes pos_code_request(struct pos *pos, const struct payment *payment, const char *code)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    const struct payment_sensitive sensitive = {.payment_code = bytes_text(code)};
    pos_next_keys(pos);
    assert_ok(payment_request_message(pos->profile, payment, &sensitive, &arena, &m));
    return pos_encode(pos, &m);
}

static void take_card(const struct pos *pos, struct card_data *card)
{
    const char *separator = strchr(pos->track2, '=');
    assert_non_null(separator);
    *card = (struct card_data){.pan = ""};
    assert_ok(bytes_to_text(bytes_of(pos->track2, (size_t)(separator - pos->track2)), card->pan,
                            sizeof card->pan));
    memcpy(card->expiry, separator + 1, 4);
    memcpy(card->service_code, separator + 5, 3);
    memcpy(card->track2, pos->track2, strlen(pos->track2) + 1);
}

static struct pin_block make_pin_block(struct pos *pos, const struct card_data *card)
{
    struct pin pin;
    struct pin_block block;
    enum pin_format format = suite_of[pos->profile].pin;
    assert_ok(pin_from_digits(bytes_text(pos->pin), &pin));
    assert_ok(pin_block_encrypt(&pos->crypto, &pos->keys.pin, format, &pin, bytes_text(card->pan),
                                &block));
    return block;
}

static struct bytes own_request(struct pos *pos, const struct payment *payment)
{
    struct card_data card;
    uint8_t envelope[ENVELOPE_MAX], block[PAYMENT_MESSAGE_ARENA];
    char associated[64];
    struct arena arena = arena_over(block, sizeof block);
    struct writer w = writer_over(envelope, sizeof envelope);
    struct iso8583_message m;
    pos_next_keys(pos);
    take_card(pos, &card);
    struct pin_block pin = make_pin_block(pos, &card);
    snprintf(associated, sizeof associated, "%s|%06u|%06u|%012lld", payment->key.tid,
             payment->key.batch, payment->key.stan, (long long)payment->amount_minor);
    assert_ok(envelope_seal(&pos->crypto, &pos->keys.data, bytes_text(associated), &card, &w));
    const struct payment_sensitive sensitive = {.pin_block = bytes_of(pin.at, pin.len),
                                                .envelope = writer_view(&w)};
    assert_ok(payment_request_message(pos->profile, payment, &sensitive, &arena, &m));
    return pos_encode(pos, &m);
}

/* What sale and reversal of a plain terminal have in common. */
struct plain_texts {
    char amount[13], stan[7], trade[16], original[16];
};

static void plain_common(const struct payment *payment, uint16_t mti, struct plain_texts *t,
                         struct iso8583_message *m)
{
    static const uint8_t mac_place[ISO8583_MAC_SIZE];
    snprintf(t->amount, sizeof t->amount, "%012lld", (long long)payment->amount_minor % 1000000000);
    snprintf(t->stan, sizeof t->stan, "%06u", payment->key.stan % 1000000);
    snprintf(t->trade, sizeof t->trade, "22%06u000600", payment->key.batch % 1000000);
    iso8583_start(m, mti);
    iso8583_set(m, 3, BYTES("000000"));
    iso8583_set(m, 4, bytes_text(t->amount));
    iso8583_set(m, 11, bytes_text(t->stan));
    iso8583_set(m, 22, BYTES("021"));
    iso8583_set(m, 25, BYTES("00"));
    iso8583_set(m, 41, bytes_text(payment->key.tid));
    iso8583_set(m, 42, BYTES(HOST_MID));
    iso8583_set(m, 49, BYTES("156"));
    iso8583_set(m, 60, bytes_text(t->trade));
    iso8583_set(m, 64, BYTES_OF(mac_place));
}

static struct bytes plain_request(struct pos *pos, const struct payment *payment)
{
    struct card_data card;
    struct plain_texts texts;
    struct iso8583_message m;
    take_card(pos, &card);
    struct pin_block pin = make_pin_block(pos, &card);
    plain_common(payment, 0x0200, &texts, &m);
    iso8583_set(&m, 2, bytes_text(card.pan));
    iso8583_set(&m, 14, bytes_text(card.expiry));
    iso8583_set(&m, 26, BYTES("12"));
    iso8583_set(&m, 35, bytes_text(card.track2));
    iso8583_set(&m, 52, bytes_of(pin.at, pin.len));
    iso8583_set(&m, 53, BYTES("2600000000000000")); /* format with PAN, TDES */
    iso8583_set(&m, 63, BYTES("01 "));
    return pos_encode(pos, &m);
}

static struct bytes plain_reversal(struct pos *pos, const struct payment *payment)
{
    struct plain_texts texts;
    struct iso8583_message m;
    plain_common(payment, 0x0400, &texts, &m);
    snprintf(texts.original, sizeof texts.original, "%06u%06u", payment->key.batch % 1000000,
             payment->key.stan % 1000000);
    iso8583_set(&m, 39, BYTES("98"));
    iso8583_set(&m, 61, bytes_text(texts.original));
    return pos_encode(pos, &m);
}

struct bytes pos_request(struct pos *pos, const struct payment *payment)
{
    return pos->profile == PAYMENT_PROFILE_CUP ? plain_request(pos, payment)
                                               : own_request(pos, payment);
}

struct bytes pos_reversal(struct pos *pos, const struct payment *payment)
{
    if (pos->profile == PAYMENT_PROFILE_CUP) return plain_reversal(pos, payment);
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct payment reversed = *payment;
    memcpy(reversed.reversal_reason, "98", 3);
    pos_next_keys(pos);
    assert_ok(payment_reversal_message(pos->profile, &reversed, &arena, &m));
    return pos_encode(pos, &m);
}

void pos_pays(struct pos *pos, int64_t amount_minor)
{
    struct payment p = pos_sale(pos, amount_minor);
    pos_exchange(pos, pos_request(pos, &p));
    assert_int_equal(pos->answer.mti, 0x0210);
    assert_string_equal(pos_code(pos), "00");
    assert_true(pos_mac_good(pos));
}
