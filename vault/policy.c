/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which policy holds here (S19, S20): the signed document of this model that the acquirer gave
 * last, or the one that is compiled in. A document is taken only when it is signed by the key that
 * came with the device's own keys, is for this model, and is not older than the one in force; what
 * it says was held against the floor before its version was looked at (S29).
 */
#include "vault/state.h"

static_assert((int)POLICY_CASHIER == (int)VAULT_ROLE_CASHIER &&
                  (int)POLICY_SUPERVISOR == (int)VAULT_ROLE_SUPERVISOR &&
                  (int)POLICY_ADMINISTRATOR == (int)VAULT_ROLE_ADMINISTRATOR,
              "a role has one number");
static_assert(POLICY_BY_SUPERVISOR == 1 && POLICY_BY_SMS == 1 << VAULT_BY_SMS &&
                  POLICY_BY_MAIL == 1 << VAULT_BY_MAIL &&
                  POLICY_BY_SERVICE == 1 << VAULT_BY_SERVICE &&
                  POLICY_BY_OFFLINE == 1 << VAULT_BY_OFFLINE,
              "a way has one number");
static_assert((int)POLICY_KEYS_DIGITS == (int)VAULT_KEYS_DIGITS &&
                  (int)POLICY_KEYS_TEXT == (int)VAULT_KEYS_TEXT,
              "a keyboard has one number");

struct policy vault_policy_of(const struct vault *v, uint8_t role)
{
    ENSURE(role >= VAULT_ROLE_CASHIER && role <= VAULT_ROLE_ADMINISTRATOR);
    const struct policy *stored =
        v->has_document ? policy_document_role(&v->document, (enum policy_role)role) : NULL;
    struct policy policy =
        stored != NULL ? *stored
                       : policy_of_model(bytes_text(v->device.model), (enum policy_role)role);
    if (policy.tries > VAULT_TRIES_MAX) policy.tries = VAULT_TRIES_MAX;
    return policy;
}

err vault_policy_open(const uint8_t signer[POLICY_SIGNER_BYTES], struct bytes model,
                      struct bytes signed_text, uint32_t version_least,
                      struct policy_document *ret_document, struct policy_fault *ret_fault)
{
    struct policy_trust trust = {.model = model, .version_least = version_least};
    memcpy(trust.signer, signer, sizeof trust.signer);
    struct policy_document document;
    TRY(policy_document_open(signed_text, &trust, &document, ret_fault));
    /* A console's document is well-formed, and no terminal's. */
    if (policy_document_role(&document, POLICY_CASHIER) == NULL) {
        *ret_fault = (struct policy_fault){.kind = POLICY_FAULT_MODEL};
        return ERR(IDENTITY);
    }
    *ret_document = document;
    return OK;
}

err vault_policy_read(struct vault *v)
{
    struct store_statement *s;
    bool found = false;
    v->has_document = false;
    TRY(store_statement(v->store, "SELECT policy FROM device", &s));
    TRY(store_step(s, &found));
    if (!found) return OK;
    uint8_t text[POLICY_DOCUMENT_MAX];
    struct writer w = writer_over(text, sizeof text);
    write_bytes(&w, store_read_text(s));
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    if (w.fault == ERR_OK && w.len == 0) return OK;
    struct policy_fault fault;
    if (w.fault != ERR_OK || !v->device.has_signer ||
        FAILED(vault_policy_open(v->device.policy_signer, bytes_text(v->device.model),
                                 writer_view(&w), 1, &v->document, &fault)))
        return ERR(CORRUPT);
    v->has_document = true;
    return OK;
}

static err put(struct vault *v, struct bytes signed_text)
{
    struct store_statement *s;
    TRY(store_statement(v->store, "UPDATE device SET policy = ?", &s));
    store_bind_text(s, signed_text);
    TRY(store_run(s));
    return store_changes(v->store) == 1 ? OK : ERR(CORRUPT);
}

static uint8_t verdict_of(enum policy_fault_kind kind)
{
    switch (kind) {
    case POLICY_FAULT_SIGNATURE:
        return VAULT_POLICY_BAD_SIGNATURE;
    case POLICY_FAULT_MODEL:
        return VAULT_POLICY_OTHER_MODEL;
    case POLICY_FAULT_OLDER:
        return VAULT_POLICY_OLDER;
    default:
        return VAULT_POLICY_REFUSED;
    }
}

static err take(struct vault *v, struct bytes text, const struct policy_document *document)
{
    char version[16];
    struct writer w = writer_over(version, sizeof version - 1);
    write_decimal(&w, document->version, 1);
    version[w.len] = '\0';
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(put(v, text));
    TRY(vault_audit(v, &tx, NULL, "policy_loaded", v->device.model, version));
    TRY(store_commit(&tx));
    v->document = *document;
    v->has_document = true;
    return OK;
}

err vault_run_policy_load(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    struct bytes text;
    struct policy_document document;
    struct policy_fault fault = {POLICY_FAULT_SIGNATURE, 0};
    if (FAILED(vault_read_bytes(request, &text))) return vault_refuse(status, VAULT_BAD_REQUEST);
    uint32_t version = v->has_document ? v->document.version : 0;
    struct vault_policy_loaded said = {VAULT_POLICY_OK, version};
    /* The same version again is no news, and no older one: it is taken and changes nothing. */
    bool good = v->device.has_signer &&
                !FAILED(vault_policy_open(v->device.policy_signer, bytes_text(v->device.model),
                                          text, version, &document, &fault));
    if (!good) {
        said.verdict = verdict_of(fault.kind);
        TRY(vault_audit_note(v, NULL, "policy_refused", v->device.model,
                             policy_fault_word(fault.kind)));
    } else if (document.version > version) {
        TRY(take(v, text, &document));
        said.version = document.version;
    }
    vault_write_policy_loaded(answer, &said);
    return OK;
}

enum { LINES_MAX = 4096 };

err vault_run_policy_show(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    struct vault_policy_ask ask;
    uint8_t lines[LINES_MAX];
    if (FAILED(vault_read_policy_ask(request, &ask)) || !vault_language_known(ask.language) ||
        ask.role < VAULT_ROLE_CASHIER || ask.role > VAULT_ROLE_ADMINISTRATOR)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    struct policy policy = vault_policy_of(v, ask.role);
    struct writer w = writer_over(lines, sizeof lines);
    policy_describe(&policy, ask.language == VAULT_ENGLISH ? POLICY_EN : POLICY_ZH, &w);
    if (w.fault != ERR_OK) return (err){w.fault};
    const struct vault_policy_shown said = {
        .version = v->has_document ? v->document.version : 0,
        .profile = (uint8_t)policy.profile,
        .rules = (uint8_t)policy.rules,
        .min = policy.min,
        .max = policy.max,
        .keyboard = (uint8_t)policy.keyboard,
        .ways = policy.recovery,
        .lock_s = policy.auto_lock_s,
        .lines = writer_view(&w),
    };
    vault_write_policy_shown(answer, &said);
    return OK;
}
