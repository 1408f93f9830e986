/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to an SMS gateway and its answers as bytes: no sockets here. */
#include "lib/wire/openssl.h"

#include <openssl/hmac.h>
#include <stdio.h>

#include "lib/base/base64.h"
#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "lib/wire/json.h"
#include "lib/wire/sms.h"

enum { KEY_FILE_MAX = 512, NUMBER_DIGITS_MIN = 8 };

/* ---- the key ---- */

static err read_key(struct bytes text, struct sms_key *key)
{
    static const char *const names[] = {"bearer", "signing", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes signing;
    size_t len;
    TRY(json_parse(text, KEY_FILE_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(json_text_copy(document.root, "bearer", key->bearer, sizeof key->bearer));
    TRY(json_text(document.root, "signing", (size_t)2 * SMS_SIGNING_LEN, &signing));
    TRY(hex_decode(signing, key->signing, sizeof key->signing, &len));
    bool whole = len == SMS_SIGNING_LEN && strlen(key->bearer) == SMS_BEARER_LEN;
    /* It becomes a header: nothing in it may end one. */
    for (const char *c = key->bearer; *c != '\0'; c++) whole = whole && *c > 0x20 && *c < 0x7f;
    return whole ? OK : ERR(FORMAT);
}

err sms_key_read(const char *path, struct sms_key *ret_key)
{
    CLEANUP(sms_key_wipe) struct sms_key key = {0};
    uint8_t block[KEY_FILE_MAX];
    size_t len;
    TRY(file_read(path, FILE_PRIVATE, block, sizeof block, &len));
    err read = read_key(bytes_of(block, len), &key);
    explicit_bzero(block, sizeof block);
    if (!FAILED(read)) *ret_key = key;
    return read;
}

static void write_key(struct writer *w, const struct sms_key *key)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "bearer", key->bearer);
    json_member_hex(&j, "signing", BYTES_OF(key->signing));
    json_object_end(&j);
}

err sms_key_make(const struct random *random, const char *path, struct sms_key *ret_key)
{
    CLEANUP(sms_key_wipe) struct sms_key key = {0};
    uint8_t drawn[32], block[KEY_FILE_MAX];
    char text[SMS_BEARER_LEN + 1]; /* and its padding */
    struct writer w = writer_over(text, sizeof text);
    struct bytes file;
    random_fill(random, drawn, sizeof drawn);
    random_fill(random, key.signing, sizeof key.signing);
    base64_write(&w, BYTES_OF(drawn));
    ENSURE(w.len == sizeof text);
    memcpy(key.bearer, text, SMS_BEARER_LEN);
    w = writer_over(block, sizeof block);
    write_key(&w, &key);
    err written = writer_finish(&w, &file);
    if (!FAILED(written)) written = file_write(path, FILE_PRIVATE, file);
    explicit_bzero(drawn, sizeof drawn);
    explicit_bzero(text, sizeof text);
    explicit_bzero(block, sizeof block);
    if (!FAILED(written)) *ret_key = key;
    return written;
}

void sms_key_wipe(struct sms_key *key)
{
    explicit_bzero(key, sizeof *key);
}

/* ---- requests ---- */

bool sms_number_valid(struct bytes number)
{
    if (number.len < 1 + NUMBER_DIGITS_MIN || number.len > SMS_NUMBER_MAX) return false;
    if (number.at[0] != '+' || number.at[1] == '0') return false;
    return bytes_all_digits(bytes_of(number.at + 1, number.len - 1));
}

err sms_write(struct writer *w, const struct sms_message *message)
{
    ENSURE(outbound_id_valid(message->id));
    if (!sms_number_valid(bytes_text(message->to))) return ERR(FORMAT);
    if (message->text.len > SMS_TEXT_MAX) return ERR(LENGTH);
    if (message->text.len == 0 || !json_utf8_valid(message->text)) return ERR(FORMAT);
    for (size_t i = 0; i < message->text.len; i++) {
        uint8_t c = message->text.at[i];
        if ((c < 0x20 && c != '\n') || c == 0x7f) return ERR(FORMAT);
    }
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "id", message->id);
    json_member_string(&j, "to", message->to);
    json_member_text(&j, "text", message->text);
    json_object_end(&j);
    return (err){w->fault};
}

