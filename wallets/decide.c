/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a question leads to, and what a provider's word means for it. A purpose is a row of the
 * table: how it begins, what it makes of a word, what of a request that never left.
 *
 * A code says whose it is. Whatever follows a payment says only its RRN: what memory knows is asked
 * first, and without it every provider in turn, then the wallet that is handed on to.
 */
#include <stdio.h>

#include "wallets/task.h"

enum { NOBODY = WALLET_PROVIDERS + 1 };

static bool has(const struct gateway *g, unsigned provider)
{
    return provider < WALLET_PROVIDERS && g->config.accounts->account[provider].there;
}

/* The next provider with an account, from `from` on; WALLET_PROVIDERS when there is none. */
static unsigned next_provider(const struct gateway *g, unsigned from)
{
    while (from < WALLET_PROVIDERS && !has(g, from)) from++;
    return from;
}

/* Whose codes are shown; MEMORY_OTHER when they are not of a provider. */
static unsigned holder_of_shown(const struct gateway *g)
{
    unsigned shown = g->config.accounts->shown;
    return has(g, shown) ? shown : MEMORY_OTHER;
}

static bool is_shown(const struct task *task)
{
    return task->payment.means == PAYMENT_SHOWN;
}

/* Who has this payment as far as anybody knows: a provider, MEMORY_OTHER, or NOBODY. */
static unsigned holder_of(struct gateway *g, const struct task *task, const char *rrn)
{
    const struct remembered *r = memory_find(&g->memory, rrn);
    if (r == NULL) return is_shown(task) ? holder_of_shown(g) : NOBODY;
    return r->holder == MEMORY_OTHER || has(g, r->holder) ? r->holder : NOBODY;
}

/* To the wallet behind us; where there is none, this is the answer. */
static void beyond(struct gateway *g, struct task *task, const char *code)
{
    if (g->config.other) gateway_hand_on(g, task);
    else gateway_say(g, task, code);
}

/* Whoever is asked first; false when it is for the wallet behind us and has gone there. */
static bool choose(struct gateway *g, struct task *task, const char *rrn, const char *code)
{
    unsigned holder = holder_of(g, task, rrn);
    task->known = holder != NOBODY;
    unsigned first = task->known ? holder : next_provider(g, 0);
    if (first >= WALLET_PROVIDERS) {
        beyond(g, task, code);
        return false;
    }
    task->provider = (enum wallet_provider)first;
    return true;
}

/* WeChat Pay takes back what it has charged by the customer's code. What was shown is looked at: it
 * is closed when nobody has paid, and given back when somebody has. */
static enum wallet_call first_call(const struct task *task)
{
    bool looked_at = is_shown(task) && task->provider == WALLET_WECHATPAY;
    return looked_at ? WALLET_QUERY : WALLET_CANCEL;
}

/* The same call to the next one; false when there is none. */
static bool try_next(struct gateway *g, struct task *task)
{
    unsigned next = task->known ? WALLET_PROVIDERS : next_provider(g, task->provider + 1u);
    if (next >= WALLET_PROVIDERS) return false;
    task->provider = (enum wallet_provider)next;
    ask_begin(g, task, task->purpose == TASK_TAKE_BACK ? first_call(task) : task->ask.call);
    return true;
}

/* A payment may be on its way to a provider: what is not there yet may still come. A code that is
 * shown may still be scanned. */
static bool settled(struct gateway *g, const struct task *task)
{
    const struct remembered *r = memory_find(&g->memory, task->payment.rrn);
    if (r != NULL && r->under_way) return false;
    int64_t since_ms = r != NULL ? r->sent_ms : g->memory.forgotten_ms;
    bool sale = !payment_linked(task->payment.type);
    int64_t wait_ms = sale && is_shown(task) ? GATEWAY_SHOWN_MS : GATEWAY_SETTLE_MS;
    return gateway_now_ms(g) - since_ms >= wait_ms;
}

static void set_order(struct task *task, const char *number, int64_t amount_minor)
{
    task->ask.order = (struct wallet_order){
        .number = number,
        .part = task->payment.rrn,
        .terminal = task->payment.key.tid,
        .amount_minor = amount_minor,
        .why = task->payment.type == PAYMENT_VOID ? "void" : NULL,
        .shown = is_shown(task),
    };
}

