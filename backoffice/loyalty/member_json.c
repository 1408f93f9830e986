/* SPDX-License-Identifier: Apache-2.0 */
/* A member in words: schemas, and how each part is written. */
#include "backoffice/loyalty/member_json.h"

#include "loyalty/history.h"
#include "loyalty/value.h"

enum { ROWS = 20 /* of each list: a page, and no archive; the export has all */ };

const char *const member_states[] = {"active", "left", "erased", NULL};
const char *const member_consents[] = {"programme", "messages", "card", NULL};
static const char *const coupon_states[] = {"free", "reserved", "kept_for_device", NULL};
static const char *const value_kinds[] = {"top_up", "payment", "pay_out", "given_back", NULL};

/* ---- shapes ---- */

#define SIGNED .min = -LOYALTY_AMOUNT_MAX * 1000, .max = LOYALTY_AMOUNT_MAX * 1000
#define COUNT  .max = INT64_MAX

static const struct api_field consent_fields[] = {
    {"programme", API_BOOL, .text = "To be a member"},
    {"messages", API_BOOL, .text = "To be written to"},
    {"card", API_BOOL, .text = "To be known again by a card"},
};
API_SCHEMA(consent_schema, "MemberConsents", consent_fields);

static const struct api_field points_fields[] = {
    {"free", API_INT, COUNT, .text = "May be spent"},
    {"held", API_INT, COUNT, .text = "Reserved for payments under way"},
    {"owed", API_INT, COUNT, .text = "Spent before a refund took them back"},
    {"next", API_INT, COUNT, .text = "That run out next; 0: none"},
    {"next_ms", API_TIME, .text = "When; 0: never"},
};
API_SCHEMA(points_schema, "MemberPoints", points_fields);

static const struct api_field value_fields[] = {
    {"principal_minor", API_MONEY, SIGNED, .text = "What he has paid in and may spend"},
    {"bonus_minor", API_MONEY, SIGNED, .text = "What was given on top"},
    {"held_minor", API_MONEY, SIGNED, .text = "Reserved for payments under way"},
};
API_SCHEMA(value_schema, "MemberValue", value_fields);

static const struct api_field coupon_fields[] = {
    {"code", API_TEXT, .text = "What is scanned"},
    {"campaign", API_TEXT, .text = "Of which campaign"},
    {"state", API_WORD, .words = coupon_states, .text = "Where it is"},
    {"expires_ms", API_TIME, .text = "When it runs out"},
};
API_SCHEMA(coupon_schema, "MemberCoupon", coupon_fields);

static const struct api_field purchase_fields[] = {
    {"at_ms", API_TIME, .text = "When"},
    {"outlet", API_INT, .max = UINT32_MAX, .text = "Where"},
    {"amount_minor", API_MONEY, SIGNED, .text = "Paid in money"},
    {"refunded_minor", API_MONEY, SIGNED, .text = "Of it, refunded"},
    {"points", API_INT, COUNT, .text = "Earned, less what refunds took back"},
};
API_SCHEMA(purchase_schema, "MemberPurchase", purchase_fields);

static const struct api_field line_fields[] = {
    {"at_ms", API_TIME, .text = "When"},
    {"kind", API_WORD, .words = value_kinds, .text = "What it was"},
    {"held", API_BOOL, .text = "A payment under way"},
    {"principal_minor", API_MONEY, SIGNED, .text = "What it changed of it"},
    {"bonus_minor", API_MONEY, SIGNED, .text = "What it changed of it"},
};
API_SCHEMA(line_schema, "MemberValueLine", line_fields);

static const struct api_field adjustment_fields[] = {
    {"at_ms", API_TIME, .text = "When"},
    {"points", API_INT, SIGNED, .text = "Given, or below zero taken"},
    {"reason", API_TEXT, .text = "As it was written"},
    {"by", API_TEXT, .text = "Who"},
};
API_SCHEMA(adjustment_schema, "MemberAdjustment", adjustment_fields);

