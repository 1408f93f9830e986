/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * catch_up: what came between the backup that this terminal was restored from and its end, asked of
 * the host (S165; payment/catch_up.h). A restore puts down that it is due, in its own transaction.
 * Until it is over the terminal counts as not signed in: it pays nothing and settles nothing, so no
 * number is used twice. Every page is committed with the place behind it.
 */

#include "payment/catch_up.h"
#include "terminal/procedure.h"
#include "terminal/records.h"

struct terminal;

enum { CATCH_UP_GAP = 1000 /* numbers left out behind the last one that the host has seen */ };

enum catch_up_stage {
    CATCH_UP_NONE,
    CATCH_UP_DUE,   /* it is to be asked, from `at` on */
    CATCH_UP_OVER,  /* everything is here, and nobody has been told */
    CATCH_UP_KNOWN, /* somebody has read it */
};

struct catch_up {
    enum catch_up_stage stage;
    struct payment_catch_up_place at;
    int64_t until_ms;           /* of when the backup is */
    bool other_device;          /* has made it: what its vault has sealed opens there alone */
    char rrn[13];               /* the newest that the backup knows; or empty */
    uint32_t payments, batches; /* that the host has told */
    uint32_t aside;             /* offline payments of the backup that nobody can tell any more */
    bool failed;                /* the last question; in memory alone */
    struct payment_catch_up answer;
};

/* ---- in the store (catch_up_records.c) ---- */

/* As it stands; stage NONE when there was no restore. */
MUST_USE err catch_up_load(struct records *r, struct catch_up *out);
/* In the transaction of a restore: it is due. `last`: the highest number of the backup. */
MUST_USE err catch_up_begin(struct store *store, int64_t until_ms, bool other_device, int64_t last);
/*
 * Commits what a page has told of terminal `tid`, and that it was taken. What is here already is
 * left as it is, but for what waited for the host's word. FORMAT: a record that is none; then
 * nothing is taken.
 */
MUST_USE err catch_up_take(struct records *r, struct catch_up *c, const char *tid,
                           const struct payment_catch_up_page *page);
/* Commits that it is over: numbers go on CATCH_UP_GAP behind `last_stan`, and what cannot be told
 * any more is set aside. `actor` is who is logged in. */
MUST_USE err catch_up_end(struct records *r, struct catch_up *c, uint32_t last_stan,
                          const char *actor);
MUST_USE err catch_up_known(struct records *r, struct catch_up *c);
/* Was this payment told by the host? */
MUST_USE err catch_up_told(struct records *r, int64_t number, bool *ret_told);

/* ---- with the host and on the screen (catch_up.c) ---- */

bool catch_up_due(const struct terminal *t);
/* It is over, and nobody has read what came of it. */
bool catch_up_news(const struct terminal *t);
/* On the main screen. */
void catch_up_say(struct terminal *t);
/* DONE: everything is here. BACK: it is not, and is due still. */
err catch_up(struct terminal *t, struct procedure *p);
