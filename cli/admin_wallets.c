/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin wallet-key` and `wallet-link`: what the accounts of tongbao-wallets are written
 * with. */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/host_wallets.h"
#include "lib/base/base64.h"
#include "lib/base/file.h"
#include "lib/wire/json.h"

enum { CLEAR_MAX = HSM_WALLET_PEM_MAX, OPEN_BYTES = 32, HIDE_BYTES = 16, JSON_ROOM = 4096 };

/* A key that somebody else has made or chosen, from a file of this user alone. */
struct clear {
    uint8_t at[CLEAR_MAX];
    size_t len;
};

static void clear_wipe(struct clear *clear)
{
    explicit_bzero(clear, sizeof *clear);
}

/* What the file is, of the three that hsm_protocol_wallets.h knows. */
static err take_shared(const char *path, uint8_t use, struct clear *clear,
                       struct process_fault *fault)
{
    struct clear text = *clear;
    if (use == HSM_WALLET_OPENS && clear->len == OPEN_BYTES) return OK;
    if (use == HSM_WALLET_HIDES &&
        !FAILED(base64_decode(bytes_of(text.at, text.len), clear->at, OPEN_BYTES, &clear->len)) &&
        (clear->len == OPEN_BYTES || clear->len == HIDE_BYTES)) {
        clear_wipe(&text);
        return OK;
    }
    clear_wipe(&text);
    if (use == HSM_WALLET_OPENS)
        snprintf(fault->text, sizeof fault->text, "%.150s: an APIv3 key has %d characters", path,
                 OPEN_BYTES);
    else
        snprintf(fault->text, sizeof fault->text,
                 "%.150s: a key of content encryption is %d or %d bytes in base64, as the console"
                 " shows it",
                 path, HIDE_BYTES, OPEN_BYTES);
    return ERR(LENGTH);
}

static err read_clear(const char *path, uint8_t use, struct clear *clear,
                      struct process_fault *fault)
{
    err read = file_read(path, FILE_PRIVATE, clear->at, sizeof clear->at, &clear->len);
    if (FAILED(read)) {
        snprintf(fault->text, sizeof fault->text,
                 "cannot read %.150s: %s; it must be yours alone (chmod 600)", path,
                 err_text(read));
        return read;
    }
    if (use == HSM_WALLET_SIGNS) return OK;
    while (clear->len > 0 && clear->at[clear->len - 1] == '\n') clear->len--;
    return take_shared(path, use, clear, fault);
}

static void print_key(const struct host_wallet_key *key)
{
    char room[JSON_ROOM];
    struct writer w = writer_over(room, sizeof room);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "key", key->blob);
    if (key->public_pem[0] != '\0') json_member_string(&j, "public", key->public_pem);
    json_object_end(&j);
    ENSURE(w.fault == ERR_OK);
    printf("%.*s\n", (int)w.len, room);
}

int admin_wallet_key(const struct admin_command *command, int argc, char **argv)
{
    const char *hsm = NULL, *import = NULL, *open = NULL, *content = NULL;
    const struct process_option options[] = {
        {"hsm", "SOCKET", "where tongbao-hsm listens", .text = &hsm, .required = true},
        {"import", "FILE", "take this private key (PEM, RSA of 2048 bits) instead of making one",
         .text = &import},
        {"open", "FILE", "take this APIv3 key, that WeChat Pay seals notices with", .text = &open},
        {"content", "FILE", "take this key (base64) of Alipay's content encryption",
         .text = &content},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    struct host_wallet_key key;
    CLEANUP(clear_wipe) struct clear clear = {.len = 0};
    const char *path = open != NULL ? open : content != NULL ? content : import;
    uint8_t use = open != NULL      ? HSM_WALLET_OPENS
                  : content != NULL ? HSM_WALLET_HIDES
                                    : HSM_WALLET_SIGNS;
    bool two = (open != NULL) + (content != NULL) + (import != NULL) > 1;
    err done = two ? ERR(CONFIG) : OK;
    if (two) snprintf(fault.text, sizeof fault.text, "--import, --open and --content: one of them");
    if (!FAILED(done) && path != NULL) done = read_clear(path, use, &clear, &fault);
    if (!FAILED(done))
        done = host_wallet_key(hsm, use, bytes_of(clear.at, clear.len), &key, &fault);
    if (FAILED(done)) return admin_failed(command, done, &fault);
    print_key(&key);
    return 0;
}

int admin_wallet_link(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL;
    char block[HSM_KEY_BLOCK_MAX + 1];
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &state, .required = true}};
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err found = host_wallet_link(state, block, &fault);
    if (FAILED(found)) return admin_failed(command, found, &fault);
    puts(block);
    return 0;
}
