/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-receipts (S106): the link that the terminal makes says what the paper says and no more, is
 * small enough for a code, and verifies by the acquirer's certificate alone; one bit of it changed,
 * another terminal's certificate, another authority, and it does not.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "cli/commands.h"
#include "lib/base/base64.h"
#include "lib/base/mask.h"
#include "lib/crypto/identity.h"
#include "lib/qr/image.h"
#include "payment/ereceipt.h"
#include "terminal/device/strokes.h"
#include "tests/unit/terminal_rig.h"

static const int64_t day_ms = 86400000;

/* What an acquirer and a vault have. */
struct trust {
    struct identity_key authority_key, key;
    char authority[IDENTITY_PEM_MAX], certificate[IDENTITY_PEM_MAX];
    bool mute; /* the vault signs nothing */
};

static struct bytes make_certificate(const struct trust *t, const struct identity_key *key,
                                     const char *name, char *out)
{
    char pem[IDENTITY_PEM_MAX];
    struct writer p = writer_over(pem, sizeof pem), c = writer_over(out, IDENTITY_PEM_MAX);
    const struct identity_subject subject = {.common_name = bytes_text(name),
                                             .role = IDENTITY_CLIENT,
                                             .not_before_ms = RIG_START_MS - day_ms,
                                             .not_after_ms = RIG_START_MS + 730 * day_ms};
    GOOD(identity_key_write(key, &p));
    GOOD(
        identity_issue(&t->authority_key, bytes_text(t->authority), writer_view(&p), &subject, &c));
    out[c.len] = '\0';
    return writer_view(&c);
}

static struct trust *trust_new(void)
{
    struct trust *t = calloc(1, sizeof *t);
    assert_non_null(t);
    struct writer a = writer_over(t->authority, sizeof t->authority - 1);
    GOOD(identity_key_generate(&t->authority_key));
    GOOD(identity_key_generate(&t->key));
    GOOD(identity_make_authority(&t->authority_key, BYTES("Tongbao demo authority"),
                                 RIG_START_MS - day_ms, RIG_START_MS + 3650 * day_ms, &a));
    (void)make_certificate(t, &t->key, "10000017", t->certificate);
    return t;
}

static void trust_free(struct trust *t)
{
    identity_key_free(&t->authority_key);
    identity_key_free(&t->key);
    free(t);
}

static void digest_of(struct bytes body, uint8_t digest[static IDENTITY_DIGEST_BYTES])
{
    uint8_t block[sizeof ERECEIPT_PURPOSE + ERECEIPT_BODY_MAX];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, BYTES(ERECEIPT_PURPOSE));
    write_bytes(&w, body);
    crypto_sha256(writer_view(&w), digest);
}

/* The rig's scripted vault, with a real key. */
static struct trust *trusted;

static err vault(void *context, struct bytes request, struct writer *response)
{
    struct reader r = reader_over(request);
    uint8_t command, digest[IDENTITY_DIGEST_BYTES], signature[IDENTITY_SIGNATURE_MAX];
    struct bytes body;
    size_t len;
    GOOD(vault_read_header(&r, &command));
    if (command == VAULT_RECEIPT_SIGN) {
        vault_write_answer(response, command, trusted->mute ? VAULT_FAILED : VAULT_OK);
        if (trusted->mute) return OK;
        GOOD(vault_read_bytes(&r, &body));
        digest_of(body, digest);
        GOOD(identity_sign(&trusted->key, digest, signature, &len));
        vault_write_bytes(response, bytes_of(signature, len));
        return OK;
    }
    if (command == VAULT_TLS_CERTIFICATES) {
        vault_write_answer(response, command, VAULT_OK);
        vault_write_pair(response, bytes_text(trusted->certificate),
                         bytes_text(trusted->authority));
        return OK;
    }
    return rig_vault(context, request, response);
}

#define ADDRESS "https://receipts.example/r/"

static struct rig *ready(void)
{
    struct rig *rig = rig_new();
    rig->vault_port = vault;
    rig_make_ready(rig);
    rig->terminal->config.receipt_url = ADDRESS;
    return rig;
}

