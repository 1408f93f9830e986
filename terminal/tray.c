/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the tray: one JSON object there, one back. */
#include "terminal/tray.h"

#include "lib/base/base64.h"
#include "lib/wire/json.h"

enum { QUESTION_MAX = 1024, WAIT_MS = 2000 }; /* the longest has the text of a code */

err tray_connect(struct tray *tray, const char *path)
{
    err e = rpc_connect(&tray->rpc, path, WAIT_MS, TRAY_ANSWER_MAX);
    return e.code == ERR_CONFIG ? e : OK;
}

void tray_disconnect(struct tray *tray)
{
    rpc_close(&tray->rpc);
}

/* {"ask":ask, name:value, more:and}; members with a NULL name are left out. */
static err ask(struct tray *tray, const char *what, const char *const members[4],
               struct bytes *ret_answer)
{
    uint8_t question[QUESTION_MAX];
    struct writer w = writer_over(question, sizeof question);
    struct json_out j = json_out_over(&w);
    struct bytes request;
    json_object_begin(&j);
    json_member_string(&j, "ask", what);
    if (members[0] != NULL) json_member_string(&j, members[0], members[1]);
    if (members[2] != NULL) json_member_string(&j, members[2], members[3]);
    json_object_end(&j);
    TRY(writer_finish(&w, &request));
    return rpc_call(&tray->rpc, request, tray->answer, sizeof tray->answer, ret_answer);
}

/* The answer as a document. NOT_FOUND when it is an error: the tray knows no such thing. */
static err parse(struct bytes answer, struct json_document *document)
{
    TRY(json_parse(answer, TRAY_ANSWER_MAX, document));
    return json_has(document->root, "error") ? ERR(NOT_FOUND) : OK;
}

/* An answer that the page gets as it is, once it is known to be no error. */
static err relay(struct tray *tray, const char *what, struct bytes *ret_json)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes answer;
    TRY(ask(tray, what, (const char *const[4]){NULL}, &answer));
    TRY(parse(answer, &document));
    *ret_json = answer;
    return OK;
}

err tray_list(struct tray *tray, struct bytes *ret_json)
{
    return relay(tray, "tray", ret_json);
}

err tray_messages(struct tray *tray, struct bytes *ret_json)
{
    return relay(tray, "messages", ret_json);
}

void tray_forget(struct tray *tray)
{
    explicit_bzero(tray->answer, sizeof tray->answer);
}

err tray_chips(struct tray *tray, struct bytes *ret_json)
{
    return relay(tray, "chips", ret_json);
}

err tray_chip(struct tray *tray, const char *how, const char *card)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes answer;
    const char *const members[4] = {card != NULL ? "card" : NULL, card};
    TRY(ask(tray, how, members, &answer));
    return parse(answer, &document);
}

err tray_present(struct tray *tray, const char *card, const char *reader)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes answer;
    TRY(ask(tray, "present", (const char *const[4]){"card", card, "reader", reader}, &answer));
    return parse(answer, &document);
}

err tray_harm(struct tray *tray, const char *kind, const char *reader)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes answer;
    TRY(ask(tray, "harm", (const char *const[4]){"tamper", kind, "reader", reader}, &answer));
    return parse(answer, &document);
}

err tray_scan(struct tray *tray, const char *phone, const char *text, struct bytes *ret_json)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes answer;
    TRY(ask(tray, "scan", (const char *const[4]){"phone", phone, "text", text}, &answer));
    TRY(parse(answer, &document));
    *ret_json = answer;
    return OK;
}

err tray_phone(struct tray *tray, const char *phone, struct writer *png)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes answer, text;
    size_t len;
    TRY(ask(tray, "code", (const char *const[4]){"phone", phone}, &answer));
    TRY(parse(answer, &document));
    TRY(json_text(document.root, "png", TRAY_ANSWER_MAX, &text));
    size_t room = png->max - png->len;
    TRY(base64_decode(text, png->at + png->len, room, &len));
    png->len += len;
    return OK;
}
