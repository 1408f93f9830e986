/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of a merchant below /api/v1 (S146-S149, S154): found, enrolled, corrected; consents given
 * and taken back; points corrected; exported and erased. A telephone number goes in bodies and
 * never in an address, which lands in logs; it comes back masked, and whole in the export alone.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/loyalty/campaign_json.h"
#include "backoffice/loyalty/consent_texts.h"
#include "backoffice/loyalty/member_json.h"
#include "backoffice/parts.h"
#include "lib/auth/token.h"
#include "loyalty/points.h"

/* ---- shapes ---- */

static const struct api_field texts_fields[] = {
    {"version", API_TEXT, .text = "What to send as `text_version`"},
    {"programme_zh", API_TEXT, .text = "To be a member"},
    {"programme_en", API_TEXT, .text = "The same in English"},
    {"messages_zh", API_TEXT, .text = "To be written to"},
    {"messages_en", API_TEXT, .text = "The same in English"},
};
API_SCHEMA(texts_schema, "ConsentTexts", texts_fields);

static const struct api_field find_fields[] = {
    {"phone", API_TEXT, .optional = true, .min = 7, .max = 19, .text = "The whole number"},
    {"tail", API_TEXT, .optional = true, .min = MEMBER_TAIL, .max = MEMBER_TAIL,
     .text = "Its last four digits"},
    {"code", API_TEXT, .optional = true, .min = 1, .max = LOYALTY_CODE_LEN,
     .text = "What his QR code says"},
};
API_SCHEMA(find_schema, "MemberSearch", find_fields);

static const struct api_field enrol_fields[] = {
    {"phone", API_TEXT, .optional = true, .min = 7, .max = 19, .text = "Left out: anonymous"},
    {"name", API_TEXT, .optional = true, .max = MEMBER_NAME_MAX, .text = "How he is called"},
    {"birthday", API_INT, .optional = true, .max = 1231, .text = "Month * 100 + day"},
    {"text_version", API_TEXT, .min = 1, .max = LOYALTY_TEXT_MAX,
     .text = "Of the text of consent that he was shown"},
    {"programme", API_BOOL, .text = "He agrees to be a member"},
    {"messages", API_BOOL, .text = "He agrees to be written to"},
};
API_SCHEMA(enrol_schema, "MemberEnrolment", enrol_fields);

static const struct api_field change_fields[] = {
    {"version", API_INT, .min = 1, .max = INT64_MAX, .text = "The one that was seen"},
    {"name", API_TEXT, .max = MEMBER_NAME_MAX, .text = "Empty: none"},
    {"birthday", API_INT, .max = 1231, .text = "Month * 100 + day; 0: not told"},
};
API_SCHEMA(change_schema, "MemberCorrection", change_fields);

static const struct api_field consent_fields[] = {
    {"consent", API_WORD, .words = member_consents, .text = "To what"},
    {"given", API_BOOL, .text = "Given, or taken back"},
    {"text_version", API_TEXT, .optional = true, .max = LOYALTY_TEXT_MAX, .text = "When given"},
};
API_SCHEMA(consent_schema, "MemberConsentChange", consent_fields);

/* More than a person corrects by hand, and less than a telephone number typed into its field. */
enum { POINTS_MAX = 1000000 };

static const struct api_field points_fields[] = {
    {"points", API_INT, .min = -POINTS_MAX, .max = POINTS_MAX,
     .text = "Given, or below zero taken"},
    {"reason", API_TEXT, .min = 1, .max = LOYALTY_REASON_MAX, .text = "Why"},
};
API_SCHEMA(points_schema, "MemberPointsCorrection", points_fields);

static const struct api_field line_fields[] = {
    {"section", API_TEXT, .text = "consent, purchase, adjustment, transfer"},
    {"text", API_TEXT, .text = "name=value parts"},
};
API_SCHEMA(line_schema, "MemberExportLine", line_fields);