/* A link taken apart. */
struct link {
    uint8_t joined[ERECEIPT_MAX];
    struct ereceipt_parts parts;
    struct payment payment;
    struct ereceipt_more more;
    char merchant[ERECEIPT_MERCHANT];
    int64_t local_ms;
};

static void take(const char *text, struct link *out)
{
    size_t len;
    assert_memory_equal(text, ADDRESS "#", sizeof ADDRESS);
    GOOD(base64_decode(bytes_text(text + sizeof ADDRESS), out->joined, sizeof out->joined, &len));
    GOOD(ereceipt_split(bytes_of(out->joined, len), &out->parts));
    GOOD(ereceipt_read(out->parts.version, out->parts.body, &out->payment, out->merchant,
                       &out->local_ms, &out->more));
}

static void to_pem(struct bytes der, char out[static IDENTITY_PEM_MAX])
{
    struct writer w = writer_over(out, IDENTITY_PEM_MAX - 1);
    write_bytes(&w, BYTES("-----BEGIN CERTIFICATE-----\n"));
    uint8_t block[2 * ERECEIPT_CERTIFICATE_MAX];
    struct writer text = writer_over(block, sizeof block);
    base64_write(&text, der);
    for (size_t i = 0; i < text.len; i += 64) {
        write_bytes(&w, bytes_of(block + i, text.len - i < 64 ? text.len - i : 64));
        write_bytes(&w, BYTES("\n"));
    }
    write_bytes(&w, BYTES("-----END CERTIFICATE-----\n"));
    out[w.len] = '\0';
}

static err verify(const struct ereceipt_parts *parts, const char *authority, int64_t local_ms)
{
    char pem[IDENTITY_PEM_MAX];
    uint8_t digest[IDENTITY_DIGEST_BYTES];
    to_pem(parts->certificate, pem);
    digest_of(parts->body, digest);
    TRY(identity_verify(bytes_text(authority), bytes_text(pem), IDENTITY_CLIENT,
                        local_ms - CLOCK_CHINA_OFFSET_MS));
    return identity_check(bytes_text(pem), digest, parts->signature);
}

/* S106: from the result of a sale; what it says, how long it is, and that it verifies. */
static void test_link(void **state)
{
    (void)state;
    trusted = trust_new();
    struct rig *rig = ready();
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    GOOD(rig_key(rig, "choice:ereceipt"));
    AT(rig, "ereceipt.show");
    const char *text = terminal_screen(rig->terminal)->qr;
    static struct link link;
    take(text, &link);
    const struct payment *p = &rig->terminal->work.payment, *got = &link.payment;
    assert_string_equal(link.merchant, rig->terminal->facts.merchant);
    assert_string_equal(got->pan_masked, "622209******6620");
    assert_string_equal(got->rrn, p->rrn);
    assert_string_equal(got->auth_code, p->auth_code);
    assert_string_equal(got->issuer, p->issuer);
    assert_string_equal(got->mid, p->mid);
    assert_true(got->amount_minor == 12800 && got->tip_minor == 0 && got->type == PAYMENT_SALE);
    assert_true(got->key.batch == p->key.batch && got->key.stan == p->key.stan);
    assert_int_equal(link.local_ms, queue_local_ms(p));
    GOOD(verify(&link.parts, trusted->authority, link.local_ms));

    /* A code of it is drawn, and read back from its picture. */
    static uint8_t png[QR_DRAWN_MAX], read[QR_TEXT_MAX];
    struct writer w = writer_over(png, sizeof png);
    size_t len;
    print_message("e-receipt: %zu bytes, link of %zu characters\n",
                  link.parts.body.len + link.parts.signature.len + link.parts.certificate.len + 4,
                  strlen(text));
    assert_true(link.parts.body.len <= 200 && strlen(text) <= 960);
    GOOD(qr_image_write(bytes_text(text), 4, &w));
    GOOD(qr_image_read(writer_view(&w), read, sizeof read, &len));
    assert_true(bytes_equal(bytes_of(read, len), bytes_text(text)));

    /* Again from the list, after a restart: the same, but for the signature's own randomness. */
    GOOD(rig_keys(rig, "ok ok"));
    AT(rig, "main.menu");
    GOOD(rig_keys(rig, "choice:records choice:query choice:row_1 choice:ereceipt"));
    AT(rig, "ereceipt.show");
    static struct link again;
    take(terminal_screen(rig->terminal)->qr, &again);
    assert_true(bytes_equal(link.parts.body, again.parts.body));
    rig_free(rig);
    trust_free(trusted);
}

