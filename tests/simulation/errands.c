/* SPDX-License-Identifier: Apache-2.0 */
/* What is done at a terminal in a random day, and how the screens' questions are answered. */
#include "tests/simulation/errands.h"

#include <stdio.h>

#include "simulators/loyalty.h"
#include "tests/simulation/world.h"

#define OF(type) (1u << PAYMENT_##type)

/* clang-format off */
static const struct errand_row rows[] = {
    /* name              weight  begins                   by         chosen, from the main screen on              about whose slips of what kind, paid by what */
    {"sale, stripe",        14, PAYMENT_SALE,            BY_STRIPE, {"sale"},                                    REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sale, chip",          11, PAYMENT_SALE,            BY_CHIP,   {"sale"},                                    REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sale, tap",           11, PAYMENT_SALE,            BY_TAP,    {"sale"},                                    REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sale, code",          16, PAYMENT_SALE,            BY_CODE,   {"sale"},                                    REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sale, wallet",         1, PAYMENT_SALE,            BY_WALLET, {"sale"},                                    REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sale, shown code",    10, PAYMENT_SALE,            BY_SHOWN,  {"sale"},                                    REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sale, cash",           6, PAYMENT_SALE,            BY_CASH,   {"sale", "cash"},                            REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sale, points",         6, PAYMENT_REDEEM,          BY_POINTS, {"sale", "points"},                          REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sale, split",          4, PAYMENT_SALE,            BY_PARTS,  {"sale", "split"},                           REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sale, instalment",     3, PAYMENT_INSTALMENT, BY_PLAN,   {"sale", "instalment", "n_0", "n_0"},        REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sale, plate",          6, PAYMENT_SALE,            BY_PLATE,  {NULL},                                      REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"balance, stripe",      1, PAYMENT_BALANCE,         BY_STRIPE, {"records", "balance"},                      REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"balance, chip",        1, PAYMENT_BALANCE,         BY_CHIP,   {"records", "balance"},                      REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"void",                 7, PAYMENT_VOID,            BY_NOTHING, {"void"},                                   REACH_OWN,  OF(SALE) | OF(INSTALMENT) | OF(REDEEM), PAYMENT_MEANS_NONE},
    {"refund, voucher",      6, PAYMENT_REFUND,          BY_NOTHING, {"refund", "voucher"},                      REACH_OWN,  OF(SALE) | OF(COMPLETION), PAYMENT_MEANS_NONE},
    {"refund, card",         6, PAYMENT_REFUND,          BY_NOTHING, {"refund", "card"},                         REACH_ALL,  OF(SALE) | OF(COMPLETION), PAYMENT_CARD},
    {"refund, code",         4, PAYMENT_REFUND,          BY_NOTHING, {"refund", "code"},                         REACH_ALL,  OF(SALE), PAYMENT_CODE},
    {"refund, points",       3, PAYMENT_REDEEM_REFUND,   BY_NOTHING, {"refund", "points"},                       REACH_ALL,  OF(REDEEM), PAYMENT_POINTS},
    {"hold, stripe",         4, PAYMENT_PREAUTH,         BY_STRIPE, {"preauth", "hold"},                         REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"hold, chip",           4, PAYMENT_PREAUTH,         BY_CHIP,   {"preauth", "hold"},                         REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"hold, add",            4, PAYMENT_PREAUTH_ADD,     BY_NOTHING, {"preauth", "add"},                         REACH_ALL,  OF(PREAUTH), PAYMENT_CARD},
    {"hold, complete",       7, PAYMENT_COMPLETION,      BY_NOTHING, {"preauth", "complete"},                    REACH_ALL,  OF(PREAUTH), PAYMENT_CARD},
    {"hold, notice",         8, PAYMENT_COMPLETION_ADVICE, BY_NOTHING, {"preauth", "notice"},                    REACH_OWN,  OF(PREAUTH), PAYMENT_CARD},
    {"hold, cancel",         3, PAYMENT_PREAUTH_CANCEL,  BY_NOTHING, {"preauth", "cancel"},                      REACH_ALL,  OF(PREAUTH), PAYMENT_CARD},
    {"completion, void",     3, PAYMENT_COMPLETION_VOID, BY_NOTHING, {"preauth", "undo"},                        REACH_ALL,  OF(COMPLETION) | OF(COMPLETION_ADVICE), PAYMENT_CARD},
    {"settle",               2, PAYMENT_TYPE_NONE,       BY_NOTHING, {"manage", "settle", "yes"},                REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sign in",              1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"manage", "sign_in"},                      REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"sign out",             1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"manage", "sign_out", "yes"},              REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"X",                    1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"manage", "shift", "x"},                   REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"Z",                    1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"manage", "shift", "z", "yes"},            REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"Z, next shift",        1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"manage", "shift", "z", "yes", "hand_over"}, REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"training",             1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"manage", "training", "practise", "tap", "leave"}, REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"training, hold",       1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"manage", "training", "others", "hold", "tap"}, REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"lock",                 1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"manage", "lock"},                         REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"log out",              1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"manage", "log_out"},                      REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"reprint",              1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"records", "reprint_last"},                REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"report",               1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"records", "report"},                      REACH_NONE, 0, PAYMENT_MEANS_NONE},
    {"query",                1, PAYMENT_TYPE_NONE,       BY_NOTHING, {"records", "query"},                       REACH_NONE, 0, PAYMENT_MEANS_NONE},
};
/* clang-format on */
_Static_assert(ARRAY_LEN(rows) <= ERRANDS_MAX, "a counter for each");

const struct errand_row *errands(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rows);
    return rows;
}

