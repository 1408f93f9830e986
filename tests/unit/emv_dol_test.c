/* SPDX-License-Identifier: Apache-2.0 */
/* S75: data object lists against the published cases, the store of data objects, field 55. */
#include "lib/emv/dol.h"
#include "tests/unit/crypto_vectors.h"

static bool get_from_json(const void *context, uint32_t tag, struct bytes *ret_value)
{
    char name[9];
    snprintf(name, sizeof name, "%02X", tag);
    const char *text = json_string_value(json_object_get((const json_t *)context, name));
    if (text == NULL) return false;
    *ret_value = hex(text);
    return true;
}

static void check_entries(const json_t *row, struct bytes dol)
{
    struct reader r = reader_over(dol);
    struct emv_dol_entry entry;
    size_t i = 0, len;
    const json_t *entries = json_object_get(row, "entries");
    while (emv_dol_next(&r, &entry)) {
        const json_t *expected = json_array_get(entries, i++);
        char name[9];
        snprintf(name, sizeof name, "%02X", entry.tag);
        assert_string_equal(name, json_string_value(json_array_get(expected, 0)));
        assert_int_equal(entry.len, json_integer_value(json_array_get(expected, 1)));
    }
    assert_int_equal(i, json_array_size(entries));
    bool bad = json_is_true(json_object_get(row, "error"));
    assert_int_equal(FAILED(reader_finish(&r)), bad);
    assert_int_equal(FAILED(emv_dol_length(dol, &len)), bad);
    if (!bad) assert_int_equal(len, json_integer_value(json_object_get(row, "data_len")));
}

static void check_data(const json_t *row, struct bytes dol)
{
    uint8_t block[EMV_DOL_FILLED_MAX];
    struct writer w = writer_over(block, sizeof block);
    const struct emv_dol_source source[] = {{get_from_json, json_object_get(row, "source1")},
                                            {get_from_json, json_object_get(row, "source2")}};
    assert_ok(emv_dol_fill(dol, source, 2, &w));
    assert_bytes(writer_view(&w), hex_at(row, "data"));
}

static void published_cases(void **state)
{
    (void)state;
    json_t *json = vectors("emv/dol_and_cvm.json");
    json_t *row;
    size_t i;
    assert_int_equal(json_array_size(json_object_get(json, "dol")), 5);
    json_array_foreach(json_object_get(json, "dol"), i, row)
    {
        uint8_t block[64];
        struct bytes dol = hex_at(row, "dol");
        memcpy(block, dol.at, dol.len);
        dol = bytes_of(block, dol.len);
        if (json_object_get(row, "data") != NULL) check_data(row, dol);
        else check_entries(row, dol);
    }
    vector_file_end(json);
}

static void asks_for_too_much(void **state)
{
    (void)state;
    size_t len;
    static struct emv_data data;
    uint8_t block[EMV_DOL_FILLED_MAX];
    struct writer w = writer_over(block, sizeof block);
    assert_ok(emv_dol_length(hex("9F37FC"), &len));
    assert_int_equal(len, 252);
    assert_err(emv_dol_length(hex("9F37FD"), &len), LENGTH);
    assert_err(emv_dol_length(hex("9F37809A7D"), &len), LENGTH);
    assert_err(emv_dol_length(hex("0003"), &len), FORMAT);
    assert_err(emv_dol_length(hex("9F81828304"), &len), FORMAT);
    assert_err(emv_dol_fill_from(hex("9F37FD"), &data, &w), LENGTH);
    assert_int_equal(w.len, 0);
    assert_true(emv_dol_lists(hex("9A039F3704"), 0x9F37));
    assert_false(emv_dol_lists(hex("9A039F37"), 0x9F37));
}

/* Unknown and constructed tags are answered with zeros. */
static void fills_from_the_store(void **state)
{
    (void)state;
    static struct emv_data data;
    uint8_t block[32];
    struct writer w = writer_over(block, sizeof block);
    emv_data_set(&data, 0x9A, hex("251122"));
    emv_data_set(&data, 0x70, hex("AABB"));
    assert_ok(emv_dol_fill_from(hex("9A039F7F037002"), &data, &w));
    assert_bytes(writer_view(&w), hex("2511220000000000"));
}

static void a_card_says_a_thing_once(void **state)
{
    (void)state;
    static struct emv_data data;
    struct bytes value;
    char pan[20];
    size_t digits;
    emv_data_wipe(&data);
    assert_ok(emv_data_put(&data, 0x5A, hex("6200000000000005")));
    assert_err(emv_data_put(&data, 0x5A, hex("6200000000000005")), EXISTS);
    assert_ok(emv_data_put(&data, 0x92, (struct bytes){0}));
    assert_false(emv_data_get(&data, 0x92, &value));
    assert_ok(emv_data_pan(&data, pan, &digits));
    assert_string_equal(pan, "6200000000000005");
    emv_data_set(&data, 0x95, hex("0000000000"));
    assert_err(emv_data_put(&data, 0x95, hex("FFFFFFFFFF")), EXISTS);
    emv_data_set(&data, 0x95, hex("8000000000"));
    assert_true(emv_data_get_exact(&data, 0x95, 5, &value));
    assert_bytes(value, hex("8000000000"));
    assert_false(emv_data_get_exact(&data, 0x95, 4, &value));
    emv_data_set(&data, 0x9F4E, hex("41"));
    emv_data_set(&data, 0x9F4E, hex("414243"));
    assert_true(emv_data_get(&data, 0x9F4E, &value));
    assert_bytes(value, hex("414243"));
    assert_ok(emv_data_put(&data, 0x9F36, hex("0001")));
    emv_data_set(&data, 0x9F36, hex("0002")); /* now it is the kernel's */
    emv_data_forget_card(&data);
    assert_true(emv_data_get_exact(&data, 0x9F36, 2, &value));
    assert_false(emv_data_get(&data, 0x5A, &value));
    assert_true(emv_data_get_exact(&data, 0x95, 5, &value));
    assert_bytes(value, hex("8000000000"));
    assert_null(memmem(&data, sizeof data, hex("6200000000000005").at, 8));
}

