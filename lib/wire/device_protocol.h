/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a terminal and the back office say to one another: the device channel.
 *
 * Transport: TLS 1.3 with the terminal's own certificate, frames with a 4-byte length of at most
 * DEVICE_FRAME_MAX bytes, each one JSON object.
 *
 *   terminal   {"id":N,"ask":"...",...}     a question; one at a time
 *   host       {"id":N,"status":"...",...}  its answer
 *   host       {"tell":"...",...}           may come twice; the second changes nothing
 *
 * Every question, its answer and every tell is a row of one table (device_protocol.c): its name,
 * the members that it must have and those that it may have. Both ends write and read by that table,
 * so a member that is not in the row, that is missing or that is not as its own row says is the
 * same fault at either end, and it has a name.
 */

#include "lib/base/writer.h"
#include "lib/wire/json.h"

enum {
    DEVICE_FRAME_MAX = 8192, /* a signed policy is the longest */
    DEVICE_SERIAL_MAX = 32,
    DEVICE_MODEL_MAX = 32,
    DEVICE_VERSION_MAX = 32,
    DEVICE_KIND_MAX = 24, /* of an event; with its NUL, as the others below */
    DEVICE_DETAIL_MAX = 65,
    DEVICE_CONTACT_MAX = 48,
    DEVICE_TICKET_MAX = 16,
    DEVICE_URL_MAX = 200, /* what a QR code of a small screen holds */
    DEVICE_REASON_MAX = 32,
    DEVICE_CHALLENGE_MAX = 32, /* an approval's; a recovery's has at most 16 bytes */
    DEVICE_GRANT = 16,
    DEVICE_ANCHOR = 24, /* epoch and its MAC */
    DEVICE_TOKEN = 16,
    DEVICE_PHONE_KEY = 65,
    DEVICE_PHONE_LABEL = 41,
    DEVICE_SIGNATURE = 64,
    DEVICE_WAYS = 5, /* one more than the last way of recovery, as vault and hsm number them */
    DEVICE_TEXT_MAX = 161,   /* of a message for the screen; with its NUL */
    DEVICE_NETWORK_MAX = 33, /* of a network's name; with its NUL */
    DEVICE_TERMINAL = 9,
    DEVICE_CERTIFICATE_MAX = 4096,
    DEVICE_WORDS_MAX = 161, /* a signature of at most 80 bytes in hex */
    DEVICE_PART_MAX = 5400, /* bytes of a piece; in base64 they leave room for the rest */
    DEVICE_PARTS_MAX = 4096,
    DEVICE_DOCUMENT_MAX = 6144, /* that an activation's answer may carry: escaped it fits a frame */
    DEVICE_TRANSPORT = 32,
    DEVICE_CODE_MAX = 17, /* of an activation; with its NUL */
    DEVICE_NONCE = 16,
    DEVICE_MAC = 16,
    DEVICE_DIGEST = 32,                   /* SHA-256 of a whole bundle */
    DEVICE_BACKUP_MAX = 16 * 1024 * 1024, /* bytes of one: some years of a busy shop */
    DEVICE_BACKUPS = 8,                   /* of a terminal number that can be asked for */
};

enum device_ask {
    DEVICE_NO_ASK,
    DEVICE_HELLO,
    DEVICE_RECOVER,
    DEVICE_RECOVER_END,
    DEVICE_EVENT,
    DEVICE_PAIR,
    DEVICE_PAIR_END,
    DEVICE_APPROVE,
    DEVICE_PLACE,      /* which network it is on and, when a driver says, where */
    DEVICE_DONE,       /* how far a command has come */
    DEVICE_LAST_WORDS, /* of a device that was tampered with; it may come without a certificate */
    DEVICE_STATE,      /* how it is: when that changes, and as a beat (DEVICE_BEAT_MS) */
    DEVICE_PART,       /* a piece of something that was collected here */
    DEVICE_ACTIVATE,   /* of one that has only its factory's key: it comes without a certificate */
    DEVICE_RENEW,      /* another certificate for the same key; it may come without a certificate */
    DEVICE_INSTALLED,  /* which software runs, which waits, which was refused and why */
    /* Backups of the device (S167), sealed: the office keeps what it cannot open. */
    DEVICE_BACKUP, /* one is there; the answer's part is the next that is missing, none: kept */
    DEVICE_BACKUP_PART,  /* a piece of it; answered in the same manner */
    DEVICE_BACKUP_FIND,  /* the newest but `part - 1` of this terminal number */
    DEVICE_BACKUP_FETCH, /* a piece of it back */
    DEVICE_APPLIED,      /* how far a document of parameters has come, by its number */
    DEVICE_RESTORE_ASK,  /* a backup is to be opened for its vault (S124); bytes: it was */
    DEVICE_GOODS_FETCH,  /* a piece of the price list that its parameters name (S125) */
    DEVICE_ASKS
};