static bool begins_with(const char *id, const char *prefix)
{
    return strncmp(id, prefix, strlen(prefix)) == 0;
}

static const struct errand_row *named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    ensure_failed(__FILE__, __LINE__, "there is such an errand");
}

static const struct errand_row *draw(struct world *w)
{
    uint32_t all = 0, at;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) all += rows[i].weight;
    at = random_below(&w->chance, all);
    for (size_t i = 0;; i++) {
        if (at < rows[i].weight) return &rows[i];
        at -= rows[i].weight;
    }
}

/* ---- slips ------------------------------------------------------------------------------------
 */

static bool fits(const struct errand_row *row, const struct slip *slip, uint32_t terminal)
{
    if (slip->type == PAYMENT_TYPE_NONE || (row->originals & 1u << slip->type) == 0) return false;
    bool code = payment_by_code(row->means) && payment_by_code(slip->means);
    if (row->means != PAYMENT_MEANS_NONE && row->means != slip->means && !code) return false;
    return row->reach == REACH_ALL || slip->terminal == terminal;
}

/*
 * One of the newest, or any; and often the one that somebody else has in his hand: two counters do
 * something to one payment at the same time.
 */
static bool draw_slip(struct side_terminal *t, const struct errand_row *row, struct slip *out)
{
    enum { NEWEST = 24, LOOKS = 12 };
    struct world *w = t->world;
    size_t kept = w->slips < WORLD_SLIPS ? w->slips : WORLD_SLIPS;
    if (fits(row, &w->hot, t->index) && random_below(&w->chance, 3) == 0) {
        *out = w->hot;
        return true;
    }
    for (int look = 0; look < LOOKS && kept > 0; look++) {
        bool newest = kept > NEWEST && random_below(&w->chance, 4) != 0;
        size_t back = 1 + random_below(&w->chance, (uint32_t)(newest ? NEWEST : kept));
        const struct slip *slip = &w->slip[(w->slips - back) % WORLD_SLIPS];
        if (!fits(row, slip, t->index)) continue;
        *out = w->hot = *slip;
        return true;
    }
    return false;
}

/* An addition raises what the slip of its hold says, as a pen does. */
static void raise(struct world *w, const struct payment *addition)
{
    for (size_t i = 0; i < WORLD_SLIPS; i++)
        if (w->slip[i].type == PAYMENT_PREAUTH &&
            strcmp(w->slip[i].auth_code, addition->original.auth_code) == 0)
            w->slip[i].amount_minor += addition->amount_minor;
}

