/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of payment against the published table of UnionPay's transactions: type of message,
 * fields 3 and 25 and 60.1 of each that is here. S94, S96.
 */
#include "payment/kind.h"
#include "tests/unit/vector_file.h"

/* Those that must be here; the table has more. */
static const struct {
    const char *name;
    enum payment_type type;
} here[] = {
    {"sale", PAYMENT_SALE},
    {"sale_void", PAYMENT_VOID},
    {"refund", PAYMENT_REFUND},
    {"preauth", PAYMENT_PREAUTH},
    {"preauth_add", PAYMENT_PREAUTH_ADD},
    {"preauth_cancel", PAYMENT_PREAUTH_CANCEL},
    {"preauth_complete_request", PAYMENT_COMPLETION},
    {"preauth_complete_advice", PAYMENT_COMPLETION_ADVICE},
    {"preauth_complete_void", PAYMENT_COMPLETION_VOID},
    {"instalment_sale", PAYMENT_INSTALMENT},
    {"instalment_void", PAYMENT_INSTALMENT_VOID},
};

static struct bytes member(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    assert_non_null(text);
    return bytes_text(text);
}

/* The response is the request's type and ten more; advices and only they are not reversed. */
static void check_types(const json_t *row)
{
    unsigned long request = strtoul((const char *)member(row, "request_mti").at, NULL, 16);
    unsigned long response = strtoul((const char *)member(row, "response_mti").at, NULL, 16);
    assert_int_equal(response, request + 0x10);
    bool advice = request == 0x0220;
    assert_int_equal(json_is_true(json_object_get(row, "causes_reversal")), !advice);
    assert_true(json_is_true(json_object_get(row, "has_mac")));
}

static void every_kind_is_the_published_one(void **state)
{
    (void)state;
    json_t *json = vector_file("tests/vectors/iso8583/trans_table.json"), *row;
    size_t i, found = 0;
    json_array_foreach(json_object_get(json, "financial"), i, row)
    {
        struct bytes name = member(row, "name");
        size_t k = 0;
        while (k < ARRAY_LEN(here) && !bytes_equal(name, bytes_text(here[k].name))) k++;
        const struct payment_kind *kind =
            payment_kind_by_terminal(member(row, "f3"), member(row, "f25"), member(row, "f60_1"));
        uint16_t mti = (uint16_t)strtoul((const char *)member(row, "request_mti").at, NULL, 16);
        if (kind != NULL) assert_int_equal(kind->mti, mti);
        if (k == ARRAY_LEN(here)) continue;
        assert_non_null(kind);
        assert_int_equal(kind->type, here[k].type);
        assert_ptr_equal(payment_kind_by_network(mti, member(row, "f3"), member(row, "f25")), kind);
        check_types(row);
        found++;
    }
    assert_int_equal(i, 27);
    assert_int_equal(found, ARRAY_LEN(here));
    vector_file_end(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_is_the_published_one)};
    return cmocka_run_group_tests_name("payment_kind", tests, NULL, NULL);
}
