/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Towards the networks: which one, under which number, and what comes back. Messages are matched by
 * their RRN: year digit, day of the year, and eight digits of a counter: twelve digits, because a
 * cashier types them for a refund, and a number that does not come again within a day. What matches
 * nothing is late and changes nothing.
 */
#include "acquirer/plate.h"
#include "acquirer/shown.h"
#include "acquirer/zone.h"

enum payment_route route_of(const struct payment *payment)
{
    static const enum payment_route table[] = {
        [PAYMENT_CARD] = PAYMENT_ROUTE_CARD_NETWORK,
        [PAYMENT_CODE] = PAYMENT_ROUTE_WALLET,
        [PAYMENT_SHOWN] = PAYMENT_ROUTE_WALLET,
        [PAYMENT_POINTS] = PAYMENT_ROUTE_WALLET, /* who keeps points is behind the same line */
    };
    ENSURE(payment->means == PAYMENT_CARD || payment_cardless(payment->means));
    return table[payment->means];
}

void route_rrn_text(int64_t now_ms, uint64_t number, char out[static 13])
{
    enum { DAY_MS = 24 * 3600 * 1000 };
    int64_t local_ms = now_ms + CLOCK_CHINA_OFFSET_MS;
    struct civil c = civil_from_ms(local_ms);
    int64_t first_ms = civil_to_ms((struct civil){.year = c.year, .month = 1, .day = 1});
    unsigned day = (unsigned)((local_ms - first_ms) / DAY_MS) + 1;
    ENSURE(day >= 1 && day <= 366);
    out[0] = (char)('0' + c.year % 10);
    out[1] = (char)('0' + day / 100);
    out[2] = (char)('0' + day / 10 % 10);
    out[3] = (char)('0' + day % 10);
    for (unsigned i = 11; i >= 4; i--, number /= 10) out[i] = (char)('0' + number % 10);
    out[12] = '\0';
}

err route_new_number(struct acquirer *a, struct task *task)
{
    uint64_t number = 0;
    TRY(record_rrn(a, &number));
    route_rrn_text(task->payment.created_ms, number, task->payment.rrn);
    return route_rrn_number(bytes_text(task->payment.rrn), &task->rrn_number);
}

err route_rrn_number(struct bytes rrn, uint64_t *ret_number)
{
    if (rrn.len != 12) return ERR(LENGTH);
    if (!bytes_all_digits(rrn)) return ERR(FORMAT);
    uint64_t number = 1; /* in front, so that no RRN is nothing */
    for (size_t i = 0; i < 12; i++) number = number * 10 + (uint64_t)(rrn.at[i] - '0');
    *ret_number = number;
    return OK;
}

static err encode(struct acquirer *a, struct task *task, enum payment_network_kind kind,
                  const struct payment_sensitive *sensitive)
{
    struct iso8583_message message;
    struct iso8583_fault fault;
    TRY(payment_network_message(kind, &task->payment, sensitive, host_now_ms(a), &a->arena,
                                &message));
    struct writer w = writer_over(task->out, sizeof task->out);
    TRY(iso8583_encode(&iso8583_dialect_ascii87, &message, &w, &fault));
    task->out_len = w.len;
    return OK;
}

err route_encode(struct acquirer *a, struct task *task, enum payment_network_kind kind,
                 const struct payment_sensitive *sensitive, enum hsm_purpose purpose)
{
    arena_reset(&a->arena);
    err encoded = encode(a, task, kind, sensitive);
    if (FAILED(encoded)) { /* a value that this network's messages cannot carry: not our end */
        log_event(a->config.log, LOG_ERROR, "network_message_not_built", LOG_ERR(encoded),
                  LOG_TEXT("rrn", task->payment.rrn));
        if (kind != PAYMENT_NETWORK_REVERSAL) return conclude_time_out(a, task);
        reverse_undo_again(a, task);
        return OK;
    }
    return hsm_mac_make(
        a, task, purpose, HSM_SUITE_TONGBAO, &zone_of(a, task)->mac,
        iso8583_mac_input(&iso8583_dialect_ascii87, bytes_of(task->out, task->out_len)));
}

