/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The story goes on with what follows a payment: the cashier takes one more sale by card and voids
 * it, and refunds a part of the one by code, whose batch is settled; each with the supervisor's
 * yes. The networks are asked again.
 */
#include <stdio.h>

#include "cli/story.h"

enum { ANSWER_MS = 30000 };

/* The text of the screen's line with this id. */
static err line_of(struct story *s, const char *id, struct bytes *ret_text)
{
    struct json_t *lines;
    size_t count = 0;
    TRY(json_list(page_screen(s->page), "lines", 32, &lines, &count));
    for (size_t i = 0; i < count; i++) {
        struct bytes name;
        TRY(json_text(json_at(lines, i), "id", 64, &name));
        if (bytes_equal(name, bytes_text(id)))
            return json_text(json_at(lines, i), "text", 256, ret_text);
    }
    return ERR(NOT_FOUND);
}

static err back_to_main(struct story *s)
{
    while (strcmp(page_id(s->page), "main.menu") != 0) {
        TRY(page_key(s->page, "cancel"));
        TRY(page_wait(s->page, "query.list|records.menu|main.menu", STORY_SCREEN_MS));
    }
    return OK;
}

err story_newest(struct story *s, const char *line, char *out, size_t digits)
{
    struct json_t *choices;
    struct bytes key, text;
    char choice[64];
    size_t count = 0;
    TRY(page_key(s->page, "choice:records"));
    TRY(page_wait(s->page, "records.menu", STORY_SCREEN_MS));
    TRY(page_key(s->page, "choice:query"));
    TRY(page_wait(s->page, "query.list", STORY_SCREEN_MS));
    TRY(json_list(page_screen(s->page), "choices", 32, &choices, &count));
    if (count == 0) return ERR(NOT_FOUND);
    TRY(json_text(json_at(choices, 0), "key", 32, &key));
    snprintf(choice, sizeof choice, "choice:%.*s", (int)key.len, (const char *)key.at);
    TRY(page_key(s->page, choice));
    TRY(page_wait(s->page, "query.detail", STORY_SCREEN_MS));
    TRY(line_of(s, line, &text));
    if (text.len < digits) return ERR(FORMAT);
    TRY(bytes_to_text(bytes_of(text.at + text.len - digits, digits), out, digits + 1));
    return back_to_main(s);
}

static err log_in(struct story *s)
{
    TRY(page_digits(s->page, "01"));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "login.password", STORY_SCREEN_MS));
    TRY(page_secret(s->page, s->own));
    TRY(page_wait(s->page, "tip.show|main.menu", STORY_SCREEN_MS));
    if (strcmp(page_id(s->page), "tip.show") == 0) TRY(page_key(s->page, "ok"));
    return page_wait(s->page, "main.menu", STORY_SCREEN_MS);
}

static err approve(struct story *s)
{
    TRY(page_wait(s->page, "approve.password", STORY_SCREEN_MS));
    return page_secret(s->page, s->supervisor);
}

static err swipe(struct story *s)
{
    long status;
    TRY(page_wait(s->page, "sale.present", STORY_SCREEN_MS));
    TRY(page_post(s->page, "/api/tray/card", "application/json", BYTES("{\"name\":\"good\"}"),
                  &status));
    if (status != 204) return ERR(STATE);
    TRY(page_wait(s->page, "sale.pin", STORY_SCREEN_MS));
    return page_secret(s->page, s->pin);
}

/* The batch is settled, so this one begins another. */
static err sell(struct story *s)
{
    TRY(page_key(s->page, "choice:sign_in"));
    TRY(page_wait(s->page, "sign_in.done", STORY_SCREEN_MS));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "main.menu", STORY_SCREEN_MS));
    TRY(story_begin_sale(s, "36"));
    TRY(swipe(s));
    TRY(page_wait(s->page, "sale.approved", ANSWER_MS));
    TRY(page_key(s->page, "cancel"));
    TRY(page_wait(s->page, "main.menu", STORY_SCREEN_MS));
    return story_newest(s, "QUERY_VOUCHER", s->voucher, 6);
}

static err void_sale(struct story *s)
{
    TRY(page_key(s->page, "choice:void"));
    TRY(page_wait(s->page, "void.number", STORY_SCREEN_MS));
    TRY(page_digits(s->page, s->voucher));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "void.confirm", STORY_SCREEN_MS));
    TRY(page_key(s->page, "ok"));
    TRY(approve(s));
    TRY(swipe(s));
    TRY(page_wait(s->page, "sale.approved", ANSWER_MS));
    story_proved(s, "Takes 36.00 and voids it: the voucher, the supervisor's yes, the same card",
                 "the original was shown with its card masked; the money is back");
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "main.menu", STORY_SCREEN_MS));
    TRY(page_key(s->page, "choice:void"));
    TRY(page_wait(s->page, "void.number", STORY_SCREEN_MS));
    TRY(page_digits(s->page, s->voucher));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "void.number", STORY_SCREEN_MS));
    struct bytes said;
    TRY(line_of(s, "AFTER_VOIDED", &said));
    story_proved(s, "And once more", "it is told that it is voided already, and nobody is asked");
    TRY(page_key(s->page, "cancel"));
    return page_wait(s->page, "main.menu", STORY_SCREEN_MS);
}

static err refund_part(struct story *s)
{
    TRY(page_key(s->page, "choice:refund"));
    TRY(page_wait(s->page, "refund.by", STORY_SCREEN_MS));
    TRY(page_key(s->page, "choice:code"));
    TRY(page_wait(s->page, "refund.reference", STORY_SCREEN_MS));
    TRY(page_digits(s->page, s->reference));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "refund.amount", STORY_SCREEN_MS));
    TRY(page_digits(s->page, "5"));
    TRY(page_key(s->page, "ok"));
    TRY(approve(s));
    TRY(page_wait(s->page, "sale.approved", ANSWER_MS));
    TRY(page_key(s->page, "ok"));
    return page_wait(s->page, "main.menu", STORY_SCREEN_MS);
}

static err ask_networks(struct story *s)
{
    int64_t cards, wallet;
    TRY(story_charged(s, &cards, &wallet));
    return cards == s->charged_minor && wallet == 2050 ? OK : ERR(CONFLICT);
}

err story_after(struct story *s)
{
    TRY(log_in(s));
    TRY(sell(s));
    TRY(void_sale(s));
    TRY(refund_part(s));
    TRY(ask_networks(s));
    story_proved(s, "Refunds 5.00 of the 25.50 that were paid by code in the settled batch",
                 "to the wallet that paid, without a code; card network and wallet have given back"
                 " what was voided and refunded, and no fen more");
    return story_log_out(s);
}
