/* SPDX-License-Identifier: Apache-2.0 */
/* tongbao: the front door to everything else. One command, one file. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "lib/base/err.h"

static int bench_main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } benches[] = {{"codec", bench_codec_main},       {"figures", bench_figures_main},
                   {"fleet", bench_fleet_main},       {"hsm", bench_hsm_main},
                   {"payments", bench_payments_main}, {"tap", bench_tap_main}};
    for (size_t i = 0; argc >= 2 && i < ARRAY_LEN(benches); i++)
        if (strcmp(argv[1], benches[i].name) == 0) return benches[i].run(argc - 1, argv + 1);
    FILE *to = argc >= 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr;
    fputs("usage: tongbao bench codec|figures|fleet|hsm|payments|tap [--json] [OPTIONS]\n"
          "  codec     decode and encode one message of 20 fields\n"
          "  figures   takings of ten million payments: fold, pages, and the journal that is full\n"
          "  fleet     many devices at a back office: a command for all, pages, memory\n"
          "  hsm       PIN translations, MACs and key derivations over its socket\n"
          "  tap       a contactless payment through the kernel\n"
          "  payments  terminals, vault, acquirer, hsm and network over TLS on this machine\n",
          to);
    return to == stdout ? 0 : 2;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"demo", demo_main, "start everything on this machine and say where to look"},
    {"admin", admin_main, "merchants, terminals, keys, books and audit of a host"},
    {"inspect", inspect_main, "explain a message, TLV, track, code or PIN block as JSON"},
    {"manual", manual_main, "the manual of a device or a model, as PDF"},
    {"policy", policy_main, "rules for passwords: in plain words, against standards, tried"},
    {"updates", updates_main, "sign and publish what terminals are updated from"},
    {"bench", bench_main, "measure payments, a fleet, the hsm, the codec or a tap on this machine"},
};

static void usage(FILE *to)
{
    fputs("usage: tongbao COMMAND [OPTIONS]\n", to);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
    fputs("tongbao COMMAND --help says more.\n", to);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0) {
        usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("tongbao " TONGBAO_VERSION);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "tongbao: there is no command '%s'; tongbao --help lists them\n", argv[1]);
    return 2;
}