/* A later try of what must not stay undecided, as long as the acquirer waits. */
static void pause_or_drop(struct gateway *g, struct task *task)
{
    int64_t now_ms = gateway_now_ms(g);
    if (now_ms + GATEWAY_AGAIN_MS > task->give_up_ms) {
        task_drop(g, task, "the provider has not decided");
        return;
    }
    task->due_ms = now_ms + GATEWAY_AGAIN_MS;
    task->phase = TASK_PAUSING;
}

/* ---- a payment by the customer's code ---- */

static unsigned wallet_of_code(const struct gateway *g, const struct task *task)
{
    switch (payment_code_wallet(bytes_of(task->code, task->code_len))) {
    case PAYMENT_CODE_ALIPAY:
        return has(g, WALLET_ALIPAY) ? WALLET_ALIPAY : MEMORY_OTHER;
    case PAYMENT_CODE_WECHAT:
        return has(g, WALLET_WECHATPAY) ? WALLET_WECHATPAY : MEMORY_OTHER;
    case PAYMENT_CODE_UNIONPAY:
    case PAYMENT_CODE_UNKNOWN:
    case PAYMENT_CODE_WALLETS:
        break;
    }
    return MEMORY_OTHER;
}

/* What is remembered of this reference; made when it is nothing. NULL: no room. */
static struct remembered *place_of(struct gateway *g, const struct task *task)
{
    struct remembered *r = memory_find(&g->memory, task->payment.rrn);
    int64_t known_ms = g->memory.forgotten_ms;
    if (r != NULL) return r;
    r = memory_keep(&g->memory, task->payment.rrn, known_ms);
    if (r == NULL) return NULL;
    memcpy(r->payment.rrn, task->payment.rrn, sizeof r->payment.rrn);
    r->holder = NOBODY;
    return r;
}

/* The acquirer wants this no more: should the question itself come late, nothing comes of it. */
static void bar(struct gateway *g, const struct task *task)
{
    struct remembered *r = place_of(g, task);
    if (r != NULL) r->barred = true;
}

/* No, for good. The acquirer's books say so from then on: should the question come once more, that
 * is the answer, and nobody is asked. */
static void say_no(struct gateway *g, struct task *task, const char *code)
{
    struct remembered *r = place_of(g, task);
    if (r != NULL) snprintf(r->refused, sizeof r->refused, "%s", code);
    gateway_say(g, task, code);
}

static bool refused_before(struct gateway *g, struct task *task)
{
    const struct remembered *r = memory_find(&g->memory, task->payment.rrn);
    if (r == NULL || r->refused[0] == '\0') return false;
    gateway_say(g, task, r->refused);
    return true;
}

static bool barred(struct gateway *g, struct task *task)
{
    const struct remembered *r = memory_find(&g->memory, task->payment.rrn);
    if (r == NULL || !r->barred) return false;
    task_drop(g, task, "it was taken back before it came");
    return true;
}

/* Is what is to be taken back still being done, at a provider or here? */
static bool being_done(struct gateway *g, const struct task *task)
{
    const struct remembered *r = memory_find(&g->memory, task->payment.rrn);
    if (r != NULL && r->under_way) return true;
    for (unsigned i = 0; i < GATEWAY_TASKS_MAX; i++) {
        const struct task *t = &g->task[i];
        bool does =
            t->purpose == TASK_PAY || t->purpose == TASK_SHOW || t->purpose == TASK_GIVE_BACK;
        if (t != task && t->phase != TASK_FREE && t->phase != TASK_CHECKING &&
            t->phase != TASK_SEALING && does && strcmp(t->payment.rrn, task->payment.rrn) == 0)
            return true;
    }
    return false;
}

/* A new payment of this holder; false, and dropped, when it is under way already. */
static bool remember(struct gateway *g, struct task *task, unsigned holder)
{
    struct remembered *r = memory_find(&g->memory, task->payment.rrn);
    if (barred(g, task) || refused_before(g, task)) return false;
    if (r != NULL && r->under_way) {
        task_drop(g, task, "asked twice at once");
        return false;
    }
    task->unsure = r != NULL; /* it was asked before, and may have been paid then */
    r = memory_keep(&g->memory, task->payment.rrn, gateway_now_ms(g));
    if (r != NULL) {
        r->payment = task->payment;
        r->holder = holder;
    }
    task->known = true;
    return true;
}

