/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The three dialects. A row: what the value consists of, how it stands on the wire, digits of its
 * length (0: fixed), what the length counts, most elements, what may be printed of it, its name.
 * tests/unit/iso8583_dialect_test.c checks every row of every table.
 */
#include "lib/iso8583/dialect.h"

/* Rows of a table fit on a line without the prefix. */
#define DIGITS    ISO8583_DIGITS
#define TRACK     ISO8583_TRACK
#define TEXT      ISO8583_TEXT
#define BINARY    ISO8583_BINARY
#define PLAIN     ISO8583_PLAIN
#define BCD       ISO8583_BCD
#define BCD_RIGHT ISO8583_BCD_RIGHT
#define HEX       ISO8583_HEX
#define ELEMENTS  ISO8583_ELEMENTS
#define OCTETS    ISO8583_OCTETS
#define OPEN      ISO8583_OPEN
#define CARD      ISO8583_CARD
#define SECRET    ISO8583_SECRET
#define MIXED     ISO8583_MIXED

/* clang-format off */

/*
 * Packed decimal. Entry mode 22 has its pad behind, 23 and 24 in front: three digits in two bytes
 * were justified both ways by the profiles this comes from, and every host has kept it so.
 */
const struct iso8583_dialect iso8583_dialect_cup = {
    .name = "bcd",
    .mti = BCD,
    .bitmap = PLAIN,
    .prefix = BCD,
    .field =
        {
            [  2] = {DIGITS, BCD,       2, ELEMENTS, 19,  CARD,   "primary account number"},
            [  3] = {DIGITS, BCD,       0, ELEMENTS, 6,   OPEN,   "processing code"},
            [  4] = {DIGITS, BCD,       0, ELEMENTS, 12,  OPEN,   "amount"},
            [  7] = {DIGITS, BCD,       0, ELEMENTS, 10,  OPEN,   "transmission date and time"},
            [ 11] = {DIGITS, BCD,       0, ELEMENTS, 6,   OPEN,   "trace number (STAN)"},
            [ 12] = {DIGITS, BCD,       0, ELEMENTS, 6,   OPEN,   "local time"},
            [ 13] = {DIGITS, BCD,       0, ELEMENTS, 4,   OPEN,   "local date"},
            [ 14] = {DIGITS, BCD,       0, ELEMENTS, 4,   OPEN,   "card expiry"},
            [ 15] = {DIGITS, BCD,       0, ELEMENTS, 4,   OPEN,   "settlement date"},
            [ 22] = {DIGITS, BCD,       0, ELEMENTS, 3,   OPEN,   "entry mode"},
            [ 23] = {DIGITS, BCD_RIGHT, 0, ELEMENTS, 3,   OPEN,   "card sequence number"},
            [ 24] = {DIGITS, BCD_RIGHT, 0, ELEMENTS, 3,   OPEN,   "network id"},
            [ 25] = {DIGITS, BCD,       0, ELEMENTS, 2,   OPEN,   "condition code"},
            [ 26] = {DIGITS, BCD,       0, ELEMENTS, 2,   OPEN,   "PIN length accepted"},
            [ 32] = {DIGITS, BCD,       2, ELEMENTS, 11,  OPEN,   "acquirer id"},
            [ 35] = {TRACK,  BCD,       2, ELEMENTS, 37,  CARD,   "track 2"},
            [ 36] = {TRACK,  BCD,       3, ELEMENTS, 104, CARD,   "track 3"},
            [ 37] = {TEXT,   PLAIN,     0, ELEMENTS, 12,  OPEN,   "retrieval reference number (RRN)"},
            [ 38] = {TEXT,   PLAIN,     0, ELEMENTS, 6,   OPEN,   "authorisation code"},
            [ 39] = {TEXT,   PLAIN,     0, ELEMENTS, 2,   OPEN,   "response code"},
            [ 41] = {TEXT,   PLAIN,     0, ELEMENTS, 8,   OPEN,   "terminal id (TID)"},
            [ 42] = {TEXT,   PLAIN,     0, ELEMENTS, 15,  OPEN,   "merchant id (MID)"},
            [ 43] = {TEXT,   PLAIN,     0, ELEMENTS, 40,  MIXED,  "merchant name and place"},
            [ 44] = {TEXT,   PLAIN,     2, ELEMENTS, 25,  MIXED,  "additional response"},
            [ 46] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "additional data, ISO"},
            [ 47] = {BINARY, PLAIN,     3, ELEMENTS, 999, MIXED,  "additional data, national"},
            [ 48] = {DIGITS, BCD,       3, ELEMENTS, 322, MIXED,  "additional data"},
            [ 49] = {TEXT,   PLAIN,     0, ELEMENTS, 3,   OPEN,   "currency"},
            [ 52] = {BINARY, PLAIN,     0, ELEMENTS, 8,   SECRET, "PIN block"},
            [ 53] = {DIGITS, BCD,       0, ELEMENTS, 16,  OPEN,   "security information"},
            [ 54] = {TEXT,   PLAIN,     3, ELEMENTS, 20,  OPEN,   "balance"},
            [ 55] = {BINARY, PLAIN,     3, ELEMENTS, 255, MIXED,  "chip data"},
            [ 56] = {TEXT,   PLAIN,     3, ELEMENTS, 512, MIXED,  "additional text"},
            [ 57] = {TEXT,   PLAIN,     3, ELEMENTS, 100, MIXED,  "additional data, national"},
            [ 58] = {TEXT,   PLAIN,     3, ELEMENTS, 100, MIXED,  "electronic cash data"},
            [ 59] = {TEXT,   PLAIN,     3, ELEMENTS, 600, MIXED,  "device information"},
            [ 60] = {DIGITS, BCD,       3, ELEMENTS, 17,  OPEN,   "trade information"},
            [ 61] = {DIGITS, BCD,       3, ELEMENTS, 29,  OPEN,   "original payment"},
            [ 62] = {BINARY, PLAIN,     3, ELEMENTS, 512, MIXED,  "keys, parameters, texts"},
            [ 63] = {TEXT,   PLAIN,     3, ELEMENTS, 163, MIXED,  "operator, card scheme, text"},
            [ 64] = {BINARY, PLAIN,     0, ELEMENTS, 8,   OPEN,   "message authentication code"},
        },
};

