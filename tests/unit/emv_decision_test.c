/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: what terminal, host and card decide: restrictions, risk management, action codes, both
 * cryptograms, issuer authentication, scripts; and cards that contradict themselves.
 */
#include "tests/unit/emv_fake_card.h"

static struct rig rig;
static struct fake_card card;
static struct rig_application application;

static void start(void)
{
    fake_start(&card);
    application = (struct rig_application){.aid = "A000000333010101"};
}

/* A terminal for the application as it is set now; small amounts stay below its floor of 100.00. */
static void terminal(void)
{
    fake_build(&card);
    fake_rig(&card, &rig, &application);
    rig.setup.payment.amount_minor = 500;
}

static enum emv_want run(void)
{
    (void)rig_begin(&rig);
    return fake_run(&card, &rig);
}

static enum emv_want host(const char *arc, const char *field55)
{
    (void)rig_host(&rig, arc, hex(field55));
    return fake_run(&card, &rig);
}

static void restrictions(void **state)
{
    (void)state;
    static const struct {
        const char *version, *effective, *expiry, *usage, *country;
        uint8_t type, tvr;
        bool cashback;
    } row[] = {
        {"0030", "200101", "301231", "FF00", "0156", 0, 0x00, false},
        {"0031", "200101", "301231", "FF00", "0156", 0, 0x80, false},
        {NULL, NULL, "301231", NULL, NULL, 0, 0x00, false},
        {"0030", "200101", "251121", "FF00", "0156", 0, 0x40, false}, /* yesterday */
        {"0030", "200101", "251122", "FF00", "0156", 0, 0x00, false}, /* today */
        {"0030", "200101", "991231", "FF00", "0156", 0, 0x40, false}, /* 1999 */
        {"0030", "251122", "301231", "FF00", "0156", 0, 0x00, false},
        {"0030", "251123", "301231", "FF00", "0156", 0, 0x20, false},
        {"0030", "990101", "301231", "FF00", "0156", 0, 0x00, false},
        {"0030", "200101", "301231", "2100", "0156", 0, 0x00, false}, /* goods at home */
        {"0030", "200101", "301231", "0900", "0156", 0, 0x00, false}, /* services at home */
        {"0030", "200101", "301231", "1500", "0156", 0, 0x10, false}, /* only abroad */
        {"0030", "200101", "301231", "1100", "0840", 0, 0x00, false},
        {"0030", "200101", "301231", "2900", "0840", 0, 0x10, false},
        {"0030", "200101", "301231", "2000", "0156", 0, 0x10, false}, /* only at ATMs */
        {"0030", "200101", "301231", "0100", NULL, 0, 0x00, false},   /* no country to compare */
        {"0030", "200101", "301231", "8100", "0156", 1, 0x00, false}, /* cash at home */
        {"0030", "200101", "301231", "4100", "0156", 1, 0x10, false},
        {"0030", "200101", "301231", "4100", "0840", 1, 0x00, false},
        {"0030", "200101", "301231", "2180", "0156", 9, 0x00, true},
        {"0030", "200101", "301231", "2140", "0156", 9, 0x10, true},
        {"0030", "200101", "301231", "1140", "0840", 0, 0x00, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start();
        card.version = row[i].version;
        card.effective = row[i].effective;
        card.expiry = row[i].expiry;
        card.usage = row[i].usage;
        card.country = row[i].country;
        terminal();
        rig.setup.payment.type = row[i].type;
        rig.setup.payment.other_minor = row[i].cashback ? 100 : 0;
        assert_int_equal(run(), EMV_DONE);
        if (rig.k.tvr[1] != row[i].tvr)
            fail_msg("row %zu: TVR %02X and not %02X", i, rig.k.tvr[1], row[i].tvr);
    }
}

static void floor_limit(void **state)
{
    (void)state;
    static const struct {
        int64_t amount_minor, logged_minor;
        uint8_t tvr;
    } row[] = {
        {9999, 0, 0x00},    {10000, 0, 0x80},
        {10001, 0, 0x80},                       /* the limit itself is above */
        {4000, 5999, 0x00}, {4000, 6000, 0x80}, /* split sales */
        {4000, -1, 0x80},   {4000, INT64_MAX, 0x80},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start();
        terminal();
        rig.setup.payment.amount_minor = row[i].amount_minor;
        rig.logged_minor = row[i].logged_minor;
        (void)run();
        if (rig.k.tvr[3] != row[i].tvr) fail_msg("row %zu: TVR %02X", i, rig.k.tvr[3]);
        assert_int_equal(rig.k.tsi[0] & 0x08, 0x08);
    }
    start(); /* a floor limit of nothing is above everything */
    application.floor = "00000000";
    terminal();
    rig.setup.payment.amount_minor = 0;
    (void)run();
    assert_int_equal(rig.k.tvr[3], 0x80);
}

/* The number drawn is fixed by the source: 55667788 gives one value, and the chances move past it.
 */
static void random_selection(void **state)
{
    (void)state;
    start();
    terminal();
    struct random source = {rig_random, &rig};
    unsigned drawn = 1 + random_below(&source, 99);
    char target[3];
    for (int off = -1; off <= 0; off++) { /* one below what was drawn, and exactly that */
        start();
        snprintf(target, sizeof target, "%02u", drawn + (unsigned)off);
        application.target = target;
        application.maximum = "99";
        application.threshold = "00001000";
        terminal();
        (void)run();
        assert_int_equal(rig.k.tvr[3], off == 0 ? 0x10 : 0x00);
    }
    /* Between threshold and floor limit the chances grow from the target to the maximum. */
    static const int64_t amount_minor[] = {1000, 9999};
    for (size_t i = 0; i < 2; i++) {
        start();
        application.target = "00";
        application.maximum = "99";
        application.threshold = "000003E8";
        terminal();
        rig.setup.payment.amount_minor = amount_minor[i];
        (void)run();
        assert_int_equal(rig.k.tvr[3], i == 0 ? 0x00 : 0x10);
    }
}

static void velocity(void **state)
{
    (void)state;
    static const struct {
        const char *limits; /* 9F14 and 9F23 */
        uint16_t counter, last;
        uint8_t tvr_2, tvr_4;
    } row[] = {
        {"9F1401039F230105", 0x21, 0x20, 0x00, 0x00},
        {"9F1401039F230105", 0x23, 0x20, 0x00, 0x00},
        {"9F1401039F230105", 0x24, 0x20, 0x00, 0x40},
        {"9F1401039F230105", 0x25, 0x20, 0x00, 0x40},
        {"9F1401039F230105", 0x26, 0x20, 0x00, 0x60},
        {"9F1401039F230105", 0x20, 0x20, 0x00, 0x60},
        {"9F1401039F230105", 0xFFFF, 0x20, 0x00, 0x60}, /* the card does not tell */
        {"9F1401039F230105", 0x20, 0xFFFF, 0x00, 0x60},
        {"9F1401039F230105", 0x02, 0x00, 0x08, 0x00}, /* a new card */
        {"9F140103", 0x30, 0x20, 0x00, 0x00},         /* one limit alone asks nothing */
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start();
        card.limits = row[i].limits;
        card.counter = row[i].counter;
        card.last_online = row[i].last;
        terminal();
        (void)run();
        if (rig.k.tvr[1] != row[i].tvr_2 || rig.k.tvr[3] != row[i].tvr_4)
            fail_msg("row %zu: TVR %02X %02X", i, rig.k.tvr[1], rig.k.tvr[3]);
    }
}

static void exceptions_and_suspicion(void **state)
{
    (void)state;
    start();
    terminal();
    rig_append(&rig, 0xE3, hex("5A0862000000000000055F340101"));
    (void)run();
    assert_int_equal(rig.k.tvr[0], 0x10);
    terminal();
    rig_append(&rig, 0xE3, hex("5A0862000000000000055F340102")); /* another card of the number */
    (void)run();
    assert_int_equal(rig.k.tvr[0], 0x00);
    card.sequence = "12"; /* decimal, packed */
    terminal();
    rig_append(&rig, 0xE3, hex("5A0862000000000000055F340112"));
    (void)run();
    assert_int_equal(rig.k.tvr[0], 0x10);
    terminal();
    rig.excepted = true;
    (void)run();
    assert_int_equal(rig.k.tvr[0], 0x10);
    terminal();
    rig.setup.payment.force_online = true;
    (void)run();
    assert_int_equal(rig.k.tvr[3], 0x08);
}

/* TVR with one bit (version differs: byte 2, 80) against each code, issuer's and terminal's. */
static void action_codes(void **state)
{
    (void)state;
    static const char hit[] = "0080000000", miss[] = "007FFFFFFF";
    static const struct {
        const char *iac_denial, *tac_denial, *iac_online, *tac_online, *iac_default, *tac_default;
        uint8_t type;
        enum emv_cryptogram asked;
    } row[] = {
        {miss, miss, miss, miss, miss, miss, 0x22, EMV_TC},
        {hit, miss, hit, miss, hit, miss, 0x22, EMV_AAC},
        {miss, hit, miss, miss, miss, miss, 0x22, EMV_AAC},
        {miss, miss, hit, miss, miss, miss, 0x22, EMV_ARQC},
        {miss, miss, miss, hit, miss, miss, 0x22, EMV_ARQC},
        {miss, miss, miss, miss, hit, hit, 0x22, EMV_TC}, /* default is for without a host */
        {NULL, miss, miss, miss, miss, miss, 0x22, EMV_TC},
        {miss, miss, NULL, miss, miss, miss, 0x22, EMV_ARQC}, /* a missing code is all ones */
        {miss, miss, miss, miss, miss, miss, 0x21, EMV_ARQC}, /* online only */
        {hit, miss, miss, miss, miss, miss, 0x21, EMV_AAC},
        {miss, miss, hit, hit, miss, miss, 0x23, EMV_TC}, /* offline only */
        {miss, miss, miss, miss, hit, miss, 0x23, EMV_AAC},
        {miss, miss, miss, miss, miss, hit, 0x23, EMV_AAC},
        {miss, miss, miss, miss, NULL, miss, 0x23, EMV_AAC},
        {miss, miss, hit, miss, miss, miss, 0x25, EMV_ARQC},
        {miss, miss, hit, miss, miss, miss, 0x26, EMV_TC},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start();
        card.version = "0031";
        card.iac_denial = row[i].iac_denial;
        card.iac_online = row[i].iac_online;
        card.iac_default = row[i].iac_default;
        application.tac_denial = row[i].tac_denial;
        application.tac_online = row[i].tac_online;
        application.tac_default = row[i].tac_default;
        terminal();
        rig.setup.terminal.type = row[i].type;
        enum emv_want want = run();
        if (rig.k.asked != row[i].asked) fail_msg("row %zu asked for %02X", i, rig.k.asked);
        assert_int_equal(want, row[i].asked == EMV_ARQC ? EMV_WANT_ONLINE : EMV_DONE);
        if (row[i].asked == EMV_AAC) {
            rig_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_TERMINAL);
            rig_assert_data(&rig, 0x8A, "5A31");
        }
    }
}

