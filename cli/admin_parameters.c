/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin parameters`: what chip cards terminals take. `check` says whether a vault would
 * take a text, `show` explains every field of a text or of what is published, `publish` numbers,
 * signs and publishes a text; terminals fetch it after their next sign-in.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/admin.h"
#include "cli/host_keys.h"
#include "cli/host_parameters.h"
#include "lib/base/file.h"
#include "lib/base/money.h"

enum { PARAMETERS_TEXT_MAX = 256 * 1024 /* four times the longest document in hexadecimal */ };

struct settings {
    const char *state, *model, *file;
};

/* ---- in words ---- */

static void print_amount(int64_t amount_minor)
{
    char text[MONEY_TEXT_MAX + 1];
    struct writer w = writer_over(text, sizeof text - 1);
    money_write(&w, amount_minor);
    text[w.len] = '\0';
    printf("%s", text);
}

static uint64_t number_of(struct bytes value, unsigned base)
{
    uint64_t number = 0;
    for (size_t i = 0; i < value.len; i++)
        number = base == 10 ? number * 100 + (unsigned)(value.at[i] >> 4) * 10 + (value.at[i] & 15u)
                            : number << 8 | value.at[i];
    return number;
}

/* Terminal verification results, bit by bit from the first byte's highest (EMV Book 3, C5). */
static const char *const results[40] = {"no offline authentication",
                                        "SDA failed",
                                        "card data missing",
                                        "on the exception list",
                                        "DDA failed",
                                        "CDA failed",
                                        [8] = "another version",
                                        "expired",
                                        "not yet effective",
                                        "service not allowed",
                                        "new card",
                                        [16] = "cardholder not verified",
                                        "unknown CVM",
                                        "PIN tries exceeded",
                                        "no keypad",
                                        "PIN not entered",
                                        "online PIN entered",
                                        [24] = "above the floor limit",
                                        "too often offline",
                                        "far too often offline",
                                        "selected at random",
                                        "merchant wants online",
                                        [32] = "default TDOL used",
                                        "issuer authentication failed",
                                        "script failed before",
                                        "script failed after"};

static void print_action_code(struct bytes value)
{
    const char *before = "";
    for (size_t bit = 0; bit < 8 * value.len && bit < ARRAY_LEN(results); bit++)
        if ((value.at[bit / 8] >> (7 - bit % 8) & 1) != 0) {
            printf("%s%s", before, results[bit] == NULL ? "(reserved)" : results[bit]);
            before = ", ";
        }
    if (before[0] == '\0') printf("nothing");
}

static void print_card(struct bytes value)
{
    char hex[32];
    struct writer w = writer_over(hex, sizeof hex);
    write_hex_upper(&w, value);
    for (size_t i = 6; i + 4 < w.len; i++) hex[i] = '*';
    printf("%.*s", (int)w.len, hex);
}

static void print_binary_amount(struct bytes value)
{
    print_amount((int64_t)number_of(value, 16));
}

static void print_decimal_amount(struct bytes value)
{
    print_amount((int64_t)number_of(value, 10));
}

static void print_percentage(struct bytes value)
{
    printf("%u of 100", (unsigned)number_of(value, 10));
}

static void print_flag(struct bytes value)
{
    printf("%s", value.at[0] == 1 ? "yes" : "no");
}

static void print_number(struct bytes value)
{
    unsigned long number = 0;
    for (size_t i = 0; i < value.len; i++) number = number << 8 | value.at[i];
    printf("%lu", number);
}

static void print_size(struct bytes value)
{
    printf("%zu bits", value.len * 8);
}

/* Whoever parsed it has compared it. */
static void print_checksum(struct bytes value)
{
    printf("matches, %02x%02x..", value.at[0], value.at[1]);
}

static const struct {
    uint32_t tag;
    void (*print)(struct bytes value);
} ways[] = {
    {0x9F1B, print_binary_amount},
    {0xDF15, print_binary_amount},
    {0x9F7B, print_decimal_amount},
    {0xDF19, print_decimal_amount},
    {0xDF20, print_decimal_amount},
    {0xDF21, print_decimal_amount},
    {0xDF8105, print_decimal_amount},
    {0xDF8106, print_decimal_amount},
    {0xDF8107, print_number},
    {0xDF8108, print_decimal_amount},
    {0xDF8109, print_number},
    {0xDF16, print_percentage},
    {0xDF17, print_percentage},
    {0xDF11, print_action_code},
    {0xDF12, print_action_code},
    {0xDF13, print_action_code},
    {0xDF01, print_flag},
    {0xDF18, print_flag},
    {0xDF02, print_size},
    {0xDF03, print_checksum},
    {0x5A, print_card},
};

static void print_value(uint32_t tag, struct bytes value)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if (ways[i].tag == tag) {
            ways[i].print(value);
            return;
        }
    for (size_t i = 0; i < value.len; i++) printf("%02X", value.at[i]);
}

static const char *entry_name(uint32_t tag)
{
    static const char *const names[] = {"application", "key of a certification authority",
                                        "card that may not pay", "revoked issuer certificate",
                                        "limits of the terminal"};
    return tag >= 0xE1 && tag <= 0xE5 ? names[tag - 0xE1] : NULL;
}

/* The document has passed the parser: every walk ends well. */
static void print_document(struct bytes document)
{
    struct tlv_walk entries = tlv_walk_over(document);
    struct tlv entry, field;
    while (tlv_next(&entries, &entry)) {
        if (entry_name(entry.tag) == NULL) continue;
        printf("\n%s\n", entry_name(entry.tag));
        struct tlv_walk fields = tlv_walk_over(entry.value);
        while (tlv_next(&fields, &field)) {
            const char *name = emv_parameters_tag_name(field.tag);
            printf("  %-6X %-46s ", field.tag, name == NULL ? "" : name);
            print_value(field.tag, field.value);
            putchar('\n');
        }
    }
}

static void print_counts(const struct emv_parameters *p, size_t len)
{
    printf("%zu bytes: %zu applications, %zu keys, %zu cards that may not pay, %zu revoked "
           "certificates\n",
           len, p->applications, p->ca_keys, p->exceptions, p->revoked);
}

/* ---- the three commands ---- */

static err read_text(const char *file, struct bytes *ret_text, struct process_fault *fault)
{
    static uint8_t text[PARAMETERS_TEXT_MAX];
    size_t len = 0;
    err read = file_read(file, FILE_PUBLIC, text, sizeof text, &len);
    if (FAILED(read)) snprintf(fault->text, sizeof fault->text, "%.200s: %s", file, err_text(read));
    else *ret_text = bytes_of(text, len);
    return read;
}

static err look_at_file(const struct settings *s, bool show, struct process_fault *fault)
{
    struct bytes text;
    TRY(read_text(s->file, &text, fault));
    struct host_parameters *parameters = calloc(1, sizeof *parameters);
    if (parameters == NULL) return ERR(NO_MEMORY);
    err read = host_parameters_read(text, 1, parameters, fault);
    if (!FAILED(read)) {
        print_counts(&parameters->parsed, parameters->len);
        if (show) print_document(bytes_of(parameters->document, parameters->len));
    }
    free(parameters);
    return read;
}

static err check(const struct settings *s, struct process_fault *fault)
{
    return look_at_file(s, false, fault);
}

static err print_published(const struct registry_parameters *head, struct bytes document)
{
    static struct emv_parameters parsed;
    struct emv_parameters_fault at;
    struct bytes inner;
    TRY(host_parameters_unwrap(document, &inner));
    TRY(emv_parameters_parse(inner, &parsed, &at));
    printf("number %u for %s, ", head->number,
           head->model[0] == '\0' ? "every model without its own" : head->model);
    print_counts(&parsed, inner.len);
    print_document(inner);
    return OK;
}

static err show(const struct settings *s, struct process_fault *fault)
{
    static uint8_t block[REGISTRY_PARAMETERS_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct registry *registry = NULL;
    struct registry_parameters head;
    if (s->file != NULL) return look_at_file(s, true, fault);
    TRY(host_keys_registry(s->state, STORE_READ_ONLY, &registry, fault));
    err done = registry_find_parameters(registry, bytes_text(s->model), &head);
    if (done.code == ERR_NOT_FOUND)
        snprintf(fault->text, sizeof fault->text, "nothing is published for this model");
    if (!FAILED(done)) done = registry_read_parameters(registry, head.number, 0, sizeof block, &w);
    registry_close(registry);
    TRY(done);
    return print_published(&head, writer_view(&w));
}

static err publish(const struct settings *s, struct process_fault *fault)
{
    struct bytes text;
    struct registry *registry = NULL;
    struct registry_parameters head;
    TRY(read_text(s->file, &text, fault));
    TRY(host_keys_registry(s->state, STORE_OPEN, &registry, fault));
    err done = host_parameters_publish(s->state, registry, s->model, text, &head, fault);
    registry_close(registry);
    TRY(done);
    printf("number %u for %s: published, %u bytes\n", head.number,
           head.model[0] == '\0' ? "every model without its own" : head.model, head.len);
    return OK;
}

static const struct {
    const char *name;
    err (*run)(const struct settings *s, struct process_fault *fault);
    bool file, state; /* must be there */
} actions[] = {
    {"check", check, true, false}, {"show", show, false, false}, {"publish", publish, true, true}};

static int usage(const struct admin_command *command, FILE *to)
{
    fprintf(to,
            "usage: tongbao admin %s check FILE\n"
            "       tongbao admin %s show FILE\n"
            "       tongbao admin %s show --state DIR [--model MODEL]\n"
            "       tongbao admin %s publish FILE --state DIR [--model MODEL]\n"
            "  A text of parameters: which chip cards terminals take and how. check says whether\n"
            "  a terminal would take it, show explains every field of it or of what is published,\n"
            "  publish numbers and signs it; terminals fetch it after their next sign-in.\n"
            "  Without --model it is for every model that has none of its own.\n",
            command->name, command->name, command->name, command->name);
    return to == stdout ? 0 : PROCESS_EXIT_USAGE;
}

/* The place in `actions`, or their number. */
static size_t action_named(const char *name)
{
    size_t i = 0;
    while (i < ARRAY_LEN(actions) && strcmp(name, actions[i].name) != 0) i++;
    return i;
}

static bool complete(size_t action, const struct settings *s)
{
    if (actions[action].file && s->file == NULL) return false;
    if (actions[action].state && s->state == NULL) return false;
    return s->file != NULL || s->state != NULL;
}

int admin_parameters(const struct admin_command *command, int argc, char **argv)
{
    struct settings s = {.model = ""};
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &s.state},
        {"model", "MODEL", "for terminals of this model alone", .text = &s.model},
    };
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) return usage(command, stdout);
    size_t action = argc < 2 ? ARRAY_LEN(actions) : action_named(argv[1]);
    if (action == ARRAY_LEN(actions)) return usage(command, stderr);
    int first = 1;
    if (argc > 2 && argv[2][0] != '-') s.file = argv[++first];
    int status = admin_options(command, options, ARRAY_LEN(options), argc - first, argv + first);
    if (status >= 0) return status;
    if (!complete(action, &s)) return usage(command, stderr);
    struct process_fault fault = {""};
    err done = actions[action].run(&s, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
