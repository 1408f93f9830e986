/* SPDX-License-Identifier: Apache-2.0 */
/* One object there, one PDF back. */
#include "lib/wire/paper.h"

#include "lib/wire/helper.h"
#include "lib/wire/json.h"

#define MEMBER(name)                                                         \
    {                                                                        \
#name, offsetof(struct paper, name), sizeof((struct paper *)0)->name \
    }
static const struct {
    const char *name;
    size_t at, size;
} members[] = {MEMBER(serial),  MEMBER(model), MEMBER(terminal), MEMBER(name_zh), MEMBER(name_en),
               MEMBER(address), MEMBER(phone), MEMBER(courier),  MEMBER(link)};

const char *paper_option(enum paper_kind kind)
{
    return kind == PAPER_LABEL ? "--label" : "--manual";
}

void paper_write(struct writer *w, const struct paper *paper)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        json_member_string(&j, members[i].name, (const char *)paper + members[i].at);
    json_object_end(&j);
}

err paper_read(struct bytes text, struct paper *ret)
{
    const char *names[ARRAY_LEN(members) + 1];
    CLEANUP(json_free) struct json_document document = {NULL};
    struct paper paper;
    for (size_t i = 0; i < ARRAY_LEN(members); i++) names[i] = members[i].name;
    names[ARRAY_LEN(members)] = NULL;
    TRY(json_parse(text, PAPER_REQUEST_MAX, &document));
    TRY(json_only(document.root, names));
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        TRY(json_text_copy(document.root, members[i].name, (char *)&paper + members[i].at,
                           members[i].size));
    if (paper.serial[0] == '\0' || paper.model[0] == '\0') return ERR(FORMAT);
    *ret = paper;
    return OK;
}

err paper_draw(const char *program, enum paper_kind kind, struct bytes request, struct writer *pdf)
{
    struct writer said = writer_over(pdf->at + pdf->len, pdf->max - pdf->len);
    TRY(helper_run(program, paper_option(kind), request, PAPER_WAIT_MS, &said));
    if (said.len == 0 || said.at[0] >= ERR_CODES) return ERR(CLOSED);
    if (said.at[0] != ERR_OK) return (err){(enum err_code)said.at[0]};
    memmove(said.at, said.at + 1, said.len - 1);
    pdf->len += said.len - 1;
    return OK;
}
