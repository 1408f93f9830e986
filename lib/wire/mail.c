/* SPDX-License-Identifier: Apache-2.0 */
/* One message as a transfer of curl, and what a mail server's replies mean. */
#include "lib/wire/mail.h"

#include <stdio.h>

#include "lib/base/file.h"
#include "lib/wire/outbound_internal.h"

enum { URL_MAX = 8 + MAIL_HOST_MAX + 8 + 32, TIMEOUT_MS = 30000 };

/*
 * Replies of 500 and more refuse this message for ever, but for those that are about us and not
 * about the message: when the log-in is put right, the message can go.
 */
static bool is_about_us(int reply)
{
    static const int replies[] = {530, 534, 535, 538};
    for (size_t i = 0; i < ARRAY_LEN(replies); i++)
        if (reply == replies[i]) return true;
    return false;
}

static void judge(const struct transfer *t, int reply, struct outbound_result *result)
{
    result->reply = reply;
    result->reason = outbound_reason(t->code);
    if (t->code == CURLE_OK) {
        result->outcome = OUTBOUND_TAKEN;
        return;
    }
    /* What curl calls a refused MAIL, RCPT or DATA, and a refusal after the whole message. A server
     * that greets with 554 refuses us, not the message: nothing of it was given yet. */
    bool refused = t->code == CURLE_SEND_ERROR ||
                   (t->code == CURLE_WEIRD_SERVER_REPLY && t->body_sent == t->body_len);
    if (!refused || reply < 400) return;
    result->reason = ERR(DENIED);
    if (reply >= 500 && !is_about_us(reply)) result->outcome = OUTBOUND_REFUSED;
}

static bool host_valid(const char *host)
{
    size_t len = strlen(host);
    if (len == 0 || len > MAIL_HOST_MAX) return false;
    for (; *host != '\0'; host++) {
        bool letter = (*host >= 'a' && *host <= 'z') || (*host >= 'A' && *host <= 'Z');
        if (!letter && (*host < '0' || *host > '9') && strchr(".-:[]", *host) == NULL) return false;
    }
    return true;
}

/* The log-in, once the connection is private. curl keeps its own copy, in memory that is wiped. */
static err set_login(CURL *easy, const struct mail_relay *relay)
{
    char password[MAIL_PASSWORD_MAX + 2];
    size_t len;
    if (relay->user == NULL) return OK;
    TRY(file_read(relay->password_file, FILE_PRIVATE, password, sizeof password - 1, &len));
    while (len > 0 && (password[len - 1] == '\n' || password[len - 1] == '\r')) len--;
    password[len] = '\0';
    bool set = SET(easy, CURLOPT_USERNAME, relay->user) && SET(easy, CURLOPT_PASSWORD, password);
    explicit_bzero(password, sizeof password);
    return set ? OK : ERR(NO_MEMORY);
}

static err set_server(CURL *easy, const struct mail_relay *relay, const char *from)
{
    char url[URL_MAX];
    const char *domain = strchr(from, '@') + 1; /* what we call ourselves in EHLO */
    snprintf(url, sizeof url, "%s://%s:%u/%.*s", relay->security == MAIL_TLS ? "smtps" : "smtp",
             relay->host, relay->port, 31, domain);
    long tls = relay->security == MAIL_PLAIN ? CURLUSESSL_NONE : CURLUSESSL_ALL;
    bool set = SET(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") && SET(easy, CURLOPT_URL, url) &&
               SET(easy, CURLOPT_USE_SSL, tls);
    if (set && relay->ca_file != NULL)
        set = SET(easy, CURLOPT_CAINFO, relay->ca_file) && SET(easy, CURLOPT_CAPATH, NULL);
    if (!set) return ERR(NO_MEMORY);
    return set_login(easy, relay);
}

static err set_envelope(struct transfer *t, const struct mail_message *message)
{
    char address[MAIL_ADDRESS_MAX + 3];
    snprintf(address, sizeof address, "<%s>", message->to);
    t->list = curl_slist_append(NULL, address);
    snprintf(address, sizeof address, "<%s>", message->from);
    bool set = t->list != NULL && SET(t->easy, CURLOPT_MAIL_RCPT, t->list) &&
               SET(t->easy, CURLOPT_MAIL_FROM, address) && SET(t->easy, CURLOPT_UPLOAD, 1L) &&
               SET(t->easy, CURLOPT_INFILESIZE, (long)t->body_len);
    return set ? OK : ERR(NO_MEMORY);
}

static err fill(struct transfer *t, const struct mail_relay *relay,
                const struct mail_message *message)
{
    struct writer w = writer_over(t->body, OUTBOUND_BODY_MAX);
    err written = mail_write(&w, message);
    t->body_len = w.len; /* what was begun is wiped with the transfer */
    TRY(written);
    TRY(set_server(t->easy, relay, message->from));
    return set_envelope(t, message);
}

err mail_send(struct outbound *outbound, const struct mail_relay *relay,
              const struct mail_message *message, outbound_done done, void *context)
{
    struct transfer *t;
    if (!host_valid(relay->host) || relay->port == 0) return ERR(CONFIG);
    if (relay->security == MAIL_PLAIN && !outbound_is_here(bytes_text(relay->host)))
        return ERR(CONFIG);
    if (relay->user != NULL && relay->password_file == NULL) return ERR(CONFIG);
    TRY(outbound_prepare(outbound, message->id,
                         relay->timeout_ms > 0 ? relay->timeout_ms : TIMEOUT_MS, &t));
    err filled = fill(t, relay, message);
    if (FAILED(filled)) {
        outbound_drop(t);
        return filled;
    }
    t->judge = judge;
    outbound_start(outbound, t, done, context);
    return OK;
}
