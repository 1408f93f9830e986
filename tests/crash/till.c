/* SPDX-License-Identifier: Apache-2.0 */
/* A till: sale, verdict; or no verdict, reversal, reversal ... acknowledged. */
#include "tests/crash/till.h"

#include "lib/base/random.h"
#include "lib/wire/json.h"
#include "lib/wire/rpc.h"

enum {
    ANSWER_MS = 1500,
    AMOUNT_MAX = 9,
    REVERSALS_MAX = 2000,
    TRAY_MS = 1000,
    TRAY_MAX = 65536,
    CODE_MAX = 24,
    BY_CODE_ONE_IN = 3,
};

struct working_till {
    struct till *till;
    struct random_seeded seeded;
    bool connected, signed_in;
};

/* A connection with working keys, or false: try again later. */
static bool ready(struct working_till *w)
{
    struct pos *pos = &w->till->pos;
    if (!w->connected) w->connected = pos_try_connect(pos, *w->till->port);
    if (w->connected && !w->signed_in) {
        w->signed_in = pos_try_sign_in(pos, ANSWER_MS);
        if (!w->signed_in) w->connected = false;
    }
    if (!w->connected) programs_pause();
    return w->connected;
}

enum verdict { NO_VERDICT, APPROVED, DECLINED, ACKNOWLEDGED, IMPOSSIBLE };

/* Only an answer to this very message, with a good MAC, is a verdict. */
static enum verdict ask(struct working_till *w, struct bytes frame, const struct payment *p,
                        uint16_t mti)
{
    struct pos *pos = &w->till->pos;
    char stan[8];
    if (!pos_try_exchange(pos, frame, ANSWER_MS)) {
        w->connected = false; /* a late answer must not be taken for the next one's */
        return NO_VERDICT;
    }
    const char *code = pos_code(pos);
    if (strcmp(code, "77") == 0 || strcmp(code, "A0") == 0) w->signed_in = false;
    snprintf(stan, sizeof stan, "%06u", p->key.stan % 1000000);
    bool ours = pos->answer.mti == mti && strcmp(pos_field(pos, 11), stan) == 0;
    if (!ours || !pos_mac_good(pos)) return NO_VERDICT;
    if (mti == 0x0210) return strcmp(code, "00") == 0 ? APPROVED : DECLINED;
    bool acknowledged = strcmp(code, "00") == 0 || strcmp(code, "25") == 0;
    if (acknowledged) return ACKNOWLEDGED;
    return strcmp(code, "77") == 0 || strcmp(code, "A0") == 0 ? NO_VERDICT : IMPOSSIBLE;
}

static void reverse(struct working_till *w, const struct payment *p)
{
    struct till_report *r = w->till->report;
    for (int i = 0; i < REVERSALS_MAX; i++) {
        if (!ready(w)) continue;
        enum verdict v = ask(w, pos_reversal(&w->till->pos, p), p, 0x0410);
        if (v == ACKNOWLEDGED) {
            atomic_fetch_add(&r->reversed, 1);
            return;
        }
        if (v == IMPOSSIBLE) break;
        programs_pause(); /* somebody is down: a till that never waits would only keep it busy */
    }
    snprintf(r->why, sizeof r->why, "STAN %06u cannot be reversed: %s", p->key.stan,
             pos_code(&w->till->pos));
    atomic_store(&r->failed, true);
}

/* A telephone's code, of one wallet or the other; false when the simulators are down. */
static bool show_code(const struct till *till, bool alipay, char code[CODE_MAX + 1])
{
    static uint8_t block[TRAY_MAX];
    CLEANUP(json_free) struct json_document document = {0};
    struct rpc rpc;
    struct bytes answer;
    char question[96];
    snprintf(question, sizeof question, "{\"ask\":\"code\",\"phone\":\"good\",\"wallet\":\"%s\"}",
             alipay ? "alipay" : "wechat");
    err asked = rpc_connect(&rpc, till->tray, TRAY_MS, sizeof block);
    if (!FAILED(asked)) asked = rpc_call(&rpc, bytes_text(question), block, sizeof block, &answer);
    if (!FAILED(asked)) asked = json_parse(answer, sizeof block, &document);
    if (!FAILED(asked)) asked = json_text_copy(document.root, "code", code, CODE_MAX + 1);
    rpc_close(&rpc);
    return !FAILED(asked);
}

static struct bytes request(struct working_till *w, struct random *random, struct payment *ret)
{
    struct pos *pos = &w->till->pos;
    char code[CODE_MAX + 1];
    int64_t amount = 1 + random_below(random, AMOUNT_MAX);
    if (w->till->tray != NULL && random_below(random, BY_CODE_ONE_IN) == 0 &&
        show_code(w->till, random_below(random, 2) == 0, code)) {
        *ret = pos_code_sale(pos, amount);
        return pos_code_request(pos, ret, code);
    }
    *ret = pos_sale(pos, amount);
    return pos_request(pos, ret);
}

static void take_payment(struct working_till *w, struct random *random)
{
    struct till_report *r = w->till->report;
    struct payment p;
    struct bytes frame = request(w, random, &p);
    switch (ask(w, frame, &p, 0x0210)) {
    case APPROVED:
        if (p.means == PAYMENT_CODE) atomic_fetch_add(&r->by_code, 1);
        atomic_fetch_add(&r->approved, 1);
        atomic_fetch_add(&r->approved_minor, p.amount_minor);
        return;
    case DECLINED:
        atomic_fetch_add(&r->declined, 1);
        programs_pause();
        return;
    default:
        reverse(w, &p);
    }
}

int till_run(struct till *till)
{
    struct working_till w = {.till = till};
    random_seed(&w.seeded, till->seed);
    struct random random = random_from_seed(&w.seeded);
    while (!atomic_load(till->stop) && !atomic_load(&till->report->failed))
        if (ready(&w)) take_payment(&w, &random);
    pos_free(&till->pos);
    return atomic_load(&till->report->failed) ? 1 : 0;
}
