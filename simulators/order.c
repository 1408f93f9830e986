/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wallet's orders: codes that a terminal shows (主扫, S78). The acquirer says what it will
 * show; a phone that scans the text pays the order of its reference, once, while it is open.
 * Everything in the text is looked at here, as a wallet must that did not make it.
 */
#include "lib/crypto/mac.h"
#include "lib/qr/order_code.h"
#include "simulators/network_core.h"

/* Why a phone does not pay. */
enum refusal {
    REFUSAL_NONE,
    REFUSAL_LENGTH,
    REFUSAL_DAMAGED,
    REFUSAL_ALTERED,
    REFUSAL_EXPIRED,
    REFUSAL_UNKNOWN,
    REFUSAL_AMOUNT,
    REFUSAL_USED,
    REFUSAL_CLOSED,
    REFUSAL_POOR,
};

static const struct text2 reasons[] = {
    [REFUSAL_LENGTH] = {"收款码过长", "the code is too long"},
    [REFUSAL_DAMAGED] = {"收款码已损坏，请重扫", "the code is damaged; scan it again"},
    [REFUSAL_ALTERED] = {"收款码被改动，请勿付款", "the code was altered; do not pay"},
    [REFUSAL_EXPIRED] = {"收款码已过期", "the code has expired"},
    [REFUSAL_UNKNOWN] = {"没有这笔订单", "there is no such order"},
    [REFUSAL_AMOUNT] = {"金额与订单不符", "the order is of another amount"},
    [REFUSAL_USED] = {"收款码已被扫过", "the code was scanned before"},
    [REFUSAL_CLOSED] = {"订单已关闭", "the order is closed"},
    [REFUSAL_POOR] = {"余额不足", "there is not enough in the account"},
};

/* Signed by who shares our key: CRC and MAC. */
static enum refusal read_code(struct network *n, struct bytes text, struct order_code *out)
{
    uint8_t block[ORDER_CODE_MAX];
    struct writer covered = writer_over(block, sizeof block);
    if (text.len > SCAN_TEXT_MAX) return REFUSAL_LENGTH;
    if (FAILED(order_code_parse(text, out))) return REFUSAL_DAMAGED;
    if (FAILED(order_code_signed(out, text, &covered))) return REFUSAL_ALTERED;
    err checked = mac_verify(n->config.crypto, MAC_AES_CMAC_8, &n->config.mac,
                             writer_view(&covered), BYTES_OF(out->mac));
    return FAILED(checked) ? REFUSAL_ALTERED : REFUSAL_NONE;
}

struct decision wallet_order(struct network *n, struct question *q, struct entry *e)
{
    struct order_code code;
    const struct payment *p = &q->payment;
    e->state = ENTRY_DECLINED;
    bool good = read_code(n, q->sensitive.shown_code, &code) == REFUSAL_NONE && !code.plate &&
                code.amount_minor == p->amount_minor && code.currency == p->currency &&
                strcmp(code.reference, p->rrn) == 0;
    memcpy(q->payment.response_code, good ? "09" : "30", 3);
    if (good) e->state = ENTRY_ASKED;
    return (struct decision){0};
}

/* ---- a phone ---- */

/* May the order still be paid, and by this code? */
static enum refusal order_refusal(struct network *n, const struct order_code *code,
                                  const struct entry *e)
{
    if (code->expires_s * 1000 <= clock_now_ms(&n->config.clock)) return REFUSAL_EXPIRED;
    if (e == NULL || e->route != PAYMENT_ROUTE_WALLET) return REFUSAL_UNKNOWN;
    if (e->class != PAYMENT_CLASS_UNKNOWN || e->state == ENTRY_CHARGED) return REFUSAL_USED;
    if (e->state != ENTRY_ASKED) return REFUSAL_CLOSED;
    return e->amount_minor == code->amount_minor ? REFUSAL_NONE : REFUSAL_AMOUNT;
}

static bool enough(struct network *n, const struct virtual_phone *phone, const struct entry *e)
{
    return n->config.generous || e->amount_minor <= phone->balance_minor - *network_spent(n, e);
}

/* The phone has it: nobody else can scan it any more, whatever becomes of it. */
static enum scan_outcome pay(struct network *n, const struct virtual_phone *phone, struct entry *e)
{
    e->class = PAYMENT_CLASS_WALLET;
    switch (phone->behaviour) {
    case BEHAVES_ASKS:
        e->due_ms = clock_now_ms(&n->config.clock) + NETWORK_ASKS_MS;
        return SCAN_ASKED;
    case BEHAVES_NEVER_PAYS:
        return SCAN_ASKED;
    default:
        wallet_paid(n, e);
        network_stamp(n, e);
        return SCAN_PAID;
    }
}

static void refuse(struct scan_result *result, enum refusal why)
{
    result->outcome = SCAN_REFUSED;
    result->reason = reasons[why];
}

/* Another's, whatever may be wrong with it: it does not even begin as ours do. */
static bool foreign(struct bytes text)
{
    struct order_code code;
    return order_code_parse(text, &code).code == ERR_UNSUPPORTED;
}

/* He has opened a wallet that is not on this link. */
static bool of_another(const struct scan *scan)
{
    return scan->wallet == PAYMENT_CODE_ALIPAY || scan->wallet == PAYMENT_CODE_WECHAT;
}

err network_scan(void *context, const struct scan *scan, struct scan_result *ret_result)
{
    struct network *n = context;
    struct order_code code;
    size_t count;
    const struct virtual_phone *phone = &virtual_phones(&count)[scan->phone];
    ENSURE(scan->phone < count);
    if (foreign(scan->text) || of_another(scan)) return ERR(NOT_FOUND);
    struct scan_result result = {.outcome = SCAN_REFUSED};
    enum refusal why = read_code(n, scan->text, &code);
    if (why == REFUSAL_NONE) {
        result.amount_minor = code.amount_minor;
        TRY(bytes_to_text(bytes_text(code.name), result.payee, sizeof result.payee));
        TRY(bytes_to_text(bytes_text(code.reference), result.reference, sizeof result.reference));
        if (code.plate) {
            *ret_result = result;
            return plate_scan(n, scan, &code, ret_result);
        }
        why = order_refusal(n, &code, book_find(n->book, bytes_text(code.reference)));
    }
    if (why == REFUSAL_NONE) {
        struct entry e = *book_find(n->book, bytes_text(code.reference));
        e.account = scan->phone;
        if (!enough(n, phone, &e)) why = REFUSAL_POOR;
        else result.outcome = pay(n, phone, &e);
        if (why == REFUSAL_NONE) TRY(book_put(n->book, &e));
    }
    if (why != REFUSAL_NONE) refuse(&result, why);
    *ret_result = result;
    return OK;
}
