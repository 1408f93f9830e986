/* SPDX-License-Identifier: Apache-2.0 */
/* A sheet that is printed anew: who may, once, and the password of the hsm. */
#include "cli/manual_reissue.h"

#include <stdio.h>

#include "cli/host_keys.h"
#include "cli/hsm_client.h"
#include "lib/base/file.h"
#include "lib/crypto/recovery.h"
#include "registry/sheet.h"

static err refuse(struct process_fault *fault, err why, const char *text)
{
    snprintf(fault->text, sizeof fault->text, "%s", text);
    return why;
}

/* "R-000012" as the desk's pages have it; 0 when it is none. */
static int64_t number_of(const char *ticket)
{
    int64_t number = 0;
    if (ticket[0] != 'R' || ticket[1] != '-') return 0;
    struct bytes digits = bytes_text(ticket + 2);
    if (!bytes_all_digits(digits) || digits.len < 6 || digits.len > 15) return 0;
    for (size_t i = 0; i < digits.len; i++) number = number * 10 + (digits.at[i] - '0');
    return number;
}

/* What the desk has written down; the back office may be running. */
static err find_sheet(const struct manual_reissue *ask, struct sheet *ret_sheet,
                      struct process_fault *fault)
{
    CLEANUP(store_close_at) struct store *store = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY};
    struct store_fault why = {""};
    char path[FILE_PATH_MAX];
    int64_t number = number_of(ask->ticket);
    if (number == 0)
        return refuse(fault, ERR(FORMAT), "--reissue wants a ticket's number, as R-000012");
    TRY(file_path(ask->backoffice, "backoffice.db", path, sizeof path));
    err opened = store_open(path, &options, &why, &store);
    if (FAILED(opened)) return refuse(fault, opened, why.text);
    err found = sheet_find(store, number, ret_sheet);
    if (found.code != ERR_NOT_FOUND) return found;
    return refuse(fault, found,
                  "no sheet may be printed for this ticket: two members of staff approve it at the "
                  "desk, and its terminal must have taken it");
}

static enum policy_role role_of(const char *operator_id)
{
    if (strcmp(operator_id, "00") == 0) return POLICY_SUPERVISOR;
    return strcmp(operator_id, "99") == 0 ? POLICY_ADMINISTRATOR : POLICY_CASHIER;
}

/* HSM_RECOVERY, the way of a sheet: what the vault has drawn from the same order. */
static err ask_password(struct hsm_client *hsm, const struct sheet *sheet,
                        const struct registry_terminal *terminal, struct manual_secret *out,
                        struct process_fault *fault)
{
    const struct hsm_recovery ask = {
        .operator_id = (uint8_t)(10 * (sheet->operator_id[0] - '0') + sheet->operator_id[1] - '0'),
        .way = RECOVERY_SHEET,
        .key = bytes_text(terminal->recovery_block),
        .tid = bytes_text(sheet->tid),
        .challenge = BYTES_OF(sheet->challenge)};
    struct hsm_recovery_answer answer;
    TRY(hsm_client_recovery(hsm, &ask, &answer, fault));
    if (answer.code.len != ONE_TIME_DIGITS) return ERR(LENGTH);
    TRY(bytes_to_text(answer.code, out->password, sizeof out->password));
    memcpy(out->operator_id, sheet->operator_id, sizeof out->operator_id);
    out->role = role_of(sheet->operator_id);
    hsm_client_wipe(hsm);
    return OK;
}

static err mark_printed(struct registry *registry, const struct sheet *sheet,
                        struct process_fault *fault)
{
    const struct registry_actor who = host_keys_actor();
    err printed = registry_print_sheet(registry, &who, sheet);
    if (printed.code != ERR_EXISTS) return printed;
    return refuse(fault, printed,
                  "this sheet was printed before, and is printed once: begin again at the desk");
}

static err print_with(struct registry *registry, struct hsm_client *hsm, const struct sheet *sheet,
                      struct manual_secrets *secrets, struct registry_terminal *ret_terminal,
                      struct process_fault *fault)
{
    TRY(registry_find_terminal(registry, bytes_text(sheet->tid), ret_terminal));
    if (ret_terminal->recovery_block[0] == '\0')
        return refuse(fault, ERR(KEY), "this terminal has no recovery key: it cannot be done");
    TRY(mark_printed(registry, sheet, fault));
    secrets->count = 1;
    return ask_password(hsm, sheet, ret_terminal, &secrets->row[0], fault);
}

err manual_reissue(const struct manual_reissue *ask, struct manual_secrets *ret_secrets,
                   struct registry_terminal *ret_terminal, struct process_fault *fault)
{
    struct sheet sheet;
    struct hsm_client hsm;
    struct registry *registry = NULL;
    TRY(find_sheet(ask, &sheet, fault));
    TRY(host_keys_registry(ask->admin, STORE_OPEN, &registry, fault));
    err done = hsm_client_open(&hsm, ask->hsm, fault); /* before the only print is spent */
    if (!FAILED(done)) {
        done = print_with(registry, &hsm, &sheet, ret_secrets, ret_terminal, fault);
        hsm_client_close(&hsm);
    }
    registry_close(registry);
    return done;
}