enum device_tell {
    DEVICE_NO_TELL, /* of something read: it is the answer to a question */
    DEVICE_GRANT_TOLD,
    DEVICE_REFUSED_TOLD,
    DEVICE_POLICY_TOLD,
    DEVICE_PAIR_KEY_TOLD,
    DEVICE_APPROVAL_TOLD,
    DEVICE_REISSUE_TOLD,    /* a lost sheet is printed anew: for the vault, and for no person */
    DEVICE_DIAGNOSE_TOLD,   /* customer service asks for diagnostics: a person says yes or no */
    DEVICE_COMMAND_TOLD,    /* told on every connection until its end is known; numbers only grow */
    DEVICE_UPDATE_TOLD,     /* which software it is to have, signed, and when it may start it */
    DEVICE_PARAMETERS_TOLD, /* what is set from afar (device_parameters.h), with the hsm's word */
    DEVICE_HOUSE_TOLD,      /* what of the host does not work; told again when that changes */
    DEVICE_RESTORE_TOLD,    /* its question was decided: it asks again */
    DEVICE_TELLS
};

/* What a command wants of the terminal (S45). */
enum device_command {
    DEVICE_NO_COMMAND,
    DEVICE_MESSAGE, /* `text` on the screen until somebody dismisses it */
    DEVICE_LOCK,    /* nothing but `text` on the screen, over every restart */
    DEVICE_UNLOCK,
    DEVICE_RING,
    DEVICE_RESTART,
    DEVICE_LOGS,      /* what happened at the device, in parts */
    DEVICE_SNAPSHOT,  /* what its screen says, without what somebody types, in parts */
    DEVICE_PASSWORDS, /* operator `text`, or all: another password at the next log-in (S121) */
    DEVICE_WIPE,      /* what is unsent is sent if it can be, then every key is erased (S117) */
    DEVICE_LOSE,      /* it locks itself when it does not hear of the host for DEVICE_LOST_DAYS */
    DEVICE_COMMANDS
};

enum { DEVICE_LOST_DAYS = 3 };

/* The text of a wipe at the end of a contract (S142): the batch is settled before. */
#define DEVICE_WIPE_SETTLES "settle"

/* What a terminal says of a command. */
enum device_progress {
    DEVICE_NO_PROGRESS,
    DEVICE_ACKNOWLEDGED, /* it is in its store */
    DEVICE_VERIFIED,     /* it is so: read, locked, opened, rung */
    DEVICE_DENIED,       /* it is not taken: `reason` */
    DEVICE_PROGRESSES
};

/* By what a person shows that a parcel was his. */
enum device_proof_way {
    DEVICE_NO_PROOF,
    DEVICE_BY_CODE, /* of the SMS */
    DEVICE_BY_TAIL, /* the last six of the identity number or social credit code, with the label */
    DEVICE_PROOF_WAYS
};

/* Which of the two questions of an activation. */
enum device_activation_step {
    DEVICE_NO_STEP,
    DEVICE_STEP_SHOW, /* to whom will it be bound? The answer's document: the five elements */
    DEVICE_STEP_BIND, /* bind it: the document is what its vault takes */
    DEVICE_STEPS
};

enum { DEVICE_LINKS = 4 }; /* kinds of network, in the order of terminal/network.h */

