/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords that are chosen, held against the policy and the person. */
#include "backoffice/accounts/choice.h"

struct policy choice_policy(enum account_kind kind)
{
    return policy_of_model(BYTES("CONSOLE"), kind == ACCOUNT_STAFF ? POLICY_STAFF : POLICY_OWNER);
}

bool choice_english(const struct backoffice_request *request)
{
    const char *said = request->reader.header(request->reader.context, "X-Language");
    return said != NULL && strcmp(said, "en") == 0;
}

/* What others can know of the person: names and numbers of the account and of its merchant. */
err choice_person(struct backoffice *b, const struct account *a, struct registry_merchant *merchant,
                  struct policy_person *ret)
{
    struct policy_person p = {0};
    p.name[p.names++] = bytes_text(a->login);
    p.name[p.names++] = bytes_text(a->name);
    if (a->phone[0] != '\0') p.number[p.numbers++] = bytes_text(a->phone);
    const char *at = strchr(a->mail, '@');
    if (at != NULL) p.name[p.names++] = bytes_of(a->mail, (size_t)(at - a->mail));
    if (a->mid[0] != '\0') p.number[p.numbers++] = bytes_text(a->mid);
    p.today = civil_from_ms(backoffice_now_ms(b) + CLOCK_CHINA_OFFSET_MS);
    if (a->mid[0] != '\0' && b->registry != NULL) {
        err found = registry_find_merchant(b->registry, bytes_text(a->mid), merchant);
        if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
        if (!FAILED(found)) {
            p.name[p.names++] = bytes_text(merchant->name_zh);
            p.name[p.names++] = bytes_text(merchant->name_en);
        }
    }
    *ret = p;
    return OK;
}

static void refuse(uint32_t broken, enum policy_verdict first, bool english,
                   struct http_response *response)
{
    response->status = 422;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "error", "policy");
    json_member_string(&j, "message", policy_verdict_text(first, english ? POLICY_EN : POLICY_ZH));
    json_member_array(&j, "broken");
    for (unsigned v = 1; v < POLICY_VERDICTS; v++) {
        if ((broken >> v & 1) == 0) continue;
        json_object_begin(&j);
        json_member_string(&j, "rule", policy_verdict_word((enum policy_verdict)v));
        json_member_string(
            &j, "text",
            policy_verdict_text((enum policy_verdict)v, english ? POLICY_EN : POLICY_ZH));
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
}

void choice_refuse(enum policy_verdict verdict, bool english, struct http_response *response)
{
    refuse(1u << verdict, verdict, english, response);
}

err choice_check(struct backoffice *b, const struct account *account, struct bytes typed,
                 bool english, struct password_text *ret_text, bool *ret_accepted,
                 struct http_response *response)
{
    struct policy_person person;
    struct registry_merchant merchant;
    const struct policy policy = choice_policy(account->kind);
    *ret_accepted = false;
    TRY(choice_person(b, account, &merchant, &person));
    struct policy_result result = policy_check(&policy, &person, choice_blocklist(b), typed);
    if (result.broken != 0) {
        refuse(result.broken, result.first, english, response);
        return OK;
    }
    enum policy_verdict normal = password_normalise(typed, ret_text);
    ENSURE(normal == POLICY_OK); /* policy_check has looked */
    *ret_accepted = true;
    return OK;
}

void choice_describe(struct json_out *j, enum account_kind kind, bool english)
{
    char block[2048];
    const struct policy policy = choice_policy(kind);
    struct writer w = writer_over(block, sizeof block);
    policy_describe(&policy, english ? POLICY_EN : POLICY_ZH, &w);
    json_member_array(j, "rules");
    struct bytes left = writer_view(&w);
    while (left.len > 0) {
        const uint8_t *end = memchr(left.at, '\n', left.len);
        size_t len = end == NULL ? left.len : (size_t)(end - left.at);
        json_element_text(j, bytes_of(left.at, len));
        size_t cut = end == NULL ? len : len + 1;
        left = bytes_of(left.at + cut, left.len - cut);
    }
    json_array_end(j);
    json_member_int(j, "min", policy.min);
    json_member_int(j, "max", policy.max);
}