static void begin_with(struct gateway *g, struct task *task, unsigned holder, enum wallet_call call)
{
    if (!remember(g, task, holder)) return;
    if (holder == MEMORY_OTHER) {
        beyond(g, task, call == WALLET_PAY ? "14" : "40");
        return;
    }
    task->provider = (enum wallet_provider)holder;
    set_order(task, task->payment.rrn, task->payment.amount_minor);
    ask_begin(g, task, call);
}

static void begin_pay(struct gateway *g, struct task *task)
{
    begin_with(g, task, wallet_of_code(g, task), WALLET_PAY);
}

/* The acquirer knows how it stands; a notice is of interest as long as it does not. */
static void say_payment(struct gateway *g, struct task *task, const char *code)
{
    struct remembered *r = memory_find(&g->memory, task->payment.rrn);
    bool open = strcmp(code, "09") == 0, good = strcmp(code, "00") == 0;
    bool asked_for = task->purpose == TASK_PAY || task->purpose == TASK_SHOW;
    if (r != NULL) r->waiting = open;
    if (asked_for && !open && !good) say_no(g, task, code);
    else gateway_say(g, task, code);
}

static void said_pay(struct gateway *g, struct task *task)
{
    switch (task->reading.said.word) {
    case WALLET_PAID:
        say_payment(g, task, "00");
        return;
    case WALLET_REFUSED:
        say_payment(g, task, task->unsure ? "09" : task->reading.said.response_code);
        return;
    case WALLET_CLOSED:
        say_payment(g, task, "12");
        return;
    case WALLET_UNKNOWN:
    case WALLET_WAITING:
    case WALLET_ABSENT:
    case WALLET_DONE:
        break;
    }
    say_payment(g, task, "09");
}

/* Nothing was charged, and nothing can be. */
static void unreached_pay(struct gateway *g, struct task *task)
{
    say_payment(g, task, task->unsure ? "09" : "91");
}

/* ---- a code for the customer to scan ---- */

static void begin_show(struct gateway *g, struct task *task)
{
    begin_with(g, task, holder_of_shown(g), WALLET_SHOW);
}

/* Nobody has seen a code that did not come: nobody can pay by it. */
static void said_show(struct gateway *g, struct task *task)
{
    const struct wallet_said *said = &task->reading.said;
    struct remembered *r = memory_find(&g->memory, task->payment.rrn);
    if (said->word == WALLET_DONE && strlen(said->shown) <= PAYMENT_SHOWN_MAX) {
        if (r != NULL) r->waiting = true;
        gateway_say_shown(g, task);
    } else {
        say_payment(g, task, said->word == WALLET_REFUSED ? said->response_code : "91");
    }
}

/* ---- how does it stand? ---- */

static void begin_look(struct gateway *g, struct task *task)
{
    if (!choose(g, task, task->payment.rrn, "25")) return;
    set_order(task, task->payment.rrn, task->payment.amount_minor);
    ask_begin(g, task, WALLET_QUERY);
}

static void said_look(struct gateway *g, struct task *task)
{
    if (task->reading.said.word != WALLET_ABSENT) {
        said_pay(g, task);
        return;
    }
    if (try_next(g, task)) return;
    if (task->known) say_payment(g, task, "25");
    else beyond(g, task, "25");
}

static void unreached_look(struct gateway *g, struct task *task)
{
    say_payment(g, task, "09");
}

/* ---- a payment is taken back ---- */

static void begin_take_back(struct gateway *g, struct task *task)
{
    bar(g, task);
    if (being_done(g, task)) {
        task_drop(g, task, "its payment is still on its way");
        return;
    }
    if (!choose(g, task, task->payment.rrn, "25")) return;
    set_order(task, task->payment.rrn, task->payment.amount_minor);
    /* In the first fifteen seconds WeChat Pay takes nothing back, and whatever it says may change;
     * the acquirer repeats until it hears that it is done. */
    bool early = task->provider == WALLET_WECHATPAY && !is_shown(task) && !settled(g, task);
    if (early) task_drop(g, task, "too early to take it back");
    else ask_begin(g, task, first_call(task));
}

