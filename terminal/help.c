/* SPDX-License-Identifier: Apache-2.0 */
/* Which help belongs to which screen (S182): the longest beginning of its id that has a row. */
#include "terminal/core.h"

static const struct {
    const char *begins;
    enum text_id help;
} rows[] = {
    {"login.operator", TEXT_HELP_LOGIN},
    {"login.first", TEXT_HELP_LOGIN},
    {"login.password", TEXT_HELP_PASSWORD},
    {"login.approval", TEXT_HELP_PHONE},
    {"login.no_approval", TEXT_HELP_PHONE},
    {"password.", TEXT_HELP_NEW},
    {"password.current", TEXT_HELP_PASSWORD},
    {"duress.", TEXT_HELP_DURESS},
    {"forgot.", TEXT_HELP_FORGOT},
    {"recover.", TEXT_HELP_FORGOT},
    {"operators.", TEXT_HELP_OPERATORS},
    {"approve.", TEXT_HELP_APPROVE},
    {"lock.", TEXT_HELP_LOCK},
    {"phones.", TEXT_HELP_PHONE},
    {"settings.network", TEXT_HELP_NETWORK},
    {"settings.", TEXT_HELP_SETTINGS},
    {"remind.review", TEXT_HELP_NEW},
    {"find.", TEXT_HELP_FIND},
    {"first.", TEXT_HELP_FIRST},
    {"sale.", TEXT_HELP_SALE},
    {"sale.shown", TEXT_HELP_SHOWN},
    {"sale.amount", TEXT_HELP_AMOUNT},
    {"sale.calculator", TEXT_HELP_AMOUNT},
    {"sale.items", TEXT_HELP_AMOUNT},
    {"sale.basket", TEXT_HELP_AMOUNT},
    {"sale.tip", TEXT_HELP_TIP},
    {"sale.sign", TEXT_HELP_SIGN},
    {"training.", TEXT_HELP_TRAINING},
    {"ereceipt.", TEXT_HELP_ERECEIPT},
    {"goods.", TEXT_HELP_GOODS},
    {"guide.", TEXT_HELP_GUIDE},
    {"timeouts.", TEXT_HELP_TIMEOUTS},
    {"reverse.", TEXT_HELP_SALE},
    {"sale.offline", TEXT_HELP_OFFLINE},
    {"advice.", TEXT_HELP_OFFLINE},
    {"need.delivered", TEXT_HELP_OFFLINE},
    {"sign_", TEXT_HELP_SIGN_IN},
    {"download.", TEXT_HELP_DOWNLOAD},
    {"settle.", TEXT_HELP_SETTLE},
    {"shift.", TEXT_HELP_SHIFT},
    {"balance.", TEXT_HELP_BALANCE},
    {"cash.", TEXT_HELP_CASH},
    {"manual.", TEXT_HELP_MANUAL},
    {"instalment.", TEXT_HELP_INSTALMENT},
    {"split.", TEXT_HELP_SPLIT},
    {"need.order", TEXT_HELP_SPLIT},
    {"void.", TEXT_HELP_VOID},
    {"preauth.", TEXT_HELP_HOLD},
    {"refund.", TEXT_HELP_REFUND},
    {"backup.", TEXT_HELP_BACKUP},
    {"catch_up.", TEXT_HELP_CATCH_UP},
};

enum text_id help_text(const char *screen_id)
{
    enum text_id best = TEXT_HELP_ANY;
    size_t best_len = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t len = strlen(rows[i].begins);
        if (len <= best_len || strncmp(screen_id, rows[i].begins, len) != 0) continue;
        best = rows[i].help;
        best_len = len;
    }
    return best;
}
