/* SPDX-License-Identifier: Apache-2.0 */
/* The text of the agreement, its fees from their own table, and its signature. */
#include "backoffice/applications/agreement.h"

#include <stdio.h>

#include "backoffice/applications/codes.h"
#include "ledger/fee.h"
#include "ledger/terms.h"
#include "lib/base/hex.h"
#include "lib/base/money.h"
#include "lib/base/reader.h"

static const char *const migration[] = {
    "CREATE TABLE application_agreement(application INTEGER PRIMARY KEY REFERENCES application(id),"
    " version INTEGER NOT NULL, plan INTEGER NOT NULL, rules BLOB NOT NULL, digest BLOB NOT NULL,"
    " signed_ms INTEGER NOT NULL) STRICT;"
    "CREATE TRIGGER application_agreement_stands BEFORE UPDATE ON application_agreement"
    " BEGIN SELECT RAISE(ABORT, 'what was signed stands'); END;"
    "CREATE TRIGGER application_agreement_stays BEFORE DELETE ON application_agreement"
    " BEGIN SELECT RAISE(ABORT, 'what was signed stands'); END;",
};

const struct store_schema agreement_schema = {"application_agreements", migration,
                                              ARRAY_LEN(migration)};

/* Versions of the text; a change is another version, and what was signed is drawn from its own. */
static const struct {
    uint32_t version;
    const char *zh, *en; /* with the fees between the two parts */
    const char *end_zh, *end_en;
} texts[] = {
    {1,
     "银行卡与条码收单服务协议（第1版）\n"
     "收单机构为您提供终端和收单服务：受理银行卡和付款码，按约定把货款结算到您登记的账户。\n"
     "终端归收单机构所有，只能由您在登记的地址使用，不得转借、转让或移机。\n"
     "您应核对并妥善保管交易凭证一年以上，不得留存银行卡磁道、验证码和密码，不得受理与登记行业不符的交易。\n"
     "手续费从货款中扣除，标准如下；未列明的费用，收单机构不得收取：\n",
     "Agreement about cards and payment codes (version 1)\n"
     "The acquirer gives you a terminal and accepts payments for you by cards and payment codes, and"
     " pays what you have taken to your registered account.\n"
     "The terminal stays the acquirer's. You alone use it, at the registered address; it is not lent,"
     " passed on or moved.\n"
     "You keep slips for a year at least. You keep no tracks, codes or passwords of cards, and take"
     " no payments outside of the registered trade.\n"
     "Fees are taken off what is paid to you, as follows. A fee that does not stand here may not be"
     " charged:\n",
     "连续三个月没有交易，我们会与您核实；连续十二个月没有交易，终端停用并收回。\n"
     "您可以随时提出终止：结清款项后，终端解除绑定、清除密钥并退回。\n"
     "个人信息只用于本服务；资料在协议终止后按规定保存，期满删除。\n",
     "After three months without a payment we ask you about it; after twelve the terminal is stopped"
     " and taken back.\n"
     "You can end this at any time: what is open is settled, the terminal is unbound, its keys are"
     " erased, and it goes back.\n"
     "What you have told us is used for this service only, kept as the law says after its end, and"
     " then erased.\n"},
};

static uint32_t plan_of(const struct apply_form *form)
{
    return apply_type(form) == APPLICANT_COMPANY ? FEE_PLAN_STANDARD : FEE_PLAN_SMALL;
}

static const char *class_text(enum fee_class class, bool english)
{
    static const char *const zh[FEE_CLASSES] = {[FEE_UNKNOWN] = "其他卡",
                                                [FEE_DEBIT] = "借记卡",
                                                [FEE_CREDIT] = "信用卡",
                                                [FEE_WALLET] = "付款码",
                                                [FEE_FOREIGN] = "境外卡"};
    static const char *const en[FEE_CLASSES] = {[FEE_UNKNOWN] = "other cards",
                                                [FEE_DEBIT] = "debit cards",
                                                [FEE_CREDIT] = "credit cards",
                                                [FEE_WALLET] = "payment codes",
                                                [FEE_FOREIGN] = "cards of abroad"};
    return english ? en[class] : zh[class];
}

/* "debit cards: 0.38 %, at most 20.00 yuan (rule 201)" */
void agreement_write_fee(struct writer *w, const struct fee_rule *rule, bool english)
{
    write_format(w, english ? "%s: %lld.%02lld %%" : "%s：%lld.%02lld%%",
                 class_text(rule->class, english), (long long)rule->parts_per_million / 10000,
                 (long long)rule->parts_per_million % 10000 / 100);
    if (rule->cap_minor > 0) {
        write_format(w, english ? ", at most " : "，封顶");
        money_write(w, rule->cap_minor);
        write_format(w, english ? " yuan" : "元");
    }
    write_format(w, english ? " (rule %u)" : "（规则%u）", rule->version);
}

static void write_text(struct writer *w, const struct application *a, const struct apply_form *form,
                       const struct agreement *g, bool english)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(texts) && texts[i].version != g->version) i++;
    ENSURE(texts[i].version == g->version);
    write_format(w, "%s", english ? texts[i].en : texts[i].zh);
    for (size_t k = 0; k < g->rules; k++) {
        const struct fee_rule *rule = fee_rule_of(g->rule[k]);
        ENSURE(rule != NULL);
        agreement_write_fee(w, rule, english);
        write_bytes(w, BYTES("\n"));
    }
    write_format(w, "%s", english ? texts[i].end_en : texts[i].end_zh);
    write_format(w, english ? "Application %s, for %s.\n" : "申请编号%s，商户：%s。\n", a->number,
                 form->text[APPLY_SHOP]);
}

