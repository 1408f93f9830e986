/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters of chip cards: applications, CA keys, limits (lib/emv/parameters.h), as the
 * acquirer signs them:
 *
 *   tongbao-parameters 1
 *   model TB-1                only in one that is for a model; no document begins like this
 *   the document, BER-TLV
 *   signature 9f3c...         Ed25519 over all before this line, by the key that signs policies
 *
 * Taken whole or not at all, and never an older number: a terminal cannot be led back to a key that
 * was withdrawn. A card that is at work keeps what it began with, because it is ended first.
 */
#include <stdlib.h>

#include "vault/state.h"

static const char first_line[] = "tongbao-parameters 1\n";

static bool begins(struct bytes text, const char *with, size_t len)
{
    return text.len >= len && memcmp(text.at, with, len) == 0;
}

/* Takes the lines in front off `text`. */
static err take_head(const char *model, struct bytes *text, uint8_t *ret_verdict)
{
    static const char model_line[] = "model ";
    size_t head = sizeof first_line - 1, label = sizeof model_line - 1;
    if (!begins(*text, first_line, head)) return ERR(FORMAT);
    *text = bytes_of(text->at + head, text->len - head);
    if (!begins(*text, model_line, label)) return OK;
    const uint8_t *end = memchr(text->at, '\n', text->len);
    if (end == NULL) return ERR(FORMAT);
    size_t len = (size_t)(end - text->at);
    if (!bytes_equal(bytes_of(text->at + label, len - label), bytes_text(model))) {
        *ret_verdict = VAULT_PARAMETERS_OTHER_MODEL;
        return ERR(CONFLICT);
    }
    *text = bytes_of(end + 1, text->len - len - 1);
    return OK;
}

/* What is signed, read; `to` is untouched on failure. */
static err open_signed(const struct vault_device *device, struct bytes signed_document,
                       struct vault_parameters *to, uint8_t *ret_verdict)
{
    struct bytes text;
    struct emv_parameters_fault fault;
    *ret_verdict = VAULT_PARAMETERS_BAD_SIGNATURE;
    if (!policy_signature_verify(signed_document, device->policy_signer, &text)) return ERR(MAC);
    *ret_verdict = VAULT_PARAMETERS_REFUSED;
    TRY(take_head(device->model, &text, ret_verdict));
    if (text.len > sizeof to->document) return ERR(LENGTH);
    struct emv_parameters parsed;
    TRY(emv_parameters_parse(text, &parsed, &fault));
    /* Once more over our own copy: the parsed parameters point into what they were read from. */
    crypto_sha256(signed_document, to->digest);
    to->len = text.len;
    memcpy(to->document, text.at, to->len);
    return emv_parameters_parse(bytes_of(to->document, to->len), &to->parsed, &fault);
}

static struct vault_parameters *room(void)
{
    return calloc(1, sizeof(struct vault_parameters));
}

static void replace(struct vault *v, struct vault_parameters *with)
{
    free(v->parameters);
    v->parameters = with;
}

err vault_parameters_read(struct vault *v)
{
    struct store_statement *s;
    bool found = false;
    uint8_t verdict;
    TRY(store_statement(v->store, "SELECT parameters FROM device", &s));
    TRY(store_step(s, &found));
    if (!found) return OK;
    struct bytes stored = store_read_blob(s);
    struct vault_parameters *loaded = stored.len > 0 ? room() : NULL;
    err opened = OK;
    if (stored.len > 0 && loaded == NULL) opened = ERR(NO_MEMORY);
    else if (stored.len > 0)
        opened =
            v->device.has_signer ? open_signed(&v->device, stored, loaded, &verdict) : ERR(CORRUPT);
    err read = store_read_finish(s);
    store_reset(s);
    if (FAILED(opened) || FAILED(read)) {
        free(loaded);
        return opened.code == ERR_NO_MEMORY ? opened : ERR(CORRUPT);
    }
    replace(v, loaded);
    return OK;
}

