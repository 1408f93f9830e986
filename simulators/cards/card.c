/* SPDX-License-Identifier: Apache-2.0 */
/* Commands by their instruction; what computes is in card_ac.c, card_pin.c and card_script.c. */
#include "simulators/cards/card.h"

#include "simulators/cards/card_internal.h"

enum { ENDLESS_RECORDS = 255, T0_MORE = 0x6100, T0_LENGTH = 0x6C00 };

err chip_card_make(struct crypto *crypto, struct random random,
                   const struct personality *personality, const struct chip_identity *identity,
                   int64_t now_ms, struct chip_card *out)
{
    struct chip_identity own;
    chip_identity_of(personality, now_ms, &own);
    struct chip_card card = {.is = personality, .crypto = crypto, .random = random};
    TRY(chip_issue(crypto, personality, identity != NULL ? identity : &own, &card.issued));
    card.tries = personality->tries;
    card.application_blocked = personality->application_blocked;
    card.card_blocked = personality->card_blocked;
    *out = card;
    return OK;
}

void chip_card_power(struct chip_card *card, enum chip_interface interface, bool on)
{
    card->state = on ? CHIP_POWERED : CHIP_NO_POWER;
    card->interface = interface;
    card->directory = card->challenged = false;
    card->pin_tried = card->pin_right = false;
    explicit_bzero(card->challenge, sizeof card->challenge);
    explicit_bzero(card->pending, sizeof card->pending);
    card->pending_len = 0;
}

struct bytes chip_card_atr(const struct chip_card *card, enum chip_interface interface)
{
    /* T=1 with an information field of 32, block guard times as EMV wants them; T=0; and PC/SC. */
    static const uint8_t t1[] = {0x3B, 0xE8, 0x00, 0x00, 0x81, 0x31, 0x20, 0x45, 'T',
                                 'O',  'N',  'G',  'B',  'A',  'O',  '1',  0x52};
    static const uint8_t t0[] = {0x3B, 0x68, 0x00, 0x00, 'T', 'O', 'N', 'G', 'B', 'A', 'O', '0'};
    static const uint8_t field[] = {0x3B, 0x88, 0x80, 0x01, 'T', 'O', 'N',
                                    'G',  'B',  'A',  'O',  '2', 0x65};
    if (interface == CHIP_CONTACTLESS) return BYTES_OF(field);
    return card->is->t0 ? BYTES_OF(t0) : BYTES_OF(t1);
}

static const struct chip_application *application(const struct chip_card *card)
{
    return card->interface == CHIP_CONTACT ? &card->issued.contact : &card->issued.contactless;
}

/* ---- SELECT ---- */

static unsigned selected(struct chip_card *card, struct bytes name, bool directory,
                         struct writer *w)
{
    bool field = card->interface == CHIP_CONTACTLESS;
    err done = directory ? chip_fci_directory(card->is, field, w)
                         : chip_fci_application(card->is, name, field, w);
    if (FAILED(done)) return SW_BROKEN;
    card->state = CHIP_SELECTED;
    card->directory = directory;
    if (directory || !card->application_blocked) return SW_OK;
    return SW_BLOCKED_APPLICATION;
}

static bool names(struct bytes aid, struct bytes asked)
{
    return asked.len >= 5 && asked.len <= aid.len && memcmp(aid.at, asked.at, asked.len) == 0;
}

/* A name may be cut short, and then the second application is the next occurrence. */
static struct bytes application_named(const struct personality *is, struct bytes asked, bool next)
{
    bool first = names(is->aid, asked), second = names(is->second_aid, asked);
    if (first && !next) return is->aid;
    return second && (!first || next) ? is->second_aid : (struct bytes){0};
}

