/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Phones that may say yes (S173). The supervisor asks for a token; the phone brings it back with
 * its public key, by way of the host; both screens show six digits of the two, and only when a
 * person has compared them is the phone kept. So whoever stands between can put nobody else's key
 * in.
 */
#include "lib/crypto/approval.h"
#include "vault/state.h"

static bool pairing_open(const struct vault *v)
{
    int64_t gone_us = clock_monotonic_us(&v->config.clock) - v->pairing.since_us;
    return v->pairing.open && gone_us <= (int64_t)VAULT_PAIRING_WITHIN_S * 1000000;
}

err vault_run_pair_begin(struct vault *v, struct reader *request, struct writer *answer,
                         enum vault_status *status)
{
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    v->pairing =
        (struct vault_pairing){.open = true, .since_us = clock_monotonic_us(&v->config.clock)};
    random_fill(&v->config.random, v->pairing.token, sizeof v->pairing.token);
    vault_write_bytes(answer, BYTES_OF(v->pairing.token));
    return OK;
}

err vault_pair_count(struct vault *v, int64_t *ret_count)
{
    return store_query_int(v->store, "SELECT count(*) FROM pair", ret_count);
}

err vault_pair_key(struct vault *v, uint8_t id, uint8_t ret_key[VAULT_PHONE_KEY_BYTES])
{
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store, "SELECT public_key FROM pair WHERE id = ?", &s));
    store_bind_int(s, id);
    TRY(store_step(s, &found));
    if (!found) return ERR(NOT_FOUND);
    store_read_blob_into(s, ret_key, VAULT_PHONE_KEY_BYTES);
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

/* The lowest number that is free; 0 when there is none. */
static err free_id(struct vault *v, uint8_t *ret_id)
{
    uint8_t key[VAULT_PHONE_KEY_BYTES];
    *ret_id = 0;
    for (uint8_t id = 1; id <= VAULT_PAIRS_MAX; id++) {
        err found = vault_pair_key(v, id, key);
        if (found.code == ERR_NOT_FOUND) {
            *ret_id = id;
            return OK;
        }
        TRY(found);
    }
    return OK;
}

static err store_pair(struct vault *v, uint8_t id, const struct vault_pair_finish *m)
{
    struct vault_operator_name name = vault_operator_name(v->session.operator_id);
    char label[VAULT_PHONE_LABEL_MAX + 1];
    TRY(bytes_to_text(m->label, label, sizeof label));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct store_statement *s;
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(
        v->store, "INSERT INTO pair(id, label, public_key, added_ms) VALUES(?, ?, ?, ?)", &s));
    store_bind_int(s, id);
    store_bind_text(s, m->label);
    store_bind_blob(s, m->public_key);
    store_bind_int(s, clock_now_ms(&v->config.clock));
    TRY(store_run(s));
    TRY(vault_audit(v, &tx, name.text, "phone_paired", label, ""));
    return store_commit(&tx);
}

static bool printable(struct bytes label)
{
    for (size_t i = 0; i < label.len; i++)
        if (label.at[i] < 0x20 || label.at[i] == 0x7f) return false;
    return true;
}

static err finish(struct vault *v, const struct vault_pair_finish *m, uint8_t *ret_verdict)
{
    uint8_t id = 0;
    *ret_verdict = VAULT_PAIR_BAD_TOKEN;
    if (!pairing_open(v) || !secret_equal(m->token, BYTES_OF(v->pairing.token))) return OK;
    *ret_verdict = VAULT_PAIR_BAD_KEY;
    if (!approval_key_valid(m->public_key)) return OK;
    TRY(free_id(v, &id));
    *ret_verdict = id == 0 ? VAULT_PAIR_FULL : VAULT_PAIR_OK;
    if (id == 0 || m->confirmed == 0) return OK;
    TRY(store_pair(v, id, m));
    v->pairing = (struct vault_pairing){0}; /* a token is good for one phone */
    return OK;
}

err vault_run_pair_finish(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    struct vault_pair_finish m;
    struct vault_pair_answer said = {.verdict = VAULT_PAIR_OK};
    char check[APPROVAL_CHECK_DIGITS + 1] = {0};
    if (FAILED(vault_read_pair_finish(request, &m)) || m.confirmed > 1 ||
        m.token.len != VAULT_GRANT_BYTES || m.public_key.len != VAULT_PHONE_KEY_BYTES ||
        m.label.len > VAULT_PHONE_LABEL_MAX || !printable(m.label))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    TRY(finish(v, &m, &said.verdict));
    if (said.verdict == VAULT_PAIR_OK) approval_check(m.token, m.public_key, check);
    said.check = bytes_text(check);
    vault_write_pair_answer(answer, &said);
    return OK;
}

struct listed {
    struct vault_pair pair[VAULT_PAIRS_MAX];
    char label[VAULT_PAIRS_MAX][VAULT_PHONE_LABEL_MAX + 1];
};

err vault_run_pair_list(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    struct listed list;
    struct store_statement *s;
    size_t count = 0;
    bool found = false;
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    TRY(store_statement(v->store, "SELECT id, label, added_ms FROM pair ORDER BY id", &s));
    for (;;) {
        TRY(store_step(s, &found));
        if (!found) break;
        ENSURE(count < VAULT_PAIRS_MAX); /* ids are given from 1 to that */
        list.pair[count].id = (uint8_t)store_read_int(s);
        store_read_text_into(s, list.label[count], sizeof list.label[count]);
        list.pair[count].label = bytes_text(list.label[count]);
        list.pair[count].added_ms = (uint64_t)store_read_int(s);
        count++;
    }
    vault_write_pairs(answer, list.pair, count);
    return OK;
}

err vault_run_pair_remove(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    uint8_t id, key[VAULT_PHONE_KEY_BYTES];
    struct vault_operator_name name = vault_operator_name(v->session.operator_id);
    if (FAILED(vault_read_byte(request, &id))) return vault_refuse(status, VAULT_BAD_REQUEST);
    err found = vault_pair_key(v, id, key);
    if (found.code == ERR_NOT_FOUND) {
        vault_write_byte(answer, VAULT_PAIR_NOT_FOUND);
        return OK;
    }
    TRY(found);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct store_statement *s;
    char subject[] = "phone 0";
    subject[sizeof subject - 2] = (char)('0' + id % 10);
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(v->store, "DELETE FROM pair WHERE id = ?", &s));
    store_bind_int(s, id);
    TRY(store_run(s));
    TRY(vault_audit(v, &tx, name.text, "phone_removed", subject, ""));
    TRY(store_commit(&tx));
    vault_write_byte(answer, VAULT_PAIR_OK);
    return OK;
}