/* Puts in the MAC and lets the message go with this group. */
static err send(struct acquirer *a, struct task *task, enum payment_route route, struct bytes mac)
{
    TRY(reply_seal(task, &iso8583_dialect_ascii87, mac));
    TRY(group_hold(a, HELD_ROUTE, route, bytes_of(task->out, task->out_len), (struct bytes){0}));
    explicit_bzero(task->out, task->out_len); /* PIN block, envelope, payment code */
    task->out_len = 0;
    return OK;
}

err route_sealed(struct acquirer *a, struct task *task, struct bytes mac)
{
    ENSURE(task->phase == TASK_SEALING);
    enum payment_route route = task->payment.route;
    /* Journaled as PENDING but never sent: reversing it is the safe way out, and rare. */
    if (mac.len == 0 || !a->route[route].up) return conclude_time_out(a, task);
    task->phase = TASK_WAITING;
    TRY(send(a, task, route, mac));
    return shown_tell(a, task);
}

/* ---- what comes back ---- */

static struct task *match(struct acquirer *a, enum payment_route route,
                          const struct payment_network_answer *answer)
{
    uint64_t number;
    if (FAILED(route_rrn_number(bytes_text(answer->rrn), &number))) return NULL;
    uint32_t place = index_find(&a->task_by_rrn, number);
    if (place == INDEX_NONE) return NULL;
    struct task *task = &a->task[place];
    enum task_phase phase = answer->mti == 0x0410 ? TASK_UNDO_WAITING : TASK_WAITING;
    bool same = task->phase == phase && task->payment.route == route &&
                strcmp(task->payment.rrn, answer->rrn) == 0;
    return same ? task : NULL;
}

static err take(struct acquirer *a, enum payment_route route, struct bytes raw)
{
    struct iso8583_message message;
    struct iso8583_fault fault = {0};
    struct payment_network_answer answer;
    arena_reset(&a->arena);
    err decoded = iso8583_decode(&iso8583_dialect_ascii87, raw, &a->arena, &message, &fault);
    if (!FAILED(decoded) && message.mti == 0x0810) /* it is there, and may say more */
        return zone_answered(a, route, &message, raw);
    if (!FAILED(decoded) && plate_told(route, &message)) return plate_asked(a, &message, raw);
    if (!FAILED(decoded)) decoded = payment_network_answer_parse(&message, &answer);
    if (FAILED(decoded)) {
        a->counts.malformed++;
        log_event(a->config.log, LOG_WARN, "network_malformed", LOG_INT("route", route),
                  LOG_INT("field", fault.field), LOG_ERR(decoded));
        return OK;
    }
    struct task *task = match(a, route, &answer);
    if (task == NULL) {
        a->counts.late_answers++;
        return OK;
    }
    if (message.mac_input == 0) {
        watch_note(a, WATCH_NETWORK_MAC, bytes_text(answer.rrn), "answer of the network has none");
        return OK;
    }
    task->answer = answer;
    return conclude_answer(a, task, &message, raw);
}

err acquirer_on_route(struct acquirer *a, enum payment_route route, struct bytes message)
{
    ENSURE(route > PAYMENT_ROUTE_NONE && route < PAYMENT_ROUTES);
    a->route[route].heard_ms = host_monotonic_ms(a);
    err taken = take(a, route, message);
    arena_reset(&a->arena);
    return taken;
}

err acquirer_on_route_state(struct acquirer *a, enum payment_route route, bool up)
{
    ENSURE(route > PAYMENT_ROUTE_NONE && route < PAYMENT_ROUTES);
    struct route *r = &a->route[route];
    if (r->up == up) return OK;
    r->up = up;
    r->heard_ms = r->echo_ms = host_monotonic_ms(a);
    log_event(a->config.log, up ? LOG_INFO : LOG_WARN, up ? "route_up" : "route_down",
              LOG_TEXT("route", route == PAYMENT_ROUTE_WALLET ? "wallet" : "card_network"));
    if (up) return OK;
    /* The link broke: there will be no answers. Whoever waits is told now and not after 30 s. */
    for (uint32_t i = 0; i < a->task_top; i++) {
        struct task *task = &a->task[i];
        if (task->payment.route != route) continue;
        if (task->phase == TASK_WAITING) TRY(conclude_time_out(a, task));
        if (task->phase == TASK_UNDO_WAITING) reverse_undo_again(a, task);
    }
    return OK;
}