/* How it prints. */
enum device_paper {
    DEVICE_PAPER_OK,
    DEVICE_PAPER_LOW,
    DEVICE_PAPER_OUT,
    DEVICE_PRINTER_FAULT,
    DEVICE_PAPERS
};

/* Whether anybody can use it. */
enum device_hold { DEVICE_FREE, DEVICE_LOCKED, DEVICE_LOST, DEVICE_HOLDS };

/* What of the host does not work: a calm line on the screen (S189). */
enum device_house {
    DEVICE_HOUSE_OK,
    DEVICE_HOUSE_SLOW,    /* payments work in part */
    DEVICE_HOUSE_DOWN,    /* payments do not work */
    DEVICE_HOUSE_CARDS,   /* the card network does not */
    DEVICE_HOUSE_WALLETS, /* wallets do not */
    DEVICE_HOUSES
};

/* What is known of the software that runs. */
enum device_software { DEVICE_TRYING, DEVICE_HEALTHY, DEVICE_SOFTWARES };

/* A state is told at least this often, and not more often than that: a device that misses some
 * beats is not there. */
enum { DEVICE_BEAT_MS = 5 * 60 * 1000, DEVICE_STATE_GAP_MS = 10 * 1000 };

/* What an answer's "status" says. A word that nobody knows is read as a refusal. */
enum device_status {
    DEVICE_OK,
    DEVICE_SENT,       /* a code, to `contact` */
    DEVICE_TICKET,     /* customer service has it: `ticket` */
    DEVICE_ASKED,      /* the phone has been asked */
    DEVICE_LIMIT,      /* again in `seconds` */
    DEVICE_NO_CONTACT, /* nothing is registered to send to */
    DEVICE_REFUSED,
    DEVICE_STATUSES
};

/* Members that a row may leave out; read: those that were there, to write: those that go in. */
enum device_option {
    DEVICE_HAS_NUMBER = 1 << 0, /* of an event, and its time */
    DEVICE_HAS_TOKEN = 1 << 1,  /* of the end of a pairing, and the pair */
    DEVICE_HAS_CONTACT = 1 << 2,
    DEVICE_HAS_TICKET = 1 << 3,
    DEVICE_HAS_SECONDS = 1 << 4,
    DEVICE_HAS_URL = 1 << 5,
    DEVICE_HAS_ANCHOR = 1 << 6,
    DEVICE_HAS_POLICY = 1 << 7,
    DEVICE_HAS_POSITION = 1 << 8, /* degrees, and how exact they are */
    DEVICE_HAS_REASON = 1 << 9,   /* of a refusal */
    DEVICE_HAS_RENEWED = 1 << 10, /* `policy` is a certificate */
    DEVICE_HAS_KEPT = 1 << 11,    /* a backup that was found */
    DEVICE_HAS_PART = 1 << 12,    /* the next that is missing */
    DEVICE_HAS_BYTES = 1 << 13,   /* of a piece that was asked for */
};

