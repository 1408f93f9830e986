/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about people and their answers as bytes; no sockets here. */
#include "lib/wire/openssl.h"

#include <openssl/crypto.h>

#include "lib/wire/identity_check.h"
#include "lib/wire/json.h"

enum { TIMESTAMP_DIGITS = 10 };

const char *identity_result_word(enum identity_result result)
{
    static const char *const words[IDENTITY_RESULTS] = {
#define X(name, word) word,
        IDENTITY_RESULT_LIST(X)
#undef X
    };
    ENSURE(result < IDENTITY_RESULTS);
    return words[result];
}

/* ---- questions ---- */

static bool identity_shaped(const char *identity)
{
    size_t digits = strspn(identity, "0123456789"), len = strlen(identity);
    return len == IDENTITY_CHECK_IDENTITY_LEN &&
           (digits == len || (digits == len - 1 && identity[digits] == 'X'));
}

static bool digits_only(const char *text, size_t min, size_t max)
{
    size_t len = strlen(text);
    return len >= min && len <= max && bytes_all_digits(bytes_text(text));
}

/* GB 32100: digits and capital letters. */
static bool licence_shaped(const char *licence)
{
    static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t len = strlen(licence);
    return len == IDENTITY_CHECK_LICENCE_LEN && strspn(licence, allowed) == len;
}

static bool whom_shaped(const struct identity_question *q)
{
    if (q->licence != NULL) return licence_shaped(q->licence);
    return identity_shaped(q->identity) &&
           digits_only(q->phone, IDENTITY_CHECK_PHONE_LEN, IDENTITY_CHECK_PHONE_LEN);
}

static void write_whom(struct json_out *j, const struct identity_question *q)
{
    if (q->licence != NULL) {
        json_member_string(j, "licence", q->licence);
        return;
    }
    json_member_string(j, "identity", q->identity);
    json_member_string(j, "phone", q->phone);
}

err identity_check_write(struct writer *w, const struct identity_question *q)
{
    bool four = q->elements == IDENTITY_FOUR, account = four || q->licence != NULL;
    size_t name = strlen(q->name);
    ENSURE(q->elements == IDENTITY_THREE || (four && q->licence == NULL));
    if (name == 0 || name > IDENTITY_CHECK_NAME_MAX) return ERR(LENGTH);
    bool whole = outbound_id_valid(q->id) && json_utf8_valid(bytes_text(q->name)) &&
                 whom_shaped(q) &&
                 (!account || digits_only(q->account, 1, IDENTITY_CHECK_ACCOUNT_MAX));
    if (!whole) return ERR(FORMAT);
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "id", q->id);
    json_member_int(&j, "elements", (int64_t)q->elements);
    json_member_string(&j, "name", q->name);
    write_whom(&j, q);
    if (account) json_member_string(&j, "account", q->account);
    json_object_end(&j);
    return (err){w->fault};
}

/* ---- answers ---- */

/* Fixed width: one time has one spelling. */
static bool read_timestamp(const char *text, int64_t *ret_s)
{
    struct bytes digits = bytes_text(text != NULL ? text : "");
    if (digits.len != TIMESTAMP_DIGITS || !bytes_all_digits(digits)) return false;
    *ret_s = 0;
    for (size_t i = 0; i < digits.len; i++) *ret_s = *ret_s * 10 + (digits.at[i] - '0');
    return true;
}

static err check_signature(const struct sms_key *key, int64_t now_s,
                           const struct identity_answer *answer)
{
    int64_t at_s = 0;
    char expected[SMS_SIGNATURE_MAX + 1];
    if (!read_timestamp(answer->timestamp, &at_s)) return ERR(MAC);
    if (at_s < now_s - SMS_TOLERANCE_S || at_s > now_s + SMS_TOLERANCE_S) return ERR(MAC);
    TRY(sms_sign(key, at_s, answer->body, expected));
    bool same = answer->signature != NULL && strlen(answer->signature) == SMS_SIGNATURE_MAX &&
                CRYPTO_memcmp(answer->signature, expected, SMS_SIGNATURE_MAX) == 0;
    explicit_bzero(expected, sizeof expected);
    return same ? OK : ERR(MAC);
}

static err read_result(const struct json_t *root, const char *id, enum identity_result *ret)
{
    static const char *const names[] = {"id", "result", NULL};
    struct bytes said, word;
    TRY(json_only(root, names)); /* a request of ours that comes back is none */
    TRY(json_text(root, "id", OUTBOUND_ID_MAX, &said));
    TRY(json_text(root, "result", 16, &word));
    if (!bytes_equal(said, bytes_text(id))) return ERR(FORMAT);
    for (enum identity_result r = IDENTITY_RIGHT; r < IDENTITY_RESULTS; r++) {
        if (!bytes_equal(word, bytes_text(identity_result_word(r)))) continue;
        *ret = r;
        return OK;
    }
    return ERR(FORMAT);
}

err identity_check_read(const struct sms_key *key, int64_t now_s,
                        const struct identity_answer *answer, const char *id,
                        enum identity_result *ret_result)
{
    CLEANUP(json_free) struct json_document document = {0};
    enum identity_result result;
    if (answer->status == 429 || answer->status == 503) return ERR(BUSY);
    if (answer->status == 409) return ERR(CONFLICT);
    if (answer->status != 200) return ERR(REFUSED);
    if (answer->body.len > IDENTITY_CHECK_ANSWER_MAX) return ERR(FORMAT);
    TRY(check_signature(key, now_s, answer));
    err read = json_parse(answer->body, IDENTITY_CHECK_ANSWER_MAX, &document);
    if (!FAILED(read)) read = read_result(document.root, id, &result);
    if (FAILED(read)) return ERR(FORMAT);
    *ret_result = result;
    return OK;
}
