/* SPDX-License-Identifier: Apache-2.0 */
/* Limits: sums of merchants in memory, and the classes that cards were seen to have. */
#include "acquirer/allowance.h"

#include <assert.h>
#include <stdlib.h>

#include "payment/quota.h"
#include "registry/limits.h"

enum { BINS = 4096 /* first six digits remembered; a newer one takes the place of another */ };

struct merchant {
    char mid[16];
    char risk[REGISTRY_RISK_MAX + 1];
    uint8_t class; /* its place in the table */
    uint8_t mates; /* other merchants of the same person, by their places */
    uint32_t mate[REGISTRY_MATES_MAX];
    struct quota_sums sums;
};

struct bin {
    uint32_t digits; /* 0: free */
    uint8_t card;    /* enum quota_card; ANY: it was seen with two */
};

struct merchants {
    struct quota_table table;
    struct index by_id;
    uint32_t count, max;
    struct merchant *merchant;
    struct bin bin[BINS];
    uint8_t text[REGISTRY_LIMITS_MAX];
};

static_assert((int)REGISTRY_RISK_MAX == (int)QUOTA_CLASS_MAX, "one name of a class");

/* ---- opening ---- */

err allowance_open(struct acquirer *a)
{
    struct merchants *m = calloc(1, sizeof *m);
    if (m == NULL) return ERR(NO_MEMORY);
    a->merchants = m;
    m->max = a->limits.terminals;
    m->merchant = calloc(m->max, sizeof *m->merchant);
    if (m->merchant == NULL) return ERR(NO_MEMORY);
    quota_table_default(&m->table);
    return index_open(&m->by_id, m->max);
}

void allowance_close(struct acquirer *a)
{
    struct merchants *m = a->merchants;
    if (m == NULL) return;
    index_close(&m->by_id);
    free(m->merchant);
    free(m);
    a->merchants = NULL;
}

static void classify(struct merchants *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        m->merchant[i].class = (uint8_t)quota_class(&m->table, m->merchant[i].risk);
}

void allowance_refresh(struct acquirer *a)
{
    struct merchants *m = a->merchants;
    struct writer w = writer_over(m->text, sizeof m->text);
    struct quota_fault fault = {.why = "the registry cannot be read"};
    uint32_t version = 0;
    err found = registry_find_limits(a->registry, &version, &w);
    if (found.code == ERR_NOT_FOUND || (!FAILED(found) && version == m->table.version)) return;
    if (!FAILED(found)) found = quota_table_parse(writer_view(&w), &m->table, &fault);
    if (!FAILED(found)) classify(m);
    else
        log_event(a->config.log, LOG_ERROR, "limits_unread", LOG_ERR(found),
                  LOG_INT("line", fault.line), LOG_TEXT("cause", fault.why));
}

/* ---- merchants ---- */

/* FNV-1a of the id: merchants are looked up by it, and compared whole. */
static uint64_t id_key(const char *mid)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *mid != '\0'; mid++) hash = (hash ^ (uint8_t)*mid) * UINT64_C(0x100000001b3);
    return hash;
}

/* NULL: there is no room for another one. */
static struct merchant *merchant_of(struct acquirer *a, const char *mid)
{
    struct merchants *m = a->merchants;
    uint64_t key = id_key(mid);
    uint32_t place = index_find(&m->by_id, key);
    /* Two ids with one hash would share their limits: the second has no place of its own. */
    if (place != INDEX_NONE)
        return strcmp(m->merchant[place].mid, mid) == 0 ? &m->merchant[place] : NULL;
    if (m->count == m->max) return NULL;
    struct merchant *new = &m->merchant[m->count];
    memcpy(new->mid, mid, sizeof new->mid);
    index_add(&m->by_id, key, m->count++);
    return new;
}

/* Those that nobody has asked about yet have their place from now on: the journal may have given
 * them sums. */
static err find_mates(struct acquirer *a, struct merchant *merchant)
{
    char mid[REGISTRY_MATES_MAX][16];
    size_t count = 0;
    uint32_t mate[REGISTRY_MATES_MAX];
    TRY(registry_find_mates(a->registry, bytes_text(merchant->mid), mid, &count));
    for (size_t i = 0; i < count; i++) {
        const struct merchant *other = merchant_of(a, mid[i]);
        if (other == NULL) return ERR(FULL);
        mate[i] = (uint32_t)(other - a->merchants->merchant);
    }
    memcpy(merchant->mate, mate, sizeof mate);
    merchant->mates = (uint8_t)count;
    return OK;
}