/* True when the word leads to another call, which has been begun. */
static bool close_or_give_back(struct gateway *g, struct task *task)
{
    const struct wallet_said *said = &task->reading.said;
    /* Alipay takes back for a day, WeChat Pay for seven; after that it is given back. */
    if (task->ask.call == WALLET_CANCEL && said->word == WALLET_REFUSED) {
        ask_begin(g, task, WALLET_QUERY);
        return true;
    }
    if (task->ask.call != WALLET_QUERY) return false;
    if (said->word == WALLET_PAID) {
        task->ask.order.total_minor = said->total_minor;
        ask_begin(g, task, WALLET_REFUND); /* under the number of the payment itself: once */
        return true;
    }
    if (said->word != WALLET_WAITING) return false;
    ask_begin(g, task, WALLET_CLOSE);
    return true;
}

static void said_take_back(struct gateway *g, struct task *task)
{
    enum wallet_word word = task->reading.said.word;
    bool done = word == WALLET_DONE || word == WALLET_CLOSED;
    if (close_or_give_back(g, task)) return;
    if (!done && word != WALLET_ABSENT) {
        task_drop(g, task, "it is not taken back yet");
        return;
    }
    bool sure = done && task->known;
    if (!sure && !settled(g, task)) {
        task_drop(g, task, "it may still come");
        return;
    }
    task->had_some = task->had_some || done;
    if (try_next(g, task)) return;
    const char *code = task->had_some ? "00" : "25";
    if (task->known) gateway_say(g, task, code);
    else beyond(g, task, code);
}

static void unreached_silent(struct gateway *g, struct task *task)
{
    task_drop(g, task, "the provider cannot be reached");
}

/* ---- a refund or a void ---- */

/* Looks for the original first: who has it, and of how much it was. */
static void begin_give_back(struct gateway *g, struct task *task)
{
    const char *original = task->payment.original.rrn;
    task->give_up_ms = gateway_now_ms(g) + GATEWAY_GIVE_UP_MS;
    if (strlen(original) != WALLET_NUMBER_LEN || !bytes_all_digits(bytes_text(original))) {
        say_no(g, task, "30");
        return;
    }
    if (barred(g, task) || refused_before(g, task)) return;
    task->unsure = memory_find(&g->memory, task->payment.rrn) != NULL || !settled(g, task);
    if (!choose(g, task, original, "25")) return;
    set_order(task, original, 0);
    ask_begin(g, task, WALLET_QUERY);
}

/* From here on it is known who gives it back, even after an answer that never came. */
static void give_back(struct gateway *g, struct task *task)
{
    struct remembered *r = memory_keep(&g->memory, task->payment.rrn, gateway_now_ms(g));
    if (r != NULL) {
        r->payment = task->payment;
        r->holder = task->provider;
    }
    task->known = true;
    set_order(task, task->payment.original.rrn, task->payment.amount_minor);
    task->ask.order.total_minor = task->total_minor;
    if (task->payment.amount_minor > task->total_minor) say_no(g, task, "61");
    else ask_begin(g, task, WALLET_REFUND);
}

static void said_original(struct gateway *g, struct task *task)
{
    const struct wallet_said *said = &task->reading.said;
    bool was_paid =
        (said->word == WALLET_PAID || said->word == WALLET_CLOSED) && said->total_minor > 0;
    if (was_paid) {
        task->total_minor = said->total_minor;
        give_back(g, task);
        return;
    }
    if (said->word == WALLET_UNKNOWN) {
        bool refused = said->response_code[0] != '\0' && !task->unsure; /* and nothing was begun */
        if (refused) say_no(g, task, said->response_code);
        else pause_or_drop(g, task);
        return;
    }
    if (said->word != WALLET_ABSENT) {
        say_no(g, task, "12"); /* it is there, and was not paid */
        return;
    }
    if (try_next(g, task)) return;
    if (task->known) say_no(g, task, "25");
    else beyond(g, task, "25");
}

/* Under the same number it is given back once, however often it is asked for. What was refused
 * after a try of which nobody has heard counts as refused when that try cannot come any more. */
static void said_no_refund(struct gateway *g, struct task *task)
{
    if (task->refusal[0] == '\0') ask_begin(g, task, WALLET_REFUND);
    else if (settled(g, task)) say_no(g, task, task->refusal);
    else pause_or_drop(g, task);
}

static void said_give_back(struct gateway *g, struct task *task)
{
    const struct wallet_said *said = &task->reading.said;
    bool asked = task->ask.call == WALLET_REFUND_QUERY;
    if (task->ask.call == WALLET_QUERY) {
        said_original(g, task);
        return;
    }
    if (said->word == WALLET_DONE) gateway_say(g, task, "00");
    else if (said->word == WALLET_REFUSED && (asked || !task->unsure))
        say_no(g, task, said->response_code);
    else if (said->word == WALLET_ABSENT && asked) said_no_refund(g, task);
    else {
        if (said->word == WALLET_REFUSED)
            memcpy(task->refusal, said->response_code, sizeof task->refusal);
        task->unsure = true;
        pause_or_drop(g, task);
    }
}

