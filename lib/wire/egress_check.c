/* SPDX-License-Identifier: Apache-2.0 */
/* What a URL and an address of somebody else must be; no socket here. */
#include "lib/wire/egress.h"

static const struct {
    const char *word, *zh, *en;
} faults[EGRESS_FAULTS] = {
#define X(name, word, zh, en) {word, zh, en},
    EGRESS_FAULT_LIST(X)
#undef X
};

const char *egress_fault_word(enum egress_fault fault)
{
    ENSURE(fault < EGRESS_FAULTS);
    return faults[fault].word;
}

const char *egress_fault_text(enum egress_fault fault, bool english)
{
    ENSURE(fault < EGRESS_FAULTS);
    return english ? faults[fault].en : faults[fault].zh;
}

enum egress_fault egress_fault_of(struct bytes word)
{
    unsigned i = 0;
    while (i < EGRESS_FAULTS && !bytes_equal(word, bytes_text(faults[i].word))) i++;
    return (enum egress_fault)i;
}

/* ---- URLs ---- */

static bool is_small(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Of RFC 3986 what can stand behind the host, without '@', and without what parsers differ on. */
static bool is_sign(uint8_t c)
{
    return c != '\0' && strchr("-._~!$&'()*+,;=:/?%", c) != NULL;
}

static bool ends_with(struct bytes host, const char *end)
{
    size_t len = strlen(end);
    return host.len >= len && memcmp(host.at + host.len - len, end, len) == 0;
}

/* Names that no public server has: RFC 6761, 6762, 7686, 8375, 9476, and habits of networks. */
static bool is_local(struct bytes host)
{
    static const char *const ends[] = {
        ".localhost", ".local",    ".internal", ".localdomain", ".home",   ".lan",
        ".corp",      ".intranet", ".private",  ".arpa",        ".onion",  ".alt",
        ".test",      ".invalid",  ".domain",   ".workgroup",   ".host",   ".svc",
        ".cluster",   ".consul",   ".mshome",   ".docker",      ".belkin", ".priv",
    };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (ends_with(host, ends[i])) return true;
    return false;
}

static enum egress_fault check_label(struct bytes label)
{
    if (label.len == 0 || label.len > 63) return EGRESS_NAME;
    if (label.at[0] == '-' || label.at[label.len - 1] == '-') return EGRESS_NAME;
    for (size_t i = 0; i < label.len; i++)
        if (!is_small(label.at[i]) && !is_digit(label.at[i]) && label.at[i] != '-')
            return EGRESS_NAME;
    /* "xn--" hides other alphabets; nothing else has this form (RFC 5891 4.2.3.1). */
    if (label.len >= 4 && label.at[2] == '-' && label.at[3] == '-') return EGRESS_FOREIGN;
    return EGRESS_NONE;
}

/* The last label, without a dot that ends the name. */
static struct bytes last_label(struct bytes host)
{
    size_t end = host.len;
    if (end > 0 && host.at[end - 1] == '.') end--;
    size_t start = end;
    while (start > 0 && host.at[start - 1] != '.') start--;
    return bytes_of(host.at + start, end - start);
}

/* In brackets, or with a last label that is a number: some parser reads an address there. */
static bool looks_numeric(struct bytes host)
{
    if (host.len > 0 && host.at[0] == '[') return true;
    struct bytes last = last_label(host);
    if (last.len == 0 || !is_digit(last.at[0])) return false;
    bool hex = last.len >= 2 && (last.at[1] | 0x20) == 'x';
    for (size_t i = hex ? 2 : 0; i < last.len; i++)
        if (hex ? !is_hex(last.at[i]) : !is_digit(last.at[i])) return false;
    return true;
}

static enum egress_fault check_labels(struct bytes host, size_t *ret_count)
{
    size_t start = 0;
    *ret_count = 0;
    for (size_t i = 0; i <= host.len; i++) {
        if (i < host.len && host.at[i] != '.') continue;
        enum egress_fault fault = check_label(bytes_of(host.at + start, i - start));
        if (fault != EGRESS_NONE) return fault;
        (*ret_count)++;
        start = i + 1;
    }
    return EGRESS_NONE;
}

/* Every top-level name is of letters. */
static bool is_top(struct bytes label)
{
    for (size_t i = 0; i < label.len; i++)
        if (!is_small(label.at[i])) return false;
    return label.len >= 2;
}

static enum egress_fault check_host(struct bytes host)
{
    size_t labels;
    if (looks_numeric(host)) return EGRESS_ADDRESS;
    for (size_t i = 0; i < host.len; i++)
        if (host.at[i] >= 0x80) return EGRESS_FOREIGN;
    if (host.len == 0 || host.len > EGRESS_HOST_MAX) return EGRESS_NAME;
    enum egress_fault fault = check_labels(host, &labels);
    if (fault != EGRESS_NONE) return fault;
    if (bytes_equal(host, BYTES("localhost")) || is_local(host)) return EGRESS_LOCAL;
    return labels >= 2 && is_top(last_label(host)) ? EGRESS_NONE : EGRESS_NAME;
}

/* A segment of dots, escaped or not, which some take out of a path and others do not. */
static bool is_dots(struct bytes segment)
{
    size_t dots = 0;
    for (size_t i = 0; i < segment.len; i++) {
        bool escaped = segment.len - i >= 3 && segment.at[i] == '%' && segment.at[i + 1] == '2' &&
                       (segment.at[i + 2] | 0x20) == 'e';
        if (!escaped && segment.at[i] != '.') return false;
        if (escaped) i += 2;
        dots++;
    }
    return dots == 1 || dots == 2;
}

/* Escapes are whole, and of nothing that ends a line or a text. */
static bool escapes_are_right(struct bytes path)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] != '%') continue;
        if (path.len - i < 3 || !is_hex(path.at[i + 1]) || !is_hex(path.at[i + 2])) return false;
        bool control = path.at[i + 1] == '0' || path.at[i + 1] == '1';
        bool delete = path.at[i + 1] == '7' && (path.at[i + 2] | 0x20) == 'f';
        if (control || delete) return false;
    }
    return true;
}