err allowance_merchant(struct acquirer *a, const char *mid)
{
    struct merchant *merchant = merchant_of(a, mid);
    if (merchant == NULL) return ERR(FULL);
    TRY(registry_find_risk(a->registry, bytes_text(mid), merchant->risk));
    TRY(find_mates(a, merchant));
    merchant->class = (uint8_t)quota_class(&a->merchants->table, merchant->risk);
    return OK;
}

/* ---- classes of cards ---- */

static uint32_t first_six(const struct payment *p)
{
    uint32_t digits = 0;
    for (size_t i = 0; i < 6; i++) {
        if (p->pan_masked[i] < '0' || p->pan_masked[i] > '9') return 0;
        digits = digits * 10 + (uint32_t)(p->pan_masked[i] - '0');
    }
    return p->means == PAYMENT_CARD ? digits : 0;
}

static struct bin *bin_place(struct merchants *m, uint32_t digits)
{
    return &m->bin[(digits * UINT32_C(2654435761)) >> 20 & (BINS - 1)];
}

static void learn(struct merchants *m, const struct payment *p)
{
    enum quota_card card = quota_card_of(p->card_class);
    uint32_t digits = first_six(p);
    if (digits == 0 || card == QUOTA_CARD_ANY) return;
    struct bin *bin = bin_place(m, digits);
    if (bin->digits != digits) *bin = (struct bin){digits, (uint8_t)card};
    else if (bin->card != card) bin->card = QUOTA_CARD_ANY;
}

/* As its answer says, else what earlier ones have said of such cards. */
static enum quota_card card_of(struct merchants *m, const struct payment *p)
{
    if (payment_by_code(p->means)) return QUOTA_CARD_WALLET;
    if (p->card_class != PAYMENT_CLASS_UNKNOWN) return quota_card_of(p->card_class);
    uint32_t digits = first_six(p);
    const struct bin *bin = bin_place(m, digits);
    return digits != 0 && bin->digits == digits ? (enum quota_card)bin->card : QUOTA_CARD_ANY;
}

/* ---- judging ---- */

/* Is a payment of this type asked for, of money that is taken or held? What is told is told. */
static bool judged(const struct payment *p, bool *ret_whole)
{
    enum payment_direction direction = payment_type_row(p->type)->direction;
    *ret_whole = direction == PAYMENT_TAKES;
    if (p->type == PAYMENT_COMPLETION_ADVICE || payment_offline(p)) return false;
    return *ret_whole || (direction == PAYMENT_HOLDS && p->type != PAYMENT_PREAUTH_CANCEL);
}

/* What all merchants of this one's person have taken: his own sums, or a copy in `room`. */
static const struct quota_sums *
person_sums(const struct acquirer *a, const struct merchant *merchant, struct quota_sums *room)
{
    if (merchant->mates == 0) return &merchant->sums;
    *room = merchant->sums;
    for (size_t i = 0; i < merchant->mates; i++)
        quota_merge(room, &a->merchants->merchant[merchant->mate[i]].sums);
    return room;
}

static const char *judge(const struct acquirer *a, const struct merchant *merchant,
                         const struct quota_place *place, bool whole, struct payment *p)
{
    struct quota_notice notice;
    struct quota_sums room;
    const struct quota_taken before = {&merchant->sums, person_sums(a, merchant, &room)};
    if (quota_allows(&a->merchants->table, merchant->class, &before, place, p->amount_minor, whole,
                     &notice))
        return NULL;
    quota_notice_write(&notice, p->notice);
    return quota_code(&notice);
}

const char *allowance_refuse(struct acquirer *a, struct payment *p)
{
    bool whole;
    if (!judged(p, &whole)) return NULL;
    const struct merchant *merchant = merchant_of(a, p->mid);
    if (merchant == NULL) return "96";
    struct quota_sums room;
    const struct quota_place place = {
        .card = card_of(a->merchants, p),
        .entry = quota_entry_of(p),
        .day = quota_day_of(person_sums(a, merchant, &room), quota_day(p->created_ms)),
    };
    return judge(a, merchant, &place, whole, p);
}