void errand_keep_slip(struct side_terminal *t)
{
    struct world *w = t->world;
    const struct payment *p = terminal_payment(t->terminal);
    const struct errand *doing = &t->cashier.doing;
    bool last = w->slips > 0 && w->slip[(w->slips - 1) % WORLD_SLIPS].terminal == t->index &&
                w->slip[(w->slips - 1) % WORLD_SLIPS].stan == p->key.stan;
    if (p->state != PAYMENT_APPROVED || doing->row == NULL || doing->row->type != p->type || last)
        return;
    if (p->type == PAYMENT_PREAUTH_ADD) raise(w, p);
    struct slip *slip = &w->slip[w->slips++ % WORLD_SLIPS];
    *slip = (struct slip){.terminal = t->index,
                          .type = p->type,
                          .means = p->means,
                          .stan = p->key.stan,
                          .amount_minor = p->amount_minor,
                          .by = doing->by,
                          .customer = doing->customer};
    memcpy(slip->rrn, p->rrn, sizeof slip->rrn);
    memcpy(slip->auth_code, p->auth_code, sizeof slip->auth_code);
    memcpy(slip->date, p->local_date, sizeof slip->date);
}

enum { OVERHEARD_ONE_IN = 40 };

/*
 * A sale by code that its terminal may not know to be paid, and will reverse then, can be refunded
 * at another by the reference that the customer's telephone shows.
 */
void errand_overhear(struct world *w, struct bytes message)
{
    uint8_t block[4096];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct payment_network_answer a;
    if (!world_chance(w, OVERHEARD_ONE_IN)) return;
    if (FAILED(iso8583_decode(&iso8583_dialect_ascii87, message, &arena, &m, &fault)) ||
        FAILED(payment_network_answer_parse(&m, &a)))
        return;
    const struct entry *e = book_find(network_book(w->network), bytes_text(a.rrn));
    if (e == NULL || e->state != ENTRY_CHARGED || e->type != PAYMENT_SALE) return;
    errand_found_slip(w, a.rrn, e->amount_minor);
}

void errand_found_slip(struct world *w, const char *rrn, int64_t amount_minor)
{
    struct civil today = civil_from_ms(w->now_ms + CLOCK_CHINA_OFFSET_MS);
    struct slip *slip = &w->slip[w->slips++ % WORLD_SLIPS];
    *slip = (struct slip){.terminal = UINT32_MAX,
                          .type = PAYMENT_SALE,
                          .means = PAYMENT_CODE,
                          .by = BY_CODE,
                          .amount_minor = amount_minor};
    memcpy(slip->rrn, rrn, sizeof slip->rrn);
    struct writer date = writer_over(slip->date, sizeof slip->date - 1);
    write_format(&date, "%02d%02d", today.month, today.day);
}

/* ---- amounts ----------------------------------------------------------------------------------
 */

static int64_t up_to(struct world *w, int64_t most_minor)
{
    return 1 + random_below(&w->chance, (uint32_t)(most_minor > 0 ? most_minor : 1));
}

/* All of it, a part, and sometimes too much. */
static int64_t refunded(struct world *w, int64_t paid_minor)
{
    uint32_t how = random_below(&w->chance, 8);
    if (how < 2) return paid_minor;
    return how == 7 ? paid_minor + 1 : up_to(w, paid_minor / 2);
}

/* Exactly the whole, exactly the most, something below it, a fen too much. */
static int64_t completed(struct world *w, int64_t held_minor)
{
    int64_t most_minor = held_minor * 115 / 100;
    switch (random_below(&w->chance, 6)) {
    case 0:
        return most_minor;
    case 1:
        return most_minor + 1;
    case 2:
        return held_minor;
    default:
        return up_to(w, most_minor);
    }
}

