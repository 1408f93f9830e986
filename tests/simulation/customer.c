/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The customer: which card or telephone he pays with, how he holds it, and when he takes it away;
 * a telephone may show a wallet's code or a bank card's (S77).
 */
#include "tests/simulation/gate.h"

enum {
    TAP_MS = 2500,
    PRESENTED_MAX = 5,
    OTHER_CARD_ONE_IN = 30,
    CREDIT_CARD = 1,
    CARD_PHONES = 5, /* all of simulators/card_phones.c: good, without money, old, foreign, torn */
    NEIGHBOUR_ONE_IN = 20
};

/* Of the cards in customers' hands. */
static const char *const usual_chips[] = {"debit",     "credit",    "phone", "two",      "pinplain",
                                          "sda",       "pinsecret", "t0",    "foreign",  "plain",
                                          "pinonline", "script",    "asks",  "slotonly", "stolen"};

static uint32_t chip_named(const char *name)
{
    size_t count;
    const struct personality *is = personalities(&count);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(is[i].name, name) == 0) return i;
    ensure_failed(__FILE__, __LINE__, "there is such a card");
}

/* One of the usual, and now and then one that does what no card may do. */
static uint32_t draw_chip(struct world *w, bool tap)
{
    size_t count;
    const struct personality *is = personalities(&count);
    for (;;) {
        uint32_t place =
            random_below(&w->chance, 12) != 0
                ? chip_named(
                      usual_chips[random_below(&w->chance, (uint32_t)ARRAY_LEN(usual_chips))])
                : random_below(&w->chance, (uint32_t)count);
        if (tap ? is[place].contactless : is[place].contact) return place;
    }
}

static uint32_t draw_stripe(struct world *w)
{
    size_t count;
    (void)virtual_cards(&count);
    return random_below(&w->chance, 4) != 0 ? 0 : random_below(&w->chance, (uint32_t)count);
}

void customer_draw(struct side_terminal *t)
{
    struct world *w = t->world;
    struct errand *doing = &t->cashier.doing;
    size_t phones;
    (void)virtual_phones(&phones);
    switch (doing->by) {
    case BY_NOTHING:
    case BY_CASH:
    case BY_PARTS:
    case BY_PLATE:
    case BY_POINTS:
        return;
    case BY_STRIPE:
        doing->customer = draw_stripe(w);
        return;
    case BY_PLAN: /* of its own issuer's, with its stripe */
        doing->by = BY_STRIPE;
        doing->customer = CREDIT_CARD;
        return;
    case BY_CHIP:
    case BY_TAP:
        doing->customer = draw_chip(w, doing->by == BY_TAP);
        return;
    case BY_CODE: /* of a wallet, or of the card in one of the telephones behind them */
        doing->customer = random_below(&w->chance, (uint32_t)(phones + CARD_PHONES));
        return;
    case BY_WALLET:
    case BY_SHOWN:
        doing->customer = random_below(&w->chance, (uint32_t)phones);
        return;
    }
}

const char *customer_pin(const struct side_terminal *t)
{
    size_t count;
    const struct virtual_card *cards = virtual_cards(&count);
    const struct errand *doing = &t->cashier.doing;
    size_t phones;
    (void)virtual_phones(&phones);
    if (doing->by == BY_STRIPE) return cards[doing->customer].pin;
    if (doing->by == BY_CODE && doing->customer >= phones) {
        const struct card_phone *phone = &card_phones(&count)[doing->customer - phones];
        return virtual_card_named(bytes_text(phone->account))->pin;
    }
    if (doing->by != BY_CHIP && doing->by != BY_TAP) return "1234";
    const struct personality *is = personalities(&count);
    return virtual_card_named(bytes_text(is[doing->customer].account))->pin;
}

static void show_card_code(struct side_terminal *t, uint32_t phone)
{
    size_t count;
    uint8_t block[CARD_PHONE_TEXT_MAX];
    struct writer text = writer_over(block, sizeof block);
    const struct card_phone *first = card_phones(&count);
    ENSURE(count == CARD_PHONES && phone < count);
    err made = network_card_code(t->world->network, &first[phone], &text);
    ENSURE(!FAILED(made));
    side_terminal_did(t, terminal_on_code(t->terminal, writer_view(&text)));
}

