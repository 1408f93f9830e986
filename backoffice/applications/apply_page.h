/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * apply_page: the public pages of applications as HTML, in Chinese and English, without a script
 * (S128). Everything that somebody has typed goes through page_text(), which escapes; the rest is
 * this program's own. The frame has one heading, the steps, and what is to be said first.
 */

#include "backoffice/applications/documents.h"
#include "backoffice/core.h"

/* The pages with a step: in the order in which they are filled in. */
enum apply_step {
    STEP_BUSINESS = 1,
    STEP_SHOP,
    STEP_OWNER,
    STEP_ACCOUNT,
    STEP_DOCUMENTS,
    STEP_PHONE,
    STEP_SEND,
    STEP_COUNT,
};

struct page {
    struct writer *w;
    bool english;
    enum apply_step step;             /* 0: no step */
    enum application_verdict verdict; /* said first, when it is not OK */
};

/* As it stands: only for literals of this program. */
void page_put(struct page *page, const char *html);
/* One of the two. */
void page_say(struct page *page, const char *zh, const char *en);
/* Escaped, whatever it is. */
void page_text(struct page *page, const char *text);

void page_begin(struct page *page, const char *title_zh, const char *title_en);
void page_end(struct page *page);

/* A form that posts to `path`, with its fields to come; and its end with the button. */
void page_form(struct page *page, const char *path);
void page_button(struct page *page, const char *zh, const char *en);
/* All of a page that says why there is no other: 404, 405, 413, 429; whatever else is 503. */
void page_refusal(struct page *page, unsigned status);

void page_link(struct page *page, const char *path, const char *zh, const char *en);

/* One line of text. `hint` may be NULL; `fault` NULL when it is right. */
struct page_input {
    const char *name, *label, *value, *hint, *fault;
    const char *mode; /* of the keypad: "numeric", "tel", "text" */
};
void page_input(struct page *page, const struct page_input *input);

const char *page_step_path(enum apply_step step);

extern const char apply_style[]; /* apply_style.c */
