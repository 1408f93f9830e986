/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin`: who exists. Reads options, calls host_keys.c and registry/. */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/host_keys.h"
#include "lib/base/file.h"
#include "registry/place.h"

#define STATE_OPTION(place)                                                 \
    {                                                                       \
        "state", "DIR", "the operator's directory: authority and registry", \
            .text = &(place).admin, .required = true                        \
    }
#define HSM_OPTION(place)                                                                    \
    {                                                                                        \
        "hsm", "SOCKET", "where tongbao-hsm listens", .text = &(place).hsm, .required = true \
    }

int admin_init(const struct admin_command *command, int argc, char **argv)
{
    struct host_place place = {0};
    const struct process_option options[] = {
        STATE_OPTION(place),
        HSM_OPTION(place),
        {"networks", "DIR", "state directory of tongbao-simulators", .text = &place.networks,
         .required = true},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = host_keys_initialise(&place, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

int admin_merchant(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *mid = NULL, *zh = NULL, *en = NULL;
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &state, .required = true},
        {"mid", "MID", "merchant number: 15 digits", .text = &mid, .required = true},
        {"name-zh", "NAME", "as receipts show it, at most 13 characters", .text = &zh,
         .required = true},
        {"name-en", "NAME", "the same in English", .text = &en, .required = true},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    const struct host_place place = {.admin = state};
    err done = host_keys_merchant(&place, mid, zh, en, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

/* Too long a text is one that has not its form: cut off, it would be another. */
static err place_text(const char *text, char *out, size_t size, const char *option,
                      struct process_fault *fault)
{
    err fits = bytes_to_text(bytes_text(text), out, size);
    if (FAILED(fits))
        snprintf(fault->text, sizeof fault->text, "--%s %.40s: at most %zu characters", option,
                 text, size - 1);
    return fits;
}

static err set_place(const char *state, const struct registry_place *place,
                     struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    TRY(host_keys_registry(state, STORE_OPEN, &registry, fault));
    err done = registry_set_place(registry, &who, place);
    if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    registry_close(registry);
    return done;
}

int admin_place(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *mid = NULL, *category = NULL, *city = NULL, *postal = "",
               *country = "CN";
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &state, .required = true},
        {"mid", "MID", "the merchant", .text = &mid, .required = true},
        {"category", "MCC", "its trade: four digits of ISO 18245", .text = &category,
         .required = true},
        {"city", "CITY", "in ASCII, at most 15 letters", .text = &city, .required = true},
        {"postal", "CODE", "postal code; none without it", .text = &postal},
        {"country", "CC", "two capital letters; CN unless said", .text = &country},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    struct registry_place place;
    err done = place_text(mid, place.mid, sizeof place.mid, "mid", &fault);
    if (!FAILED(done))
        done = place_text(category, place.category, sizeof place.category, "category", &fault);
    if (!FAILED(done)) done = place_text(city, place.city, sizeof place.city, "city", &fault);
    if (!FAILED(done))
        done = place_text(postal, place.postal, sizeof place.postal, "postal", &fault);
    if (!FAILED(done))
        done = place_text(country, place.country, sizeof place.country, "country", &fault);
    if (!FAILED(done)) done = set_place(state, &place, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

int admin_provision(const struct admin_command *command, int argc, char **argv)
{
    struct host_place place = {0};
    struct host_terminal t = {.model = "TB-1", .suite = REGISTRY_TONGBAO};
    const char *suite = "tongbao";
    const struct process_option options[] = {
        STATE_OPTION(place),
        HSM_OPTION(place),
        {"tid", "TID", "terminal number: 8 digits or capital letters", .text = &t.tid,
         .required = true},
        {"mid", "MID", "the merchant it belongs to", .text = &t.mid, .required = true},
        {"serial", "SERIAL", "serial number of the device", .text = &t.serial, .required = true},
        {"model", "MODEL", "model of the device", .text = &t.model},
        {"device", "DIR",
         "the vault's state directory, initialised; provision.json is written there",
         .text = &t.device, .required = true},
        {"again", NULL,
         "the same device has lost its keys: new ones, the old ones are worth nothing",
         .flag = &t.again},
        {"suite", "NAME", "its ciphers: tongbao, sm4, dukpt-aes or dukpt-tdes", .text = &suite},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    const struct registry_suite_row *row = registry_suite_named(bytes_text(suite));
    if (row == NULL || row->suite == REGISTRY_CUP) {
        fprintf(stderr,
                "tongbao admin %s: --suite: tongbao, sm4, dukpt-aes or dukpt-tdes; a terminal of "
                "the plain profile is registered with tongbao admin foreign\n",
                command->name);
        return PROCESS_EXIT_USAGE;
    }
    t.suite = row->suite;
    struct process_fault fault = {""};
    err done = host_keys_provision(&place, &t, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

int admin_base_key(const struct admin_command *command, int argc, char **argv)
{
    struct host_place place = {0};
    const char *suite = NULL, *block = NULL;
    const struct process_option options[] = {
        STATE_OPTION(place),
        HSM_OPTION(place),
        {"suite", "NAME", "dukpt-aes or dukpt-tdes", .text = &suite, .required = true},
        {"block", "FILE", "the key block that a ceremony of the hsm has written", .text = &block},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = host_keys_base(&place, suite, block, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

int admin_renew_key(const struct admin_command *command, int argc, char **argv)
{
    struct host_place place = {0};
    const char *tid = NULL;
    uint8_t kcv[4];
    const struct process_option options[] = {
        STATE_OPTION(place),
        HSM_OPTION(place),
        {"tid", "TID", "terminal number", .text = &tid, .required = true},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = host_keys_renew(&place, tid, kcv, &fault);
    if (FAILED(done)) return admin_failed(command, done, &fault);
    printf("%s gets the master key with check value %02X%02X%02X%02X at its next sign-in; the one "
           "after it says that it has it\n",
           tid, kcv[0], kcv[1], kcv[2], kcv[3]);
    return 0;
}

int admin_seal_authority(const struct admin_command *command, int argc, char **argv)
{
    struct host_place place = {0};
    const struct process_option options[] = {STATE_OPTION(place), HSM_OPTION(place)};
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = host_keys_seal_authority(&place, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

/* Its key comes one way or the other. */
static const char *foreign_misuse(const struct host_foreign *f, const char *known_file)
{
    bool transport = f->transport_file != NULL || f->key_file != NULL;
    if (known_file != NULL && transport)
        return "give --master-key-file, or --transport-key and --key, not both";
    if (known_file == NULL && (f->transport_file == NULL || f->key_file == NULL))
        return "its key goes under its RSA key: --transport-key FILE --key FILE; or a known test "
               "key: --master-key-file FILE";
    return NULL;
}

int admin_foreign(const struct admin_command *command, int argc, char **argv)
{
    struct host_place place = {0};
    struct host_terminal t = {.model = "FOREIGN", .suite = REGISTRY_CUP};
    struct host_foreign f = {NULL};
    const char *known_file = NULL;
    const struct process_option options[] = {
        STATE_OPTION(place),
        HSM_OPTION(place),
        {"tid", "TID", "terminal number", .text = &t.tid, .required = true},
        {"mid", "MID", "the merchant it belongs to", .text = &t.mid, .required = true},
        {"serial", "SERIAL", "serial number of the device", .text = &t.serial, .required = true},
        {"transport-key", "FILE", "its RSA public key (PEM, 2048 to 4096 bits)",
         .text = &f.transport_file},
        {"key", "FILE", "where to write its master key, under that key and signed",
         .text = &f.key_file},
        {"master-key-file", "FILE",
         "instead of both, in development: its master key, a test key: 32 hex digits",
         .text = &known_file},
        {"request", "FILE", "its certificate request (PEM)", .text = &f.request_file,
         .required = true},
        {"certificate", "FILE", "where to write its certificate", .text = &f.certificate_file,
         .required = true},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    const char *wrong = foreign_misuse(&f, known_file);
    if (wrong != NULL) {
        fprintf(stderr, "tongbao admin %s: %s\n", command->name, wrong);
        return PROCESS_EXIT_USAGE;
    }
    struct process_fault fault = {""};
    char hex[33] = "";
    size_t len = 0;
    err done =
        known_file == NULL ? OK : file_read(known_file, FILE_PRIVATE, hex, sizeof hex - 1, &len);
    if (FAILED(done))
        snprintf(fault.text, sizeof fault.text,
                 "%.150s: %s; it must hold 32 hex digits and be readable by you alone", known_file,
                 err_text(done));
    f.master_hex = known_file == NULL ? NULL : hex;
    if (!FAILED(done)) done = host_keys_foreign(&place, &t, &f, &fault);
    explicit_bzero(hex, sizeof hex);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

static const char *status_name(enum registry_status status)
{
    return status == REGISTRY_ACTIVE      ? "active"
           : status == REGISTRY_SUSPENDED ? "suspended"
                                          : "closed";
}

/* Which parameters a terminal has said it has in force; "-": it has said nothing. */
static err print_in_force(struct store *journal, const char *tid)
{
    struct store_statement *s;
    bool row = false;
    TRY(store_statement(journal, "SELECT number FROM terminal_parameters WHERE tid = ?", &s));
    store_bind_text(s, bytes_text(tid));
    TRY(store_step(s, &row));
    if (row) printf("  parameters %lld", (long long)store_read_int(s));
    else printf("  parameters -");
    err read = row ? store_read_finish(s) : OK;
    store_reset(s);
    return read;
}

/* `context` is the journal's store, or NULL. */
static err print_terminal(void *context, const struct registry_terminal *t)
{
    struct store *journal = context;
    printf("%s  %s  %-12s %-8s %-8s %-9s", t->tid, t->mid, t->serial, t->model,
           registry_suite(t->suite)->name, status_name(t->status));
    if (journal != NULL) TRY(print_in_force(journal, t->tid));
    putchar('\n');
    return OK;
}

static err open_journal(const char *directory, struct store **ret_journal,
                        struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    TRY(file_path(directory, "journal.db", path, sizeof path));
    err opened = store_open(path, &options, &why, ret_journal);
    if (FAILED(opened)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return opened;
}

int admin_terminals(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *acquirer = NULL;
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &state, .required = true},
        {"acquirer", "DIR", "the acquirer's directory: says which parameters each has in force",
         .text = &acquirer},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    struct registry *registry = NULL;
    struct store *journal = NULL;
    err done = host_keys_registry(state, STORE_READ_ONLY, &registry, &fault);
    if (!FAILED(done) && acquirer != NULL) done = open_journal(acquirer, &journal, &fault);
    if (!FAILED(done)) done = registry_terminals(registry, print_terminal, journal);
    store_close(journal);
    registry_close(registry);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

int admin_terminal_status(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *tid = NULL, *name = NULL;
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &state, .required = true},
        {"tid", "TID", "terminal number", .text = &tid, .required = true},
        {"set", "STATUS", "active, suspended or closed (for good)", .text = &name,
         .required = true},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    enum registry_status wanted = REGISTRY_STATUSES;
    for (int s = REGISTRY_ACTIVE; s < REGISTRY_STATUSES; s++)
        if (strcmp(name, status_name((enum registry_status)s)) == 0)
            wanted = (enum registry_status)s;
    if (wanted == REGISTRY_STATUSES) {
        fprintf(stderr, "tongbao admin %s: '%s' is no status; use active, suspended or closed\n",
                command->name, name);
        return PROCESS_EXIT_USAGE;
    }
    struct process_fault fault = {""};
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    err done = host_keys_registry(state, STORE_OPEN, &registry, &fault);
    if (!FAILED(done)) {
        done = registry_set_terminal_status(registry, &who, bytes_text(tid), wanted);
        if (FAILED(done))
            snprintf(fault.text, sizeof fault.text, "%.250s", registry_error_text(registry));
    }
    registry_close(registry);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