static void the_store_has_an_end(void **state)
{
    (void)state;
    static struct emv_data data;
    uint8_t value[EMV_DATA_VALUE_MAX + 1] = {1};
    emv_data_wipe(&data);
    assert_err(emv_data_put(&data, 0x9F01, BYTES_OF(value)), LENGTH);
    uint32_t tag = 0xDF01;
    while (!FAILED(emv_data_put(&data, tag, bytes_of(value, EMV_DATA_VALUE_MAX)))) tag++;
    assert_int_equal(data.count, (EMV_DATA_BYTES - 1024) / EMV_DATA_VALUE_MAX);
    assert_err(emv_data_put(&data, tag, bytes_of(value, EMV_DATA_VALUE_MAX)), FULL);
    emv_data_wipe(&data);
    tag = 0xDF8001;
    while (!FAILED(emv_data_put(&data, tag, bytes_of(value, 1)))) tag++;
    assert_int_equal(data.count, EMV_DATA_OBJECTS - 32);
    /* The terminal's own still go in. */
    for (uint32_t own = 0x9F01; own < 0x9F01 + 32; own++) emv_data_set_number(&data, own, 1, 8);
}

static void track_and_number_are_one_card(void **state)
{
    (void)state;
    static struct emv_data data;
    char pan[20];
    size_t digits;
    static const struct {
        const char *pan, *track;
        bool same;
    } row[] = {
        {"6200000000000005", "6200000000000005D30122200000000000", true},
        {"6200000000000005", "6200000000000013D30122200000000000", false},
        {"6200000000000005", "620000000000000D30122200000000000F", false},
        {"6217001234567890123F", "6217001234567890123D3012220000000F", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        emv_data_wipe(&data);
        assert_ok(emv_data_put(&data, 0x5A, hex(row[i].pan)));
        assert_true(emv_data_track_agrees(&data));
        assert_ok(emv_data_put(&data, 0x57, hex(row[i].track)));
        assert_int_equal(emv_data_track_agrees(&data), row[i].same);
    }
    emv_data_wipe(&data);
    assert_err(emv_data_pan(&data, pan, &digits), MISSING);
    assert_ok(emv_data_put(&data, 0x5A, hex("62F0000000000005")));
    assert_err(emv_data_pan(&data, pan, &digits), FORMAT);
}

static void amounts(void **state)
{
    (void)state;
    uint8_t n12[6];
    emv_amount(12345, n12);
    assert_bytes(BYTES_OF(n12), hex("000000012345"));
    assert_int_equal(emv_amount_of(BYTES_OF(n12)), 12345);
    emv_amount(999999999999, n12);
    assert_int_equal(emv_amount_of(BYTES_OF(n12)), 999999999999);
    assert_int_equal(emv_amount_of(hex("00000001234A")), -1);
    assert_int_equal(emv_amount_of(hex("0000012345")), -1);
}

/* Protocol facts 1.8: the order of the list, and no card number in it. */
static void field_55(void **state)
{
    (void)state;
    static struct emv_data data;
    uint8_t block[255];
    struct writer w = writer_over(block, sizeof block);
    emv_data_wipe(&data);
    assert_ok(emv_data_put(&data, 0x5A, hex("6200000000000005")));
    emv_data_set(&data, 0x9F37, hex("01020304"));
    emv_data_set(&data, 0x9F26, hex("1122334455667788"));
    emv_data_set(&data, 0x95, hex("0000008000"));
    emv_data_set(&data, 0xDF31, hex("2000000000"));
    emv_data_set(&data, 0x9F36, hex("0001"));
    assert_ok(emv_data_field55(&data, EMV_FIELD55_REQUEST, &w));
    assert_bytes(writer_view(&w),
                 hex("9F260811223344556677889F3704010203049F3602000195050000008000"));
    w = writer_over(block, sizeof block);
    assert_ok(emv_data_field55(&data, EMV_FIELD55_REVERSAL, &w));
    assert_bytes(writer_view(&w), hex("950500000080009F36020001DF31052000000000"));
    w = writer_over(block, 4);
    assert_err(emv_data_field55(&data, EMV_FIELD55_SCRIPT, &w), FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_cases),
        cmocka_unit_test(asks_for_too_much),
        cmocka_unit_test(fills_from_the_store),
        cmocka_unit_test(a_card_says_a_thing_once),
        cmocka_unit_test(the_store_has_an_end),
        cmocka_unit_test(track_and_number_are_one_card),
        cmocka_unit_test(amounts),
        cmocka_unit_test(field_55),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