/* ---- time ---- */

static err query(struct acquirer *a, struct task *task)
{
    const struct payment_sensitive none = {0};
    /* Again when no answer comes: of a payment that was made, silence would be the end. */
    task->query_ms = host_monotonic_ms(a) + ACQUIRER_WALLET_QUERY_MS;
    if (!a->hsm_up) return conclude_time_out(a, task);
    task->phase = TASK_SEALING;
    return route_encode(a, task, PAYMENT_NETWORK_QUERY, &none, FOR_NETWORK_MAC);
}

static err task_tick(struct acquirer *a, struct task *task, int64_t now_ms)
{
    if (task->phase == TASK_UNDO_WAITING && now_ms >= task->due_ms) {
        reverse_undo_again(a, task);
        return OK;
    }
    if (task->phase != TASK_WAITING) return OK;
    if (now_ms >= task->due_ms) return conclude_time_out(a, task);
    if (task->query_ms != 0 && now_ms >= task->query_ms) return query(a, task);
    return OK;
}

/* It needs field 128, because 70 stands in the second half. */
err route_manage(struct acquirer *a, enum payment_route route, const char *code, struct bytes text)
{
    static const uint8_t place[ISO8583_MAC_SIZE];
    struct task *task = a->hsm_up ? task_new(a, TASK_MANAGING, 0) : NULL;
    if (task == NULL) return OK;
    task->payment.route = route;
    zone_begin(a, task);
    char sent[16], stan[8];
    struct writer sent_w = writer_over(sent, sizeof sent), stan_w = writer_over(stan, sizeof stan);
    struct civil c = civil_from_ms(host_now_ms(a));
    write_format(&sent_w, "%02d%02d%02d%02d%02d", c.month, c.day, c.hour, c.minute, c.second);
    write_format(&stan_w, "%06u", (unsigned)(task->generation % 999999) + 1);

    struct iso8583_message m;
    struct iso8583_fault fault;
    iso8583_start(&m, 0x0800);
    iso8583_set(&m, 7, writer_view(&sent_w));
    iso8583_set(&m, 11, writer_view(&stan_w));
    if (text.len > 0) iso8583_set(&m, 48, text);
    iso8583_set(&m, 70, bytes_text(code));
    iso8583_set(&m, 128, BYTES_OF(place));
    struct writer w = writer_over(task->out, sizeof task->out);
    TRY(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
    task->out_len = w.len;
    return hsm_mac_make(a, task, FOR_ECHO_MAC, HSM_SUITE_TONGBAO, &zone_of(a, task)->mac,
                        iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w)));
}

err route_echo_sealed(struct acquirer *a, struct task *task, struct bytes mac)
{
    ENSURE(task->phase == TASK_MANAGING);
    if (mac.len > 0 && a->route[task->payment.route].up)
        TRY(send(a, task, task->payment.route, mac));
    task_free(a, task);
    return OK;
}

err route_tick(struct acquirer *a, int64_t now_ms)
{
    for (uint32_t i = 0; i < a->task_top; i++) TRY(task_tick(a, &a->task[i], now_ms));
    TRY(zone_tick(a, now_ms));
    for (unsigned i = PAYMENT_ROUTE_NONE + 1; i < PAYMENT_ROUTES; i++) {
        struct route *r = &a->route[i];
        bool silent =
            now_ms - r->heard_ms >= ACQUIRER_ECHO_MS && now_ms - r->echo_ms >= ACQUIRER_ECHO_MS;
        if (!r->up || !silent) continue;
        r->echo_ms = now_ms;
        TRY(route_manage(a, (enum payment_route)i, "301", (struct bytes){0}));
    }
    return OK;
}
