/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payments by plates (静态码, S79): a customer scans a code that stands in a shop and types the
 * amount, and his wallet asks us.
 *
 *   0200 of the wallet -> hsm (MAC) -> plate, limits -> journal rows -> hsm (MAC) -> commit -> 0210
 *
 * The wallet's own reference is the payment's from end to end: a repeat gets the recorded answer,
 * and a 0400 turns it back, or bars it when it has not come yet. Our own references never look so
 * (the day of the year has 400 added), and merchants refund by it at any terminal. The journal has
 * the plate in the place of the terminal, the day as batch, and numbers that we give.
 *
 * Nothing is outstanding in between: what the wallet asks is decided, with its rows and its sums,
 * in one transaction. When no answer comes the wallet asks again, and at last reverses.
 */
#include "acquirer/plate.h"

#include "acquirer/allowance.h"
#include "acquirer/original.h"
#include "acquirer/zone.h"
#include "journal/plate.h"
#include "journal/trail.h"
#include "payment/clearing.h"
#include "payment/shown.h"
#include "registry/agreement.h"
#include "registry/plate.h"

enum { FIELD_DAY = 15, FIELD_CUSTOMER = 60, FIELD_TEXT = 62 };

bool plate_told(enum payment_route route, const struct iso8583_message *message)
{
    return route == PAYMENT_ROUTE_WALLET && (message->mti == 0x0200 || message->mti == 0x0400);
}

static bool hex_digits(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (!(*c >= '0' && *c <= '9') && !(*c >= 'a' && *c <= 'f') && !(*c >= 'A' && *c <= 'F'))
            return false;
    return true;
}

/* Into the task: the payment, and the text that was scanned. */
static err parse(const struct iso8583_message *message, struct task *task,
                 enum payment_network_kind *ret_kind)
{
    struct payment p;
    struct payment_sensitive s;
    TRY(payment_from_network(message, &p, &s, ret_kind));
    bool reversal = *ret_kind == PAYMENT_NETWORK_REVERSAL;
    if (!reversal && *ret_kind != PAYMENT_NETWORK_REQUEST) return ERR(UNSUPPORTED);
    if (p.type != PAYMENT_SALE || p.means != PAYMENT_SHOWN) return ERR(UNSUPPORTED);
    if (p.entry != PAYMENT_ENTRY_PLATE) return ERR(FORMAT);
    if (!payment_wallet_reference(p.rrn)) return ERR(FORMAT);
    if (!reversal) {
        TRY(bytes_to_text(iso8583_get(message, FIELD_CUSTOMER), p.token, sizeof p.token));
        if (strlen(p.token) != sizeof p.token - 1 || !hex_digits(p.token)) return ERR(FORMAT);
        TRY(payment_shown_copy(iso8583_get(message, FIELD_TEXT), task->shown_code));
        if (iso8583_has(message, FIELD_DAY))
            TRY(bytes_to_text(iso8583_get(message, FIELD_DAY), p.settlement_date,
                              sizeof p.settlement_date));
    }
    p.digest = payment_digest(&p);
    task->payment = p;
    return OK;
}

err plate_asked(struct acquirer *a, const struct iso8583_message *message, struct bytes raw)
{
    const struct key_block *key = &zone_now(a, PAYMENT_ROUTE_WALLET)->mac;
    unsigned mac_field = iso8583_has(message, 128) ? 128 : 64;
    struct task *task = hsm_ready(a) ? task_new(a, TASK_REPLYING, 0) : NULL;
    if (task == NULL) return OK; /* too much to do, or no hsm: the wallet asks again */
    enum payment_network_kind kind = PAYMENT_NETWORK_REQUEST;
    err parsed = message->mac_input == 0 ? ERR(MISSING) : parse(message, task, &kind);
    if (FAILED(parsed)) {
        a->counts.malformed++;
        log_event(a->config.log, LOG_WARN, "plate_malformed", LOG_ERR(parsed));
        task_free(a, task);
        return OK;
    }
    task->answer_mti = (uint16_t)(message->mti + 0x10);
    task->payment.route = PAYMENT_ROUTE_WALLET;
    return hsm_mac_check(a, task, FOR_PLATE_CHECK, HSM_SUITE_TONGBAO, key,
                         bytes_of(raw.at, message->mac_input), message->field[mac_field]);
}

