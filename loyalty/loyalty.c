/* SPDX-License-Identifier: Apache-2.0 */
/* Opening loyalty.db, new ids, and the words of verdicts. */
#include "loyalty/loyalty.h"

#include "loyalty/campaign_internal.h"

static const struct store_schema *const schema[] = {
    &loyalty_book_schema,       &loyalty_programme_schema, &loyalty_member_schema,
    &loyalty_points_schema,     &loyalty_campaign_schema,  &loyalty_coupon_schema,
    &loyalty_redemption_schema, &loyalty_escrow_schema,    &loyalty_value_schema,
    &loyalty_message_schema,
};

err loyalty_open(const char *path, const struct store_options *options, struct store_fault *fault,
                 struct store **ret_store)
{
    struct store *store = NULL;
    TRY(store_open(path, options, fault, &store));
    for (size_t i = 0; i < ARRAY_LEN(schema); i++) {
        err e = store_migrate(store, schema[i]);
        if (!FAILED(e)) continue;
        if (fault != NULL) *fault = store_fault_of(store);
        store_close(store);
        return e;
    }
    *ret_store = store;
    return OK;
}

err loyalty_row_end(struct store_statement *query)
{
    err e = store_read_finish(query);
    store_reset(query);
    return e;
}

void loyalty_random_text(const struct random *random, char *out, size_t len)
{
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* 32 of them */
    uint8_t byte[64];
    ENSURE(len <= sizeof byte);
    random_fill(random, byte, len);
    for (size_t i = 0; i < len; i++) out[i] = letters[byte[i] & 31];
    out[len] = '\0';
}

void loyalty_id(const struct random *random, char letter, char out[static LOYALTY_ID_LEN + 1])
{
    out[0] = letter;
    loyalty_random_text(random, out + 1, LOYALTY_ID_LEN - 1);
}

const char *loyalty_verdict_name(enum loyalty_verdict verdict)
{
    static const char *const name[LOYALTY_VERDICTS] = {
#define X(id, word, english, chinese) word,
        LOYALTY_VERDICT_LIST(X)
#undef X
    };
    ENSURE(verdict < LOYALTY_VERDICTS);
    return name[verdict];
}

const char *loyalty_verdict_text(enum loyalty_verdict verdict, bool chinese)
{
    static const char *const text[LOYALTY_VERDICTS][2] = {
#define X(id, word, english, chinese) {english, chinese},
        LOYALTY_VERDICT_LIST(X)
#undef X
    };
    ENSURE(verdict < LOYALTY_VERDICTS);
    return text[verdict][chinese];
}
