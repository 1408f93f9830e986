/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75, S118: parameters of chip cards as a text: every line is taken or refused by its number, and
 * the demo's text is a document that a vault takes.
 */
#include "lib/emv/parameters_text.h"
#include "tests/unit/crypto_vectors.h"

static struct emv_parameters parameters;
static struct emv_parameters_text_fault fault;
static uint8_t document[EMV_PARAMETERS_MAX];
static size_t document_len;

#define APPLICATION                                                                      \
    "application\n9F06 A000000333010101\nDF01 00\n9F08 0030\nDF11 D84000A800\n"          \
    "DF12 D84004F800\nDF13 0010000000\n9F1B 00001388\nDF15 00000100\nDF16 99\nDF17 20\n" \
    "DF14 9F3704\nDF18 01\n" /* 13 lines */

static const char *read_text(const char *text)
{
    struct writer out = writer_over(document, sizeof document);
    fault = (struct emv_parameters_text_fault){0};
    err e = emv_parameters_text(bytes_text(text), 7, &out, &parameters, &fault);
    document_len = out.len;
    return err_name(e);
}

/* The bytes are those of the layout, and the number is the one that was given. */
static void a_text_is_its_document(void **state)
{
    (void)state;
    assert_string_equal(read_text("# one\n\n" APPLICATION), "OK");
    assert_bytes(bytes_of(document, document_len),
                 hex("DF81010101DF81020400000007E14C9F0608A000000333010101DF0101009F08020030"
                     "DF1105D84000A800DF1205D84004F800DF130500100000009F1B0400001388DF1504"
                     "00000100DF160199DF170120DF14039F3704DF180101"));
    assert_int_equal(parameters.number, 7);
    assert_string_equal(read_text(APPLICATION "limits # of all\n\tDF8105 0000\n + 00100000#x\n"),
                        "FORMAT"); /* a comment begins at a word of its own */
    assert_string_equal(read_text(APPLICATION "limits # of all\n\tDF8105 0000\n + 00100000 #x"),
                        "OK");
    assert_int_equal(parameters.limits.tap_free_minor, 100000);
}

static void a_fault_has_a_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
        uint32_t line, tag;
    } row[] = {
        {"9F06 A0\n", "FORMAT", 1, 0},                             /* in no entry */
        {APPLICATION "something\n", "FORMAT", 14, 0},              /* no kind */
        {APPLICATION "limits\nDF8105 00 00\n", "FORMAT", 15, 0},   /* three words */
        {APPLICATION "limits\nDF8105 0000001\n", "FORMAT", 15, 0}, /* half a byte */
        {APPLICATION "limits\n+ 00\n", "FORMAT", 15, 0},           /* goes on with nothing */
        {APPLICATION "\nlimits\n\nDF8120 00\n", "FIELD", 15, 0xDF8120},
        {APPLICATION "limits\nDF8105 0000001000\n", "LENGTH", 14, 0xDF8105},
        {APPLICATION APPLICATION, "EXISTS", 14, 0},
        {"limits\nDF8105 000000100000\n", "MISSING", 1, 0},
        {"", "MISSING", 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        parameters.number = 99;
        assert_string_equal(read_text(row[i].text), row[i].error);
        assert_int_equal(fault.line, row[i].line);
        assert_int_equal(fault.tag, row[i].tag);
        assert_int_equal(parameters.number, 99);
    }
}

/* A key with one bit of its modulus turned is named by line and reason. */
static void a_wrong_checksum_is_named(void **state)
{
    (void)state;
    char text[2048];
    snprintf(text, sizeof text,
             "%s\n# a key\nkey\n9F06 A000000333\n9F22 F1\nDF05 20301231\nDF06 01\nDF07 01\n"
             "DF02 F0C5A4612953A99BC4F2754A9E7EAA29BE97FC029DCAD917797FD285770D2D8A262DD586EB394E9D"
             "A0BACD628843B3E0F252372FAB1049870BD5C500FD2FB0587DECA3035B6E42C06A14611F61193FCC386C"
             "F50465ABF8A81A30131A5FD97DE224E23CE7AC91FEBBC5A0E86857BC05391402F519D2F12D30AF438B8A"
             "509E9F07D3351DCD766861997FD3596808E5C66D\nDF04 03\n"
             "DF03 237A4FE13EA32B665C1137E8FBF24F65001F912A\n",
             APPLICATION);
    assert_string_equal(read_text(text), "KCV");
    assert_int_equal(fault.line, 16);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    static char text[40000];
    struct writer w = writer_over(text, sizeof text - 1);
    write_bytes(&w, BYTES("key\nDF02 00\n"));
    for (int i = 0; i < EMV_PARAMETERS_ENTRY_MAX; i++) write_bytes(&w, BYTES("+ 00\n"));
    text[w.len] = '\0';
    assert_string_equal(read_text(text), "LENGTH");

    struct writer small = writer_over(document, 40);
    assert_err(emv_parameters_text(bytes_text(APPLICATION), 1, &small, &parameters, &fault), FULL);
}

static void the_demos_text(void **state)
{
    (void)state;
    static char text[65536];
    FILE *file = fopen("simulators/parameters/demo.parameters", "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    assert_string_equal(read_text(text), "OK");
    assert_int_equal(parameters.applications, 3);
    assert_int_equal(parameters.ca_keys, 11);
    assert_int_equal(parameters.exceptions, 0);
    assert_non_null(emv_parameters_ca_key(&parameters, hex("A000000333"), 0xF1));
    assert_int_equal(parameters.application[0].tap_cvm_minor, 100000);
    assert_int_equal(parameters.limits.tap_free_minor, 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_its_document),
        cmocka_unit_test(a_fault_has_a_line),
        cmocka_unit_test(a_wrong_checksum_is_named),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(the_demos_text),
    };
    return cmocka_run_group_tests_name("emv_parameters_text", tests, NULL, NULL);
}
