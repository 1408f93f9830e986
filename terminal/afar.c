/* SPDX-License-Identifier: Apache-2.0 */
/* One row in the store; the values in force lie over the shop's own. */
#include "terminal/afar.h"

#include "lib/wire/vault_protocol_command.h"
#include "terminal/core.h"
#include "terminal/manual.h"

/* ---- the store ---- */

err afar_open(struct terminal *t)
{
    struct store_statement *s;
    char document[DEVICE_PARAMETERS_MAX + 1];
    bool row = false;
    t->afar = (struct afar){.number = 0};
    t->records.afar = &t->afar.set;
    TRY(shop_open(t));
    TRY(prices_open(t));
    TRY(store_statement(t->config.store, "SELECT number, document FROM afar", &s));
    TRY(store_step(s, &row));
    if (!row) return OK;
    int64_t number = store_read_int(s);
    store_read_text_into(s, document, sizeof document);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    if (FAILED(device_parameters_read(bytes_text(document), &t->afar.set)))
        log_event(t->config.log, LOG_WARN, "parameters_unknown", LOG_INT("number", number));
    /* Without its list it is told again; until then the one before it holds. */
    else if (prices_has(t, &t->afar.set.goods)) t->afar.number = number;
    else t->afar.behind = number;
    return OK;
}

static err put(struct terminal *t, int64_t number, struct bytes document)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(t->config.store, &tx));
    TRY(store_statement(t->config.store,
                        "INSERT OR REPLACE INTO afar(one, number, document) VALUES(1, ?, ?)", &s));
    store_bind_int(s, number);
    store_bind_text(s, document);
    TRY(store_run(s));
    return store_commit(&tx);
}

/* ---- taking ---- */

static void say(struct terminal *t, int64_t number, enum device_progress progress, const char *why)
{
    struct afar *a = &t->afar;
    a->telling = number;
    a->progress = (uint8_t)progress;
    ENSURE(strlen(why) < sizeof a->why);
    memcpy(a->why, why, strlen(why) + 1);
}

static err deny(struct terminal *t, int64_t number, const char *why)
{
    say(t, number, DEVICE_DENIED, why);
    return audit(t, "parameters_refused", number_text(number).text, why);
}

/* The vault alone knows whether the hsm has said so, and whether the number is a new one. */
static enum vault_status judge(struct terminal *t, const struct device_message *heard,
                               uint8_t *ret_verdict)
{
    struct vault_command_said said = {.verdict = VAULT_COMMAND_FORGED};
    const struct vault_command_ask ask = {.number = (uint64_t)heard->number,
                                          .kind = BYTES("parameters"),
                                          .nonce = BYTES_OF(heard->nonce),
                                          .text = heard->policy,
                                          .mac = BYTES_OF(heard->mac)};
    enum vault_status status = secure_parameters_check(t, &ask, &said);
    *ret_verdict = said.verdict;
    return status;
}

/* The very same document again changes nothing, and what is known of it is said again. */
static err keep(struct terminal *t, const struct device_message *heard,
                const struct device_parameters *set)
{
    struct afar *a = &t->afar;
    if (heard->number == a->number) {
        say(t, a->number, DEVICE_VERIFIED, "");
        return OK;
    }
    if (heard->number != a->next_number) {
        TRY(put(t, heard->number, heard->policy));
        a->next_number = heard->number;
        a->next = *set;
        prices_want(t, &set->goods);
        TRY(audit(t, "parameters_taken", number_text(heard->number).text, ""));
    }
    say(t, a->next_number, DEVICE_ACKNOWLEDGED, "");
    return OK;
}

/* What we do not understand is not the vault's to count: another version of ours may. */
err afar_take(struct terminal *t, const struct device_message *heard)
{
    struct device_parameters set;
    uint8_t verdict = VAULT_COMMAND_FORGED;
    if (FAILED(device_parameters_read(heard->policy, &set)))
        return deny(t, heard->number, "unknown");
    enum vault_status status = judge(t, heard, &verdict);
    if (status != VAULT_OK) {
        log_event(t->config.log, LOG_WARN, "parameters_not_judged",
                  LOG_TEXT("vault", vault_status_text(status)));
        return OK; /* it is told again */
    }
    if (verdict == VAULT_COMMAND_OLD) return deny(t, heard->number, "old");
    if (verdict == VAULT_COMMAND_FORGED) return deny(t, heard->number, "forged");
    return keep(t, heard, &set);
}

