/* SPDX-License-Identifier: Apache-2.0 */
/* What a change is about, judged when it is asked for and written where it belongs when it holds.
 */
#include "backoffice/contracts/change.h"
#include "backoffice/registrar.h"
#include "backoffice/stock/elements.h"
#include "ledger/fee.h"
#include "registry/agreement.h"
#include "registry/names.h"

#include <stdio.h>

/* ---- judging ---- */

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        if (((uint8_t)*text & 0xc0) != 0x80) count++;
    return count;
}

static bool printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7e) return false;
    return true;
}

static enum change_verdict judge_name(const struct change_values *v,
                                      const struct registry_merchant *m)
{
    bool form = v->name_zh[0] != '\0' && strlen(v->name_zh) <= REGISTRY_NAME_MAX &&
                v->name_en[0] != '\0' && strlen(v->name_en) <= REGISTRY_NAME_MAX &&
                printable(v->name_en);
    bool same = strcmp(v->name_zh, m->name_zh) == 0 && strcmp(v->name_en, m->name_en) == 0;
    return !form ? CHANGE_VERDICT_BAD_VALUE : same ? CHANGE_VERDICT_SAME : CHANGE_VERDICT_OK;
}

static enum change_verdict judge_contact(const struct change_values *v)
{
    bool names = v->name_zh[0] != '\0' && strlen(v->name_zh) <= REGISTRY_NAME_MAX &&
                 v->pinyin[0] != '\0' && strlen(v->pinyin) <= REGISTRY_NAME_MAX &&
                 strspn(v->pinyin, "abcdefghijklmnopqrstuvwxyz ") == strlen(v->pinyin);
    bool reach =
        contact_phone_valid(v->phone) && (v->mail[0] == '\0' || contact_mail_valid(v->mail));
    return names && reach ? CHANGE_VERDICT_OK : CHANGE_VERDICT_BAD_VALUE;
}

static enum change_verdict judge_address(const struct change_values *v)
{
    size_t count = characters(v->address);
    bool form = count >= ELEMENTS_ADDRESS_MIN && count <= ELEMENTS_ADDRESS_MAX;
    return form ? CHANGE_VERDICT_OK : CHANGE_VERDICT_BAD_VALUE;
}

/* Something to be signed: another plan, or a rule of this one that came later. */
static err judge_fees(struct backoffice *b, const struct change *c, enum change_verdict *ret)
{
    struct registry_agreement g;
    int64_t now_ms = backoffice_now_ms(b);
    TRY(registry_find_agreement(b->registry, c->mid, now_ms, &g));
    *ret = c->values.plan == g.fee_plan ? CHANGE_VERDICT_SAME : CHANGE_VERDICT_OK;
    if (c->values.plan != FEE_PLAN_STANDARD && c->values.plan != FEE_PLAN_SMALL)
        *ret = CHANGE_VERDICT_BAD_VALUE;
    for (enum fee_class class = FEE_DEBIT; class < FEE_CLASSES; class ++) {
        const struct fee_standing fee = fee_standing_of(g.fee_plan, class, now_ms, g.signed_ms);
        if (*ret == CHANGE_VERDICT_SAME && fee.now != fee.agreed) *ret = CHANGE_VERDICT_OK;
    }
    return OK;
}

err change_judge(struct backoffice *b, const struct change *c, enum change_verdict *ret)
{
    struct registry_merchant m;
    TRY(registry_find_merchant(b->registry, bytes_text(c->mid), &m));
    switch (c->kind) {
    case CHANGE_NAME:
        *ret = judge_name(&c->values, &m);
        return OK;
    case CHANGE_CONTACT:
        *ret = judge_contact(&c->values);
        return OK;
    case CHANGE_ADDRESS:
        *ret = judge_address(&c->values);
        return OK;
    case CHANGE_FEES:
        return judge_fees(b, c, ret);
    case CHANGE_KINDS:
        break;
    }
    *ret = CHANGE_VERDICT_BAD_VALUE;
    return OK;
}

