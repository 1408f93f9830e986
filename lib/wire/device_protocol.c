/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device channel's tables: what a member is, and which members a message has. Writer and reader
 * are made from the same rows; there is no other place where a name of the channel stands.
 */
#include "lib/wire/device_protocol.h"

#include <stddef.h>

#include "lib/base/hex.h"

/* ---- members ---- */

enum type {
    TEXT,     /* into an array that ends with NUL; at least `min` bytes */
    LONG,     /* a view */
    NUMBER,   /* min..max */
    HEX,      /* of exactly `max` bytes */
    BYTES_,   /* hex of min..max bytes, their count in challenge_len */
    OPERATOR, /* two digits */
    NOBODY,   /* two digits, or nothing */
    WORD,     /* one of words_of() */
    STATUS,   /* a word of `statuses` */
};

enum member {
    ID,
    STATUS_WORD,
    SERIAL,
    MODEL,
    VERSION,
    POLICY_VERSION,
    FIRST_LOGIN,
    EPOCH,
    KIND,
    WHO,
    WHO_OR_NOBODY,
    WAY_WORD,
    CHALLENGE,
    APPROVAL_CHALLENGE,
    GRANT,
    REASON,
    TOKEN,
    PHONE_KEY,
    LABEL,
    DETAIL,
    EVENT_NUMBER,
    AT,
    PAIR,
    SIGNATURE,
    CONTACT,
    TICKET,
    SECONDS,
    URL,
    ANCHOR,
    POLICY,
    DOCUMENT,
    LINK,
    NETWORK,
    LATITUDE,
    LONGITUDE,
    ACCURACY,
    PLACED_AT,
    COMMAND_NUMBER,
    COMMAND,
    COMMAND_TEXT,
    PROGRESS,
    TERMINAL,
    CERTIFICATE,
    WORDS,
    BATTERY,
    PAPER,
    HOLD,
    LINK_WORD,
    SIGNED_IN,
    UNSENT,
    LAST_PAYMENT,
    PARAMETERS,
    PART,
    PARTS,
    PART_BYTES,
    REQUEST,
    TRANSPORT,
    PROOF_WAY,
    STEP,
    CODE,
    RENEWED,
    WAITING,
    REFUSED_IMAGE,
    SOFTWARE,
    HOUSE,
    NONCE,
    MAC,
    DIGEST,
    SIZE,
    KEPT_DIGEST,
    KEPT_SIZE,
    KEPT_SERIAL,
    NEXT_PART,
    FETCHED,
    MEMBERS
};

#define AT_(field)      offsetof(struct device_message, field)
#define ARRAY_OF(field) AT_(field), 0, sizeof(((struct device_message *)0)->field)
#define WEEK_S          (7 * 86400)       /* an answer's "never" */
#define SET             unsigned __int128 /* of members: there are more than 64 */
#define BIT(member)     ((SET)1 << (member))

