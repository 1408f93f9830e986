/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The scripted host answers 0300. A part of terminal_rig_host.h. */

static void rig_page_payments(struct rig *rig, struct payment_catch_up_page *page, struct writer *w,
                              bool clear)
{
    const struct rig_catch_up *c = &rig->catch_up;
    unsigned most = c->a_page == 0 ? 2 : c->a_page;
    unsigned at = (unsigned)page->at.after;
    for (; at < c->payments && page->count < most; at++, page->count++) {
        struct payment p = c->payment[at];
        if (clear) memset(p.pan_masked + 6, '0', strlen(p.pan_masked) - 10);
        payment_catch_up_write_payment(w, &p);
    }
    page->next.after = at < c->payments ? at : 0;
    if (at == c->payments) page->next.step = CATCH_UP_CLOSINGS;
}

static void rig_make_page(struct rig *rig, const struct payment_catch_up_ask *ask,
                          struct payment_catch_up_page *page, struct writer *w, bool clear)
{
    struct rig_catch_up *c = &rig->catch_up;
    *page =
        (struct payment_catch_up_page){.at = ask->at, .next = ask->at, .last_stan = c->last_stan};
    if (ask->at.step == CATCH_UP_BEGIN) {
        memcpy(c->rrn, ask->rrn, sizeof c->rrn);
        page->next = (struct payment_catch_up_place){CATCH_UP_PAYMENTS, 7, 0};
    } else if (ask->at.step == CATCH_UP_PAYMENTS) {
        rig_page_payments(rig, page, w, clear);
    } else if (ask->at.step == CATCH_UP_CLOSINGS) {
        for (unsigned i = 0; i < c->closings; i++)
            payment_catch_up_write_closing(w, &c->closing[i]);
        page->count = c->closings;
        page->next.step = CATCH_UP_END;
    } else {
        c->ended++;
    }
    if (ask->at.step != CATCH_UP_BEGIN) assert_int_equal(ask->at.floor, c->floor);
}

/* What is wrong with its head. */
static void rig_spoil_page(enum rig_catch_up_fault fault, struct payment_catch_up_page *page)
{
    if (fault == RIG_PAGE_OTHER_PLACE) page->at.after++;
    if (fault == RIG_PAGE_OTHER_FLOOR) page->next.floor++;
    if (fault == RIG_PAGE_SKIPS) page->next.step = CATCH_UP_END;
    if (fault == RIG_PAGE_BACKWARDS) page->next.step = CATCH_UP_BEGIN;
    if (fault == RIG_PAGE_GARBAGE) page->count++;
    if (fault == RIG_PAGE_LATER) page->next = page->at;
    if (fault == RIG_PAGE_LATER) page->count = 0;
}

static void rig_post_page(struct rig *rig, struct payment_catch_up *said,
                          enum rig_catch_up_fault fault)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    memcpy(said->response_code, "00", 3);
    if (fault == RIG_PAGE_REFUSED) memcpy(said->response_code, "96", 3);
    if (fault == RIG_PAGE_SIGN_IN) memcpy(said->response_code, "77", 3);
    if (said->response_code[0] != '0') said->field = (struct bytes){0};
    if (fault == RIG_PAGE_OTHER_TID) memcpy(said->tid, "10000018", 9);
    said->batch = rig->host_batch;
    assert_false(FAILED(payment_catch_up_response(said, &arena, &m)));
    rig_post(rig, &m, fault != RIG_PAGE_NO_MAC, fault == RIG_PAGE_BAD_MAC);
    if (fault == RIG_PAGE_DOUBLED) rig_post(rig, &m, true, false);
}

static void rig_take_catch_up(struct rig *rig, const struct iso8583_message *m)
{
    struct rig_catch_up *c = &rig->catch_up;
    struct payment_catch_up said;
    struct payment_catch_up_page page;
    uint8_t field[512];
    struct writer records =
        writer_over(field + PAYMENT_CATCH_UP_HEAD, sizeof field - PAYMENT_CATCH_UP_HEAD);
    struct writer head = writer_over(field, PAYMENT_CATCH_UP_HEAD);
    assert_false(FAILED(payment_catch_up_parse(m, &said)));
    assert_false(FAILED(payment_catch_up_read_ask(said.field, &c->last)));
    enum rig_catch_up_fault fault = ++c->asked == c->fault_at ? c->fault : RIG_PAGE_GOOD;
    if (fault == RIG_PAGE_SILENT) return;
    if (fault == RIG_PAGE_DROP) {
        rig->online = false;
        return;
    }
    rig_make_page(rig, &c->last, &page, &records, fault == RIG_PAGE_CLEAR);
    if (fault == RIG_PAGE_LATER) records.len = 0;
    if (fault == RIG_PAGE_CUT && records.len > 0) records.len--;
    rig_spoil_page(fault, &page);
    if (c->last.at.step == CATCH_UP_BEGIN) c->floor = page.next.floor;
    payment_catch_up_write_head(&head, &page);
    assert_int_equal(records.fault, ERR_OK);
    said.field = bytes_of(field, PAYMENT_CATCH_UP_HEAD + records.len);
    rig_post_page(rig, &said, fault);
}
