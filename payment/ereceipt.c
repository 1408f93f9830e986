/* SPDX-License-Identifier: Apache-2.0 */
/* Both directions of the form that ereceipt.h tells. */
#include "payment/ereceipt.h"

#include "payment/kind.h"

static void write_text(struct writer *w, const char *text)
{
    ENSURE(strlen(text) < 256);
    write_be(w, strlen(text), 1);
    write_bytes(w, bytes_text(text));
}

err ereceipt_write(const struct payment *payment, const char *merchant, int64_t local_ms,
                   struct writer *w)
{
    const struct payment *p = payment;
    if (!payment_state_paid(p->state) || local_ms < 0) return ERR(FORMAT);
    write_be(w, p->type, 1);
    write_be(w, p->means, 1);
    write_be(w, p->entry, 1);
    write_be(w, p->key.batch, 3);
    write_be(w, p->key.stan, 3);
    write_be(w, (uint64_t)p->amount_minor, 6);
    write_be(w, (uint64_t)p->tip_minor, 6);
    write_be(w, (uint64_t)(local_ms / 1000), 5);
    const char *const texts[] = {p->mid,       p->operator_id, p->pan_masked, p->rrn,
                                 p->auth_code, p->issuer,      merchant};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) write_text(w, texts[i]);
    return w->fault == ERR_OK ? OK : (err){w->fault};
}

err ereceipt_write_more(const struct ereceipt_more *more, struct writer *w)
{
    const struct basket *basket = &more->basket;
    write_be(w, basket->count, 1);
    for (size_t i = 0; i < basket->count; i++) {
        write_text(w, basket->line[i].name);
        write_be(w, (uint64_t)basket->line[i].price_minor, 6);
        write_be(w, (uint64_t)basket->line[i].quantity, 2);
    }
    write_be(w, more->left_out, 1);
    write_bytes(w, more->strokes);
    return w->fault == ERR_OK ? OK : (err){w->fault};
}

/* A text without control characters, for a screen shows it. */
static err read_text(struct reader *r, char *out, size_t size)
{
    struct bytes text = read_bytes(r, read_be(r, 1));
    if (r->fault != ERR_OK) return (err){r->fault};
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] == 0x7f) return ERR(FORMAT);
    return bytes_to_text(text, out, size);
}

static err read_texts(struct reader *r, struct payment *p, char *merchant)
{
    TRY(read_text(r, p->mid, sizeof p->mid));
    TRY(read_text(r, p->operator_id, sizeof p->operator_id));
    TRY(read_text(r, p->pan_masked, sizeof p->pan_masked));
    TRY(read_text(r, p->rrn, sizeof p->rrn));
    TRY(read_text(r, p->auth_code, sizeof p->auth_code));
    TRY(read_text(r, p->issuer, sizeof p->issuer));
    return read_text(r, merchant, ERECEIPT_MERCHANT);
}

static err read_good(struct reader *r, struct basket_line *line)
{
    TRY(read_text(r, line->name, sizeof line->name));
    line->price_minor = (int64_t)read_be(r, 6);
    line->quantity = (int64_t)read_be(r, 2);
    if (r->fault != ERR_OK) return (err){r->fault};
    bool good = line->price_minor >= 1 && line->price_minor <= MONEY_FIELD_MAX &&
                line->quantity >= 1 && line->quantity <= BASKET_QUANTITY;
    return good ? OK : ERR(RANGE);
}

static err read_more(struct reader *r, struct ereceipt_more *more)
{
    size_t count = (size_t)read_be(r, 1);
    if (count > BASKET_LINES) return ERR(FULL);
    for (; more->basket.count < count; more->basket.count++)
        TRY(read_good(r, &more->basket.line[more->basket.count]));
    more->left_out = (unsigned)read_be(r, 1);
    if (more->left_out > (ERECEIPT_LEFT_GOODS | ERECEIPT_LEFT_STROKES)) return ERR(RANGE);
    more->strokes = read_rest(r);
    return (err){r->fault};
}

err ereceipt_read(unsigned version, struct bytes body, struct payment *payment,
                  char ret_merchant[static ERECEIPT_MERCHANT], int64_t *ret_local_ms,
                  struct ereceipt_more *ret_more)
{
    struct ereceipt_more more = {.left_out = 0};
    struct reader r = reader_over(body);
    struct payment p = {.state = PAYMENT_APPROVED, .currency = CURRENCY_CNY};
    char merchant[ERECEIPT_MERCHANT];
    uint64_t type = read_be(&r, 1), means = read_be(&r, 1);
    p.entry = (enum payment_entry)read_be(&r, 1);
    p.key.batch = (uint32_t)read_be(&r, 3);
    p.key.stan = (uint32_t)read_be(&r, 3);
    p.amount_minor = (int64_t)read_be(&r, 6);
    p.tip_minor = (int64_t)read_be(&r, 6);
    int64_t seconds = (int64_t)read_be(&r, 5);
    if (r.fault != ERR_OK) return (err){r.fault};
    if (type == PAYMENT_TYPE_NONE || type >= PAYMENT_TYPES) return ERR(RANGE);
    if (p.amount_minor < 1 || p.amount_minor > MONEY_FIELD_MAX || p.tip_minor >= p.amount_minor)
        return ERR(RANGE);
    p.type = (enum payment_type)type;
    p.means = (enum payment_means)means;
    TRY(read_texts(&r, &p, merchant));
    if (version == ERECEIPT_WITH_MORE) TRY(read_more(&r, &more));
    TRY(reader_finish(&r));
    *payment = p;
    *ret_more = more;
    memcpy(ret_merchant, merchant, sizeof merchant);
    *ret_local_ms = seconds * 1000;
    return OK;
}

err ereceipt_join(unsigned version, struct bytes body, struct bytes signature,
                  struct bytes certificate, struct writer *w)
{
    ENSURE(version == ERECEIPT_PLAIN || version == ERECEIPT_WITH_MORE);
    ENSURE(body.len <= ERECEIPT_BODY_MAX && signature.len <= ERECEIPT_SIGNATURE_MAX);
    write_be(w, version, 1);
    write_be(w, body.len, 2);
    write_bytes(w, body);
    write_be(w, signature.len, 1);
    write_bytes(w, signature);
    write_bytes(w, certificate);
    return w->fault == ERR_OK ? OK : (err){w->fault};
}

err ereceipt_split(struct bytes joined, struct ereceipt_parts *out)
{
    struct reader r = reader_over(joined);
    struct ereceipt_parts parts = {.version = (unsigned)read_be(&r, 1)};
    bool known = parts.version == ERECEIPT_PLAIN || parts.version == ERECEIPT_WITH_MORE;
    if (r.fault == ERR_OK && !known) return ERR(UNSUPPORTED);
    parts.body = read_bytes(&r, read_be(&r, 2));
    parts.signature = read_bytes(&r, read_be(&r, 1));
    parts.certificate = read_bytes(&r, r.left.len);
    TRY(reader_finish(&r));
    if (parts.body.len > ERECEIPT_BODY_MAX || parts.signature.len > ERECEIPT_SIGNATURE_MAX ||
        parts.certificate.len > ERECEIPT_CERTIFICATE_MAX || parts.certificate.len == 0)
        return ERR(LENGTH);
    *out = parts;
    return OK;
}