static unsigned on_select(struct chip_card *card, const struct chip_command *c, struct writer *w)
{
    const struct personality *is = card->is;
    bool field = card->interface == CHIP_CONTACTLESS, next = c->p2 == 0x02;
    struct bytes directory = field ? BYTES("2PAY.SYS.DDF01") : BYTES("1PAY.SYS.DDF01");
    if (card->card_blocked) return SW_FUNCTION;
    if (c->p1 != 0x04 || (c->p2 != 0x00 && c->p2 != 0x02)) return SW_PARAMETERS;
    card->state = CHIP_POWERED;
    if (bytes_equal(c->data, directory) && !next) return selected(card, directory, true, w);
    struct bytes aid = application_named(is, c->data, next);
    return aid.len > 0 ? selected(card, aid, false, w) : (unsigned)SW_NOT_FOUND;
}

/* ---- GET PROCESSING OPTIONS ---- */

static void begin(struct chip_card *card)
{
    card->atc++;
    card->state = CHIP_BEGUN;
    card->authenticated = card->authentication_failed = card->offline = false;
    card->cdol1_len = 0;
    random_fill(&card->random, card->dynamic_number, sizeof card->dynamic_number);
}

static void write_options(const struct chip_card *card, struct writer *w)
{
    const struct chip_application *a = application(card);
    uint8_t value[2 + CHIP_AFL_MAX + 4];
    struct writer v = writer_over(value, sizeof value);
    write_bytes(&v, BYTES_OF(a->aip));
    if (card->is->lie == CHIP_LIES_ENDLESS) write_bytes(&v, BYTES("\x08\x01\xFF\x00"));
    write_bytes(&v, bytes_of(a->afl, a->afl_len));
    tlv_write(w, 0x80, writer_view(&v));
}

/* What a tap comes to before the payment: not here, or not yet. */
static unsigned before_tap(struct chip_card *card)
{
    if (card->is->slot_only) return SW_DATA_INVALID;
    bool ready = !card->is->asks_owner || card->consented;
    card->consented = !ready; /* the owner looks at his telephone now, and consents */
    return ready ? SW_OK : SW_ASK_OWNER;
}

static unsigned on_options(struct chip_card *card, const struct chip_command *c, struct writer *w)
{
    struct bytes pdol = {0};
    if (card->state != CHIP_SELECTED || card->directory || card->application_blocked)
        return SW_STATE;
    if (c->p1 != 0 || c->p2 != 0) return SW_PARAMETERS;
    if (FAILED(tlv_find(c->data, 0x83, &pdol))) return SW_DATA_INVALID;
    if (card->atc == UINT16_MAX) return SW_STATE; /* it has lived its life */
    if (card->interface == CHIP_CONTACTLESS) {
        unsigned status = before_tap(card);
        if (status != SW_OK) return status;
        begin(card);
        return chip_tap(card, pdol, w);
    }
    if (pdol.len != 0) return SW_LENGTH;
    begin(card);
    write_options(card, w);
    return SW_OK;
}

/* ---- READ RECORD, GET DATA, GET CHALLENGE ---- */

static unsigned on_directory_record(struct chip_card *card, unsigned sfi, unsigned number,
                                    struct writer *w)
{
    bool more = card->is->lie == CHIP_LIES_ENDLESS && number <= ENDLESS_RECORDS;
    if (sfi != 1) return SW_NOT_FOUND;
    if (number != 1 && !more) return SW_NO_RECORD;
    return FAILED(chip_directory_record(card->is, w)) ? SW_BROKEN : SW_OK;
}

static unsigned write_record(const struct chip_card *card, const struct chip_record *r,
                             struct writer *w)
{
    bool cut = card->is->lie == CHIP_LIES_LENGTH && r->sfi == 1;
    write_bytes(w, bytes_of(r->data, cut ? r->len / 2u : r->len));
    return SW_OK;
}

/* What the signature of this tap covers besides the terminal's data. */
static unsigned write_signed_version(const struct chip_card *card, struct writer *w)
{
    if (card->state != CHIP_ENDED && card->state != CHIP_ASKED) return SW_STATE;
    uint8_t value[16];
    struct writer v = writer_over(value, sizeof value);
    tlv_write(&v, 0x9F69, BYTES_OF(card->signed_version));
    tlv_write(w, 0x70, writer_view(&v));
    return SW_OK;
}

