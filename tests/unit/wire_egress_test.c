/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nobody reaches our network by an address that he has typed in (HS-15): hundreds of tricks, a name
 * that resolves to something else the second time, and no socket is opened for any of them.
 */
#include "lib/wire/egress.h"

#include <arpa/inet.h>

#include "tests/unit/egress_tricks.h"
#include "tests/unit/scratch.h"

/* ---- names as a resolver of the worst kind tells them ---- */

struct sockets {
    size_t opened, asked;
    struct egress_address last;
    bool rebound; /* the name has been asked for before */
};

/* No packet leaves the test: what would be connected to is written down. */
static bool forbid(void *context, const struct egress_address *address)
{
    struct sockets *s = context;
    s->opened++;
    s->last = *address;
    return false;
}

static bool parse(const char *text, struct egress_address *ret)
{
    *ret = (struct egress_address){.len = 4};
    if (inet_pton(AF_INET, text, ret->at) == 1) return true;
    ret->len = 16;
    if (inet_pton(AF_INET6, text, ret->at) == 1) return true;
    struct in_addr lax; /* "127.1", "0x7f.1", "2130706433": as the C library reads them */
    ret->len = 4;
    if (inet_aton(text, &lax) == 0) return false;
    memcpy(ret->at, &lax, 4);
    return true;
}

static const struct {
    const char *name, *address[3];
} zone[] = {
    {"mixed.example.com", {"93.184.216.34", "10.0.0.1"}},
    {"mapped.example.com", {"::ffff:127.0.0.1"}},
    {"nat64.example.com", {"64:ff9b::a00:1"}},
    {"sixtofour.example.com", {"2002:7f00:1::"}},
    {"teredo.example.com", {"2001:0:53aa:64c::1"}},
    {"isatap.example.com", {"2606:4700::5efe:10.0.0.1"}},
    {"linklocal.example.com", {"fe80::1"}},
    {"ula.example.com", {"fd00::1"}},
    {"zero.example.com", {"0.0.0.0"}},
    {"multicast.example.com", {"224.0.0.1"}},
    {"broadcast.example.com", {"255.255.255.255"}},
    {"azure.example.com", {"168.63.129.16"}},
    {"alibaba.example.com", {"100.100.100.200"}},
    {"compat.example.com", {"::127.0.0.1"}},
    {"site.example.com", {"fec0::1"}},
    {"doc.example.com", {"203.0.113.5"}},
    {"nothing.example.com", {NULL}},
    {"good.example.com", {"93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"}},
    {"six.example.com", {"2606:2800:220:1:248:1893:25c8:1946"}},
};

/* What it does not know is inside: a wildcard that somebody has pointed at our network. */
static err resolve(void *context, const char *host, struct egress_address *out, size_t max,
                   size_t *ret_count)
{
    struct sockets *s = context;
    *ret_count = 0;
    s->asked++;
    if (strcmp(host, "many.example.com") == 0) return ERR(FULL);
    if (strcmp(host, "rebind.example.com") == 0 || strcmp(host, "later.example.com") == 0) {
        bool first = (host[0] == 'l') != s->rebound;
        s->rebound = host[0] == 'l';
        assert_true(parse(first ? "93.184.216.34" : "127.0.0.1", &out[(*ret_count)++]));
        return OK;
    }
    for (size_t i = 0; i < ARRAY_LEN(zone); i++) {
        if (strcmp(zone[i].name, host) != 0) continue;
        for (size_t k = 0; k < 3 && zone[i].address[k] != NULL && k < max; k++)
            assert_true(parse(zone[i].address[k], &out[(*ret_count)++]));
        return *ret_count == 0 ? ERR(NOT_FOUND) : OK;
    }
    if (!parse(host, out)) assert_true(parse("10.9.8.7", out));
    *ret_count = 1;
    return OK;
}

static struct egress_answer post(const char *url, struct sockets *sockets)
{
    struct egress_answer answer = {.fault = EGRESS_FAULTS};
    const struct egress_request request = {.url = url,
                                           .body = BYTES("{}"),
                                           .timeout_ms = 1000,
                                           .resolver = {sockets, resolve},
                                           .opening = forbid,
                                           .context = sockets};
    assert_ok(egress_post(&request, &answer));
    return answer;
}

static void no_trick_opens_a_socket(void **state)
{
    (void)state;
    size_t by_url = 0, by_address = 0;
    for (size_t i = 0; i < ARRAY_LEN(egress_tricks); i++) {
        struct sockets sockets = {0};
        bool before = egress_check_url(egress_tricks[i], false, NULL) != EGRESS_NONE;
        struct egress_answer answer = post(egress_tricks[i], &sockets);
        if (answer.fault == EGRESS_NONE || sockets.opened != 0)
            fail_msg("%s was let through", egress_tricks[i]);
        if (before) assert_int_equal(sockets.asked, 0); /* not even its name is asked for */
        by_url += before;
        by_address += !before;
    }
    print_message("%zu tricks: %zu by their spelling, %zu by their addresses\n",
                  by_url + by_address, by_url, by_address);
    assert_true(by_url + by_address >= 300 && by_address >= 20);
}

