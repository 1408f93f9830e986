/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the hsm for what members are known by. */
#include "backoffice/loyalty/member_seal.h"

#include <assert.h>
#include <stdio.h>

#include "lib/auth/small_seal.h"
#include "lib/auth/token.h"

enum { LABEL_MAX = 48 };

static_assert((int)PASSWORD_KEYED_BYTES == (int)SMALL_SEAL_KEY_BYTES, "a key of the hsm seals");
static_assert((int)PASSWORD_KEYED_BYTES == (int)LOYALTY_INDEX_LEN, "and is an index");

/* What the hsm makes of merchant, purpose and text. */
static err keyed(struct backoffice *b, const char *mid, const char *what, const char *text,
                 uint8_t out[PASSWORD_KEYED_BYTES])
{
    char whose[LABEL_MAX];
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    const struct password_keyed *port = &b->ports.keyed;
    snprintf(whose, sizeof whose, "member.%s", mid);
    token_digest(what, bytes_text(text), digest);
    return FAILED(port->make(port->context, bytes_text(whose), digest, out)) ? ERR(REFUSED) : OK;
}

bool member_phone_read(struct bytes text, char out[static CONTACT_PHONE_MAX])
{
    char phone[CONTACT_PHONE_MAX + 3];
    if (FAILED(bytes_to_text(text, phone, sizeof phone))) return false;
    const char *digits = strncmp(phone, "+86", 3) == 0 ? phone + 3 : phone;
    bool right = contact_phone_valid(digits) &&
                 !FAILED(bytes_to_text(bytes_text(digits), out, CONTACT_PHONE_MAX));
    explicit_bzero(phone, sizeof phone);
    return right;
}

err member_index(struct backoffice *b, const char *mid, enum loyalty_find by, const char *digits,
                 uint8_t out[static LOYALTY_INDEX_LEN])
{
    ENSURE(by == LOYALTY_BY_PHONE || by == LOYALTY_BY_TAIL);
    return keyed(b, mid, by == LOYALTY_BY_PHONE ? "member phone" : "member tail", digits, out);
}

static void label_of(const char *mid, const char *column, char out[LABEL_MAX])
{
    snprintf(out, LABEL_MAX, "member.%s.%s", mid, column);
}

static size_t seal(struct backoffice *b, const uint8_t *key, const char *mid, const char *column,
                   const char *plain, uint8_t out[LOYALTY_SEALED_MAX])
{
    char label[LABEL_MAX];
    struct writer w = writer_over(out, LOYALTY_SEALED_MAX);
    if (plain[0] == '\0') return 0;
    label_of(mid, column, label);
    small_seal(&b->config.random, key, bytes_text(label), bytes_text(plain), &w);
    ENSURE(w.fault == ERR_OK);
    return writer_view(&w).len;
}

err member_seal(struct backoffice *b, const char *mid, const struct member_plain *plain,
                struct member_sealed *out)
{
    uint8_t key[SMALL_SEAL_KEY_BYTES];
    *out = (struct member_sealed){.phone_len = 0};
    size_t len = strlen(plain->phone);
    if (len > 0) {
        ENSURE(len > MEMBER_TAIL);
        const char *tail = plain->phone + len - MEMBER_TAIL;
        TRY(member_index(b, mid, LOYALTY_BY_PHONE, plain->phone, out->phone_index));
        TRY(member_index(b, mid, LOYALTY_BY_TAIL, tail, out->tail_index));
    }
    TRY(keyed(b, mid, "seal of members", "", key));
    out->phone_len = seal(b, key, mid, "phone", plain->phone, out->phone);
    out->name_len = seal(b, key, mid, "name", plain->name, out->name);
    explicit_bzero(key, sizeof key);
    return OK;
}

/* Into `size` bytes, the last of them a NUL at least. */
static err open_one(const uint8_t *key, const char *mid, const char *column, struct bytes sealed,
                    char *out, size_t size)
{
    char label[LABEL_MAX];
    out[0] = '\0';
    if (sealed.len == 0) return OK;
    size_t len = sealed.len < SMALL_SEAL_OVERHEAD ? size : sealed.len - SMALL_SEAL_OVERHEAD;
    if (len >= size) return ERR(MAC);
    label_of(mid, column, label);
    TRY(small_open(key, bytes_text(label), sealed, out, len));
    out[len] = '\0';
    return OK;
}

err member_open(struct backoffice *b, const struct loyalty_member *m, struct member_plain *out)
{
    uint8_t key[SMALL_SEAL_KEY_BYTES];
    *out = (struct member_plain){.phone = ""};
    if (m->phone_len + m->name_len == 0) return OK;
    TRY(keyed(b, m->merchant, "seal of members", "", key));
    err e = open_one(key, m->merchant, "phone", bytes_of(m->phone_sealed, m->phone_len), out->phone,
                     sizeof out->phone);
    if (!FAILED(e))
        e = open_one(key, m->merchant, "name", bytes_of(m->name_sealed, m->name_len), out->name,
                     sizeof out->name);
    explicit_bzero(key, sizeof key);
    if (FAILED(e)) member_plain_wipe(out);
    return e;
}

void member_plain_wipe(struct member_plain *plain)
{
    explicit_bzero(plain, sizeof *plain);
}
