/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SM2 as GB/T 32918.2 and .4 have it, step by step over our SM3 and a curve given by its numbers:
 * every value of sm2_sm3_sm4, those of the example curve too, which no key of ours may have. So
 * what crypto_sm2_test holds OpenSSL's SM2 against is held against the standard. S63.
 */
#include "lib/base/writer.h"
#include "lib/crypto/openssl.h"
#include "tests/unit/crypto_vectors.h"

enum { BYTES_32 = 32 };

struct curve {
    EC_GROUP *group;
    BIGNUM *n;
    const json_t *parameters;
};

static BIGNUM *number(const json_t *object, const char *name)
{
    BIGNUM *made = NULL;
    assert_true(BN_hex2bn(&made, text_at(object, name)) > 0);
    return made;
}

static struct curve curve_of(const json_t *json, const json_t *row)
{
    bool example = strncmp(text_at(row, "curve"), "example", 7) == 0;
    struct curve c = {.parameters = json_object_get(json_object_get(json, "sm2_params"),
                                                    example ? "example" : "sm2p256v1")};
    BIGNUM *p = number(c.parameters, "p"), *a = number(c.parameters, "a");
    BIGNUM *b = number(c.parameters, "b"), *x = number(c.parameters, "gx");
    BIGNUM *y = number(c.parameters, "gy");
    if (!example) assert_string_equal(text_at(row, "curve"), "sm2p256v1");
    c.n = number(c.parameters, "n");
    c.group = EC_GROUP_new_curve_GFp(p, a, b, NULL);
    assert_non_null(c.group);
    EC_POINT *g = EC_POINT_new(c.group);
    assert_true(EC_POINT_set_affine_coordinates(c.group, g, x, y, NULL));
    assert_true(EC_GROUP_set_generator(c.group, g, c.n, BN_value_one()));
    assert_true(EC_GROUP_check(c.group, NULL));
    EC_POINT_free(g);
    BIGNUM *all[] = {p, a, b, x, y};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) BN_free(all[i]);
    return c;
}

static void curve_free(struct curve *c)
{
    BN_free(c->n);
    EC_GROUP_free(c->group);
}

/* factor * point, the generator for NULL, as 04 x y. */
static void multiply(const struct curve *c, const BIGNUM *factor, const uint8_t *point,
                     uint8_t ret_point[65])
{
    EC_POINT *at = EC_POINT_new(c->group), *out = EC_POINT_new(c->group);
    if (point != NULL) assert_true(EC_POINT_oct2point(c->group, at, point, 65, NULL));
    assert_true(EC_POINT_mul(c->group, out, point == NULL ? factor : NULL,
                             point == NULL ? NULL : at, point == NULL ? NULL : factor, NULL));
    assert_int_equal(
        EC_POINT_point2oct(c->group, out, POINT_CONVERSION_UNCOMPRESSED, ret_point, 65, NULL), 65);
    EC_POINT_free(at);
    EC_POINT_free(out);
}

static void assert_number(const BIGNUM *got, const json_t *row, const char *name)
{
    uint8_t value[BYTES_32];
    assert_int_equal(BN_bn2binpad(got, value, sizeof value), sizeof value);
    assert_bytes(BYTES_OF(value), hex_at(row, name));
}

/* Z of the signer and the hash that is signed (GB/T 32918.2, 5.5 and 6.1, steps 1 and 2). */
static void check_digest(const struct curve *c, const json_t *row)
{
    static const char *const names[] = {"a", "b", "gx", "gy"};
    uint8_t block[512], digest[CRYPTO_SM3_BYTES];
    struct bytes id = bytes_text(text_at(row, "id"));
    struct writer w = writer_over(block, sizeof block);
    write_be(&w, 8 * id.len, 2);
    write_bytes(&w, id);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) write_bytes(&w, hex_at(c->parameters, names[i]));
    write_bytes(&w, hex_at(row, "pub"));
    assert_ok(crypto_sm3(writer_view(&w), digest));
    assert_bytes(BYTES_OF(digest), hex_at(row, "ZA"));
    w.len = 0;
    write_bytes(&w, BYTES_OF(digest));
    write_bytes(&w, bytes_text(text_at(row, "msg")));
    assert_ok(crypto_sm3(writer_view(&w), digest));
    assert_bytes(BYTES_OF(digest), hex_at(row, "e"));
}