/* Whatever stands inside, the demo's switch opens this machine and nothing else. */
static void the_switch_for_tests_opens_this_machine_alone(void **state)
{
    (void)state;
    static const char *const open[] = {"http://127.0.0.1:8080/x", "http://localhost:1/",
                                       "https://localhost/", "http://[::1]:99/a?b=c",
                                       "https://127.0.0.1:8443"},
                             *const shut[] = {"http://127.0.0.2/",
                                              "http://example.com/",
                                              "http://localhost.example.com/",
                                              "http://localhost@example.com/",
                                              "http://127.0.0.1.nip.io/",
                                              "http://127.0.0.1:0/",
                                              "http://127.0.0.1:65536/",
                                              "http://127.0.0.1:99999999999/",
                                              "http://127.0.0.1:/",
                                              "http://127.1/",
                                              "http://10.0.0.1/",
                                              "http://[::2]/",
                                              "http://localhost:80:80/",
                                              "http://localhost/../x"};
    for (size_t i = 0; i < ARRAY_LEN(open); i++) {
        struct egress_url url;
        assert_int_equal(egress_check_url(open[i], true, &url), EGRESS_NONE);
        assert_true(url.loopback && url.host[0] != '[');
        assert_int_not_equal(egress_check_url(open[i], false, NULL), EGRESS_NONE);
    }
    for (size_t i = 0; i < ARRAY_LEN(shut); i++)
        if (egress_check_url(shut[i], true, NULL) == EGRESS_NONE) fail_msg("%s", shut[i]);
    /* A trick stays one, but for the spelling of this machine itself. */
    size_t here = 0;
    for (size_t i = 0; i < ARRAY_LEN(egress_tricks); i++) {
        struct egress_url url = {.loopback = false};
        enum egress_fault fault = egress_check_url(egress_tricks[i], true, &url);
        here += fault == EGRESS_NONE && url.loopback;
        if (egress_check_url(egress_tricks[i], false, NULL) != EGRESS_NONE)
            assert_true(fault != EGRESS_NONE || url.loopback);
    }
    assert_true(here > 0 && here < 10);
}

static void good_ones_pass_and_are_dialled_as_checked(void **state)
{
    (void)state;
    static const char *const good[] = {
        "https://good.example.com",
        "https://good.example.com/",
        "https://good.example.com:443/hooks/7?token=a%20b&x=.../..",
        "https://good.example.com/a..b/c.d/...",
        "https://good.example.com/~shop/(1);v=2,3!*'$",
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct sockets sockets = {0};
        struct egress_answer answer = post(good[i], &sockets);
        assert_int_equal(answer.fault, EGRESS_NONE);
        assert_err(answer.reason, REFUSED); /* the test forbade it */
        assert_int_equal(sockets.asked, 1);
        assert_int_equal(sockets.opened, 1);
        static const uint8_t first[] = {93, 184, 216, 34};
        assert_memory_equal(sockets.last.at, first, 4);
    }
    struct sockets sockets = {0};
    assert_int_equal(post("https://six.example.com/", &sockets).fault, EGRESS_NONE);
    assert_int_equal(sockets.last.len, 16);
}

/* The name has another address the next time: there is no next time. */
static void a_name_that_changes_its_mind_wins_nothing(void **state)
{
    (void)state;
    struct sockets sockets = {0};
    struct egress_answer answer = post("https://later.example.com/", &sockets);
    assert_int_equal(answer.fault, EGRESS_NONE);
    assert_int_equal(sockets.asked, 1);
    assert_int_equal(sockets.opened, 1);
    assert_int_equal(sockets.last.at[0], 93);
    answer = post("https://later.example.com/", &sockets);
    assert_int_equal(answer.fault, EGRESS_INTERNAL);
    assert_int_equal(sockets.opened, 1);
}

/* ---- addresses ---- */

