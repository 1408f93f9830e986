/* SPDX-License-Identifier: Apache-2.0 */
/* The vault signs, and may refuse: then the paper is what there is, and the screen says so. */
#include "terminal/ereceipt.h"

#include "lib/base/base64.h"
#include "payment/ereceipt.h"
#include "terminal/core.h"

bool ereceipt_offered(const struct terminal *t)
{
    return t->config.receipt_url != NULL;
}

/* The first certificate of a PEM, as DER. False when it is none, or too long for a code. */
static bool pem_to_der(struct bytes pem, uint8_t der[static ERECEIPT_CERTIFICATE_MAX],
                       size_t *ret_len)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END";
    uint8_t block[ERECEIPT_CERTIFICATE_MAX * 2];
    struct writer text = writer_over(block, sizeof block);
    const uint8_t *from = memmem(pem.at, pem.len, begin, sizeof begin - 1);
    if (from == NULL) return false;
    from += sizeof begin - 1;
    const uint8_t *to = memmem(from, (size_t)(pem.at + pem.len - from), end, sizeof end - 1);
    if (to == NULL) return false;
    for (; from < to; from++)
        if (*from != '\n' && *from != '\r') write_be(&text, *from, 1);
    return text.fault == ERR_OK &&
           !FAILED(base64_decode(writer_view(&text), der, ERECEIPT_CERTIFICATE_MAX, ret_len));
}

/* What a receipt may have besides its payment, as it is in the store. */
struct besides {
    struct basket basket;
    uint8_t strokes[RECEIPT_STROKES_MAX];
    size_t strokes_len;
};

static err look(struct terminal *t, int64_t number, struct besides *out)
{
    struct writer strokes = writer_over(out->strokes, sizeof out->strokes);
    TRY(goods_of(t->records.store, number, &out->basket));
    TRY(signature_get(t->records.store, number, &strokes));
    out->strokes_len = strokes.len;
    return OK;
}

/* With what was left out as it says, and so small that a code of it can be read. */
static bool body_fits(struct terminal *t, const struct payment *payment, const struct besides *has,
                      unsigned left_out, size_t der_len, struct writer *body)
{
    struct ereceipt_more more = {.left_out = left_out};
    if (!(left_out & ERECEIPT_LEFT_GOODS)) more.basket = has->basket;
    if (!(left_out & ERECEIPT_LEFT_STROKES))
        more.strokes = bytes_of(has->strokes, has->strokes_len);
    bool plain = more.basket.count == 0 && more.strokes.len == 0 && left_out == 0;
    *body = writer_over(body->at, body->max);
    if (FAILED(ereceipt_write(payment, shop_name_at(t, payment->created_ms),
                              queue_local_ms(payment), body)))
        return false;
    if (!plain && FAILED(ereceipt_write_more(&more, body))) return false;
    size_t joined = 1 + 2 + body->len + 1 + ERECEIPT_SIGNATURE_MAX + der_len;
    return strlen(t->config.receipt_url) + 1 + (joined + 2) / 3 * 4 <= ERECEIPT_CODE_MAX;
}

/* As much as fits, goods before the signature. False: not even the payment does. */
static bool make_body(struct terminal *t, const struct payment *payment, const struct besides *has,
                      size_t der_len, struct writer *body, unsigned *ret_left_out)
{
    unsigned goods = has->basket.count > 0 ? ERECEIPT_LEFT_GOODS : 0;
    unsigned strokes = has->strokes_len > 0 ? ERECEIPT_LEFT_STROKES : 0;
    const unsigned tries[] = {0, strokes, goods, goods | strokes};
    for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
        *ret_left_out = tries[i];
        if (body_fits(t, payment, has, tries[i], der_len, body)) return true;
    }
    return false;
}

/* The link of a payment, into `out` with its NUL. False: the vault would not, or it is too long. */
static bool make_link(struct terminal *t, const struct payment *payment, const struct besides *has,
                      char *out, size_t size, unsigned *ret_left_out)
{
    uint8_t body_block[ERECEIPT_BODY_MAX], signature[ERECEIPT_SIGNATURE_MAX];
    uint8_t der[ERECEIPT_CERTIFICATE_MAX], joined_block[ERECEIPT_MAX];
    struct writer body = writer_over(body_block, sizeof body_block);
    struct writer joined = writer_over(joined_block, sizeof joined_block);
    struct writer link = writer_over(out, size - 1);
    struct bytes pem, authority;
    size_t der_len, signature_len;
    if (secure_certificate(t, &pem, &authority) != VAULT_OK || !pem_to_der(pem, der, &der_len))
        return false;
    if (!make_body(t, payment, has, der_len, &body, ret_left_out)) return false;
    if (secure_receipt_sign(t, writer_view(&body), signature, &signature_len) != VAULT_OK)
        return false;
    bool more = has->basket.count > 0 || has->strokes_len > 0;
    if (FAILED(ereceipt_join(more ? ERECEIPT_WITH_MORE : ERECEIPT_PLAIN, writer_view(&body),
                             bytes_of(signature, signature_len), bytes_of(der, der_len), &joined)))
        return false;
    write_bytes(&link, bytes_text(t->config.receipt_url));
    write_bytes(&link, BYTES("#"));
    base64_write(&link, writer_view(&joined));
    out[link.len] = '\0';
    return link.fault == ERR_OK;
}

/* What is not in it is said, so that nobody looks for it in vain. */
static void say_left_out(struct terminal *t, unsigned left_out)
{
    static const enum text_id texts[] = {
        [ERECEIPT_LEFT_GOODS] = TEXT_ERECEIPT_NO_GOODS,
        [ERECEIPT_LEFT_STROKES] = TEXT_ERECEIPT_NO_STROKES,
        [ERECEIPT_LEFT_GOODS | ERECEIPT_LEFT_STROKES] = TEXT_ERECEIPT_NEITHER,
    };
    if (left_out != 0) SAY(t, SCREEN_NORMAL, texts[left_out]);
}

static err show(struct terminal *t, int64_t number)
{
    struct payment payment;
    struct besides has = {.strokes_len = 0};
    unsigned left_out = 0;
    TRY(records_get(&t->records, number, &payment));
    TRY(look(t, number, &has));
    screen_begin(t, "ereceipt.show", TEXT_ERECEIPT_TITLE);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    if (payment_state_paid(payment.state) &&
        make_link(t, &payment, &has, t->screen.qr, sizeof t->screen.qr, &left_out)) {
        SAY(t, SCREEN_HINT, TEXT_ERECEIPT_HINT);
        say_left_out(t, left_out);
    } else {
        t->screen.qr[0] = '\0';
        SAY(t, SCREEN_WARNING, TEXT_ERECEIPT_FAILED);
    }
    screen_show(t);
    return OK;
}

err ereceipt(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    do {
        TRY(show(t, p->local[0]));
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}

err ereceipt_of_work(struct terminal *t, struct procedure *p)
{
    if (p->at == 0) t->chosen = t->work.number;
    return ereceipt(t, p);
}