static int64_t amount(struct world *w, const struct errand *doing)
{
    const int64_t of_minor = doing->of.amount_minor;
    switch (doing->row->type) {
    case PAYMENT_REDEEM:
    case PAYMENT_SALE: /* half of them small enough for a card to approve alone */
        return up_to(w, random_below(&w->chance, 2) == 0 ? 20000 : 1000000);
    case PAYMENT_INSTALMENT:
        return 10000 + up_to(w, 1000000);
    case PAYMENT_PREAUTH:
        return up_to(w, 500000);
    case PAYMENT_PREAUTH_ADD:
        return up_to(w, 100000);
    case PAYMENT_REFUND:
    case PAYMENT_REDEEM_REFUND:
        return refunded(w, of_minor);
    case PAYMENT_COMPLETION:
    case PAYMENT_COMPLETION_ADVICE:
        return completed(w, of_minor);
    case PAYMENT_TYPE_NONE: /* what is practised, what is counted in a drawer */
        return up_to(w, 20000);
    default:
        return of_minor;
    }
}

/* ---- from the main screen and back ------------------------------------------------------------
 */

static bool begin(struct side_terminal *t, const struct errand_row *row)
{
    struct world *w = t->world;
    struct errand *doing = &t->cashier.doing;
    *doing = (struct errand){.row = row, .by = row->by};
    if (row->reach != REACH_NONE) {
        if (!draw_slip(t, row, &doing->of)) {
            doing->row = NULL;
            return false;
        }
        doing->by = doing->of.by;
        doing->customer = doing->of.customer;
    }
    doing->amount_minor = amount(w, doing);
    if (row->type != PAYMENT_TYPE_NONE && row->reach == REACH_NONE) customer_draw(t);
    bool elsewhere = row->by == BY_PLATE;
    if (elsewhere) plates_pay(w);
    if (elsewhere || errand_step(t)) {
        w->payments_started += row->type != PAYMENT_TYPE_NONE && row->type != PAYMENT_BALANCE;
        w->counts.begun[row - rows]++;
        mishaps_befall(t);
        return true;
    }
    doing->row = NULL;
    return false;
}

bool errand_begin(struct side_terminal *t)
{
    struct world *w = t->world;
    if (t->cashier.at != &t->cashier.self) return begin(t, named("log out"));
    if (w->healing) return !terminal_settled(t->terminal) && begin(t, named("settle"));
    return w->payments_started < w->options.payments && begin(t, draw(w));
}

void errand_end(struct side_terminal *t)
{
    t->cashier.doing = (struct errand){.row = NULL};
}

bool errand_step(struct side_terminal *t)
{
    struct errand *doing = &t->cashier.doing;
    if (doing->row == NULL || doing->step >= ERRAND_PATH_MAX) return false;
    const char *next = doing->row->path[doing->step];
    if (next == NULL) return false;
    if (strcmp(next, "yes") == 0 && strcmp(terminal_screen(t->terminal)->id, "settle.ask") == 0)
        settlement_spoil(t);
    if (!cashier_choose(t, next)) return false;
    doing->step++;
    return true;
}

/* ---- what screens ask -------------------------------------------------------------------------
 */

static void write_amount(struct side_terminal *t, int64_t minor)
{
    char yuan[32], fen[16];
    snprintf(yuan, sizeof yuan, "digit:%lld", (long long)(minor / 100));
    snprintf(fen, sizeof fen, "digit:%02d", (int)(minor % 100));
    cashier_key(t, yuan);
    if (t->terminal != NULL) cashier_key(t, "point");
    if (t->terminal != NULL) cashier_key(t, fen);
}

static void write_digits(struct side_terminal *t, const char *digits)
{
    char name[32];
    snprintf(name, sizeof name, "digit:%.12s", digits);
    cashier_key(t, name);
}

/* What the slip says to this question; false: no question of ours. */
static bool slip_says(const struct slip *slip, const char *id, char out[static 16])
{
    if (strcmp(id, "void.number") == 0 || strcmp(id, "refund.number") == 0)
        snprintf(out, 16, "%06u", slip->stan % 1000000);
    else if (strcmp(id, "refund.reference") == 0 || strcmp(id, "preauth.reference") == 0)
        snprintf(out, 16, "%s", slip->rrn);
    else if (strcmp(id, "refund.date") == 0) snprintf(out, 16, "%s", slip->date);
    else if (strcmp(id, "preauth.code") == 0) snprintf(out, 16, "%s", slip->auth_code);
    else return false;
    return true;
}

