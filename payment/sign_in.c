/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in, sign-out, echo, and the messages of the download, as ISO 8583 messages and back. */
#include "payment/download.h"
#include "payment/fields.h"
#include "payment/message.h"

static err sign_in_common(const struct payment_sign_in *in, struct arena *arena,
                          struct iso8583_message *m)
{
    TRY(field_decimal(m, 11, arena, in->stan, 6));
    field_text(m, 41, in->tid);
    field_text(m, 42, in->mid);
    TRY(field_format(m, 60, arena, "00%06u%s", in->batch, in->code));
    return OK;
}

/* Sign-in and echo differ from sign-out in the MTI: 0800 or 0820. */
static uint16_t sign_in_mti(const char *code)
{
    return strcmp(code, "002") == 0 || strcmp(code, "301") == 0 ? 0x0820 : 0x0800;
}

/* Field 62 of our own sign-in: the check value, and behind it the mark of a terminal that was
 * restored from a backup. */
static const char restored_mark = 'R';
enum { KCV_LEN = 4 };

static err say_kcv(const struct payment_sign_in *in, struct arena *arena, struct iso8583_message *m)
{
    uint8_t *said = arena_array(arena, uint8_t, KCV_LEN + 1);
    if (said == NULL) return ERR(NO_MEMORY);
    memcpy(said, in->master_kcv, KCV_LEN);
    said[KCV_LEN] = (uint8_t)restored_mark;
    field_view(m, 62, bytes_of(said, in->restored ? KCV_LEN + 1 : KCV_LEN));
    return OK;
}

static void parse_kcv(struct bytes field, struct payment_sign_in *p)
{
    bool marked = field.len == KCV_LEN + 1 && field.at[KCV_LEN] == (uint8_t)restored_mark;
    p->has_kcv = marked || field.len == KCV_LEN;
    p->restored = marked;
    if (p->has_kcv) memcpy(p->master_kcv, field.at, KCV_LEN);
}

err payment_sign_in_request(enum payment_profile profile, const struct payment_sign_in *in,
                            struct arena *arena, struct iso8583_message *out)
{
    (void)payment_profile(profile);
    struct iso8583_message m;
    iso8583_start(&m, sign_in_mti(in->code));
    TRY(sign_in_common(in, arena, &m));
    if (in->operator_id[0] != '\0') TRY(field_format(&m, 63, arena, "%s ", in->operator_id));
    if (in->has_kcv) TRY(say_kcv(in, arena, &m));
    else field_view(&m, 62, in->delivery);
    *out = m;
    return OK;
}

err payment_sign_in_response(enum payment_profile profile, const struct payment_sign_in *in,
                             struct arena *arena, struct iso8583_message *out)
{
    struct iso8583_message m;
    iso8583_start(&m, (uint16_t)(sign_in_mti(in->code) + 0x10));
    TRY(sign_in_common(in, arena, &m));
    field_text(&m, 12, in->local_time);
    field_text(&m, 13, in->local_date);
    field_text(&m, 37, in->rrn);
    field_text(&m, 39, in->response_code);
    if (payment_profile(profile)->envelope) field_text(&m, 59, in->local_year);
    field_view(&m, 62, in->delivery);
    *out = m;
    return OK;
}

/* The only sign-in whose request says something in field 62. */
static bool own_sign_in(const char *code)
{
    return strcmp(code, payment_profile(PAYMENT_PROFILE_TONGBAO)->sign_in_code) == 0;
}

err payment_sign_in_parse(const struct iso8583_message *message, struct payment_sign_in *out)
{
    struct payment_sign_in p = {0};
    uint16_t request = (uint16_t)(message->mti & 0xffef);
    if (request != 0x0800 && request != 0x0820) return ERR(UNSUPPORTED);
    TRY(field_number(message, 11, 0, 6, &p.stan));
    TRY(field_copy(message, 41, p.tid, 8));
    TRY(field_copy(message, 42, p.mid, 15));
    TRY(field_number(message, 60, 2, 6, &p.batch));
    struct bytes trade = iso8583_get(message, 60);
    if (trade.len < 11) return ERR(SHORT);
    TRY(bytes_to_text(bytes_of(trade.at + 8, 3), p.code, sizeof p.code));
    TRY(field_operator(message, p.operator_id));
    TRY(field_copy_optional(message, 12, p.local_time, 6));
    TRY(field_copy_optional(message, 13, p.local_date, 4));
    TRY(field_copy_optional(message, 37, p.rrn, 12));
    TRY(field_copy_optional(message, 39, p.response_code, 2));
    TRY(field_copy_optional(message, 59, p.local_year, 4));
    struct bytes field_62 = iso8583_get(message, 62);
    bool answer = (message->mti & 0x10) != 0, own = own_sign_in(p.code);
    if (answer || payment_download_code(p.code)) p.delivery = field_62;
    if (!answer && own) parse_kcv(field_62, &p);
    *out = p;
    return OK;
}