err agreement_write(const struct applications *as, const struct application *a,
                    const struct agreement *g, bool english, struct writer *w)
{
    struct apply_form form;
    TRY(application_form(as->store, a->id, &form));
    write_text(w, a, &form, g, english);
    return w->fault == ERR_OK ? OK : (err){w->fault};
}

err agreement_now(const struct applications *as, const struct application *a, struct agreement *ret)
{
    struct apply_form form;
    struct agreement g = {.version = texts[ARRAY_LEN(texts) - 1].version};
    uint8_t text[2 * AGREEMENT_TEXT_MAX];
    struct writer w = writer_over(text, sizeof text);
    int64_t now_ms = clock_now_ms(&as->clock);
    TRY(application_form(as->store, a->id, &form));
    g.plan = plan_of(&form);
    for (enum fee_class class = FEE_DEBIT; class < FEE_CLASSES; class ++)
        g.rule[g.rules++] = fee_rule_for(g.plan, class, now_ms)->version;
    write_text(&w, a, &form, &g, false);
    write_text(&w, a, &form, &g, true);
    ENSURE(w.fault == ERR_OK);
    token_digest("agreement", writer_view(&w), g.digest);
    *ret = g;
    return OK;
}

void agreement_read_digest(struct bytes hex, uint8_t out[TOKEN_HASH_BYTES])
{
    size_t len = 0;
    memset(out, 0, TOKEN_HASH_BYTES);
    if (FAILED(hex_decode(hex, out, TOKEN_HASH_BYTES, &len)) || len != TOKEN_HASH_BYTES)
        memset(out, 0, TOKEN_HASH_BYTES);
}

bool agreement_covers(const struct agreement *g, uint32_t rule)
{
    for (size_t i = 0; i < g->rules; i++)
        if (g->rule[i] == rule) return true;
    /* Being paid on the next working day costs nothing; the same day is a right of its own
     * (registry/agreement.h) with a rule that must stand here. */
    const struct terms_rule *terms = terms_rule_of(rule);
    return terms != NULL && terms->parts_per_million == 0 && terms->fixed_minor == 0;
}

bool agreement_covers_plan(const struct agreement *g, uint32_t plan, int64_t at_ms)
{
    for (enum fee_class class = FEE_UNKNOWN; class < FEE_CLASSES; class ++)
        if (!agreement_covers(g, fee_rule_for(plan, class, at_ms)->version)) return false;
    return true;
}

/* ---- the record ---- */

err agreement_find(struct store *store, int64_t application, struct agreement *ret)
{
    struct store_statement *query;
    struct agreement g = {.version = 0};
    bool row = false;
    uint8_t rules[4 * AGREEMENT_RULES_MAX];
    TRY(store_statement(store,
                        "SELECT version, plan, rules, digest, signed_ms FROM application_agreement"
                        " WHERE application = ?",
                        &query));
    store_bind_int(query, application);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    g.version = (uint32_t)store_read_int(query);
    g.plan = (uint32_t)store_read_int(query);
    struct reader r =
        reader_over(bytes_of(rules, store_read_blob_up_to(query, rules, sizeof rules)));
    while (r.left.len > 0) g.rule[g.rules++] = (uint32_t)read_be(&r, 4);
    store_read_blob_into(query, g.digest, sizeof g.digest);
    g.signed_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    TRY(read);
    if (FAILED(reader_finish(&r))) return ERR(CORRUPT);
    *ret = g;
    return OK;
}

static err put(struct store_tx *tx, int64_t application, const struct agreement *g, int64_t now_ms)
{
    struct store_statement *insert;
    uint8_t rules[4 * AGREEMENT_RULES_MAX];
    struct writer w = writer_over(rules, sizeof rules);
    for (size_t i = 0; i < g->rules; i++) write_be(&w, g->rule[i], 4);
    TRY(store_statement(tx->store, "INSERT INTO application_agreement VALUES(?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_int(insert, application);
    store_bind_int(insert, g->version);
    store_bind_int(insert, g->plan);
    store_bind_blob(insert, writer_view(&w));
    store_bind_blob(insert, BYTES_OF(g->digest));
    store_bind_int(insert, now_ms);
    return store_run(insert);
}

err agreement_sign(const struct applications *as, struct store_tx *tx, struct application *a,
                   const uint8_t said[TOKEN_HASH_BYTES], const uint8_t digest[TOKEN_HASH_BYTES],
                   enum application_verdict *ret)
{
    const struct application_actor applicant = application_actor_applicant();
    struct agreement g;
    *ret = APPLY_VERDICT_NOT_NOW;
    if (application_next(a->state, LIFE_SIGN) == APPLICATION_NONE) return OK;
    TRY(agreement_now(as, a, &g));
    *ret = APPLY_VERDICT_CHANGED;
    if (!token_same(g.digest, digest)) return OK;
    TRY(application_code_take(as, tx, a->id, CODE_SIGN, said, ret));
    if (*ret != APPLY_VERDICT_OK) return OK;
    const struct application_fact fact = {.digest = g.digest};
    TRY(put(tx, a->id, &g, clock_now_ms(&as->clock)));
    return application_move(as, tx, a, LIFE_SIGN, &applicant, &fact, ret);
}
