/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * world: terminals with their vaults, acquirer, hsm and networks in one process, under one clock,
 * one source of chance and one list of events. Everything that can go wrong between them goes wrong
 * here, as the seed says, and goes wrong the same way when the seed is given again.
 *
 *   cashier -> terminal -> link -> acquirer -> link -> network
 *                 |                   |
 *               vault                hsm
 *
 * Each part is the product's own core; what is simulated is the clock, the links, the memory of the
 * databases (SQLite on memory files that outlive a kill), the readers and the people.
 */

#include "acquirer/acquirer.h"
#include "hsm/hsm.h"
#include "journal/close.h"
#include "lib/crypto/agreement.h"
#include "lib/crypto/identity.h"
#include "registry/registry.h"
#include "simulators/network.h"
#include "terminal/terminal.h"
#include "tests/simulation/errands.h"
#include "tests/unit/fake_card_reader.h"
#include "vault/vault.h"

enum {
    WORLD_TERMINALS_MAX = 256,
    WORLD_START_S = 1773705600, /* 17 March 2026, 8:00 in China: a year with a calendar */
    WORLD_MESSAGE_MAX = 2048,
    WORLD_CHIPS_MAX = 40, /* personalities of chip cards */
    WORLD_SLIPS = 256,    /* that are remembered, of all terminals */
    WORLD_PLATES = 4,     /* that stand in the shop: one of each class */
    PLATE_TEXT_SIZE = 256,
    PLATES_OPEN =
        64, /* payments by plates that may be undecided: more than the wallet asks at a time */
};

struct world_options {
    uint64_t seed;
    uint64_t payments; /* cashiers stop when so many have been started */
    unsigned terminals;
    bool calm; /* no faults at all: for measuring and for finding a bug's cause */
    bool verbose;
};

/* Chances are "one in so many"; 0 is never. Drawn anew for each seed, so that seeds differ. */
struct world_faults {
    uint32_t drop, repeat, truncate, disconnect; /* a message on the way */
    uint32_t delay_ms;                           /* at most, uniform: this is what reorders */
    uint32_t terminal_kill, vault_kill, acquirer_kill, network_kill; /* a call to a store */
    uint32_t hsm_kill;                                               /* a command */
    uint32_t down_ms; /* how long a part stays dead, at most */
    uint32_t cut;     /* an errand begins with a line that is cut for minutes */
    uint32_t paper;   /* an errand begins with the last of the paper */
    uint32_t jump;    /* an errand begins after the clock has jumped */
    uint32_t wrong;   /* and after the clock of one part has been set wrong, or right again */
    uint32_t pull;    /* a card is taken out of the slot too early */
};

struct provision;
struct gate;
struct gate_keys;

/* How a payment in the journal has ended. */
enum world_end { END_APPROVED, END_DECLINED, END_REVERSED, END_DISPUTED, WORLD_ENDS };

enum event_kind {
    EVENT_CASHIER, /* a person looks at the screen and acts */
    EVENT_TERMINAL_TICK,
    EVENT_ACQUIRER_TICK,
    EVENT_NETWORK_TICK,
    EVENT_TO_TERMINAL, /* a frame arrives */
    EVENT_TO_ACQUIRER,
    EVENT_TO_HSM,
    EVENT_FROM_HSM,
    EVENT_TO_NETWORK,
    EVENT_FROM_NETWORK,
    EVENT_CONNECTED, /* a terminal's connection is there */
    EVENT_DISCONNECTED,
    EVENT_START_TERMINAL, /* a dead part comes back */
    EVENT_START_VAULT,
    EVENT_START_ACQUIRER,
    EVENT_START_HSM,
    EVENT_START_NETWORK,
    EVENT_READER,   /* the card in a reader answers */
    EVENT_NOTICE,   /* the vault says that a card has got further */
    EVENT_PAPER,    /* somebody puts in a new roll */
    EVENT_CARD_OUT, /* the customer takes his card away */
    EVENT_TO_GATE,  /* gate.c: the gateway to the wallets and what is behind it */
    EVENT_GATE_HSM,
    EVENT_GATE_ASK,
    EVENT_GATE_END,
    EVENT_GATE_NOTICE,
    EVENT_GATE_HEARD,
    EVENT_GATE_TICK,
    EVENT_START_GATE,
    EVENT_PROVIDERS_TICK,
    EVENT_OFFICE, /* somebody at the acquirer acts */
    EVENT_TO_CONTROL,
    EVENT_FROM_CONTROL,
    EVENT_ROTATION, /* rotation.c: somebody replaces the network's keys */
};

struct event {
    int64_t at_ms;
    uint64_t order; /* of creation: equal times keep it */
    enum event_kind kind;
    uint32_t index;      /* which terminal, or which route */
    uint32_t generation; /* of the connection or the life that it belongs to */
    uint8_t *payload;    /* owned, may be NULL */
    size_t len;
};

