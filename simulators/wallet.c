/* SPDX-License-Identifier: Apache-2.0 */
/* The wallet on the ISO 8583 link: payment codes, and customers who type passwords. */
#include "simulators/network_core.h"

void network_payment_code(struct network *network, const struct virtual_phone *phone,
                          char out[static 20])
{
    size_t count;
    char digits[PAYMENT_CODE_MAX + 1];
    phones_code(&network->phones, (uint8_t)(phone - virtual_phones(&count)), PAYMENT_CODE_UNKNOWN,
                digits);
    err fits = bytes_to_text(bytes_text(digits), out, 20);
    ENSURE(!FAILED(fits));
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
    e->state = ENTRY_DECLINED;
    if (!phones_take(&n->phones, q->sensitive.payment_code, &e->account)) {
        memcpy(q->payment.response_code, "14", 3);
        return (struct decision){0};
    }
    size_t count;
    const struct virtual_phone *phone = &virtual_phones(&count)[e->account];
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
