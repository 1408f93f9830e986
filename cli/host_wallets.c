/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for the gateway to the wallets' interfaces. */
#include "cli/host_wallets.h"

#include <stdio.h>

#include "cli/host_keys.h"
#include "lib/base/base64.h"

static err take_key(const struct hsm_wallet_key_answer *answer, struct host_wallet_key *ret)
{
    struct writer w = writer_over(ret->blob, sizeof ret->blob - 1);
    struct bytes blob;
    base64_write(&w, answer->blob);
    TRY(writer_finish(&w, &blob));
    ret->blob[blob.len] = '\0';
    return bytes_to_text(answer->public_pem, ret->public_pem, sizeof ret->public_pem);
}

err host_wallet_key(const char *hsm, enum hsm_wallet_use use, struct bytes clear,
                    struct host_wallet_key *ret, struct process_fault *fault)
{
    struct hsm_client client;
    struct hsm_wallet_key_answer answer;
    const struct hsm_wallet_key ask = {(uint8_t)use, BYTES("tongbao admin"), clear};
    TRY(hsm_client_open(&client, hsm, fault));
    err made = hsm_client_wallet_key(&client, &ask, &answer, fault);
    if (!FAILED(made)) made = take_key(&answer, ret);
    hsm_client_close(&client);
    return made;
}

err host_wallet_link(const char *admin, char out[HSM_KEY_BLOCK_MAX + 1],
                     struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_zone_keys keys;
    TRY(host_keys_registry(admin, STORE_OPEN, &registry, fault));
    err found = registry_find_zone_keys(registry, REGISTRY_WALLET, &keys);
    if (FAILED(found))
        snprintf(fault->text, sizeof fault->text,
                 "the registry has no keys for the wallet; run tongbao admin init first");
    registry_close(registry);
    TRY(found);
    return bytes_to_text(bytes_text(keys.mac_block), out, HSM_KEY_BLOCK_MAX + 1);
}
