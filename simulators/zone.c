/* SPDX-License-Identifier: Apache-2.0 */
/* The networks' side of the key exchange with the hsm. */
#include "simulators/zone.h"

#include <stdio.h>

#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "lib/wire/json.h"

enum { FILE_BYTES_MAX = 4096, SEALED_MAX = 512 };

void zone_keys_wipe(struct zone_keys *keys)
{
    secret_wipe_bytes(keys, sizeof *keys);
}

static err load_pair(const char *state, struct transport_pair *ret_pair)
{
    char path[FILE_PATH_MAX];
    uint8_t secret[TRANSPORT_KEY_BYTES];
    size_t len;
    TRY(file_path(state, "zone.secret", path, sizeof path));
    TRY(file_read(path, FILE_PRIVATE, secret, sizeof secret, &len));
    if (len != sizeof secret) return ERR(FORMAT);
    transport_from_secret(secret, ret_pair);
    secret_wipe_bytes(secret, sizeof secret);
    return OK;
}

err network_zone_initialise(const struct crypto *crypto, const char *state)
{
    CLEANUP(transport_pair_wipe) struct transport_pair pair;
    char path[FILE_PATH_MAX], hex[2 * TRANSPORT_KEY_BYTES];
    err found = load_pair(state, &pair);
    if (found.code == ERR_NOT_FOUND) {
        transport_generate(crypto, &pair);
        TRY(file_path(state, "zone.secret", path, sizeof path));
        TRY(file_write(path, FILE_PRIVATE, BYTES_OF(pair.secret_key)));
    } else if (FAILED(found)) {
        return found;
    }
    struct writer w = writer_over(hex, sizeof hex);
    write_hex(&w, BYTES_OF(pair.public_key));
    TRY(file_path(state, "zone.public", path, sizeof path));
    return file_write(path, FILE_PUBLIC, writer_view(&w));
}

static err open_key(const struct transport_pair *pair, const struct json_t *root, const char *name,
                    const uint8_t hsm_public[TRANSPORT_KEY_BYTES], enum key_usage usage,
                    struct key *ret_key)
{
    struct bytes hex;
    uint8_t sealed[SEALED_MAX];
    size_t len;
    TRY(json_text(root, name, 2 * SEALED_MAX, &hex));
    TRY(hex_decode(hex, sealed, sizeof sealed, &len));
    return transport_open_key(pair, hsm_public, bytes_of(sealed, len), usage, BYTES("zone"),
                              ret_key);
}

static err load_keys(const char *state, const struct transport_pair *pair,
                     struct zone_keys *ret_keys)
{
    char path[FILE_PATH_MAX];
    uint8_t text[FILE_BYTES_MAX], hsm_public[TRANSPORT_KEY_BYTES];
    size_t len;
    TRY(file_path(state, "zone.keys", path, sizeof path));
    TRY(file_read(path, FILE_PRIVATE, text, sizeof text, &len));
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(bytes_of(text, len), sizeof text, &document));
    struct bytes hex;
    TRY(json_text(document.root, "hsm_public", 2 * sizeof hsm_public, &hex));
    TRY(hex_decode(hex, hsm_public, sizeof hsm_public, &len));
    if (len != sizeof hsm_public) return ERR(FORMAT);

    CLEANUP(zone_keys_wipe) struct zone_keys keys;
    TRY(open_key(pair, document.root, "pin", hsm_public, KEY_USAGE_ZONE_PIN, &keys.pin));
    TRY(open_key(pair, document.root, "mac", hsm_public, KEY_USAGE_ZONE_MAC, &keys.mac));
    TRY(open_key(pair, document.root, "data", hsm_public, KEY_USAGE_ZONE_DATA, &keys.data));
    keys.transport = *pair;
    memcpy(keys.hsm_public, hsm_public, sizeof keys.hsm_public);
    *ret_keys = keys;
    return OK;
}

err network_zone_load(const char *state, struct zone_keys *ret_keys, struct process_fault *fault)
{
    CLEANUP(transport_pair_wipe) struct transport_pair pair;
    err loaded = load_pair(state, &pair);
    if (FAILED(loaded)) {
        snprintf(fault->text, sizeof fault->text,
                 "%s/zone.secret: %s; run tongbao-simulators --initialise first", state,
                 err_text(loaded));
        return loaded;
    }
    loaded = load_keys(state, &pair, ret_keys);
    if (FAILED(loaded))
        snprintf(fault->text, sizeof fault->text,
                 "%s/zone.keys: %s; `tongbao admin zone` writes it", state, err_text(loaded));
    return loaded;
}