void afar_tell(struct terminal *t, struct device_message *ret_question)
{
    struct afar *a = &t->afar;
    *ret_question = (struct device_message){
        .ask = DEVICE_APPLIED, .number = a->telling, .progress = a->progress};
    if (a->progress == DEVICE_DENIED) ret_question->has = DEVICE_HAS_REASON;
    memcpy(ret_question->reason, a->why, sizeof ret_question->reason);
    a->telling = 0;
}

/* ---- in force ---- */

static bool is_due(const struct terminal *t)
{
    return t->afar.next_number != 0 && prices_ready(t) && at_home(t);
}

/* Its price list did not come, or is not what was signed: all of it is given up. */
static bool is_lost(const struct terminal *t)
{
    return t->afar.next_number != 0 && prices_failed(t);
}

static err forget(struct terminal *t)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(t->config.store, &tx));
    TRY(store_exec(t->config.store, "DELETE FROM afar"));
    return store_commit(&tx);
}

/* What was in force before is in the store again. */
static err give_up(struct terminal *t)
{
    struct afar *a = &t->afar;
    int64_t lost = a->next_number, before = a->number != 0 ? a->number : a->behind;
    uint8_t document[DEVICE_PARAMETERS_MAX];
    struct writer w = writer_over(document, sizeof document);
    device_parameters_write(&w, &a->set);
    ENSURE(w.fault == ERR_OK);
    a->next_number = 0;
    prices_want(t, &t->prices.kept);
    TRY(before != 0 ? put(t, before, writer_view(&w)) : forget(t));
    return deny(t, lost, "goods");
}

static err load_all(struct terminal *t)
{
    TRY(parameters_load(&t->records, &t->limits));
    TRY(timeouts_load(&t->records, &t->timeouts));
    TRY(counter_load(&t->records, &t->counter));
    TRY(manual_load(&t->records, &t->manual_most));
    person_policy(t); /* the time to the lock */
    return settle_load(t);
}

err afar_tick(struct terminal *t)
{
    struct afar *a = &t->afar;
    if (is_lost(t)) return give_up(t);
    if (!is_due(t)) return shop_tick(t);
    TRY(prices_in_force(t));
    a->number = a->next_number;
    a->behind = 0;
    a->set = a->next;
    a->next_number = 0;
    TRY(load_all(t));
    TRY(shop_tick(t)); /* before the screen is another one, and a payment begins */
    say(t, a->number, DEVICE_VERIFIED, "");
    TRY(audit(t, "parameters_in_force", number_text(a->number).text, ""));
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

int64_t afar_next_us(const struct terminal *t)
{
    return is_due(t) || is_lost(t) || shop_is_due(t) ? now_us(t) : INT64_MAX;
}

int64_t afar_number(const struct terminal *t, enum device_parameter which)
{
    const struct device_parameter_value *value = &t->afar.set.value[which];
    return value->set ? value->number : device_parameter_row(which)->delivered;
}

const char *afar_text(const struct terminal *t, enum device_parameter which)
{
    return t->afar.set.value[which].text;
}

bool afar_holds(struct terminal *t, const char *name)
{
    enum device_parameter which = device_parameter_named(bytes_text(name));
    bool holds = which < DEVICE_PARAMETERS && t->afar.set.value[which].set;
    if (holds) NOTICE(t, SCREEN_WARNING, TEXT_AFAR_HELD);
    return holds;
}

/* ---- the house ---- */

err afar_house(struct terminal *t, uint8_t house)
{
    ENSURE(house < DEVICE_HOUSES);
    if (t->afar.house == house) return OK;
    t->afar.house = house;
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

void afar_say(struct terminal *t)
{
    static const enum text_id houses[DEVICE_HOUSES] = {
        [DEVICE_HOUSE_SLOW] = TEXT_AFAR_SLOW,
        [DEVICE_HOUSE_DOWN] = TEXT_AFAR_DOWN,
        [DEVICE_HOUSE_CARDS] = TEXT_AFAR_CARDS,
        [DEVICE_HOUSE_WALLETS] = TEXT_AFAR_WALLETS,
    };
    const char *banner = afar_text(t, DEVICE_PARAMETER_banner);
    if (t->afar.house != DEVICE_HOUSE_OK) SAY(t, SCREEN_NORMAL, houses[t->afar.house]);
    if (banner[0] != '\0') SAY(t, SCREEN_NORMAL, TEXT_FIND_TEXT, banner);
}
