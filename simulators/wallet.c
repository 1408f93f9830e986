/* SPDX-License-Identifier: Apache-2.0 */
/* The wallet: payment codes that are used once within a minute, and customers who type passwords.
 */
#include "simulators/network_core.h"

void network_payment_code(struct network *network, const struct virtual_phone *phone,
                          char out[static 20])
{
    size_t count;
    const struct virtual_phone *first = virtual_phones(&count);
    struct code *code = &network->code[network->next_code];
    network->next_code = (network->next_code + 1) % NETWORK_CODES_MAX;

    size_t len = strcmp(phone->prefix, "62") == 0 ? 19 : 18;
    memcpy(code->digits, phone->prefix, 2);
    for (size_t i = 2; i < len; i++)
        code->digits[i] = (char)('0' + random_below(&network->config.random, 10));
    code->digits[len] = '\0';
    code->until_ms = clock_now_ms(&network->config.clock) + NETWORK_CODE_LIFE_MS;
    code->phone = (uint8_t)(phone - first);
    code->used = false;
    memcpy(out, code->digits, len + 1);
}

static struct code *code_of(struct network *n, struct bytes digits)
{
    for (size_t i = 0; i < NETWORK_CODES_MAX; i++)
        if (n->code[i].digits[0] != '\0' && bytes_equal(digits, bytes_text(n->code[i].digits)))
            return &n->code[i];
    return NULL;
}

static void name_wallet(struct payment *p, const struct virtual_phone *phone)
{
    p->card_class = PAYMENT_CLASS_WALLET;
    if (FAILED(bytes_to_text(bytes_text(wallet_name(phone)), p->issuer, sizeof p->issuer)))
        ensure_failed(__FILE__, __LINE__, "a wallet's name fits");
}

struct decision wallet_decide(struct network *n, struct question *q, struct entry *e)
{
    int64_t now = clock_now_ms(&n->config.clock);
    struct code *code = code_of(n, q->sensitive.payment_code);
    e->state = ENTRY_DECLINED;
    if (code == NULL || code->used || code->until_ms < now) {
        memcpy(q->payment.response_code, "14", 3);
        return (struct decision){0};
    }
    code->used = true;
    size_t count;
    const struct virtual_phone *phone = &virtual_phones(&count)[code->phone];
    e->account = code->phone;
    name_wallet(&q->payment, phone);
    if (phone->behaviour == BEHAVES_ASKS || phone->behaviour == BEHAVES_NEVER_PAYS) {
        memcpy(q->payment.response_code, "09", 3);
        e->state = ENTRY_ASKED;
        e->due_ms = phone->behaviour == BEHAVES_ASKS ? now + NETWORK_ASKS_MS : 0;
        return (struct decision){0};
    }
    network_charge(n, &q->payment, e, phone->balance_minor);
    return (struct decision){.silent = phone->behaviour == BEHAVES_SILENT};
}

void wallet_paid(struct network *n, struct entry *e)
{
    size_t count;
    struct payment p = {0};
    network_charge(n, &p, e, virtual_phones(&count)[e->account].balance_minor);
    memcpy(e->response_code, p.response_code, sizeof e->response_code);
    memcpy(e->auth_code, p.auth_code, sizeof e->auth_code);
}
