/* SPDX-License-Identifier: Apache-2.0 */
/* Payment codes to wallets: one table of prefixes and lengths. */
#include "lib/qr/payment_code.h"

#include "lib/base/base64.h"

struct rule {
    enum payment_code_wallet wallet;
    unsigned first, last; /* the first two digits */
    size_t min, max;      /* digits in all */
};

/* From what each wallet publishes for merchants; no two rows share a prefix. */
static const struct rule rules[] = {
    {PAYMENT_CODE_WECHAT, 10, 15, 18, 18},
    {PAYMENT_CODE_ALIPAY, 25, 30, 16, 24},
    {PAYMENT_CODE_UNIONPAY, 62, 62, 19, 19},
};

static const char *const names[PAYMENT_CODE_WALLETS] = {"unknown", "alipay", "wechat", "unionpay"};

enum payment_code_wallet payment_code_wallet(struct bytes code)
{
    if (code.len < 2 || code.len > PAYMENT_CODE_MAX || !bytes_all_digits(code))
        return PAYMENT_CODE_UNKNOWN;
    unsigned prefix = (code.at[0] - '0') * 10u + (code.at[1] - '0');
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (prefix >= rules[i].first && prefix <= rules[i].last && code.len >= rules[i].min &&
            code.len <= rules[i].max)
            return rules[i].wallet;
    return PAYMENT_CODE_UNKNOWN;
}

bool payment_code_of_card(struct bytes text)
{
    static const uint8_t begin[] = {0x85, 0x05, 'C', 'P', 'V', '0', '1'};
    uint8_t block[9]; /* of twelve characters; the last two bytes are of the next object */
    size_t len = 0;
    if (text.len < 12) return false;
    if (FAILED(base64_decode(bytes_of(text.at, 12), block, sizeof block, &len))) return false;
    return len == sizeof block && memcmp(block, begin, sizeof begin) == 0;
}

const char *payment_code_wallet_name(enum payment_code_wallet wallet)
{
    ENSURE((unsigned)wallet < PAYMENT_CODE_WALLETS);
    return names[wallet];
}