/* Somebody who works at a terminal. */
struct person {
    const char *id;
    char password[17]; /* his own, once he has chosen it */
    char initial[17];
    bool has_own;
};

struct cashier {
    struct panel_channel panel;
    bool panel_open;
    uint32_t panel_life;      /* of the vault that the panel was opened with */
    struct person supervisor; /* has his first day before the cashier has his */
    struct person self;
    struct person *at; /* who of them is at the terminal */
    bool by_sheet;     /* on his first day: the sheet's password is tried, not his own */
    bool busy;         /* an action is scheduled */
    int64_t since_ms;  /* since when the same screen is shown */
    const char *screen_id;
    struct errand doing;
};

/* What it has printed: by the number of the payment, the amount on its slip; 0: none. */
struct papers {
    int64_t *slip_minor;
    size_t max;
};

/* A hold or payout that has no end yet, as far as the office knows. */
enum { OFFICE_OPEN_MAX = 64 };
struct open_order {
    int64_t number;
};

/* Somebody who orders money that is no payment, one case after the other. */
struct office {
    uint32_t cases;
    bool waits; /* for an answer, until due_ms */
    int64_t due_ms;
    unsigned asks;
    char mark[24]; /* of this case, in its order */
    uint8_t command, way;
    int64_t original, amount_minor, deadline_ms;
    int32_t day;
    struct open_order hold[OFFICE_OPEN_MAX], payout[OFFICE_OPEN_MAX];
    size_t holds, payouts;
};

/* A part's own clock: wrong by so much, until somebody sets it right. */
struct part_clock {
    const struct world *world;
    int64_t wrong_ms;
};

/* Where backups lie: the last one, and what it was made from. */
struct medium {
    char name[80], writing_name[80];
    uint8_t *bundle, *writing; /* owned */
    size_t len, written;
    struct store_anchor *copy;
    unsigned snapshots, made_of;
    bool restored; /* the screen has said so */
};

/* What a device had when it was destroyed, by the keys of its payments. */
struct dead_device {
    struct dead_payment {
        struct payment_key key;
        enum payment_type type;
        enum payment_state state;
        enum payment_means means;
        bool offline; /* by the card alone */
        int64_t amount_minor;
    } * row; /* owned */
    size_t count;
};

/* Another device of the same terminal number, in its box; `vault` empty: there is none. */
struct spare {
    struct bytes vault; /* the provision's */
    uint8_t key[VAULT_DEVICE_KEY_BYTES], counter[VAULT_COUNTER_MAX];
    size_t counter_len;
    char serial[16], fingerprint[65], initial[17];
    char master_block[REGISTRY_KEY_BLOCK_MAX + 1], recovery_block[REGISTRY_KEY_BLOCK_MAX + 1];
};

struct side_terminal {
    struct world *world;
    struct part_clock clock; /* of terminal and vault: one device */
    uint32_t index;
    char tid[9], serial[16], store_name[32], vault_name[32];
    struct store_anchor *anchor, *vault_anchor;
    struct store *store;
    struct terminal *terminal; /* NULL: dead */
    struct vault *vault;       /* NULL: dead */
    uint8_t device_key[VAULT_DEVICE_KEY_BYTES];
    uint32_t life, vault_life;
    uint32_t connection; /* generation; odd while connected or connecting */
    bool connected;
    bool vault_died; /* inside a call of the terminal */
    int64_t tick_at;
    struct vault_swipe swipe;
    struct fake_card_reader reader;
    bool reader_busy;    /* the card's next answer is scheduled */
    bool noticed;        /* a notice is on its way */
    uint32_t card_place; /* in the world's chips, plus one; 0: no card is in slot or field */
    uint32_t card_visit; /* counts the cards that were put in */
    int64_t cut_until_ms;
    uint8_t counter[VAULT_COUNTER_MAX]; /* the vault's, beside its store */
    size_t counter_len;
    struct cashier cashier;
    struct papers papers;
    struct medium medium;
    struct spare spare;
    bool destroyed, replaced, restoring; /* replaced.c */
    uint32_t dies_in;                    /* calls to its store; 0: not for this reason */
    bool doomed;                         /* it dies for that reason */
    struct dead_device dead;
};

struct world {
    struct world_options options;
    struct world_faults faults;
    bool healing; /* no more faults, no new payments: everything must come to rest */
    int64_t now_ms;
    int64_t moment_ms; /* for which the last event was meant */
    struct clock clock;
    struct part_clock acquirer_clock, network_clock;
    struct random_seeded chance_source, secret_source;
    struct random chance, secret;
    struct log log;
    struct crypto crypto;
    struct panel_pair page_pair;