/*
 * The same without a card number: fields 2, 14, 35 and 36 are not in this dialect, so a program
 * that would send one is stopped by encode. 57 carries the card data under a key of vault and hsm.
 */
const struct iso8583_dialect iso8583_dialect_tongbao = {
    .name = "tongbao",
    .mti = BCD,
    .bitmap = PLAIN,
    .prefix = BCD,
    .field =
        {
            [  3] = {DIGITS, BCD,       0, ELEMENTS, 6,   OPEN,   "processing code"},
            [  4] = {DIGITS, BCD,       0, ELEMENTS, 12,  OPEN,   "amount"},
            [  7] = {DIGITS, BCD,       0, ELEMENTS, 10,  OPEN,   "transmission date and time"},
            [ 11] = {DIGITS, BCD,       0, ELEMENTS, 6,   OPEN,   "trace number (STAN)"},
            [ 12] = {DIGITS, BCD,       0, ELEMENTS, 6,   OPEN,   "local time"},
            [ 13] = {DIGITS, BCD,       0, ELEMENTS, 4,   OPEN,   "local date"},
            [ 15] = {DIGITS, BCD,       0, ELEMENTS, 4,   OPEN,   "settlement date"},
            [ 22] = {DIGITS, BCD,       0, ELEMENTS, 3,   OPEN,   "entry mode"},
            [ 23] = {DIGITS, BCD_RIGHT, 0, ELEMENTS, 3,   OPEN,   "card sequence number"},
            [ 24] = {DIGITS, BCD_RIGHT, 0, ELEMENTS, 3,   OPEN,   "network id"},
            [ 25] = {DIGITS, BCD,       0, ELEMENTS, 2,   OPEN,   "condition code"},
            [ 26] = {DIGITS, BCD,       0, ELEMENTS, 2,   OPEN,   "PIN length accepted"},
            [ 32] = {DIGITS, BCD,       2, ELEMENTS, 11,  OPEN,   "acquirer id"},
            [ 37] = {TEXT,   PLAIN,     0, ELEMENTS, 12,  OPEN,   "retrieval reference number (RRN)"},
            [ 38] = {TEXT,   PLAIN,     0, ELEMENTS, 6,   OPEN,   "authorisation code"},
            [ 39] = {TEXT,   PLAIN,     0, ELEMENTS, 2,   OPEN,   "response code"},
            [ 41] = {TEXT,   PLAIN,     0, ELEMENTS, 8,   OPEN,   "terminal id (TID)"},
            [ 42] = {TEXT,   PLAIN,     0, ELEMENTS, 15,  OPEN,   "merchant id (MID)"},
            [ 43] = {TEXT,   PLAIN,     0, ELEMENTS, 40,  MIXED,  "merchant name and place"},
            [ 44] = {TEXT,   PLAIN,     2, ELEMENTS, 25,  MIXED,  "additional response"},
            [ 46] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "additional data, ISO"},
            [ 47] = {BINARY, PLAIN,     3, ELEMENTS, 12,  OPEN,   "key serial number (KSN)"},
            [ 48] = {DIGITS, BCD,       3, ELEMENTS, 322, MIXED,  "additional data"},
            [ 49] = {TEXT,   PLAIN,     0, ELEMENTS, 3,   OPEN,   "currency"},
            [ 52] = {BINARY, PLAIN,     0, ELEMENTS, 16,  SECRET, "PIN block"},
            [ 53] = {DIGITS, BCD,       0, ELEMENTS, 16,  OPEN,   "security information"},
            [ 54] = {TEXT,   PLAIN,     3, ELEMENTS, 20,  OPEN,   "balance"},
            [ 55] = {BINARY, PLAIN,     3, ELEMENTS, 255, MIXED,  "chip data"},
            [ 56] = {TEXT,   PLAIN,     3, ELEMENTS, 512, MIXED,  "additional text"},
            [ 57] = {BINARY, PLAIN,     3, ELEMENTS, 255, OPEN,   "card data envelope"},
            [ 58] = {TEXT,   PLAIN,     3, ELEMENTS, 100, MIXED,  "electronic cash data"},
            [ 59] = {TEXT,   PLAIN,     3, ELEMENTS, 64,  CARD,   "customer payment code"},
            [ 60] = {DIGITS, BCD,       3, ELEMENTS, 17,  OPEN,   "trade information"},
            [ 61] = {DIGITS, BCD,       3, ELEMENTS, 29,  OPEN,   "original payment"},
            [ 62] = {BINARY, PLAIN,     3, ELEMENTS, 512, MIXED,  "keys, parameters, texts"},
            [ 63] = {TEXT,   PLAIN,     3, ELEMENTS, 163, MIXED,  "operator, card scheme, text"},
            [ 64] = {BINARY, PLAIN,     0, ELEMENTS, 8,   OPEN,   "message authentication code"},
        },
};

