/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call to a provider: its text to the hsm, the request with its signature, the answer, and the
 * check of the answer's signature, before which nothing that it says counts.
 */
#include <stdio.h>

#include "wallets/task.h"

static const struct wallet_driver *driver_of(const struct task *task)
{
    return wallet_driver_of(task->provider);
}

static struct wallet_account const *account_of(const struct gateway *g, const struct task *task)
{
    return &g->config.accounts->account[task->provider];
}

/* Where this call is about money that may be on its way, so that nobody forgets it meanwhile. */
static void mark(struct gateway *g, struct task *task, bool under_way)
{
    bool moves = task->ask.call == WALLET_PAY || task->ask.call == WALLET_REFUND ||
                 task->ask.call == WALLET_SHOW;
    struct remembered *r = memory_find(&g->memory, task->payment.rrn);
    if (r == NULL || !moves) return;
    r->under_way = under_way;
    r->sent_ms = gateway_now_ms(g);
}

static void sign(struct gateway *g, struct task *task)
{
    uint8_t digest[HSM_WALLET_DIGEST_BYTES];
    const struct wallet_account *account = task->ask.account;
    struct writer text = writer_over(g->scratch, WALLET_TEXT_MAX);
    err written = driver_of(task)->text(&task->ask, &text);
    if (!FAILED(written)) hsm_wallet_digest(writer_view(&text), digest);
    explicit_bzero(g->scratch, WALLET_TEXT_MAX); /* a payment code */
    if (FAILED(written)) {
        decide_unreached(g, task);
        return;
    }
    const struct hsm_wallet_sign m = {bytes_of(account->key.at, account->key.len),
                                      BYTES_OF(digest)};
    struct writer w = gateway_command(g, task, HSM_WALLET_SIGN);
    hsm_write_wallet_sign(&w, &m);
    (void)gateway_send_command(g, task, &w, TASK_SIGNING);
}

/* Content encryption: what is asked is hidden first, and then signed. */
static void hide(struct gateway *g, struct task *task)
{
    const struct wallet_account *account = task->ask.account;
    struct writer text = writer_over(g->scratch, WALLET_TEXT_MAX);
    err written = driver_of(task)->content(&task->ask, &text);
    const struct hsm_wallet_content m = {bytes_of(account->content.at, account->content.len),
                                         writer_view(&text)};
    struct writer w = gateway_command(g, task, HSM_WALLET_HIDE);
    hsm_write_wallet_content(&w, &m);
    explicit_bzero(g->scratch, WALLET_TEXT_MAX); /* a payment code */
    if (FAILED(written)) decide_unreached(g, task);
    else (void)gateway_send_command(g, task, &w, TASK_HIDING);
}

void ask_begin(struct gateway *g, struct task *task, enum wallet_call call)
{
    uint8_t nonce[WALLET_NONCE_LEN / 2];
    struct wallet_ask *ask = &task->ask;
    const struct wallet_account *account = account_of(g, task);
    ENSURE(account->there);
    ask->account = account;
    ask->held = &g->fetch[task->provider].held;
    ask->call = call;
    ask->now_ms = clock_now_ms(&g->config.clock);
    ask->order.code = bytes_of(task->code, task->code_len);
    struct writer nonce_w = writer_over(ask->nonce, WALLET_NONCE_LEN);
    random_fill(&g->config.random, nonce, sizeof nonce);
    write_hex(&nonce_w, BYTES_OF(nonce));
    ask->nonce[nonce_w.len] = '\0';

    ask->content = (struct bytes){0};
    bool hides = account->content.len > 0 && driver_of(task)->content != NULL;
    if (hides && call != WALLET_CERTIFICATES) hide(g, task);
    else sign(g, task);
}

/* It waits in the place of what is hidden in the answer. */
void ask_hidden(struct gateway *g, struct task *task, struct bytes content)
{
    if (content.len == 0 || content.len > sizeof task->hidden) {
        decide_unreached(g, task);
        return;
    }
    memcpy(task->hidden, content.at, content.len);
    task->hidden_len = content.len;
    task->ask.content = bytes_of(task->hidden, task->hidden_len);
    sign(g, task);
}

/* The signature waits in the place of the one that comes back. */
void ask_signed(struct gateway *g, struct task *task, struct bytes signature)
{
    if (signature.len == 0 || signature.len > sizeof task->reading.signature) {
        decide_unreached(g, task);
        return;
    }
    memcpy(task->reading.signature, signature.at, signature.len);
    task->reading.signature_len = signature.len;
    ask_send(g, task);
}

