/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to a customer who does not see the screen, and when. See guide.h. */
#include "terminal/guide.h"

#include "terminal/core.h"
#include "terminal/device/speaker.h"

enum { HURRY_S = 20, TRIES_SAID = 3 };

/* ---- words ---- */

/* The clips of one utterance, in the language of the terminal. */
struct line {
    uint8_t clip[SPEECH_CLIPS];
    size_t count;
    enum language language;
};

static void add(struct line *line, enum speaker_clip clip)
{
    ENSURE(line->count < SPEECH_CLIPS && clip < SPEAKER_CLIP_COUNT);
    line->clip[line->count++] = (uint8_t)clip;
}

#define CLIP(line, name) ((line)->language == LANGUAGE_EN ? SPEAKER_EN_##name : SPEAKER_ZH_##name)
#define ADD(line, name)  add(line, CLIP(line, name))

static void add_amount(struct line *line, int64_t amount_minor)
{
    if (amount_minor <= 0) return;
    ADD(line, AMOUNT);
    line->count += speaker_amount(amount_minor, line->language, line->clip + line->count,
                                  SPEECH_CLIPS - line->count);
}

static void add_count(struct line *line, unsigned count)
{
    line->count +=
        speaker_count(count, line->language, line->clip + line->count, SPEECH_CLIPS - line->count);
}

static void say_start(const struct terminal *t, struct line *line)
{
    ADD(line, GUIDE);
    add_amount(line, t->work.payment.amount_minor);
    ADD(line, CORNERS);
    ADD(line, TOUCH);
    ADD(line, START_TOP);
    ADD(line, START_FOOT);
    ADD(line, START_MIDDLE);
    add(line, line->language == LANGUAGE_EN ? SPEAKER_ZH_FOR_CHINESE : SPEAKER_EN_FOR_ENGLISH);
}

static void say_entered(const struct terminal *t, struct line *line)
{
    ADD(line, ENTERED);
    add_count(line, t->screen.entry.count);
    ADD(line, DIGITS);
}

static void say_pin(const struct terminal *t, struct line *line)
{
    add_amount(line, t->work.payment.amount_minor);
    ADD(line, PIN);
    if (t->work.guide.large) {
        ADD(line, KEYS);
    } else {
        ADD(line, DOWN);
        ADD(line, SLIDE);
        ADD(line, FIVE_ZERO);
        ADD(line, PIN_TOP);
        ADD(line, PIN_FOOT);
        if (t->ask.bypass) ADD(line, BYPASS_KEY);
    }
    ADD(line, SAME);
    ADD(line, REAL_KEYS);
    if (t->screen.entry.count > 0) say_entered(t, line);
}

static void say_practice(const struct terminal *t, struct line *line)
{
    const struct guide *g = &t->work.guide;
    if (g->said == GUIDE_WRONG) {
        ADD(line, WRONG);
        add_count(line, g->heard);
    }
    ADD(line, PLEASE);
    add(line, (enum speaker_clip)(CLIP(line, 0) + g->target));
}

static void say_of_entry(const struct terminal *t, enum guide_words words, struct line *line)
{
    const struct screen_entry *entry = &t->screen.entry;
    switch (words) {
    case GUIDE_PIN_AGAIN:
        ADD(line, WRONG_PIN);
        if (t->work.chip.pin_tries > TRIES_SAID) break;
        ADD(line, TRIES);
        add_count(line, t->work.chip.pin_tries);
        if (line->language == LANGUAGE_ZH) add(line, SPEAKER_ZH_TIMES);
        break;
    case GUIDE_TONE:
        add(line, SPEAKER_TONE_DIGIT);
        break;
    case GUIDE_CLEARED:
        ADD(line, CLEARED);
        say_entered(t, line);
        break;
    case GUIDE_SHORT:
        say_entered(t, line);
        ADD(line, AT_LEAST);
        add_count(line, entry->min);
        ADD(line, NEEDED);
        break;
    case GUIDE_FULL:
        ADD(line, AT_MOST);
        add_count(line, entry->max);
        ADD(line, TAKEN);
        break;
    default:
        say_pin(t, line);
    }
}