static unsigned static_record(struct chip_card *card, unsigned sfi, unsigned number,
                              struct writer *w)
{
    const struct chip_application *a = application(card);
    for (size_t i = 0; i < a->records; i++)
        if (a->record[i].sfi == sfi && a->record[i].number == number)
            return write_record(card, &a->record[i], w);
    return SW_NO_RECORD;
}

static unsigned on_record(struct chip_card *card, const struct chip_command *c, struct writer *w)
{
    unsigned sfi = c->p2 >> 3, number = c->p1;
    if ((c->p2 & 0x07) != 0x04 || number == 0) return SW_PARAMETERS;
    if (card->state == CHIP_POWERED || card->card_blocked) return SW_STATE;
    if (card->directory) return on_directory_record(card, sfi, number, w);
    unsigned status = static_record(card, sfi, number, w);
    if (status != SW_NO_RECORD) return status;
    if (sfi == 3 && number == 3 && card->interface == CHIP_CONTACTLESS)
        return write_signed_version(card, w);
    if (card->is->lie == CHIP_LIES_ENDLESS && sfi == 1) {
        tlv_write(w, 0x70, BYTES("\x5F\x50\x01\x30"));
        return SW_OK;
    }
    return SW_NO_RECORD;
}

static unsigned write_object(struct writer *w, uint32_t tag, uint64_t value, size_t width)
{
    uint8_t number[8];
    struct writer v = writer_over(number, sizeof number);
    write_be(&v, value, width);
    tlv_write(w, tag, writer_view(&v));
    return SW_OK;
}

static unsigned on_get_data(struct chip_card *card, const struct chip_command *c, struct writer *w)
{
    unsigned tag = (unsigned)c->p1 << 8 | c->p2;
    if (card->state < CHIP_SELECTED || card->directory) return SW_STATE;
    switch (tag) {
    case 0x9F17:
        return write_object(w, tag, card->tries, 1);
    case 0x9F36:
        return write_object(w, tag, card->atc, 2);
    case 0x9F13:
        return write_object(w, tag, card->last_online_atc, 2);
    default:
        break;
    }
    for (size_t i = 0; i < CHIP_STORED; i++) {
        const struct chip_stored *s = &card->stored[i];
        if (s->tag != tag || tag == 0) continue;
        tlv_write(w, tag, bytes_of(s->value, s->len));
        return SW_OK;
    }
    return SW_NO_DATA;
}

static unsigned on_challenge(struct chip_card *card, const struct chip_command *c, struct writer *w)
{
    if (card->state < CHIP_BEGUN) return SW_STATE;
    if (c->p1 != 0 || c->p2 != 0) return SW_PARAMETERS;
    random_fill(&card->random, card->challenge, sizeof card->challenge);
    card->challenged = true;
    write_bytes(w, BYTES_OF(card->challenge));
    return SW_OK;
}

/* ---- dispatch ---- */

static unsigned on_interindustry(struct chip_card *card, const struct chip_command *c,
                                 struct writer *w)
{
    switch (c->ins) {
    case 0xA4:
        return on_select(card, c, w);
    case 0xB2:
        return on_record(card, c, w);
    case 0x84:
        return on_challenge(card, c, w);
    case 0x88:
        return chip_internal_authenticate(card, c, w);
    case 0x20:
        return chip_verify(card, c);
    case 0x82:
        return chip_external_authenticate(card, c);
    default:
        return SW_INSTRUCTION;
    }
}

static unsigned on_payment(struct chip_card *card, const struct chip_command *c, struct writer *w)
{
    switch (c->ins) {
    case 0xA8:
        return on_options(card, c, w);
    case 0xCA:
        return on_get_data(card, c, w);
    case 0xAE:
        return chip_generate_ac(card, c, w);
    default:
        return SW_INSTRUCTION;
    }
}