static err put(struct vault *v, struct bytes signed_document)
{
    struct store_statement *s;
    TRY(store_statement(v->store, "UPDATE device SET parameters = ?", &s));
    store_bind_blob(s, signed_document);
    TRY(store_run(s));
    return store_changes(v->store) == 1 ? OK : ERR(CORRUPT);
}

static err take(struct vault *v, struct bytes signed_document, struct vault_parameters *loaded)
{
    char number[16];
    struct writer w = writer_over(number, sizeof number - 1);
    write_decimal(&w, loaded->parsed.number, 1);
    number[w.len] = '\0';
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(put(v, signed_document));
    TRY(vault_audit(v, &tx, NULL, "parameters_loaded", v->device.tid, number));
    TRY(store_commit(&tx));
    vault_card_wipe(v); /* a card at work has views into what is replaced now */
    replace(v, loaded);
    return OK;
}

static err answer_with(struct vault *v, struct writer *answer, uint8_t verdict)
{
    static const char *const why[] = {"", "bad signature",  "older", "malformed",
                                      "", "another model's"};
    if (why[verdict][0] != '\0') {
        TRY(vault_audit_note(v, NULL, "parameters_refused", v->device.tid, why[verdict]));
    }
    vault_write_parameters_loaded(
        answer, &(struct vault_parameters_loaded){
                    .verdict = verdict,
                    .number = v->parameters == NULL ? 0 : v->parameters->parsed.number});
    return OK;
}

/* Looks at the whole document, and takes it. */
static err judge(struct vault *v, struct bytes signed_document, uint8_t *ret_verdict)
{
    *ret_verdict = VAULT_PARAMETERS_BAD_SIGNATURE;
    if (!v->device.has_signer) return OK;
    struct vault_parameters *loaded = room();
    if (loaded == NULL) return ERR(NO_MEMORY);
    err opened = open_signed(&v->device, signed_document, loaded, ret_verdict);
    bool older = !FAILED(opened) && v->parameters != NULL &&
                 loaded->parsed.number < v->parameters->parsed.number;
    if (older) *ret_verdict = VAULT_PARAMETERS_OLDER;
    err taken = FAILED(opened) || older ? ERR(DENIED) : take(v, signed_document, loaded);
    if (FAILED(taken)) free(loaded);
    if (FAILED(opened) || older) return OK;
    if (!FAILED(taken)) *ret_verdict = VAULT_PARAMETERS_OK;
    return taken;
}

void vault_parameters_drop_parts(struct vault *v)
{
    free(v->parts.at);
    v->parts = (struct vault_parts){0};
}

/* Appends a part that follows the ones before. False: it does not, or is too much. */
static bool gather(struct vault *v, const struct vault_parameters_part *m)
{
    struct vault_parts *parts = &v->parts;
    if (m->offset == 0) {
        vault_parameters_drop_parts(v);
        if (m->total == 0 || m->total > VAULT_PARAMETERS_SIGNED_MAX) return false;
        parts->at = malloc(m->total);
        if (parts->at == NULL) return false;
        parts->total = m->total;
    }
    if (parts->at == NULL || m->total != parts->total || m->offset != parts->len ||
        m->part.len == 0 || m->part.len > parts->total - parts->len)
        return false;
    memcpy(parts->at + parts->len, m->part.at, m->part.len);
    parts->len += m->part.len;
    return true;
}

err vault_run_parameters_load(struct vault *v, struct reader *request, struct writer *answer,
                              enum vault_status *status)
{
    struct vault_parameters_part m;
    uint8_t verdict = VAULT_PARAMETERS_MORE;
    if (FAILED(vault_read_parameters_part(request, &m)) || !gather(v, &m)) {
        vault_parameters_drop_parts(v);
        return vault_refuse(status, VAULT_BAD_REQUEST);
    }
    if (v->parts.len < v->parts.total) return answer_with(v, answer, verdict);
    err judged = judge(v, bytes_of(v->parts.at, v->parts.len), &verdict);
    vault_parameters_drop_parts(v);
    TRY(judged);
    return answer_with(v, answer, verdict);
}