/* clang-format off */
static const struct {
    const char *name;
    enum type type;
    size_t at; /* in struct device_message */
    int64_t min, max;
    unsigned option; /* of enum device_option: where a row may leave it out */
} members[MEMBERS] = {
    [ID]                 = {"id",             NUMBER,   AT_(id), 1, INT64_MAX, 0},
    [STATUS_WORD]        = {"status",         STATUS,   AT_(status), 0, 0, 0},
    [SERIAL]             = {"serial",         TEXT,     ARRAY_OF(serial), 0},
    [MODEL]              = {"model",          TEXT,     ARRAY_OF(model), 0},
    [VERSION]            = {"version",        TEXT,     ARRAY_OF(version), 0},
    [POLICY_VERSION]     = {"policy",         NUMBER,   AT_(policy_version), 0, UINT32_MAX, 0},
    [FIRST_LOGIN]        = {"first_login_ms", NUMBER,   AT_(first_login_ms), 0, INT64_MAX, 0},
    [EPOCH]              = {"epoch",          HEX,      ARRAY_OF(anchor), 0},
    [KIND]               = {"kind",           TEXT,     ARRAY_OF(kind), 0},
    [WHO]                = {"operator",       OPERATOR, AT_(operator_id), 0, 0, 0},
    [WHO_OR_NOBODY]      = {"operator",       NOBODY,   AT_(operator_id), 0, 0, 0},
    [WAY_WORD]           = {"way",            WORD,     AT_(way), 0, 0, 0},
    [CHALLENGE]          = {"challenge",      BYTES_,   AT_(challenge), 1, 16, 0},
    [APPROVAL_CHALLENGE] = {"challenge",      BYTES_,   AT_(challenge), 1, DEVICE_CHALLENGE_MAX, 0},
    [GRANT]              = {"grant",          HEX,      ARRAY_OF(grant), 0},
    [REASON]             = {"reason",         TEXT,     ARRAY_OF(reason), DEVICE_HAS_REASON},
    [TOKEN]              = {"token",          BYTES_,   AT_(challenge), DEVICE_TOKEN, DEVICE_TOKEN, DEVICE_HAS_TOKEN},
    [PHONE_KEY]          = {"key",            HEX,      ARRAY_OF(phone_key), 0},
    [LABEL]              = {"label",          TEXT,     ARRAY_OF(label), 0},
    [DETAIL]             = {"detail",         TEXT,     ARRAY_OF(detail), 0},
    [EVENT_NUMBER]       = {"number",         NUMBER,   AT_(number), 1, INT64_MAX, DEVICE_HAS_NUMBER},
    [AT]                 = {"at_ms",          NUMBER,   AT_(at_ms), 0, INT64_MAX, DEVICE_HAS_NUMBER},
    [PAIR]               = {"pair",           NUMBER,   AT_(pair), 0, UINT8_MAX, DEVICE_HAS_TOKEN},
    [SIGNATURE]          = {"signature",      HEX,      ARRAY_OF(signature), 0},
    [CONTACT]            = {"contact",        TEXT,     ARRAY_OF(contact), DEVICE_HAS_CONTACT},
    [TICKET]             = {"number",         TEXT,     ARRAY_OF(ticket), DEVICE_HAS_TICKET},
    [SECONDS]            = {"seconds",        NUMBER,   AT_(seconds), 0, WEEK_S, DEVICE_HAS_SECONDS},
    [URL]                = {"url",            TEXT,     ARRAY_OF(url), DEVICE_HAS_URL},
    [ANCHOR]             = {"anchor",         HEX,      ARRAY_OF(anchor), DEVICE_HAS_ANCHOR},
    [POLICY]             = {"policy",         LONG,     AT_(policy), 0, DEVICE_FRAME_MAX, DEVICE_HAS_POLICY},
    [DOCUMENT]           = {"document",       LONG,     AT_(policy), 0, DEVICE_FRAME_MAX, DEVICE_HAS_POLICY},
    [LINK]               = {"kind",           WORD,     AT_(link), 0, 0, 0},
    [NETWORK]            = {"name",           TEXT,     ARRAY_OF(network), 0},
    [LATITUDE]           = {"latitude_e6",    NUMBER,   AT_(latitude_e6), -90000000, 90000000, DEVICE_HAS_POSITION},
    [LONGITUDE]          = {"longitude_e6",   NUMBER,   AT_(longitude_e6), -180000000, 180000000, DEVICE_HAS_POSITION},
    [ACCURACY]           = {"accuracy_m",     NUMBER,   AT_(accuracy_m), 0, 100000, DEVICE_HAS_POSITION},
    [PLACED_AT]          = {"at_ms",          NUMBER,   AT_(at_ms), 0, INT64_MAX, 0},
    [COMMAND_NUMBER]     = {"number",         NUMBER,   AT_(number), 1, INT64_MAX, 0},
    [COMMAND]            = {"command",        WORD,     AT_(command), 0, 0, 0},
    [COMMAND_TEXT]       = {"text",           TEXT,     ARRAY_OF(text), 0},
    [PROGRESS]           = {"state",          WORD,     AT_(progress), 0, 0, 0},
    [TERMINAL]           = {"terminal",       TEXT,     ARRAY_OF(terminal), 0},
    [CERTIFICATE]        = {"certificate",    LONG,     AT_(policy), 0, DEVICE_CERTIFICATE_MAX, 0},
    [WORDS]              = {"words",          TEXT,     ARRAY_OF(words), 0},
    [BATTERY]            = {"battery",        NUMBER,   AT_(battery), 0, 100, 0},
    [PAPER]              = {"paper",          WORD,     AT_(paper), 0, 0, 0},
    [HOLD]               = {"hold",           WORD,     AT_(hold), 0, 0, 0},
    [LINK_WORD]          = {"link",           WORD,     AT_(link), 0, 0, 0},
    [SIGNED_IN]          = {"signed_in",      NUMBER,   AT_(signed_in), 0, 1, 0},
    [UNSENT]             = {"unsent",         NUMBER,   AT_(unsent), 0, 1000000, 0},
    [LAST_PAYMENT]       = {"last_payment_ms", NUMBER,  AT_(last_payment_ms), 0, INT64_MAX, 0},
    [PARAMETERS]         = {"parameters",     NUMBER,   AT_(parameters), 0, INT64_MAX, 0},
    [PART]               = {"part",           NUMBER,   AT_(part), 1, DEVICE_PARTS_MAX, 0},
    [PARTS]              = {"of",             NUMBER,   AT_(parts), 1, DEVICE_PARTS_MAX, 0},
    [PART_BYTES]         = {"bytes",          LONG,     AT_(policy), 0, DEVICE_FRAME_MAX, 0},
    [REQUEST]            = {"request",        LONG,     AT_(policy), 0, DEVICE_CERTIFICATE_MAX, 0},
    [TRANSPORT]          = {"transport",      HEX,      ARRAY_OF(transport), 0},
    [PROOF_WAY]          = {"way",            WORD,     AT_(proof_way), 0, 0, 0},
    [STEP]               = {"step",           WORD,     AT_(step), 0, 0, 0},
    [CODE]               = {"code",           TEXT,     ARRAY_OF(code), 0},
    [RENEWED]            = {"renewed",        LONG,     AT_(policy), 0, DEVICE_CERTIFICATE_MAX, DEVICE_HAS_RENEWED},
    [WAITING]            = {"waiting",        NUMBER,   AT_(waiting), 0, INT64_MAX, 0},
    [REFUSED_IMAGE]      = {"refused",        NUMBER,   AT_(refused), 0, INT64_MAX, 0},
    [SOFTWARE]           = {"software",       WORD,     AT_(software), 0, 0, 0},
    [HOUSE]              = {"house",          WORD,     AT_(house), 0, 0, 0},
    [NONCE]              = {"nonce",          HEX,      ARRAY_OF(nonce), 0},
    [MAC]                = {"mac",            HEX,      ARRAY_OF(mac), 0},
    [DIGEST]             = {"digest",         HEX,      ARRAY_OF(digest), 0},
    [SIZE]               = {"size",           NUMBER,   AT_(size), 1, DEVICE_BACKUP_MAX, 0},
    [KEPT_DIGEST]        = {"digest",         HEX,      ARRAY_OF(digest), DEVICE_HAS_KEPT},
    [KEPT_SIZE]          = {"size",           NUMBER,   AT_(size), 1, DEVICE_BACKUP_MAX, DEVICE_HAS_KEPT},
    [KEPT_SERIAL]        = {"serial",         TEXT,     ARRAY_OF(serial), DEVICE_HAS_KEPT},
    [NEXT_PART]          = {"part",           NUMBER,   AT_(part), 1, DEVICE_PARTS_MAX, DEVICE_HAS_PART},
    [FETCHED]            = {"bytes",          LONG,     AT_(policy), 0, DEVICE_FRAME_MAX, DEVICE_HAS_BYTES},
};