/* Every bit of body, signature and certificate counts; so do the authority and the time. */
static void test_forged(void **state)
{
    (void)state;
    trusted = trust_new();
    struct trust *other = trust_new();
    struct rig *rig = ready();
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "choice:ereceipt"));
    static struct link link;
    take(terminal_screen(rig->terminal)->qr, &link);
    uint8_t *body = (uint8_t *)(uintptr_t)link.parts.body.at;
    for (size_t i = 0; i < link.parts.body.len * 8; i++) {
        body[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_true(FAILED(verify(&link.parts, trusted->authority, link.local_ms)));
        body[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    for (size_t i = 0; i < link.parts.certificate.len; i++) {
        uint8_t *at = (uint8_t *)(uintptr_t)link.parts.certificate.at + i;
        *at ^= 1;
        assert_true(FAILED(verify(&link.parts, trusted->authority, link.local_ms)));
        *at ^= 1;
    }
    GOOD(verify(&link.parts, trusted->authority, link.local_ms));
    assert_int_equal(verify(&link.parts, other->authority, link.local_ms).code, ERR_IDENTITY);
    assert_int_equal(verify(&link.parts, trusted->authority, link.local_ms + 800 * day_ms).code,
                     ERR_IDENTITY);
    rig_free(rig);
    trust_free(other);
    trust_free(trusted);
}

/* `tongbao inspect receipt LINK --authority FILE`, its output to nowhere. */
static int inspected(const char *link, const char *authority)
{
    char path[] = "/tmp/ereceipt-authority-XXXXXX";
    char *argv[] = {"inspect", "receipt", (char *)(uintptr_t)link, "--authority", path, NULL};
    int fd = mkstemp(path), nowhere = memfd_create("out", 0);
    int saved_out = dup(1), saved_err = dup(2);
    assert_int_equal(write(fd, authority, strlen(authority)), (ssize_t)strlen(authority));
    fflush(NULL);
    dup2(nowhere, 1);
    dup2(nowhere, 2);
    int status = inspect_main(5, argv);
    fflush(NULL);
    dup2(saved_out, 1);
    dup2(saved_err, 2);
    close(saved_out);
    close(saved_err);
    close(nowhere);
    close(fd);
    unlink(path);
    return status;
}

/* S106: the tool agrees: whole, with another authority, with a changed amount, cut. */
static void test_inspect(void **state)
{
    (void)state;
    trusted = trust_new();
    struct trust *other = trust_new();
    struct rig *rig = ready();
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "choice:ereceipt"));
    char text[ERECEIPT_LINK_MAX];
    GOOD(bytes_to_text(bytes_text(terminal_screen(rig->terminal)->qr), text, sizeof text));
    assert_int_equal(inspected(text, trusted->authority), 0);
    assert_int_equal(inspected(text, other->authority), 1);
    char *amount = text + sizeof ADDRESS + 16; /* within the amount */
    *amount = *amount == 'A' ? 'B' : 'A';
    assert_int_equal(inspected(text, trusted->authority), 1);
    text[sizeof ADDRESS + 200] = '\0';
    assert_int_equal(inspected(text, trusted->authority), 1);
    rig_free(rig);
    trust_free(other);
    trust_free(trusted);
}

/* Without an address nothing is offered; a vault that signs nothing is said. */
static void test_not_made(void **state)
{
    (void)state;
    trusted = trust_new();
    struct rig *rig = ready();
    trusted->mute = true;
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "choice:ereceipt"));
    assert_non_null(rig_line(rig, "ERECEIPT_FAILED"));
    assert_string_equal(terminal_screen(rig->terminal)->qr, "");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sale.approved");
    rig->terminal->config.receipt_url = NULL;
    GOOD(rig_keys(rig, "language"));
    assert_false(rig_has_choice(rig, "ereceipt", true));
    rig_free(rig);
    trust_free(trusted);
}

