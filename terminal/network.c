/* SPDX-License-Identifier: Apache-2.0 */
/* The network guard as a table: the first row that fits is the verdict. */
#include "terminal/network.h"

#include "lib/wire/json.h"

enum { ANY = -1 };

struct rule {
    int kind, security, captive;
    enum network_verdict verdict;
};

/* clang-format off */
static const struct rule rules[] = {
    /* a page in between reads and changes what is not in the tunnel, whatever the network is */
    {ANY,              ANY,                  NETWORK_CAPTIVE_YES, NETWORK_VERDICT_CAPTIVE},
    {NETWORK_ETHERNET, ANY,                  ANY,                 NETWORK_VERDICT_TRUSTED},
    {NETWORK_MOBILE,   ANY,                  ANY,                 NETWORK_VERDICT_TRUSTED},
    {NETWORK_WIFI,     NETWORK_OPEN,         ANY,                 NETWORK_VERDICT_OPEN},
    {NETWORK_WIFI,     NETWORK_WEP,          ANY,                 NETWORK_VERDICT_WEP},
    {NETWORK_WIFI,     NETWORK_WPA2,         ANY,                 NETWORK_VERDICT_TRUSTED},
    {NETWORK_WIFI,     NETWORK_WPA3,         ANY,                 NETWORK_VERDICT_TRUSTED},
};
/* clang-format on */

static bool fits(int wanted, int is)
{
    return wanted == ANY || wanted == is;
}

enum network_verdict network_judge(const struct network_facts *facts)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (fits(rules[i].kind, facts->kind) && fits(rules[i].security, facts->security) &&
            fits(rules[i].captive, facts->captive))
            return rules[i].verdict;
    return NETWORK_VERDICT_UNKNOWN;
}

static const char *const kinds[] = {"unknown", "ethernet", "wifi", "mobile", NULL};
static const char *const securities[] = {"unknown", "open", "wep", "wpa2", "wpa3", NULL};
static const char *const captives[] = {"unknown", "no", "yes", NULL};
static const char *const links[] = {"up", "down", NULL};

/* The place of a member's word in `words`. */
static err word(const struct json_t *object, const char *name, const char *const *words,
                unsigned *ret_at)
{
    struct bytes text;
    TRY(json_text(object, name, NETWORK_NAME_MAX, &text));
    for (unsigned at = 0; words[at] != NULL; at++) {
        if (!bytes_equal(text, bytes_text(words[at]))) continue;
        *ret_at = at;
        return OK;
    }
    return ERR(FORMAT);
}

err network_parse(struct bytes text, struct network_facts *out)
{
    static const char *const names[] = {"kind", "security", "captive", "name", "link", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct network_facts facts = {0};
    unsigned kind, security, captive, link = 0;
    TRY(json_parse(text, NETWORK_TEXT_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(word(document.root, "kind", kinds, &kind));
    TRY(word(document.root, "security", securities, &security));
    TRY(word(document.root, "captive", captives, &captive));
    if (json_has(document.root, "name"))
        TRY(json_text_copy(document.root, "name", facts.name, sizeof facts.name));
    if (json_has(document.root, "link")) TRY(word(document.root, "link", links, &link));
    facts.down = link == 1;
    facts.kind = (enum network_kind)kind;
    facts.security = (enum network_security)security;
    facts.captive = (enum network_captive)captive;
    *out = facts;
    return OK;
}

err network_place_parse(struct bytes text, struct network_place *out)
{
    static const char *const names[] = {"latitude_e6", "longitude_e6", "accuracy_m", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct network_place place = {.known = true};
    TRY(json_parse(text, NETWORK_TEXT_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(json_int(document.root, "latitude_e6", -90000000, 90000000, &place.latitude_e6));
    TRY(json_int(document.root, "longitude_e6", -180000000, 180000000, &place.longitude_e6));
    TRY(json_int(document.root, "accuracy_m", 0, 100000, &place.accuracy_m));
    *out = place;
    return OK;
}
