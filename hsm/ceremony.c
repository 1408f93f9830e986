/* SPDX-License-Identifier: Apache-2.0 */
/* What may be a component, and what the log says of it. */
#include "hsm/ceremony.h"

static const struct {
    const char *text;
    enum key_usage usage;
    enum key_algorithm algorithm;
} kind_row[CEREMONY_KINDS] = {
#define X(name, text, usage, algorithm) \
    [CEREMONY_##name] = {text, KEY_USAGE_##usage, KEY_##algorithm},
    CEREMONY_KIND_LIST(X)
#undef X
};

enum ceremony_kind ceremony_kind_of(const char *text)
{
    enum ceremony_kind kind = 0;
    while (kind < CEREMONY_KINDS && strcmp(kind_row[kind].text, text) != 0) kind++;
    return kind;
}

const char *ceremony_kind_text(enum ceremony_kind kind)
{
    return kind < CEREMONY_KINDS ? kind_row[kind].text : "unknown";
}

void ceremony_wipe(struct ceremony *ceremony)
{
    secret_wipe_bytes(ceremony, sizeof *ceremony);
}

err ceremony_begin(enum ceremony_kind kind, struct hsm_audit *audit, struct ceremony *ret_ceremony)
{
    ENSURE(kind < CEREMONY_KINDS);
    static const uint8_t zeros[SECRET_MAX];
    TRY(hsm_audit_write(audit, "ceremony_begun", "%s", kind_row[kind].text));
    *ret_ceremony = (struct ceremony){.kind = kind, .audit = audit};
    size_t len = key_size(kind_row[kind].algorithm);
    return key_make(kind_row[kind].algorithm, kind_row[kind].usage, bytes_of(zeros, len),
                    &ret_ceremony->key);
}

static bool plain_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] <= 0x20 || name.at[i] == 0x7f) return false; /* one word of the log's line */
    return true;
}

/* May this be the next component? */
static err judge(struct crypto *crypto, const struct ceremony *c, struct bytes name,
                 const struct key *part, struct bytes kcv)
{
    TRY(key_check(crypto, part, kcv));
    for (unsigned i = 0; i < c->count; i++)
        if (bytes_equal(name, bytes_text(c->name[i])) || bytes_equal(kcv, BYTES_OF(c->kcv[i])))
            return ERR(CONFLICT);
    return OK;
}

err ceremony_component(struct crypto *crypto, struct ceremony *c, struct bytes name,
                       struct bytes component, struct bytes kcv)
{
    if (c->count == CEREMONY_CUSTODIANS_MAX) return ERR(FULL);
    if (name.len == 0 || name.len > CEREMONY_NAME_MAX) return ERR(LENGTH);
    if (!plain_name(name)) return ERR(FORMAT);
    CLEANUP(key_wipe) struct key part = {0};
    TRY(key_make(c->key.algorithm, c->key.usage, component, &part));
    err fits = judge(crypto, c, name, &part, kcv);
    if (FAILED(fits)) {
        TRY(hsm_audit_write(c->audit, "component_refused", "%s %.*s %s", kind_row[c->kind].text,
                            (int)name.len, (const char *)name.at, err_name(fits)));
        return fits;
    }
    TRY(hsm_audit_write(c->audit, "component_taken", "%s %.*s kcv %02X%02X%02X%02X",
                        kind_row[c->kind].text, (int)name.len, (const char *)name.at, kcv.at[0],
                        kcv.at[1], kcv.at[2], kcv.at[3]));
    for (size_t i = 0; i < part.value.len; i++) c->key.value.at[i] ^= part.value.at[i];
    memcpy(c->name[c->count], name.at, name.len);
    memcpy(c->kcv[c->count], kcv.at, KEY_CHECK_BYTES);
    c->count++;
    return OK;
}

err ceremony_finish(struct crypto *crypto, struct ceremony *c, struct key *ret_key,
                    uint8_t ret_kcv[KEY_CHECK_BYTES])
{
    static const uint8_t zeros[SECRET_MAX];
    uint8_t kcv[KEY_CHECK_BYTES];
    if (c->count < CEREMONY_CUSTODIANS_MIN) return ERR(STATE);
    if (secret_equal(secret_view(&c->key.value), bytes_of(zeros, c->key.value.len)))
        return ERR(KEY);
    TRY(key_check_value(crypto, &c->key, kcv));
    TRY(hsm_audit_write(c->audit, "ceremony_ended", "%s custodians %u kcv %02X%02X%02X%02X",
                        kind_row[c->kind].text, c->count, kcv[0], kcv[1], kcv[2], kcv[3]));
    *ret_key = c->key;
    memcpy(ret_kcv, kcv, sizeof kcv);
    return OK;
}
