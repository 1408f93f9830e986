/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issuers: open the card data, look the card up, check expiry, service code, black list and
 * PIN, and charge. The checks are in the order in which an issuer makes them.
 */
#include "lib/crypto/envelope.h"
#include "lib/crypto/pin.h"
#include "simulators/network_core.h"

static void auth_code(struct network *n, char out[static 7])
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    for (int i = 0; i < 6; i++)
        out[i] = alphabet[random_below(&n->config.random, sizeof alphabet - 1)];
    out[6] = '\0';
}

void network_charge(struct network *n, struct payment *p, struct entry *e, int64_t balance_minor)
{
    ENSURE(e->account < ARRAY_LEN(n->spent[0]));
    int64_t *spent = &n->spent[e->route][e->account];
    if (!n->config.generous && e->amount_minor > balance_minor - *spent) {
        memcpy(p->response_code, "51", 3);
        e->state = ENTRY_DECLINED;
        return;
    }
    *spent += e->amount_minor;
    memcpy(p->response_code, "00", 3);
    auth_code(n, p->auth_code);
    e->state = ENTRY_CHARGED;
}

static const struct virtual_card *card_of(const char *pan, uint8_t *ret_account)
{
    size_t count;
    const struct virtual_card *card = virtual_cards(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(card[i].pan, pan) != 0) continue;
        *ret_account = (uint8_t)i;
        return &card[i];
    }
    return NULL;
}

static bool pin_right(struct network *n, const struct question *q, const struct virtual_card *card)
{
    if (q->sensitive.pin_block.len == 0) return !q->payment.pin_entered;
    CLEANUP(pin_wipe) struct pin pin;
    err opened = pin_block_decrypt(n->config.crypto, &n->config.pin, PIN_ISO4,
                                   q->sensitive.pin_block, bytes_text(card->pan), &pin);
    if (FAILED(opened)) return false;
    return secret_equal(bytes_of(pin.digit, pin.len), bytes_text(card->pin));
}

static const char *refusal(struct network *n, const struct question *q,
                           const struct virtual_card *card, const struct card_data *data)
{
    char expiry[5];
    struct civil now = civil_from_ms(clock_now_ms(&n->config.clock) + CLOCK_CHINA_OFFSET_MS);
    struct writer w = writer_over(expiry, sizeof expiry);
    write_format(&w, "%02d%02d", now.year % 100, now.month);
    if (memcmp(data->expiry, expiry, 4) < 0) return "54";
    if (card->behaviour == BEHAVES_BLACKLISTED) return "43";
    bool chip = card->service_code[0] == '2' || card->service_code[0] == '6';
    if (chip && q->payment.entry == PAYMENT_ENTRY_SWIPE) return "45";
    if (card->behaviour == BEHAVES_WRONG_PIN) return "55";
    return pin_right(n, q, card) ? NULL : "55";
}

struct decision issuer_decide(struct network *n, struct question *q, struct entry *e)
{
    CLEANUP(card_data_wipe) struct card_data data = {0};
    char aad[40];
    struct writer w = writer_over(aad, sizeof aad);
    write_format(&w, "%s|%012lld", q->payment.rrn, (long long)q->payment.amount_minor);
    e->state = ENTRY_DECLINED;
    err opened = envelope_open(n->config.crypto, &n->config.data, writer_view(&w),
                               q->sensitive.envelope, &data);
    if (FAILED(opened)) {
        memcpy(q->payment.response_code, "A7", 3);
        return (struct decision){0};
    }
    const struct bin_row *bin = bin_find(bytes_text(data.pan));
    const struct virtual_card *card = card_of(data.pan, &e->account);
    if (bin == NULL || card == NULL) {
        memcpy(q->payment.response_code, bin == NULL ? "15" : "14", 3);
        return (struct decision){0};
    }
    q->payment.card_class = bin->class;
    if (FAILED(bytes_to_text(bytes_text(bin->issuer), q->payment.issuer, sizeof q->payment.issuer)))
        ensure_failed(__FILE__, __LINE__, "an issuer's name fits");

    const char *refused = refusal(n, q, card, &data);
    if (refused != NULL) memcpy(q->payment.response_code, refused, 3);
    else network_charge(n, &q->payment, e, card->balance_minor);
    return (struct decision){
        .silent = card->behaviour == BEHAVES_SILENT,
        .delay_ms = card->behaviour == BEHAVES_SLOW ? NETWORK_SLOW_MS : 0,
    };
}
