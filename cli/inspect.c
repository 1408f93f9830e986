/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect`: the command line, the input, and what all kinds share. JSON goes to standard
 * output only when the whole input was understood, so that a script never reads half an answer.
 */
#include "cli/inspect.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "lib/base/mask.h"
#include "lib/base/reader.h"
#include "lib/emv/pan.h"

static const struct {
    const char *name;
    int (*run)(const struct inspect_options *o, struct bytes input, struct json_out *j);
} kinds[] = {
    {"iso8583", inspect_iso8583}, {"tlv", inspect_tlv},           {"track", inspect_track},
    {"qr", inspect_qr},           {"pinblock", inspect_pinblock}, {"keyblock", inspect_keyblock},
    {"dukpt", inspect_dukpt},     {"receipt", inspect_receipt},   {"backup", inspect_backup},
};

static const char help[] =
    "usage: tongbao inspect KIND [OPTIONS] FILE|TEXT|-\n"
    "Explains bytes as JSON. The input is a file of that name, otherwise the argument itself; '-' is\n"
    "standard input. Hexadecimal may contain white space; files may also be binary.\n"
    "\n"
    "  iso8583   a message, with or without length, TPDU and header (they are recognised)\n"
    "              --dialect bcd|ascii|tongbao   how it is spelt (bcd)\n"
    "              --frame                       length, TPDU and header must be there\n"
    "  tlv       BER-TLV objects: field 55, answers of cards\n"
    "  track     what a reader delivers: ';...?', a whole swipe, or track 2 in hexadecimal\n"
    "              --track 1|2|3                 which one it is, when it has no sentinels\n"
    "  qr        a PNG picture, a payment code, or the text of a merchant- or consumer-presented code\n"
    "  pinblock  an encrypted PIN block; published test keys only\n"
    "              --key HEX  --pan DIGITS  --format iso-0|iso-3|iso-4|no-pan|sm4-short|sm4-long\n"
    "  keyblock  a TR-31 / X9.143 key block, version A to D: its header in words\n"
    "  receipt   an e-receipt: its link, or what stands behind the #\n"
    "              --authority FILE   the acquirer's certificate (ca.pem); without it nothing is\n"
    "                                 verified, and the answer says so\n"
    "  backup    a device's backup: which device, when, what is in it; needs no key and opens nothing\n"
    "              --authority FILE   the same: whether a device of this acquirer has signed it\n"
    "  dukpt     a key serial number: 10 bytes X9.24-1 (TDES), 12 bytes X9.24-3 (AES)\n"
    "              --key-fd N    a test key in hexadecimal on descriptor N: the key that protects\n"
    "                            the block, or the base derivation key; check values are shown\n"
    "              --show-key    values, too, of what opens or is derived with it\n"
    "\n"
    "  --show-pan  do not mask card numbers\n"
    "\n"
    "Exit status: 0 explained, 1 the input is faulty (standard error names the field and the offset),\n"
    "2 wrong usage.\n";

int inspect_refuse(const struct inspect_options *o, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "tongbao inspect %s: ", o->kind);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return INSPECT_BAD_INPUT;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct bytes inspect_trim(struct bytes text)
{
    while (text.len > 0 && is_space(text.at[text.len - 1])) text.len--;
    while (text.len > 0 && is_space(text.at[0])) text = bytes_of(text.at + 1, text.len - 1);
    return text;
}

err inspect_unhex(struct bytes text, uint8_t *out, size_t max, size_t *ret_len)
{
    size_t len = 0, digits = 0;
    uint8_t pair[2];
    for (size_t i = 0; i < text.len; i++) {
        if (is_space(text.at[i])) continue;
        pair[digits++ % 2] = text.at[i];
        if (digits % 2 != 0) continue;
        size_t one;
        if (len == max) return ERR(LENGTH);
        TRY(hex_decode(BYTES_OF(pair), out + len, 1, &one));
        len += one;
    }
    if (digits == 0 || digits % 2 != 0) return ERR(FORMAT);
    *ret_len = len;
    return OK;
}

const char *inspect_no_hex(struct bytes input)
{
    size_t digits = 0;
    for (size_t i = 0; i < input.len; i++) {
        if (is_space(input.at[i])) continue;
        if (!isxdigit(input.at[i]))
            return " (taken as it stands, not as hexadecimal: other characters are in it)";
        digits++;
    }
    return digits % 2 != 0 ? " (taken as it stands, not as hexadecimal: a digit is missing)" : "";
}

void inspect_member_masked(struct json_out *j, const char *name, struct bytes text, bool show_pan)
{
    uint8_t block[8192];
    ENSURE(text.len <= sizeof block);
    bool masked = !show_pan && mask_cards(text, block);
    json_member_text(j, name, masked ? bytes_of(block, text.len) : text);
    if (masked) json_member_bool(j, "masked", true);
}

void inspect_member_pan(struct json_out *j, struct bytes pan, bool show_pan)
{
    char text[PAN_TEXT];
    if (show_pan) json_member_text(j, "pan", pan);
    else if (!FAILED(pan_mask(pan, text))) json_member_string(j, "pan", text);
    else json_member_string(j, "pan", "not a card number");
    json_member_bool(j, "luhn", pan_luhn(pan));
}

/* A file of that name, or the argument itself. */
static err load(const char *argument, uint8_t *block, size_t *ret_len)
{
    if (strcmp(argument, "-") == 0) return file_read_input(block, INSPECT_INPUT_MAX, ret_len);
    size_t len = strlen(argument);
    if (len < FILE_PATH_MAX && access(argument, F_OK) == 0)
        return file_read(argument, FILE_PUBLIC, block, INSPECT_INPUT_MAX, ret_len);
    /* Hexadecimal and codes have no slash at the start of a path: this was meant as a file. */
    bool path =
        argument[0] == '/' || strncmp(argument, "./", 2) == 0 || strncmp(argument, "../", 3) == 0;
    if (path) return ERR(NOT_FOUND);
    if (len > INSPECT_INPUT_MAX) return ERR(LENGTH);
    memcpy(block, argument, len);
    *ret_len = len;
    return OK;
}

enum {
    OPTION_DIALECT = 1,
    OPTION_FRAME,
    OPTION_TRACK,
    OPTION_KEY,
    OPTION_PAN,
    OPTION_FORMAT,
    OPTION_SHOW_PAN,
    OPTION_AUTHORITY,
    OPTION_KEY_FD,
    OPTION_SHOW_KEY,
    OPTION_HELP
};

static const struct option long_options[] = {
    {"dialect", required_argument, NULL, OPTION_DIALECT},
    {"frame", no_argument, NULL, OPTION_FRAME},
    {"track", required_argument, NULL, OPTION_TRACK},
    {"key", required_argument, NULL, OPTION_KEY},
    {"pan", required_argument, NULL, OPTION_PAN},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"show-pan", no_argument, NULL, OPTION_SHOW_PAN},
    {"authority", required_argument, NULL, OPTION_AUTHORITY},
    {"key-fd", required_argument, NULL, OPTION_KEY_FD},
    {"show-key", no_argument, NULL, OPTION_SHOW_KEY},
    {"help", no_argument, NULL, OPTION_HELP},
    {0},
};

static int PRINTF(1, 2) misused(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("tongbao inspect: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("; tongbao inspect --help says what there is\n", stderr);
    va_end(arguments);
    return INSPECT_BAD_USAGE;
}

static int take_dialect(struct inspect_options *o, const char *name)
{
    o->dialect = iso8583_dialect_named(name);
    if (o->dialect != NULL) return INSPECT_DONE;
    return misused("there is no dialect '%s': bcd, ascii or tongbao", name);
}

static int take_track(struct inspect_options *o, const char *number)
{
    if (strlen(number) != 1 || number[0] < '1' || number[0] > '3')
        return misused("there is no track '%s'", number);
    o->track = number[0] - '0';
    return INSPECT_DONE;
}

static int take_key_fd(struct inspect_options *o, const char *number)
{
    struct reader r = reader_over(bytes_text(number));
    size_t digits = strlen(number);
    unsigned fd = digits > 0 && digits <= 4 ? read_digits(&r, digits) : 0;
    if (digits == 0 || digits > 4 || FAILED(reader_finish(&r)))
        return misused("there is no descriptor '%s'", number);
    o->key_fd = (int)fd;
    return INSPECT_DONE;
}

static int take_option(struct inspect_options *o, int option)
{
    switch (option) {
    case OPTION_KEY_FD:
        return take_key_fd(o, optarg);
    case OPTION_SHOW_KEY:
        o->show_key = true;
        return INSPECT_DONE;
    case OPTION_DIALECT:
        return take_dialect(o, optarg);
    case OPTION_TRACK:
        return take_track(o, optarg);
    case OPTION_FRAME:
        o->framed = true;
        return INSPECT_DONE;
    case OPTION_KEY:
        o->key = optarg;
        return INSPECT_DONE;
    case OPTION_PAN:
        o->pan = optarg;
        return INSPECT_DONE;
    case OPTION_FORMAT:
        o->format = optarg;
        return INSPECT_DONE;
    case OPTION_AUTHORITY:
        o->authority = optarg;
        return INSPECT_DONE;
    case OPTION_SHOW_PAN:
        o->show_pan = true;
        return INSPECT_DONE;
    default:
        fputs("tongbao inspect --help says what there is\n", stderr);
        return INSPECT_BAD_USAGE;
    }
}

static int run(const struct inspect_options *o, const char *argument, uint8_t *in, uint8_t *out)
{
    size_t len = 0;
    err loaded = load(argument, in, &len);
    if (FAILED(loaded))
        return inspect_refuse(
            o,
            "the input cannot be read: %s; give a plain file of at most %d bytes, "
            "hexadecimal, or - for standard input",
            err_text(loaded), INSPECT_INPUT_MAX);
    if (inspect_trim(bytes_of(in, len)).len == 0)
        return inspect_refuse(o, "the input is empty; was the file written?");

    struct writer w = writer_over(out, INSPECT_OUTPUT_MAX);
    struct json_out j = json_out_over(&w);
    int status = INSPECT_BAD_USAGE;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, o->kind) == 0) status = kinds[i].run(o, bytes_of(in, len), &j);
    if (status != INSPECT_DONE) return status;

    struct bytes text;
    err written = writer_finish(&w, &text);
    if (FAILED(written))
        return inspect_refuse(o, "the answer cannot be written: %s", err_text(written));
    bool printed = fwrite(text.at, 1, text.len, stdout) == text.len && fputc('\n', stdout) != EOF &&
                   fflush(stdout) == 0;
    return printed ? INSPECT_DONE : inspect_refuse(o, "standard output cannot be written");
}

static bool known_kind(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0) return true;
    return false;
}

int inspect_main(int argc, char **argv)
{
    struct inspect_options o = {.kind = "", .dialect = &iso8583_dialect_cup, .key_fd = -1};
    int option;
    optind = 0; /* the options of the command itself have been looked at before */
    opterr = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            fputs(help, stdout);
            return INSPECT_DONE;
        }
        int status = take_option(&o, option);
        if (status != INSPECT_DONE) return status;
    }
    if (optind == argc) return misused("%s", "what is to be explained?");
    o.kind = argv[optind];
    if (!known_kind(o.kind)) return misused("there is no kind '%s'", o.kind);
    if (argc - optind != 2)
        return misused("%s", argc - optind < 2 ? "no input: give a file, text or -"
                                               : "one input at a time (quote white space)");

    uint8_t *in = malloc(INSPECT_INPUT_MAX), *out = malloc(INSPECT_OUTPUT_MAX);
    int status = in != NULL && out != NULL ? run(&o, argv[optind + 1], in, out)
                                           : inspect_refuse(&o, "no memory");
    if (in != NULL) explicit_bzero(in, INSPECT_INPUT_MAX);
    free(in);
    free(out);
    return status;
}
