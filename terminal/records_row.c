/* SPDX-License-Identifier: Apache-2.0 */
/* A payment as a row of its table: written once, changed by its result, read. */
#include "terminal/records_row.h"

static void bind_text(struct store_statement *s, const char *text)
{
    store_bind_text(s, bytes_text(text));
}

err records_row_insert(struct records *r, const struct payment *p, struct bytes held,
                       int64_t number)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "INSERT INTO payment(number, " RECORDS_COLUMNS
                        ", held) VALUES(?, ?, ?, ?, ?, ?,"
                        " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                        " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_int(s, number);
    store_bind_int(s, p->key.batch);
    store_bind_int(s, p->key.stan);
    bind_text(s, p->key.tid);
    bind_text(s, p->mid);
    store_bind_int(s, p->type);
    store_bind_int(s, p->state);
    store_bind_int(s, p->means);
    store_bind_int(s, p->entry);
    store_bind_int(s, p->card_class);
    store_bind_int(s, p->pin_entered);
    store_bind_int(s, p->amount_minor);
    store_bind_int(s, p->currency);
    bind_text(s, p->operator_id);
    bind_text(s, p->pan_masked);
    bind_text(s, p->card_sequence);
    bind_text(s, p->issuer);
    bind_text(s, p->response_code);
    bind_text(s, p->reversal_reason);
    bind_text(s, p->rrn);
    bind_text(s, p->auth_code);
    bind_text(s, p->local_time);
    bind_text(s, p->local_date);
    bind_text(s, p->settlement_date);
    store_bind_int(s, p->created_ms);
    store_bind_blob(s, payment_chip_view(&p->chip));
    bind_text(s, p->approver_id);
    store_bind_int(s, p->original.batch);
    store_bind_int(s, p->original.stan);
    bind_text(s, p->original.date);
    bind_text(s, p->original.rrn);
    bind_text(s, p->original.auth_code);
    store_bind_int(s, p->given_minor);
    store_bind_int(s, p->tip_minor);
    store_bind_int(s, p->order);
    store_bind_int(s, p->plan.months);
    store_bind_int(s, p->plan.by_merchant);
    store_bind_int(s, p->plan.fee_minor);
    store_bind_blob(s, held);
    return store_run(s);
}

err records_row_update(struct records *r, int64_t number, const struct payment *p)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "UPDATE payment SET state = ?, card_class = ?, issuer = ?,"
                        " response_code = ?, reversal_reason = ?, rrn = ?, auth_code = ?,"
                        " local_time = ?, local_date = ?, settlement_date = ?, chip = ?,"
                        " held = CASE WHEN state = 9 AND ? = 10 THEN held ELSE x'' END"
                        " WHERE number = ?",
                        &s));
    store_bind_int(s, p->state);
    store_bind_int(s, p->card_class);
    bind_text(s, p->issuer);
    bind_text(s, p->response_code);
    bind_text(s, p->reversal_reason);
    bind_text(s, p->rrn);
    bind_text(s, p->auth_code);
    bind_text(s, p->local_time);
    bind_text(s, p->local_date);
    bind_text(s, p->settlement_date);
    store_bind_blob(s, payment_chip_view(&p->chip));
    store_bind_int(s, p->state);
    store_bind_int(s, number);
    TRY(store_run(s));
    ENSURE(store_changes(r->store) == 1);
    return OK;
}

void records_row_read(struct store_statement *s, struct payment *p)
{
    *p = (struct payment){0};
    p->key.batch = (uint32_t)store_read_int(s);
    p->key.stan = (uint32_t)store_read_int(s);
    store_read_text_into(s, p->key.tid, sizeof p->key.tid);
    store_read_text_into(s, p->mid, sizeof p->mid);
    p->type = (enum payment_type)store_read_int(s);
    p->state = (enum payment_state)store_read_int(s);
    p->means = (enum payment_means)store_read_int(s);
    p->entry = (enum payment_entry)store_read_int(s);
    p->card_class = (enum payment_card_class)store_read_int(s);
    p->pin_entered = store_read_int(s) != 0;
    p->amount_minor = store_read_int(s);
    p->currency = (uint16_t)store_read_int(s);
    store_read_text_into(s, p->operator_id, sizeof p->operator_id);
    store_read_text_into(s, p->pan_masked, sizeof p->pan_masked);
    store_read_text_into(s, p->card_sequence, sizeof p->card_sequence);
    store_read_text_into(s, p->issuer, sizeof p->issuer);
    store_read_text_into(s, p->response_code, sizeof p->response_code);
    store_read_text_into(s, p->reversal_reason, sizeof p->reversal_reason);
    store_read_text_into(s, p->rrn, sizeof p->rrn);
    store_read_text_into(s, p->auth_code, sizeof p->auth_code);
    store_read_text_into(s, p->local_time, sizeof p->local_time);
    store_read_text_into(s, p->local_date, sizeof p->local_date);
    store_read_text_into(s, p->settlement_date, sizeof p->settlement_date);
    p->created_ms = store_read_int(s);
    p->chip.len = (uint8_t)store_read_blob_up_to(s, p->chip.at, sizeof p->chip.at);
    store_read_text_into(s, p->approver_id, sizeof p->approver_id);
    p->original.batch = (uint32_t)store_read_int(s);
    p->original.stan = (uint32_t)store_read_int(s);
    store_read_text_into(s, p->original.date, sizeof p->original.date);
    store_read_text_into(s, p->original.rrn, sizeof p->original.rrn);
    store_read_text_into(s, p->original.auth_code, sizeof p->original.auth_code);
    p->given_minor = store_read_int(s);
    p->tip_minor = store_read_int(s);
    p->order = store_read_int(s);
    p->plan.months = (uint8_t)store_read_int(s);
    p->plan.by_merchant = store_read_int(s) != 0;
    p->plan.fee_minor = store_read_int(s);
}