/* A card may give less than it is asked for, never more. */
static void cards_decide_downwards(void **state)
{
    (void)state;
    start();
    card.first_cid = 0x00;
    terminal();
    assert_int_equal(run(), EMV_DONE);
    rig_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_CARD);
    start();
    card.first_cid = 0x09; /* advice, and: service not allowed */
    terminal();
    (void)run();
    rig_assert_end(&rig, EMV_DECLINED, EMV_REASON_NOT_ALLOWED);
    assert_true(rig.k.outcome.advice);
    start();
    card.first_cid = 0x80;
    terminal();
    assert_int_equal(run(), EMV_WANT_ONLINE);
    start(); /* a TC where an AAC was asked for */
    card.first_cid = 0xFF;
    application.tac_denial = "FFFFFFFFFF";
    card.version = "0031";
    terminal();
    (void)run();
    rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_BAD_DATA);
    assert_false(rig.k.outcome.fallback);
    start(); /* and where an ARQC was */
    card.first_cid = 0xFF;
    terminal();
    rig.setup.terminal.type = 0x21;
    (void)run();
    rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_BAD_DATA);
}

static void start_online(void)
{
    start();
    card.first_cid = 0x80;
    terminal();
    assert_int_equal(run(), EMV_WANT_ONLINE);
}