/* The body at its longest fits, and goes round; cut anywhere, or with other bytes behind it, not.
 */
static void test_codec(void **state)
{
    (void)state;
    struct payment p = {.type = PAYMENT_SALE,
                        .state = PAYMENT_APPROVED,
                        .means = PAYMENT_CARD,
                        .entry = PAYMENT_ENTRY_FALLBACK,
                        .mid = "898310153110001",
                        .operator_id = "01",
                        .pan_masked = "622209*********6620",
                        .rrn = "042512000345",
                        .auth_code = "A1B2C3",
                        .issuer = "示例银行示例银行",
                        .amount_minor = MONEY_FIELD_MAX,
                        .tip_minor = 1,
                        .key = {.batch = 999999, .stan = 999999}};
    char merchant[ERECEIPT_MERCHANT], said[ERECEIPT_MERCHANT] = "";
    for (size_t i = 0; i < 40; i++) memcpy(merchant + 3 * i, "店", 4);
    uint8_t block[ERECEIPT_BODY_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct payment got;
    struct ereceipt_more none;
    int64_t local_ms;
    GOOD(ereceipt_write(&p, merchant, RIG_START_MS, &w));
    GOOD(ereceipt_read(ERECEIPT_PLAIN, writer_view(&w), &got, said, &local_ms, &none));
    assert_string_equal(said, merchant);
    assert_int_equal(got.amount_minor, MONEY_FIELD_MAX);
    assert_int_equal(local_ms, RIG_START_MS);
    for (size_t cut = 0; cut < w.len; cut++)
        assert_true(FAILED(
            ereceipt_read(ERECEIPT_PLAIN, bytes_of(block, cut), &got, said, &local_ms, &none)));
    struct writer more = writer_over(block, sizeof block);
    more.len = w.len;
    write_be(&more, 0, 1);
    assert_true(
        FAILED(ereceipt_read(ERECEIPT_PLAIN, writer_view(&more), &got, said, &local_ms, &none)));
    block[0] = 0; /* no type */
    assert_int_equal(
        ereceipt_read(ERECEIPT_PLAIN, writer_view(&w), &got, said, &local_ms, &none).code,
        ERR_RANGE);
    p.state = PAYMENT_DECLINED;
    assert_int_equal(ereceipt_write(&p, merchant, RIG_START_MS, &w).code, ERR_FORMAT);
    struct ereceipt_parts parts;
    assert_int_equal(ereceipt_split(BYTES("\x03\x00\x00\x00"), &parts).code, ERR_UNSUPPORTED);
    assert_true(FAILED(ereceipt_split(BYTES("\x01\x00\x00\x00"), &parts)));
}

/* A basket of so many goods with long names, and a signature of so many bytes, as in the store. */
static void put_besides(struct rig *rig, int64_t number, size_t goods, size_t strokes)
{
    static struct basket basket;
    uint8_t packed[RECEIPT_STROKES_MAX] = {0};
    basket = (struct basket){.count = 0};
    for (size_t i = 0; i < goods; i++) {
        char name[BASKET_NAME];
        snprintf(name, sizeof name, "兰州牛肉拉面加蛋 %zu", i + 1);
        GOOD(basket_add(&basket, name, 800 + (int64_t)i));
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    GOOD(store_begin(rig->terminal->records.store, &tx));
    GOOD(goods_keep(rig->terminal->records.store, number, &basket));
    GOOD(store_commit(&tx));
    if (strokes == 0) return;
    struct writer w = writer_over(packed, sizeof packed);
    size_t points = (strokes - 6) / 2 + 1; /* two bytes a step */
    write_be(&w, 0x80 | (points & 0x7f), 1);
    write_be(&w, points >> 7, 1);
    write_be(&w, 100, 2);
    write_be(&w, 100, 2);
    for (size_t i = 1; i < points; i++)
        write_bytes(&w, i % 2 == 1 ? BYTES("\x14\x06") : BYTES("\x13\x05"));
    GOOD(signature_put(&rig->terminal->records, number, writer_view(&w), "operator 01"));
}

/* S81 S92 S106: goods and signature are in it as far as a code holds them, goods first, and what is
 * not in it is said. */
static void test_besides(void **state)
{
    (void)state;
    static const struct {
        size_t goods, strokes;
        unsigned left_out;
        const char *said;
    } rows[] = {
        {2, 0, 0, NULL},
        {2, 120, 0, NULL},
        {0, 200, 0, NULL},
        {4, 400, ERECEIPT_LEFT_STROKES, "ERECEIPT_NO_STROKES"},
        {0, 900, ERECEIPT_LEFT_STROKES, "ERECEIPT_NO_STROKES"},
        {12, 120, ERECEIPT_LEFT_GOODS, "ERECEIPT_NO_GOODS"},
        {12, 900, ERECEIPT_LEFT_GOODS | ERECEIPT_LEFT_STROKES, "ERECEIPT_NEITHER"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static struct link link;
        trusted = trust_new();
        struct rig *rig = ready();
        GOOD(rig_sale(rig));
        put_besides(rig, rig->terminal->work.number, rows[i].goods, rows[i].strokes);
        GOOD(rig_key(rig, "choice:ereceipt"));
        const char *text = terminal_screen(rig->terminal)->qr;
        take(text, &link);
        GOOD(verify(&link.parts, trusted->authority, link.local_ms));
        assert_true(strlen(text) <= ERECEIPT_CODE_MAX);
        if (link.more.left_out != rows[i].left_out)
            fail_msg("row %zu: %u is left out", i, link.more.left_out);
        bool goods = !(rows[i].left_out & ERECEIPT_LEFT_GOODS);
        bool strokes = !(rows[i].left_out & ERECEIPT_LEFT_STROKES);
        assert_int_equal(link.more.basket.count, goods ? rows[i].goods : 0);
        assert_true((link.more.strokes.len > 0) == (strokes && rows[i].strokes > 0));
        if (link.more.strokes.len > 0) GOOD(strokes_check(link.more.strokes));
        if (link.more.basket.count > 0) {
            assert_string_equal(link.more.basket.line[1].name, "兰州牛肉拉面加蛋 2");
            assert_int_equal(link.more.basket.line[1].price_minor, 801);
        }
        assert_int_equal(link.parts.version, ERECEIPT_WITH_MORE);
        if (rows[i].said != NULL) assert_non_null(rig_line(rig, rows[i].said));
        assert_int_equal(inspected(text, trusted->authority), 0);

        /* Cut or with the other version's number it is nothing. */
        struct payment got;
        struct ereceipt_more more;
        char merchant[ERECEIPT_MERCHANT];
        int64_t local_ms;
        assert_true(FAILED(
            ereceipt_read(ERECEIPT_PLAIN, link.parts.body, &got, merchant, &local_ms, &more)));
        size_t least = link.parts.body.len - link.more.strokes.len;
        for (size_t cut = 0; cut < least; cut++)
            assert_true(FAILED(ereceipt_read(ERECEIPT_WITH_MORE, bytes_of(link.parts.body.at, cut),
                                             &got, merchant, &local_ms, &more)));
        static uint8_t png[QR_DRAWN_MAX], read[QR_TEXT_MAX];
        struct writer w = writer_over(png, sizeof png);
        size_t len;
        GOOD(qr_image_write(bytes_text(text), 4, &w));
        GOOD(qr_image_read(writer_view(&w), read, sizeof read, &len));
        assert_int_equal(len, strlen(text));
        rig_free(rig);
        trust_free(trusted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link),    cmocka_unit_test(test_forged),
        cmocka_unit_test(test_inspect), cmocka_unit_test(test_not_made),
        cmocka_unit_test(test_codec),   cmocka_unit_test(test_besides),
    };
    return cmocka_run_group_tests_name("terminal_ereceipt", tests, NULL, NULL);
}
