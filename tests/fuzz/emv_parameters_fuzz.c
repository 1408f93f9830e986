/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a document of parameters: a refusal says a place inside it and changes nothing; what
 * is taken keeps to its limits, and is found again by its names.
 */
#include "lib/emv/parameters.h"

#include "lib/crypto/rsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct bytes part, struct bytes document)
{
    ENSURE(part.len == 0 ||
           (part.at >= document.at && part.at + part.len <= document.at + document.len));
}

static void check_application(const struct emv_parameters *p, const struct emv_application *a,
                              struct bytes document)
{
    inside(a->aid, document);
    inside(a->ddol, document);
    inside(a->tdol, document);
    ENSURE(a->aid.len >= EMV_AID_MIN && a->aid.len <= EMV_AID_MAX);
    ENSURE(a->maximum_percent <= 99 && a->target_percent <= a->maximum_percent);
    ENSURE((a->tap_floor_minor < 0) == (a->tap_limit_minor < 0));
    ENSURE(emv_parameters_application(p, a->aid) == a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct emv_parameters p, before;
    struct emv_parameters_fault fault = {0};
    struct bytes document = bytes_of(data, size);
    memset(&p, 0x5A, sizeof p);
    memcpy(&before, &p, sizeof p);
    err e = emv_parameters_parse(document, &p, &fault);
    if (FAILED(e)) {
        ENSURE(fault.offset <= size);
        ENSURE(memcmp(&before, &p, sizeof p) == 0);
        return 0;
    }
    ENSURE(p.applications >= 1 && p.applications <= EMV_APPLICATIONS);
    ENSURE(p.ca_keys <= EMV_CA_KEYS && p.exceptions <= EMV_EXCEPTIONS && p.revoked <= EMV_REVOKED);
    for (size_t i = 0; i < p.applications; i++) check_application(&p, &p.application[i], document);
    for (size_t i = 0; i < p.ca_keys; i++) {
        const struct emv_ca_key *key = &p.ca_key[i];
        ENSURE(rsa_public_valid(key->modulus, key->exponent));
        ENSURE(emv_parameters_ca_key(&p, BYTES_OF(key->rid), key->index) == key);
    }
    for (size_t i = 0; i < p.exceptions; i++)
        ENSURE(emv_parameters_excepted(&p, p.exception[i].pan, p.exception[i].sequence));
    return 0;
}