/* ---- the answer ---- */

struct verdict {
    char code[3];
    char why[64]; /* of a refusal, in ASCII: which limit, which plate */
};

static void refuse(struct verdict *v, const char *code, const char *why)
{
    *v = (struct verdict){.code = ""};
    memcpy(v->code, code, sizeof v->code);
    err fits = bytes_to_text(bytes_text(why), v->why, sizeof v->why);
    ENSURE(!FAILED(fits));
}

static err answer(struct acquirer *a, struct task *task, const struct payment *payment,
                  const struct verdict *v)
{
    bool reversal = task->answer_mti == 0x0410;
    struct iso8583_message message;
    struct iso8583_fault fault;
    struct payment p = *payment;
    memcpy(p.response_code, v->code, sizeof p.response_code);
    arena_reset(&a->arena);
    err built = payment_network_response(
        reversal ? PAYMENT_NETWORK_REVERSAL : PAYMENT_NETWORK_REQUEST, &p, &a->arena, &message);
    if (!FAILED(built) && v->why[0] != '\0') payment_shown_set(&message, bytes_text(v->why));
    struct writer w = writer_over(task->out, sizeof task->out);
    if (!FAILED(built)) built = iso8583_encode(&iso8583_dialect_ascii87, &message, &w, &fault);
    if (FAILED(built) || !a->hsm_up) { /* what was decided is told when the wallet asks again */
        if (FAILED(built)) log_event(a->config.log, LOG_ERROR, "plate_answer", LOG_ERR(built));
        task_free(a, task);
        return OK;
    }
    task->out_len = w.len;
    return hsm_mac_make(a, task, FOR_PLATE_MAC, HSM_SUITE_TONGBAO,
                        &zone_now(a, PAYMENT_ROUTE_WALLET)->mac,
                        iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w)));
}

err plate_sealed(struct acquirer *a, struct task *task, struct bytes mac)
{
    ENSURE(task->phase == TASK_REPLYING);
    bool good = !FAILED(reply_seal(task, &iso8583_dialect_ascii87, mac));
    if (good && a->route[PAYMENT_ROUTE_WALLET].up)
        TRY(group_hold(a, HELD_ROUTE, PAYMENT_ROUTE_WALLET, bytes_of(task->out, task->out_len),
                       (struct bytes){0}));
    task_free(a, task);
    return OK;
}

/* ---- may it be paid? ---- */

/* YYMMDD in China. */
static uint32_t day_of(int64_t now_ms)
{
    struct civil c = civil_from_ms(now_ms + CLOCK_CHINA_OFFSET_MS);
    return (uint32_t)(c.year % 100 * 10000 + c.month * 100 + c.day);
}

static void over(struct verdict *v, const char *what, char class, int64_t limit_minor)
{
    char why[sizeof v->why];
    struct writer w = writer_over(why, sizeof why - 1);
    write_format(&w, "%s of class %c: ", what, class);
    money_write(&w, limit_minor);
    ENSURE(w.fault == ERR_OK);
    why[w.len] = '\0';
    refuse(v, "61", why);
}

/* The customer's day at plates of this class, and everybody's at this plate. */
static err judge_day(struct acquirer *a, const struct registry_plate *plate, uint32_t day,
                     const struct payment *p, struct verdict *v)
{
    struct journal_plate_day taken;
    int64_t spent_minor = 0, most_minor = registry_plate_limit(plate);
    TRY(journal_plate_customer(a->store, p->token, plate->class, day, &spent_minor));
    TRY(journal_plate_day(a->store, plate->id, day, &taken));
    char class = (char)('A' + plate->class - REGISTRY_PLATE_A);
    if (p->amount_minor > most_minor - spent_minor)
        over(v, "day of a customer at plates", class, most_minor);
    else if (plate->merchant_minor > 0 && p->amount_minor > plate->merchant_minor - taken.minor)
        over(v, "day of this plate", class, plate->merchant_minor);
    return OK;
}

