/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a parcel's contents from an application, and moves the application with the terminal. */
#include "backoffice/stock/joint.h"

#include <assert.h>
#include <stdio.h>

#include "backoffice/stock/replacement.h"
#include "registry/numbers.h"

static_assert(sizeof((struct joint_parcel *)0)->subject > APPLY_TEXT_MAX, "a field goes into it");

void joint_wipe(struct joint_parcel *parcel)
{
    explicit_bzero(parcel, sizeof *parcel);
}

bool joint_is_number(struct bytes number)
{
    return number.len == 10 && number.at[0] == 'S' && number.at[1] == 'Q' &&
           bytes_all_digits(bytes_of(number.at + 2, 8));
}

/* ---- what it gives ---- */

static err find_mid(struct backoffice *b, const char *number, char mid[16])
{
    char reference[REGISTRY_REFERENCE_MAX + 1];
    if (b->registry == NULL) return ERR(NOT_FOUND);
    snprintf(reference, sizeof reference, "application %s", number);
    return registry_number_given(b->registry, bytes_text(reference), mid);
}

/* Who trades with a licence is known by it; who trades without one, by his identity number. */
static err fill(struct backoffice *b, const struct application *a, struct joint_parcel *p)
{
    struct apply_form form;
    TRY(application_form(b->store, a->id, &form));
    if (apply_is_asked(&form, APPLY_LICENCE))
        memcpy(p->subject, form.text[APPLY_LICENCE], sizeof form.text[0]);
    else TRY(application_open_secret(b->applications, a->id, APPLY_IDENTITY, p->subject));
    TRY(application_open_secret(b->applications, a->id, APPLY_ACCOUNT, p->account));
    memcpy(p->address, form.text[APPLY_ADDRESS], sizeof form.text[0]);
    memcpy(p->phone, form.text[APPLY_PHONE], sizeof form.text[0]);
    p->form = (struct elements_form){bytes_text(p->subject), bytes_text(p->account),
                                     bytes_text(p->address), bytes_text(p->phone), a->english};
    return OK;
}

err joint_open(struct backoffice *b, struct bytes number, struct joint_parcel *ret,
               enum stock_verdict *ret_verdict)
{
    struct application a;
    *ret = (struct joint_parcel){.id = 0};
    *ret_verdict = STOCK_APPLICATION;
    if (b->applications == NULL) return OK;
    err found = application_find_number(b->store, number, &a);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    *ret_verdict = STOCK_NOT_AGREED;
    if (application_next(a.state, LIFE_ASSIGN) == APPLICATION_NONE) return OK;
    found = find_mid(b, a.number, ret->mid);
    *ret_verdict = STOCK_NOT_NUMBERED;
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    ret->id = a.id;
    memcpy(ret->number, a.number, sizeof a.number);
    *ret_verdict = STOCK_OK;
    return fill(b, &a, ret);
}

/* ---- what follows ---- */

/* From which state of the terminal which step moves the application, and how. What comes back from
 * the shop after it was active ends nothing: the shop has its contract, and another terminal to
 * come. */
static const struct {
    enum stock_happening event;
    enum stock_state was;
    enum application_event does;
} follows[] = {
    {STOCK_DOES_ASSIGN, STOCK_IN_STOCK, LIFE_ASSIGN},
    {STOCK_DOES_UNASSIGN, STOCK_ASSIGNED, LIFE_RELEASE},
    {STOCK_DOES_SHIP, STOCK_PACKED, LIFE_SHIP},
    {STOCK_DOES_DELIVER, STOCK_SHIPPED, LIFE_DELIVER},
    {STOCK_DOES_ACTIVATE, STOCK_SHIPPED, LIFE_ACTIVATE},
    {STOCK_DOES_ACTIVATE, STOCK_DELIVERED, LIFE_ACTIVATE},
    {STOCK_DOES_RETURN, STOCK_SHIPPED, LIFE_RELEASE},
    {STOCK_DOES_RETURN, STOCK_DELIVERED, LIFE_RELEASE},
    {STOCK_DOES_SCRAP, STOCK_SHIPPED, LIFE_RELEASE},
};

static enum application_event event_for(enum stock_happening event, enum stock_state was)
{
    for (size_t i = 0; i < ARRAY_LEN(follows); i++)
        if (follows[i].event == event && follows[i].was == was) return follows[i].does;
    return (enum application_event)0;
}

err joint_follow(struct backoffice *b, struct store_tx *tx, const struct registry_actor *by,
                 enum stock_happening event, enum stock_state was, const char *number,
                 const char *serial, enum stock_verdict *ret_verdict)
{
    struct application a;
    struct application_actor actor = {.who = WHO_STOCK};
    const struct application_fact fact = {.note = bytes_text(serial)};
    enum application_verdict verdict;
    enum application_event does = event_for(event, was);
    char before[SERIAL_MAX + 1];
    struct stock_lock lock;
    *ret_verdict = STOCK_OK;
    if (does == 0 || b->applications == NULL || !joint_is_number(bytes_text(number))) return OK;
    /* A spare for a shop that is at work, or one that was released for another activation: its
     * application has had its terminal. */
    TRY(replacement_before(tx->store, serial, before));
    TRY(stock_lock_of(tx->store, serial, &lock));
    bool had = lock.activations > (event == STOCK_DOES_ACTIVATE ? 1 : 0);
    if (before[0] != '\0' || had) return OK;
    err found = application_find_number(tx->store, bytes_text(number), &a);
    if (found.code == ERR_NOT_FOUND) return OK; /* a contract from before this was looked at */
    TRY(found);
    snprintf(actor.text, sizeof actor.text, "%.*s",
             (int)(by->name.len < APPLICATION_ACTOR_MAX ? by->name.len : APPLICATION_ACTOR_MAX),
             (const char *)by->name.at);
    TRY(application_move(b->applications, tx, &a, does, &actor, &fact, &verdict));
    if (verdict != APPLY_VERDICT_OK) *ret_verdict = STOCK_NOT_AGREED;
    return OK;
}

/* The one on its way for it. NOT_FOUND: none. */
static err find_shipped(struct store *store, const char *number, struct stock_terminal *ret)
{
    struct store_statement *query;
    char serial[SERIAL_MAX + 1];
    bool row = false;
    static_assert(STOCK_SHIPPED == 4, "in the text below");
    TRY(store_statement(
        store, "SELECT serial FROM stock_terminal WHERE state = 4 AND application = ?", &query));
    store_bind_text(query, bytes_text(number));
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, serial, sizeof serial);
    err read = store_read_finish(query);
    store_reset(query);
    TRY(read);
    return stock_find(store, bytes_text(serial), ret);
}

err joint_received(struct backoffice *b, struct store_tx *tx, const struct application *application,
                   int64_t now_ms, enum application_verdict *ret_verdict)
{
    const struct registry_actor actor = {BYTES("applicant"), now_ms};
    struct stock_terminal terminal;
    enum stock_verdict verdict;
    *ret_verdict = APPLY_VERDICT_NOT_NOW;
    err found = find_shipped(tx->store, application->number, &terminal);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    TRY(stock_step(tx, &actor, STOCK_DOES_DELIVER, "", &terminal, &verdict));
    if (verdict != STOCK_OK) return OK;
    TRY(joint_follow(b, tx, &actor, STOCK_DOES_DELIVER, STOCK_SHIPPED, application->number,
                     terminal.serial, &verdict));
    if (verdict == STOCK_OK) *ret_verdict = APPLY_VERDICT_OK;
    return OK;
}
