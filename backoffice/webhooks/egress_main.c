/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-egress: one request to a server of somebody else, then it ends. The back office starts it
 * (webhook_wire.h); it reads the request from standard input, and says on standard output what
 * became of it. It has no store, no key, no socket of ours, and no other descriptor.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "lib/auth/webhook_signature.h"
#include "lib/base/file.h"
#include "lib/wire/egress.h"
#include "lib/wire/json.h"
#include "lib/wire/process.h"

enum {
    REQUEST_MAX = 16 * 1024, /* a message of 2.5 kB, in JSON twice as long at most, and its head */
    ANSWER_MAX = 256,
    CPU_S = 3,
    FILES_MAX = 32,
};

/* The texts of one request, ended by zeros. */
struct texts {
    char url[EGRESS_URL_MAX + 2], id[64], at[24], signatures[WEBHOOK_SIGNATURES_MAX + 1];
    struct bytes body;
};

/* A URL that is longer than it may be is refused as that, by the check itself. */
static err read_request(const struct json_t *o, struct texts *t)
{
    static const char *const names[] = {"url", "id", "at", "signatures", "body", NULL};
    TRY(json_text_copy(o, "url", t->url, sizeof t->url));
    TRY(json_text_copy(o, "id", t->id, sizeof t->id));
    TRY(json_text_copy(o, "at", t->at, sizeof t->at));
    TRY(json_text_copy(o, "signatures", t->signatures, sizeof t->signatures));
    TRY(json_text(o, "body", EGRESS_BODY_MAX, &t->body));
    return json_only(o, names);
}

static err post(const struct texts *t, bool loopback, struct egress_answer *answer)
{
    const struct egress_header headers[] = {{"Content-Type", "application/json"},
                                            {"webhook-id", t->id},
                                            {"webhook-timestamp", t->at},
                                            {"webhook-signature", t->signatures}};
    const struct egress_request request = {.url = t->url,
                                           .loopback = loopback,
                                           .headers = headers,
                                           .header_count = ARRAY_LEN(headers),
                                           .body = t->body,
                                           .timeout_ms = EGRESS_TIMEOUT_MS,
                                           .resolver = egress_system_resolver()};
    return egress_post(&request, answer);
}

static err say(const struct egress_answer *answer)
{
    char block[ANSWER_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "fault", egress_fault_word(answer->fault));
    json_member_int(&j, "reason", answer->reason.code);
    json_member_int(&j, "status", answer->status);
    json_member_int(&j, "retry_after", answer->retry_after_s);
    json_object_end(&j);
    struct bytes text;
    TRY(writer_finish(&w, &text));
    return fwrite(text.at, 1, text.len, stdout) == text.len && fflush(stdout) == 0 ? OK : ERR(IO);
}

/* Little is taken, so that little can be done with it. */
static err confine(void)
{
    const struct rlimit cpu = {CPU_S, CPU_S}, files = {FILES_MAX, FILES_MAX}, none = {0, 0};
    TRY(process_harden());
    bool set = setrlimit(RLIMIT_CPU, &cpu) == 0 && setrlimit(RLIMIT_NOFILE, &files) == 0 &&
               setrlimit(RLIMIT_FSIZE, &none) == 0;
    return set ? OK : ERR(IO);
}

static err run(bool loopback)
{
    static uint8_t request[REQUEST_MAX + 1];
    CLEANUP(json_free) struct json_document document = {NULL};
    struct texts texts;
    struct egress_answer answer;
    size_t len = 0;
    TRY(file_read_input(request, sizeof request, &len));
    TRY(confine());
    TRY(json_parse(bytes_of(request, len), REQUEST_MAX, &document));
    TRY(read_request(document.root, &texts));
    TRY(post(&texts, loopback, &answer));
    return say(&answer);
}

int main(int argc, char **argv)
{
    bool open = false, loopback = false;
    const struct process_option options[] = {
        {"public", NULL, "send to public servers alone", .flag = &open},
        {"loopback", NULL, "for the demo and tests: this machine too, at any port, and without TLS",
         .flag = &loopback},
    };
    const struct process_program about = {
        .name = "tongbao-egress",
        .version = TONGBAO_VERSION,
        .summary = "Sends one event to a server of somebody else; tongbao-backoffice starts it.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    int status = process_options(&about, argc, argv, NULL);
    if (status >= 0) return status;
    if (open == loopback) {
        process_complain(&about, "say --public or --loopback");
        return PROCESS_EXIT_USAGE;
    }
    err e = run(loopback);
    if (!FAILED(e)) return 0;
    process_complain(&about, "nothing was sent: %s", err_text(e));
    return PROCESS_EXIT_FAILED;
}