_Static_assert(DEVICE_BACKUP_MAX <= DEVICE_PARTS_MAX * DEVICE_PART_MAX, "every piece has a number");
_Static_assert(MEMBERS <= 8 * sizeof(SET), "a bit for each");

/* ---- messages ---- */

struct row {
    const char *name;
    SET needed, may;
    bool personal; /* of somebody's password or approval: not over a network that nobody trusts */
};

#define ANSWERED (BIT(ID) | BIT(STATUS_WORD))

static const struct {
    struct row question;
    SET answer_may; /* besides ANSWERED */
} asks[DEVICE_ASKS] = {
    [DEVICE_HELLO]       = {{"hello", BIT(SERIAL) | BIT(MODEL) | BIT(VERSION) | BIT(POLICY_VERSION) | BIT(FIRST_LOGIN) | BIT(EPOCH), 0, false},
                            BIT(ANCHOR) | BIT(POLICY)},
    [DEVICE_RECOVER]     = {{"recover", BIT(WHO) | BIT(WAY_WORD) | BIT(CHALLENGE), 0, true},
                            BIT(CONTACT) | BIT(SECONDS) | BIT(TICKET)},
    [DEVICE_RECOVER_END] = {{"recover_end", BIT(WHO) | BIT(CHALLENGE), 0, true}, 0},
    [DEVICE_EVENT]       = {{"event", BIT(KIND) | BIT(WHO_OR_NOBODY) | BIT(DETAIL), BIT(EVENT_NUMBER) | BIT(AT), false}, 0},
    [DEVICE_PAIR]        = {{"pair", BIT(TOKEN), 0, true}, BIT(URL)},
    [DEVICE_PAIR_END]    = {{"pair_end", 0, BIT(TOKEN) | BIT(PAIR), true}, 0},
    [DEVICE_APPROVE]     = {{"approve", BIT(WHO) | BIT(APPROVAL_CHALLENGE), 0, true}, BIT(SECONDS)},
    [DEVICE_PLACE]       = {{"place", BIT(LINK) | BIT(NETWORK) | BIT(PLACED_AT), BIT(LATITUDE) | BIT(LONGITUDE) | BIT(ACCURACY), false}, 0},
    [DEVICE_DONE]        = {{"done", BIT(COMMAND_NUMBER) | BIT(PROGRESS), BIT(REASON), false}, 0},
    [DEVICE_STATE]       = {{"state", BIT(BATTERY) | BIT(PAPER) | BIT(HOLD) | BIT(LINK_WORD) | BIT(VERSION) | BIT(WHO_OR_NOBODY) | BIT(SIGNED_IN) | BIT(UNSENT) | BIT(LAST_PAYMENT) | BIT(PARAMETERS) | BIT(PLACED_AT), 0, false}, 0},
    [DEVICE_PART]        = {{"part", BIT(KIND) | BIT(COMMAND_NUMBER) | BIT(PART) | BIT(PARTS) | BIT(PART_BYTES), 0, false}, 0},
    [DEVICE_INSTALLED]   = {{"installed", BIT(COMMAND_NUMBER) | BIT(COMMAND_TEXT) | BIT(WAITING) | BIT(REFUSED_IMAGE) | BIT(SOFTWARE), 0, false}, 0},
    [DEVICE_APPLIED]     = {{"applied", BIT(COMMAND_NUMBER) | BIT(PROGRESS), BIT(REASON), false}, 0},
    [DEVICE_LAST_WORDS]  = {{"last_words", BIT(DETAIL) | BIT(COMMAND_NUMBER) | BIT(PLACED_AT) | BIT(TERMINAL) | BIT(CERTIFICATE) | BIT(WORDS), 0, false}, 0},
    [DEVICE_ACTIVATE]    = {{"activate", BIT(SERIAL) | BIT(MODEL) | BIT(REQUEST) | BIT(TRANSPORT) | BIT(PROOF_WAY) | BIT(STEP) | BIT(CODE) | BIT(WORDS), 0, true},
                            BIT(REASON) | BIT(SECONDS) | BIT(DOCUMENT)},
    [DEVICE_BACKUP]       = {{"backup", BIT(DIGEST) | BIT(SIZE), 0, false}, BIT(REASON) | BIT(NEXT_PART)},
    [DEVICE_BACKUP_PART]  = {{"backup_part", BIT(DIGEST) | BIT(PART) | BIT(PART_BYTES), 0, false}, BIT(REASON) | BIT(NEXT_PART)},
    [DEVICE_BACKUP_FIND]  = {{"backup_find", BIT(PART), 0, false}, BIT(KEPT_DIGEST) | BIT(KEPT_SIZE) | BIT(KEPT_SERIAL) | BIT(EVENT_NUMBER) | BIT(AT)},
    [DEVICE_BACKUP_FETCH] = {{"backup_fetch", BIT(DIGEST) | BIT(PART), 0, false}, BIT(REASON) | BIT(FETCHED)},
    [DEVICE_RESTORE_ASK]  = {{"restore_ask", BIT(DIGEST) | BIT(NONCE) | BIT(MAC) | BIT(TRANSPORT), 0, true}, BIT(REASON) | BIT(FETCHED)},
    [DEVICE_GOODS_FETCH] = {{"goods_fetch", BIT(DIGEST) | BIT(PART), 0, false}, BIT(REASON) | BIT(FETCHED)},
    [DEVICE_RENEW]       = {{"renew", BIT(TERMINAL) | BIT(CERTIFICATE), 0, false}, BIT(RENEWED)},
};

