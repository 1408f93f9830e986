/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a log-in, whichever way it was begun. */
#include "backoffice/accounts/entrance.h"

struct entrance entrance_of_call(struct backoffice *b, const struct call *call, int64_t device)
{
    const struct backoffice_request *request = call->request;
    (void)b;
    return (struct entrance){
        .realm = call->realm,
        .address = request->address,
        .agent = request->reader.header(request->reader.context, "User-Agent"),
        .session = call->caller == NULL ? 0 : call->caller->session,
        .device = device,
        .now_ms = call->now_ms,
    };
}

/* ---- what the page is told ---- */

static const char *const stage_word[SESSION_STAGES] = {[SESSION_FACTOR] = "factor",
                                                       [SESSION_ENROL] = "enrol",
                                                       [SESSION_CHANGE] = "change",
                                                       [SESSION_FULL] = "in"};

static void write_account(struct json_out *j, const struct account *a)
{
    json_member_object(j, "account");
    json_member_string(j, "login", a->login);
    json_member_string(j, "name", a->name);
    json_member_array(j, "roles");
    for (unsigned role = 1; role <= ROLE_FINANCE; role <<= 1)
        if ((a->roles & role) != 0) json_element_text(j, bytes_text(account_role_word(role)));
    json_array_end(j);
    if (a->kind == ACCOUNT_OWNER) {
        json_member_string(j, "mid", a->mid);
        json_member_int(j, "outlet", a->outlet);
    }
    json_member_int(j, "recovery_codes", a->recovery_codes);
    json_object_end(j);
}

static void write_factors(struct json_out *j, const struct account *a)
{
    json_member_array(j, "factors");
    if (a->passkeys > 0) json_element_text(j, BYTES("passkey"));
    if (a->has_totp) json_element_text(j, BYTES("totp"));
    if (a->recovery_codes > 0) json_element_text(j, BYTES("recovery"));
    json_array_end(j);
}

void entrance_write(const struct account *account, enum session_stage stage, const char *csrf,
                    int64_t step_left_ms, struct bytes codes, struct writer *w)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "state", stage_word[stage]);
    if (csrf != NULL) json_member_string(&j, "csrf", csrf);
    if (stage == SESSION_FACTOR) write_factors(&j, account);
    if (stage == SESSION_FULL) {
        write_account(&j, account);
        json_member_int(&j, "step_up_ms", step_left_ms > 0 ? step_left_ms : 0);
    }
    if (codes.len > 0) json_member_raw(&j, "codes", codes);
    json_object_end(&j);
}

void entrance_wrong(struct http_response *response)
{
    http_response_error(
        response, 401, "wrong",
        "the name, the password or the code is wrong, or there were too many tries");
}

bool entrance_at(const struct call *call, enum session_stage stage, struct http_response *response)
{
    if (call->caller->stage == stage) return true;
    http_response_error(response, 409, "step", "the log-in stands at another step");
    return false;
}

/* ---- steps ---- */

static err begin(struct backoffice *b, struct store_tx *tx, const struct account *account,
                 const struct entrance *from, enum session_stage stage, bool stepped,
                 struct http_response *response, char ret_csrf[SESSION_CSRF_TEXT + 1])
{
    const struct session_start start = {.account = account,
                                        .stage = stage,
                                        .replaces = from->session,
                                        .stepped = stepped,
                                        .address = from->address,
                                        .agent = from->agent,
                                        .now_ms = from->now_ms};
    return session_begin(b, tx, &start, response, ret_csrf);
}

err entrance_half(struct backoffice *b, struct store_tx *tx, const struct account *account,
                  const struct entrance *from, struct http_response *response)
{
    char csrf[SESSION_CSRF_TEXT + 1];
    bool has_factor = account->has_totp || account->passkeys > 0;
    if (!has_factor && from->now_ms >= account->enrol_until_ms) {
        http_response_error(response, 403, "link", "ask for a new set-up link");
        return OK;
    }
    enum session_stage stage = has_factor ? SESSION_FACTOR : SESSION_ENROL;
    TRY(begin(b, tx, account, from, stage, false, response, csrf));
    TRY(store_commit(tx));
    entrance_write(account, stage, csrf, 0, BYTES(""), &response->body);
    return OK;
}

static err record(struct store_tx *tx, const struct account *account, const struct entrance *from,
                  const char *how)
{
    char subject[ACCOUNT_SUBJECT_MAX], detail[96];
    struct writer w = writer_over(detail, sizeof detail - 1);
    account_subject(account, subject);
    write_format(&w, "%s from %s", how, from->address);
    return audit_append(tx,
                        &(struct audit_entry){from->now_ms, bytes_text(subject), BYTES("log_in"),
                                              bytes_text(subject), writer_view(&w)});
}

err entrance_complete(struct backoffice *b, struct store_tx *tx, const struct account *account,
                      const struct entrance *from, const char *how, struct bytes codes,
                      struct http_response *response)
{
    char csrf[SESSION_CSRF_TEXT + 1];
    struct tries_key tries =
        from->device != 0 ? tries_of_device(from->device) : tries_of_account(account->id);
    enum session_stage stage = account->must_change ? SESSION_CHANGE : SESSION_FULL;
    const char *agent = from->agent == NULL ? "" : from->agent;
    TRY(tries_give_back(tx, &tries));
    if (from->device == 0) {
        TRY(device_add(b, tx, account, agent, from->now_ms, response));
        TRY(entrance_notify(b, tx, account, NOTICE_NEW_DEVICE, from->address, from->now_ms));
    }
    TRY(begin(b, tx, account, from, stage, true, response, csrf));
    TRY(record(tx, account, from, how));
    TRY(store_commit(tx));
    entrance_write(account, stage, csrf, SESSION_STEP_UP_MS, codes, &response->body);
    return OK;
}