static enum egress_fault check_path(struct bytes path)
{
    size_t start = 1;
    bool in_query = false;
    if (path.len == 0) return EGRESS_NONE;
    if (path.at[0] != '/' || !escapes_are_right(path)) return EGRESS_PATH;
    for (size_t i = 1; i <= path.len && !in_query; i++) {
        bool query = i < path.len && path.at[i] == '?';
        if (i < path.len && path.at[i] != '/' && !query) continue;
        if (is_dots(bytes_of(path.at + start, i - start))) return EGRESS_PATH;
        in_query = query;
        start = i + 1;
    }
    return EGRESS_NONE;
}

/* Letters that every parser takes for what they are. */
static enum egress_fault check_characters(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c == '@') return EGRESS_USER;
        bool letter = is_small(c | 0x20) || is_digit(c);
        if (c < 0x80 && !letter && !is_sign(c) && c != '[' && c != ']') return EGRESS_CHARACTER;
    }
    return EGRESS_NONE;
}

/* "" or ":" and digits at the front of `rest`; how much of it, and the port, 0 for none that is. */
static size_t read_port(struct bytes rest, unsigned standard, unsigned *ret_port)
{
    size_t at = 1;
    *ret_port = standard;
    if (rest.len == 0 || rest.at[0] != ':') return 0;
    for (*ret_port = 0; at < rest.len && is_digit(rest.at[at]) && *ret_port <= 65535; at++)
        *ret_port = *ret_port * 10 + (unsigned)(rest.at[at] - '0');
    if (*ret_port > 65535) *ret_port = 0;
    return at;
}

/* Of the demo: this machine, with any port. */
static bool is_here(struct bytes rest, unsigned standard, struct egress_url *url)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t len = strlen(names[i]), bracket = names[i][0] == '[';
        if (rest.len < len || memcmp(rest.at, names[i], len) != 0) continue;
        struct egress_url found = {.loopback = true};
        size_t at = len + read_port(bytes_of(rest.at + len, rest.len - len), standard, &found.port);
        memcpy(found.host, names[i] + bracket, len - 2 * bracket);
        *url = found;
        return found.port != 0 && check_path(bytes_of(rest.at + at, rest.len - at)) == EGRESS_NONE;
    }
    return false;
}

/* How much of `authority` is its host: up to the port, or with its bracket. */
static size_t host_len(struct bytes authority)
{
    bool bracket = authority.len > 0 && authority.at[0] == '[';
    size_t len = 0;
    while (len < authority.len && authority.at[len] != (bracket ? ']' : ':')) len++;
    return bracket && len < authority.len ? len + 1 : len;
}

static enum egress_fault check_public(struct bytes rest, struct egress_url *url)
{
    size_t end = 0;
    while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?') end++;
    size_t host = host_len(bytes_of(rest.at, end));
    enum egress_fault fault = check_host(bytes_of(rest.at, host));
    if (fault != EGRESS_NONE) return fault;
    struct bytes port = bytes_of(rest.at + host, end - host);
    if (port.len > 0 && !bytes_equal(port, BYTES(":443"))) return EGRESS_PORT;
    *url = (struct egress_url){.port = 443};
    memcpy(url->host, rest.at, host);
    return check_path(bytes_of(rest.at + end, rest.len - end));
}