static void say_of_sale(const struct terminal *t, enum guide_words words, struct line *line)
{
    switch (words) {
    case GUIDE_ON:
        ADD(line, GUIDE);
        add_amount(line, t->work.payment.amount_minor);
        ADD(line, PRESENT);
        break;
    case GUIDE_START:
        say_start(t, line);
        break;
    case GUIDE_HURRY:
        ADD(line, HURRY);
        break;
    case GUIDE_TIME_OVER:
        ADD(line, TIME_OVER);
        if (t->patience.card_inside) ADD(line, TAKE_CARD);
        break;
    case GUIDE_DECLINED:
        ADD(line, DECLINED);
        if (t->work.payment.entry == PAYMENT_ENTRY_CHIP) ADD(line, TAKE_CARD);
        break;
    default:
        ADD(line, REVERSED);
    }
}

static void compose(const struct terminal *t, enum guide_words words, struct line *line)
{
    switch (words) {
    case GUIDE_PRACTICE:
        ADD(line, PRACTICE);
        ADD(line, NOT_YOURS);
        ADD(line, DOWN);
        ADD(line, SLIDE);
        ADD(line, FIVE_ZERO);
        say_practice(t, line);
        break;
    case GUIDE_RIGHT:
        ADD(line, RIGHT);
        if (t->work.guide.target <= 9) say_practice(t, line);
        else ADD(line, PRACTISED);
        break;
    case GUIDE_WRONG:
        say_practice(t, line);
        break;
    case GUIDE_PIN:
    case GUIDE_PIN_AGAIN:
    case GUIDE_TONE:
    case GUIDE_CLEARED:
    case GUIDE_SHORT:
    case GUIDE_FULL:
        say_of_entry(t, words, line);
        break;
    default:
        say_of_sale(t, words, line);
    }
}

void guide_say(struct terminal *t, enum guide_words words)
{
    struct line line = {.count = 0, .language = t->records.language};
    struct speech *out = &t->speech;
    ENSURE(words != GUIDE_NOTHING);
    t->work.guide.said = words;
    t->work.guide.language = line.language;
    compose(t, words, &line);
    int64_t number = TERMINAL_GUIDE_SPEECH + now_ms(t);
    *out = (struct speech){.number = number > out->number ? number : out->number + 1,
                           .language = line.language,
                           .count = line.count};
    memcpy(out->clip, line.clip, line.count);
    struct writer w = writer_over((uint8_t *)out->text, sizeof out->text - 1);
    speaker_transcript(out->clip, out->count, &w);
    ENSURE(w.fault == ERR_OK);
    if (t->ports.speak != NULL) t->ports.speak(t->ports.context, out);
}

/* The words of now belong to this screen; in another language they are said again. */
static void put_words(struct terminal *t)
{
    if (t->work.guide.language != t->records.language) guide_say(t, t->work.guide.said);
    t->screen.speech_number = t->speech.number;
    memcpy(t->screen.speech, t->speech.text, sizeof t->screen.speech);
}

void guide_tell(struct terminal *t, enum guide_words words)
{
    if (!t->work.guide.on) return;
    if (t->work.guide.said != words) guide_say(t, words);
    put_words(t);
}

void guide_toggle(struct terminal *t)
{
    bool on = !t->work.guide.on;
    t->work.guide = (struct guide){.on = on};
    if (on) NOTICE(t, SCREEN_SUCCESS, TEXT_GUIDE_IS_ON);
    else NOTICE(t, SCREEN_NORMAL, TEXT_GUIDE_IS_OFF);
}

/* ---- keys that say their name ---- */

/* A corner, or a key in the middle: touched once it says its name, twice it is pressed. */
static void zone(struct terminal *t, enum screen_place place, const char *key, enum text_id name,
                 enum speaker_clip clip)
{
    struct screen *s = &t->screen;
    ENSURE(s->zone_count < SCREEN_ZONES);
    struct screen_zone *z = &s->zone[s->zone_count++];
    z->place = place;
    z->key = key;
    z->clip = (uint8_t)clip;
    text_fill(name, s->language, NULL, z->text, sizeof z->text);
    if (strncmp(key, "choice:", 7) == 0) screen_choice(t, key + 7, name, SCREEN_PLAIN, NULL, true);
}