static void unreached_give_back(struct gateway *g, struct task *task)
{
    pause_or_drop(g, task);
}

/* ---- a refund or a void is taken back, which no provider can do ---- */

/* Of whoever has the refund, or its payment; else each is asked. */
static void begin_undo(struct gateway *g, struct task *task)
{
    const struct remembered *r = memory_find(&g->memory, task->payment.rrn);
    char *original = task->payment.original.rrn;
    if (r != NULL && original[0] == '\0') memcpy(original, r->payment.original.rrn, 13);
    bar(g, task);
    if (being_done(g, task) || original[0] == '\0') {
        task_drop(g, task, "nobody knows how this refund stands");
        return;
    }
    if (!choose(g, task, r != NULL ? task->payment.rrn : original, "25")) return;
    set_order(task, original, task->payment.amount_minor);
    ask_begin(g, task, WALLET_REFUND_QUERY);
}

static void said_undo(struct gateway *g, struct task *task)
{
    enum wallet_word word = task->reading.said.word;
    bool absent = word == WALLET_ABSENT;
    task->unsure = task->unsure || (absent && !settled(g, task));
    if (word == WALLET_DONE) gateway_say(g, task, "22"); /* the money has gone back: too late */
    else if (word != WALLET_REFUSED && !absent) task_drop(g, task, "the refund is not decided");
    else if (try_next(g, task)) return; /* another one may have made it, whatever comes here */
    else if (task->unsure) task_drop(g, task, "the refund may still come");
    else if (task->known) gateway_say(g, task, "25");
    else beyond(g, task, "25");
}

/* ---- certificates: whatever does not lead to them leads nowhere ---- */

static void not_fetched(struct gateway *g, struct task *task)
{
    fetch_failed(g, task, ERR(STATE));
}

/* ---- the table ---- */

struct purpose {
    void (*begin)(struct gateway *g, struct task *task);
    void (*said)(struct gateway *g, struct task *task);
    void (*unreached)(struct gateway *g, struct task *task);
};

/* It begins with a notice. */
static void begin_plate(struct gateway *g, struct task *task)
{
    notice_end(g, task, false);
}

static const struct purpose purposes[TASK_PURPOSES] = {
    [TASK_PAY] = {begin_pay, said_pay, unreached_pay},
    [TASK_SHOW] = {begin_show, said_show, unreached_pay},
    [TASK_LOOK] = {begin_look, said_look, unreached_look},
    [TASK_TAKE_BACK] = {begin_take_back, said_take_back, unreached_silent},
    [TASK_GIVE_BACK] = {begin_give_back, said_give_back, unreached_give_back},
    [TASK_UNDO] = {begin_undo, said_undo, unreached_silent},
    [TASK_PLATE] = {begin_plate, gateway_plate_said, gateway_plate_unreached},
    [TASK_FETCH] = {not_fetched, not_fetched, not_fetched},
};

static const struct purpose *purpose_of(const struct task *task)
{
    ENSURE(task->purpose < TASK_PURPOSES && purposes[task->purpose].begin != NULL);
    return &purposes[task->purpose];
}

void decide_begin(struct gateway *g, struct task *task)
{
    purpose_of(task)->begin(g, task);
}

void decide_said(struct gateway *g, struct task *task)
{
    purpose_of(task)->said(g, task);
}

void decide_unreached(struct gateway *g, struct task *task)
{
    task->reading.said = (struct wallet_said){.word = WALLET_UNKNOWN};
    purpose_of(task)->unreached(g, task);
}

/* Only a refund pauses. One whose call is not known to have worked is looked up first. */
void decide_again(struct gateway *g, struct task *task)
{
    if (task->purpose == TASK_PLATE) {
        gateway_plate_again(g, task);
        return;
    }
    ENSURE(task->purpose == TASK_GIVE_BACK && task->phase == TASK_PAUSING);
    ask_begin(g, task, task->ask.call == WALLET_QUERY ? WALLET_QUERY : WALLET_REFUND_QUERY);
}
