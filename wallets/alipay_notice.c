/* SPDX-License-Identifier: Apache-2.0 */
/* Alipay's notices: a form, signed over its parameters in the order of their names. Pure. */
#include <stdlib.h>

#include "lib/base/hex.h"
#include "lib/base/money.h"
#include "lib/base/reader.h"
#include "wallets/alipay.h"

struct field {
    struct bytes name, value;
};

struct form {
    struct field field[ALIPAY_PARAMETERS_MAX];
    size_t count;
};

/* Up to the delimiter, which is taken too; or everything. */
static struct bytes read_until(struct reader *r, uint8_t delimiter)
{
    const uint8_t *end = r->left.len == 0 ? NULL : memchr(r->left.at, delimiter, r->left.len);
    if (end == NULL) return read_rest(r);
    struct bytes taken = read_bytes(r, (size_t)(end - r->left.at));
    (void)read_bytes(r, 1);
    return taken;
}

static err unescape(struct bytes text, struct writer *room, struct bytes *ret)
{
    size_t start = room->len;
    struct reader r = reader_over(text);
    while (r.left.len > 0) {
        uint8_t c = (uint8_t)read_be(&r, 1);
        if (c == '%') {
            size_t len;
            TRY(hex_decode(read_bytes(&r, 2), &c, 1, &len));
            if (r.fault != ERR_OK || len != 1) return ERR(FORMAT);
        } else if (c == '+') {
            c = ' ';
        }
        write_be(room, c, 1);
    }
    if (room->fault != ERR_OK) return (err){room->fault};
    *ret = bytes_of(room->at + start, room->len - start);
    return OK;
}

static err read_form(struct bytes text, struct writer *room, struct form *form)
{
    struct reader r = reader_over(text);
    while (r.left.len > 0) {
        if (form->count == ALIPAY_PARAMETERS_MAX) return ERR(LENGTH);
        struct field *f = &form->field[form->count++];
        struct reader pair = reader_over(read_until(&r, '&'));
        TRY(unescape(read_until(&pair, '='), room, &f->name));
        TRY(unescape(pair.left, room, &f->value));
    }
    return OK;
}

static int by_name(const void *a, const void *b)
{
    const struct field *x = a, *y = b;
    size_t len = x->name.len < y->name.len ? x->name.len : y->name.len;
    int order = len == 0 ? 0 : memcmp(x->name.at, y->name.at, len);
    if (order != 0) return order;
    return x->name.len < y->name.len ? -1 : x->name.len > y->name.len ? 1 : 0;
}

static const struct field *find(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (bytes_equal(form->field[i].name, bytes_text(name))) return &form->field[i];
    return NULL;
}

/* Everything but "sign" and "sign_type", joined; a name that is there twice has no one meaning. */
static err write_signed(const struct form *form, struct writer *w)
{
    bool first = true;
    for (size_t i = 0; i < form->count; i++) {
        const struct field *f = &form->field[i];
        if (i > 0 && by_name(f - 1, f) == 0) return ERR(CONFLICT);
        if (bytes_equal(f->name, BYTES("sign")) || bytes_equal(f->name, BYTES("sign_type")))
            continue;
        if (!first) write_bytes(w, BYTES("&"));
        first = false;
        write_bytes(w, f->name);
        write_bytes(w, BYTES("="));
        write_bytes(w, f->value);
    }
    return (err){w->fault};
}

static void take(const struct form *form, const char *name, char *out, size_t size)
{
    const struct field *f = find(form, name);
    if (f == NULL || FAILED(bytes_to_text(f->value, out, size))) out[0] = '\0';
}

/* What the wallet was given with a payment that is made; what does not fit is no plate's. */
static void read_plate(const struct form *form, struct wallet_notice *ret_notice)
{
    const struct field *status = find(form, "trade_status");
    if (status == NULL || !bytes_equal(status->value, BYTES("TRADE_SUCCESS"))) return;
    take(form, "passback_params", ret_notice->plate, sizeof ret_notice->plate);
    take(form, "buyer_id", ret_notice->customer, sizeof ret_notice->customer);
}

/* Which payment, and of what amount. A notice of another application is none of ours. */
static err read_subject(const struct wallet_account *account, const struct form *form,
                        struct wallet_notice *ret_notice)
{
    const struct field *app = find(form, "app_id"), *number = find(form, "out_trade_no"),
                       *total = find(form, "total_amount");
    if (app == NULL || number == NULL || total == NULL) return ERR(MISSING);
    if (!bytes_equal(app->value, bytes_text(account->app_id))) return ERR(IDENTITY);
    TRY(bytes_to_text(number->value, ret_notice->number, sizeof ret_notice->number));
    read_plate(form, ret_notice);
    return money_parse(total->value, &ret_notice->amount_minor);
}

/* In certificate mode a notice may name its certificate; one that does not is signed with the one
 * that we were given. */
static const char *key_of(const struct wallet_account *account, const struct wallet_held *held,
                          int64_t now_ms, const struct field *sn)
{
    char serial[WALLET_SERIAL_MAX + 1];
    if (sn == NULL || account->app_sn[0] == '\0')
        return wallet_public_pem(account, held, account->public[0].serial, now_ms);
    if (FAILED(bytes_to_text(sn->value, serial, sizeof serial))) return NULL;
    return wallet_public_pem(account, held, serial, now_ms);
}

err alipay_read_notice(const struct wallet_account *account, const struct wallet_held *held,
                       int64_t now_ms, struct bytes text, struct writer *room,
                       struct writer *scratch, struct wallet_notice *ret_notice,
                       struct wallet_reading *ret_check)
{
    struct form form = {.count = 0};
    struct bytes covered;
    TRY(read_form(text, room, &form));
    qsort(form.field, form.count, sizeof form.field[0], by_name);
    const struct field *sign = find(&form, "sign");
    if (sign == NULL) return ERR(MISSING);
    TRY(wallet_take_signature(sign->value, ret_check));
    TRY(write_signed(&form, scratch));
    TRY(writer_finish(scratch, &covered));
    hsm_wallet_digest(covered, ret_check->digest);
    ret_check->public_pem = key_of(account, held, now_ms, find(&form, "alipay_cert_sn"));
    if (ret_check->public_pem == NULL) return ERR(KEY);
    return read_subject(account, &form, ret_notice);
}