static const struct api_field export_fields[] = {
    {"member", API_TEXT, .text = "His id"},
    {"phone", API_TEXT, .text = "Whole"},
    {"name", API_TEXT, .text = "Whole"},
    {"birthday", API_INT, .max = 1231, .text = "Month * 100 + day; 0: not told"},
    {"lines", API_LIST, .of = &line_schema, .text = "Everything else that is kept"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(export_schema, "MemberExport", export_fields);

/* ---- what the calls share ---- */

static err on_texts(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    if (loyalty_is_there(b, call, response)) consent_texts_write(&j);
    return OK;
}

/* The member of the path; false, and the answer is written, when there is none. */
static err of_path(struct backoffice *b, const struct api_call *call,
                   struct http_response *response, struct loyalty_member *out, bool *ret_found)
{
    enum loyalty_verdict verdict = LOYALTY_DONE;
    *ret_found = false;
    if (!loyalty_is_there(b, call, response)) return OK;
    TRY(loyalty_member(b->loyalty, bytes_text(call->caller->mid), bytes_text(call->value[0]),
                       &verdict, out));
    *ret_found = !loyalty_refused(verdict, response);
    return OK;
}

/* Opens what is sealed of a member; false, and 503 is written, when the hsm does not. */
static bool opened(struct backoffice *b, const struct loyalty_member *member,
                   struct member_plain *out, struct http_response *response)
{
    err e = member_open(b, member, out);
    if (FAILED(e)) backoffice_unavailable(response, e);
    return !FAILED(e);
}

/* The member as he now stands, into the answer. `event` NULL: nothing has changed. */
static err answer(struct backoffice *b, const struct api_call *call, const char *event,
                  const char *id, struct http_response *response)
{
    CLEANUP(member_plain_wipe) struct member_plain plain = {.phone = ""};
    struct json_out j = json_out_over(&response->body);
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_member(b->loyalty, bytes_text(call->caller->mid), bytes_text(id), &verdict,
                       &member));
    ENSURE(verdict == LOYALTY_DONE);
    if (!opened(b, &member, &plain, response)) return OK;
    TRY(member_to_json(b, &member, &plain, call->now_ms, &j));
    return event == NULL ? OK : loyalty_answered(b, call, event, id, response);
}

/* Empty when it is left out. */
static struct bytes text_of(const struct json_t *body, const char *name)
{
    struct bytes text = {0};
    if (json_has(body, name) && FAILED(json_text(body, name, LOYALTY_REASON_MAX, &text)))
        return (struct bytes){0};
    return text;
}

static bool is_current(struct bytes version, struct http_response *response)
{
    if (bytes_equal(version, bytes_text(CONSENT_TEXT_VERSION))) return true;
    api_refuse(response, 409, "text_version",
               "The text of consent is another now. Show him the one in force and ask again.");
    return false;
}

/* ---- finding ---- */

/* What is looked for; false, and the answer is written, when it is not one thing of its form. */
static err read_search(struct backoffice *b, const struct api_call *call,
                       struct http_response *response, enum loyalty_find *ret_by,
                       uint8_t index[LOYALTY_INDEX_LEN], struct bytes *ret_value)
{
    const struct bytes phone = text_of(call->body, "phone"), tail = text_of(call->body, "tail"),
                       code = text_of(call->body, "code");
    char digits[CONTACT_PHONE_MAX] = "";
    bool one = (phone.len > 0) + (tail.len > 0) + (code.len > 0) == 1;
    bool right = one && (phone.len == 0 || member_phone_read(phone, digits)) &&
                 (tail.len == 0 || bytes_all_digits(tail));
    *ret_value = (struct bytes){0};
    if (!right) {
        api_refuse(response, 422, "search",
                   "Search by one of these: the whole telephone number, its last four digits, or"
                   " the member's code.");
        return OK;
    }
    *ret_by = phone.len > 0 ? LOYALTY_BY_PHONE : tail.len > 0 ? LOYALTY_BY_TAIL : LOYALTY_BY_CODE;
    if (tail.len > 0) TRY(bytes_to_text(tail, digits, sizeof digits));
    *ret_value = code.len > 0 ? code : bytes_of(index, LOYALTY_INDEX_LEN);
    if (code.len > 0) return OK;
    err e = member_index(b, call->caller->mid, *ret_by, digits, index);
    explicit_bzero(digits, sizeof digits);
    if (FAILED(e)) {
        *ret_value = (struct bytes){0};
        backoffice_unavailable(response, e);
    }
    return OK;
}

static err write_found(struct backoffice *b, const struct api_call *call, const char *id,
                       struct json_out *j, struct http_response *response, bool *ret_there)
{
    CLEANUP(member_plain_wipe) struct member_plain plain = {.phone = ""};
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_member(b->loyalty, bytes_text(call->caller->mid), bytes_text(id), &verdict,
                       &member));
    ENSURE(verdict == LOYALTY_DONE);
    *ret_there = opened(b, &member, &plain, response);
    return *ret_there ? member_found_to_json(b, &member, &plain, call->now_ms, j) : OK;
}