/* NOT_FOUND: there is no such plate. */
static err find(struct acquirer *a, const struct payment *p, struct registry_plate *ret_plate,
                struct registry_merchant *ret_merchant)
{
    TRY(registry_find_plate(a->registry, bytes_text(p->key.tid), ret_plate));
    TRY(registry_find_merchant(a->registry, bytes_text(ret_plate->mid), ret_merchant));
    return allowance_merchant(a, ret_plate->mid);
}

/* By which fees it is taken: those of the merchant's agreement, as at his terminals. */
static err agree(struct acquirer *a, struct payment *p, const char *mid)
{
    struct registry_agreement agreement;
    TRY(registry_find_agreement(a->registry, mid, host_now_ms(a), &agreement));
    p->fee_plan = agreement.fee_plan;
    p->agreement = (uint32_t)agreement.version;
    p->signed_ms = agreement.signed_ms;
    return OK;
}

/* Is it this plate, as it was printed, and does it take payments? */
static void judge_plate(const struct task *task, const struct registry_plate *plate,
                        const struct registry_merchant *merchant, struct verdict *v)
{
    const struct payment *p = &task->payment;
    if (strcmp(plate->text, task->shown_code) != 0) refuse(v, "14", "there is no such plate");
    else if (plate->status != REGISTRY_ACTIVE || merchant->status != REGISTRY_ACTIVE)
        refuse(v, "03", "this plate takes no payments now");
    else if (strcmp(plate->mid, p->mid) != 0 || p->currency != CURRENCY_CNY)
        refuse(v, "12", "not this plate's merchant or currency");
}

/* v->code stays empty: nothing speaks against it. *ret_class stays 0: nobody knows this plate. */
static err judge(struct acquirer *a, struct task *task, uint32_t day, int *ret_class,
                 struct verdict *v)
{
    struct registry_plate plate;
    struct registry_merchant merchant;
    struct payment *p = &task->payment;
    *v = (struct verdict){.code = ""};
    err found = find(a, p, &plate, &merchant);
    if (!FAILED(found)) found = agree(a, p, plate.mid);
    if (found.code == ERR_NOT_FOUND) {
        refuse(v, "14", "there is no such plate");
        return OK;
    }
    if (FAILED(found)) {
        log_event(a->config.log, LOG_ERROR, "registry_unread", LOG_ERR(found),
                  LOG_TEXT("cause", registry_error_text(a->registry)));
        refuse(v, "96", "try again");
        return OK;
    }
    *ret_class = (int)plate.class;
    judge_plate(task, &plate, &merchant, v);
    if (v->code[0] == '\0') TRY(judge_day(a, &plate, day, p, v));
    const char *limit = v->code[0] == '\0' ? allowance_refuse(a, p) : NULL;
    if (limit != NULL) refuse(v, limit, "limit of the merchant");
    return OK;
}

/* ---- a payment ---- */

static bool same(const struct payment *asked, const struct payment *recorded)
{
    return strcmp(asked->key.tid, recorded->key.tid) == 0 && asked->digest == recorded->digest;
}

/* What was answered before. A refusal is not explained twice. */
static err repeat(struct acquirer *a, struct task *task, const struct payment *recorded)
{
    struct verdict v;
    bool other = !same(&task->payment, recorded) ||
                 (recorded->token[0] != '\0' && strcmp(task->payment.token, recorded->token) != 0);
    a->counts.repeats++;
    if (other) refuse(&v, "94", "this reference was used for another payment");
    else if (recorded->state == PAYMENT_REVERSED) refuse(&v, "12", "it was taken back");
    else refuse(&v, recorded->response_code, "");
    return answer(a, task, other ? &task->payment : recorded, &v);
}

