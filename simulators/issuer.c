/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issuers: open the card data, look the card up, check expiry, service code, black list and
 * PIN, and charge. A chip's cryptogram comes before all of that. The checks are in the order in
 * which an issuer makes them.
 */
#include "lib/crypto/envelope.h"
#include "lib/crypto/pin.h"
#include "payment/kind.h"
#include "payment/response_code.h"
#include "simulators/chip_issuer.h"
#include "simulators/network_core.h"

void network_auth_code(struct network *n, char out[static 7])
{
    for (int i = 0; i < 6; i++) out[i] = (char)('0' + random_below(&n->config.random, 10));
    out[6] = '\0';
}

void network_charge(struct network *n, struct payment *p, struct entry *e, int64_t balance_minor)
{
    int64_t *spent = network_spent(n, e);
    if (!n->config.generous && e->amount_minor > balance_minor - *spent) {
        memcpy(p->response_code, "51", 3);
        e->state = ENTRY_DECLINED;
        return;
    }
    *spent += e->amount_minor;
    memcpy(p->response_code, "00", 3);
    network_auth_code(n, p->auth_code);
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

err network_card_code(struct network *n, const struct card_phone *phone, struct writer *text)
{
    size_t count;
    uint8_t account = 0;
    const struct card_phone *first = card_phones(&count);
    uint16_t *counter = &n->code_counter[phone - first];
    if (card_of(virtual_card_named(bytes_text(phone->account))->pan, &account) == NULL)
        ensure_failed(__FILE__, __LINE__, "a telephone's card is one of the cards");
    uint16_t seen = book_counter(n->book, account, phone->sequence);
    *counter = (uint16_t)((seen > *counter ? seen : *counter) + 1);
    return card_phone_code(n->config.crypto, phone, *counter, clock_now_ms(&n->config.clock), text);
}

static bool pin_right(struct network *n, const struct question *q, const struct virtual_card *card)
{
    if (q->sensitive.pin_block.len == 0) return !q->payment.pin_entered;
    CLEANUP(pin_wipe) struct pin pin;
    err opened = pin_block_decrypt(n->config.crypto, &key_change_side(n, q->route)->pin, PIN_ISO4,
                                   q->sensitive.pin_block, bytes_text(card->pan), &pin);
    if (FAILED(opened)) return false;
    return secret_equal(bytes_of(pin.digit, pin.len), bytes_text(card->pin));
}

/* The digits of field 23, or of the envelope; 0 when neither has any. */
static unsigned sequence_of(const struct question *q, const struct card_data *data)
{
    const char *digits =
        q->payment.card_sequence[0] != '\0' ? q->payment.card_sequence : data->sequence;
    unsigned sequence = 0;
    for (; *digits != '\0'; digits++) sequence = sequence * 10 + (unsigned)(*digits - '0');
    return sequence;
}

static struct chip_claim claim_of(const struct question *q, const struct card_data *data)
{
    return (struct chip_claim){.pan = bytes_text(data->pan),
                               .sequence = sequence_of(q, data),
                               .amount_minor = q->payment.amount_minor,
                               .chip = &q->payment.chip};
}

static const char *judge_by_entry(struct network *n, const struct question *q,
                                  const struct chip_claim *claim, uint16_t last,
                                  uint16_t *ret_counter)
{
    if (q->payment.entry == PAYMENT_ENTRY_CODE)
        return chip_judge_code(n->config.crypto, claim, last, clock_now_ms(&n->config.clock),
                               ret_counter);
    return chip_judge(n->config.crypto, claim, last, ret_counter);
}

/* A chip has to prove itself, in a card or in a code, and each of its counters is good for one
 * request, whatever comes of it. */
static err judge_chip(struct network *n, const struct question *q, const struct card_data *data,
                      uint8_t account, const char **ret_refused)
{
    *ret_refused = NULL;
    if (!payment_chip_due(&q->payment)) return OK;
    struct chip_claim claim = claim_of(q, data);
    uint16_t counter = 0;
    *ret_refused = "30";
    if (q->payment.chip.len == 0) return OK;
    *ret_refused = "14";
    if (claim.sequence >= BOOK_SEQUENCES) return OK;
    uint16_t last = book_counter(n->book, account, claim.sequence);
    *ret_refused = judge_by_entry(n, q, &claim, last, &counter);
    return counter > last ? book_count(n->book, account, claim.sequence, counter) : OK;
}

static const char *refusal(struct network *n, const struct question *q,
                           const struct virtual_card *card, const struct card_data *data,
                           const char *chip_refused)
{
    char expiry[5];
    struct civil now = civil_from_ms(clock_now_ms(&n->config.clock) + CLOCK_CHINA_OFFSET_MS);
    struct writer w = writer_over(expiry, sizeof expiry);
    write_format(&w, "%02d%02d", now.year % 100, now.month);
    if (chip_refused != NULL) return chip_refused;
    if (memcmp(data->expiry, expiry, 4) < 0) return "54";
    if (card->behaviour == BEHAVES_BLACKLISTED) return "43";
    bool chip = card->service_code[0] == '2' || card->service_code[0] == '6';
    if (chip && q->payment.entry == PAYMENT_ENTRY_SWIPE) return "45";
    if (card->behaviour == BEHAVES_WRONG_PIN) return "55";
    return pin_right(n, q, card) ? NULL : "55";
}

static err open_envelope(struct network *n, const struct question *q, struct card_data *out)
{
    char aad[40];
    struct writer w = writer_over(aad, sizeof aad);
    write_format(&w, "%s|%012lld", q->payment.rrn, (long long)q->payment.amount_minor);
    return envelope_open(n->config.crypto, &key_change_side(n, q->route)->data, writer_view(&w),
                         q->sensitive.envelope, out);
}

/* Opens the envelope and finds the account. NULL: whose card it is stands in *ret_card. */
static const char *identify(struct network *n, struct question *q, struct card_data *data,
                            struct entry *e, const struct virtual_card **ret_card)
{
    if (FAILED(open_envelope(n, q, data))) return "A7";
    const struct bin_row *bin = bin_find(bytes_text(data->pan));
    const struct virtual_card *card = card_of(data->pan, &e->account);
    if (bin == NULL || card == NULL) return bin == NULL ? "15" : "14";
    q->payment.card_class = bin->class;
    if (FAILED(bytes_to_text(bytes_text(bin->issuer), q->payment.issuer, sizeof q->payment.issuer)))
        ensure_failed(__FILE__, __LINE__, "an issuer's name fits");
    *ret_card = card;
    return NULL;
}

/* The issuer's own table has this plan, and for its credit cards alone. */
static const char *plan_refusal(const struct network *n, const struct payment *p,
                                const struct card_data *data)
{
    if (p->card_class != PAYMENT_CLASS_CREDIT) return "57";
    const char *code = instalment_refusal(&p->plan, bytes_text(data->pan), p->amount_minor,
                                          clock_now_ms(&n->config.clock));
    return code == NULL ? NULL : response_code_standard(code);
}

/* What is left of it: nothing is charged, and the book has no entry. */
static void tell_balance(struct network *n, struct question *q, const struct entry *e,
                         const struct virtual_card *card)
{
    memcpy(q->payment.response_code, "00", 3);
    q->has_balance = true;
    q->balance_minor = card->balance_minor - *network_spent(n, e);
}

struct decision issuer_decide(struct network *n, struct question *q, struct entry *e)
{
    CLEANUP(card_data_wipe) struct card_data data = {0};
    const struct virtual_card *card = NULL;
    e->state = ENTRY_DECLINED;
    const char *refused = identify(n, q, &data, e, &card);
    if (refused != NULL) {
        memcpy(q->payment.response_code, refused, 3);
        return (struct decision){0};
    }
    const char *chip_refused;
    err judged = judge_chip(n, q, &data, e->account, &chip_refused);
    if (FAILED(judged)) return (struct decision){.store = judged};
    struct decision followed = {0};
    refused = refusal(n, q, card, &data, chip_refused);
    if (refused == NULL && q->payment.type == PAYMENT_INSTALMENT)
        refused = plan_refusal(n, &q->payment, &data);
    if (refused != NULL) memcpy(q->payment.response_code, refused, 3);
    else if (payment_linked(q->payment.type)) followed = follower_decide(n, &q->payment, e);
    else if (!payment_moves(q->payment.type)) tell_balance(n, q, e, card);
    else network_charge(n, &q->payment, e, card->balance_minor);
    return (struct decision){
        .store = followed.store,
        .silent = card->behaviour == BEHAVES_SILENT,
        .delay_ms = card->behaviour == BEHAVES_SLOW ? NETWORK_SLOW_MS : 0,
    };
}

/* A cryptogram (TC) that is the card's, for this amount, with a counter that is taken once. */
static err judge_advice(struct network *n, const struct question *q, const struct card_data *data,
                        uint8_t account, const char **ret_refused)
{
    struct chip_claim claim = claim_of(q, data);
    uint16_t counter = 0;
    bool fresh = false;
    *ret_refused = "14";
    if (claim.sequence >= BOOK_SEQUENCES) return OK;
    *ret_refused = chip_judge_advice(n->config.crypto, &claim, &counter);
    if (*ret_refused != NULL) return OK;
    TRY(book_take(n->book, account, claim.sequence, counter, &fresh));
    if (!fresh) *ret_refused = "59";
    return OK;
}

struct decision issuer_advised(struct network *n, struct question *q, struct entry *e)
{
    CLEANUP(card_data_wipe) struct card_data data = {0};
    const struct virtual_card *card = NULL;
    e->state = ENTRY_DECLINED;
    const char *refused = identify(n, q, &data, e, &card);
    if (refused == NULL) {
        err judged = judge_advice(n, q, &data, e->account, &refused);
        if (FAILED(judged)) return (struct decision){.store = judged};
    }
    if (refused == NULL && card->behaviour == BEHAVES_BLACKLISTED) refused = "43";
    if (refused != NULL) memcpy(q->payment.response_code, refused, 3);
    else network_charge(n, &q->payment, e, INT64_MAX);
    return (struct decision){0};
}

err issuer_reply(struct network *n, struct question *q)
{
    CLEANUP(card_data_wipe) struct card_data data = {0};
    if (FAILED(open_envelope(n, q, &data))) return OK; /* refused with A7: nobody to prove it to */
    struct chip_claim claim = claim_of(q, &data);
    if (claim.sequence >= BOOK_SEQUENCES) return OK;
    return chip_reply(n->config.crypto, &claim, q->payment.response_code, &q->payment.chip_answer);
}