static void addresses_are_public_or_not(void **state)
{
    (void)state;
    static const char *const closed[] = {"0.0.0.0",
                                         "0.1.2.3",
                                         "0.255.255.255",
                                         "10.0.0.0",
                                         "10.255.255.255",
                                         "100.64.0.0",
                                         "100.100.100.200",
                                         "100.127.255.255",
                                         "127.0.0.1",
                                         "127.255.255.254",
                                         "168.63.129.16",
                                         "169.254.0.1",
                                         "169.254.169.254",
                                         "172.16.0.1",
                                         "172.31.255.255",
                                         "192.0.0.1",
                                         "192.0.0.192",
                                         "192.0.2.1",
                                         "192.31.196.1",
                                         "192.52.193.1",
                                         "192.88.99.1",
                                         "192.168.0.1",
                                         "192.168.255.255",
                                         "192.175.48.1",
                                         "198.18.0.1",
                                         "198.19.255.255",
                                         "198.51.100.7",
                                         "203.0.113.9",
                                         "224.0.0.1",
                                         "239.255.255.255",
                                         "240.0.0.1",
                                         "255.255.255.255",
                                         "::",
                                         "::1",
                                         "::127.0.0.1",
                                         "::8.8.8.8",
                                         "::ffff:127.0.0.1",
                                         "::ffff:8.8.8.8",
                                         "::ffff:0:127.0.0.1",
                                         "64:ff9b::7f00:1",
                                         "64:ff9b::808:808",
                                         "64:ff9b:1::1",
                                         "100::1",
                                         "2001::1",
                                         "2001:0:4136:e378::1",
                                         "2001:1::1",
                                         "2001:2::1",
                                         "2001:10::1",
                                         "2001:20::1",
                                         "2001:1ff:ffff::1",
                                         "2001:db8::1",
                                         "2002::1",
                                         "2002:808:808::1",
                                         "2620:4f:8000::1",
                                         "3ffe::1",
                                         "3fff::1",
                                         "3fff:fff::1",
                                         "4000::1",
                                         "5f00::1",
                                         "8000::1",
                                         "fc00::1",
                                         "fdff::1",
                                         "fe80::1",
                                         "febf::1",
                                         "fec0::1",
                                         "ff02::1",
                                         "ff0e::1",
                                         "2606:4700::5efe:a00:1",
                                         "2606:4700::200:5efe:a00:1",
                                         "2606:4700::300:5efe:a00:1"};
    static const char *const open[] = {"1.1.1.1",
                                       "8.8.8.8",
                                       "9.255.255.255",
                                       "11.0.0.0",
                                       "100.63.255.255",
                                       "100.128.0.0",
                                       "126.255.255.255",
                                       "128.0.0.1",
                                       "168.63.129.15",
                                       "168.63.129.17",
                                       "169.253.255.255",
                                       "169.255.0.0",
                                       "172.15.255.255",
                                       "172.32.0.0",
                                       "191.255.255.255",
                                       "192.0.1.1",
                                       "192.0.3.1",
                                       "192.167.255.255",
                                       "192.169.0.0",
                                       "198.17.255.255",
                                       "198.20.0.0",
                                       "203.0.112.255",
                                       "203.0.114.0",
                                       "223.255.255.255",
                                       "114.114.114.114",
                                       "223.5.5.5",
                                       "2000::1",
                                       "2001:200::1",
                                       "2001:4860:4860::8888",
                                       "2001:db7::1",
                                       "2001:db9::1",
                                       "2003::1",
                                       "2400:3200::1",
                                       "2606:4700::1111",
                                       "2a00:1450::1",
                                       "3ffd::1",
                                       "2606:4700::400:5efe:a00:1"};
    struct egress_address a;
    for (size_t i = 0; i < ARRAY_LEN(closed); i++) {
        assert_true(parse(closed[i], &a));
        if (egress_address_public(&a)) fail_msg("%s is not public", closed[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(open); i++) {
        assert_true(parse(open[i], &a));
        if (!egress_address_public(&a)) fail_msg("%s is public", open[i]);
    }
}

/* Each refusal by its name, in both languages. */
static void refusals_have_names(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum egress_fault fault;
    } rows[] = {
        {"http://example.com/", EGRESS_SCHEME},
        {"https://user@example.com/", EGRESS_USER},
        {"https://example.com:8443/", EGRESS_PORT},
        {"https://10.0.0.1/", EGRESS_ADDRESS},
        {"https://[::1]/", EGRESS_ADDRESS},
        {"https://0x7f.1/", EGRESS_ADDRESS},
        {"https://example/", EGRESS_NAME},
        {"https://EXAMPLE.com/", EGRESS_NAME},
        {"https://xn--pple-43d.com/", EGRESS_FOREIGN},
        {"https://例子.com/", EGRESS_FOREIGN},
        {"https://printer.local/", EGRESS_LOCAL},
        {"https://localhost/", EGRESS_LOCAL},
        {"https://example.com/../x", EGRESS_PATH},
        {"https://example.com?x=1", EGRESS_PATH}, /* some put a slash before it, some do not */
        {"https://example.com/a b", EGRESS_CHARACTER},
        {"https://mixed.example.com/", EGRESS_INTERNAL},
        {"https://nothing.example.com/", EGRESS_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sockets sockets = {0};
        assert_string_equal(egress_fault_word(post(rows[i].url, &sockets).fault),
                            egress_fault_word(rows[i].fault));
    }
    for (unsigned f = 0; f < EGRESS_FAULTS; f++) {
        const char *word = egress_fault_word((enum egress_fault)f);
        assert_int_equal(egress_fault_of(bytes_text(word)), f);
        assert_true((unsigned char)egress_fault_text((enum egress_fault)f, false)[0] >= 0x80);
        assert_true((unsigned char)egress_fault_text((enum egress_fault)f, true)[0] < 0x80);
    }
    assert_int_equal(egress_fault_of(BYTES("nonsense")), EGRESS_FAULTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_trick_opens_a_socket),
        cmocka_unit_test(the_switch_for_tests_opens_this_machine_alone),
        cmocka_unit_test(good_ones_pass_and_are_dialled_as_checked),
        cmocka_unit_test(a_name_that_changes_its_mind_wins_nothing),
        cmocka_unit_test(addresses_are_public_or_not),
        cmocka_unit_test(refusals_have_names),
    };
    return cmocka_run_group_tests_name("wire_egress", tests, NULL, NULL);
}
