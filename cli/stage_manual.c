/* SPDX-License-Identifier: Apache-2.0 */
/* The paper that is in the box of a stage's terminal: its manual with the one-time passwords. */
#include <stdio.h>

#include "cli/stage.h"
#include "lib/wire/json.h"

static const char *role_of(const char *operator_id)
{
    if (strcmp(operator_id, "00") == 0) return "supervisor";
    return strcmp(operator_id, "99") == 0 ? "administrator" : "cashier";
}

/* What the vault said, once more. */
static err write_secrets(const struct stage *s, struct writer *w)
{
    struct json_out j = json_out_over(w);
    struct bytes written;
    json_object_begin(&j);
    json_member_string(&j, "tid", s->tid);
    json_member_array(&j, "passwords");
    for (size_t i = 0; i < s->passwords; i++) {
        json_object_begin(&j);
        json_member_string(&j, "operator", s->password[i].operator_id);
        json_member_string(&j, "role", role_of(s->password[i].operator_id));
        json_member_string(&j, "password", s->password[i].password);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    return writer_finish(w, &written);
}

err stage_print_manual(struct stage *s, struct process_fault *fault)
{
    uint8_t block[1024];
    struct writer w = writer_over(block, sizeof block);
    snprintf(s->manual, sizeof s->manual, "%.120s/manual-%s.pdf", s->directory, s->serial);
    const char *const arguments[] = {"manual", "--serial", s->serial,      "--model", "TB-1",
                                     "--out",  s->manual,  "--secrets-fd", "@",       NULL};
    err done = write_secrets(s, &w);
    if (!FAILED(done)) done = children_feed(&s->children, "tongbao", arguments, writer_view(&w));
    explicit_bzero(block, sizeof block);
    if (!FAILED(done)) return OK;
    snprintf(fault->text, sizeof fault->text, "tongbao manual: %s", err_text(done));
    return done;
}