static void the_host_decides(void **state)
{
    (void)state;
    static const struct {
        const char *arc;
        uint8_t second;
        enum emv_result result;
        enum emv_reason reason;
        bool reverse;
    } row[] = {
        {"00", 0x40, EMV_APPROVED_ONLINE, EMV_REASON_NONE, false},
        {"10", 0x40, EMV_APPROVED_ONLINE, EMV_REASON_NONE, false},
        {"11", 0x40, EMV_APPROVED_ONLINE, EMV_REASON_NONE, false},
        {"51", 0x40, EMV_DECLINED, EMV_REASON_BY_HOST, false},
        {"00", 0x00, EMV_DECLINED, EMV_REASON_BY_CARD, true},    /* the card has the last word */
        {"00", 0x80, EMV_TERMINATED, EMV_REASON_BAD_DATA, true}, /* no ARQC a second time */
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start_online();
        card.second_cid = row[i].second;
        assert_int_equal(host(row[i].arc, ""), EMV_DONE);
        rig_assert_end(&rig, row[i].result, row[i].reason);
        assert_int_equal(rig.k.outcome.reverse, row[i].reverse);
        assert_int_equal(card.generated, 2);
        assert_memory_equal(card.cdol2_data, row[i].arc, 2);
    }
}

/* Certificates that were bad long before are not the reason of the host's decline. */
static void the_reason_is_the_hosts(void **state)
{
    (void)state;
    start();
    card.aip[0] = 0x7D;
    card.issuer_fault = FAKE_HASH;
    card.first_cid = 0x80;
    terminal();
    assert_int_equal(run(), EMV_WANT_ONLINE);
    assert_int_equal(rig.k.tvr[0], 0x04);
    assert_int_equal(host("51", ""), EMV_DONE);
    rig_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_HOST);
}