void ask_send(struct gateway *g, struct task *task)
{
    char id[16];
    struct bytes signature = bytes_of(task->reading.signature, task->reading.signature_len);
    err sent = driver_of(task)->request(&task->ask, signature, &g->request);
    snprintf(id, sizeof id, "%u", (unsigned)task->id);
    if (!FAILED(sent)) sent = g->ports.ask(g->ports.context, id, account_of(g, task), &g->request);
    explicit_bzero(g->request.body, sizeof g->request.body);
    if (sent.code == ERR_FULL) {
        task->phase = TASK_QUEUED;
        return;
    }
    explicit_bzero(task->code, sizeof task->code); /* it is used once, and has been */
    task->code_len = 0;
    task->ask.order.code = (struct bytes){0};
    if (FAILED(sent)) {
        decide_unreached(g, task);
        return;
    }
    g->counts.requests++;
    task->phase = TASK_ASKING;
    mark(g, task, true);
}

static void nothing_known(struct gateway *g, struct task *task, const char *event, err why)
{
    if (g->config.log != NULL)
        log_event(g->config.log, LOG_WARN, event, LOG_TEXT("rrn", task->payment.rrn),
                  LOG_TEXT("provider", wallet_provider_name(task->provider)), LOG_ERR(why));
    task->reading.said = (struct wallet_said){.word = WALLET_UNKNOWN};
    decide_said(g, task);
}

/* Before a connection was there, and nothing had been said over it. */
static bool never_left(err reason)
{
    return reason.code == ERR_REFUSED || reason.code == ERR_IDENTITY;
}

void ask_answered(struct gateway *g, struct task *task, err reason, const struct wallet_raw *raw)
{
    mark(g, task, false);
    if (FAILED(reason)) {
        g->counts.silent++;
        if (never_left(reason)) decide_unreached(g, task);
        else nothing_known(g, task, "provider_silent", reason);
        return;
    }
    struct writer scratch = writer_over(g->scratch, sizeof g->scratch);
    task->reading = (struct wallet_reading){0};
    task->ask.now_ms = clock_now_ms(&g->config.clock);
    if (task->purpose == TASK_FETCH) {
        fetch_answered(g, task, raw);
        return;
    }
    err read = driver_of(task)->read(&task->ask, raw, &scratch, &task->reading);
    if (read.code == ERR_KEY) fetch_begin(g, task->provider, task->reading.serial);
    if (FAILED(read)) {
        g->counts.unreadable++;
        nothing_known(g, task, "provider_unreadable", read);
        return;
    }
    /* Kept until its signature is known to be right: the view ends with the scratch. */
    task->hidden_len = task->reading.hidden.len;
    ENSURE(task->hidden_len <= sizeof task->hidden);
    if (task->hidden_len > 0) memcpy(task->hidden, task->reading.hidden.at, task->hidden_len);
    task->reading.hidden = (struct bytes){0};
    ask_verify(g, task);
}

void ask_verify(struct gateway *g, struct task *task)
{
    const struct hsm_wallet_check m = {
        bytes_text(task->reading.public_pem), BYTES_OF(task->reading.digest),
        bytes_of(task->reading.signature, task->reading.signature_len)};
    struct writer w = gateway_command(g, task, HSM_WALLET_CHECK);
    hsm_write_wallet_check(&w, &m);
    (void)gateway_send_command(g, task, &w, TASK_VERIFYING);
}

void ask_verified(struct gateway *g, struct task *task, bool good)
{
    if (task->purpose == TASK_FETCH) {
        fetch_verified(g, task, good);
        return;
    }
    if (!good) {
        g->counts.forged++;
        nothing_known(g, task, "provider_signature_wrong", ERR(IDENTITY));
        return;
    }
    if (task->hidden_len == 0) {
        decide_said(g, task);
        return;
    }
    const struct wallet_account *account = account_of(g, task);
    const struct hsm_wallet_content m = {bytes_of(account->content.at, account->content.len),
                                         bytes_of(task->hidden, task->hidden_len)};
    struct writer w = gateway_command(g, task, HSM_WALLET_SHOW);
    hsm_write_wallet_content(&w, &m);
    (void)gateway_send_command(g, task, &w, TASK_SHOWING);
}

void ask_shown(struct gateway *g, struct task *task, bool good, struct bytes text)
{
    err read = good ? driver_of(task)->shown(&task->ask, text, &task->reading.said) : ERR(MAC);
    if (FAILED(read)) {
        g->counts.unreadable++;
        nothing_known(g, task, "provider_unreadable", read);
        return;
    }
    decide_said(g, task);
}
