/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts from the command line: each call opens the file, writes once, and closes it. */
#include "cli/host_accounts.h"

#include <stdio.h>

#include "cli/host_keys.h"
#include "lib/base/file.h"

static err refused(const struct store *store, err why, struct process_fault *fault)
{
    const char *text = store_error_text(store);
    snprintf(fault->text, sizeof fault->text, "%.250s", text[0] != '\0' ? text : err_text(why));
    return why;
}

static err open_store(const char *state, enum store_mode mode, struct store **ret_store,
                      struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = mode};
    TRY(process_state_directory(state, fault));
    TRY(file_path(state, "backoffice.db", path, sizeof path));
    err opened = store_open(path, &options, &why, ret_store);
    if (opened.code == ERR_BUSY)
        snprintf(fault->text, sizeof fault->text,
                 "tongbao-backoffice is running, and it alone writes its file: make accounts on the"
                 " page People, give one back at the recovery desk (both in the staff console), or"
                 " stop the program first");
    else if (FAILED(opened)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    TRY(opened);
    err migrated = store_migrate(*ret_store, &audit_schema);
    if (!FAILED(migrated)) migrated = store_migrate(*ret_store, &accounts_schema);
    return FAILED(migrated) ? refused(*ret_store, migrated, fault) : OK;
}

static err make_link(struct store_tx *tx, const struct registry_actor *who, int64_t id,
                     enum account_kind kind, char ret_link[HOST_ACCOUNT_LINK_MAX])
{
    CLEANUP(token_wipe) struct token token;
    const struct random random = random_system();
    token_make(&random, link_label(LINK_SETUP), &token);
    TRY(link_add(tx, who, id, LINK_SETUP, token.hash, who->at_ms + LINK_SETUP_MS));
    snprintf(ret_link, HOST_ACCOUNT_LINK_MAX, "/%ssetup#%s", kind == ACCOUNT_STAFF ? "staff/" : "",
             token.text);
    return OK;
}

static err add(struct store *store, const struct account *account,
               char ret_link[HOST_ACCOUNT_LINK_MAX])
{
    int64_t id = 0;
    const struct registry_actor who = host_keys_actor();
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(account_add(&tx, &who, account, &id));
    TRY(make_link(&tx, &who, id, account->kind, ret_link));
    return store_commit(&tx);
}

err host_account_add(const char *state, const struct account *account,
                     char ret_link[HOST_ACCOUNT_LINK_MAX], struct process_fault *fault)
{
    CLEANUP(store_close_at) struct store *store = NULL;
    TRY(open_store(state, STORE_CREATE, &store, fault));
    err added = add(store, account, ret_link);
    return FAILED(added) ? refused(store, added, fault) : OK;
}

static err new_link(struct store *store, enum account_kind kind, const char *login,
                    char ret_link[HOST_ACCOUNT_LINK_MAX])
{
    struct account account;
    const struct registry_actor who = host_keys_actor();
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(account_find_login(store, kind, bytes_text(login), &account));
    TRY(credential_clear_factors(&tx, &who, account.id));
    if (account.status == ACCOUNT_ACTIVE)
        TRY(account_set_status(&tx, &who, account.id, ACCOUNT_INVITED));
    TRY(make_link(&tx, &who, account.id, kind, ret_link));
    return store_commit(&tx);
}

err host_account_link(const char *state, enum account_kind kind, const char *login,
                      char ret_link[HOST_ACCOUNT_LINK_MAX], struct process_fault *fault)
{
    CLEANUP(store_close_at) struct store *store = NULL;
    TRY(open_store(state, STORE_OPEN, &store, fault));
    err made = new_link(store, kind, login, ret_link);
    return FAILED(made) ? refused(store, made, fault) : OK;
}

err host_accounts_each(const char *state, enum account_kind kind, account_each each, void *context,
                       struct process_fault *fault)
{
    CLEANUP(store_close_at) struct store *store = NULL;
    TRY(open_store(state, STORE_READ_ONLY, &store, fault));
    err read = accounts_each(store, kind, BYTES(""), each, context);
    return FAILED(read) ? refused(store, read, fault) : OK;
}
