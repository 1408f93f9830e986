/* SPDX-License-Identifier: Apache-2.0 */
/* What the desk wants said, in the outbox's terms. */
#include "backoffice/desk/desk_letters.h"

#include <stdio.h>

enum { NOTICE_HOURS = 24 }; /* a notice that could not be sent for a day is not sent any more */

/* A kind of notices.h and its template. */
static const struct {
    const char *kind;
    enum template_number template;
} notices[] = {
    {"first_login", TEMPLATE_FIRST_LOGIN},
    {"password_set", TEMPLATE_PASSWORD_CHANGED},
    {"recovered", TEMPLATE_RECOVERED},
    {"login_locked", TEMPLATE_OPERATOR_LOCKED},
    {"rollback", TEMPLATE_ROLLBACK},
    {"operator_changed", TEMPLATE_OPERATOR_CHANGED},
    {"account_ticket", TEMPLATE_ACCOUNT_TICKET},
    {"account_reset", TEMPLATE_ACCOUNT_RESET},
    {"reissued", TEMPLATE_REISSUED},
    {"payout_asked", TEMPLATE_PAYOUT_ASKED},
    {"payout_taken", TEMPLATE_PAYOUT_TAKEN},
    {"payout_ended", TEMPLATE_PAYOUT_ENDED},
    {"payout_cools", TEMPLATE_PAYOUT_REFUSED},
};

static enum template_number template_for(const struct desk_message *m)
{
    switch (m->template) {
    case DESK_CODE:
        return m->first ? TEMPLATE_FIRST_CODE : TEMPLATE_RECOVERY_CODE;
    case DESK_LINK:
        return m->first ? TEMPLATE_FIRST_LINK : TEMPLATE_RECOVERY_LINK;
    case DESK_NOTICE:
        for (size_t i = 0; i < ARRAY_LEN(notices); i++)
            if (strcmp(notices[i].kind, m->event) == 0) return notices[i].template;
        break;
    case DESK_TEMPLATES:
        break;
    }
    ensure_failed(__FILE__, __LINE__, "every message has a template");
}

/* Numbers and moments as they stand in a text. */
struct figures {
    char minutes[8], at[TEMPLATE_MOMENT_LEN + 1], until[TEMPLATE_MOMENT_LEN + 1];
};

/* Whose password it is, in the words of who reads it: by the number, as vaults are provisioned. */
static const char *role_of(const struct desk_message *m)
{
    bool english = m->contact->english;
    if (strcmp(m->operator_id, "00") == 0) return english ? "supervisor" : "主管";
    if (strcmp(m->operator_id, "99") == 0) return english ? "administrator" : "管理员";
    return english ? "cashier" : "收银员";
}

/* The value of a field that some template of ours names. */
static struct bytes value_of(const char *name, const struct desk_message *m,
                             const struct figures *figures)
{
    const struct {
        const char *name, *value;
    } values[] = {
        {"terminal", m->tid},  {"operator", m->operator_id}, {"minutes", figures->minutes},
        {"at", figures->at},   {"until", figures->until},    {"ending", m->ending},
        {"code", m->secret},   {"link", m->secret},          {"account", m->account},
        {"ticket", m->ticket}, {"role", role_of(m)}};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (strcmp(values[i].name, name) == 0) return bytes_text(values[i].value);
    ensure_failed(__FILE__, __LINE__, "a template of ours names only these");
}

err desk_letter_send(void *context, struct store_tx *tx, const struct desk_message *m)
{
    struct template_field fields[TEMPLATE_FIELDS_MAX];
    size_t count = 0;
    char purpose[OUTBOX_PURPOSE_MAX];
    struct figures figures;
    enum template_number number = template_for(m);
    const struct template *template = template_of(number);
    struct outbox_answer answer;
    int64_t lasts_min = m->template == DESK_NOTICE ? NOTICE_HOURS * 60 : m->minutes;
    snprintf(figures.minutes, sizeof figures.minutes, "%d", m->minutes);
    template_moment(m->at_ms, figures.at);
    template_moment(m->until_ms, figures.until);
    if (m->account != NULL) snprintf(purpose, sizeof purpose, "%s %s", template->name, m->ticket);
    else
        snprintf(purpose, sizeof purpose, "%s %s %s", template->name,
                 m->ending != NULL ? m->mid : m->tid, m->operator_id);
    for (; count < TEMPLATE_FIELDS_MAX && template->field[count].name != NULL; count++)
        fields[count] = (struct template_field){template->field[count].name,
                                                value_of(template->field[count].name, m, &figures)};
    const struct outbox_message message = {
        .channel = m->by_mail ? CHANNEL_MAIL : CHANNEL_SMS,
        .contact = m->by_mail ? m->contact->mail : m->contact->phone,
        .template = number,
        .language = m->contact->english ? LANGUAGE_EN : LANGUAGE_ZH,
        .fields = fields,
        .field_count = count,
        .purpose = purpose,
        .not_after_ms = m->at_ms + lasts_min * 60 * 1000,
    };
    TRY(outbox_enqueue(context, tx, &message, &answer));
    return answer.verdict == OUTBOX_TAKEN ? OK : ERR(BUSY);
}
