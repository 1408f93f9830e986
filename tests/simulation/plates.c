/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes that stand in the shop (静态码, S79): customers scan them and pay without a terminal's
 * asking. The wallet asks the acquirer, again when no answer comes, and takes back at last. What a
 * customer pays by a class of plates on one day is added up here once more.
 */
#include <stdio.h>
#include <stdlib.h>

#include "journal/plate.h"
#include "lib/crypto/mac.h"
#include "lib/qr/order_code.h"
#include "registry/plate.h"
#include "tests/simulation/census.h"

enum { AGREED_MINOR = 200000, PLATE_DAY_MINOR = 300000, SUMS_MAX = 1 << 12 };

/* One of each class; the last has a day of its own besides. */
static enum registry_plate_class class_of(size_t plate)
{
    return (enum registry_plate_class)(REGISTRY_PLATE_A + plate);
}

static void name_of(size_t plate, char out[static REGISTRY_PLATE_LEN + 1])
{
    snprintf(out, REGISTRY_PLATE_LEN + 1, "P%07zu", plate % WORLD_PLATES + 1);
}

/* The text of the plate, with the MAC of the wallet's zone. */
static err sign(struct world *w, size_t plate, const char *mid, char out[static PLATE_TEXT_SIZE])
{
    uint8_t covered[ORDER_CODE_MAX], mac[MAC_MAX];
    struct order_code code = {.plate = true,
                              .category = "0000",
                              .name = "EXAMPLE SHOP",
                              .city = "CHINA",
                              .country = "CN",
                              .currency = CURRENCY_CNY};
    struct writer text = writer_over(out, PLATE_TEXT_SIZE - 1),
                  c = writer_over(covered, sizeof covered);
    name_of(plate, code.reference);
    TRY(bytes_to_text(bytes_text(mid), code.merchant, sizeof code.merchant));
    TRY(order_code_write(&code, &text));
    TRY(order_code_signed(&code, writer_view(&text), &c));
    TRY(mac_generate(&w->crypto, MAC_AES_CMAC_8, &w->zone.mac, writer_view(&c), mac));
    memcpy(code.mac, mac, sizeof code.mac);
    text.len = 0;
    TRY(order_code_write(&code, &text));
    out[text.len] = '\0';
    return OK;
}

err plates_print(struct world *w, const char *mid)
{
    for (size_t i = 0; i < WORLD_PLATES; i++) TRY(sign(w, i, mid, w->plate.text[i]));
    return OK;
}

err plates_register(struct world *w, struct registry *registry, const struct registry_actor *who,
                    const char *mid)
{
    TRY(plates_print(w, mid));
    for (size_t i = 0; i < WORLD_PLATES; i++) {
        struct registry_plate plate = {.class = class_of(i), .status = REGISTRY_ACTIVE};
        name_of(i, plate.id);
        TRY(bytes_to_text(bytes_text(mid), plate.mid, sizeof plate.mid));
        TRY(bytes_to_text(bytes_text(w->plate.text[i]), plate.text, sizeof plate.text));
        if (plate.class == REGISTRY_PLATE_A) plate.agreed_minor = AGREED_MINOR;
        if (plate.class == REGISTRY_PLATE_D) plate.merchant_minor = PLATE_DAY_MINOR;
        TRY(registry_add_plate(registry, who, &plate));
    }
    return OK;
}

/* ---- a customer ---- */

/* What he types: most often little, sometimes just the limit of the worst class, or a fen more. */
static int64_t typed(struct world *w)
{
    enum { LIMIT_MINOR = 50000 };
    switch (random_below(&w->chance, 16)) {
    case 0:
        return LIMIT_MINOR;
    case 1:
        return LIMIT_MINOR + 1;
    default:
        return 1 + random_below(&w->chance, 20000);
    }
}

