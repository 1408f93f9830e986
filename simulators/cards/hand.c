/* SPDX-License-Identifier: Apache-2.0 */
/* Questions of the tray, one function each, and what a slot asks of the card in it. */
#include "simulators/cards/hand.h"

#include <stdlib.h>

#include "lib/wire/json.h"

enum { CARDS_MAX = 64, NAME_MAX = 16 };

struct held {
    struct hand *hand;
    struct chip_card card;
    enum chip_interface interface; /* that it was last put to */
    bool issued;
};

struct hand {
    struct hand_options options;
    struct loop_timer tapped; /* the hand grows tired */
    const struct personality *in[PLUG_SLOTS];
    struct held held[CARDS_MAX];
    int64_t answered_us[HAND_TIMES]; /* a ring; 0: never */
    size_t answers;
    uint8_t answer[HAND_ANSWER_MAX];
};

/* ---- a card in a slot ---- */

static void power(void *context, bool on)
{
    struct held *h = context;
    chip_card_power(&h->card, h->interface, on);
}

static int command(void *context, struct bytes bytes, struct writer *answer)
{
    struct held *h = context;
    /* Drivers may forget to say that there is power. */
    if (h->card.state == CHIP_NO_POWER) chip_card_power(&h->card, h->interface, true);
    chip_card_command(&h->card, bytes, answer);
    struct hand *hand = h->hand;
    hand->answered_us[hand->answers++ % HAND_TIMES] =
        clock_monotonic_us(&hand->options.clock) + h->card.is->delay_ms * INT64_C(1000);
    return h->card.is->delay_ms;
}

static void take_away(struct hand *hand, unsigned slot)
{
    plug_remove(hand->options.plug, slot);
    hand->in[slot] = NULL;
}

static void tired(void *context)
{
    take_away(context, CHIP_CONTACTLESS);
}

static err put(struct hand *hand, const struct personality *is, enum chip_interface interface)
{
    size_t count;
    size_t index = (size_t)(is - personalities(&count));
    struct held *h = &hand->held[index];
    if (!h->issued) {
        TRY(chip_card_make(hand->options.crypto, hand->options.random, is, NULL,
                           clock_now_ms(&hand->options.clock), &h->card));
        h->hand = hand;
        h->issued = true;
    }
    /* One card is in one place. */
    for (unsigned slot = 0; slot < PLUG_SLOTS; slot++)
        if (hand->in[slot] == is) take_away(hand, slot);
    h->interface = interface;
    const struct plug_card card = {.context = h,
                                   .atr = chip_card_atr(&h->card, interface),
                                   .power = power,
                                   .command = command};
    plug_insert(hand->options.plug, interface, &card);
    hand->in[interface] = is;
    loop_timer_cancel(hand->options.loop, &hand->tapped);
    if (hand->in[CHIP_CONTACTLESS] == NULL) return OK;
    return loop_timer_set(hand->options.loop, &hand->tapped, HAND_TAP_MS);
}

/* ---- questions ---- */

static void write_text2(struct json_out *j, const char *name, const struct text2 *text)
{
    json_member_object(j, name);
    json_member_string(j, "zh", text->zh);
    json_member_string(j, "en", text->en);
    json_object_end(j);
}

static void write_chip(struct json_out *j, const struct personality *is)
{
    char masked[20];
    const struct virtual_card *card = virtual_card_named(bytes_text(is->account));
    ENSURE(card != NULL);
    err done = payment_mask(bytes_text(card->pan), masked);
    ENSURE(!FAILED(done));
    json_object_begin(j);
    json_member_string(j, "name", is->name);
    write_text2(j, "title", &is->title);
    write_text2(j, "hint", &is->hint);
    json_member_string(j, "pan", masked);
    json_member_string(j, "color", card->colour);
    json_member_bool(j, "contact", is->contact);
    json_member_bool(j, "contactless", is->contactless);
    json_object_end(j);
}