/* Cashiers of an outlet too: the programme is one for all outlets. Who has looked is on record. */
static err on_find(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    static const char *const how[] = {"phone", "tail", "card", "code"};
    struct json_out j = json_out_over(&response->body);
    enum loyalty_find by = LOYALTY_BY_CODE;
    uint8_t index[LOYALTY_INDEX_LEN];
    struct bytes value;
    struct loyalty_found found;
    bool there = true;
    if (b->loyalty == NULL || call->caller->mid[0] == '\0') {
        api_missing(response);
        return OK;
    }
    TRY(read_search(b, call, response, &by, index, &value));
    if (value.len == 0) return OK;
    TRY(loyalty_find(b->loyalty, bytes_text(call->caller->mid), by, value, &found));
    json_object_begin(&j);
    json_member_array(&j, "members");
    for (size_t i = 0; i < found.count && there; i++)
        TRY(write_found(b, call, found.id[i], &j, response, &there));
    if (!there) return OK;
    json_array_end(&j);
    json_object_end(&j);
    return loyalty_answered(b, call, "member_searched", how[by], response);
}

/* ---- enrolling ---- */

/* False, and the answer is written, when a number or name is not one. */
static bool read_plain(const struct api_call *call, struct member_plain *out,
                       struct http_response *response)
{
    const struct bytes phone = text_of(call->body, "phone");
    if (FAILED(bytes_to_text(text_of(call->body, "name"), out->name, sizeof out->name))) {
        api_refuse(response, 422, "name", "The name is too long: 20 Chinese characters at most.");
        return false;
    }
    if (phone.len == 0 || member_phone_read(phone, out->phone)) return true;
    api_refuse(response, 422, "phone", "A telephone number is 7 to 15 digits. Enter it again.");
    return false;
}

static struct bytes part(const uint8_t *at, size_t len)
{
    return len == 0 ? (struct bytes){0} : bytes_of(at, len);
}

static err enrol(struct backoffice *b, const struct api_call *call,
                 const struct member_sealed *sealed, enum loyalty_verdict *ret_verdict,
                 char id[static LOYALTY_ID_LEN + 1])
{
    char asker[LOYALTY_ASKER_MAX + 1];
    size_t index_len = sealed->phone_len > 0 ? LOYALTY_INDEX_LEN : 0;
    struct loyalty_enrolment e = {.merchant = bytes_text(call->caller->mid),
                                  .phone_index = part(sealed->phone_index, index_len),
                                  .tail_index = part(sealed->tail_index, index_len),
                                  .phone_sealed = part(sealed->phone, sealed->phone_len),
                                  .name_sealed = part(sealed->name, sealed->name_len),
                                  .text_version = bytes_text(CONSENT_TEXT_VERSION),
                                  .at_ms = call->now_ms,
                                  .key = loyalty_asking(call, asker)};
    if (json_has(call->body, "birthday"))
        TRY(json_int(call->body, "birthday", 0, 1231, &e.birthday));
    TRY(json_bool(call->body, "programme", &e.consent[LOYALTY_CONSENT_PROGRAMME]));
    TRY(json_bool(call->body, "messages", &e.consent[LOYALTY_CONSENT_MESSAGES]));
    return loyalty_enrol(b->loyalty, &b->config.random, &e, ret_verdict, id);
}

static err on_enrol(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    CLEANUP(member_plain_wipe) struct member_plain plain = {.phone = ""};
    struct member_sealed sealed;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    char id[LOYALTY_ID_LEN + 1] = "";
    if (!loyalty_is_there(b, call, response) ||
        !is_current(text_of(call->body, "text_version"), response) ||
        !read_plain(call, &plain, response))
        return OK;
    err e = member_seal(b, call->caller->mid, &plain, &sealed);
    if (FAILED(e)) {
        backoffice_unavailable(response, e);
        return OK;
    }
    TRY(enrol(b, call, &sealed, &verdict, id));
    return loyalty_refused(verdict, response) ? OK
                                              : answer(b, call, "member_enrolled", id, response);
}