void plates_pay(struct world *w)
{
    size_t phones;
    struct scan_result seen;
    (void)virtual_phones(&phones);
    const struct scan scan = {.phone = (uint8_t)random_below(&w->chance, (uint32_t)phones),
                              .text =
                                  bytes_text(w->plate.text[random_below(&w->chance, WORLD_PLATES)]),
                              .amount_minor = typed(w)};
    if (w->network == NULL) return;
    err scanned = network_scan(w->network, &scan, &seen);
    side_network_did(w, scanned);
    if (FAILED(scanned) || seen.outcome != SCAN_ASKED) return;
    w->plate.asked++;
    memcpy(w->plate.reference[w->plate.next++ % PLATES_OPEN], seen.reference, 13);
    /* He comes back with it, before or after it is decided. */
    if (world_chance(w, 3)) errand_found_slip(w, seen.reference, scan.amount_minor);
}

bool plates_at_rest(const struct world *w)
{
    char code[3];
    const char *why;
    for (size_t i = 0; i < PLATES_OPEN; i++)
        if (w->plate.reference[i][0] != '\0' &&
            network_scanned(w->network, w->plate.reference[i], code, &why) == SCAN_ASKED)
            return false;
    return true;
}

/* ---- at the end ---- */

/* Of one customer, by one class of plates, on one day. */
struct customer_day {
    char customer[17];
    int class;
    uint32_t day;
    int64_t minor;
};

static struct customer_day *day_of(struct customer_day *sums, const struct payment *p, int class)
{
    size_t at = (size_t)(p->key.batch * 31 + (unsigned)class) % SUMS_MAX;
    for (const char *c = p->token; *c != '\0'; c++) at = (at * 131 + (uint8_t)*c) % SUMS_MAX;
    for (size_t looks = 0; looks < SUMS_MAX; looks++, at = (at + 1) % SUMS_MAX) {
        struct customer_day *s = &sums[at];
        if (s->class == 0) {
            memcpy(s->customer, p->token, sizeof s->customer);
            s->class = class;
            s->day = p->key.batch;
        }
        if (s->class == class && s->day == p->key.batch && strcmp(s->customer, p->token) == 0)
            return s;
    }
    ensure_failed(__FILE__, __LINE__, "room for every customer's day");
}

static int class_of_payment(const struct payment *p)
{
    char name[REGISTRY_PLATE_LEN + 1];
    for (size_t i = 0; i < WORLD_PLATES; i++) {
        name_of(i, name);
        if (strcmp(p->key.tid, name) == 0) return (int)class_of(i);
    }
    return 0;
}

static err check_days(struct world *w, struct store *journal, const struct customer_day *sums)
{
    for (size_t i = 0; i < SUMS_MAX; i++) {
        const struct customer_day *s = &sums[i];
        int64_t known_minor = 0;
        if (s->class == 0) continue;
        const struct registry_plate plate = {.class = (enum registry_plate_class)s->class,
                                             .agreed_minor = AGREED_MINOR};
        TRY(journal_plate_customer(journal, s->customer, s->class, s->day, &known_minor));
        if (known_minor != s->minor)
            world_fail(w, "customer %s has paid %lld fen by plates on %u, his sum is %lld",
                       s->customer, (long long)s->minor, s->day, (long long)known_minor);
        if (s->minor > registry_plate_limit(&plate))
            world_fail(w, "customer %s has paid %lld fen by plates of class %c on %u", s->customer,
                       (long long)s->minor, 'A' + s->class - REGISTRY_PLATE_A, s->day);
    }
    return OK;
}

err plates_check(struct census *c)
{
    struct store *journal = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    struct customer_day *sums = calloc(SUMS_MAX, sizeof *sums);
    ENSURE(sums != NULL);
    for (size_t i = 0; i < c->capacity; i++) {
        const struct payment *p = &c->row[i].payment;
        if (p->state == PAYMENT_NONE || p->entry != PAYMENT_ENTRY_PLATE) continue;
        int class = class_of_payment(p);
        if (class == 0) world_fail(c->w, "there is no plate %s", p->key.tid);
        else if (p->state == PAYMENT_APPROVED) day_of(sums, p, class)->minor += p->amount_minor;
        c->w->counts.plates += p->state == PAYMENT_APPROVED;
    }
    err done = store_open("sim-journal", &options, NULL, &journal);
    if (!FAILED(done)) done = check_days(c->w, journal, sums);
    store_close(journal);
    free(sums);
    return done;
}