err sms_sign(const struct sms_key *key, int64_t timestamp_s, struct bytes body,
             char out[SMS_SIGNATURE_MAX + 1])
{
    uint8_t signed_text[SMS_BODY_MAX + 24], mac[32];
    unsigned len = 0;
    struct writer w = writer_over(signed_text, sizeof signed_text);
    ENSURE(timestamp_s >= 0);
    write_format(&w, "%lld.", (long long)timestamp_s);
    write_bytes(&w, body);
    if (w.fault != ERR_OK) return ERR(LENGTH);
    bool made = HMAC(EVP_sha256(), key->signing, sizeof key->signing, signed_text, w.len, mac,
                     &len) != NULL;
    explicit_bzero(signed_text, w.len); /* the body has a code in it */
    if (!made || len != sizeof mac) return ERR(CRYPTO);
    w = writer_over(out, SMS_SIGNATURE_MAX);
    write_bytes(&w, BYTES("v1,"));
    base64_write(&w, BYTES_OF(mac));
    ENSURE(w.fault == ERR_OK && w.len == SMS_SIGNATURE_MAX);
    out[w.len] = '\0';
    return OK;
}

/* ---- answers ---- */

static const struct {
    const char *status;
    enum outbound_outcome outcome;
    err reason;
} statuses[] = {
    {"accepted", OUTBOUND_TAKEN, {ERR_OK}},
    {"duplicate", OUTBOUND_TAKEN, {ERR_OK}},
    {"refused", OUTBOUND_REFUSED, {ERR_DENIED}},
    {"later", OUTBOUND_LATER, {ERR_BUSY}},
};

static err read_answer(struct bytes answer, const char *id, struct outbound_result *result)
{
    static const char *const names[] = {"id", "status", "cost", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes answered, status;
    int64_t cost;
    TRY(json_parse(answer, OUTBOUND_ANSWER_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(json_text(document.root, "id", OUTBOUND_ID_MAX, &answered));
    TRY(json_text(document.root, "status", 16, &status));
    TRY(json_int(document.root, "cost", 0, SMS_COST_MAX_FEN, &cost));
    if (!bytes_equal(answered, bytes_text(id))) return ERR(CONFLICT);
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        if (!bytes_equal(status, bytes_text(statuses[i].status))) continue;
        result->outcome = statuses[i].outcome;
        result->reason = statuses[i].reason;
        result->cost_fen = cost;
        return OK;
    }
    return ERR(FORMAT);
}

/* Statuses that say something of the message, or of us; all others are "not now". */
static const struct {
    int status;
    enum outbound_outcome outcome;
    err reason;
} refusals[] = {
    {400, OUTBOUND_REFUSED, {ERR_FORMAT}}, {404, OUTBOUND_LATER, {ERR_CONFIG}},
    {401, OUTBOUND_LATER, {ERR_DENIED}},   {403, OUTBOUND_LATER, {ERR_DENIED}},
    {413, OUTBOUND_REFUSED, {ERR_LENGTH}}, {422, OUTBOUND_REFUSED, {ERR_FORMAT}},
    {429, OUTBOUND_LATER, {ERR_BUSY}},
};

void sms_judge(int status, struct bytes answer, const char *id, struct outbound_result *ret_result)
{
    struct outbound_result result = {OUTBOUND_LATER, ERR(IO), status, 0};
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        if (status != refusals[i].status) continue;
        result.outcome = refusals[i].outcome;
        result.reason = refusals[i].reason;
    }
    if (status >= 300 && status < 400) result.reason = ERR(CONFIG); /* no redirects */
    if (status == 200) {
        err read = read_answer(answer, id, &result);
        if (FAILED(read)) result.reason = ERR(FORMAT);
    }
    *ret_result = result;
}
