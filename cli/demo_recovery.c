/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The story goes on with a supervisor who forgets his password three times: a code by SMS, a link
 * by mail that 64 open at once, and the recovery desk, where one member of staff alone gets nobody
 * in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/console.h"
#include "cli/story.h"

#define OWNER_PHONE "+8613800005678"
#define OWNER_MAIL  "chen@example.com"

enum { WAITS = 400, WAIT_NS = 25000000 /* ten seconds in all */, MESSAGE_MAX = 4096, AT_ONCE = 64 };

/* ---- what the owner receives ---- */

/* Finds something in the text of one message; an empty `out` means that it is not there. */
typedef void (*look_for)(const char *text, char *out, size_t size);

static err look(struct story *s, const char *contact, look_for find, char *out, size_t size)
{
    CLEANUP(json_free) struct json_document tray = {0};
    struct json_t *messages;
    size_t count = 0;
    char question[128], text[MESSAGE_MAX];
    snprintf(question, sizeof question, "{\"ask\":\"messages\",\"contact\":\"%s\"}", contact);
    TRY(story_ask_tray(s, question, &tray));
    TRY(json_list(tray.root, "messages", 1000, &messages, &count));
    out[0] = '\0';
    for (size_t i = 0; i < count && out[0] == '\0'; i++) /* the newest first */
        if (!FAILED(json_text_copy(json_at(messages, i), "text", text, sizeof text)))
            find(text, out, size);
    return OK;
}

/* Waits for a message in which `find` finds something other than `old`. */
static err await_message(struct story *s, const char *contact, look_for find, const char *old,
                         char *out, size_t size)
{
    const struct timespec pause = {0, WAIT_NS};
    for (int i = 0; i < WAITS; i++) {
        TRY(look(s, contact, find, out, size));
        if (out[0] != '\0' && strcmp(out, old) != 0) return OK;
        (void)nanosleep(&pause, NULL);
    }
    return ERR(TIMEOUT);
}

/* Six digits behind the sender's name. */
static void find_code(const char *text, char *out, size_t size)
{
    static const char sender[] = "【通宝】";
    if (strncmp(text, sender, sizeof sender - 1) != 0) return;
    const char *digits = text + sizeof sender - 1;
    if (strspn(digits, "0123456789") == 6) snprintf(out, size, "%.6s", digits);
}

static void find_link(const char *text, char *out, size_t size)
{
    const char *link = strstr(text, "http://");
    if (link != NULL) snprintf(out, size, "%.*s", (int)strcspn(link, " \r\n"), link);
}

static void find_recovered(const char *text, char *out, size_t size)
{
    if (strstr(text, "收款账户暂不可修改") != NULL) snprintf(out, size, "recovered");
}

/* ---- what happens at the terminal ---- */

err story_log_out(struct story *s)
{
    TRY(page_key(s->page, "cancel"));
    TRY(page_wait(s->page, "session.leave", STORY_SCREEN_MS));
    TRY(page_key(s->page, "choice:log_out"));
    return page_wait(s->page, "login.operator", STORY_SCREEN_MS);
}

/* From the log-in to the ways that this model offers its supervisor. */
static err forget(struct story *s, const char *way)
{
    TRY(page_digits(s->page, "00"));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "login.password", STORY_SCREEN_MS));
    TRY(page_key(s->page, "choice:forgotten"));
    TRY(page_wait(s->page, "forgot.ways", STORY_SCREEN_MS));
    return page_key(s->page, way);
}

static err choose_anew(struct story *s)
{
    story_choose_password(POLICY_SUPERVISOR, s->supervisor);
    TRY(page_wait(s->page, "password.new", STORY_SCREEN_MS));
    TRY(page_secret(s->page, s->supervisor));
    TRY(page_wait(s->page, "password.repeat", STORY_SCREEN_MS));
    TRY(page_secret(s->page, s->supervisor));
    TRY(page_wait(s->page, "password.review", STORY_SCREEN_MS));
    TRY(page_key(s->page, "choice:save"));
    TRY(page_wait(s->page, "password.saved", STORY_SCREEN_MS));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "tip.show|login.operator", STORY_SCREEN_MS));
    if (strcmp(page_id(s->page), "tip.show") == 0) TRY(page_key(s->page, "ok"));
    return page_wait(s->page, "login.operator", STORY_SCREEN_MS); /* no log-in comes of it */
}

static err enter_code(struct story *s, const char *code)
{
    TRY(page_wait(s->page, "recover.sent", STORY_SCREEN_MS));
    TRY(page_key(s->page, "choice:code"));
    TRY(page_wait(s->page, "recover.code", STORY_SCREEN_MS));
    TRY(page_secret(s->page, code));
    return choose_anew(s);
}

