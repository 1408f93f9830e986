/* SPDX-License-Identifier: Apache-2.0 */
/* The table of an application's life, and the words of its states, events and reasons. */
#include "backoffice/applications/life.h"

enum { FROM_MAX = 7 };

#define AT(state) APPLICATION_##state

/* Where an event can happen, and where it leads; `to` 0: it stays where it is. */
static const struct life {
    enum application_event event;
    enum application_state to;
    enum application_state from[FROM_MAX]; /* 0 ends them, but for BEGIN */
} life[] = {
    /* clang-format off */
    {LIFE_SAVE,            AT(NONE),      {AT(DRAFT), AT(MEND)}},
    {LIFE_PHONE,           AT(NONE),      {AT(DRAFT), AT(MEND)}},
    {LIFE_DOCUMENT,        AT(NONE),      {AT(DRAFT), AT(MEND)}},
    {LIFE_HOLD,            AT(NONE),      {AT(DRAFT), AT(MEND)}},
    {LIFE_OFFER,           AT(NONE),      {AT(DRAFT), AT(MEND)}},
    {LIFE_REFUSE,          AT(REJECTED),  {AT(DRAFT), AT(MEND)}},
    {LIFE_SEND,            AT(SENT),      {AT(DRAFT), AT(MEND)}},
    {LIFE_CHECK,           AT(CHECKING),  {AT(SENT)}},
    {LIFE_CHECKED,         AT(REVIEW),    {AT(CHECKING)}},
    {LIFE_RECHECK,         AT(CHECKING),  {AT(REVIEW)}},
    {LIFE_NOTE,            AT(NONE),      {AT(SENT), AT(CHECKING), AT(REVIEW), AT(MEND), AT(APPROVED),
                                            AT(REJECTED), AT(AGREED)}},
    {LIFE_PROPOSE_APPROVE, AT(NONE),      {AT(REVIEW)}},
    {LIFE_PROPOSE_REJECT,  AT(NONE),      {AT(REVIEW)}},
    {LIFE_DISAGREE,        AT(NONE),      {AT(REVIEW)}},
    {LIFE_APPROVE,         AT(APPROVED),  {AT(REVIEW)}},
    {LIFE_REJECT,          AT(REJECTED),  {AT(REVIEW)}},
    {LIFE_SEND_BACK,       AT(MEND),      {AT(REVIEW)}},
    {LIFE_APPEAL,          AT(REVIEW),    {AT(REJECTED)}},
    {LIFE_SIGN,            AT(AGREED),    {AT(APPROVED)}},
    {LIFE_WITHDRAW,        AT(WITHDRAWN), {AT(DRAFT), AT(SENT), AT(CHECKING), AT(REVIEW), AT(MEND),
                                            AT(APPROVED)}},
    {LIFE_EXPIRE,          AT(EXPIRED),   {AT(DRAFT), AT(MEND), AT(APPROVED)}},
    {LIFE_ASSIGN,          AT(ASSIGNED),  {AT(AGREED)}},
    {LIFE_SHIP,            AT(SHIPPED),   {AT(ASSIGNED)}},
    {LIFE_DELIVER,         AT(DELIVERED), {AT(SHIPPED)}},
    {LIFE_ACTIVATE,        AT(ACTIVE),    {AT(SHIPPED), AT(DELIVERED)}},
    {LIFE_RELEASE,         AT(AGREED),    {AT(ASSIGNED), AT(SHIPPED), AT(DELIVERED)}},
    {LIFE_ERASE,           AT(NONE),      {AT(REJECTED), AT(WITHDRAWN), AT(EXPIRED), AT(AGREED),
                                            AT(ACTIVE)}}, /* the last two: with their contract */
    /* clang-format on */
};

enum application_state application_next(enum application_state state, enum application_event event)
{
    if (state == APPLICATION_NONE)
        return event == LIFE_BEGIN ? APPLICATION_DRAFT : APPLICATION_NONE;
    for (size_t i = 0; i < ARRAY_LEN(life); i++) {
        if (life[i].event != event) continue;
        for (size_t k = 0; k < FROM_MAX; k++)
            if (life[i].from[k] == state)
                return life[i].to == APPLICATION_NONE ? state : life[i].to;
    }
    return APPLICATION_NONE;
}

static const struct {
    const char *word, *zh, *en;
    unsigned who;
    bool told;
} events[LIFE_EVENTS] = {
#define X(number, name, word, who, told, zh, en) [number] = {word, zh, en, who, told},
    APPLICATION_EVENT_LIST(X)
#undef X
};

static const struct {
    const char *word, *zh, *en, *next_zh, *next_en;
} states[APPLICATION_STATES] = {
#define X(number, name, word, zh, en, next_zh, next_en) [number] = {word, zh, en, next_zh, next_en},
    APPLICATION_STATE_LIST(X)
#undef X
};

static const struct {
    const char *word, *zh, *en;
    bool mends;
} reasons[APPLICATION_REASONS] = {[REASON_NONE] = {"", "", "", false},
#define X(number, name, word, mends, zh, en) [number] = {word, zh, en, mends},
                                  APPLICATION_REASON_LIST(X)
#undef X
};

bool application_may(enum application_event event, unsigned who)
{
    ENSURE(event > 0 && event < LIFE_EVENTS);
    return (events[event].who & who) != 0;
}

bool application_is_told(enum application_event event)
{
    ENSURE(event > 0 && event < LIFE_EVENTS);
    return events[event].told;
}

bool application_is_ended(enum application_state state)
{
    return state == APPLICATION_WITHDRAWN || state == APPLICATION_EXPIRED ||
           state == APPLICATION_REJECTED;
}

bool application_is_live(enum application_state state)
{
    return state != APPLICATION_DRAFT && !application_is_ended(state);
}

const char *application_state_word(enum application_state state)
{
    ENSURE(state > 0 && state < APPLICATION_STATES);
    return states[state].word;
}

const char *application_state_text(enum application_state state, bool english)
{
    ENSURE(state > 0 && state < APPLICATION_STATES);
    return english ? states[state].en : states[state].zh;
}

const char *application_state_next(enum application_state state, bool english)
{
    ENSURE(state > 0 && state < APPLICATION_STATES);
    return english ? states[state].next_en : states[state].next_zh;
}

enum application_state application_state_of(struct bytes word)
{
    for (enum application_state s = APPLICATION_DRAFT; s < APPLICATION_STATES; s++)
        if (bytes_equal(word, bytes_text(states[s].word))) return s;
    return APPLICATION_NONE;
}

const char *application_event_word(enum application_event event)
{
    ENSURE(event > 0 && event < LIFE_EVENTS);
    return events[event].word;
}

const char *application_event_text(enum application_event event, bool english)
{
    ENSURE(event > 0 && event < LIFE_EVENTS);
    return english ? events[event].en : events[event].zh;
}

const char *application_reason_word(enum application_reason reason)
{
    ENSURE(reason < APPLICATION_REASONS);
    return reasons[reason].word;
}

const char *application_reason_text(enum application_reason reason, bool english)
{
    ENSURE(reason < APPLICATION_REASONS);
    return english ? reasons[reason].en : reasons[reason].zh;
}

bool application_reason_mends(enum application_reason reason)
{
    ENSURE(reason < APPLICATION_REASONS);
    return reasons[reason].mends;
}

enum application_reason application_reason_of(struct bytes word)
{
    for (enum application_reason r = 1; r < APPLICATION_REASONS; r++)
        if (bytes_equal(word, bytes_text(reasons[r].word))) return r;
    return REASON_NONE;
}