static const struct row tells[DEVICE_TELLS] = {
    [DEVICE_GRANT_TOLD]    = {"grant", BIT(WHO) | BIT(CHALLENGE) | BIT(GRANT), 0, true},
    [DEVICE_REFUSED_TOLD]  = {"refused", BIT(WHO) | BIT(CHALLENGE) | BIT(REASON), 0, false},
    [DEVICE_POLICY_TOLD]   = {"policy", BIT(DOCUMENT), 0, false},
    [DEVICE_PAIR_KEY_TOLD] = {"pair_key", BIT(TOKEN) | BIT(PHONE_KEY) | BIT(LABEL), 0, true},
    [DEVICE_REISSUE_TOLD]  = {"reissue", BIT(WHO) | BIT(CHALLENGE) | BIT(GRANT), 0, true},
    [DEVICE_DIAGNOSE_TOLD] = {"diagnose", BIT(CHALLENGE), 0, false},
    [DEVICE_APPROVAL_TOLD] = {"approval", BIT(APPROVAL_CHALLENGE) | BIT(PAIR) | BIT(SIGNATURE), 0, true},
    [DEVICE_UPDATE_TOLD]   = {"update", BIT(DOCUMENT) | BIT(COMMAND_TEXT), 0, false},
    [DEVICE_PARAMETERS_TOLD] = {"parameters", BIT(COMMAND_NUMBER) | BIT(DOCUMENT) | BIT(NONCE) | BIT(MAC), 0, false},
    [DEVICE_HOUSE_TOLD]    = {"house", BIT(HOUSE), 0, false},
    [DEVICE_RESTORE_TOLD]  = {"restore", BIT(DIGEST), 0, false},
    [DEVICE_COMMAND_TOLD]  = {"command", BIT(COMMAND_NUMBER) | BIT(COMMAND) | BIT(COMMAND_TEXT) | BIT(NONCE) | BIT(MAC), 0, false},
};
/* clang-format on */