/* The key that the journal has it under. */
static err number(struct acquirer *a, struct task *task, uint32_t day, struct recent **ret_recent)
{
    struct payment *p = &task->payment;
    uint32_t stan = 0, place = 0;
    *ret_recent = NULL;
    TRY(group_tx(a));
    TRY(journal_plate_number(a->store, p->key.tid, day, &stan));
    err placed = terminal_place(a, bytes_text(p->key.tid), &place);
    if (FAILED(placed)) return OK;
    struct recent *r = recent_add(a, recent_key(place, day, stan));
    if (r == NULL) return OK;
    TRY(journal_plate_take_number(a->store, p->key.tid, day));
    task->terminal = place;
    p->key.batch = day;
    p->key.stan = stan;
    r->digest = p->digest;
    r->means = recent_means(p);
    *ret_recent = r;
    return OK;
}

/* Its row, or rows: with a claim on the wallet when it is approved, and none otherwise. */
static err record(struct acquirer *a, struct recent *r, struct payment *p, const struct verdict *v)
{
    struct payment_step submitted, next;
    bool approved = strcmp(v->code, "00") == 0;
    enum payment_event event = approved ? PAYMENT_APPROVE : PAYMENT_DECLINE;
    TRY(payment_step(p->state, PAYMENT_SUBMIT, &submitted));
    TRY(payment_step(submitted.next, event, &next));
    memcpy(p->response_code, v->code, sizeof p->response_code);
    if (approved) {
        struct writer w = writer_over(p->auth_code, sizeof p->auth_code - 1);
        write_decimal(&w, p->key.stan, 6);
        p->card_class = PAYMENT_CLASS_WALLET;
        p->state = submitted.next;
        TRY(recent_record(a, r, p, PAYMENT_SUBMIT));
        a->counts.payments++;
    } else {
        p->route = PAYMENT_ROUTE_NONE; /* the ledger has nothing to undo */
    }
    p->state = next.next;
    *(approved ? &a->counts.approved : &a->counts.declined) += 1;
    return recent_record(a, r, p, event);
}

/* In whose file it will stand: the business day, which begins at 23:00 and is not the date. Whoever
 * asks for a provider knows when that was paid, and says its day: one of the last week, or of a
 * clock that is ahead. Otherwise it is today's. */
static void name_day(struct payment *p, int64_t now_ms)
{
    enum { AHEAD = 1, BACK = 7 };
    int32_t today = clearing_day(now_ms);
    char said[sizeof p->settlement_date];
    memcpy(said, p->settlement_date, sizeof said);
    for (int32_t day = today + AHEAD; day >= today - BACK; day--) {
        clearing_day_mmdd(day, p->settlement_date);
        if (strcmp(said, p->settlement_date) == 0) return;
    }
    clearing_day_mmdd(today, p->settlement_date);
}

static err take(struct acquirer *a, struct task *task)
{
    struct payment *p = &task->payment;
    struct verdict v;
    struct journal_row known;
    struct recent *r = NULL;
    int class = 0;
    int64_t now_ms = host_now_ms(a);
    uint32_t day = day_of(now_ms);
    err seen = journal_last_of(a->store, p->rrn, &known);
    if (!FAILED(seen)) return repeat(a, task, &known.payment);
    if (seen.code != ERR_NOT_FOUND) return seen;
    p->created_ms = now_ms;
    reply_stamp(p, now_ms);
    name_day(p, now_ms);
    TRY(judge(a, task, day, &class, &v));
    bool unsaid =
        strcmp(v.code, "96") == 0 || class == 0; /* of what nobody knows nothing is kept */
    if (v.code[0] == '\0') refuse(&v, "00", "");
    if (!unsaid) TRY(number(a, task, day, &r));
    if (!unsaid && r == NULL) refuse(&v, "96", "try again");
    if (r != NULL) TRY(record(a, r, p, &v));
    if (p->state == PAYMENT_APPROVED)
        TRY(journal_plate_add(a->store, p->key.tid, day, p->token, class, p->amount_minor, 1));
    return answer(a, task, p, &v);
}