static const struct api_field member_fields[] = {
    {"member", API_TEXT, .text = "His id"},
    {"code", API_TEXT, .text = "What his QR code says; empty when he is erased"},
    {"state", API_WORD, .words = member_states, .text = "Whether he is one"},
    {"version", API_INT, COUNT, .text = "Of what can be corrected"},
    {"phone", API_TEXT, .text = "Masked; empty: none"},
    {"name", API_TEXT, .text = "Empty: not told"},
    {"birthday", API_INT, .max = 1231, .text = "Month * 100 + day; 0: not told"},
    {"tier", API_INT, COUNT, .text = "From 0"},
    {"joined_ms", API_TIME, .text = "Since when"},
    {"outlet", API_INT, .max = UINT32_MAX, .text = "Where he joined; 0: not in a shop"},
    {"consents", API_OBJECT, .of = &consent_schema, .text = "What he agrees to now"},
    {"points", API_OBJECT, .of = &points_schema, .text = "As they are"},
    {"value", API_OBJECT, .of = &value_schema, .text = "Stored value"},
    {"coupons", API_LIST, .of = &coupon_schema, .text = "That can be used, first to run out"},
    {"purchases", API_LIST, .of = &purchase_schema, .text = "The last ones"},
    {"value_lines", API_LIST, .of = &line_schema, .text = "The last changes of stored value"},
    {"adjustments", API_LIST, .of = &adjustment_schema, .text = "The last corrections of points"},
};
const struct api_schema member_schema = {"Member", member_fields, ARRAY_LEN(member_fields)};

static const struct api_field found_fields[] = {
    {"member", API_TEXT, .text = "His id"},
    {"phone", API_TEXT, .text = "Masked; empty: none"},
    {"name", API_TEXT, .text = "Masked; empty: not told"},
    {"tier", API_INT, COUNT, .text = "From 0"},
    {"points", API_INT, COUNT, .text = "May be spent"},
    {"value_minor", API_MONEY, SIGNED, .text = "Stored value that may be spent"},
};
API_SCHEMA(found_schema, "MemberFound", found_fields);

static const struct api_field founds_fields[] = {
    {"members", API_LIST, .max = LOYALTY_FOUND_MAX, .of = &found_schema,
     .text = "The newest first; several may end in the same four digits"},
};
const struct api_schema members_found_schema = {"MembersFound", founds_fields,
                                                ARRAY_LEN(founds_fields)};

/* ---- lists ---- */