void change_rules(uint32_t plan, int64_t at_ms, char ret_rules[CHANGE_RULES_MAX])
{
    struct writer w = writer_over(ret_rules, CHANGE_RULES_MAX - 1);
    for (enum fee_class class = FEE_DEBIT; class < FEE_CLASSES; class ++)
        write_format(&w, "%s%u", class == FEE_DEBIT ? "" : ",",
                     fee_rule_for(plan, class, at_ms)->version);
    ENSURE(w.fault == ERR_OK);
    ret_rules[w.len] = '\0';
}

/* ---- holding ---- */

static err rename_merchant(struct registry *registry, const struct registry_actor *actor,
                           const struct change *c)
{
    struct registry_merchant m;
    TRY(registry_find_merchant(registry, bytes_text(c->mid), &m));
    TRY(bytes_to_text(bytes_text(c->values.name_zh), m.name_zh, sizeof m.name_zh));
    TRY(bytes_to_text(bytes_text(c->values.name_en), m.name_en, sizeof m.name_en));
    return registry_rename_merchant(registry, actor, &m);
}

/* The owner is contact number 1; the language that he is written to in stays. */
static err set_contact(struct registry *registry, const struct registry_actor *actor,
                       const struct change *c)
{
    struct registry_contact contacts[CONTACTS_MAX], owner = {.number = 1};
    size_t count = 0;
    TRY(registry_contacts(registry, bytes_text(c->mid), contacts, &count));
    if (count > 0 && contacts[0].number == 1) owner.english = contacts[0].english;
    memcpy(owner.mid, c->mid, sizeof owner.mid);
    TRY(bytes_to_text(bytes_text(c->values.name_zh), owner.name_zh, sizeof owner.name_zh));
    TRY(bytes_to_text(bytes_text(c->values.pinyin), owner.pinyin, sizeof owner.pinyin));
    memcpy(owner.phone, c->values.phone, sizeof owner.phone);
    memcpy(owner.mail, c->values.mail, sizeof owner.mail);
    return registry_set_contact(registry, actor, &owner);
}

static err sign_fees(struct registry *registry, const struct registry_actor *actor,
                     const struct change *c)
{
    struct registry_agreement g;
    TRY(registry_find_agreement(registry, c->mid, actor->at_ms, &g));
    return registry_add_agreement(registry, actor, c->mid, c->values.plan, g.same_day_rule,
                                  actor->at_ms);
}

err change_apply_registry(struct backoffice *b, const struct registry_actor *actor,
                          const struct change *c)
{
    CLEANUP(registrar_close) struct registry *registry = NULL;
    if (c->kind == CHANGE_ADDRESS) return OK;
    TRY(registrar_open(b, &registry));
    if (c->kind == CHANGE_NAME) return rename_merchant(registry, actor, c);
    if (c->kind == CHANGE_CONTACT) return set_contact(registry, actor, c);
    return sign_fees(registry, actor, c);
}

/* The next open binding of this merchant behind `*id`; its serial number, "" when there is none. */
static err next_bound(struct store *store, const char *mid, int64_t *id, char serial[33])
{
    struct store_statement *query;
    bool row = false;
    serial[0] = '\0';
    TRY(store_statement(store,
                        "SELECT id, serial FROM stock_binding WHERE mid = ? AND ended_ms = 0 AND"
                        " id > ? ORDER BY id LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(mid));
    store_bind_int(query, *id);
    TRY(store_step(query, &row));
    if (!row) return OK;
    *id = store_read_int(query);
    store_read_text_into(query, serial, 33);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err change_apply_bindings(struct backoffice *b, struct store_tx *tx, const struct change *c,
                          int64_t now_ms)
{
    char serial[33];
    int64_t id = 0, last = 0;
    if (c->kind != CHANGE_ADDRESS) return OK;
    /* Those that are made here come behind the last that there is. */
    TRY(store_query_int(tx->store, "SELECT ifnull(max(id), 0) FROM stock_binding", &last));
    for (;;) {
        TRY(next_bound(tx->store, c->mid, &id, serial));
        if (serial[0] == '\0' || id > last) return OK;
        TRY(elements_readdress(b, tx, serial, c->values.address, now_ms));
    }
}
