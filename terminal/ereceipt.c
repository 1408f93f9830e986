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

/* The link of a payment, into `out` with its NUL. False: the vault would not, or it is too long. */
static bool make_link(struct terminal *t, const struct payment *payment, char *out, size_t size)
{
    uint8_t body_block[ERECEIPT_BODY_MAX], signature[ERECEIPT_SIGNATURE_MAX];
    uint8_t der[ERECEIPT_CERTIFICATE_MAX], joined_block[ERECEIPT_MAX];
    struct writer body = writer_over(body_block, sizeof body_block);
    struct writer joined = writer_over(joined_block, sizeof joined_block);
    struct writer link = writer_over(out, size - 1);
    struct bytes pem, authority;
    size_t der_len, signature_len;
    if (FAILED(ereceipt_write(payment, t->facts.merchant, queue_local_ms(payment), &body)))
        return false;
    if (secure_receipt_sign(t, writer_view(&body), signature, &signature_len) != VAULT_OK)
        return false;
    if (secure_certificate(t, &pem, &authority) != VAULT_OK || !pem_to_der(pem, der, &der_len))
        return false;
    if (FAILED(ereceipt_join(writer_view(&body), bytes_of(signature, signature_len),
                             bytes_of(der, der_len), &joined)))
        return false;
    write_bytes(&link, bytes_text(t->config.receipt_url));
    write_bytes(&link, BYTES("#"));
    base64_write(&link, writer_view(&joined));
    out[link.len] = '\0';
    return link.fault == ERR_OK;
}

static err show(struct terminal *t, int64_t number)
{
    struct payment payment;
    TRY(records_get(&t->records, number, &payment));
    screen_begin(t, "ereceipt.show", TEXT_ERECEIPT_TITLE);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    if (payment_state_paid(payment.state) &&
        make_link(t, &payment, t->screen.qr, sizeof t->screen.qr)) {
        SAY(t, SCREEN_HINT, TEXT_ERECEIPT_HINT);
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
