/* SPDX-License-Identifier: Apache-2.0 */
/* Payment codes that are used once within a minute, and one balance a phone. */
#include "simulators/phones.h"

/* What codes of a wallet begin with when the phone's own are of another one. */
static const char *const usual_prefix[PAYMENT_CODE_WALLETS] = {
    [PAYMENT_CODE_ALIPAY] = "28", [PAYMENT_CODE_WECHAT] = "13", [PAYMENT_CODE_UNIONPAY] = "62"};

static const struct virtual_phone *phone_at(uint8_t phone)
{
    size_t count;
    const struct virtual_phone *first = virtual_phones(&count);
    ENSURE(phone < count && count <= PHONES_MAX);
    return &first[phone];
}

static enum payment_code_wallet wallet_of_prefix(const char *prefix)
{
    if (strcmp(prefix, "62") == 0) return PAYMENT_CODE_UNIONPAY;
    return prefix[0] == '1' ? PAYMENT_CODE_WECHAT : PAYMENT_CODE_ALIPAY;
}

void phones_code(struct phones *phones, uint8_t phone, enum payment_code_wallet wallet,
                 char out[static PAYMENT_CODE_MAX + 1])
{
    const char *prefix = phone_at(phone)->prefix;
    if (wallet != PAYMENT_CODE_UNKNOWN && wallet_of_prefix(prefix) != wallet)
        prefix = usual_prefix[wallet];
    struct phone_code *code = &phones->code[phones->next_code];
    phones->next_code = (phones->next_code + 1) % PHONES_CODES_MAX;

    size_t len = strcmp(prefix, "62") == 0 ? 19 : 18;
    memcpy(code->digits, prefix, 2);
    for (size_t i = 2; i < len; i++)
        code->digits[i] = (char)('0' + random_below(&phones->random, 10));
    code->digits[len] = '\0';
    code->until_ms = clock_now_ms(&phones->clock) + PHONES_CODE_LIFE_MS;
    code->phone = phone;
    code->used = false;
    memcpy(out, code->digits, len + 1);
}

bool phones_take(struct phones *phones, struct bytes digits, uint8_t *ret_phone)
{
    for (size_t i = 0; i < PHONES_CODES_MAX; i++) {
        struct phone_code *code = &phones->code[i];
        if (code->digits[0] == '\0' || !bytes_equal(digits, bytes_text(code->digits))) continue;
        if (code->used || code->until_ms < clock_now_ms(&phones->clock)) return false;
        code->used = true;
        *ret_phone = code->phone;
        return true;
    }
    return false;
}

bool phones_pay(struct phones *phones, uint8_t phone, int64_t amount_minor)
{
    ENSURE(amount_minor > 0);
    int64_t *spent = &phones->spent_minor[phone];
    int64_t left = phone_at(phone)->balance_minor - *spent;
    if (!phones->generous && amount_minor > left) return false;
    *spent += amount_minor;
    return true;
}

void phones_give_back(struct phones *phones, uint8_t phone, int64_t amount_minor)
{
    ENSURE(phone < PHONES_MAX && amount_minor >= 0);
    phones->spent_minor[phone] -= amount_minor;
}