static err write_coupons(struct store *store, struct bytes id, int64_t now_ms, struct json_out *j)
{
    struct loyalty_coupon rows[ROWS];
    size_t count = 0;
    TRY(loyalty_coupons_of(store, id, now_ms, rows, ROWS, &count));
    json_member_array(j, "coupons");
    for (size_t i = 0; i < count; i++) {
        ENSURE(rows[i].state >= LOYALTY_COUPON_FREE && rows[i].state < LOYALTY_COUPON_USED);
        json_object_begin(j);
        json_member_string(j, "code", rows[i].code);
        json_member_string(j, "campaign", rows[i].campaign);
        json_member_string(j, "state", coupon_states[rows[i].state - 1]);
        json_member_int(j, "expires_ms", rows[i].expires_ms);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static err write_purchases(struct store *store, struct bytes id, struct json_out *j)
{
    struct loyalty_past_purchase rows[ROWS];
    size_t count = 0;
    TRY(loyalty_past_purchases(store, id, rows, ROWS, &count));
    json_member_array(j, "purchases");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        json_member_int(j, "at_ms", rows[i].at_ms);
        json_member_int(j, "outlet", rows[i].outlet);
        json_member_int(j, "amount_minor", rows[i].amount_minor);
        json_member_int(j, "refunded_minor", rows[i].refunded_minor);
        json_member_int(j, "points", rows[i].points);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static err write_value_lines(struct store *store, struct bytes id, struct json_out *j)
{
    struct loyalty_value_line rows[ROWS];
    size_t count = 0;
    TRY(loyalty_value_statement(store, id, 0, rows, ROWS, &count));
    json_member_array(j, "value_lines");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        json_member_int(j, "at_ms", rows[i].at_ms);
        json_member_string(j, "kind", value_kinds[rows[i].kind - 1]);
        json_member_bool(j, "held", rows[i].held);
        json_member_int(j, "principal_minor", rows[i].principal_minor);
        json_member_int(j, "bonus_minor", rows[i].bonus_minor);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

static err write_adjustments(struct store *store, struct bytes id, struct json_out *j)
{
    struct loyalty_past_adjustment rows[ROWS];
    size_t count = 0;
    TRY(loyalty_past_adjustments(store, id, rows, ROWS, &count));
    json_member_array(j, "adjustments");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        json_member_int(j, "at_ms", rows[i].at_ms);
        json_member_int(j, "points", rows[i].points);
        json_member_string(j, "reason", rows[i].reason);
        json_member_string(j, "by", rows[i].by);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

/* ---- a member ---- */

static void write_phone(const struct member_plain *plain, struct json_out *j)
{
    char masked[CONTACT_MASK_MAX];
    contact_mask_phone(plain->phone, masked);
    json_member_string(j, "phone", masked);
}

static void write_points(const struct loyalty_points_state *points, struct json_out *j)
{
    json_member_object(j, "points");
    json_member_int(j, "free", points->free);
    json_member_int(j, "held", points->held);
    json_member_int(j, "owed", points->owed);
    json_member_int(j, "next", points->next);
    json_member_int(j, "next_ms", points->next_ms);
    json_object_end(j);
}

static void write_person(const struct loyalty_member *m, const struct member_plain *plain,
                         struct json_out *j)
{
    json_member_string(j, "member", m->id);
    json_member_string(j, "code", m->code);
    json_member_string(j, "state", member_states[m->state - 1]);
    json_member_int(j, "version", m->version);
    write_phone(plain, j);
    json_member_string(j, "name", plain->name);
    json_member_int(j, "birthday", m->birthday);
    json_member_int(j, "tier", m->tier);
    json_member_int(j, "joined_ms", m->joined_ms);
    json_member_int(j, "outlet", m->outlet);
    json_member_object(j, "consents");
    for (int i = LOYALTY_CONSENT_PROGRAMME; i < LOYALTY_CONSENTS; i++)
        json_member_bool(j, member_consents[i - 1], m->consent[i]);
    json_object_end(j);
}

err member_to_json(struct backoffice *b, const struct loyalty_member *m,
                   const struct member_plain *plain, int64_t now_ms, struct json_out *j)
{
    struct loyalty_points_state points;
    struct loyalty_value value;
    const struct bytes id = bytes_text(m->id);
    TRY(loyalty_points(b->loyalty, id, now_ms, &points));
    TRY(loyalty_value(b->loyalty, id, &value));
    json_object_begin(j);
    write_person(m, plain, j);
    write_points(&points, j);
    json_member_object(j, "value");
    json_member_int(j, "principal_minor", value.principal_minor);
    json_member_int(j, "bonus_minor", value.bonus_minor);
    json_member_int(j, "held_minor", value.held_minor);
    json_object_end(j);
    TRY(write_coupons(b->loyalty, id, now_ms, j));
    TRY(write_purchases(b->loyalty, id, j));
    TRY(write_value_lines(b->loyalty, id, j));
    TRY(write_adjustments(b->loyalty, id, j));
    json_object_end(j);
    return OK;
}

err member_found_to_json(struct backoffice *b, const struct loyalty_member *m,
                         const struct member_plain *plain, int64_t now_ms, struct json_out *j)
{
    struct loyalty_points_state points;
    struct loyalty_value value;
    char masked[CONTACT_MASK_MAX];
    TRY(loyalty_points(b->loyalty, bytes_text(m->id), now_ms, &points));
    TRY(loyalty_value(b->loyalty, bytes_text(m->id), &value));
    json_object_begin(j);
    json_member_string(j, "member", m->id);
    write_phone(plain, j);
    contact_mask_name(plain->name, masked);
    json_member_string(j, "name", masked);
    json_member_int(j, "tier", m->tier);
    json_member_int(j, "points", points.free);
    json_member_int(j, "value_minor", value.principal_minor + value.bonus_minor);
    json_object_end(j);
    return OK;
}