static const char *const ways[DEVICE_WAYS] = {NULL, "sms", "mail", "service", "offline"};
static const char *const proof_ways[DEVICE_PROOF_WAYS] = {NULL, "code", "tail"};
static const char *const steps[DEVICE_STEPS] = {NULL, "show", "bind"};
static const char *const commands[DEVICE_COMMANDS] = {NULL,        "message", "lock", "unlock",
                                                      "ring",      "restart", "logs", "snapshot",
                                                      "passwords", "wipe",    "lost"};
static const char *const progresses[DEVICE_PROGRESSES] = {NULL, "acknowledged", "verified",
                                                          "refused"};
static const char *const links[DEVICE_LINKS] = {"unknown", "ethernet", "wifi", "mobile"};
static const char *const papers[DEVICE_PAPERS] = {"ok", "low", "out", "fault"};
static const char *const softwares[DEVICE_SOFTWARES] = {"trying", "healthy"};
static const char *const houses[DEVICE_HOUSES] = {"ok", "slow", "down", "cards", "wallets"};
static const char *const holds[DEVICE_HOLDS] = {"free", "locked", "lost"};

struct words {
    const char *const *word; /* NULL at a number that has none */
    uint8_t count;
};

static struct words words_of(enum member member)
{
    switch (member) {
    case WAY_WORD:
        return (struct words){ways, DEVICE_WAYS};
    case COMMAND:
        return (struct words){commands, DEVICE_COMMANDS};
    case PROGRESS:
        return (struct words){progresses, DEVICE_PROGRESSES};
    case PAPER:
        return (struct words){papers, DEVICE_PAPERS};
    case HOLD:
        return (struct words){holds, DEVICE_HOLDS};
    case PROOF_WAY:
        return (struct words){proof_ways, DEVICE_PROOF_WAYS};
    case STEP:
        return (struct words){steps, DEVICE_STEPS};
    case SOFTWARE:
        return (struct words){softwares, DEVICE_SOFTWARES};
    case HOUSE:
        return (struct words){houses, DEVICE_HOUSES};
    default:
        ENSURE(member == LINK || member == LINK_WORD);
        return (struct words){links, DEVICE_LINKS};
    }
}

