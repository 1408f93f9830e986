/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal of the second shop: from the maker's list to a parcel, by courier to the shop, out
 * of its box, and after the first customer's test switched off, so that it can be forgotten.
 */
#include <stdio.h>

#include "cli/demo_fast.h"
#include "cli/story.h"
#include "lib/base/file.h"

#define SERIAL "TB1-2030-000099"

enum { STATUS_OK = 200, STATUS_MADE = 201, PRINT = 64 };

/* ---- the stock ---- */

static err stock(struct fast *f, const char *what, const char *body, long status)
{
    CLEANUP(json_free) struct json_document answer = {0};
    char path[120];
    snprintf(path, sizeof path, "/api/v1/stock/%s", what);
    return fast_call(f, f->program, path, body, status, &answer);
}

/* The maker's part: a device with its own key, and a line of his list. */
static err make_device(struct fast *f, char print[static PRINT + 1])
{
    struct stage *s = f->stage;
    char path[FILE_PATH_MAX];
    size_t len = 0;
    snprintf(f->box_vault, sizeof f->box_vault, "%.100s/box-vault", s->directory);
    const char *const make[] = {"--state", f->box_vault, "--initialise", "--serial",
                                SERIAL,    "--model",    "TB-1",         NULL};
    TRY(children_run(&s->children, "tongbao-vault", make, NULL, 0));
    TRY(file_path(f->box_vault, "device.print", path, sizeof path));
    TRY(file_read(path, FILE_PUBLIC, print, PRINT, &len));
    print[len] = '\0';
    return len == PRINT ? OK : ERR(FORMAT);
}

/* S138: taken in, assigned to the agreed application, packed by its scanned number, handed over. */
err fast_ship_send(struct fast *f)
{
    char print[PRINT + 1], body[480];
    err made = make_device(f, print);
    if (FAILED(made)) return fast_failed(f, made, "a device for the stock");
    TRY(stock(f, "models", "{\"model\":\"TB-1\",\"kind\":\"smart\",\"form\":\"TB1-####-######\"}",
              STATUS_MADE));
    snprintf(body, sizeof body, "{\"list\":\"serial,model,print\\n" SERIAL ",TB-1,%s\\n\"}", print);
    TRY(stock(f, "lists", body, STATUS_MADE));
    snprintf(body, sizeof body,
             "{\"application\":\"%s\",\"acquirer\":\"898\",\"name_en\":\"OPEN TEA HOUSE"
             " (EXAMPLE)\",\"city\":\"BEIJING\",\"contact_pinyin\":\"wang xiaoming\"}",
             f->application);
    TRY(stock(f, "merchants", body, STATUS_MADE));
    snprintf(body, sizeof body, "{\"application\":\"%s\"}", f->application);
    TRY(stock(f, "terminals/" SERIAL "/assign", body, STATUS_OK));
    TRY(stock(f, "terminals/" SERIAL "/pack", "{\"scanned\":\"" SERIAL "\"}", STATUS_OK));
    TRY(stock(f, "terminals/" SERIAL "/ship", "", STATUS_OK));
    fast_say(f, FAST_SHIPPED, SERIAL ": assigned to %s, packed, with the courier", f->application);
    return OK;
}

/* ---- the device ---- */

static err show(struct fast *f, const char *id)
{
    err done = page_wait(f->box, id, FAST_ANSWER_MS);
    if (!FAILED(done)) return OK;
    char text[160];
    struct writer w = writer_over((uint8_t *)text, sizeof text - 1);
    page_describe(f->box, &w);
    text[w.len] = '\0';
    return fast_failed(f, done, "the new terminal should show %s and shows %s", id, text);
}

static err touch(struct fast *f, const char *key, const char *then)
{
    TRY(page_key(f->box, key));
    return show(f, then);
}

static err enter(struct fast *f, const char *digits, const char *then)
{
    TRY(page_secret(f->box, digits));
    return show(f, then);
}

static err start_device(struct fast *f)
{
    struct stage *s = f->stage;
    char socket[160], state[160], host[32], manage[32], authority[192], url[64];
    snprintf(socket, sizeof socket, "%.100s/box.sock", s->directory);
    snprintf(state, sizeof state, "%.100s/box-terminal", s->directory);
    snprintf(host, sizeof host, "127.0.0.1:%ld", s->acquirer_port);
    snprintf(manage, sizeof manage, "127.0.0.1:%ld", s->device_port);
    snprintf(authority, sizeof authority, "%.150s/ca.pem", s->admin);
    const char *const keys[] = {"--state",  f->box_vault, "--socket", socket,
                                "--reader", s->tray,      NULL};
    const char *const page[] = {"--state", state,       "--vault",      socket,        "--host",
                                host,      "--manage",  manage,         "--authority", authority,
                                "--http",  "0",         "--web",        s->web,        "--tray",
                                s->tray,   "--support", "400-000-0000", NULL};
    TRY(children_start(&s->children, "tongbao-vault", keys, true, &f->box_keys));
    TRY(children_start(&s->children, "tongbao-terminal", page, true, &f->box_screen));
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/", child_ready_number(f->box_screen, "port"));
    return page_open(url, &f->box);
}

