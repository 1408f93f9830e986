/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin`: the list of its commands and what they share. */
#include "cli/admin.h"

#include <stdio.h>

#include "cli/commands.h"

static const struct admin_command commands[] = {
    {"init", "make the host's certificate authority, registry and zone keys", admin_init},
    {"merchant", "register a merchant", admin_merchant},
    {"place", "say in which trade, town and country a merchant is, for its codes", admin_place},
    {"contact", "set or remove a person of a merchant whom we may write to and call",
     admin_contact},
    {"policy", "sign a password policy and publish it to the terminals of its model", admin_policy},
    {"parameters", "check, show, sign and publish parameters of chip cards", admin_parameters},
    {"limits", "show, check and publish what merchants may take; put one in a class of risk",
     admin_limits},
    {"plate", "make codes that stand in shops, list and close them, and say what they took",
     admin_plate},
    {"blocklist", "sign words that no password may be, and publish them", admin_blocklist},
    {"provision", "register a terminal and make what its vault takes", admin_provision},
    {"base-key", "make the base key of terminals with a key for each message, or take a ceremony's",
     admin_base_key},
    {"renew-key", "make a new master key for a terminal, which takes it at its next sign-in",
     admin_renew_key},
    {"zone-keys", "replace the keys shared with the card network, by two people", admin_zone_keys},
    {"seal-authority", "let the hsm renew certificates of devices before and after they end",
     admin_seal_authority},
    {"foreign", "register a terminal of the plain profile, its key under its RSA key",
     admin_foreign},
    {"terminals", "list the terminals", admin_terminals},
    {"terminal-status", "suspend, close or activate a terminal", admin_terminal_status},
    {"wallet-key", "make or take a key for the accounts of tongbao-wallets", admin_wallet_key},
    {"wallet-link", "print the MAC key of the acquirer's link to the wallets, as a key block",
     admin_wallet_link},
    {"staff", "make an account of the staff console, or a new set-up link", admin_staff},
    {"owner", "make an account of a merchant's console, or a new set-up link", admin_owner},
    {"payments", "list the last rows of the journal", admin_payments},
    {"batches", "list how terminals' batches were closed", admin_batches},
    {"work-items", "list what differs between terminals, host and networks, and work on it",
     admin_work},
    {"disputes", "what cardholders and networks dispute: open, answer, decide", admin_disputes},
    {"reconcile", "hold a network's clearing file of a day against the journal", admin_reconcile},
    {"network-settled", "book what a network has paid for a day", admin_network_settled},
    {"networks", "print what networks owe and have paid", admin_networks},
    {"hold", "hold money of a merchant back, with reason, evidence, deadline and appeal",
     admin_hold},
    {"hold-end", "give held money back, or take it for good", admin_hold_end},
    {"holds", "list what is held", admin_holds},
    {"payout", "pay merchants what is due: T+1, or D+0 for a fee", admin_payout},
    {"payout-end", "say what the bank has done with a payout", admin_payout_end},
    {"payouts", "list what is on its way to merchants", admin_payouts},
    {"calendar", "print which working days are known, and which year is missing", admin_calendar},
    {"correct", "correct by hand what a merchant is owed", admin_correct},
    {"statement", "print a merchant's business day, line by line", admin_statement},
    {"figures", "print what a merchant has; --check: are figures what the ledger says?",
     admin_figures},
    {"fees", "list the rules of fees, of their shares and of payouts", admin_fees},
    {"fee-plan", "show a merchant's agreements about fees, or make a new one", admin_fee_plan},
    {"instalments", "list the plans of instalments in all versions, or explain a payment's",
     admin_instalments},
    {"export", "write journal, orders, ledger, statements and tables as CSV", admin_export},
    {"trial-balance", "print every account and whether the books balance", admin_trial_balance},
    {"rebuild", "fold the journal again and compare with the ledger (--check)", admin_rebuild},
    {"audit", "verify the chain of an audit log: audit verify FILE...", admin_audit},
};

int admin_options(const struct admin_command *command, const struct process_option *options,
                  size_t count, int argc, char **argv)
{
    char name[64];
    snprintf(name, sizeof name, "tongbao admin %s", command->name);
    const struct process_program program = {.name = name,
                                            .version = TONGBAO_VERSION,
                                            .summary = command->summary,
                                            .options = options,
                                            .option_count = count};
    return process_options(&program, argc, argv, NULL);
}

int admin_failed(const struct admin_command *command, err why, const struct process_fault *fault)
{
    const char *text = fault != NULL && fault->text[0] != '\0' ? fault->text : err_text(why);
    fprintf(stderr, "tongbao admin %s: %s\n", command->name, text);
    return PROCESS_EXIT_FAILED;
}

static int usage(FILE *to)
{
    fputs("usage: tongbao admin COMMAND [OPTIONS]\n", to);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(to, "  %-16s %s\n", commands[i].name, commands[i].summary);
    fputs("tongbao admin COMMAND --help says more.\n", to);
    return to == stdout ? 0 : PROCESS_EXIT_USAGE;
}

int admin_main(int argc, char **argv)
{
    if (argc < 2) return usage(stderr);
    if (strcmp(argv[1], "--help") == 0) return usage(stdout);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(&commands[i], argc - 1, argv + 1);
    fprintf(stderr, "tongbao admin: there is no command '%s'\n", argv[1]);
    return usage(stderr);
}