static const char *const statuses[DEVICE_STATUSES] = {
    [DEVICE_OK] = "ok",           [DEVICE_SENT] = "sent",   [DEVICE_TICKET] = "ticket",
    [DEVICE_ASKED] = "asked",     [DEVICE_LIMIT] = "limit", [DEVICE_NO_CONTACT] = "no_contact",
    [DEVICE_REFUSED] = "refused",
};

const char *device_ask_name(enum device_ask ask)
{
    ENSURE(ask > DEVICE_NO_ASK && ask < DEVICE_ASKS);
    return asks[ask].question.name;
}

const char *device_command_name(enum device_command command)
{
    ENSURE(command > DEVICE_NO_COMMAND && command < DEVICE_COMMANDS);
    return commands[command];
}

const char *device_proof_name(enum device_proof_way way)
{
    ENSURE(way > DEVICE_NO_PROOF && way < DEVICE_PROOF_WAYS);
    return proof_ways[way];
}

const char *device_step_name(enum device_activation_step step)
{
    ENSURE(step > DEVICE_NO_STEP && step < DEVICE_STEPS);
    return steps[step];
}

enum device_command device_command_named(struct bytes name)
{
    for (enum device_command at = DEVICE_MESSAGE; at < DEVICE_COMMANDS; at++)
        if (bytes_equal(name, bytes_text(commands[at]))) return at;
    return DEVICE_NO_COMMAND;
}

const char *device_link_name(unsigned link)
{
    ENSURE(link < DEVICE_LINKS);
    return links[link];
}

const char *device_paper_name(unsigned paper)
{
    ENSURE(paper < DEVICE_PAPERS);
    return papers[paper];
}

const char *device_hold_name(unsigned hold)
{
    ENSURE(hold < DEVICE_HOLDS);
    return holds[hold];
}

bool device_ask_is_personal(enum device_ask ask)
{
    ENSURE(ask < DEVICE_ASKS);
    return asks[ask].question.personal;
}

bool device_tell_is_personal(enum device_tell tell)
{
    ENSURE(tell < DEVICE_TELLS);
    return tells[tell].personal;
}

/* ---- writing ---- */

static const void *field(const struct device_message *m, enum member member)
{
    return (const char *)m + members[member].at;
}

static void write_word(struct json_out *j, enum member member, uint8_t at)
{
    struct words words = words_of(member);
    ENSURE(at < words.count && words.word[at] != NULL);
    json_member_string(j, members[member].name, words.word[at]);
}

static void write_member(struct json_out *j, const struct device_message *m, enum member member)
{
    const char *name = members[member].name;
    const void *at = field(m, member);
    switch (members[member].type) {
    case TEXT:
    case OPERATOR:
    case NOBODY:
        json_member_string(j, name, at);
        break;
    case LONG:
        json_member_text(j, name, m->policy);
        break;
    case NUMBER:
        json_member_int(j, name, *(const int64_t *)at);
        break;
    case HEX:
        json_member_hex(j, name, bytes_of(at, (size_t)members[member].max));
        break;
    case BYTES_:
        json_member_hex(j, name, bytes_of(m->challenge, m->challenge_len));
        break;
    case WORD:
        write_word(j, member, *(const uint8_t *)at);
        break;
    case STATUS:
        ENSURE(m->status < DEVICE_STATUSES);
        json_member_string(j, name, statuses[m->status]);
        break;
    }
}

