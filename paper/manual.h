/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * manual: the paper that comes with a device (S31): the rules of its model, the seven steps, and on
 * a sheet of its own, under a fold, its one-time passwords. Without them it is the public manual of
 * the model, for a web site (S35); with a shop, that shop's copy of it (S138).
 *
 * What is secret is drawn as shapes and stands in the PDF as no text: a search index of the
 * printer's computer, a mail filter or a clipboard takes up text, and nobody has to copy a password
 * that is typed once. The drawing libraries never see it as text either, so their buffers keep none
 * of it: they are asked for the shape of every character in turn.
 */

#include "lib/auth/one_time.h"
#include "lib/auth/policy_document.h"

enum {
    MANUAL_SERIAL_MAX = 32, /* as the vault's */
    MANUAL_SECRETS_MAX = 4, /* rows that one third of the sheet holds; a device has three */
    MANUAL_HOT_LINE_MAX = 60,
    MANUAL_ADDRESS_MAX = 120,
    MANUAL_PDF_MAX = 4 << 20 /* two fonts' glyphs and fifteen pages are half a megabyte */
};

struct manual_secret {
    char operator_id[3];
    enum policy_role role;
    char password[20];
};

/* Wiped by whoever filled it. */
struct manual_secrets {
    struct manual_secret row[MANUAL_SECRETS_MAX];
    size_t count;
};

struct manual {
    struct policy_document policy; /* of the model */
    const char *serial;            /* NULL: for every device of the model */
    const char *terminal, *shop;   /* its number and whose it is; NULL or "": not known */
    const char *hot_line;          /* NULL: it stands in the contract */
    const char *address; /* where a device is activated; the code on the cover leads there */
    bool language[2];    /* by enum policy_language */
    const struct manual_secrets *secrets; /* NULL: the public manual */
};

/*
 * Draws all of it as PDF. Errors: NOT_FOUND (no font has the Chinese characters), FULL, NO_MEMORY,
 * IO (the drawing library says no).
 */
MUST_USE err manual_draw(const struct manual *manual, struct writer *pdf);