static void without_a_host(void **state)
{
    (void)state;
    static const char hit[] = "0080000000";
    static const struct {
        const char *iac, *tac;
        uint8_t type;
        const char *arc;
        enum emv_result result;
    } row[] = {
        {"0000000000", "0000000000", 0x22, "5933", EMV_APPROVED_OFFLINE},
        {hit, "0000000000", 0x22, "5A33", EMV_DECLINED},
        {"0000000000", hit, 0x22, "5A33", EMV_DECLINED},
        {"0000000000", "0000000000", 0x21, "5A33", EMV_DECLINED}, /* online only */
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start();
        card.first_cid = 0x80;
        card.version = "0031";
        card.iac_default = row[i].iac;
        application.tac_default = row[i].tac;
        terminal();
        rig.setup.terminal.type = row[i].type;
        assert_int_equal(run(), EMV_WANT_ONLINE);
        (void)rig_event(&rig, EMV_EVENT_NO_HOST);
        assert_int_equal(fake_run(&card, &rig), EMV_DONE);
        bool approved = row[i].result == EMV_APPROVED_OFFLINE;
        rig_assert_end(&rig, row[i].result, approved ? EMV_REASON_NONE : EMV_REASON_NO_HOST);
        rig_assert_data(&rig, 0x8A, row[i].arc);
        assert_int_equal(rig.k.outcome.reverse, !approved);
    }
}

static void issuer_authentication(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        uint16_t sw;
        uint8_t aip, tsi, tvr;
    } row[] = {
        {"910A01020304050607083030", 0x9000, 0x7C, 0x10, 0x00},
        {"910A01020304050607083030", 0x6300, 0x7C, 0x10, 0x40},
        {"9107010203040506073030", 0x9000, 0x7C, 0x00, 0x40}, /* shorter than any */
        {"", 0x9000, 0x7C, 0x00, 0x00},
        {"910A01020304050607083030", 0x9000, 0x78, 0x00, 0x00}, /* the card has it in CDOL2 */
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start();
        card.first_cid = 0x80;
        card.aip[0] = row[i].aip;
        card.external_sw = row[i].sw;
        card.cdol2 = "8A02910A";
        terminal();
        assert_int_equal(run(), EMV_WANT_ONLINE);
        const char *answer = i == 2 ? "910701020304050607" : row[i].answer;
        assert_int_equal(host("00", answer), EMV_DONE);
        assert_int_equal(rig.k.tsi[0] & 0x10, row[i].tsi);
        assert_int_equal(rig.k.tvr[4], row[i].tvr);
        bool given = strlen(answer) == 24;
        assert_bytes(bytes_of(card.cdol2_data + 2, 10),
                     given ? hex("01020304050607083030") : hex("00000000000000000000"));
        rig_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
    }
}