static unsigned dispatch(struct chip_card *card, const struct chip_command *c, struct writer *w)
{
    bool challenged = card->challenged;
    unsigned status = SW_CLASS;
    if (card->card_blocked && c->ins != 0xA4) return SW_STATE;
    if (chip_is_script(c)) status = chip_script(card, c);
    else if (c->cla == 0x00) status = on_interindustry(card, c, w);
    else if (c->cla == 0x80) status = on_payment(card, c, w);
    /* A challenge is for the next command. */
    if (challenged && c->ins != 0x84) card->challenged = false;
    return status;
}

/* Case 1 to 4 of the short form. *ret_expected is Le, 0 when there is none, 256 for 00. */
static bool split(struct bytes command, struct chip_command *out, size_t *ret_expected)
{
    struct reader r = reader_over(command);
    *out = (struct chip_command){.cla = (uint8_t)read_be(&r, 1)};
    out->ins = (uint8_t)read_be(&r, 1);
    out->p1 = (uint8_t)read_be(&r, 1);
    out->p2 = (uint8_t)read_be(&r, 1);
    *ret_expected = 0;
    if (r.fault != ERR_OK) return false;
    size_t left = r.left.len;
    if (left > 1) {
        size_t len = (size_t)read_be(&r, 1);
        out->data = read_bytes(&r, len);
        if (r.fault != ERR_OK || len == 0 || r.left.len > 1) return false;
    }
    if (r.left.len == 1) {
        size_t expected = (size_t)read_be(&r, 1);
        *ret_expected = expected == 0 ? 256 : expected;
    }
    const uint8_t header[] = {out->cla, out->ins, out->p1, out->p2, (uint8_t)out->data.len};
    memcpy(out->header, header, sizeof header);
    return true;
}

/* T=0 (ISO/IEC 7816-3, 10.3; EMV Book 1, annex A): what answers a command with data is fetched by
 * GET RESPONSE, and a length that is not the right one is told. */
static unsigned fetch(struct chip_card *card, size_t expected, struct writer *w)
{
    if (card->pending_len == 0) return SW_STATE;
    if (expected != card->pending_len && !(expected == 256 && card->pending_len == 256))
        return T0_LENGTH | (unsigned)(card->pending_len & 0xFF);
    write_bytes(w, bytes_of(card->pending, card->pending_len));
    explicit_bzero(card->pending, sizeof card->pending);
    card->pending_len = 0;
    return SW_OK;
}

static unsigned defer(struct chip_card *card, const struct chip_command *c, size_t expected,
                      unsigned status, struct writer *w)
{
    if (w->len == 0) return status;
    if (c->data.len == 0 && expected == w->len) return status;
    memcpy(card->pending, w->at, w->len);
    card->pending_len = w->len;
    explicit_bzero(w->at, w->len);
    w->len = 0;
    unsigned len = (unsigned)(card->pending_len & 0xFF);
    if (c->data.len > 0) return T0_MORE | len;
    card->pending_len = 0; /* the command itself is to be repeated */
    return T0_LENGTH | len;
}

void chip_card_command(struct chip_card *card, struct bytes command, struct writer *answer)
{
    struct chip_command c;
    uint8_t block[CHIP_ANSWER_MAX];
    struct writer w = writer_over(block, sizeof block - 2);
    size_t expected;
    unsigned status = SW_LENGTH;
    ENSURE(card->state != CHIP_NO_POWER && answer->max - answer->len >= CHIP_ANSWER_MAX);
    bool whole = command.len <= CHIP_COMMAND_MAX && split(command, &c, &expected);
    bool t0 = card->is->t0 && card->interface == CHIP_CONTACT;
    if (whole && t0 && c.cla == 0x00 && c.ins == 0xC0) {
        status = fetch(card, expected, &w);
    } else if (whole) {
        card->pending_len = 0;
        status = dispatch(card, &c, &w);
        if (w.fault != ERR_OK) {
            w = writer_over(block, sizeof block - 2);
            status = SW_BROKEN;
        }
        if (t0) status = defer(card, &c, expected, status, &w);
    }
    write_bytes(answer, writer_view(&w));
    write_be(answer, status, 2);
    explicit_bzero(block, sizeof block);
}
