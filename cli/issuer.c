/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-issuer: gives one device that was activated its certificate and its keys, and ends
 * (lib/wire/helper.h). The back office starts it: that process meets strangers, and has neither the
 * authority's key nor code that could use one. It decides nothing here: who may be issued was
 * decided before; what is asked is one JSON object on standard input.
 *
 *   {"admin","hsm","tid","mid","serial","model","request","transport"}
 *
 * The answer is what `tongbao admin provision` writes, on standard output. The same device may be
 * issued again, with new keys; a number that is another device's is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/host_keys.h"
#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "lib/base/log.h"
#include "lib/crypto/identity.h"
#include "lib/wire/json.h"
#include "lib/wire/process.h"

enum { ASK_MAX = 8192, ANSWER_MAX = 16384 };

struct ask {
    char admin[FILE_PATH_MAX], hsm[FILE_PATH_MAX], tid[9], mid[16], serial[33], model[17];
    struct bytes request;
    uint8_t transport[REGISTRY_TRANSPORT_BYTES];
};

static err read_all(uint8_t *block, size_t max, struct bytes *ret)
{
    size_t len = 0;
    for (;;) {
        ssize_t got = read(STDIN_FILENO, block + len, max - len);
        if (got < 0) return ERR(IO);
        if (got == 0) break;
        len += (size_t)got;
        if (len == max) return ERR(LENGTH);
    }
    *ret = bytes_of(block, len);
    return OK;
}

static err parse(const struct json_t *root, struct ask *ask)
{
    static const char *const names[] = {"admin", "hsm",     "tid",       "mid", "serial",
                                        "model", "request", "transport", NULL};
    struct bytes hex;
    size_t len = 0;
    TRY(json_only(root, names));
    TRY(json_text_copy(root, "admin", ask->admin, sizeof ask->admin));
    TRY(json_text_copy(root, "hsm", ask->hsm, sizeof ask->hsm));
    TRY(json_text_copy(root, "tid", ask->tid, sizeof ask->tid));
    TRY(json_text_copy(root, "mid", ask->mid, sizeof ask->mid));
    TRY(json_text_copy(root, "serial", ask->serial, sizeof ask->serial));
    TRY(json_text_copy(root, "model", ask->model, sizeof ask->model));
    TRY(json_text(root, "request", IDENTITY_PEM_MAX, &ask->request));
    TRY(json_text(root, "transport", 2 * REGISTRY_TRANSPORT_BYTES, &hex));
    TRY(hex_decode(hex, ask->transport, sizeof ask->transport, &len));
    return len == sizeof ask->transport ? OK : ERR(LENGTH);
}

/* Its number is in the registry already: it has not heard the answer. */
static err was_issued(const struct ask *ask, bool *ret_was, struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_terminal there;
    TRY(host_keys_registry(ask->admin, STORE_READ_ONLY, &registry, fault));
    err found = registry_find_terminal(registry, bytes_text(ask->tid), &there);
    registry_close(registry);
    *ret_was = !FAILED(found);
    return found.code == ERR_NOT_FOUND ? OK : found;
}

static err issue(const struct ask *ask, struct writer *json, struct process_fault *fault)
{
    const struct host_place place = {.admin = ask->admin, .hsm = ask->hsm};
    struct host_terminal terminal = {.tid = ask->tid,
                                     .serial = ask->serial,
                                     .model = ask->model,
                                     .mid = ask->mid,
                                     .suite = REGISTRY_TONGBAO};
    TRY(was_issued(ask, &terminal.again, fault));
    return host_keys_issue(&place, &terminal, ask->request, ask->transport, json, fault);
}

static err run(struct process_fault *fault)
{
    static uint8_t block[ASK_MAX], answer[ANSWER_MAX];
    CLEANUP(json_free) struct json_document document = {NULL};
    struct ask ask = {""};
    struct bytes asked;
    struct writer json = writer_over(answer, sizeof answer);
    TRY(read_all(block, sizeof block, &asked));
    TRY(process_harden()); /* gives up standard input */
    TRY(json_parse(asked, sizeof block, &document));
    TRY(parse(document.root, &ask));
    TRY(issue(&ask, &json, fault));
    struct bytes left = writer_view(&json);
    while (left.len > 0) {
        ssize_t done = write(STDOUT_FILENO, left.at, left.len);
        if (done <= 0) return ERR(IO);
        left = bytes_of(left.at + done, left.len - (size_t)done);
    }
    return OK;
}

int main(int argc, char **argv)
{
    struct process_fault fault = {""};
    bool asked = false;
    const struct process_option options[] = {
        {"issue", NULL, "issue what standard input asks for", .flag = &asked}};
    const struct process_program about = {
        .name = "tongbao-issuer",
        .version = TONGBAO_VERSION,
        .summary = "Issues the keys of one device; tongbao-backoffice starts it.",
        .options = options,
        .option_count = ARRAY_LEN(options)};
    int status = process_options(&about, argc, argv, NULL);
    if (status >= 0) return status;
    const struct log log = log_to_fd(STDERR_FILENO, "tongbao-issuer", clock_system());
    err done = run(&fault);
    if (!FAILED(done)) return EXIT_SUCCESS;
    log_event(&log, LOG_ERROR, "not_issued", LOG_ERR(done), LOG_TEXT("why", fault.text));
    return EXIT_FAILURE;
}