/* r = e + x1, s = (1 + d)^-1 (k - r d), modulo n (6.1, steps 3 to 6). */
static void check_signature(const json_t *json, const json_t *row)
{
    struct curve c = curve_of(json, row);
    BIGNUM *d = number(row, "d"), *k = number(row, "k"), *e = number(row, "e");
    BIGNUM *r = BN_new(), *s = BN_new(), *t = BN_new();
    BN_CTX *context = BN_CTX_new();
    uint8_t point[65];
    multiply(&c, d, NULL, point);
    assert_bytes(bytes_of(point + 1, 64), hex_at(row, "pub"));
    check_digest(&c, row);
    multiply(&c, k, NULL, point);
    BN_bin2bn(point + 1, BYTES_32, r);
    assert_true(BN_mod_add(r, r, e, c.n, context));
    assert_number(r, row, "r");
    assert_true(BN_mod_mul(s, r, d, c.n, context) && BN_mod_sub(s, k, s, c.n, context));
    assert_true(BN_mod_add(t, d, BN_value_one(), c.n, context));
    assert_non_null(BN_mod_inverse(t, t, c.n, context));
    assert_true(BN_mod_mul(s, s, t, c.n, context));
    assert_number(s, row, "s");
    BIGNUM *all[] = {d, k, e, r, s, t};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) BN_free(all[i]);
    BN_CTX_free(context);
    curve_free(&c);
}

/* C1 = kG; C2 = M xor KDF(x2 y2); C3 = SM3(x2 M y2) (GB/T 32918.4, 6.1). One block of KDF does. */
static void check_encryption(const json_t *json, const json_t *row)
{
    struct curve c = curve_of(json, row);
    BIGNUM *d = number(row, "d"), *k = number(row, "k");
    struct bytes text = bytes_text(text_at(row, "msg"));
    uint8_t point[65], shared[65], block[256], digest[CRYPTO_SM3_BYTES], secret[BYTES_32];
    struct writer w = writer_over(block, sizeof block);
    multiply(&c, k, NULL, point);
    assert_bytes(BYTES_OF(point), hex_at(row, "C1"));
    multiply(&c, d, point, shared);
    write_bytes(&w, bytes_of(shared + 1, 64));
    write_be(&w, 1, 4);
    assert_ok(crypto_sm3(writer_view(&w), digest));
    assert_in_range(text.len, 1, sizeof digest);
    for (size_t i = 0; i < text.len; i++) secret[i] = text.at[i] ^ digest[i];
    assert_bytes(bytes_of(secret, text.len), hex_at(row, "C2"));
    w.len = 0;
    write_bytes(&w, bytes_of(shared + 1, 32));
    write_bytes(&w, text);
    write_bytes(&w, bytes_of(shared + 33, 32));
    assert_ok(crypto_sm3(writer_view(&w), digest));
    assert_bytes(BYTES_OF(digest), hex_at(row, "C3"));
    assert_string_equal(text_at(row, "order"), "C1||C3||C2");
    BN_free(d);
    BN_free(k);
    curve_free(&c);
}

static void step_by_step(void **state)
{
    (void)state;
    json_t *json = vectors("sm/sm2_sm3_sm4.json"), *row;
    size_t i, signatures = 0;
    json_array_foreach(json_object_get(json, "sm2"), i, row)
    {
        if (json_object_get(row, "C1") != NULL) {
            check_encryption(json, row);
        } else {
            check_signature(json, row);
            signatures++;
        }
    }
    assert_int_equal(i, 4);
    assert_int_equal(signatures, 2);
    vector_file_end(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(step_by_step)};
    return cmocka_run_group_tests_name("crypto_sm2_curve", tests, NULL, NULL);
}
