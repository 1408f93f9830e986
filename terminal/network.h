/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * network: what kind of network the device is on, in words, and what may go over it (S169, S170).
 *
 * Facts come from a driver (terminal_on_network); this is the table that judges them. On a network
 * that is not trusted passwords are verified here and nowhere else, nothing of a recovery leaves
 * the device or is taken from outside, and payments go on: they never leave the pinned tunnel
 * anyhow. A driver that says nothing is on an unknown network, and unknown is not trusted.
 */

#include "lib/base/bytes.h"

enum network_kind { NETWORK_UNKNOWN, NETWORK_ETHERNET, NETWORK_WIFI, NETWORK_MOBILE };

enum network_security {
    NETWORK_SECURITY_UNKNOWN,
    NETWORK_OPEN,
    NETWORK_WEP,
    NETWORK_WPA2,
    NETWORK_WPA3
};

/* Does a page stand between the device and the network, as in hotels? */
enum network_captive { NETWORK_CAPTIVE_UNKNOWN, NETWORK_CAPTIVE_NO, NETWORK_CAPTIVE_YES };

enum {
    NETWORK_NAME_MAX = 32,  /* bytes of an SSID (IEEE 802.11) */
    NETWORK_TEXT_MAX = 256, /* of facts as text */
};

struct network_facts {
    enum network_kind kind;
    enum network_security security;
    enum network_captive captive;
    bool down;                       /* there is no link: a cable pulled, no signal */
    char name[NETWORK_NAME_MAX + 1]; /* UTF-8; empty when there is none */
};

/* Where it is, by a positioning driver: millionths of a degree (WGS 84). */
struct network_place {
    bool known;
    int64_t latitude_e6, longitude_e6, accuracy_m;
};

enum network_verdict {
    NETWORK_VERDICT_UNKNOWN, /* nobody can tell what it is */
    NETWORK_VERDICT_TRUSTED,
    NETWORK_VERDICT_OPEN,
    NETWORK_VERDICT_WEP,
    NETWORK_VERDICT_CAPTIVE,
    NETWORK_VERDICTS
};

enum network_verdict network_judge(const struct network_facts *facts);

/*
 * {"kind":"wifi","security":"open","captive":"no","name":"Cafe","link":"up"}; kind is ethernet,
 * wifi, mobile or unknown; security open, wep, wpa2, wpa3 or unknown; captive yes, no or unknown;
 * link up or down. Name and link may be absent. Errors: those of json.h; FORMAT for a word that is
 * none of these.
 */
MUST_USE err network_parse(struct bytes text, struct network_facts *out);

/* {"latitude_e6":31230416,"longitude_e6":121473701,"accuracy_m":20}. Errors: those of json.h. */
MUST_USE err network_place_parse(struct bytes text, struct network_place *out);
