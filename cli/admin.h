/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The commands of `tongbao admin`. Each is one function: it fills `options` with its own settings,
 * reads them with admin_options(), does its work, and returns an exit status.
 */

#include "lib/wire/process.h"

struct admin_command {
    const char *name;
    const char *summary;
    int (*run)(const struct admin_command *command, int argc, char **argv);
};

/* As process_options(), with the name of the command in the usage line. */
int admin_options(const struct admin_command *command, const struct process_option *options,
                  size_t count, int argc, char **argv);

/* Prints the fault, or the text of the error when it is empty; returns PROCESS_EXIT_FAILED. */
int admin_failed(const struct admin_command *command, err why, const struct process_fault *fault);

/* admin_who.c: keys, merchants, terminals */
int admin_init(const struct admin_command *command, int argc, char **argv);
int admin_merchant(const struct admin_command *command, int argc, char **argv);
int admin_place(const struct admin_command *command, int argc, char **argv);
int admin_contact(const struct admin_command *command, int argc, char **argv);
int admin_policy(const struct admin_command *command, int argc, char **argv);
int admin_parameters(const struct admin_command *command, int argc, char **argv);
int admin_limits(const struct admin_command *command, int argc, char **argv);
int admin_plate(const struct admin_command *command, int argc, char **argv);
int admin_blocklist(const struct admin_command *command, int argc, char **argv);
int admin_provision(const struct admin_command *command, int argc, char **argv);
int admin_base_key(const struct admin_command *command, int argc, char **argv);
int admin_seal_authority(const struct admin_command *command, int argc, char **argv);
int admin_renew_key(const struct admin_command *command, int argc, char **argv);
int admin_foreign(const struct admin_command *command, int argc, char **argv);
int admin_terminals(const struct admin_command *command, int argc, char **argv);
int admin_terminal_status(const struct admin_command *command, int argc, char **argv);

/* admin_zone.c: new keys for the card network */
int admin_zone_keys(const struct admin_command *command, int argc, char **argv);

/* admin_wallets.c: the accounts with wallets' interfaces */
int admin_wallet_key(const struct admin_command *command, int argc, char **argv);
int admin_wallet_link(const struct admin_command *command, int argc, char **argv);

/* admin_people.c: the first accounts of the consoles */
int admin_staff(const struct admin_command *command, int argc, char **argv);
int admin_owner(const struct admin_command *command, int argc, char **argv);

/* admin_books.c: journal, ledger, audit */
int admin_trial_balance(const struct admin_command *command, int argc, char **argv);
int admin_rebuild(const struct admin_command *command, int argc, char **argv);
int admin_payments(const struct admin_command *command, int argc, char **argv);
int admin_audit(const struct admin_command *command, int argc, char **argv);

/* admin_money.c: holds, payouts, fees */
int admin_holds(const struct admin_command *command, int argc, char **argv);
int admin_payouts(const struct admin_command *command, int argc, char **argv);
int admin_fees(const struct admin_command *command, int argc, char **argv);
int admin_fee_plan(const struct admin_command *command, int argc, char **argv);

/* admin_orders.c: what moves money and is no payment, ordered at the acquirer */
int admin_hold(const struct admin_command *command, int argc, char **argv);
int admin_hold_end(const struct admin_command *command, int argc, char **argv);
int admin_payout(const struct admin_command *command, int argc, char **argv);
int admin_payout_end(const struct admin_command *command, int argc, char **argv);
int admin_correct(const struct admin_command *command, int argc, char **argv);

/* admin_calendar.c: working days; a line on standard error when the next year is not known */
int admin_calendar(const struct admin_command *command, int argc, char **argv);
void admin_warn_calendar(void);

/* admin_statement.c: what a merchant is owed, and why */
int admin_statement(const struct admin_command *command, int argc, char **argv);
int admin_figures(const struct admin_command *command, int argc, char **argv);
int admin_figures_check(const struct admin_command *command, const char *state, const char *office,
                        bool rebuild);

/* admin_instalments.c: plans in all their versions, and that of a payment */
int admin_instalments(const struct admin_command *command, int argc, char **argv);

/* admin_export.c: everything of the books as CSV */
int admin_export(const struct admin_command *command, int argc, char **argv);

/* admin_batches.c: settlements */
int admin_batches(const struct admin_command *command, int argc, char **argv);
int admin_work_items(const struct admin_command *command, int argc, char **argv);

/* admin_work.c, admin_reconcile.c: what is done about differences, and where they come from */
int admin_work(const struct admin_command *command, int argc, char **argv);
int admin_disputes(const struct admin_command *command, int argc, char **argv);
int admin_reconcile(const struct admin_command *command, int argc, char **argv);

/* admin_network.c: what networks have paid, and what stands open */
int admin_network_settled(const struct admin_command *command, int argc, char **argv);
int admin_networks(const struct admin_command *command, int argc, char **argv);