static void write_members(struct json_out *j, const struct device_message *m, SET needed, SET may)
{
    for (enum member at = 0; at < MEMBERS; at++)
        if ((needed & BIT(at)) || ((may & BIT(at)) && (m->has & members[at].option)))
            write_member(j, m, at);
}

void device_write_ask(struct writer *w, const struct device_message *m)
{
    ENSURE(m->ask > DEVICE_NO_ASK && m->ask < DEVICE_ASKS);
    const struct row *row = &asks[m->ask].question;
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_int(&j, "id", m->id);
    json_member_string(&j, "ask", row->name);
    write_members(&j, m, row->needed, row->may);
    json_object_end(&j);
}

void device_write_answer(struct writer *w, const struct device_message *m)
{
    ENSURE(m->ask > DEVICE_NO_ASK && m->ask < DEVICE_ASKS);
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    write_members(&j, m, ANSWERED, asks[m->ask].answer_may);
    json_object_end(&j);
}

void device_write_tell(struct writer *w, const struct device_message *m)
{
    ENSURE(m->tell > DEVICE_NO_TELL && m->tell < DEVICE_TELLS);
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "tell", tells[m->tell].name);
    write_members(&j, m, tells[m->tell].needed, tells[m->tell].may);
    json_object_end(&j);
}

/* ---- reading ---- */

static err read_hex(const struct json_t *object, enum member member, uint8_t *out, size_t *ret_len)
{
    struct bytes text;
    size_t max = (size_t)members[member].max;
    size_t least = members[member].type == HEX ? max : (size_t)members[member].min;
    TRY(json_text(object, members[member].name, max * 2, &text));
    TRY(hex_decode(text, out, max, ret_len));
    return *ret_len >= least ? OK : ERR(LENGTH);
}

static err read_operator(const struct json_t *object, bool or_nobody, char out[3])
{
    TRY(json_text_copy(object, "operator", out, 3));
    if (or_nobody && out[0] == '\0') return OK;
    return strlen(out) == 2 && bytes_all_digits(bytes_text(out)) ? OK : ERR(FORMAT);
}

static err read_word(const struct json_t *object, enum member member, uint8_t *out)
{
    struct words words = words_of(member);
    struct bytes text;
    TRY(json_text(object, members[member].name, DEVICE_REASON_MAX, &text));
    for (uint8_t at = 0; at < words.count; at++) {
        if (words.word[at] == NULL || !bytes_equal(text, bytes_text(words.word[at]))) continue;
        *out = at;
        return OK;
    }
    return ERR(FORMAT);
}

static err read_status(const struct json_t *object, enum device_status *out)
{
    struct bytes text;
    TRY(json_text(object, "status", DEVICE_REASON_MAX - 1, &text));
    *out = DEVICE_REFUSED;
    for (enum device_status at = 0; at < DEVICE_STATUSES; at++)
        if (bytes_equal(text, bytes_text(statuses[at]))) *out = at;
    return OK;
}

static err read_member(const struct json_t *object, enum member member, struct device_message *m)
{
    const char *name = members[member].name;
    void *at = (char *)m + members[member].at;
    size_t len;
    switch (members[member].type) {
    case TEXT:
        return json_text_copy(object, name, at, (size_t)members[member].max);
    case LONG:
        return json_text(object, name, (size_t)members[member].max, &m->policy);
    case NUMBER:
        return json_int(object, name, members[member].min, members[member].max, at);
    case HEX:
        return read_hex(object, member, at, &len);
    case BYTES_:
        return read_hex(object, member, m->challenge, &m->challenge_len);
    case OPERATOR:
        return read_operator(object, false, m->operator_id);
    case NOBODY:
        return read_operator(object, true, m->operator_id);
    case WORD:
        return read_word(object, member, at);
    case STATUS:
        return read_status(object, &m->status);
    }
    return ERR(UNSUPPORTED);
}