/*
 * Chip data (55) is raw even here, as the widespread packagers of this dialect have it. The length of
 * 57 and 125 counts the characters that follow, as it does wherever a length stands before text.
 */
const struct iso8583_dialect iso8583_dialect_ascii87 = {
    .name = "ascii",
    .mti = PLAIN,
    .bitmap = HEX,
    .prefix = PLAIN,
    .field =
        {
            [  2] = {DIGITS, PLAIN,     2, ELEMENTS, 19,  CARD,   "primary account number"},
            [  3] = {DIGITS, PLAIN,     0, ELEMENTS, 6,   OPEN,   "processing code"},
            [  4] = {DIGITS, PLAIN,     0, ELEMENTS, 12,  OPEN,   "amount"},
            [  5] = {DIGITS, PLAIN,     0, ELEMENTS, 12,  OPEN,   "settlement amount"},
            [  6] = {DIGITS, PLAIN,     0, ELEMENTS, 12,  OPEN,   "cardholder billing amount"},
            [  7] = {DIGITS, PLAIN,     0, ELEMENTS, 10,  OPEN,   "transmission date and time"},
            [  8] = {DIGITS, PLAIN,     0, ELEMENTS, 8,   OPEN,   "cardholder billing fee"},
            [  9] = {DIGITS, PLAIN,     0, ELEMENTS, 8,   OPEN,   "settlement conversion rate"},
            [ 10] = {DIGITS, PLAIN,     0, ELEMENTS, 8,   OPEN,   "cardholder billing conversion rate"},
            [ 11] = {DIGITS, PLAIN,     0, ELEMENTS, 6,   OPEN,   "trace number (STAN)"},
            [ 12] = {DIGITS, PLAIN,     0, ELEMENTS, 6,   OPEN,   "local time"},
            [ 13] = {DIGITS, PLAIN,     0, ELEMENTS, 4,   OPEN,   "local date"},
            [ 14] = {DIGITS, PLAIN,     0, ELEMENTS, 4,   OPEN,   "card expiry"},
            [ 15] = {DIGITS, PLAIN,     0, ELEMENTS, 4,   OPEN,   "settlement date"},
            [ 16] = {DIGITS, PLAIN,     0, ELEMENTS, 4,   OPEN,   "conversion date"},
            [ 17] = {DIGITS, PLAIN,     0, ELEMENTS, 4,   OPEN,   "capture date"},
            [ 18] = {DIGITS, PLAIN,     0, ELEMENTS, 4,   OPEN,   "merchant category code"},
            [ 19] = {DIGITS, PLAIN,     0, ELEMENTS, 3,   OPEN,   "acquirer country"},
            [ 20] = {DIGITS, PLAIN,     0, ELEMENTS, 3,   OPEN,   "card number country"},
            [ 21] = {DIGITS, PLAIN,     0, ELEMENTS, 3,   OPEN,   "forwarding institution country"},
            [ 22] = {DIGITS, PLAIN,     0, ELEMENTS, 3,   OPEN,   "entry mode"},
            [ 23] = {DIGITS, PLAIN,     0, ELEMENTS, 3,   OPEN,   "card sequence number"},
            [ 24] = {DIGITS, PLAIN,     0, ELEMENTS, 3,   OPEN,   "network id"},
            [ 25] = {DIGITS, PLAIN,     0, ELEMENTS, 2,   OPEN,   "condition code"},
            [ 26] = {DIGITS, PLAIN,     0, ELEMENTS, 2,   OPEN,   "PIN length accepted"},
            [ 27] = {DIGITS, PLAIN,     0, ELEMENTS, 1,   OPEN,   "authorisation code length"},
            [ 28] = {TEXT,   PLAIN,     0, ELEMENTS, 9,   OPEN,   "transaction fee"},
            [ 29] = {TEXT,   PLAIN,     0, ELEMENTS, 9,   OPEN,   "settlement fee"},
            [ 30] = {TEXT,   PLAIN,     0, ELEMENTS, 9,   OPEN,   "transaction processing fee"},
            [ 31] = {TEXT,   PLAIN,     0, ELEMENTS, 9,   OPEN,   "settlement processing fee"},
            [ 32] = {DIGITS, PLAIN,     2, ELEMENTS, 11,  OPEN,   "acquirer id"},
            [ 33] = {DIGITS, PLAIN,     2, ELEMENTS, 11,  OPEN,   "forwarding institution id"},
            [ 34] = {TEXT,   PLAIN,     2, ELEMENTS, 28,  CARD,   "extended primary account number"},
            [ 35] = {TRACK,  PLAIN,     2, ELEMENTS, 37,  CARD,   "track 2"},
            [ 36] = {TRACK,  PLAIN,     3, ELEMENTS, 104, CARD,   "track 3"},
            [ 37] = {TEXT,   PLAIN,     0, ELEMENTS, 12,  OPEN,   "retrieval reference number (RRN)"},
            [ 38] = {TEXT,   PLAIN,     0, ELEMENTS, 6,   OPEN,   "authorisation code"},
            [ 39] = {TEXT,   PLAIN,     0, ELEMENTS, 2,   OPEN,   "response code"},
            [ 40] = {TEXT,   PLAIN,     0, ELEMENTS, 3,   OPEN,   "service restriction code"},
            [ 41] = {TEXT,   PLAIN,     0, ELEMENTS, 8,   OPEN,   "terminal id (TID)"},
            [ 42] = {TEXT,   PLAIN,     0, ELEMENTS, 15,  OPEN,   "merchant id (MID)"},
            [ 43] = {TEXT,   PLAIN,     0, ELEMENTS, 40,  MIXED,  "merchant name and place"},
            [ 44] = {TEXT,   PLAIN,     2, ELEMENTS, 25,  MIXED,  "additional response"},
            [ 45] = {TEXT,   PLAIN,     2, ELEMENTS, 76,  CARD,   "track 1"},
            [ 46] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "additional data, ISO"},
            [ 47] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "additional data, national"},
            [ 48] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "additional data"},
            [ 49] = {TEXT,   PLAIN,     0, ELEMENTS, 3,   OPEN,   "currency"},
            [ 50] = {TEXT,   PLAIN,     0, ELEMENTS, 3,   OPEN,   "settlement currency"},
            [ 51] = {TEXT,   PLAIN,     0, ELEMENTS, 3,   OPEN,   "cardholder billing currency"},
            [ 52] = {BINARY, HEX,       0, ELEMENTS, 8,   SECRET, "PIN block"},
            [ 53] = {DIGITS, PLAIN,     0, ELEMENTS, 16,  OPEN,   "security information"},
            [ 54] = {TEXT,   PLAIN,     3, ELEMENTS, 120, MIXED,  "additional amounts"},
            [ 55] = {BINARY, PLAIN,     3, ELEMENTS, 255, MIXED,  "chip data"},
            [ 56] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, ISO"},
            [ 57] = {BINARY, HEX,       3, OCTETS,   255, OPEN,   "card data envelope"},
            [ 58] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, national"},
            [ 59] = {TEXT,   PLAIN,     3, ELEMENTS, 999, CARD,   "customer payment code"},
            [ 60] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [ 61] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [ 62] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [ 63] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [ 64] = {BINARY, HEX,       0, ELEMENTS, 8,   OPEN,   "message authentication code"},
            [ 66] = {DIGITS, PLAIN,     0, ELEMENTS, 1,   OPEN,   "settlement code"},
            [ 67] = {DIGITS, PLAIN,     0, ELEMENTS, 2,   OPEN,   "extended payment code"},
            [ 68] = {DIGITS, PLAIN,     0, ELEMENTS, 3,   OPEN,   "receiving institution country"},
            [ 69] = {DIGITS, PLAIN,     0, ELEMENTS, 3,   OPEN,   "settlement institution country"},
            [ 70] = {DIGITS, PLAIN,     0, ELEMENTS, 3,   OPEN,   "network management code"},
            [ 71] = {DIGITS, PLAIN,     0, ELEMENTS, 4,   OPEN,   "message number"},
            [ 72] = {DIGITS, PLAIN,     0, ELEMENTS, 4,   OPEN,   "last message number"},
            [ 73] = {DIGITS, PLAIN,     0, ELEMENTS, 6,   OPEN,   "action date"},
            [ 74] = {DIGITS, PLAIN,     0, ELEMENTS, 10,  OPEN,   "credits, number"},
            [ 75] = {DIGITS, PLAIN,     0, ELEMENTS, 10,  OPEN,   "credits reversal, number"},
            [ 76] = {DIGITS, PLAIN,     0, ELEMENTS, 10,  OPEN,   "debits, number"},
            [ 77] = {DIGITS, PLAIN,     0, ELEMENTS, 10,  OPEN,   "debits reversal, number"},
            [ 78] = {DIGITS, PLAIN,     0, ELEMENTS, 10,  OPEN,   "transfers, number"},
            [ 79] = {DIGITS, PLAIN,     0, ELEMENTS, 10,  OPEN,   "transfers reversal, number"},
            [ 80] = {DIGITS, PLAIN,     0, ELEMENTS, 10,  OPEN,   "inquiries, number"},
            [ 81] = {DIGITS, PLAIN,     0, ELEMENTS, 10,  OPEN,   "authorisations, number"},
            [ 82] = {DIGITS, PLAIN,     0, ELEMENTS, 12,  OPEN,   "credits, processing fee"},
            [ 83] = {DIGITS, PLAIN,     0, ELEMENTS, 12,  OPEN,   "credits, transaction fee"},
            [ 84] = {DIGITS, PLAIN,     0, ELEMENTS, 12,  OPEN,   "debits, processing fee"},
            [ 85] = {DIGITS, PLAIN,     0, ELEMENTS, 12,  OPEN,   "debits, transaction fee"},
            [ 86] = {DIGITS, PLAIN,     0, ELEMENTS, 16,  OPEN,   "credits, amount"},
            [ 87] = {DIGITS, PLAIN,     0, ELEMENTS, 16,  OPEN,   "credits reversal, amount"},
            [ 88] = {DIGITS, PLAIN,     0, ELEMENTS, 16,  OPEN,   "debits, amount"},
            [ 89] = {DIGITS, PLAIN,     0, ELEMENTS, 16,  OPEN,   "debits reversal, amount"},
            [ 90] = {DIGITS, PLAIN,     0, ELEMENTS, 42,  OPEN,   "original data elements"},
            [ 91] = {TEXT,   PLAIN,     0, ELEMENTS, 1,   OPEN,   "file update code"},
            [ 92] = {TEXT,   PLAIN,     0, ELEMENTS, 2,   OPEN,   "file security code"},
            [ 93] = {TEXT,   PLAIN,     0, ELEMENTS, 5,   OPEN,   "response indicator"},
            [ 94] = {TEXT,   PLAIN,     0, ELEMENTS, 7,   OPEN,   "service indicator"},
            [ 95] = {TEXT,   PLAIN,     0, ELEMENTS, 42,  OPEN,   "replacement amounts"},
            [ 96] = {BINARY, HEX,       0, ELEMENTS, 8,   SECRET, "message security code"},
            [ 97] = {TEXT,   PLAIN,     0, ELEMENTS, 17,  OPEN,   "net settlement amount"},
            [ 98] = {TEXT,   PLAIN,     0, ELEMENTS, 25,  OPEN,   "payee"},
            [ 99] = {DIGITS, PLAIN,     2, ELEMENTS, 11,  OPEN,   "settlement institution id"},
            [100] = {DIGITS, PLAIN,     2, ELEMENTS, 11,  OPEN,   "receiving institution id"},
            [101] = {TEXT,   PLAIN,     2, ELEMENTS, 17,  MIXED,  "file name"},
            [102] = {TEXT,   PLAIN,     2, ELEMENTS, 28,  CARD,   "account 1"},
            [103] = {TEXT,   PLAIN,     2, ELEMENTS, 28,  CARD,   "account 2"},
            [104] = {TEXT,   PLAIN,     3, ELEMENTS, 100, MIXED,  "transaction description"},
            [105] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, ISO"},
            [106] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, ISO"},
            [107] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, ISO"},
            [108] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, ISO"},
            [109] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, ISO"},
            [110] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, ISO"},
            [111] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, ISO"},
            [112] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, national"},
            [113] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, national"},
            [114] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, national"},
            [115] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, national"},
            [116] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, national"},
            [117] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, national"},
            [118] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, national"},
            [119] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, national"},
            [120] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [121] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [122] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [123] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [124] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [125] = {BINARY, HEX,       3, OCTETS,   32,  SECRET, "PIN block, AES"},
            [126] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [127] = {TEXT,   PLAIN,     3, ELEMENTS, 999, MIXED,  "reserved, private"},
            [128] = {BINARY, HEX,       0, ELEMENTS, 8,   OPEN,   "message authentication code"},
        },
};

/* clang-format on */

const struct iso8583_dialect *iso8583_dialect_named(const char *name)
{
    static const struct iso8583_dialect *const all[] = {
        &iso8583_dialect_cup, &iso8583_dialect_ascii87, &iso8583_dialect_tongbao};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (strcmp(all[i]->name, name) == 0) return all[i];
    return NULL;
}