/* ---- counting ---- */

/* In `counted` of struct recent: 0, not counted; one more than the card; or a void. */
enum { COUNTED_VOID = QUOTA_CARDS + 1 };

static struct quota_place place_of(const struct recent *r, const struct payment *p)
{
    ENSURE(r->counted > 0 && r->counted <= QUOTA_CARDS);
    return (struct quota_place){.card = (enum quota_card)(r->counted - 1),
                                .entry = quota_entry_of(p),
                                .day = r->counted_day};
}

const char *allowance_refuse_answered(struct acquirer *a, const struct recent *r, struct payment *p)
{
    bool whole;
    struct merchant *merchant = merchant_of(a, p->mid);
    enum quota_card said = card_of(a->merchants, p);
    if (merchant == NULL || r->counted == 0 || !judged(p, &whole)) return NULL;
    struct quota_place place = place_of(r, p);
    if (place.card == said) return NULL;
    quota_add(&merchant->sums, &place, -1, p->amount_minor); /* not against itself */
    const struct quota_place other = {.card = said, .entry = place.entry, .day = place.day};
    const char *code = judge(a, merchant, &other, whole, p);
    quota_add(&merchant->sums, &place, 1, p->amount_minor);
    return code;
}

/* Has the merchant taken it, as far as anybody can know now? */
static bool taken(const struct payment *p)
{
    if (payment_type_row(p->type)->direction != PAYMENT_TAKES) return false;
    return p->state == PAYMENT_PENDING || payment_state_paid(p->state);
}

/* Does it undo the whole of another one? A refund gives money back and no room under a limit. */
static bool undoes(const struct payment *p)
{
    const struct payment_type_row *row = payment_type_row(p->type);
    return row->direction == PAYMENT_GIVES && row->whole && payment_state_paid(p->state);
}

/* Takes the original of a void out, or puts it back. */
static err follow_void(struct acquirer *a, struct recent *r, const struct payment *p)
{
    struct payment original;
    bool is = undoes(p), was = r->counted == COUNTED_VOID;
    if (is == was || p->original.row == 0) return OK;
    TRY(record_read(a, p->original.row, &original));
    struct merchant *merchant = merchant_of(a, original.mid);
    if (merchant == NULL) return OK;
    const struct quota_place place = {.card = card_of(a->merchants, &original),
                                      .entry = quota_entry_of(&original),
                                      .day = quota_day(original.created_ms)};
    quota_add(&merchant->sums, &place, is ? -1 : 1, original.amount_minor);
    r->counted = is ? COUNTED_VOID : 0;
    return OK;
}

err allowance_follow(struct acquirer *a, struct recent *r, const struct payment *p)
{
    learn(a->merchants, p);
    if (payment_type_row(p->type)->direction == PAYMENT_GIVES) return follow_void(a, r, p);
    struct merchant *merchant = merchant_of(a, p->mid);
    if (merchant == NULL) return OK;
    uint8_t now = taken(p) ? (uint8_t)(card_of(a->merchants, p) + 1) : 0;
    if (now == r->counted) return OK;
    struct quota_place place;
    struct quota_sums room;
    if (r->counted == 0)
        r->counted_day =
            (uint16_t)quota_day_of(person_sums(a, merchant, &room), quota_day(p->created_ms));
    if (r->counted != 0) {
        place = place_of(r, p);
        quota_add(&merchant->sums, &place, -1, p->amount_minor);
    }
    r->counted = now;
    if (now == 0) return OK;
    place = place_of(r, p);
    quota_add(&merchant->sums, &place, 1, p->amount_minor);
    return OK;
}

void allowance_recalled(struct recent *r, const struct payment *p)
{
    r->counted_day = (uint16_t)quota_day(p->created_ms);
    if (undoes(p)) r->counted = COUNTED_VOID;
    else if (taken(p))
        r->counted = (uint8_t)((payment_by_code(p->means) ? QUOTA_CARD_WALLET
                                                          : quota_card_of(p->card_class)) +
                               1);
    else r->counted = 0;
}
