/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * More of vault_rig.h: people with passwords of their own, the policies of other models, what a
 * supervisor does, the desk that makes proofs, and what is on record.
 */

#include "lib/crypto/recovery.h"
#include "tests/unit/vault_rig.h"

/* Passwords that every policy of TB-1 accepts, one for each of the operators that tests use. */
#define OWN_SUPERVISOR    "739516"
#define OWN_CASHIER       "826047"
#define OWN_ADMINISTRATOR "73951640"

/* A signed document of another model under this device's own name. */
static inline void rig_policy(struct rig *rig, const char *model, uint32_t version)
{
    struct policy_document document;
    struct policy_fault fault;
    struct vault_policy_loaded said = {.verdict = 255};
    uint8_t plain[POLICY_DOCUMENT_MAX], text[POLICY_DOCUMENT_MAX];
    struct writer p = writer_over(plain, sizeof plain), t = writer_over(text, sizeof text);
    assert_true(policy_builtin(bytes_text(model), &document));
    document.version = version;
    assert_ok(bytes_to_text(BYTES("TB-1"), document.model, sizeof document.model));
    policy_document_write(&document, &p);
    assert_ok(policy_document_sign(writer_view(&p), rig->policy_secret, &t, &fault));
    assert_status(rig_bytes(rig, VAULT_POLICY_LOAD, writer_view(&t)), VAULT_OK);
    assert_ok(vault_read_policy_loaded(&rig->answer, &said));
    assert_int_equal(said.verdict, VAULT_POLICY_OK);
    assert_int_equal(said.version, version);
}

