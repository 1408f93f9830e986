/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the tests of lib/wire/outbound.h share: a loop with the simulators' SMS gateway and mail
 * server in it, certificates of two authorities, and one message that is sent to its end.
 */

#include "lib/wire/openssl.h"

#include "tests/unit/scratch.h"

#include "lib/base/file.h"
#include "lib/wire/frame.h"
#include "lib/wire/mail.h"
#include "lib/wire/sms.h"
#include "lib/wire/socket.h"
#include "simulators/channels.h"
#include "tests/unit/wire_certificates.h"

enum { DAY = 86400, TURNS_MAX = 2000, TURN_MS = 20 };

#define ID "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

static struct scratch scratch;
static struct loop *loop;
static struct outbound *outbound;
static struct channels *channels;
static struct sms_key key;
static struct identity ca, other_ca, right, wrong_name;
static char ca_file[160], other_ca_file[160];

static inline void write_pem(char path[160], const char *name, const struct identity *identity)
{
    snprintf(path, 160, "%s", scratch_path(&scratch, name));
    assert_ok(file_write(path, FILE_PUBLIC, bytes_text(identity->certificate_pem)));
}

static inline int open_all(void **state)
{
    (void)state;
    struct process_fault fault = {""};
    scratch_make(&scratch);
    ca = make_identity(NULL, "Test CA", NULL, -DAY, DAY);
    other_ca = make_identity(NULL, "Other CA", NULL, -DAY, DAY);
    right = make_identity(&ca, "mail", "DNS:localhost,IP:127.0.0.1", -DAY, DAY);
    wrong_name = make_identity(&ca, "mail", "DNS:mail.example", -DAY, DAY);
    write_pem(ca_file, "ca.pem", &ca);
    write_pem(other_ca_file, "other.pem", &other_ca);
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &loop));
    assert_ok(outbound_create(&(struct outbound_options){loop, 2}, &outbound));
    const struct channels_options options = {
        .loop = loop, .clock = clock_system(), .state = scratch.directory};
    assert_ok(channels_open(&options, &fault, &channels));
    assert_ok(sms_key_read(scratch_path(&scratch, "sms.key"), &key));
    return 0;
}

static inline int close_all(void **state)
{
    (void)state;
    outbound_destroy(outbound);
    channels_close(channels);
    loop_destroy(loop);
    struct identity *all[] = {&ca, &other_ca, &right, &wrong_name};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) free_identity(all[i]);
    scratch_remove(&scratch);
    return 0;
}

/* ---- one message, to its end ---- */

struct heard {
    unsigned count;
    char id[OUTBOUND_ID_MAX + 1];
    struct outbound_result result;
};

static inline void on_done(void *context, const char *id, const struct outbound_result *result)
{
    struct heard *heard = context;
    heard->count++;
    snprintf(heard->id, sizeof heard->id, "%s", id);
    heard->result = *result;
}

static inline void await(const struct heard *heard)
{
    for (int i = 0; heard->count == 0 && i < TURNS_MAX; i++) assert_ok(loop_once(loop, TURN_MS));
    assert_int_equal(heard->count, 1);
    assert_string_equal(heard->id, ID);
}

static const struct mail_message letter = {.id = ID,
                                           .from = "no-reply@tongbao.example",
                                           .from_name = "通宝",
                                           .to = "owner@shop.example",
                                           .subject = {(const uint8_t *)"重置", 6},
                                           .text = {(const uint8_t *)"打开\n.\n链接", 15},
                                           .date_ms = 1790000000123};

static inline struct heard mail_to(const struct mail_relay *relay)
{
    struct heard heard = {0};
    assert_ok(mail_send(outbound, relay, &letter, on_done, &heard));
    assert_int_equal(heard.count, 0);
    await(&heard);
    return heard;
}

static inline struct mail_relay own_relay(void)
{
    return (struct mail_relay){
        .host = "127.0.0.1", .port = channels_smtp_port(channels), .timeout_ms = 20000};
}

static inline struct heard sms_to(const char *url, const char *ca_pem, const struct sms_key *with)
{
    struct heard heard = {0};
    const struct sms_provider provider = {
        .url = url, .ca_file = ca_pem, .key = with, .clock = clock_system(), .timeout_ms = 20000};
    const struct sms_message message = {ID, "+8613800138000", BYTES("验证码 482913")};
    assert_ok(sms_send(outbound, &provider, &message, on_done, &heard));
    await(&heard);
    return heard;
}

static inline const char *own_url(void)
{
    static char url[80];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/messages", channels_sms_port(channels));
    return url;
}

static inline void ends(struct heard heard, enum outbound_outcome outcome, const char *reason)
{
    assert_string_equal(err_name(heard.result.reason), reason);
    assert_int_equal(heard.result.outcome, outcome);
}

static inline const struct received *newest(void)
{
    const struct mailbox *mailbox = channels_mailbox(channels);
    return &mailbox->message[(mailbox->count - 1) % MAILBOX_MESSAGES];
}
