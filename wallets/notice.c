/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What providers say without being asked. It is checked like an answer, and then believed in one
 * thing only: that it is worth asking now. A notice that is doubled, forged, late or about somebody
 * else's payment changes nothing. One of a plate is a payment that we learn of by it (plate.c).
 */
#include "wallets/alipay.h"
#include "wallets/task.h"
#include "wallets/wechatpay.h"

void notice_end(struct gateway *g, struct task *task, bool good)
{
    uint64_t ticket = task->ticket;
    if (!good) g->counts.notices_bad++;
    gateway_task_free(task);
    g->ports.noticed(g->ports.context, ticket, good);
}

static void check_signature(struct gateway *g, struct task *task)
{
    const struct hsm_wallet_check m = {
        bytes_text(task->reading.public_pem), BYTES_OF(task->reading.digest),
        bytes_of(task->reading.signature, task->reading.signature_len)};
    struct writer w = gateway_command(g, task, HSM_WALLET_CHECK);
    hsm_write_wallet_check(&w, &m);
    uint64_t ticket = task->ticket;
    if (!gateway_send_command(g, task, &w, TASK_NOTICED))
        g->ports.noticed(g->ports.context, ticket, false);
}

static err read_alipay(struct gateway *g, struct task *task, const struct wallet_raw *raw)
{
    size_t half = sizeof g->scratch / 2;
    struct writer room = writer_over(g->scratch, half);
    struct writer scratch = writer_over(g->scratch + half, half);
    TRY(alipay_read_notice(&g->config.accounts->account[WALLET_ALIPAY],
                           &g->fetch[WALLET_ALIPAY].held, clock_now_ms(&g->config.clock), raw->body,
                           &room, &scratch, &task->notice, &task->reading));
    check_signature(g, task);
    return OK;
}

static err read_wechatpay(struct gateway *g, struct task *task, const struct wallet_raw *raw)
{
    const struct wallet_account *account = &g->config.accounts->account[WALLET_WECHATPAY];
    uint8_t block[HSM_WALLET_SEALED_MAX + 128];
    struct writer room = writer_over(block, sizeof block);
    struct writer scratch = writer_over(g->scratch, sizeof g->scratch);
    struct wallet_sealed sealed;
    if (account->open.len == 0) return ERR(KEY);
    err read = wechatpay_read_notice(account, &g->fetch[WALLET_WECHATPAY].held,
                                     clock_now_ms(&g->config.clock), raw, &scratch, &room, &sealed,
                                     &task->reading);
    /* The list of all certificates is asked for, so nobody who makes names up can prevent it. */
    if (read.code == ERR_KEY) fetch_begin(g, WALLET_WECHATPAY, task->reading.serial);
    TRY(read);
    const struct hsm_wallet_open m = {bytes_of(account->open.at, account->open.len), sealed.nonce,
                                      sealed.associated, sealed.text};
    struct writer w = gateway_command(g, task, HSM_WALLET_OPEN);
    hsm_write_wallet_open(&w, &m);
    uint64_t ticket = task->ticket;
    if (!gateway_send_command(g, task, &w, TASK_OPENING))
        g->ports.noticed(g->ports.context, ticket, false);
    return OK;
}

void gateway_on_notice(struct gateway *g, enum wallet_provider provider,
                       const struct wallet_raw *raw, uint64_t ticket)
{
    err (*const readers[WALLET_PROVIDERS])(struct gateway *, struct task *,
                                           const struct wallet_raw *) = {
        [WALLET_ALIPAY] = read_alipay, [WALLET_WECHATPAY] = read_wechatpay};
    ENSURE((unsigned)provider < WALLET_PROVIDERS);
    g->counts.notices++;
    bool there = g->config.accounts->account[provider].there;
    struct task *task = there ? gateway_task_new(g, TASK_NOTICED) : NULL;
    if (task == NULL) {
        g->counts.notices_bad++;
        g->ports.noticed(g->ports.context, ticket, false);
        return;
    }
    task->ticket = ticket;
    task->provider = provider;
    err read = readers[provider](g, task, raw);
    if (!FAILED(read)) return;
    if (g->config.log != NULL)
        log_event(g->config.log, LOG_WARN, "notice_refused",
                  LOG_TEXT("provider", wallet_provider_name(provider)), LOG_ERR(read));
    notice_end(g, task, false);
}

void notice_opened(struct gateway *g, struct task *task, bool good, struct bytes text)
{
    err read = good ? wechatpay_open_notice(&g->config.accounts->account[WALLET_WECHATPAY], text,
                                            &task->notice)
                    : ERR(MAC);
    if (FAILED(read)) notice_end(g, task, false);
    else check_signature(g, task);
}

/* The acquirer waits for this payment: how it stands is asked now, and told without being asked. */
static void look_now(struct gateway *g, const struct remembered *r)
{
    struct task *task = gateway_task_new(g, TASK_CHECKING);
    if (task == NULL) return; /* the acquirer asks within three seconds */
    task->purpose = TASK_LOOK;
    task->kind = PAYMENT_NETWORK_QUERY;
    task->payment = r->payment;
    decide_begin(g, task);
}

void notice_checked(struct gateway *g, struct task *task, bool good)
{
    if (good && gateway_plate_noticed(g, task)) return;
    struct wallet_notice notice = task->notice;
    enum wallet_provider provider = task->provider;
    notice_end(g, task, good);
    if (!good) return;
    struct remembered *r = memory_find(&g->memory, notice.number);
    bool ours = r != NULL && r->waiting && r->holder == provider &&
                r->payment.amount_minor == notice.amount_minor;
    if (!ours) return;
    r->waiting = false; /* a second notice has nobody look twice */
    look_now(g, r);
}
