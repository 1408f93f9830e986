/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * egress: one request to an address that somebody else has typed in (HS-15). Nothing of our own
 * network can be reached by it:
 *
 *   before any socket   the URL is https, port 443, a public name in plain letters, spelled in the
 *                       one way that every parser reads alike
 *   before a connect    the name is resolved once, and every address that it has is public
 *   at the connect      to one of these very addresses, whatever the name resolves to by then
 *   after it            certificate and name are checked; no redirects, no proxy, 5 s, 1 MB
 *
 * Call it in a process of its own (tongbao-egress): it waits, and libcurl parses what a stranger
 * answers. What that says is dropped: its status is all that is learned of it.
 *
 * `loopback` is for the demo and tests and says so where it is switched on: http and https to
 * "localhost", "127.0.0.1" and "[::1]", at any port, besides.
 */

#include "lib/base/bytes.h"

enum {
    EGRESS_URL_MAX = 512,
    EGRESS_HOST_MAX = 253, /* RFC 1035 2.3.4 */
    EGRESS_ADDRESSES_MAX = 16,
    EGRESS_HEADERS_MAX = 8,
    EGRESS_BODY_MAX = 64 * 1024,
    EGRESS_ANSWER_MAX = 1024 * 1024,
    EGRESS_TIMEOUT_MS = 5000,
};

/* name, word, what is wrong and what to do in Chinese and in English */
#define EGRESS_FAULT_LIST(X)                                                                       \
    X(NONE, "ok", "可用", "it can be used")                                                        \
    X(LENGTH, "length", "网址过长：请缩短到512个字符以内",                                         \
      "the address is longer than 512 "                                                            \
      "characters: use a shorter one")                                                             \
    X(SCHEME, "scheme", "网址须以小写 https:// 开头",                                              \
      "the address must begin with https:// in "                                                   \
      "small letters")                                                                             \
    X(CHARACTER, "character", "网址含有不允许的字符：请只用英文字母、数字和常用符号",              \
      "the address has a character that it may not have: use plain letters, digits and signs")     \
    X(USER, "user", "网址不可包含用户名、密码或 @",                                                \
      "the address may have no user name, no "                                                     \
      "password and no @")                                                                         \
    X(PORT, "port", "只能使用443端口：请删去端口号",                                               \
      "only port 443 can be used: leave the port "                                                 \
      "out")                                                                                       \
    X(ADDRESS, "address", "请填写域名，不可填写IP地址", "write a name, not a numeric address")     \
    X(NAME, "name", "域名写法不正确：请用小写字母、数字、连字符，并写全域名",                      \
      "the name is not a whole public name in small letters, digits and hyphens")                  \
    X(FOREIGN, "foreign", "不接受国际化域名：请使用普通英文域名",                                  \
      "names in other alphabets are not taken: use one in plain letters")                          \
    X(LOCAL, "local", "该域名属于内部网络：请使用公网域名",                                        \
      "this name is of an internal network: use a public one")                                     \
    X(PATH, "path", "路径写法不正确：不可包含 .. 或错误的 % 转义",                                 \
      "the path may have no dots as a segment and no broken % escapes")                            \
    X(UNKNOWN, "unknown", "找不到该域名：请检查拼写", "the name is not found: check its spelling") \
    X(INTERNAL, "internal", "该域名指向非公网地址，已拒绝",                                        \
      "the name leads to an address that is not public: refused")

enum egress_fault {
#define X(name, word, zh, en) EGRESS_##name,
    EGRESS_FAULT_LIST(X)
#undef X
        EGRESS_FAULTS
};

const char *egress_fault_word(enum egress_fault fault);
const char *egress_fault_text(enum egress_fault fault, bool english);
/* EGRESS_FAULTS for a word that is none. */
enum egress_fault egress_fault_of(struct bytes word);

/* ---- pure ---- */

struct egress_url {
    char host[EGRESS_HOST_MAX + 1]; /* without brackets */
    unsigned port;
    bool loopback; /* this machine, as it was allowed to be */
};

/* Everything that can be said of a URL without a socket. `ret_url` may be NULL. */
enum egress_fault egress_check_url(const char *url, bool loopback, struct egress_url *ret_url);

struct egress_address {
    uint8_t at[16];
    size_t len; /* 4 or 16 */
};

/* Is it one that the whole world can reach? Says no to what could lead back to us: private, local,
 * shared and reserved ranges, and addresses with another one inside (mapped, NAT64, 6to4, Teredo,
 * ISATAP). After the special-purpose registries of IANA, and services of clouds. */
bool egress_address_public(const struct egress_address *address);
bool egress_address_loopback(const struct egress_address *address);

/* ---- the call ---- */

struct egress_resolver {
    void *context;
    /* All addresses of a name, at most `max`. NOT_FOUND; FULL: it has more. */
    err (*resolve)(void *context, const char *host, struct egress_address *out, size_t max,
                   size_t *ret_count);
};
struct egress_resolver egress_system_resolver(void);

struct egress_header {
    const char *name, *value;
};

struct egress_request {
    const char *url;
    bool loopback;
    const struct egress_header *headers; /* at most EGRESS_HEADERS_MAX */
    size_t header_count;
    struct bytes body;   /* at most EGRESS_BODY_MAX */
    unsigned timeout_ms; /* 1 to EGRESS_TIMEOUT_MS */
    const char *ca_file; /* PEM; NULL: the system's */
    struct egress_resolver resolver;
    /* For tests: hears of each socket before it is opened; false forbids it. NULL: none hears. */
    bool (*opening)(void *context, const struct egress_address *address);
    void *context;
};

struct egress_answer {
    enum egress_fault fault; /* not NONE: nothing was sent */
    err reason;              /* OK: there is a status */
    int status;
    int64_t retry_after_s; /* what it asked for; 0: nothing */
};

/* POSTs and waits. Errors: FORMAT (a header with a line break), LENGTH, NO_MEMORY. */
MUST_USE err egress_post(const struct egress_request *request, struct egress_answer *ret_answer);