/* ---- one of them ---- */

static err on_one(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    struct loyalty_member member = {{0}};
    bool found = false;
    TRY(of_path(b, call, response, &member, &found));
    return found ? answer(b, call, NULL, member.id, response) : OK;
}

static err on_change(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(member_plain_wipe) struct member_plain plain = {.phone = ""};
    struct loyalty_member member = {{0}};
    struct member_sealed sealed;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    bool found = false;
    TRY(of_path(b, call, response, &member, &found));
    if (!found || !read_plain(call, &plain, response)) return OK;
    err e = member_seal(b, call->caller->mid, &plain, &sealed);
    if (FAILED(e)) {
        backoffice_unavailable(response, e);
        return OK;
    }
    struct loyalty_change change = {.merchant = bytes_text(call->caller->mid),
                                    .id = bytes_text(member.id),
                                    .name_sealed = part(sealed.name, sealed.name_len)};
    TRY(json_int(call->body, "version", 1, INT64_MAX, &change.version));
    TRY(json_int(call->body, "birthday", 0, 1231, &change.birthday));
    TRY(loyalty_member_change(b->loyalty, &change, &verdict));
    if (loyalty_refused(verdict, response)) return OK;
    return answer(b, call, "member_corrected", member.id, response);
}

/* A card is agreed to where it is read, at a terminal: here it can only be taken back. */
static err on_consent(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    bool found = false;
    int consent = 0;
    TRY(of_path(b, call, response, &member, &found));
    if (!found) return OK;
    struct loyalty_consent_change change = {.merchant = bytes_text(call->caller->mid),
                                            .id = bytes_text(member.id),
                                            .text_version = bytes_text(CONSENT_TEXT_VERSION),
                                            .at_ms = call->now_ms};
    TRY(json_bool(call->body, "given", &change.given));
    TRY(campaign_word(call->body, "consent", member_consents, &consent));
    change.consent = (enum loyalty_consent)consent;
    if (change.given && change.consent == LOYALTY_CONSENT_CARD) {
        api_refuse(response, 422, "card_here",
                   "A card is agreed to at the terminal, where it is presented.");
        return OK;
    }
    if (change.given && !is_current(text_of(call->body, "text_version"), response)) return OK;
    TRY(loyalty_consent_set(b->loyalty, &change, &verdict));
    if (loyalty_refused(verdict, response)) return OK;
    return answer(b, call, change.given ? "member_agreed" : "member_withdrew", member.id, response);
}

/* The key of a correction: of who asks and his Idempotency-Key, or of nobody else's. */
static void key_of(struct backoffice *b, const struct api_call *call, uint8_t key[TOKEN_HASH_BYTES])
{
    char asker[LOYALTY_ASKER_MAX + 1];
    const struct bytes asking = loyalty_asking(call, asker);
    static_assert((int)TOKEN_HASH_BYTES == (int)LOYALTY_KEY_MAX, "a digest is a key");
    if (asking.len == 0) random_fill(&b->config.random, key, TOKEN_HASH_BYTES);
    else token_digest("points adjustment", asking, key);
}

static err on_points(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    uint8_t key[TOKEN_HASH_BYTES];
    bool found = false;
    TRY(of_path(b, call, response, &member, &found));
    if (!found) return OK;
    key_of(b, call, key);
    size_t len = strlen(call->caller->subject);
    struct loyalty_adjustment a = {
        .merchant = bytes_text(call->caller->mid),
        .member = bytes_text(member.id),
        .key = BYTES_OF(key),
        .reason = text_of(call->body, "reason"),
        .by = bytes_of(call->caller->subject,
                       len < LOYALTY_ADJUSTER_MAX ? len : LOYALTY_ADJUSTER_MAX),
        .at_ms = call->now_ms};
    TRY(json_int(call->body, "points", -POINTS_MAX, POINTS_MAX, &a.points));
    TRY(loyalty_points_adjust(b->loyalty, &a, &verdict));
    if (loyalty_refused(verdict, response)) return OK;
    return answer(b, call, "member_points", member.id, response);
}

