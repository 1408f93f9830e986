/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chip cards in the demo's story: put into the virtual reader as a person would, through PC/SC and
 * the kernel in the vault to the issuer and back. Where the machine permits no reader of our own,
 * the story says so and goes on.
 */
#include <stdio.h>

#include "cli/story.h"

enum { ANSWER_MS = 60000, READER_MS = 8000 };

/* Whether there is a reader: the tray says it, and why not. */
err story_has_reader(struct story *s, bool *ret_there)
{
    CLEANUP(json_free) struct json_document tray = {0};
    struct writer w = writer_over(s->block, STORY_BLOCK);
    struct json_t *why;
    struct bytes text;
    TRY(page_get(s->page, "/api/tray/chips", &w));
    TRY(json_parse(writer_view(&w), STORY_BLOCK, &tray));
    *ret_there = !json_has(tray.root, "why");
    if (*ret_there) return OK;
    TRY(json_member(tray.root, "why", &why));
    TRY(json_text(why, "en", 256, &text));
    char proof[300];
    snprintf(proof, sizeof proof, "%.*s", (int)text.len, (const char *)text.at);
    story_proved(s, "Chip cards are left out here", proof);
    return OK;
}

err story_hand(struct story *s, const char *how, const char *card)
{
    char body[96];
    long status;
    if (card != NULL) snprintf(body, sizeof body, "{\"how\":\"%s\",\"name\":\"%s\"}", how, card);
    else snprintf(body, sizeof body, "{\"how\":\"%s\"}", how);
    TRY(page_post(s->page, "/api/tray/chip", "application/json", bytes_text(body), &status));
    return status == 204 ? OK : ERR(STATE);
}

err story_back_to_menu(struct story *s)
{
    TRY(page_key(s->page, "cancel"));
    return page_wait(s->page, "main.menu", STORY_SCREEN_MS);
}

/* Inserted, with a PIN for the issuer. */
static err pay_inserted(struct story *s)
{
    TRY(story_begin_sale(s, "66"));
    TRY(story_hand(s, "insert", "debit"));
    TRY(page_wait(s->page, "sale.pin", READER_MS));
    TRY(page_secret(s->page, s->pin));
    TRY(page_wait(s->page, "sale.approved", ANSWER_MS));
    TRY(story_hand(s, "remove", NULL));
    story_proved(s, "Takes 66.00 by an inserted chip card with PIN",
                 "kernel and certificates in the vault, cryptogram checked by the issuer and the "
                 "issuer's by the card");
    return story_back_to_menu(s);
}

/* Pulled while the card is asked: nothing is charged, and the reader waits for the next. */
static err pull_it(struct story *s)
{
    TRY(story_begin_sale(s, "77"));
    TRY(story_hand(s, "insert", "debit"));
    TRY(page_wait(s->page, "sale.pin", READER_MS));
    TRY(story_hand(s, "remove", NULL));
    TRY(page_wait(s->page, "sale.present", READER_MS));
    story_proved(s, "A card that is pulled out has paid nothing",
                 "the screen says so and asks for the card again");
    TRY(page_key(s->page, "cancel"));
    TRY(page_wait(s->page, "sale.amount", STORY_SCREEN_MS));
    return story_back_to_menu(s);
}

/* A telephone that has verified its owner: no PIN. */
static err pay_tapped(struct story *s)
{
    TRY(story_begin_sale(s, "9.9"));
    TRY(story_hand(s, "tap", "phone"));
    TRY(page_wait(s->page, "sale.approved", ANSWER_MS));
    story_proved(s, "Takes 9.90 by a tapped telephone, without a PIN",
                 "entry point and contactless kernel in the vault; the telephone has verified its "
                 "owner");
    return story_back_to_menu(s);
}

/* S89: the host is gone, a card approves by itself, and the host hears of it when it is back. */
static err pay_without_the_host(struct story *s)
{
    struct process_fault fault;
    child_kill(s->stage->process_acquirer);
    TRY(story_begin_sale(s, "8.8"));
    TRY(story_hand(s, "tap", "debit"));
    TRY(page_wait(s->page, "sale.offline", READER_MS));
    TRY(stage_restart(s->stage, s->stage->process_acquirer, &fault));
    TRY(story_back_to_menu(s));
    TRY(page_key(s->page, "choice:manage"));
    TRY(page_wait(s->page, "manage.menu", STORY_SCREEN_MS));
    TRY(page_key(s->page, "choice:sign_out")); /* which waits for the delivery */
    TRY(page_wait(s->page, "need.delivered|sign_out.ask", STORY_SCREEN_MS));
    if (strcmp(page_id(s->page), "need.delivered") == 0) {
        TRY(page_key(s->page, "choice:deliver"));
        TRY(page_wait(s->page, "sign_out.ask", ANSWER_MS));
    }
    story_proved(s, "Takes 8.80 by a tapped card while the host is killed",
                 "the card approves within signed limits; its data is kept sealed and told to the "
                 "host (0220) when it is back; nobody signs out before that");
    TRY(page_key(s->page, "cancel"));
    TRY(page_wait(s->page, "manage.menu", STORY_SCREEN_MS));
    return story_back_to_menu(s);
}

err story_chips(struct story *s)
{
    bool there = false;
    TRY(story_has_reader(s, &there));
    if (!there) return OK;
    TRY(pay_inserted(s));
    s->charged_minor += 6600;
    TRY(pull_it(s));
    TRY(pay_tapped(s));
    s->charged_minor += 990;
    TRY(pay_without_the_host(s));
    s->charged_minor += 880;
    return OK;
}
