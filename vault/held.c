/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Card data of payments that cards have approved by themselves (S89): from the approval to the
 * delivery it lies with the terminal, in the row of its payment, so that both are committed
 * together. It is sealed under the device key, which no sign-in changes and tampering erases, and
 * bound to terminal, batch, STAN and amount. Track data is not in it: whoever reads the advice
 * needs number, expiry and sequence, and nothing of a magnetic stripe is kept after a payment
 * (S64).
 */
#include "lib/crypto/sealed.h"
#include "vault/state.h"

enum { LABEL_MAX = sizeof "held|" + VAULT_PAYMENT_TEXT };

static void write_label(const struct vault *v, const struct vault_envelope *m, struct writer *w)
{
    write_bytes(w, BYTES("held|"));
    vault_payment_write(v, m, w);
}

static err seal(struct vault *v, const struct vault_envelope *m, struct writer *w)
{
    char label[LABEL_MAX];
    struct writer l = writer_over(label, sizeof label);
    struct sealed_secret key = vault_device_secret(v);
    CLEANUP(card_data_wipe) struct card_data card = v->secrets->card;
    CLEANUP(secret_wipe) struct secret plain = {.len = 0};
    struct writer p = writer_over(plain.at, sizeof plain.at);
    write_label(v, m, &l);
    explicit_bzero(card.track2, sizeof card.track2);
    TRY(card_data_encode(&card, &p));
    plain.len = (uint8_t)p.len;
    return sealed_write(&v->crypto, &key, writer_view(&l), secret_view(&plain), w);
}

/* MAC, and others: it is not what was given out for this payment. */
static err open(struct vault *v, const struct vault_held *m, struct card_data *ret_card)
{
    char label[LABEL_MAX];
    struct writer l = writer_over(label, sizeof label);
    struct sealed_secret key = vault_device_secret(v);
    CLEANUP(secret_wipe) struct secret plain = {.len = 0};
    struct writer p = writer_over(plain.at, sizeof plain.at);
    write_label(v, &m->payment, &l);
    TRY(sealed_read(&v->crypto, &key, writer_view(&l), m->held, &p));
    plain.len = (uint8_t)p.len;
    return card_data_decode(secret_view(&plain), ret_card);
}

err vault_run_card_hold(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    struct vault_envelope m;
    uint8_t sealed[VAULT_HELD_MAX];
    struct writer w = writer_over(sealed, sizeof sealed);
    if (FAILED(vault_read_envelope(request, &m)) || !vault_payment_plausible(v, &m))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!vault_has_card(v)) return vault_refuse(status, VAULT_NO_CARD);
    if (!vault_chip_approved_alone(v) || m.amount_minor != v->shown_minor) {
        TRY(vault_audit_note(v, NULL, "hold_refused", v->device.tid, ""));
        return vault_refuse(status, VAULT_NOT_ALLOWED);
    }
    TRY(seal(v, &m, &w));
    vault_write_bytes(answer, writer_view(&w));
    return OK;
}

err vault_run_held_envelope(struct vault *v, struct reader *request, struct writer *answer,
                            enum vault_status *status)
{
    struct vault_held m;
    CLEANUP(card_data_wipe) struct card_data card = {0};
    if (FAILED(vault_read_held(request, &m)) || !vault_payment_plausible(v, &m.payment))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    err opened = open(v, &m, &card);
    if (opened.code == ERR_CRYPTO) return opened;
    if (FAILED(opened)) {
        TRY(vault_audit_note(v, NULL, "held_refused", v->device.tid, ""));
        return vault_refuse(status, VAULT_NOT_ALLOWED);
    }
    return vault_envelope_say(v, &m.payment, &card, answer, status);
}