/* How long the scheme is, 0 for another one; *ret_port is its own. */
static size_t read_scheme(const char *url, bool loopback, unsigned *ret_port)
{
    static const char tls[] = "https://", plain[] = "http://";
    *ret_port = 443;
    if (strncmp(url, tls, sizeof tls - 1) == 0) return sizeof tls - 1;
    *ret_port = 80;
    return loopback && strncmp(url, plain, sizeof plain - 1) == 0 ? sizeof plain - 1 : 0;
}

enum egress_fault egress_check_url(const char *url, bool loopback, struct egress_url *ret_url)
{
    struct egress_url found = {.port = 0};
    unsigned port;
    size_t len = strnlen(url, EGRESS_URL_MAX + 1), head = read_scheme(url, loopback, &port);
    if (len > EGRESS_URL_MAX) return EGRESS_LENGTH;
    if (head == 0) return EGRESS_SCHEME;
    struct bytes rest = bytes_of(url + head, len - head);
    enum egress_fault fault = check_characters(rest);
    if (fault != EGRESS_NONE) return fault;
    if (!loopback || !is_here(rest, port, &found))
        fault = port == 80 ? EGRESS_SCHEME : check_public(rest, &found);
    if (fault == EGRESS_NONE && ret_url != NULL) *ret_url = found;
    return fault;
}

/* ---- addresses ---- */

struct range {
    uint8_t at[16];
    unsigned bits;
};

static bool in_range(const uint8_t *address, const struct range *range)
{
    for (unsigned bit = 0; bit < range->bits; bit += 8) {
        unsigned left = range->bits - bit;
        uint8_t mask = left >= 8 ? 0xff : (uint8_t)(0xff << (8 - left));
        if (((address[bit / 8] ^ range->at[bit / 8]) & mask) != 0) return false;
    }
    return true;
}

static bool in_any(const uint8_t *address, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (in_range(address, &ranges[i])) return true;
    return false;
}

static bool public_v4(const uint8_t *address)
{
    static const struct range closed[] = {
        {{0}, 8},                 /* this network */
        {{10}, 8},                /* private */
        {{100, 64}, 10},          /* shared by a carrier; metadata of a cloud at 100.100.100.200 */
        {{127}, 8},               /* this machine */
        {{168, 63, 129, 16}, 32}, /* the host of a cloud's machines */
        {{169, 254}, 16},         /* the link; metadata of clouds */
        {{172, 16}, 12},          /* private */
        {{192, 0, 0}, 24},        /* protocol assignments */
        {{192, 0, 2}, 24},        /* documentation */
        {{192, 31, 196}, 24},     /* AS112 */
        {{192, 52, 193}, 24},     /* AMT */
        {{192, 88, 99}, 24},      /* relays of 6to4 */
        {{192, 168}, 16},         /* private */
        {{192, 175, 48}, 24},     /* AS112 */
        {{198, 18}, 15},          /* measurements */
        {{198, 51, 100}, 24},     /* documentation */
        {{203, 0, 113}, 24},      /* documentation */
        {{224}, 4},               /* multicast */
        {{240}, 4},               /* reserved, and everybody */
    };
    return !in_any(address, closed, ARRAY_LEN(closed));
}

static bool public_v6(const uint8_t *address)
{
    static const struct range world = {{0x20}, 3},
                              closed[] = {
                                  {{0x20, 0x01}, 23}, /* protocols: Teredo, ORCHID, measurements */
                                  {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
                                  {{0x20, 0x02}, 16}, /* 6to4: an address of version 4 inside */
                                  {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48}, /* AS112 */
                                  {{0x3f, 0xfe}, 16}, /* the 6bone, given back */
                                  {{0x3f, 0xff}, 20}, /* documentation */
                              };
    /* ISATAP (RFC 5214 6.1): the address of version 4 stands in the last half. */
    static const uint8_t isatap[] = {0x00, 0x5e, 0xfe};
    if (!in_range(address, &world)) return false; /* mapped, NAT64, unique local, link, multicast */
    if (memcmp(address + 9, isatap, 3) == 0 && (address[8] & 0xfc) == 0) return false;
    return !in_any(address, closed, ARRAY_LEN(closed));
}

bool egress_address_public(const struct egress_address *address)
{
    ENSURE(address->len == 4 || address->len == 16);
    return address->len == 4 ? public_v4(address->at) : public_v6(address->at);
}

bool egress_address_loopback(const struct egress_address *address)
{
    static const uint8_t four[4] = {127, 0, 0, 1}, six[16] = {[15] = 1};
    ENSURE(address->len == 4 || address->len == 16);
    return memcmp(address->at, address->len == 4 ? four : six, address->len) == 0;
}