static err ask_chips(struct hand *hand, const struct json_t *question, struct json_out *j)
{
    (void)question;
    size_t count;
    const struct personality *is = personalities(&count);
    json_member_bool(j, "reader", hand->options.plug != NULL);
    if (hand->options.plug == NULL) write_text2(j, "why", hand->options.why_none);
    if (hand->in[CHIP_CONTACT] != NULL)
        json_member_string(j, "inserted", hand->in[CHIP_CONTACT]->name);
    if (hand->in[CHIP_CONTACTLESS] != NULL)
        json_member_string(j, "tapped", hand->in[CHIP_CONTACTLESS]->name);
    json_member_array(j, "chips");
    for (size_t i = 0; i < count; i++) write_chip(j, &is[i]);
    json_array_end(j);
    return OK;
}

static err ask_put(struct hand *hand, const struct json_t *question, struct json_out *j,
                   enum chip_interface interface)
{
    struct bytes name;
    TRY(json_text(question, "card", NAME_MAX, &name));
    const struct personality *is = personality_named(name);
    if (is == NULL) return ERR(NOT_FOUND);
    if (hand->options.plug == NULL) return ERR(UNSUPPORTED);
    if (interface == CHIP_CONTACT ? !is->contact : !is->contactless) return ERR(UNSUPPORTED);
    TRY(put(hand, is, interface));
    json_member_bool(j, "ok", true);
    return OK;
}

static err ask_insert(struct hand *hand, const struct json_t *question, struct json_out *j)
{
    return ask_put(hand, question, j, CHIP_CONTACT);
}

static err ask_tap(struct hand *hand, const struct json_t *question, struct json_out *j)
{
    return ask_put(hand, question, j, CHIP_CONTACTLESS);
}

static err ask_remove(struct hand *hand, const struct json_t *question, struct json_out *j)
{
    (void)question;
    if (hand->options.plug == NULL) return ERR(UNSUPPORTED);
    loop_timer_cancel(hand->options.loop, &hand->tapped);
    for (unsigned slot = 0; slot < PLUG_SLOTS; slot++) take_away(hand, slot);
    json_member_bool(j, "ok", true);
    return OK;
}

static err ask_answers(struct hand *hand, const struct json_t *question, struct json_out *j)
{
    (void)question;
    size_t kept = hand->answers < HAND_TIMES ? hand->answers : HAND_TIMES;
    json_member_array(j, "answered_us");
    for (size_t i = hand->answers - kept; i < hand->answers; i++)
        json_element_int(j, hand->answered_us[i % HAND_TIMES]);
    json_array_end(j);
    return OK;
}

static const struct {
    const char *name;
    err (*answer)(struct hand *hand, const struct json_t *question, struct json_out *j);
} questions[] = {
    {"chips", ask_chips},   {"insert", ask_insert},   {"tap", ask_tap},
    {"remove", ask_remove}, {"answers", ask_answers},
};

static err answer_one(struct hand *hand, struct bytes question, struct json_out *j)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes ask;
    TRY(json_parse(question, HAND_QUESTION_MAX, &document));
    TRY(json_text(document.root, "ask", NAME_MAX, &ask));
    for (size_t i = 0; i < ARRAY_LEN(questions); i++)
        if (bytes_equal(ask, bytes_text(questions[i].name)))
            return questions[i].answer(hand, document.root, j);
    return ERR(UNSUPPORTED);
}

err hand_answer(struct hand *hand, struct bytes question, struct bytes *ret_answer)
{
    struct writer w = writer_over(hand->answer, sizeof hand->answer);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    err answered = answer_one(hand, question, &j);
    if (FAILED(answered)) { /* an answer is whole or an error */
        w = writer_over(hand->answer, sizeof hand->answer);
        j = json_out_over(&w);
        json_object_begin(&j);
        json_member_string(&j, "error", err_text(answered));
    }
    json_object_end(&j);
    return writer_finish(&w, ret_answer);
}

err hand_open(const struct hand_options *options, struct hand **ret_hand)
{
    size_t count;
    (void)personalities(&count);
    ENSURE(count <= CARDS_MAX && (options->plug != NULL || options->why_none != NULL));
    struct hand *hand = calloc(1, sizeof *hand);
    if (hand == NULL) return ERR(NO_MEMORY);
    hand->options = *options;
    hand->tapped = (struct loop_timer){.run = tired, .context = hand};
    *ret_hand = hand;
    return OK;
}

void hand_close(struct hand *hand)
{
    if (hand == NULL) return;
    loop_timer_cancel(hand->options.loop, &hand->tapped);
    explicit_bzero(hand, sizeof *hand);
    free(hand);
}