static err on_erase(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    bool found = false;
    TRY(of_path(b, call, response, &member, &found));
    if (!found) return OK;
    TRY(loyalty_erase(b->loyalty, bytes_text(call->caller->mid), bytes_text(member.id),
                      call->now_ms, &verdict));
    if (loyalty_refused(verdict, response)) return OK;
    return answer(b, call, "member_erased", member.id, response);
}

/* ---- everything, for him ---- */

struct exporting {
    struct json_out *j;
    size_t seen, from, limit;
    bool more;
};

/* Lines that are sealed stand above in the clear ("member"), and are passed over. */
static err export_line(void *context, const char *section, struct bytes text)
{
    struct exporting *x = context;
    if (strcmp(section, "member") == 0) return OK;
    size_t at = x->seen++;
    if (at < x->from) return OK;
    if (at - x->from >= x->limit) {
        x->more = true;
        return OK;
    }
    json_object_begin(x->j);
    json_member_string(x->j, "section", section);
    json_member_text(x->j, "text", text);
    json_object_end(x->j);
    return OK;
}

static err on_export(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(member_plain_wipe) struct member_plain plain = {.phone = ""};
    struct json_out j = json_out_over(&response->body);
    struct loyalty_member m = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    struct exporting x = {.j = &j, .from = strtoul(call->after, NULL, 10), .limit = call->limit};
    char next[24] = "";
    bool found = false;
    TRY(of_path(b, call, response, &m, &found));
    if (!found || !opened(b, &m, &plain, response)) return OK;
    json_object_begin(&j);
    json_member_string(&j, "member", m.id);
    json_member_string(&j, "phone", plain.phone);
    json_member_string(&j, "name", plain.name);
    json_member_int(&j, "birthday", m.birthday);
    json_member_array(&j, "lines");
    TRY(loyalty_export(b->loyalty, bytes_text(m.merchant), bytes_text(m.id), export_line, &x,
                       &verdict));
    json_array_end(&j);
    if (x.more) snprintf(next, sizeof next, "%zu", x.from + x.limit);
    api_next(&j, next);
    json_object_end(&j);
    return OK;
}

/* clang-format off */
#define WHO (ROLE_OWNER | ROLE_MANAGER)
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/membership/texts", SESSION, WHO, NONE, 1, 0, NULL, &texts_schema, on_texts,
                  "What a customer agrees to when he becomes a member")
    API_ROUTE_ROW(POST, "/membership/search", SESSION, WHO | ROLE_CASHIER, NONE, 2, 0, &find_schema, &members_found_schema, on_find,
                  "Find a member by telephone number, its last four digits, or code")
    API_ROUTE_ROW(POST, "/members", SESSION, WHO, NONE, 3, API_CREATES, &enrol_schema, &member_schema, on_enrol,
                  "Enrol a member, with what he agrees to")
    API_ROUTE_ROW(GET, "/members/{member}", SESSION, WHO, NONE, 3, 0, NULL, &member_schema, on_one,
                  "One member: points, stored value, coupons, what he bought")
    API_ROUTE_ROW(GET, "/members/{member}/export", STEP_UP, ROLE_OWNER, NONE, 10, API_PAGED, NULL, &export_schema, on_export,
                  "Everything that is kept of a member, for him")
    API_ROUTE_ROW(POST, "/members/{member}", SESSION, WHO, NONE, 3, 0, &change_schema, &member_schema, on_change,
                  "Correct a member's name and birthday over the version that was seen")
    API_ROUTE_ROW(POST, "/members/{member}/consents", SESSION, WHO, NONE, 3, 0, &consent_schema, &member_schema, on_consent,
                  "Give or take back one of a member's consents; taking back the first is leaving")
    API_ROUTE_ROW(POST, "/members/{member}/points", SESSION, ROLE_OWNER, NONE, 3, 0, &points_schema, &member_schema, on_points,
                  "Correct a member's points, with the reason")
    API_ROUTE_ROW(POST, "/members/{member}/erase", STEP_UP, ROLE_OWNER, NONE, 10, 0, NULL, &member_schema, on_erase,
                  "Erase a member for good; stored value is paid back first")
};
/* clang-format on */

const struct backoffice_part members_part = {
    .name = "members", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