/* ---- taking it back ---- */

/* It has never been here: a request that comes late finds it reversed. */
static err bar(struct acquirer *a, struct task *task, struct verdict *v)
{
    struct payment *p = &task->payment;
    struct recent *r = NULL;
    TRY(number(a, task, day_of(host_now_ms(a)), &r));
    if (r == NULL) {
        refuse(v, "96", "try again");
        return OK;
    }
    p->created_ms = host_now_ms(a);
    reply_stamp(p, p->created_ms);
    refuse(v, "25", "");
    memcpy(p->response_code, v->code, sizeof p->response_code);
    p->route = PAYMENT_ROUTE_NONE;
    p->state = PAYMENT_REVERSED;
    return recent_record(a, r, p, PAYMENT_REVERSE);
}

/* The wallet has paid it back already: there is nobody that we would have to tell. */
static err turn_back(struct acquirer *a, struct recent *r, struct payment *p, const char *reason)
{
    struct registry_plate plate;
    struct payment_step back, done;
    err found = registry_find_plate(a->registry, bytes_text(p->key.tid), &plate);
    TRY(payment_step(p->state, PAYMENT_REVERSE, &back));
    TRY(payment_step(back.next, PAYMENT_REVERSAL_ACK, &done));
    memcpy(p->reversal_reason, reason, sizeof p->reversal_reason);
    p->state = back.next;
    TRY(recent_record(a, r, p, PAYMENT_REVERSE));
    p->state = done.next;
    TRY(recent_record(a, r, p, PAYMENT_REVERSAL_ACK));
    int class = FAILED(found) ? 0 : (int)plate.class;
    return journal_plate_add(a->store, p->key.tid, p->key.batch, p->token, class, -p->amount_minor,
                             -1);
}

static err undo(struct acquirer *a, struct task *task, struct payment *p, struct verdict *v)
{
    const char *late = NULL;
    int64_t kept_minor;
    uint32_t place = 0;
    struct recent *r = NULL;
    refuse(v, "00", "");
    if (p->state != PAYMENT_APPROVED) return OK; /* refused, or taken back before */
    TRY(group_tx(a));
    TRY(original_undoable(a, p, &late, &kept_minor));
    if (late != NULL) {
        refuse(v, late, "the merchant has given it back already");
        return OK;
    }
    TRY(terminal_place(a, bytes_text(p->key.tid), &place));
    err looked = recent_look(a, recent_key(place, p->key.batch, p->key.stan), &p->key, &r);
    if (FAILED(looked) && looked.code != ERR_BUSY) return looked;
    if (r == NULL) {
        refuse(v, "96", "try again");
        return OK;
    }
    return turn_back(a, r, p, task->payment.reversal_reason);
}

static err reverse(struct acquirer *a, struct task *task)
{
    struct verdict v;
    struct journal_row known;
    a->counts.reversals_asked++;
    err seen = journal_last_of(a->store, task->payment.rrn, &known);
    if (FAILED(seen) && seen.code != ERR_NOT_FOUND) return seen;
    if (FAILED(seen)) {
        TRY(bar(a, task, &v));
        return answer(a, task, &task->payment, &v);
    }
    if (!same(&task->payment, &known.payment)) {
        refuse(&v, "94", "this reference is another payment's");
        return answer(a, task, &task->payment, &v);
    }
    TRY(undo(a, task, &known.payment, &v));
    return answer(a, task, &known.payment, &v);
}

err plate_checked(struct acquirer *a, struct task *task, enum hsm_status status)
{
    ENSURE(task->phase == TASK_REPLYING);
    if (status != HSM_OK) {
        watch_note(a, WATCH_NETWORK_MAC, bytes_text(task->payment.rrn), "a wallet's plate: %s",
                   hsm_status_text(status));
        task_free(a, task);
        return OK;
    }
    return task->answer_mti == 0x0410 ? reverse(a, task) : take(a, task);
}
