/* SPDX-License-Identifier: Apache-2.0 */
/* The shop's owner and two of the acquirer's staff, each at a console, with password and codes. */
#include <stdio.h>
#include <time.h>

#include "cli/demo_fast.h"
#include "cli/story.h"

enum { STATUS_OK = 200, MESSAGE_MAX = 2048, WAITS = 500, WAIT_NS = 20000000 };

static err sit_down(struct fast *f, size_t account, struct fast_person *person)
{
    char origin[64];
    snprintf(origin, sizeof origin, "http://localhost:%ld", f->stage->backoffice_port);
    person->login = f->stage->account[account].login;
    TRY(console_open(origin, &person->console));
    err done = console_set_up(person->console, f->stage->account[account].link);
    return FAILED(done) ? fast_failed(f, done, "%s cannot set up an account", person->login) : OK;
}

/* POST below the realm: status and answer are looked at. */
static err say(struct fast *f, struct fast_person *person, const char *path, const char *body,
               const char *verdict)
{
    CLEANUP(json_free) struct json_document answer = {0};
    char whole[128], said[40] = "";
    long status = 0;
    snprintf(whole, sizeof whole, "%s%s", console_realm(person->console), path);
    TRY(console_ask(person->console, whole, body, &status, &answer));
    (void)!FAILED(json_text_copy(answer.root, "verdict", said, sizeof said));
    if (status == STATUS_OK && strcmp(said, verdict) == 0) return OK;
    return fast_failed(f, ERR(STATE), "%s asks for %s: %ld, '%s'", person->login, path, status,
                       said);
}

/* A PDF that says nothing: nobody here draws it. */
static err send_proof(struct fast *f)
{
    char path[80];
    CLEANUP(json_free) struct json_document answer = {0};
    long status = 0;
    snprintf(path, sizeof path, "/api/v1/papers/%s/payouts/1/account", f->stage->mid);
    TRY(console_send(f->owner.console, path, "application/pdf",
                     BYTES("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), &status, &answer));
    return status == STATUS_OK ? OK : fast_failed(f, ERR(STATE), "a paper is sent: %ld", status);
}

/* S44: the account that the shop is paid to takes the owner's factor and two of the staff. */
static err open_payout_account(struct fast *f)
{
    TRY(say(
        f, &f->owner, "/payout/ask",
        "{\"holder\":\"虹桥小馆（示例）\",\"bank\":\"示例银行\",\"number\":\"1001290001007781\"}",
        "ok"));
    TRY(send_proof(f));
    TRY(say(f, &f->agent, "/payout/approve", "{\"request\":1}", "needs_second"));
    TRY(say(f, &f->chief, "/payout/approve", "{\"request\":1}", "ok"));
    fast_say(
        f, FAST_ACCOUNT,
        "the owner asks and sends its proof, two of the staff approve: account ending in 7781");
    return OK;
}

err fast_people_begin(struct fast *f)
{
    TRY(sit_down(f, 0, &f->agent));
    TRY(sit_down(f, 1, &f->chief));
    TRY(sit_down(f, 2, &f->owner));
    return open_payout_account(f);
}

err fast_people_enter(struct fast *f, struct fast_person *person)
{
    err done = console_log_in(person->console, person->login);
    return FAILED(done) ? fast_failed(f, done, "%s cannot log in", person->login) : OK;
}

/* ---- messages ---- */

static bool find_digits(const char *text, size_t digits, char *out)
{
    static const char all[] = "0123456789";
    for (const char *at = text; (at = strpbrk(at, all)) != NULL; at += strspn(at, all)) {
        if (strspn(at, all) != digits) continue;
        snprintf(out, digits + 1, "%s", at);
        return true;
    }
    return false;
}

/* The newest is listed first. */
static err look(struct fast *f, const char *phone, const char *words, size_t digits, char *out,
                bool *ret_found)
{
    CLEANUP(json_free) struct json_document tray = {0};
    struct story s = {.stage = f->stage};
    struct json_t *list;
    char question[96], text[MESSAGE_MAX];
    size_t count = 0;
    int64_t number = 0;
    snprintf(question, sizeof question, "{\"ask\":\"messages\",\"contact\":\"+86%s\"}", phone);
    TRY(story_ask_tray(&s, question, &tray));
    TRY(json_list(tray.root, "messages", 1000, &list, &count));
    for (size_t i = 0; i < count && !*ret_found; i++) {
        TRY(json_int(json_at(list, i), "number", 1, INT64_MAX, &number));
        if (number <= f->letters) return OK;
        TRY(json_text_copy(json_at(list, i), "text", text, sizeof text));
        *ret_found = strstr(text, words) != NULL && find_digits(text, digits, out);
    }
    if (*ret_found) f->letters = number;
    return OK;
}

err fast_message(struct fast *f, const char *phone, const char *words, size_t digits, char *out)
{
    const struct timespec pause = {0, WAIT_NS};
    for (int i = 0; i < WAITS; i++) {
        bool found = false;
        TRY(look(f, phone, words, digits, out, &found));
        if (found) return OK;
        (void)nanosleep(&pause, NULL);
    }
    return fast_failed(f, ERR(TIMEOUT), "no message to %s with '%s'", phone, words);
}

void fast_people_end(struct fast *f)
{
    console_close(f->agent.console);
    console_close(f->chief.console);
    console_close(f->owner.console);
}