#define ZONE(t, place, key, text, name) \
    zone(t, place, key, text,           \
         (t)->records.language == LANGUAGE_EN ? SPEAKER_EN_KEY_##name : SPEAKER_ZH_KEY_##name)

/* ---- before the PIN ---- */

/* While the customer listens: the card was pulled, or the vault wants something else. */
static bool card_gone(const struct terminal *t)
{
    return chip_open(t) && t->work.chip.state != VAULT_CHIP_PIN;
}

static void show_start(struct terminal *t)
{
    screen_begin(t, "guide.start", TEXT_GUIDE_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    t->screen.shown = t->work.shown;
    t->screen.guide = SCREEN_GUIDE_KEYS;
    ZONE(t, SCREEN_TOP_LEFT, "choice:repeat", TEXT_GUIDE_REPEAT, REPEAT);
    ZONE(t, SCREEN_TOP_RIGHT, "choice:practice", TEXT_GUIDE_PRACTICE, PRACTICE);
    ZONE(t, SCREEN_MIDDLE, "choice:large", TEXT_GUIDE_LARGE, LARGE);
    /* In the other language, for who needs that one. */
    zone(t, SCREEN_LOWER, "language", TEXT_GUIDE_LANGUAGE,
         t->records.language == LANGUAGE_EN ? SPEAKER_ZH_KEY_LANGUAGE : SPEAKER_EN_KEY_LANGUAGE);
    ZONE(t, SCREEN_BOTTOM_LEFT, "cancel", TEXT_GUIDE_CANCEL, CANCEL);
    ZONE(t, SCREEN_BOTTOM_RIGHT, "ok", TEXT_GUIDE_BEGIN, BEGIN);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    timeout_of(t, TIMEOUT_GUIDED_PAUSE);
    guide_tell(t, GUIDE_START);
    screen_show(t);
}

static void show_practice(struct terminal *t)
{
    struct screen_field *field = &t->screen.field;
    screen_begin(t, "guide.practice", TEXT_GUIDE_PRACTICE_TITLE);
    t->screen.guide = SCREEN_GUIDE_STROKES;
    field->kind = SCREEN_FIELD_DIGITS;
    field->max = 1;
    field->value[0] = '\0';
    text_fill(TEXT_GUIDE_PRACTICE_TITLE, t->screen.language, NULL, field->label,
              sizeof field->label);
    ZONE(t, SCREEN_TOP_LEFT, "choice:repeat", TEXT_GUIDE_REPEAT, REPEAT);
    ZONE(t, SCREEN_BOTTOM_LEFT, "cancel", TEXT_GUIDE_END, END);
    ZONE(t, SCREEN_BOTTOM_RIGHT, "ok", TEXT_GUIDE_END, END);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    timeout_of(t, TIMEOUT_GUIDED_PAUSE);
    put_words(t);
    screen_show(t);
}

/* Digits that are asked for, one in each direction that is hard to tell by ear; nobody's PIN. */
static const uint8_t exercises[] = {2, 9, 5, 0, 8};
enum { NO_MORE = 10 };

static void practice_begin(struct terminal *t, int64_t *at)
{
    *at = 0;
    t->work.guide.target = exercises[0];
    guide_say(t, GUIDE_PRACTICE);
}

static void practise(struct terminal *t, int64_t *at)
{
    struct guide *g = &t->work.guide;
    if (strncmp(t->event.key, "digit:", 6) != 0 || t->event.key[7] != '\0' || g->target == NO_MORE)
        return;
    g->heard = (uint8_t)(t->event.key[6] - '0');
    if (g->heard != g->target) {
        guide_say(t, GUIDE_WRONG);
        return;
    }
    ++*at;
    g->target = *at < (int64_t)ARRAY_LEN(exercises) ? exercises[*at] : NO_MORE;
    guide_say(t, GUIDE_RIGHT);
}

static err practice(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    practice_begin(t, &p->local[0]);
    for (;;) {
        show_practice(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel") || key_is(t, "ok") || card_gone(t)) break;
        if (choice_is(t, "repeat")) practice_begin(t, &p->local[0]);
        else if (t->event.kind == EVENT_KEY) practise(t, &p->local[0]);
    }
    t->event = (struct event){0};
    PROCEDURE_END(t, p);
}

/* DONE: on to the PIN. BACK: not. */
static err guide_start(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        if (card_gone(t)) PROCEDURE_BACK(t, p);
        show_start(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "repeat")) guide_say(t, GUIDE_START);
        if (choice_is(t, "practice")) PROCEDURE_CALL(t, p, practice);
        t->work.guide.large |= choice_is(t, "large");
        if (key_is(t, "ok") || choice_is(t, "large")) break;
    }
    t->work.guide.begun = true;
    PROCEDURE_END(t, p);
}

/* ---- the PIN ---- */

bool guide_entry(const struct terminal *t)
{
    return t->work.guide.on && t->ask.purpose == VAULT_ENTRY_PIN;
}

static void corners(struct terminal *t)
{
    ZONE(t, SCREEN_TOP_LEFT, "choice:repeat", TEXT_GUIDE_REPEAT, REPEAT);
    ZONE(t, SCREEN_TOP_RIGHT, "clear", TEXT_GUIDE_CLEAR, CLEAR);
    if (t->ask.bypass) ZONE(t, SCREEN_TOP, "choice:bypass", TEXT_CHIP_PIN_BYPASS, BYPASS);
    ZONE(t, SCREEN_BOTTOM_LEFT, "cancel", TEXT_GUIDE_CANCEL, CANCEL);
    ZONE(t, SCREEN_BOTTOM_RIGHT, "ok", TEXT_GUIDE_ENTER, ENTER);
}

void guide_entry_screen(struct terminal *t)
{
    t->screen.guide = t->work.guide.large ? SCREEN_GUIDE_LARGE : SCREEN_GUIDE_STROKES;
    if (!t->work.guide.large) {
        corners(t);
    } else {
        screen_choice(t, "repeat", TEXT_GUIDE_REPEAT, SCREEN_PLAIN, NULL, true);
        if (t->ask.bypass)
            screen_choice(t, "bypass", TEXT_CHIP_PIN_BYPASS, SCREEN_PLAIN, NULL, true);
    }
    put_words(t);
}

void guide_entry_shown(struct terminal *t)
{
    /* Once, while there is still time to ask for more; whoever touches something has it. */
    int64_t hurry_us = t->idle_at_us - (int64_t)HURRY_S * 1000000;
    if (!t->work.guide.hurried && t->idle_at_us > 0 && hurry_us > now_us(t))
        screen_until(t, hurry_us);
}

void guide_entry_key(struct terminal *t)
{
    if (t->by_person) t->work.guide.hurried = false;
    if (choice_is(t, "repeat")) guide_say(t, GUIDE_PIN);
    if (t->event.kind != EVENT_TIME) return;
    t->work.guide.hurried = true;
    guide_say(t, GUIDE_HURRY);
}

void guide_entry_answer(struct terminal *t, unsigned before, const struct vault_entry_answer *said)
{
    if (said->state == VAULT_ENTRY_DONE || said->state == VAULT_ENTRY_CANCELLED) return;
    if (said->state == VAULT_ENTRY_SHORT) guide_say(t, GUIDE_SHORT);
    else if (said->count > before) guide_say(t, GUIDE_TONE);
    else guide_say(t, said->count < before || said->count == 0 ? GUIDE_CLEARED : GUIDE_FULL);
}

err pin_take(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        if (t->work.guide.on && !t->work.guide.begun) {
            PROCEDURE_CALL(t, p, guide_start);
            if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        }
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome != OUTCOME_GUIDED) PROCEDURE_LEAVE(t, p, t->outcome);
        guide_toggle(t);
        notice_clear(t);
    }
    PROCEDURE_END(t, p);
}
