/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * office: people and programs at the back office of a stage, over HTTP: a member of staff with a
 * session, a program with a key, somebody who fills in the public form, and what a telephone has
 * received. Sessions and keys are put down in the store while the back office stands still: how
 * they come about is other tests'. Each step fails the test with what was answered.
 */

#include <curl/curl.h>

#include "tests/protocol/counter.h"

enum { OFFICE_ANSWER_MAX = 64 * 1024, OFFICE_WAIT_MS = 20000 };

struct office {
    const struct counter *counter;
    struct curl_slist *headers; /* who asks */
    CURL *curl;                 /* keeps cookies of the form */
    char answer[OFFICE_ANSWER_MAX];
};

/* `login` of the stage: "agent", "chief". The back office is restarted. */
void office_as_staff(struct office *o, struct counter *counter, const char *login);
/* With these scopes of api.h. The back office is restarted. */
void office_as_program(struct office *o, struct counter *counter, unsigned scopes);
/* Somebody from the street. */
void office_as_visitor(struct office *o, const struct counter *counter);
void office_leave(struct office *o);

/* Below /api/v1; `body` NULL: none. Returns the status. */
long office_ask(struct office *o, const char *method, const char *path, const char *body);
/* The same; fails unless it is `expected`. */
void office_must(struct office *o, const char *method, const char *path, const char *body,
                 long expected);

/* A PDF that says nothing, to where a paper is sent; it has to be taken. */
void office_send_paper(struct office *o, const char *path);

/* One field of a form; `file`: its content is a picture of the name. */
struct office_field {
    const char *name, *text;
    struct bytes file;
};

/* A page of the public form, which has to lead on to `then`. */
void office_form(struct office *o, const char *path, const struct office_field *fields,
                 size_t count, const char *then);

/* Has it come yet? */
bool office_find_code(const struct counter *counter, const char *contact, const char *words,
                      const char *other, size_t digits, char *code);
/* The digits behind `words` in a message to `contact` that has `other` in it, too; waits for it. */
void office_code(const struct counter *counter, const char *contact, const char *words,
                 const char *other, size_t digits, char *code);
