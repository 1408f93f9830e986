/* SPDX-License-Identifier: Apache-2.0 */
/* One text as a transfer of curl. What bytes mean is in sms_text.c. */
#include "lib/wire/sms.h"

#include <stdio.h>

#include "lib/wire/outbound_internal.h"

enum { TIMEOUT_MS = 10000, HEADER_MAX = 128 };

static void judge(const struct transfer *t, int reply, struct outbound_result *result)
{
    if (t->code == CURLE_OK) {
        sms_judge(reply, bytes_of(t->answer, t->answer_len), t->id, result);
        return;
    }
    *result = (struct outbound_result){OUTBOUND_LATER, outbound_reason(t->code), reply, 0};
}

static bool add_header(struct transfer *t, const char *name, const char *value)
{
    char line[HEADER_MAX];
    int len = snprintf(line, sizeof line, "%s: %s", name, value);
    ENSURE(len > 0 && (size_t)len < sizeof line);
    struct curl_slist *longer = curl_slist_append(t->list, line);
    explicit_bzero(line, sizeof line);
    if (longer == NULL) return false;
    t->list = longer;
    return true;
}

static err set_headers(struct transfer *t, const struct sms_provider *provider)
{
    char signature[SMS_SIGNATURE_MAX + 1], timestamp[24], bearer[SMS_BEARER_LEN + 8];
    int64_t now_s = clock_now_ms(&provider->clock) / 1000;
    TRY(sms_sign(provider->key, now_s, bytes_of(t->body, t->body_len), signature));
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)now_s);
    snprintf(bearer, sizeof bearer, "Bearer %s", provider->key->bearer);
    bool added = add_header(t, "Content-Type", "application/json") &&
                 add_header(t, "Authorization", bearer) &&
                 add_header(t, "Tongbao-Timestamp", timestamp) &&
                 add_header(t, "Tongbao-Signature", signature);
    explicit_bzero(bearer, sizeof bearer);
    return added ? OK : ERR(NO_MEMORY);
}

static err fill(struct transfer *t, const struct sms_provider *provider,
                const struct sms_message *message)
{
    struct writer w = writer_over(t->body, SMS_BODY_MAX);
    err written = sms_write(&w, message);
    t->body_len = w.len; /* what was begun is wiped with the transfer */
    TRY(written);
    TRY(set_headers(t, provider));
    CURL *e = t->easy;
    /* The body is not copied: POSTFIELDS is a view of ours, which lives as long. */
    bool set = SET(e, CURLOPT_PROTOCOLS_STR, "http,https") && SET(e, CURLOPT_URL, provider->url) &&
               SET(e, CURLOPT_HTTPHEADER, t->list) && SET(e, CURLOPT_POST, 1L) &&
               SET(e, CURLOPT_POSTFIELDS, t->body) &&
               SET(e, CURLOPT_POSTFIELDSIZE, (long)t->body_len);
    if (set && provider->ca_file != NULL)
        set = SET(e, CURLOPT_CAINFO, provider->ca_file) && SET(e, CURLOPT_CAPATH, NULL);
    return set ? OK : ERR(NO_MEMORY);
}

err sms_send(struct outbound *outbound, const struct sms_provider *provider,
             const struct sms_message *message, outbound_done done, void *context)
{
    struct transfer *t;
    ENSURE(provider->key != NULL);
    if (strlen(provider->url) > SMS_URL_MAX || !request_url_allowed(provider->url))
        return ERR(CONFIG);
    TRY(outbound_prepare(outbound, message->id,
                         provider->timeout_ms > 0 ? provider->timeout_ms : TIMEOUT_MS, &t));
    err filled = fill(t, provider, message);
    if (FAILED(filled)) {
        outbound_drop(t);
        return filled;
    }
    t->judge = judge;
    outbound_start(outbound, t, done, context);
    return OK;
}
