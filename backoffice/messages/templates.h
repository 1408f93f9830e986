/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * templates: every text that the host ever sends to a person, in Chinese and English, as a table.
 *
 * A template names its fields, and a message has exactly those: one that is missing, one too many,
 * or one that has not the form of its kind is refused. Values are put in once and never looked
 * at again for further fields. A field of free text cannot carry a link: a shop that calls itself
 * "https://..." sends nobody anywhere in our name.
 *
 * At most one field of a template is a secret (a code or a link). Passwords are never sent (G5).
 */

#include "lib/base/writer.h"

enum {
    TEMPLATE_FIELDS_MAX = 6,
    TEMPLATE_VALUE_MAX = 80,    /* bytes of a field of text */
    TEMPLATE_LINK_MAX = 400,    /* an origin, a path and 256 bits of token */
    TEMPLATE_SUBJECT_MAX = 160, /* bytes */
    TEMPLATE_TEXT_MAX = 2048,   /* bytes of a mail; an SMS has SMS_TEXT_MAX */
};

enum channel { CHANNEL_SMS = 1, CHANNEL_MAIL = 2, CHANNELS = 3 };  /* on disk */
enum language { LANGUAGE_ZH = 1, LANGUAGE_EN = 2, LANGUAGES = 3 }; /* on disk */

/* On disk: numbers are added and never used again. */
enum template_number {
    TEMPLATE_RECOVERY_CODE = 1, /* terminal operator minutes code */
    TEMPLATE_RECOVERY_LINK,     /* terminal operator minutes link */
    TEMPLATE_FIRST_CODE,        /* terminal operator role minutes code: the first password */
    TEMPLATE_FIRST_LINK,        /* terminal operator role minutes link */
    TEMPLATE_ACCOUNT_LINK,      /* minutes link: a console account */
    TEMPLATE_PASSWORD_CHANGED,  /* terminal operator at */
    TEMPLATE_ACCOUNT_CHANGED,   /* account at */
    TEMPLATE_FIRST_LOGIN,       /* terminal operator at */
    TEMPLATE_NEW_LOGIN,         /* account device at */
    TEMPLATE_OPERATOR_LOCKED,   /* terminal operator at */
    TEMPLATE_OPERATOR_CHANGED,  /* terminal operator at */
    TEMPLATE_RECOVERED,         /* terminal operator at */
    TEMPLATE_ROLLBACK,          /* terminal at */
    TEMPLATE_DURESS,            /* terminal operator at: to the security desk, never to the shop */
    TEMPLATE_TICKET_OPENED,     /* ticket terminal operator at */
    TEMPLATE_TICKET_APPROVED,   /* ticket terminal operator at */
    TEMPLATE_PAYOUT_COOLING,    /* terminal until */
    TEMPLATE_REVIEW,            /* terminal operator days */
    TEMPLATE_CERTIFICATE,       /* what days */
    TEMPLATE_ACCOUNT_TICKET,    /* ticket account at: the desk was asked about a console account */
    TEMPLATE_ACCOUNT_RESET,     /* ticket account at: and has reset it */
    TEMPLATE_PAYOUT_ASKED,      /* ending at: another payout account is asked for */
    TEMPLATE_PAYOUT_TAKEN,      /* ending at: it holds from now on */
    TEMPLATE_PAYOUT_ENDED,      /* ending at: it was rejected, withdrawn or forgotten */
    TEMPLATE_PAYOUT_REFUSED,    /* ending until: it may not be asked for before then */
    TEMPLATE_REISSUED,          /* terminal operator at: another sheet, the old one is dead */
    TEMPLATE_ALERT,             /* what object at: the alert centre has one for this person */
    TEMPLATE_ALERTS,            /* count what at: several of them, the gravest named */
    TEMPLATE_APPLICATION_CODE,  /* number minutes code: an applicant's telephone */
    TEMPLATE_APPLICATION_SIGN,  /* number minutes code: signs the agreement */
    TEMPLATE_APPLICATION_NEWS,  /* number state next: how far an application is */
    TEMPLATE_ACTIVATION,        /* serial days code: of a terminal that is on its way */
    TEMPLATE_PARCEL_QUIET,      /* serial label days: a parcel that does not move */
    TEMPLATE_ALERT_TRIAL,       /* at: somebody tries whether alerts reach this person */
    TEMPLATES,
};

enum field_kind {
    FIELD_TEXT = 1, /* 1 to TEMPLATE_VALUE_MAX bytes of UTF-8 without controls, "://" and "www." */
    FIELD_NUMBER,   /* 1 to 6 digits */
    FIELD_CODE,     /* 6 to 11 digits: a secret */
    FIELD_LINK,     /* https://, or http:// to this machine: a secret */
};

struct template_field_type {
    const char *name;
    enum field_kind kind;
};

/* Texts by language; NULL when the template has none for the channel. */
struct template
{
    const char *name; /* "recovery_code": in audit logs */
    bool notice;      /* of something that has happened; otherwise somebody has asked for it */
    struct template_field_type field[TEMPLATE_FIELDS_MAX]; /* a NULL name ends them */
    const char *sms[LANGUAGES], *subject[LANGUAGES], *mail[LANGUAGES];
};

/* NULL when there is no such template. Lives for ever. */
const struct template *template_of(enum template_number number);

struct template_field {
    const char *name;
    struct bytes value;
};

/*
 * Errors: UNSUPPORTED (no such template, or none for this channel), MISSING (a field), FIELD (one
 * that the template does not have, or one twice), FORMAT and LENGTH (a value). Nothing is written
 * on failure. `subject` is left empty for an SMS.
 */
MUST_USE err template_render(enum template_number number, enum channel channel,
                             enum language language, const struct template_field *fields,
                             size_t count, struct writer *subject, struct writer *text);

/* The template's secret field, or NULL. */
const struct template_field_type *template_secret(const struct template *template);

/* How many SMS a text is charged as: 70 UTF-16 units, or 67 in each of several; 160 and 153 when it
 * is ASCII. */
unsigned template_segments(struct bytes text);

/* A moment as people here write it: "2026-11-24 18:03", in the time of China. */
enum { TEMPLATE_MOMENT_LEN = 16 };
void template_moment(int64_t at_ms, char out[TEMPLATE_MOMENT_LEN + 1]);