/* ---- in parts ---------------------------------------------------------------------------------
 */

/*
 * An order that stays open: a part, or all that is left, by cash, code or the card that everybody
 * has; or it is given up. At the end of the day it is paid.
 */
static void answer_order(struct side_terminal *t)
{
    static const enum means_drawn ways[] = {BY_CASH, BY_CODE, BY_SHOWN, BY_STRIPE, BY_POINTS};
    enum { GIVEN_UP_ONE_IN = 8 };
    struct world *w = t->world;
    struct errand *doing = &t->cashier.doing;
    bool rest = w->healing || random_below(&w->chance, 2) == 0;
    doing->by = w->healing ? BY_CASH : ways[random_below(&w->chance, (uint32_t)ARRAY_LEN(ways))];
    doing->customer = 0;
    doing->tries = 0;
    if (!w->healing && world_chance(w, GIVEN_UP_ONE_IN) && cashier_choose(t, "give_up")) return;
    if (terminal_screen(t->terminal)->field.value[0] != '\0') cashier_key(t, "clear");
    if (!rest && t->terminal != NULL) write_amount(t, up_to(w, 30000));
    if (t->terminal != NULL) cashier_key(t, "ok");
}

/* A part goes back: if by card, then by the one that parts are paid with. */
bool errand_give_back(struct side_terminal *t)
{
    struct errand *doing = &t->cashier.doing;
    if (strcmp(terminal_screen(t->terminal)->id, "split.back") != 0) return false;
    doing->by = BY_STRIPE;
    doing->customer = 0;
    doing->tries = 0;
    /* Refused: another terminal may have given it back. */
    if ((t->world->healing || random_below(&t->world->chance, 2) == 0) &&
        cashier_choose(t, "leave"))
        return true;
    return cashier_choose(t, "back");
}

/* Just what is due, or a note more; the drawer counted wrong; the tip as it is offered. */
static bool answer_money(struct side_terminal *t)
{
    const char *id = terminal_screen(t->terminal)->id;
    if (strcmp(id, "split.order") == 0) answer_order(t);
    else if (strcmp(id, "cash.given") == 0) cashier_key(t, "ok");
    else if (strcmp(id, "sale.tip") == 0 && !cashier_choose(t, "share_1"))
        (void)cashier_choose(t, "none");
    return begins_with(id, "split.") || begins_with(id, "cash.") || strcmp(id, "sale.tip") == 0;
}

/* A member, one that there is not, or one whose keeper of points is silent. */
static bool answer_member(struct side_terminal *t)
{
    enum { STRANGER_ONE_IN = 12 };
    struct world *w = t->world;
    const char *number = loyalty_member(random_below(&w->chance, LOYALTY_MEMBERS))->number;
    if (strcmp(terminal_screen(t->terminal)->id, "points.member") != 0) return false;
    char digits[24];
    snprintf(digits, sizeof digits, "digit:%s",
             world_chance(w, STRANGER_ONE_IN) ? "8699999999999" : number);
    if (t->cashier.doing.tries++ > 3) {
        cashier_key(t, "cancel");
        return true;
    }
    cashier_key(t, digits);
    if (t->terminal != NULL) cashier_key(t, "ok");
    return true;
}

bool errand_answer(struct side_terminal *t)
{
    enum { TRIES = 6 };
    const struct screen *s = terminal_screen(t->terminal);
    struct errand *doing = &t->cashier.doing;
    char digits[16] = "";
    if (answer_money(t) || answer_member(t)) return true;
    bool amount = s->field.kind == SCREEN_FIELD_AMOUNT;
    if (!amount && !slip_says(&doing->of, s->id, digits)) return false;
    bool known = doing->row != NULL && (amount || digits[0] != '\0');
    if (!known || doing->tries++ >= TRIES) {
        cashier_key(t, "cancel");
        return true;
    }
    if (s->field.value[0] != '\0') cashier_key(t, "clear"); /* of the try before */
    if (t->terminal == NULL) return true;
    if (amount) write_amount(t, doing->amount_minor);
    else write_digits(t, digits);
    if (t->terminal != NULL) cashier_key(t, "ok");
    return true;
}