    struct event *heap;
    size_t event_count, event_max;
    uint64_t event_order;

    struct hsm_master master;
    struct hsm *hsm; /* NULL: dead */
    struct zone_set {
        struct key pin, mac, data;
        struct transport_pair transport; /* the network's; whose seal it takes is the hsm's */
        uint8_t hsm_public[TRANSPORT_KEY_BYTES];
        char mac_block[REGISTRY_KEY_BLOCK_MAX + 1]; /* the second, as the hsm takes it */
    } zone;
    struct network *network; /* NULL: dead */
    struct store_anchor *network_anchor;
    struct store *network_store;
    struct acquirer *acquirer; /* NULL: dead */
    struct store_anchor *journal_anchor, *ledger_anchor, *audit_anchor, *registry_anchor,
        *payout_anchor;
    struct office office;
    struct gate *gate; /* NULL while worlds are provisioned */
    bool ordering;     /* a money order is being made: the acquirer dies more often */
    uint32_t acquirer_life, hsm_life, network_life;
    bool acquirer_dirty, network_dirty;
    int64_t acquirer_tick_at, network_tick_at;
    uint32_t recovery_calls; /* until the acquirer that is starting dies; 0: it lives */

    struct side_terminal *terminal;
    uint64_t payments_started;
    int64_t jumped_ms; /* by all jumps of the clock */
    struct chip_card chip[WORLD_CHIPS_MAX];
    bool chip_taken[WORLD_CHIPS_MAX]; /* somebody holds it */
    struct slip slip[WORLD_SLIPS];    /* the newest slips on all counters; a ring */
    size_t slips;
    struct slip hot; /* that somebody is about to do something to */
    struct {
        char text[WORLD_PLATES][PLATE_TEXT_SIZE];
        char reference[PLATES_OPEN][13]; /* of the newest payments; a ring */
        size_t next;
        uint64_t asked;
    } plate;

    uint64_t trace; /* FNV-1a of everything that happened, in order */
    struct world_counts {
        uint64_t ends[PAYMENT_TYPES][WORLD_ENDS]; /* of payments in the journal */
        uint64_t offline, told;                   /* approved by cards alone; and with success */
        uint64_t cash;                            /* payments that no host hears of */
        uint64_t plates;                          /* payments that no terminal hears of */
        uint64_t paper, jumped, clocks_set;
        uint64_t by_providers, provider_asks, provider_faults, notices, handed_on, gateway_kills;
        uint64_t rotations; /* of the card network's keys, to their end */
        uint64_t orders, orders_refused, asked_again, payouts;
        uint64_t cut, pulled; /* lines for minutes; cards too early */
        uint64_t slips, shifts;
        uint64_t destroyed, replaced; /* devices; restored from their backups */
        /* Payments: that the host has told them; that were gone with the old ones, cash and cards'
         * own approvals that nobody had told; and of these such as stand in the backup. */
        uint64_t caught_up, lost_cash, lost_offline, aside;
        uint64_t items[JOURNAL_ITEMS];
        uint64_t begun[ERRANDS_MAX];
        uint64_t events, dropped, repeated, truncated, disconnected, terminal_kills, vault_kills,
            acquirer_kills, hsm_kills, network_kills,
            parameters,        /* terminals that have fetched theirs */
            batches, differed; /* closed; with other totals at the terminal */
    } counts;
    char failure[512]; /* empty: none */
};

/* world.c */
/* What worlds of so many terminals begin with; NULL when it cannot be made, and why. */
struct provision *world_provision(unsigned terminals, char *ret_failure, size_t failure_size);
MUST_USE bool world_run(const struct world_options *options, const struct provision *provision,
                        struct world_counts *ret_counts, uint64_t *ret_trace, char *ret_failure,
                        size_t failure_size);
void world_fail(struct world *w, const char *format, ...) PRINTF(2, 3);
bool world_chance(struct world *w, uint32_t one_in);
void world_trace(struct world *w, uint64_t kind, uint64_t who, struct bytes what);

/* events.c */
void event_push(struct world *w, int64_t at_ms, enum event_kind kind, uint32_t index,
                uint32_t generation, struct bytes payload);
bool event_pop(struct world *w, struct event *out);
void event_free_all(struct world *w);

struct clock world_part_clock(struct part_clock *part);

/* mishaps.c: what befalls a counter between two errands */
void mishaps_befall(struct side_terminal *t);

/* links.c: a message on the way, with everything that may happen to it */
void link_send(struct world *w, enum event_kind kind, uint32_t index, uint32_t generation,
               struct bytes payload);
void link_terminal_connect(struct side_terminal *t);
void link_terminal_close(struct side_terminal *t);