#define COMMAND "86098418000004AABBCCDD"
#define SCRIPT  "9F180400000007" COMMAND COMMAND

static void scripts(void **state)
{
    (void)state;
    static const struct {
        const char *field55;
        uint16_t sw;
        const char *results;
        uint8_t tvr;
        unsigned sent;
    } row[] = {
        {"721D" SCRIPT, 0x9000, "2000000007", 0x00, 2},
        {"711D" SCRIPT, 0x9000, "2000000007", 0x00, 2},
        {"721D" SCRIPT, 0x6300, "2000000007", 0x00, 2}, /* warnings do not stop a script */
        {"721D" SCRIPT, 0x6A80, "1100000007", 0x10, 1},
        {"711D" SCRIPT, 0x6A80, "1100000007", 0x20, 1},
        {"711D" SCRIPT "721D" SCRIPT, 0x9000, "20000000072000000007", 0x00, 4},
        {"711D" SCRIPT "711D" SCRIPT, 0x6985, "11000000071100000007", 0x20, 2},
        {"720B" COMMAND, 0x9000, "2000000000", 0x00, 1},       /* without an identifier */
        {"72079F180400000007", 0x9000, "0000000007", 0x10, 0}, /* without a command */
        {"720486028418", 0x9000, "1100000000", 0x10, 0},       /* no command at all */
        {"72038609FF", 0x9000, "0000000000", 0x10, 0},         /* malformed */
        {"", 0x9000, "", 0x00, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start_online();
        card.script_sw = row[i].sw;
        assert_int_equal(host("00", row[i].field55), EMV_DONE);
        if (card.scripts != row[i].sent) fail_msg("row %zu: %u commands", i, card.scripts);
        rig_assert_data(&rig, 0xDF31, row[i].results);
        assert_int_equal(rig.k.tvr[4], row[i].tvr);
        assert_int_equal(rig.k.tsi[0] & 0x04, row[i].results[0] == '\0' ? 0 : 0x04);
        rig_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE); /* whatever scripts do */
    }
    /* More scripts than there is room for. */
    start_online();
    assert_int_equal(host("00", "7206860484180000"
                                "7206860484180000"
                                "7206860484180000"
                                "7206860484180000"
                                "7206860484180000"
                                "7206860484180000"
                                "7206860484180000"
                                "7206860484180000"
                                "7206860484180000"),
                     EMV_DONE);
    assert_int_equal(card.scripts, EMV_SCRIPTS);
    rig_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
    /* More than 128 bytes of scripts: what is beyond is not run. */
    char many[520] = "";
    for (unsigned i = 0; i < 7; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "721D" SCRIPT);
    start_online();
    assert_int_equal(host("00", many), EMV_DONE);
    assert_int_equal(card.scripts, 8);
    rig_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
}

static void hash_of_the_tdol(void **state)
{
    (void)state;
    for (unsigned own = 0; own < 2; own++) {
        uint8_t digest[20];
        start();
        card.cdol1 = "9814";
        if (own == 1) card.more = "97029A03";
        terminal();
        (void)run();
        struct bytes hashed = own == 1 ? hex("251122") : (struct bytes){0};
        assert_ok(rsa_sha1(&hashed, 1, digest));
        assert_bytes(bytes_of(card.cdol1_data, 20), BYTES_OF(digest));
        assert_int_equal(rig.k.tvr[4], own == 1 ? 0x00 : 0x80);
    }
}

/* Cards that contradict themselves, or say what cannot be. None of them gets as far as a payment.
 */
