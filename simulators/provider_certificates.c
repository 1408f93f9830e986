/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of the wallets, and how one replaces another. */
#include "simulators/provider_certificates.h"

#include "lib/wire/wallet_certificate.h"
#include "simulators/providers_core.h"

#define DAY_MS      (INT64_C(24) * 3600 * 1000)
#define LIFETIME_MS (5 * 365 * DAY_MS)

static err issue(const struct alipay_config *a, const char *name, const struct rsa_key *key,
                 int64_t now_ms, struct writer *w)
{
    bool root = key == &a->root;
    const struct rsa_certificate_order order = {bytes_text(name), now_ms - DAY_MS,
                                                now_ms + LIFETIME_MS, root};
    return rsa_certificate_issue(&a->root, root ? (struct bytes){0} : bytes_text(a->root_pem), key,
                                 &order, w);
}

static err issue_text(const struct alipay_config *a, const char *name, const struct rsa_key *key,
                      int64_t now_ms, char pem[RSA_CERTIFICATE_PEM_MAX])
{
    struct writer w = writer_over(pem, RSA_CERTIFICATE_PEM_MAX - 1);
    TRY(issue(a, name, key, now_ms, &w));
    pem[w.len] = '\0';
    return OK;
}

err provider_name_alipay(struct alipay_config *a)
{
    struct wallet_certificate c;
    struct writer w = writer_over(a->root_sn, sizeof a->root_sn - 1);
    TRY(wallet_certificate_root_sn(bytes_text(a->root_pem), &w));
    a->root_sn[w.len] = '\0';
    TRY(wallet_certificate_read(bytes_text(a->certificate), &c));
    memcpy(a->sn, c.sn, sizeof a->sn);
    return OK;
}

err provider_certify_alipay(struct alipay_config *a, int64_t now_ms)
{
    TRY(issue_text(a, "Simulated root", &a->root, now_ms, a->root_pem));
    TRY(issue_text(a, "Simulated wallet", &a->own, now_ms, a->certificate));
    return provider_name_alipay(a);
}

err provider_certify_app(const struct alipay_config *a, const struct rsa_key *app, int64_t now_ms,
                         struct writer *w)
{
    return issue(a, a->app_id, app, now_ms, w);
}

/* The next one, made when it is announced. */
static err make_next(struct providers *p, enum provider provider, struct provider_next *next)
{
    struct wallet_certificate c;
    int64_t now_ms = provider_now(p);
    struct writer w = writer_over(next->pem, sizeof next->pem - 1);
    TRY(rsa_key_generate(RSA_KEY_BITS_MIN, &next->key));
    if (provider == PROVIDER_ALIPAY)
        TRY(issue(&p->config.alipay, "Simulated wallet", &next->key, now_ms, &w));
    else
        TRY(rsa_certificate_make(&next->key, BYTES("Simulated platform"), now_ms - DAY_MS,
                                 now_ms + LIFETIME_MS, &w));
    next->pem[w.len] = '\0';
    TRY(wallet_certificate_read(bytes_text(next->pem), &c));
    return bytes_to_text(bytes_text(provider == PROVIDER_ALIPAY ? c.sn : c.serial), next->name,
                         sizeof next->name);
}

err providers_rotate(struct providers *p, enum provider provider, enum provider_rotation *ret_stage)
{
    struct provider_next *next = &p->next[provider];
    if (next->stage == ROTATION_NONE) TRY(make_next(p, provider, next));
    if (next->stage < ROTATION_ENDED) next->stage++;
    *ret_stage = next->stage;
    return OK;
}

const struct rsa_key *provider_signs(const struct providers *p, enum provider provider,
                                     const char **ret_name)
{
    const struct provider_next *next = &p->next[provider];
    bool alipay = provider == PROVIDER_ALIPAY;
    if (next->stage >= ROTATION_CHANGED) {
        *ret_name = next->name;
        return &next->key;
    }
    *ret_name = alipay ? p->config.alipay.sn : p->config.wechat.serial;
    return alipay ? &p->config.alipay.own : &p->config.wechat.own;
}

size_t provider_told(const struct providers *p, enum provider provider, const char *pem[2])
{
    const struct provider_next *next = &p->next[provider];
    const char *own =
        provider == PROVIDER_ALIPAY ? p->config.alipay.certificate : p->config.wechat.certificate;
    size_t count = 0;
    if (next->stage < ROTATION_ENDED) pem[count++] = own;
    if (next->stage > ROTATION_NONE) pem[count++] = next->pem;
    return count;
}