/* By a code to the registered telephone, as any that was forgotten. */
static err choose_password(struct fast *f, const char *operator_id, const char *password)
{
    char words[32], code[7];
    snprintf(words, sizeof words, "操作员 %s", operator_id);
    TRY(touch(f, "choice:next", "forgot.ways"));
    TRY(touch(f, "choice:sms", "recover.sent"));
    TRY(fast_message(f, FAST_PHONE, words, 6, code));
    TRY(touch(f, "choice:code", "recover.code"));
    TRY(enter(f, code, "password.new"));
    TRY(enter(f, password, "password.repeat"));
    TRY(enter(f, password, "password.review"));
    TRY(touch(f, "choice:save", "password.saved"));
    TRY(touch(f, "ok", "first.steps|tip.show"));
    return strcmp(page_id(f->box), "tip.show") == 0 ? touch(f, "ok", "first.steps") : OK;
}

static err swipe(struct fast *f, const char *then)
{
    long status;
    TRY(page_post(f->box, "/api/tray/card", "application/json", BYTES("{\"name\":\"good\"}"),
                  &status));
    if (status != 204) return fast_failed(f, ERR(STATE), "the card cannot be swiped");
    TRY(fast_moment(f));
    TRY(show(f, "sale.pin"));
    return enter(f, f->pin, then);
}

static err activate(struct fast *f)
{
    char code[9];
    TRY(fast_message(f, FAST_PHONE, SERIAL, 8, code));
    TRY(start_device(f));
    TRY(show(f, "first.welcome"));
    TRY(touch(f, "choice:code", "first.code"));
    TRY(page_digits(f->box, code));
    TRY(touch(f, "ok", "first.confirm"));
    TRY(touch(f, "choice:yes", "first.steps"));
    fast_say(f, FAST_ACTIVATED, SERIAL ": a code by SMS, five elements, certificate and keys");
    return OK;
}

/* S140: passwords, sign-in, a sale of one yuan and its void. */
static err first_steps(struct fast *f)
{
    char own[16];
    story_choose_password(POLICY_SUPERVISOR, f->supervisor);
    story_choose_password(POLICY_CASHIER, own);
    TRY(choose_password(f, "00", f->supervisor));
    TRY(choose_password(f, "01", own));
    TRY(touch(f, "choice:next", "login.operator"));
    TRY(page_digits(f->box, "01"));
    TRY(touch(f, "ok", "login.password"));
    TRY(enter(f, own, "first.steps|tip.show"));
    if (strcmp(page_id(f->box), "tip.show") == 0) TRY(touch(f, "ok", "first.steps"));
    TRY(touch(f, "choice:next", "sign_in.done"));
    TRY(touch(f, "ok", "first.steps"));
    TRY(touch(f, "choice:next", "sale.amount"));
    TRY(touch(f, "ok", "sale.present"));
    TRY(swipe(f, "sale.approved"));
    TRY(touch(f, "cancel", "first.steps"));
    TRY(touch(f, "choice:next", "void.confirm"));
    TRY(touch(f, "ok", "approve.password"));
    TRY(enter(f, f->supervisor, "sale.present"));
    TRY(swipe(f, "sale.approved"));
    TRY(touch(f, "cancel", "first.all"));
    TRY(touch(f, "choice:begin", "main.menu"));
    f->payments += 2;
    f->uncleared = true;
    fast_say(f, FAST_FIRST, "passwords by codes, sign-in, one yuan sold and voided");
    explicit_bzero(own, sizeof own);
    return OK;
}

err fast_ship_activate(struct fast *f)
{
    TRY(activate(f));
    return first_steps(f);
}

/* Switched off, and put into a drawer. */
void fast_ship_forget(struct fast *f)
{
    page_close(f->box);
    f->box = NULL;
    if (f->box_screen != NULL) child_kill(f->box_screen);
    if (f->box_keys != NULL) child_kill(f->box_keys);
    f->box_screen = f->box_keys = NULL;
    explicit_bzero(f->supervisor, sizeof f->supervisor);
}
