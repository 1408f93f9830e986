/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin zone-keys`: the keys shared with the card network are replaced (S120). One person
 * proposes, another approves, and the hsm makes the new set, under both names; the acquirer does
 * the rest by itself, and when it has ended with the old set, `finish` takes that away.
 */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/admin_text.h"
#include "cli/host_keys.h"
#include "cli/hsm_client.h"
#include "journal/zone_use.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "payment/key_change.h"
#include "registry/rotation.h"

enum { OVERLAP_S = 24 * 3600, DAY_MS = 86400000 };

static const enum registry_zone zone = REGISTRY_CARD_NETWORK;

struct settings {
    const char *state, *hsm, *networks, *acquirer, *by;
    int64_t overlap_s;
};

static struct registry_actor actor_of(const struct settings *s)
{
    const struct clock clock = clock_system();
    return (struct registry_actor){bytes_text(s->by), clock_now_ms(&clock)};
}

static err say(struct process_fault *fault, err why, const char *text)
{
    snprintf(fault->text, sizeof fault->text, "%s", text);
    return why;
}

/* ---- steps ---- */

static err propose(struct registry *registry, const struct settings *s, struct process_fault *fault)
{
    const struct registry_actor who = actor_of(s);
    (void)fault;
    TRY(registry_propose_rotation(registry, &who, zone, s->overlap_s * 1000));
    puts("proposed: another person approves it");
    return OK;
}

static err withdraw(struct registry *registry, const struct settings *s,
                    struct process_fault *fault)
{
    const struct registry_actor who = actor_of(s);
    (void)fault;
    return registry_withdraw_rotation(registry, &who, zone);
}

/* Whose key the new ones are sealed to. */
static err read_recipient(const struct settings *s, uint8_t ret_key[32],
                          struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    uint8_t text[64];
    size_t len = 0;
    TRY(file_path(s->networks, "zone.public", path, sizeof path));
    err read = file_read(path, FILE_PUBLIC, text, sizeof text, &len);
    if (!FAILED(read)) read = hex_decode(bytes_of(text, len), ret_key, 32, &len);
    if (!FAILED(read) && len != 32) read = ERR(FORMAT);
    if (FAILED(read)) snprintf(fault->text, sizeof fault->text, "%.180s: %s", path, err_text(read));
    return read;
}

static err make_keys(const struct settings *s, const struct registry_zone_keys *now,
                     const struct registry_rotation *rotation, struct hsm_client *hsm,
                     struct hsm_zone_keys_answer *ret_made, struct process_fault *fault)
{
    uint8_t recipient[32];
    TRY(read_recipient(s, recipient, fault));
    const struct hsm_zone_keys ask = {.first = bytes_text(rotation->proposed_by),
                                      .second = bytes_text(s->by),
                                      .label = BYTES("zone"),
                                      .recipient = BYTES_OF(recipient),
                                      .block = {bytes_text(now->pin_block),
                                                bytes_text(now->mac_block),
                                                bytes_text(now->data_block)}};
    return hsm_client_zone_keys(hsm, &ask, ret_made, fault);
}

/* What the registry is given: blocks, and what the network will be told. */
static err fill(const struct hsm_zone_keys_answer *made, struct registry_rotation *rotation)
{
    const struct payment_key_change change = {(uint32_t)rotation->number,
                                              (uint32_t)(rotation->overlap_ms / 1000),
                                              made->sealed[0], made->sealed[1], made->sealed[2]};
    struct writer w = writer_over(rotation->told, sizeof rotation->told);
    TRY(bytes_to_text(made->block[0], rotation->pin_block, sizeof rotation->pin_block));
    TRY(bytes_to_text(made->block[1], rotation->mac_block, sizeof rotation->mac_block));
    TRY(bytes_to_text(made->block[2], rotation->data_block, sizeof rotation->data_block));
    TRY(payment_key_change_write(&change, &w));
    rotation->told_len = w.len;
    return OK;
}

static err approve(struct registry *registry, const struct settings *s, struct process_fault *fault)
{
    static struct hsm_client hsm;
    struct registry_rotation rotation;
    struct registry_zone_keys now;
    struct hsm_zone_keys_answer made;
    const struct registry_actor who = actor_of(s);
    if (s->hsm == NULL || s->networks == NULL)
        return say(fault, ERR(CONFIG),
                   "approve needs --hsm and --networks (approve 需要 --hsm 和 --networks)");
    TRY(registry_find_rotation(registry, zone, &rotation));
    if (bytes_equal(who.name, bytes_text(rotation.proposed_by)))
        return say(fault, ERR(DENIED),
                   "who has proposed it cannot approve it (提出者不能自行批准，须由另一人批准)");
    TRY(registry_find_zone_keys(registry, zone, &now));
    TRY(hsm_client_open(&hsm, s->hsm, fault));
    err done = make_keys(s, &now, &rotation, &hsm, &made, fault);
    if (!FAILED(done)) done = fill(&made, &rotation);
    if (!FAILED(done)) done = registry_approve_rotation(registry, &who, &rotation);
    if (!FAILED(done))
        printf(
            "set %lld: MAC key with check value %02X%02X%02X%02X; the acquirer tells the network\n",
            (long long)rotation.number, made.kcv[1].at[0], made.kcv[1].at[1], made.kcv[1].at[2],
            made.kcv[1].at[3]);
    hsm_client_close(&hsm);
    return done;
}

/* What the acquirer uses, by its own store. */
static err read_use(const struct settings *s, struct journal_zone_use *ret_use,
                    struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store *journal = NULL;
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY};
    if (s->acquirer == NULL)
        return say(fault, ERR(CONFIG),
                   "--acquirer is missing: what it uses stands there (缺少 --acquirer)");
    TRY(file_path(s->acquirer, "journal.db", path, sizeof path));
    err done = store_open(path, &options, &why, &journal);
    if (!FAILED(done)) done = journal_zone_use_find(journal, zone, ret_use);
    if (FAILED(done)) snprintf(fault->text, sizeof fault->text, "%.180s: %s", path, err_text(done));
    store_close(journal);
    return done;
}

static err finish(struct registry *registry, const struct settings *s, struct process_fault *fault)
{
    struct registry_rotation rotation;
    struct journal_zone_use use;
    const struct registry_actor who = actor_of(s);
    TRY(registry_find_rotation(registry, zone, &rotation));
    TRY(read_use(s, &use, fault));
    if (use.number != rotation.number)
        return say(fault, ERR(STATE),
                   "the network has not taken the new keys yet (网络方尚未启用新密钥)");
    if (!use.ended)
        return say(fault, ERR(STATE),
                   "both sets are good still: wait until the overlap is over (新旧密钥仍在并行期，"
                   "请待其结束)");
    TRY(registry_finish_rotation(registry, &who, zone));
    printf("set %lld is in use; set %lld is gone\n", (long long)rotation.number,
           (long long)rotation.number - 1);
    return OK;
}

/* ---- what there is ---- */

static void show_rotation(const struct registry_rotation *r, const struct journal_zone_use *use)
{
    const char *state = r->approved_by[0] == '\0'  ? "proposed"
                        : use == NULL              ? "approved"
                        : use->number != r->number ? "approved, being told to the network"
                        : !use->ended              ? "in use, the set before is good, too"
                                                   : "in use, the set before is over: finish it";
    printf("set %lld: %s; proposed by %s%s%s; overlap %lld s\n", (long long)r->number, state,
           r->proposed_by, r->approved_by[0] != '\0' ? ", approved by " : "", r->approved_by,
           (long long)r->overlap_ms / 1000);
}

static err show(struct registry *registry, const struct settings *s, struct process_fault *fault)
{
    struct registry_rotation rotation;
    struct journal_zone_use use;
    int64_t number, since_ms;
    const struct clock clock = clock_system();
    TRY(registry_zone_age(registry, zone, &number, &since_ms));
    int64_t days = (clock_now_ms(&clock) - since_ms) / DAY_MS;
    if (since_ms == 0) printf("set %lld: older than its date is known: DUE\n", (long long)number);
    else
        printf("set %lld: %lld days old%s\n", (long long)number, (long long)days,
               days >= REGISTRY_ZONE_DAYS ? ": DUE" : "");
    err found = registry_find_rotation(registry, zone, &rotation);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (s->acquirer != NULL) TRY(read_use(s, &use, fault));
    show_rotation(&rotation, s->acquirer != NULL ? &use : NULL);
    return OK;
}

/* ---- the command ---- */

static const struct {
    const char *name;
    err (*run)(struct registry *registry, const struct settings *s, struct process_fault *fault);
    bool writes; /* somebody does it */
} actions[] = {{"propose", propose, true},
               {"withdraw", withdraw, true},
               {"approve", approve, true},
               {"finish", finish, true},
               {"show", show, false}};

static int usage(const struct admin_command *command, FILE *to)
{
    fprintf(to,
            "usage: tongbao admin %s propose --state DIR --by NAME [--overlap SECONDS]\n"
            "       tongbao admin %s approve --state DIR --by NAME --hsm SOCKET --networks DIR\n"
            "       tongbao admin %s withdraw --state DIR --by NAME\n"
            "       tongbao admin %s finish --state DIR --by NAME --acquirer DIR\n"
            "       tongbao admin %s show --state DIR [--acquirer DIR]\n"
            "  New keys for the card network: proposed by one person, approved by another. The\n"
            "  acquirer tells the network and uses them when it has them; for the overlap the\n"
            "  set before is good, too. finish takes that away when the acquirer has ended it.\n",
            command->name, command->name, command->name, command->name, command->name);
    return to == stdout ? 0 : PROCESS_EXIT_USAGE;
}

static bool valid_name(const char *by)
{
    size_t len = by == NULL ? 0 : strlen(by);
    for (size_t i = 0; i < len; i++)
        if (by[i] <= ' ' || by[i] > '~') return false;
    return len > 0 && len <= REGISTRY_ACTOR_MAX;
}

static err run(const struct settings *s, size_t action, struct process_fault *fault)
{
    struct registry *registry = NULL;
    if (actions[action].writes && !valid_name(s->by))
        return say(fault, ERR(FORMAT),
                   "--by NAME says who does it, without spaces (请用 --by 指明操作人，不含空格)");
    TRY(host_keys_registry(s->state, actions[action].writes ? STORE_OPEN : STORE_READ_ONLY,
                           &registry, fault));
    err done = actions[action].run(registry, s, fault);
    if (FAILED(done) && fault->text[0] == '\0') done = host_keys_refused(registry, done, fault);
    registry_close(registry);
    return done;
}

int admin_zone_keys(const struct admin_command *command, int argc, char **argv)
{
    struct settings s = {.overlap_s = OVERLAP_S};
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &s.state, .required = true},
        {"by", "NAME", "who does it", .text = &s.by},
        {"hsm", "SOCKET", "where tongbao-hsm listens", .text = &s.hsm},
        {"networks", "DIR", "state directory of tongbao-simulators, with its public key",
         .text = &s.networks},
        {"acquirer", "DIR", "the acquirer's state directory", .text = &s.acquirer},
        {"overlap", "SECONDS", "how long the set before is good, too", .number = &s.overlap_s,
         .min = PAYMENT_KEY_OVERLAP_MIN_S, .max = PAYMENT_KEY_OVERLAP_MAX_S},
    };
    size_t action = 0;
    struct process_fault fault = {""};
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) return usage(command, stdout);
    if (argc < 2) return usage(command, stderr);
    while (action < ARRAY_LEN(actions) && strcmp(argv[1], actions[action].name) != 0) action++;
    if (action == ARRAY_LEN(actions)) return usage(command, stderr);
    int status = admin_options(command, options, ARRAY_LEN(options), argc - 1, argv + 1);
    if (status >= 0) return status;
    err done = run(&s, action, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
