/* SPDX-License-Identifier: Apache-2.0 */
/* What the desk's second approval does to a console account: everything of it begins anew. */
#include "backoffice/accounts/entrance.h"
#include "backoffice/desk/desk_part.h"

err account_reset(void *context, struct store_tx *tx, const struct registry_actor *actor,
                  const struct account *account, int64_t valid_ms)
{
    struct backoffice *b = context;
    bool taken = false;
    struct tries_key outside = tries_of_account(account->id), inside = tries_of_inside(account->id);
    TRY(credential_set_password(tx, actor, account->id, BYTES(""), false));
    TRY(credential_clear_factors(tx, actor, account->id));
    TRY(credential_allow_enrolment(tx, account->id, 0));
    if (account->status == ACCOUNT_ACTIVE)
        TRY(account_set_status(tx, actor, account->id, ACCOUNT_INVITED));
    TRY(session_end_others(tx, account->id, 0, true, SESSION_FACTORS));
    TRY(tries_give_back(tx, &outside));
    TRY(tries_give_back(tx, &inside));
    TRY(link_send_for(b, tx, actor, account, LINK_SETUP, valid_ms, &taken));
    return taken ? OK : ERR(BUSY);
}