/* First log-in with the one-time password, and one's own instead. */
static inline void rig_own(struct rig *rig, uint8_t id, const char *one_time, const char *own)
{
    assert_int_equal(rig_login(rig, id, one_time).verdict, VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(rig_set(rig, id, own, own), VAULT_PASSWORD_OK);
}

/* 00, 01 and 99 have their own passwords; nobody is logged in. */
static inline struct rig *rig_shop(uint64_t seed)
{
    struct rig *rig = rig_new(seed);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    rig_own(rig, 0, rig_initial(rig, 0), OWN_SUPERVISOR);
    rig_own(rig, 1, rig_initial(rig, 1), OWN_CASHIER);
    rig_own(rig, 99, rig_initial(rig, 99), OWN_ADMINISTRATOR);
    assert_status(rig_plain(rig, VAULT_LOGOUT), VAULT_OK);
    return rig;
}

static inline void rig_logout(struct rig *rig)
{
    assert_status(rig_plain(rig, VAULT_LOGOUT), VAULT_OK);
}

/* ---- supervisors ---- */

struct rig_given {
    enum vault_status status;
    uint8_t verdict;
    char password[ONE_TIME_DIGITS + 1]; /* as the page reads it; empty: none */
};

static inline struct rig_given rig_operator(struct rig *rig, uint8_t action, uint8_t id,
                                            uint8_t role)
{
    struct rig_given given = {.verdict = 255};
    struct vault_operator_set_answer said;
    const struct vault_operator_set set = {action, id, role};
    vault_write_operator_set(rig_ask(rig, VAULT_OPERATOR_SET), &set);
    given.status = rig_send(rig);
    if (given.status != VAULT_OK) return given;
    assert_ok(vault_read_operator_set_answer(&rig->answer, &said));
    given.verdict = said.verdict;
    if (said.sealed.len == 0) return given;
    struct writer w = writer_over(given.password, ONE_TIME_DIGITS);
    assert_ok(panel_open(&rig->crypto, &rig->panel, said.sealed, &w));
    assert_int_equal(w.len, ONE_TIME_DIGITS);
    return given;
}

/* As whoever is logged in; the verdict must be OK. */
static inline struct rig_given rig_operator_ok(struct rig *rig, uint8_t action, uint8_t id)
{
    struct rig_given given = rig_operator(rig, action, id, VAULT_ROLE_CASHIER);
    assert_status(given.status, VAULT_OK);
    assert_int_equal(given.verdict, VAULT_OPERATOR_OK);
    return given;
}

/* APPROVE with what was entered; rig->executed tells when the vault broke. */
static inline enum vault_status rig_approve_entered(struct rig *rig, uint8_t approver,
                                                    uint8_t action, const char *subject,
                                                    struct vault_login_answer *out)
{
    const struct vault_approve ask = {approver, action, bytes_text(subject)};
    vault_write_approve(rig_ask(rig, VAULT_APPROVE), &ask);
    enum vault_status status = rig_send(rig);
    if (status == VAULT_OK) assert_ok(vault_read_login_answer(&rig->answer, out));
    return status;
}

static inline uint8_t rig_approve(struct rig *rig, uint8_t approver, const char *password,
                                  uint8_t action, const char *subject)
{
    struct vault_login_answer out = {.verdict = 255};
    rig_enter_for(rig, VAULT_ENTRY_APPROVER, approver, password);
    assert_status(rig_approve_entered(rig, approver, action, subject, &out), VAULT_OK);
    return out.verdict;
}

/* The row of one operator in the list; id 255 when he is not in it. */
static inline struct vault_operator rig_listed(struct rig *rig, uint8_t id)
{
    struct vault_operator list[VAULT_OPERATORS_MAX];
    size_t count = 0;
    assert_status(rig_plain(rig, VAULT_OPERATORS), VAULT_OK);
    assert_ok(vault_read_operators(&rig->answer, list, ARRAY_LEN(list), &count));
    for (size_t i = 0; i < count; i++)
        if (list[i].id == id) return list[i];
    return (struct vault_operator){.id = 255};
}

/* ---- recovery ---- */

struct rig_challenge {
    uint8_t verdict;
    uint8_t at[VAULT_CHALLENGE_MAX];
    size_t len;
    uint32_t valid_s;
};

static inline struct rig_challenge rig_recover(struct rig *rig, uint8_t id, uint8_t way)
{
    struct rig_challenge c = {.verdict = 255};
    struct vault_recovery_begun said;
    const struct vault_recovery_ask ask = {id, way};
    vault_write_recovery_ask(rig_ask(rig, VAULT_RECOVERY_BEGIN), &ask);
    if (rig_send(rig) != VAULT_OK) return c;
    assert_ok(vault_read_recovery_begun(&rig->answer, &said));
    c.verdict = said.verdict;
    c.valid_s = said.valid_s;
    c.len = said.challenge.len;
    assert_int_equal(c.len > 0, c.verdict == VAULT_RECOVERY_BEGUN);
    if (c.len > 0) memcpy(c.at, said.challenge.at, c.len);
    return c;
}

/* What the hsm would say of it. */
static inline struct recovery_proof rig_prove(struct rig *rig, const struct rig_challenge *c,
                                              uint8_t id, uint8_t way)
{
    struct recovery_proof proof;
    const struct recovery_subject subject = {way, id, BYTES(RIG_TID), bytes_of(c->at, c->len)};
    assert_ok(recovery_prove(&rig->crypto, &rig->recovery, &subject, &proof));
    return proof;
}

static inline enum vault_status rig_finish_sent(struct rig *rig, uint8_t id, struct bytes grant,
                                                struct vault_recovery_ended *out)
{
    const struct vault_recovery_proof proof = {id, grant};
    vault_write_recovery_proof(rig_ask(rig, VAULT_RECOVERY_FINISH), &proof);
    enum vault_status status = rig_send(rig);
    if (status == VAULT_OK) assert_ok(vault_read_recovery_ended(&rig->answer, out));
    return status;
}

/* FINISH by a typed code. */
static inline struct vault_recovery_ended rig_code(struct rig *rig, uint8_t id, const char *code)
{
    struct vault_recovery_ended out = {.verdict = 255};
    rig_enter_for(rig, VAULT_ENTRY_CODE, id, code);
    assert_status(rig_finish_sent(rig, id, (struct bytes){0}, &out), VAULT_OK);
    return out;
}

/* FINISH by a grant of the desk. */
static inline struct vault_recovery_ended rig_grant(struct rig *rig, uint8_t id,
                                                    const uint8_t grant[VAULT_GRANT_BYTES])
{
    struct vault_recovery_ended out = {.verdict = 255};
    assert_status(rig_finish_sent(rig, id, bytes_of(grant, VAULT_GRANT_BYTES), &out), VAULT_OK);
    return out;
}

/* ---- the log ---- */

struct rig_count {
    const char *event, *actor, *detail;
    unsigned count;
};

static inline err rig_count_one(void *context, const struct audit_record *record)
{
    struct rig_count *wanted = context;
    const struct audit_entry *entry = &record->entry;
    wanted->count +=
        bytes_equal(entry->event, bytes_text(wanted->event)) &&
        (wanted->actor == NULL || bytes_equal(entry->actor, bytes_text(wanted->actor))) &&
        (wanted->detail == NULL || bytes_equal(entry->detail, bytes_text(wanted->detail)));
    return OK;
}

/* How often the log says so; NULL is anything. The chain must hold. */
static inline unsigned rig_logged(struct rig *rig, const char *event, const char *actor,
                                  const char *detail)
{
    struct rig_count wanted = {event, actor, detail, 0};
    struct audit_report report;
    assert_ok(audit_verify(vault_store(rig->vault), &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
    assert_ok(audit_read(vault_store(rig->vault), 1, rig_count_one, &wanted));
    return wanted.count;
}