/* No member but those of the row; `first` are those that say what it is. */
static bool only_members(const struct json_t *object, const char *const first[2], SET row)
{
    const char *names[MEMBERS + 3] = {first[0], first[1]};
    size_t count = first[1] == NULL ? 1 : 2;
    for (enum member at = 0; at < MEMBERS; at++)
        if (row & BIT(at)) names[count++] = members[at].name;
    return !FAILED(json_only(object, names));
}

/* What travels together is there together. */
static bool whole_groups(const struct json_t *object, SET may, unsigned has)
{
    for (enum member at = 0; at < MEMBERS; at++)
        if ((may & BIT(at)) && (has & members[at].option) && !json_has(object, members[at].name))
            return false;
    return true;
}

/* Every member of the row, and no other. */
static bool read_members(const struct json_t *object, const char *const first[2], SET needed,
                         SET may, struct device_message *m)
{
    if (!only_members(object, first, needed | may)) return false;
    for (enum member at = 0; at < MEMBERS; at++) {
        bool optional = (may & BIT(at)) && json_has(object, members[at].name);
        bool wanted = optional || (needed & BIT(at));
        if (wanted && FAILED(read_member(object, at, m))) return false;
        if (optional) m->has |= members[at].option;
    }
    return whole_groups(object, may, m->has);
}

enum device_verdict device_read_ask(struct bytes frame, bool greeted,
                                    struct json_document *document, struct device_message *out)
{
    static const char *const first[] = {"id", "ask"};
    struct device_message m = {0};
    struct bytes name;
    if (FAILED(json_parse(frame, DEVICE_FRAME_MAX, document))) return DEVICE_MALFORMED;
    if (FAILED(json_int(document->root, "id", 1, INT64_MAX, &m.id))) return DEVICE_MALFORMED;
    if (FAILED(json_text(document->root, "ask", 16, &name))) return DEVICE_MALFORMED;
    for (enum device_ask at = DEVICE_HELLO; at < DEVICE_ASKS; at++)
        if (bytes_equal(name, bytes_text(asks[at].question.name))) m.ask = at;
    if (m.ask == DEVICE_NO_ASK) return DEVICE_UNKNOWN;
    if (!greeted && m.ask != DEVICE_HELLO) return DEVICE_EARLY;
    const struct row *row = &asks[m.ask].question;
    if (!read_members(document->root, first, row->needed, row->may, &m)) return DEVICE_MEMBER;
    *out = m;
    return DEVICE_UNDERSTOOD;
}

static enum device_verdict read_tell(const struct json_t *object, struct device_message *out)
{
    static const char *const first[] = {"tell", NULL};
    struct device_message m = {0};
    struct bytes name;
    if (FAILED(json_text(object, "tell", DEVICE_REASON_MAX, &name))) return DEVICE_MALFORMED;
    for (enum device_tell at = DEVICE_GRANT_TOLD; at < DEVICE_TELLS; at++)
        if (bytes_equal(name, bytes_text(tells[at].name))) m.tell = at;
    if (m.tell == DEVICE_NO_TELL) return DEVICE_UNKNOWN;
    if (!read_members(object, first, tells[m.tell].needed, tells[m.tell].may, &m))
        return DEVICE_MEMBER;
    *out = m;
    return DEVICE_UNDERSTOOD;
}

enum device_verdict device_read_heard(struct bytes frame, enum device_ask asked,
                                      struct json_document *document, struct device_message *out)
{
    static const char *const first[] = {"id", "status"};
    struct device_message m = {.ask = asked};
    if (FAILED(json_parse(frame, DEVICE_FRAME_MAX, document))) return DEVICE_MALFORMED;
    if (json_has(document->root, "tell")) return read_tell(document->root, out);
    if (asked == DEVICE_NO_ASK) return DEVICE_UNASKED;
    if (!read_members(document->root, first, ANSWERED, asks[asked].answer_may, &m))
        return DEVICE_MEMBER;
    *out = m;
    return DEVICE_UNDERSTOOD;
}
