/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of providers that change them: asked for at the start and every half day (WeChat
 * Pay), or when an answer names one that is not here. What comes counts when it is sealed under the
 * APIv3 key, or leads to Alipay's root, and when the answer is signed with a key that we had or
 * that is in it. Nothing waits for a fetch: an answer that could not be checked says nothing, and
 * is asked for again by whoever needs it. Kept in memory alone.
 */
#include "wallets/task.h"

static const struct wallet_account *account_of(const struct gateway *g,
                                               enum wallet_provider provider)
{
    return &g->config.accounts->account[provider];
}

/* Whether this provider can be asked at all: the account says so. */
static bool can_fetch(const struct wallet_account *account)
{
    return account->there && (account->fetched || account->root[0] != '\0');
}

static bool under_way(const struct gateway *g, enum wallet_provider provider)
{
    for (unsigned i = 0; i < GATEWAY_TASKS_MAX; i++) {
        const struct task *task = &g->task[i];
        if (task->phase != TASK_FREE && task->purpose == TASK_FETCH && task->provider == provider)
            return true;
    }
    return false;
}

void fetch_begin(struct gateway *g, enum wallet_provider provider, const char *serial)
{
    struct fetch *f = &g->fetch[provider];
    int64_t now_ms = gateway_now_ms(g);
    bool named = serial[0] != '\0' && strlen(serial) <= WALLET_SERIAL_MAX;
    if (!can_fetch(account_of(g, provider)) || !named || !g->hsm_up) return;
    if (now_ms < f->due_ms || under_way(g, provider)) return;
    struct task *task = gateway_task_new(g, TASK_CHECKING);
    if (task == NULL) return;
    f->due_ms = now_ms + GATEWAY_FETCH_AGAIN_MS;
    memcpy(f->serial, serial, strlen(serial) + 1);
    task->purpose = TASK_FETCH;
    task->provider = provider;
    task->ask.order.number = f->serial;
    ask_begin(g, task, WALLET_CERTIFICATES);
}

/* Alipay's are asked for by name; of the others all that there are. */
static bool by_itself(const struct gateway *g, unsigned provider)
{
    const struct wallet_account *account = account_of(g, (enum wallet_provider)provider);
    return account->there && account->fetched;
}

/* What is held grows old in half a day; without any, it is asked for at once. */
static int64_t due_ms(const struct fetch *f)
{
    int64_t rest = GATEWAY_FETCH_EVERY_MS - GATEWAY_FETCH_AGAIN_MS;
    return f->held.count > 0 ? f->due_ms + rest : f->due_ms;
}

void fetch_tick(struct gateway *g)
{
    for (unsigned i = 0; i < WALLET_PROVIDERS; i++)
        if (by_itself(g, i) && gateway_now_ms(g) >= due_ms(&g->fetch[i]))
            fetch_begin(g, (enum wallet_provider)i, "all");
}

int64_t fetch_next_ms(const struct gateway *g)
{
    int64_t next = INT64_MAX;
    for (unsigned i = 0; g->hsm_up && i < WALLET_PROVIDERS; i++)
        if (by_itself(g, i) && !under_way(g, (enum wallet_provider)i) &&
            due_ms(&g->fetch[i]) < next)
            next = due_ms(&g->fetch[i]);
    return next;
}

void fetch_failed(struct gateway *g, struct task *task, err why)
{
    if (g->config.log != NULL)
        log_event(g->config.log, LOG_WARN, "certificates_not_fetched",
                  LOG_TEXT("provider", wallet_provider_name(task->provider)), LOG_ERR(why));
    gateway_task_free(task);
}

/* The next that is sealed, or the signature of the whole. */
static void go_on(struct gateway *g, struct task *task)
{
    struct fetch *f = &g->fetch[task->provider];
    const struct wallet_account *account = account_of(g, task->provider);
    if (f->opened < f->found.rows) {
        const struct wallet_sealed *sealed = &f->found.row[f->opened].sealed;
        const struct hsm_wallet_open m = {bytes_of(account->open.at, account->open.len),
                                          sealed->nonce, sealed->associated, sealed->text};
        struct writer w = gateway_command(g, task, HSM_WALLET_OPEN);
        hsm_write_wallet_open(&w, &m);
        (void)gateway_send_command(g, task, &w, TASK_OPENING);
        return;
    }
    int64_t now_ms = task->ask.now_ms;
    const char *name = task->reading.serial;
    const char *pem = wallet_public_pem(account, &f->held, name, now_ms);
    if (pem == NULL) pem = wallet_public_pem(account, &f->found.found, name, now_ms);
    task->reading.public_pem = pem;
    if (pem == NULL) fetch_failed(g, task, ERR(KEY));
    else ask_verify(g, task);
}

void fetch_answered(struct gateway *g, struct task *task, const struct wallet_raw *raw)
{
    struct fetch *f = &g->fetch[task->provider];
    struct writer scratch = writer_over(g->scratch, sizeof g->scratch);
    f->found.found.count = f->found.rows = f->opened = 0;
    err read = wallet_driver_of(task->provider)
                   ->certificates(&task->ask, raw, &scratch, &f->found, &task->reading);
    if (FAILED(read)) fetch_failed(g, task, read);
    else go_on(g, task);
}

/* A certificate under another name than its own is a mistake of somebody's. */
static err take(struct fetch *f, struct bytes text)
{
    struct wallet_certificate c;
    struct wallet_public_key key;
    const char *name = f->found.row[f->opened].serial;
    TRY(wallet_certificate_read(text, &c));
    if (strcmp(c.serial, name) != 0) return ERR(IDENTITY);
    wallet_public_key_of(&c, name, &key);
    wallet_held_add(&f->found.found, &key);
    return OK;
}

void fetch_opened(struct gateway *g, struct task *task, bool good, struct bytes text)
{
    struct fetch *f = &g->fetch[task->provider];
    err taken = good ? take(f, text) : ERR(MAC);
    if (FAILED(taken)) {
        fetch_failed(g, task, taken);
        return;
    }
    f->opened++;
    go_on(g, task);
}

/* WeChat Pay has said all that are valid, Alipay one more. */
void fetch_verified(struct gateway *g, struct task *task, bool good)
{
    struct fetch *f = &g->fetch[task->provider];
    if (!good) {
        g->counts.forged++;
        fetch_failed(g, task, ERR(IDENTITY));
        return;
    }
    if (account_of(g, task->provider)->fetched) f->held.count = 0;
    for (size_t i = 0; i < f->found.found.count; i++)
        wallet_held_add(&f->held, &f->found.found.key[i]);
    if (g->config.log != NULL)
        log_event(g->config.log, LOG_INFO, "certificates_fetched",
                  LOG_TEXT("provider", wallet_provider_name(task->provider)),
                  LOG_INT("count", (int64_t)f->held.count));
    gateway_task_free(task);
}
