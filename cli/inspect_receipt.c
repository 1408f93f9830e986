/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect receipt`: what an e-receipt says, and whether it is genuine: signed by the
 * terminal that its certificate names, which the acquirer's certificate vouches for at the time of
 * the receipt. One that does not verify is shown, and the exit status says that it is faulty.
 */
#include "cli/inspect.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/crypto/identity.h"
#include "payment/ereceipt.h"
#include "payment/kind.h"

/* What stands behind the #, or all of it. */
static struct bytes fragment(struct bytes link)
{
    const uint8_t *mark = memchr(link.at, '#', link.len);
    if (mark == NULL) return link;
    size_t used = (size_t)(mark - link.at) + 1;
    return bytes_of(mark + 1, link.len - used);
}

static void to_pem(struct bytes der, struct writer *w)
{
    uint8_t block[ERECEIPT_CERTIFICATE_MAX * 2];
    struct writer text = writer_over(block, sizeof block);
    base64_write(&text, der);
    write_bytes(w, BYTES("-----BEGIN CERTIFICATE-----\n"));
    for (size_t i = 0; i < text.len; i += 64) {
        write_bytes(w, bytes_of(block + i, text.len - i < 64 ? text.len - i : 64));
        write_bytes(w, BYTES("\n"));
    }
    write_bytes(w, BYTES("-----END CERTIFICATE-----\n"));
    ENSURE(text.fault == ERR_OK && w->fault == ERR_OK);
}

/* OK, or IDENTITY: not of this acquirer, or not signed by this terminal. */
static err verify(const struct ereceipt_parts *parts, struct bytes pem, struct bytes authority,
                  int64_t local_ms)
{
    uint8_t block[sizeof ERECEIPT_PURPOSE + ERECEIPT_BODY_MAX], digest[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, BYTES(ERECEIPT_PURPOSE));
    write_bytes(&w, parts->body);
    ENSURE(w.fault == ERR_OK);
    crypto_sha256(writer_view(&w), digest);
    TRY(identity_verify(authority, pem, IDENTITY_CLIENT, local_ms - CLOCK_CHINA_OFFSET_MS));
    return identity_check(pem, digest, parts->signature);
}

static void member_amount(struct json_out *j, const char *name, int64_t minor)
{
    char block[MONEY_TEXT_MAX];
    struct writer w = writer_over(block, sizeof block);
    money_write(&w, minor);
    json_member_text(j, name, writer_view(&w));
}

static void write_payment(struct json_out *j, const struct payment *p, const char *tid,
                          const char *merchant, int64_t local_ms)
{
    char time[32];
    struct civil at = civil_from_ms(local_ms);
    struct writer w = writer_over(time, sizeof time);
    write_format(&w, "%04d-%02d-%02d %02d:%02d:%02d", at.year, at.month, at.day, at.hour, at.minute,
                 at.second);
    json_member_string(j, "merchant", merchant);
    json_member_string(j, "merchant_number", p->mid);
    json_member_string(j, "terminal", tid);
    json_member_string(j, "operator", p->operator_id);
    json_member_string(j, "type", payment_type_row(p->type)->en);
    member_amount(j, "amount", p->amount_minor);
    if (p->tip_minor > 0) member_amount(j, "tip", p->tip_minor);
    json_member_string(j, "paid_with", p->pan_masked);
    json_member_string(j, "issuer", p->issuer);
    json_member_int(j, "batch", p->key.batch);
    json_member_int(j, "voucher", p->key.stan);
    json_member_string(j, "reference", p->rrn);
    json_member_string(j, "authorisation", p->auth_code);
    json_member_text(j, "time", writer_view(&w));
}

static void write_more(struct json_out *j, const struct ereceipt_more *more)
{
    if (more->basket.count > 0) json_member_array(j, "goods");
    for (size_t i = 0; i < more->basket.count; i++) {
        const struct basket_line *line = &more->basket.line[i];
        json_object_begin(j);
        json_member_string(j, "name", line->name);
        member_amount(j, "price", line->price_minor);
        json_member_int(j, "quantity", line->quantity);
        json_object_end(j);
    }
    if (more->basket.count > 0) json_array_end(j);
    if (more->left_out & ERECEIPT_LEFT_GOODS)
        json_member_string(j, "goods", "on the paper: they take too much room");
    if (more->strokes.len > 0) json_member_int(j, "signature_bytes", (int64_t)more->strokes.len);
    if (more->left_out & ERECEIPT_LEFT_STROKES)
        json_member_string(j, "signature", "on the paper: it takes too much room");
}

int inspect_receipt(const struct inspect_options *o, struct bytes input, struct json_out *j)
{
    uint8_t joined[ERECEIPT_MAX], pem_block[IDENTITY_PEM_MAX], authority[IDENTITY_PEM_MAX];
    char merchant[ERECEIPT_MERCHANT], tid[IDENTITY_NAME_MAX + 1];
    uint8_t fingerprint[CRYPTO_SHA256_BYTES];
    struct writer pem = writer_over(pem_block, sizeof pem_block);
    struct ereceipt_parts parts;
    struct payment payment;
    struct ereceipt_more more;
    size_t len = 0, authority_len = 0;
    int64_t local_ms;
    err e = base64_decode(fragment(inspect_trim(input)), joined, sizeof joined, &len);
    if (!FAILED(e)) e = ereceipt_split(bytes_of(joined, len), &parts);
    if (!FAILED(e))
        e = ereceipt_read(parts.version, parts.body, &payment, merchant, &local_ms, &more);
    if (FAILED(e)) return inspect_refuse(o, "this is no e-receipt: %s", err_text(e));
    to_pem(parts.certificate, &pem);
    e = identity_describe(writer_view(&pem), tid, fingerprint);
    if (FAILED(e)) return inspect_refuse(o, "its certificate cannot be read: %s", err_text(e));
    json_object_begin(j);
    write_payment(j, &payment, tid, merchant, local_ms);
    write_more(j, &more);
    if (o->authority == NULL) {
        json_member_string(j, "verified", "no: give the acquirer's certificate with --authority");
        json_object_end(j);
        return INSPECT_DONE;
    }
    e = file_read(o->authority, FILE_PUBLIC, authority, sizeof authority, &authority_len);
    if (FAILED(e))
        return inspect_refuse(o, "the certificate '%s' cannot be read: %s", o->authority,
                              err_text(e));
    e = verify(&parts, writer_view(&pem), bytes_of(authority, authority_len), local_ms);
    if (FAILED(e))
        return inspect_refuse(o, "it is NOT genuine: %s; do not take it for a proof of payment",
                              err_text(e));
    json_member_string(j, "verified", "yes");
    json_object_end(j);
    return INSPECT_DONE;
}