static void show_code(struct side_terminal *t, uint32_t phone)
{
    size_t count;
    char code[20];
    if (t->world->network == NULL) return;
    (void)virtual_phones(&count);
    if (phone >= count) {
        show_card_code(t, phone - (uint32_t)count);
        return;
    }
    /* Half of them: RSA costs more than all the rest of a payment. */
    bool over_http = t->cashier.doing.by == BY_WALLET && random_below(&t->world->chance, 2) == 0;
    if (over_http) gate_code(t->world, (uint8_t)phone, code);
    else network_payment_code(t->world->network, &virtual_phones(&count)[phone], code);
    side_terminal_did(t, terminal_on_code(t->terminal, bytes_text(code)));
}

/* What is on the terminal's screen. Now and then his neighbour's telephone is there first. */
void customer_scans(struct side_terminal *t)
{
    struct world *w = t->world;
    struct errand *doing = &t->cashier.doing;
    struct scan_result seen;
    size_t phones;
    (void)virtual_phones(&phones);
    if (w->network == NULL || doing->by != BY_SHOWN || !world_chance(w, 4)) return;
    bool neighbour = !w->options.calm && world_chance(w, NEIGHBOUR_ONE_IN);
    if (neighbour) doing->customer = random_below(&w->chance, (uint32_t)phones);
    const struct scan scan = {.phone = (uint8_t)doing->customer,
                              .text = bytes_text(terminal_screen(t->terminal)->qr)};
    side_network_did(w, network_scan(w->network, &scan, &seen));
}

static void swipe(struct side_terminal *t, uint32_t card)
{
    size_t count;
    struct writer track = writer_over(t->swipe.track2, sizeof t->swipe.track2 - 1);
    err made = virtual_card_track2(&virtual_cards(&count)[card], t->world->now_ms, &track);
    ENSURE(!FAILED(made));
    t->swipe.track2[track.len] = '\0';
    t->swipe.present = true;
}

/* In the slot until the end, or pulled too early; at the field for a while. */
static void use_chip(struct side_terminal *t, uint32_t place, bool tap)
{
    struct world *w = t->world;
    if (t->vault == NULL || w->chip_taken[place]) return; /* it is at another counter: later */
    reader_put(t, tap ? 1 : 0, place);
    bool pulled = !tap && !w->healing && !w->options.calm && world_chance(w, w->faults.pull);
    w->counts.pulled += pulled;
    int64_t out_ms = pulled ? 1 + random_below(&w->chance, 4000) : TAP_MS;
    if (tap || pulled)
        event_push(w, w->now_ms + out_ms, EVENT_CARD_OUT, t->index, t->card_visit,
                   (struct bytes){0});
}

void customer_takes_card(struct side_terminal *t)
{
    reader_take(t);
    if (t->terminal != NULL && t->vault_died) side_terminal_did(t, OK);
}

/* A card is wanted, or a code. What does not work is tried again, then given up. */
void customer_present(struct side_terminal *t)
{
    const struct screen *s = terminal_screen(t->terminal);
    struct errand *doing = &t->cashier.doing;
    cashier_wake(t, 3000); /* in case nothing comes of it */
    if (t->card_place != 0) {
        customer_takes_card(t);
        return;
    }
    if (doing->by != BY_NOTHING && errand_step(t)) return;
    if (doing->row == NULL || doing->tries++ > PRESENTED_MAX) {
        cashier_key(t, "cancel");
        return;
    }
    if (doing->by == BY_CASH && cashier_choose(t, "cash")) return;
    if (doing->by == BY_POINTS && cashier_choose(t, "points")) return;
    bool own = doing->row->reach == REACH_NONE && doing->row->by == doing->by;
    if (own && doing->tries > 2) customer_draw(t); /* another card, then */
    bool code = doing->by == BY_CODE || doing->by == BY_WALLET;
    if (doing->by == BY_SHOWN && s->scan) (void)cashier_choose(t, "show_code");
    else if (code && s->scan) show_code(t, doing->customer);
    else if (code || !s->card) cashier_key(t, "cancel");
    else if (cashier_slips(t, OTHER_CARD_ONE_IN)) swipe(t, draw_stripe(t->world));
    else if (doing->by == BY_STRIPE) swipe(t, doing->customer);
    else if (doing->by == BY_CHIP || doing->by == BY_TAP)
        use_chip(t, doing->customer, doing->by == BY_TAP);
    else cashier_key(t, "cancel");
}