err story_by_sms(struct story *s)
{
    char code[16], notice[16];
    TRY(forget(s, "choice:sms"));
    TRY(await_message(s, OWNER_PHONE, find_code, "", code, sizeof code));
    story_proved(
        s, "The supervisor has no password: he asks for a code by SMS",
        "it goes to the owner's registered telephone, holds for five minutes, and works at this"
        " terminal, for this operator, once");
    TRY(enter_code(s, code));
    TRY(await_message(s, OWNER_PHONE, find_recovered, "", notice, sizeof notice));
    story_proved(s, "He chooses a new password, and everybody is told",
                 "every telephone and mailbox of the merchant; the payout account stands still for"
                 " seven days");
    return OK;
}

/* ---- by mail ---- */

static void origin_of(const struct story *s, char out[static 64])
{
    snprintf(out, 64, "http://localhost:%ld", s->stage->backoffice_port);
}

err story_by_mail(struct story *s)
{
    char link[256], origin[64], code[CONSOLE_CODE_MAX] = "";
    unsigned won = 0;
    origin_of(s, origin);
    TRY(forget(s, "choice:mail"));
    TRY(await_message(s, OWNER_MAIL, find_link, "", link, sizeof link));
    TRY(console_redeem(origin, link, AT_ONCE, &won, code));
    if (won != 1) return ERR(CONFLICT);
    story_proved(s, "He forgets it again, and has a link sent by mail",
                 "64 open it at once: one is shown a code, the others are told that it is used");
    TRY(enter_code(s, code));
    TRY(console_redeem(origin, link, 1, &won, code));
    return won == 0 ? OK : ERR(CONFLICT);
}

/* ---- the desk ---- */

static err say(struct console *staff, const char *path, const char *body, const char *expected)
{
    CLEANUP(json_free) struct json_document answer = {0};
    struct bytes verdict;
    long status = 0;
    TRY(console_ask(staff, path, body, &status, &answer));
    TRY(json_text(answer.root, "verdict", 32, &verdict));
    return bytes_equal(verdict, bytes_text(expected)) ? OK : ERR(STATE);
}

static err identify(struct console *agent, int64_t ticket, const char *serial)
{
    const char *const answers[][2] = {
        {"owner", "陈晓虹"}, {"phone", "138 0000 5678"}, {"serial", serial}};
    char body[256];
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        snprintf(body, sizeof body, "{\"ticket\":%lld,\"question\":\"%s\",\"said\":\"%s\"}",
                 (long long)ticket, answers[i][0], answers[i][1]);
        TRY(say(agent, "/api/staff/desk/answer", body, "right"));
    }
    snprintf(body, sizeof body, "{\"ticket\":%lld,\"text\":\"called back\"}", (long long)ticket);
    return say(agent, "/api/staff/desk/note", body, "ok");
}

/* The ticket that the terminal has opened: the newest open one. */
static err find_ticket(struct console *agent, int64_t *ret_ticket)
{
    CLEANUP(json_free) struct json_document answer = {0};
    struct json_t *tickets;
    size_t count = 0;
    long status = 0;
    TRY(console_ask(agent, "/api/staff/desk/tickets", NULL, &status, &answer));
    TRY(json_list(answer.root, "tickets", 100, &tickets, &count));
    return json_int(json_at(tickets, 0), "id", 1, INT64_MAX, ret_ticket);
}

static err approve(struct story *s, struct console *agent, struct console *chief)
{
    char body[64];
    int64_t ticket = 0;
    TRY(find_ticket(agent, &ticket));
    snprintf(body, sizeof body, "{\"ticket\":%lld}", (long long)ticket);
    TRY(say(agent, "/api/staff/desk/approve", body, "needs_answers"));
    TRY(identify(agent, ticket, s->stage->serial));
    TRY(say(agent, "/api/staff/desk/approve", body, "needs_second"));
    TRY(say(agent, "/api/staff/desk/approve", body, "same_person"));
    story_proved(
        s, "And a third time; he calls the recovery desk",
        "the agent types what he answers and is told right or wrong; her approval alone gets"
        " nobody in, however often she gives it");
    TRY(say(chief, "/api/staff/desk/approve", body, "ok"));
    return OK;
}

static err with_staff(struct story *s, struct console *agent, struct console *chief)
{
    TRY(console_set_up(agent, s->stage->account[0].link));
    TRY(console_set_up(chief, s->stage->account[1].link));
    TRY(approve(s, agent, chief));
    TRY(choose_anew(s));
    story_proved(
        s, "A second member of staff approves, and the terminal opens by itself",
        "the hsm answers the vault's challenge through the device channel; nobody at the desk"
        " has seen or chosen anything");
    return story_update(s, chief); /* who has just shown a factor */
}

err story_by_desk(struct story *s)
{
    struct console *agent = NULL, *chief = NULL;
    char origin[64];
    origin_of(s, origin);
    TRY(forget(s, "choice:service"));
    TRY(page_wait(s->page, "recover.ticket", STORY_SCREEN_MS));
    err done = console_open(origin, &agent);
    if (!FAILED(done)) done = console_open(origin, &chief);
    if (!FAILED(done)) done = with_staff(s, agent, chief);
    console_close(agent);
    console_close(chief);
    return done;
}
