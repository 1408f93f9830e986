/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao manual`: the manual of one device, with its one-time passwords, or of a model, without
 * any. The passwords come over a descriptor as the vault wrote them there, and in no other way: an
 * argument stands in the process list, an environment is inherited, a file stays.
 */
#include "paper/manual.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/manual_reissue.h"
#include "lib/base/file.h"
#include "lib/wire/json.h"
#include "lib/wire/process.h"

enum { SECRETS_JSON_MAX = 4096 };

struct settings {
    const char *serial, *model, *out, *language, *hot_line, *address;
    int64_t secrets_fd;
    struct manual_reissue reissue; /* ticket NULL: none */
};

/* Letters, digits, '-' and '.': what a vault takes for a serial number. */
static bool plain_serial(const char *serial)
{
    size_t len = strlen(serial);
    if (len == 0 || len > MANUAL_SERIAL_MAX) return false;
    return strspn(serial, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-.") ==
           len;
}

static err read_all(int fd, uint8_t *block, size_t max, size_t *ret_len)
{
    size_t len = 0;
    for (;;) {
        if (len == max) return ERR(LENGTH);
        ssize_t got = read(fd, block + len, max - len);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return ERR(IO);
        if (got == 0) break;
        len += (size_t)got;
    }
    *ret_len = len;
    return OK;
}

/* {"operator":"01","role":"cashier","password":"..."} */
static err read_secret(const struct json_t *row, struct manual_secret *out)
{
    static const char *const members[] = {"operator", "role", "password", NULL};
    struct bytes role;
    TRY(json_only(row, members));
    TRY(json_text_copy(row, "operator", out->operator_id, sizeof out->operator_id));
    TRY(json_text(row, "role", 20, &role));
    if (!policy_role_of(role, &out->role)) return ERR(FORMAT);
    TRY(json_text_copy(row, "password", out->password, sizeof out->password));
    size_t len = strlen(out->password);
    if (len < ONE_TIME_DIGITS) return ERR(LENGTH);
    for (size_t i = 0; i < len; i++)
        if (out->password[i] <= ' ' || out->password[i] > '~') return ERR(FORMAT);
    return OK;
}

/* What `tongbao-vault --provision --secrets-fd` has written. */
static err parse_secrets(struct bytes text, struct manual_secrets *out)
{
    static const char *const members[] = {"tid", "passwords", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct json_t *list;
    size_t count;
    TRY(json_parse(text, SECRETS_JSON_MAX, &document));
    TRY(json_only(document.root, members));
    TRY(json_list(document.root, "passwords", MANUAL_SECRETS_MAX, &list, &count));
    if (count == 0) return ERR(MISSING);
    for (size_t i = 0; i < count; i++) TRY(read_secret(json_at(list, i), &out->row[i]));
    out->count = count;
    return OK;
}

static err read_secrets(int fd, struct manual_secrets *out)
{
    uint8_t block[SECRETS_JSON_MAX];
    size_t len = 0;
    err done = read_all(fd, block, sizeof block, &len);
    (void)close(fd);
    if (!FAILED(done)) done = parse_secrets(bytes_of(block, len), out);
    explicit_bzero(block, sizeof block);
    return done;
}

static err choose_languages(const char *word, bool ret_language[2])
{
    bool both = strcmp(word, "both") == 0;
    ret_language[POLICY_ZH] = both || strcmp(word, "zh") == 0;
    ret_language[POLICY_EN] = both || strcmp(word, "en") == 0;
    return ret_language[0] || ret_language[1] ? OK : ERR(FORMAT);
}

static int usage_fault(const struct process_program *about, const char *what)
{
    process_complain(about, "%s", what);
    return PROCESS_EXIT_USAGE;
}

static bool choose_model(const char *model, struct manual *m)
{
    return policy_builtin(bytes_text(model), &m->policy) &&
           policy_document_role(&m->policy, POLICY_CASHIER) != NULL;
}

/* The registry and the ticket of a lost sheet say which device it is. */
static int check_reissue(const struct process_program *about, const struct settings *s)
{
    const struct manual_reissue *r = &s->reissue;
    bool named = s->serial != NULL || s->model != NULL || s->secrets_fd >= 0;
    if (!named && r->admin != NULL && r->backoffice != NULL && r->hsm != NULL) return -1;
    return usage_fault(about, "--reissue needs --admin, --backoffice and --hsm, which say which "
                              "device it is; without --model, --serial and --secrets-fd");
}

static int check_device(const struct process_program *about, const struct settings *s,
                        struct manual *m)
{
    if (s->reissue.ticket != NULL) return check_reissue(about, s);
    if (s->model == NULL) return usage_fault(about, "--model is missing");
    if (s->serial != NULL && !plain_serial(s->serial))
        return usage_fault(about, "--serial has 32 letters, digits, '-' and '.' at most");
    if (s->serial == NULL && s->secrets_fd >= 0)
        return usage_fault(about, "--secrets-fd needs --serial: passwords belong to one device");
    if (choose_model(s->model, m)) return -1;
    return usage_fault(about,
                       "--model is no model of terminal: tongbao policy show --model X lists them");
}

/* -1: all is well. */
static int check(const struct process_program *about, const struct settings *s, struct manual *m)
{
    if (FAILED(choose_languages(s->language, m->language)))
        return usage_fault(about, "--lang is zh, en or both");
    if (s->hot_line != NULL && strlen(s->hot_line) > MANUAL_HOT_LINE_MAX)
        return usage_fault(about, "--hot-line is longer than 60 bytes");
    if (strlen(s->address) > MANUAL_ADDRESS_MAX)
        return usage_fault(about, "--address is longer than 120 bytes");
    m->serial = s->serial;
    m->hot_line = s->hot_line;
    m->address = s->address;
    return check_device(about, s, m);
}

static err write_manual(const struct manual *m, const char *out)
{
    static uint8_t pdf[MANUAL_PDF_MAX];
    struct writer w = writer_over(pdf, sizeof pdf);
    enum file_access access = m->secrets != NULL ? FILE_PRIVATE : FILE_PUBLIC;
    err done = manual_draw(m, &w);
    if (!FAILED(done)) done = file_write(out, access, writer_view(&w));
    explicit_bzero(pdf, sizeof pdf);
    return done;
}

static void complain_of_file(const struct process_program *about, const char *out, err why)
{
    if (why.code == ERR_NOT_FOUND && access(out, F_OK) != 0)
        process_complain(about,
                         "%s: no such directory, or no font has the Chinese characters: "
                         "apt-get install fonts-wqy-microhei",
                         out);
    else process_complain(about, "%s: %s", out, err_text(why));
}

/* Where it is to be written is tried first: the sheet can be had once. */
static int print_again(const struct process_program *about, const struct settings *s,
                       struct manual *m)
{
    struct manual_secrets secrets = {0};
    struct registry_terminal terminal;
    struct process_fault fault = {""};
    err done = file_write(s->out, FILE_PRIVATE, BYTES(""));
    if (FAILED(done)) {
        complain_of_file(about, s->out, done);
        return PROCESS_EXIT_FAILED;
    }
    done = manual_reissue(&s->reissue, &secrets, &terminal, &fault);
    if (!FAILED(done) && !choose_model(terminal.model, m)) done = ERR(UNSUPPORTED);
    if (FAILED(done)) {
        (void)unlink(s->out);
        process_complain(about, "%s", fault.text[0] != '\0' ? fault.text : err_text(done));
    } else {
        m->serial = terminal.serial;
        m->secrets = &secrets;
        done = write_manual(m, s->out);
        if (FAILED(done)) complain_of_file(about, s->out, done);
    }
    explicit_bzero(&secrets, sizeof secrets);
    return FAILED(done) ? PROCESS_EXIT_FAILED : 0;
}

static int make(const struct process_program *about, const struct settings *s, struct manual *m)
{
    struct manual_secrets secrets = {0};
    err done = OK;
    if (s->secrets_fd >= 0) {
        done = read_secrets((int)s->secrets_fd, &secrets);
        m->secrets = &secrets;
    }
    if (FAILED(done)) {
        process_complain(about,
                         "descriptor %d: %s; it is not what tongbao-vault --provision writes",
                         (int)s->secrets_fd, err_text(done));
    } else {
        done = write_manual(m, s->out);
        if (FAILED(done)) complain_of_file(about, s->out, done);
    }
    explicit_bzero(&secrets, sizeof secrets);
    return FAILED(done) ? PROCESS_EXIT_FAILED : 0;
}

int manual_main(int argc, char **argv)
{
    struct settings s = {
        .language = "both", .address = "https://tongbao.example/activate", .secrets_fd = -1};
    struct manual manual = {0};
    const struct process_option options[] = {
        {"model", "MODEL", "of the device: TB-1", .text = &s.model},
        {"out", "FILE", "the PDF that is written", .text = &s.out, .required = true},
        {"serial", "SERIAL", "of the device; without it the manual is for every one of the model",
         .text = &s.serial},
        {"secrets-fd", "N", "read its one-time passwords there, as tongbao-vault writes them",
         .number = &s.secrets_fd, .min = 3, .max = 1 << 20},
        {"reissue", "TICKET", "print a lost sheet anew, once: R-000012", .text = &s.reissue.ticket},
        {"admin", "DIR", "of the registry, for --reissue", .text = &s.reissue.admin},
        {"backoffice", "DIR", "of the back office, for --reissue", .text = &s.reissue.backoffice},
        {"hsm", "PATH", "socket of the hsm, for --reissue", .text = &s.reissue.hsm},
        {"lang", "zh|en|both", "both unless said", .text = &s.language},
        {"hot-line", "TEXT", "who answers, and when", .text = &s.hot_line},
        {"address", "URL", "where the code on the cover leads", .text = &s.address},
    };
    const struct process_program about = {
        .name = "tongbao manual",
        .version = TONGBAO_VERSION,
        .summary = "Writes the manual of one device, or of a model, as PDF.",
        .options = options,
        .option_count = ARRAY_LEN(options)};
    int status = process_options(&about, argc, argv, NULL);
    if (status < 0) status = check(&about, &s, &manual);
    if (status >= 0) return status;
    err hard = process_harden();
    if (FAILED(hard)) {
        process_complain(&about, "%s", err_text(hard));
        return PROCESS_EXIT_FAILED;
    }
    return s.reissue.ticket != NULL ? print_again(&about, &s, &manual) : make(&about, &s, &manual);
}