static void lying_cards(void **state)
{
    (void)state;
    static const struct {
        const char *more, *pan, *track;
        enum emv_reason reason;
    } row[] = {
        {"5A086200000000000013", NULL, NULL, EMV_REASON_BAD_DATA}, /* another number later */
        {"5A086200000000000005", NULL, NULL, EMV_REASON_BAD_DATA}, /* even the same one */
        {"5F2403301231", NULL, NULL, EMV_REASON_BAD_DATA},
        {"9F0206000000000001", NULL, NULL, EMV_REASON_BAD_DATA},   /* the terminal's amount */
        {"95050000000000", NULL, NULL, EMV_REASON_BAD_DATA},       /* the terminal's verdict */
        {"9F1402FFFF", NULL, NULL, EMV_REASON_BAD_DATA},           /* a length of its own */
        {"9F2300", NULL, NULL, EMV_REASON_NONE},                   /* an empty object is none */
        {"E10A5A086200000000000013", NULL, NULL, EMV_REASON_NONE}, /* a template nobody opens */
        {"FFFF", NULL, NULL, EMV_REASON_BAD_DATA},                 /* what an empty memory gives */
        {"0000", NULL, NULL, EMV_REASON_NONE},
        {"9F0F05", NULL, NULL, EMV_REASON_BAD_DATA}, /* cut off */
        {NULL, NULL, "6200000000000013D30122200000000000", EMV_REASON_BAD_DATA},
        {NULL, "62000000000000A5", NULL, EMV_REASON_BAD_DATA}, /* no digits */
        {NULL, "62FF", NULL, EMV_REASON_BAD_DATA},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start();
        card.aip[0] = 0x1C; /* no certificates: what is wrong is wrong without them */
        card.more = row[i].more;
        if (row[i].track != NULL) card.track = row[i].track;
        if (row[i].pan != NULL) card.pan = row[i].pan;
        terminal();
        assert_int_equal(run(), EMV_DONE);
        if (row[i].reason == EMV_REASON_NONE)
            rig_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
        else rig_assert_end(&rig, EMV_TERMINATED, row[i].reason);
    }
}

static void mandatory_objects(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        start();
        card.aip[0] = 0x1C;
        if (i == 0) card.expiry = NULL;
        if (i == 1) card.cdol1 = NULL;
        if (i == 2) card.cdol2 = NULL;
        terminal();
        if (i == 3) card.record[0].at[11] ^= 0x40; /* 9F07 has become another tag: harmless */
        assert_int_equal(run(), EMV_DONE);
        if (i == 3) rig_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
        else rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_MISSING_DATA);
    }
}

/* Every answer to GENERATE AC that is none. */
static void malformed_cryptograms(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum emv_reason reason;
    } row[] = {
        {"6985", EMV_REASON_BAD_STATUS},
        {"9000", EMV_REASON_BAD_DATA},
        {"800A400021A1A2A3A4A5A6A79000", EMV_REASON_BAD_DATA},           /* a byte short */
        {"800B400021A1A2A3A4A5A6A7A8019000", EMV_REASON_BAD_DATA},       /* a byte behind */
        {"800BC00021A1A2A3A4A5A6A7A89000", EMV_REASON_BAD_DATA},         /* C0 */
        {"770F9F2701409F2608A1A2A3A4A5A6A7A89000", EMV_REASON_BAD_DATA}, /* no counter */
        {"77149F2701409F3602002"
         "19F2608A1A2A3A4A5A6A7A89000",
         EMV_REASON_NONE},
        {"77189F2701409F2701409F360200219F2608A1A2A3A4A5A6A7A89000", EMV_REASON_BAD_DATA},
        {"70009000", EMV_REASON_BAD_DATA},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start();
        terminal();
        (void)rig_begin(&rig);
        while (rig.k.want == EMV_WANT_APDU && emv_contact_command(&rig.k).at[1] != 0xAE)
            (void)rig_answer(&rig, fake_answer(&card, emv_contact_command(&rig.k)));
        (void)rig_answer(&rig, hex(row[i].answer));
        if (row[i].reason == EMV_REASON_NONE)
            rig_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
        else rig_assert_end(&rig, EMV_TERMINATED, row[i].reason);
        assert_false(rig.k.outcome.fallback);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restrictions),
        cmocka_unit_test(floor_limit),
        cmocka_unit_test(random_selection),
        cmocka_unit_test(velocity),
        cmocka_unit_test(exceptions_and_suspicion),
        cmocka_unit_test(action_codes),
        cmocka_unit_test(cards_decide_downwards),
        cmocka_unit_test(the_host_decides),
        cmocka_unit_test(the_reason_is_the_hosts),
        cmocka_unit_test(without_a_host),
        cmocka_unit_test(issuer_authentication),
        cmocka_unit_test(scripts),
        cmocka_unit_test(hash_of_the_tdol),
        cmocka_unit_test(lying_cards),
        cmocka_unit_test(mandatory_objects),
        cmocka_unit_test(malformed_cryptograms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