/* Anything that travels. What its row has not is zero when read, and ignored when written. */
struct device_message {
    enum device_ask ask; /* of a question */
    enum device_tell tell;
    unsigned has; /* of enum device_option */
    int64_t id;
    enum device_status status;
    char serial[DEVICE_SERIAL_MAX + 1], model[DEVICE_MODEL_MAX + 1];
    char version[DEVICE_VERSION_MAX + 1];
    int64_t policy_version, first_login_ms;
    uint8_t anchor[DEVICE_ANCHOR]; /* a hello's "epoch", its answer's "anchor" */
    char kind[DEVICE_KIND_MAX], operator_id[3], detail[DEVICE_DETAIL_MAX];
    int64_t number, at_ms;
    uint8_t way; /* enum vault_way, enum recovery_way */
    size_t challenge_len;
    uint8_t challenge[DEVICE_CHALLENGE_MAX]; /* of a token, too */
    uint8_t grant[DEVICE_GRANT];
    char reason[DEVICE_REASON_MAX];
    uint8_t phone_key[DEVICE_PHONE_KEY], signature[DEVICE_SIGNATURE];
    char label[DEVICE_PHONE_LABEL];
    int64_t pair; /* of a phone that has been paired; 0: none was */
    char contact[DEVICE_CONTACT_MAX], ticket[DEVICE_TICKET_MAX], url[DEVICE_URL_MAX];
    int64_t seconds;
    uint8_t link; /* unknown, ethernet, wifi, mobile */
    char network[DEVICE_NETWORK_MAX];
    int64_t latitude_e6, longitude_e6; /* millionths of a degree, WGS 84 */
    int64_t accuracy_m;
    uint8_t command, progress;
    char text[DEVICE_TEXT_MAX];
    char terminal[DEVICE_TERMINAL], words[DEVICE_WORDS_MAX]; /* see lib/auth/last_words.h */
    uint8_t nonce[DEVICE_NONCE], mac[DEVICE_MAC];            /* of a command: by the hsm */
    int64_t battery;                                         /* per cent */
    uint8_t paper, hold;                                     /* enums above */
    int64_t signed_in;                                       /* 1: payments can be made; 0 */
    int64_t unsent;                /* payments that the host has not acknowledged */
    int64_t last_payment_ms;       /* 0: none yet */
    int64_t parameters;            /* the version of its parameters; 0: none */
    int64_t part, parts;           /* of a piece: 1 .. parts; its bytes are `policy`, in base64 */
    uint8_t digest[DEVICE_DIGEST]; /* of a backup, and its bytes */
    int64_t size;
    uint8_t transport[DEVICE_TRANSPORT]; /* see lib/auth/factory.h; words: its signature */
    uint8_t proof_way, step;
    char code[DEVICE_CODE_MAX];
    /* Of software, `number` is what runs, and `text` why something was refused, or the hours in
     * which it may start anew: "02:00-05:00", or nothing. */
    int64_t waiting, refused; /* versions; 0: none */
    uint8_t software;
    uint8_t house; /* enum device_house */
    /* Signed text; of last words the certificate; of an activation the certificate request, or in
     * its answer the document; of a renewal the certificate and the request one after the other, or
     * the new certificate; a piece. Read: a view that ends with the document. */
    struct bytes policy;
};

/* How something that came is refused. */
enum device_verdict {
    DEVICE_UNDERSTOOD,
    DEVICE_MALFORMED, /* not one JSON object, or without what says which message it is */
    DEVICE_UNKNOWN,   /* a question or a tell that is in no row */
    DEVICE_MEMBER,    /* a member is missing, too many, or not as its row says */
    DEVICE_EARLY,     /* a question before hello has been answered */
    DEVICE_UNASKED,   /* an answer to nothing */
    DEVICE_VERDICTS
};

/* "malformed", "unknown", ...: for an audit record and a log. */
const char *device_verdict_text(enum device_verdict verdict);
const char *device_ask_name(enum device_ask ask);
const char *device_command_name(enum device_command command);
const char *device_proof_name(enum device_proof_way way);
const char *device_step_name(enum device_activation_step step);
/* DEVICE_NO_COMMAND when it is none. */
enum device_command device_command_named(struct bytes name);
const char *device_link_name(unsigned link);
const char *device_paper_name(unsigned paper);
const char *device_hold_name(unsigned hold);

/* What a message needs of the way it travels. */
bool device_ask_is_personal(enum device_ask ask); /* not over a network that nobody trusts (S170) */
bool device_tell_is_personal(enum device_tell tell);

/* ENSUREs that the message can be written: `ask` or `tell` is one, every text ends. */
void device_write_ask(struct writer *w, const struct device_message *m);
void device_write_answer(struct writer *w, const struct device_message *m); /* to m->ask */
void device_write_tell(struct writer *w, const struct device_message *m);

/*
 * The host's reading of a question (`greeted`: hello has been answered), and the terminal's of an
 * answer to `asked` (DEVICE_NO_ASK: nothing was) or of a tell. `document` (of json.h) holds what
 * the views see, and is freed by the caller. `out` is touched only when it is understood.
 */
MUST_USE enum device_verdict device_read_ask(struct bytes frame, bool greeted,
                                             struct json_document *document,
                                             struct device_message *out);
MUST_USE enum device_verdict device_read_heard(struct bytes frame, enum device_ask asked,
                                               struct json_document *document,
                                               struct device_message *out);
