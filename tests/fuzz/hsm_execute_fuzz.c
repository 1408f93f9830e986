/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a command: always one answer, well-formed, and a refusal carries nothing. */
#include "hsm/hsm.h"
#include "lib/wire/hsm_protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct hsm *hsm;

static void open_once(void)
{
    static struct random_seeded source;
    struct crypto crypto;
    struct hsm_master master;
    random_seed(&source, 1); /* the corpus was made with the master key of this seed */
    struct random random = random_from_seed(&source);
    ENSURE(!FAILED(crypto_open(random, &crypto)));
    hsm_master_generate(&crypto, true, &master);
    crypto_close(&crypto);
    const struct hsm_config config = {.random = random, .development = true};
    ENSURE(!FAILED(hsm_open(&config, &master, &hsm)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (hsm == NULL) open_once();
    static uint8_t block[HSM_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    ENSURE(!FAILED(hsm_execute(hsm, bytes_of(data, size), &w)));
    struct reader r = reader_over(writer_view(&w));
    struct hsm_header header;
    enum hsm_status status;
    ENSURE(!FAILED(hsm_read_answer(&r, &header, &status)));
    ENSURE(status == HSM_OK || r.left.len == 0);
    return 0;
}
