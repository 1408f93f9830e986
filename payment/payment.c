/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a payment without messages: equality of keys, digest, masking. */
#include "payment/payment.h"

bool payment_key_equal(const struct payment_key *a, const struct payment_key *b)
{
    return a->stan == b->stan && a->batch == b->batch && memcmp(a->tid, b->tid, sizeof a->tid) == 0;
}

static uint64_t fnv1a(uint64_t hash, const void *at, size_t len)
{
    const uint8_t *bytes = at;
    for (size_t i = 0; i < len; i++) hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t payment_digest(const struct payment *payment)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    const int64_t numbers[] = {payment->type, payment->means, payment->amount_minor,
                               payment->currency};
    hash = fnv1a(hash, numbers, sizeof numbers);
    /* Without one the digest is what it was before there were tips: journals hold many of those. */
    if (payment->tip_minor > 0) hash = fnv1a(hash, &payment->tip_minor, sizeof payment->tip_minor);
    if (payment->plan.months > 0) {
        const int64_t plan[] = {payment->plan.months, payment->plan.by_merchant,
                                payment->plan.fee_minor};
        hash = fnv1a(hash, plan, sizeof plan);
    }
    return fnv1a(hash, payment->mid, strlen(payment->mid));
}

bool payment_chip_due(const struct payment *payment)
{
    switch (payment->entry) {
    case PAYMENT_ENTRY_CHIP:
    case PAYMENT_ENTRY_CONTACTLESS:
        return true;
    case PAYMENT_ENTRY_CODE:
        return payment->means == PAYMENT_CARD;
    case PAYMENT_ENTRY_UNKNOWN:
    case PAYMENT_ENTRY_MANUAL:
    case PAYMENT_ENTRY_SWIPE:
    case PAYMENT_ENTRY_PLATE:
    case PAYMENT_ENTRY_FALLBACK:
        break;
    }
    return false;
}

bool payment_offline(const struct payment *payment)
{
    enum { TAG_RESPONSE_CODE = 0x8A };
    struct bytes code = payment_chip_get(&payment->chip, TAG_RESPONSE_CODE);
    return bytes_equal(code, BYTES("Y1")) || bytes_equal(code, BYTES("Y3"));
}

bool payment_told(const struct payment *payment)
{
    return payment->type == PAYMENT_COMPLETION_ADVICE || payment_offline(payment);
}

err payment_mask(struct bytes digits, char out[static 20])
{
    enum { LEAST = 13, SHOWN = 19 };
    if (digits.len < LEAST) return ERR(LENGTH);
    if (!bytes_all_digits(digits)) return ERR(DIGIT);
    /* A payment code may have 24 digits; its masked form keeps 19 so that it fits where a PAN fits.
     */
    size_t len = digits.len < SHOWN ? digits.len : SHOWN;
    memset(out, '*', len);
    memcpy(out, digits.at, 6);
    memcpy(out + len - 4, digits.at + digits.len - 4, 4);
    out[len] = '\0';
    return OK;
}

void payment_key_text(const struct payment_key *key, char out[static 24])
{
    struct writer w = writer_over(out, 24);
    write_format(&w, "%.8s/%06u/%06u", key->tid, key->batch, key->stan);
    ENSURE(w.fault == ERR_OK);
    out[w.len] = '\0';
}
