/* SPDX-License-Identifier: Apache-2.0 */
/* The vault's commands of a device that is not activated (lib/wire/vault_protocol_activation.h). */
#include "lib/wire/vault_protocol_activation.h"

#include "terminal/core.h"

static enum vault_status ask(struct terminal *t, struct writer *request, uint8_t command,
                             struct reader *body)
{
    struct bytes frame;
    struct writer answer = writer_over(t->answer, sizeof t->answer);
    uint8_t answered = 0;
    enum vault_status status = VAULT_FAILED;
    if (FAILED(writer_finish(request, &frame))) return VAULT_BAD_REQUEST;
    if (FAILED(t->ports.vault(t->ports.context, frame, &answer))) return VAULT_FAILED;
    *body = reader_over(writer_view(&answer));
    if (FAILED(vault_read_answer(body, &answered, &status)) || answered != command)
        return VAULT_FAILED;
    return status;
}

static struct writer begin(struct terminal *t, uint8_t command)
{
    struct writer w = writer_over(t->request, sizeof t->request);
    vault_write_header(&w, command);
    return w;
}

enum vault_status secure_activation_ask(struct terminal *t, const struct vault_activation_ask *in,
                                        struct vault_activation_words *out)
{
    struct reader body;
    struct writer w = begin(t, VAULT_ACTIVATION_ASK);
    vault_write_activation_ask(&w, in);
    enum vault_status status = ask(t, &w, VAULT_ACTIVATION_ASK, &body);
    if (status != VAULT_OK) return status;
    return FAILED(vault_read_activation_words(&body, out)) ? VAULT_FAILED : VAULT_OK;
}

enum vault_status secure_activate(struct terminal *t, struct bytes document)
{
    struct reader body;
    struct writer w = begin(t, VAULT_ACTIVATE);
    vault_write_bytes(&w, document);
    return ask(t, &w, VAULT_ACTIVATE, &body);
}