/* sides.c: life and death */
void side_start_acquirer(struct world *w);
/* False while every start of it has died: then its stores may have no tables to look at. */
bool side_acquirer_was_up(const struct world *w);
void side_kill_acquirer(struct world *w);
void side_start_network(struct world *w);
void side_kill_network(struct world *w);
void side_start_hsm(struct world *w);
void side_kill_hsm(struct world *w);
void side_start_terminal(struct side_terminal *t);
void side_kill_terminal(struct side_terminal *t);
void side_start_vault(struct side_terminal *t);
void side_kill_vault(struct side_terminal *t);
void side_terminal_paper(struct side_terminal *t, bool out);
/* Whether its store may fail; it does from its start on. */
void side_terminal_faults(struct side_terminal *t, bool on);
/* What every call into a part ends with: an err kills it. */
void side_terminal_did(struct side_terminal *t, err result);
void side_acquirer_did(struct world *w, err result);
void side_network_did(struct world *w, err result);

/* provision.c: keys, registry and devices, as `tongbao admin provision` makes them */
struct provision *provision_take(struct world *w); /* made in this world, kept for others */
void provision_give(struct world *w, const struct provision *provision);
const struct gate_keys *provision_gate(const struct provision *provision);
void provision_free(struct provision *provision);

/* cashier.c */
void cashier_act(struct side_terminal *t);
void cashier_wake(struct side_terminal *t, int64_t after_ms);
/* For the others at the counter: a key by its name, a choice if the screen offers it. */
void cashier_key(struct side_terminal *t, const char *name);
bool cashier_choose(struct side_terminal *t, const char *choice);
bool cashier_slips(struct side_terminal *t, uint32_t one_in); /* he makes a mistake */

/* keypad.c: PINs and passwords, through the panel channel */
void keypad_enter(struct side_terminal *t);

/* customer.c: cards and telephones */
void customer_present(struct side_terminal *t);
/* A code is on the screen: he scans it, or looks for his telephone still. */
void customer_scans(struct side_terminal *t);
void customer_draw(struct side_terminal *t);
const char *customer_pin(const struct side_terminal *t);
void customer_takes_card(struct side_terminal *t);

/* reader.c: the reader for chip cards */
struct card_reader_calls reader_calls(struct side_terminal *t);
void reader_start(struct side_terminal *t);
void reader_stop(struct side_terminal *t);
void reader_put(struct side_terminal *t, unsigned slot, uint32_t place);
void reader_take(struct side_terminal *t);
void reader_work(struct side_terminal *t);
void reader_turn(struct side_terminal *t);

/* papers.c: slips and shifts */
void papers_take(struct side_terminal *t, const struct terminal_receipt *printed);
void papers_check_slip(struct side_terminal *t, int64_t number, const struct payment *p);
MUST_USE err papers_check_shifts(struct side_terminal *t);
void papers_free(struct side_terminal *t);
void papers_forget(struct side_terminal *t); /* it is another device now */

/* replaced.c: devices that are destroyed, and restored in another */
bool replaced_eligible(const struct side_terminal *t);
void replaced_ports(struct side_terminal *t, struct terminal_ports *ports);
MUST_USE err replaced_owner(struct vault *vault); /* his digits are known from the first day on */
const char *replaced_digits(void);
void replaced_befall(struct side_terminal *t);   /* a backup by hand, between two errands */
bool replaced_dies_now(struct side_terminal *t); /* at a call to its store */
void replaced_died(struct side_terminal *t);
bool replaced_by_spare(struct side_terminal *t);
bool replaced_act(struct side_terminal *t);
void replaced_free(struct side_terminal *t);
/* It was restored, and has not heard yet what came since. */
bool replaced_behind(struct side_terminal *t);

/* rotation.c: new keys for the card network */
void rotation_start(struct world *w);
void rotation_act(struct world *w);

/* office.c: money that is no payment */
MUST_USE err office_open_account(struct world *w); /* that the merchant is paid to */
void office_start(struct world *w);
void office_act(struct world *w);
void office_answer(void *context, uint32_t client, struct bytes frame); /* the acquirer's port */
void office_hear(struct world *w, struct bytes frame);

/* plates.c: codes that stand in the shop */
MUST_USE err plates_register(struct world *w, struct registry *registry,
                             const struct registry_actor *who, const char *mid);
MUST_USE err plates_print(struct world *w, const char *mid); /* as they were registered */
void plates_pay(struct world *w);                            /* a customer scans one */
bool plates_at_rest(const struct world *w);

/* settlements.c */
/* By chance, one payment of the batch is wrong at the terminal from now on. */
void settlement_spoil(struct side_terminal *t);

/* checks.c: the invariants, after everything has come to rest */
void world_check(struct world *w);
bool world_at_rest(struct world *w);
void world_describe_unrest(struct world *w);

/* memory.c: nothing of a card is left in this process. Vaults, hsm and networks are closed. */
void world_check_memory(struct world *w);
