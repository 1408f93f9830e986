/* SPDX-License-Identifier: Apache-2.0 */
/* Visits to a PKCS#11 token: load, find, log in, derive, leave. */
#include "hsm/token.h"

#include <dlfcn.h>
#include <errno.h>
#include <p11-kit/pkcs11.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/crypto/keyblock_binding.h"
#include "lib/crypto/secret.h"

enum {
    SLOTS_MAX = 64,
    BLOCK = 16,
    MASTER_BYTES = 32,
    LABEL_BYTES = 32 /* of a token: padded with blanks */
};

static const char key_label[] = "tongbao-hsm", master_label[] = "tongbao-hsm-master";

/* A visit under way. */
struct visit {
    void *library;
    CK_FUNCTION_LIST *call;
    bool initialised;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    const struct hsm_token_options *options;
    struct process_fault *fault;
};

static err complain(struct process_fault *fault, err e, const char *format, ...) PRINTF(3, 4);

static err complain(struct process_fault *fault, err e, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vsnprintf(fault->text, sizeof fault->text, format, list);
    va_end(list);
    return e;
}

/* What a module answers is a number of its own; the maker's manual explains those that we do not.
 */
static err answered(const struct visit *v, CK_RV rv, const char *what)
{
    if (rv == CKR_OK) return OK;
    if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_INVALID)
        return complain(v->fault, ERR(DENIED),
                        "the token %s does not take this PIN; type it again: after a few wrong "
                        "ones a token locks",
                        v->options->label);
    if (rv == CKR_PIN_LOCKED)
        return complain(v->fault, ERR(DENIED),
                        "the token %s is locked after wrong PINs; its security officer sets a new "
                        "one with the maker's tool",
                        v->options->label);
    if (rv == CKR_TOKEN_NOT_PRESENT || rv == CKR_DEVICE_REMOVED)
        return complain(v->fault, ERR(NOT_FOUND), "the token %s was taken away; put it back",
                        v->options->label);
    return complain(v->fault, ERR(IO), "the PKCS#11 module refused %s with 0x%lx", what,
                    (unsigned long)rv);
}

static void visit_end(struct visit *v)
{
    if (v->session != CK_INVALID_HANDLE) (void)v->call->C_CloseSession(v->session); /* logs out */
    if (v->initialised) (void)v->call->C_Finalize(NULL);
    if (v->library != NULL) dlclose(v->library);
}

static err load(struct visit *v)
{
    v->library = dlopen(v->options->module, RTLD_NOW | RTLD_LOCAL);
    if (v->library == NULL)
        return complain(v->fault, ERR(CONFIG),
                        "cannot load the PKCS#11 module: %s; name the library of the token's maker",
                        dlerror());
    CK_C_GetFunctionList list;
    void *symbol = dlsym(v->library, "C_GetFunctionList");
    memcpy(&list, &symbol, sizeof list); /* ISO C has no cast from an object to a function */
    if (symbol == NULL || list(&v->call) != CKR_OK)
        return complain(v->fault, ERR(CONFIG),
                        "%s is no PKCS#11 module; name the library of the token's maker",
                        v->options->module);
    TRY(answered(v, v->call->C_Initialize(NULL), "to start"));
    v->initialised = true;
    return OK;
}

static bool is_labelled(const CK_TOKEN_INFO *info, struct bytes label)
{
    uint8_t padded[LABEL_BYTES];
    memset(padded, ' ', sizeof padded);
    memcpy(padded, label.at, label.len);
    return memcmp(info->label, padded, sizeof padded) == 0;
}

static err find_token(struct visit *v)
{
    struct bytes label = bytes_text(v->options->label);
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    unsigned found = 0;
    if (label.len > LABEL_BYTES)
        return complain(v->fault, ERR(CONFIG), "a token's label has at most 32 characters");
    TRY(answered(v, v->call->C_GetSlotList(CK_TRUE, slots, &count), "to list its readers"));
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (v->call->C_GetTokenInfo(slots[i], &info) != CKR_OK) continue; /* not ours, or gone */
        if (!is_labelled(&info, label)) continue;
        v->slot = slots[i];
        found++;
    }
    if (found == 0)
        return complain(v->fault, ERR(NOT_FOUND),
                        "there is no token %s (%lu others are); put it in, or correct "
                        "--pkcs11-label",
                        v->options->label, (unsigned long)count);
    if (found > 1)
        return complain(v->fault, ERR(CONFIG), "%u tokens are labelled %s; leave one of them in",
                        found, v->options->label);
    return OK;
}

static err log_in(struct visit *v, const struct hsm_token_pin *pin, bool make)
{
    CK_FLAGS flags = CKF_SERIAL_SESSION | (make ? CKF_RW_SESSION : 0);
    uint8_t copy[HSM_TOKEN_PIN_MAX]; /* the module's interface has no const */
    memcpy(copy, pin->at, pin->len);
    err e =
        answered(v, v->call->C_OpenSession(v->slot, flags, NULL, NULL, &v->session), "a session");
    if (!FAILED(e))
        e = answered(v, v->call->C_Login(v->session, CKU_USER, copy, pin->len), "the log-in");
    secret_wipe_bytes(copy, sizeof copy);
    return e;
}

static err find_key(struct visit *v, const char *label, CK_OBJECT_HANDLE *ret_key,
                    CK_ULONG *ret_count)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_ATTRIBUTE wanted[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_LABEL, (void *)label, strlen(label)},
    };
    CK_OBJECT_HANDLE key[2];
    TRY(answered(v, v->call->C_FindObjectsInit(v->session, wanted, ARRAY_LEN(wanted)),
                 "to look for its key"));
    err e =
        answered(v, v->call->C_FindObjects(v->session, key, 2, ret_count), "to look for its key");
    (void)v->call->C_FindObjectsFinal(v->session);
    if (FAILED(e)) return e;
    if (*ret_count > 1)
        return complain(v->fault, ERR(CONFIG), "the token %s has two keys labelled %s",
                        v->options->label, label);
    *ret_key = key[0];
    return OK;
}

static err make_key(struct visit *v, CK_OBJECT_HANDLE *ret_key)
{
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ULONG len = SEALED_KEY_BYTES;
    CK_MECHANISM generate = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE made[] = {
        {CKA_LABEL, (void *)key_label, sizeof key_label - 1},
        {CKA_VALUE_LEN, &len, sizeof len},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},
        {CKA_ENCRYPT, &yes, sizeof yes},
        {CKA_DECRYPT, &no, sizeof no},
        {CKA_WRAP, &no, sizeof no},
        {CKA_UNWRAP, &no, sizeof no},
    };
    return answered(v,
                    v->call->C_GenerateKey(v->session, &generate, made, ARRAY_LEN(made), ret_key),
                    "to make a key");
}

/* A key that can be read out is no better than a file. */
static err check_kept(struct visit *v, const char *label, CK_OBJECT_HANDLE key)
{
    CK_BBOOL sensitive = CK_FALSE, extractable = CK_TRUE;
    CK_ATTRIBUTE is[] = {
        {CKA_SENSITIVE, &sensitive, sizeof sensitive},
        {CKA_EXTRACTABLE, &extractable, sizeof extractable},
    };
    TRY(answered(v, v->call->C_GetAttributeValue(v->session, key, is, ARRAY_LEN(is)),
                 "to describe its key"));
    if (sensitive && !extractable) return OK;
    return complain(v->fault, ERR(KEY),
                    "the key %s of the token %s can be read out; delete it and let the token make "
                    "one that cannot",
                    label, v->options->label);
}

static err derive(struct visit *v, CK_OBJECT_HANDLE key, uint8_t ret_key[SEALED_KEY_BYTES])
{
    CK_MECHANISM ecb = {CKM_AES_ECB, NULL, 0};
    uint8_t in[SEALED_KEY_BYTES], out[SEALED_KEY_BYTES];
    CK_ULONG len = sizeof out;
    for (uint8_t i = 0; i < SEALED_KEY_BYTES / BLOCK; i++) { /* label, 0, bits, number */
        memcpy(in + BLOCK * i, "tongbao-seal\0\1\0", BLOCK - 1);
        in[BLOCK * i + BLOCK - 1] = (uint8_t)(i + 1);
    }
    TRY(answered(v, v->call->C_EncryptInit(v->session, &ecb, key), "AES"));
    TRY(answered(v, v->call->C_Encrypt(v->session, in, sizeof in, out, &len), "AES"));
    if (len != sizeof out) return answered(v, CKR_DATA_LEN_RANGE, "AES");
    memcpy(ret_key, out, sizeof out);
    secret_wipe_bytes(out, sizeof out);
    return OK;
}

err hsm_token_key(const struct hsm_token_options *options, const struct hsm_token_pin *pin,
                  bool make, uint8_t ret_key[SEALED_KEY_BYTES], struct process_fault *fault)
{
    CLEANUP(visit_end) struct visit v = {.options = options, .fault = fault};
    CK_OBJECT_HANDLE key;
    CK_ULONG count;
    TRY(load(&v));
    TRY(find_token(&v));
    TRY(log_in(&v, pin, make));
    TRY(find_key(&v, key_label, &key, &count));
    if (count == 0 && !make)
        return complain(fault, ERR(NOT_FOUND),
                        "the token %s has no key of an hsm: it is another one; put in the token "
                        "that master.sealed was sealed with",
                        options->label);
    if (count == 0) TRY(make_key(&v, &key));
    TRY(check_kept(&v, key_label, key));
    return derive(&v, key, ret_key);
}

/* What the master key may do: MAC for the derivation, encrypt for the check value. Nothing else. */
static err place_master(struct visit *v, const struct key *put, CK_OBJECT_HANDLE *ret_key)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ULONG len = MASTER_BYTES;
    CK_MECHANISM generate = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE is[] = {
        {CKA_LABEL, (void *)master_label, sizeof master_label - 1},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},
        {CKA_SIGN, &yes, sizeof yes},
        {CKA_ENCRYPT, &yes, sizeof yes},
        {CKA_DECRYPT, &no, sizeof no},
        {CKA_WRAP, &no, sizeof no},
        {CKA_UNWRAP, &no, sizeof no},
        {CKA_VALUE_LEN, &len, sizeof len}, /* the last three differ between the two ways */
        {CKA_CLASS, &class, sizeof class},
        {CKA_KEY_TYPE, &type, sizeof type},
    };
    enum { WAY = ARRAY_LEN(is) - 3 };
    if (put == NULL)
        return answered(v, v->call->C_GenerateKey(v->session, &generate, is, WAY + 1, ret_key),
                        "to make a master key");
    CLEANUP(secret_wipe) struct secret value = put->value; /* the interface has no const */
    is[WAY] = (CK_ATTRIBUTE){CKA_VALUE, value.at, value.len};
    return answered(v, v->call->C_CreateObject(v->session, is, ARRAY_LEN(is), ret_key),
                    "to take the master key");
}

/* One block of CMAC under the master key. */
static err master_cmac(struct visit *v, CK_OBJECT_HANDLE key, struct bytes data, uint8_t *ret_block)
{
    CK_MECHANISM cmac = {CKM_AES_CMAC, NULL, 0};
    CK_ULONG len = BLOCK;
    uint8_t in[KEYBLOCK_DERIVATION_BYTES];
    ENSURE(data.len == sizeof in);
    memcpy(in, data.at, data.len);
    CK_RV rv = v->call->C_SignInit(v->session, &cmac, key);
    if (rv == CKR_MECHANISM_INVALID)
        return complain(v->fault, ERR(CONFIG),
                        "the token %s has no CKM_AES_CMAC, by which the keys of key blocks are "
                        "derived in it; use another token, or a passphrase",
                        v->options->label);
    TRY(answered(v, rv, "AES-CMAC"));
    TRY(answered(v, v->call->C_Sign(v->session, in, sizeof in, ret_block, &len), "AES-CMAC"));
    return len == BLOCK ? OK : answered(v, CKR_DATA_LEN_RANGE, "AES-CMAC");
}

static err master_kcv(struct visit *v, CK_OBJECT_HANDLE key, uint8_t ret_kcv[KEY_CHECK_BYTES])
{
    CK_MECHANISM ecb = {CKM_AES_ECB, NULL, 0};
    uint8_t zeros[BLOCK] = {0}, out[BLOCK];
    CK_ULONG len = sizeof out;
    TRY(answered(v, v->call->C_EncryptInit(v->session, &ecb, key), "AES"));
    TRY(answered(v, v->call->C_Encrypt(v->session, zeros, sizeof zeros, out, &len), "AES"));
    memcpy(ret_kcv, out, KEY_CHECK_BYTES);
    return OK;
}

/* TR-31 version D, inside the token (X9.143, 7.3.2.2). */
static err master_derive(struct visit *v, CK_OBJECT_HANDLE key, enum keyblock_purpose purpose,
                         struct key *ret_key)
{
    CLEANUP(secret_wipe) struct secret made = {.len = MASTER_BYTES};
    const struct keyblock_binding *binding = keyblock_binding_of('D');
    for (unsigned at = 0; at < MASTER_BYTES; at += BLOCK) {
        uint8_t data[KEYBLOCK_DERIVATION_BYTES];
        keyblock_derivation_data(binding, KEY_AES256, purpose, at / BLOCK + 1, data);
        TRY(master_cmac(v, key, BYTES_OF(data), made.at + at));
    }
    return key_make(KEY_AES256, KEY_USAGE_MASTER, secret_view(&made), ret_key);
}

void hsm_token_master_wipe(struct hsm_token_master *master)
{
    secret_wipe_bytes(master, sizeof *master);
}

/* One visit: the key that is there, or is placed when `place`, and what it gives. */
static err visit_master(const struct hsm_token_options *options, const struct hsm_token_pin *pin,
                        bool place, const struct key *put, struct hsm_token_master *ret_master,
                        bool *ret_was_there, struct process_fault *fault)
{
    CLEANUP(visit_end) struct visit v = {.options = options, .fault = fault};
    CLEANUP(hsm_token_master_wipe) struct hsm_token_master made = {0};
    CK_OBJECT_HANDLE key;
    CK_ULONG count;
    TRY(load(&v));
    TRY(find_token(&v));
    TRY(log_in(&v, pin, place));
    TRY(find_key(&v, master_label, &key, &count));
    if (count == 0 && !place)
        return complain(fault, ERR(NOT_FOUND),
                        "the token %s has no master key: put in the token that holds it, or "
                        "restore it with its custodians",
                        options->label);
    if (count == 0) TRY(place_master(&v, put, &key));
    TRY(check_kept(&v, master_label, key));
    TRY(master_derive(&v, key, KEYBLOCK_ENCRYPTION, &made.keys.encryption));
    TRY(master_derive(&v, key, KEYBLOCK_AUTHENTICATION, &made.keys.authentication));
    TRY(master_kcv(&v, key, made.kcv));
    *ret_master = made;
    *ret_was_there = count > 0;
    return OK;
}

static bool same_master(const struct hsm_token_master *a, const struct hsm_token_master *b)
{
    return secret_equal(bytes_of(a, sizeof *a), bytes_of(b, sizeof *b));
}

/* Is the key that was there the one that is put? It gives the same keys then. */
static bool is_the_same(const struct key *put, const struct hsm_token_master *found)
{
    struct crypto crypto;
    uint8_t kcv[KEY_CHECK_BYTES];
    CLEANUP(keyblock_keys_wipe) struct keyblock_keys keys = {0};
    if (FAILED(crypto_open(random_system(), &crypto))) return false;
    bool same = !FAILED(key_check_value(&crypto, put, kcv)) &&
                !FAILED(keyblock_own_keys(&crypto, put, &keys)) &&
                secret_equal(bytes_of(&keys, sizeof keys), bytes_of(&found->keys, sizeof keys)) &&
                secret_equal(BYTES_OF(kcv), BYTES_OF(found->kcv));
    crypto_close(&crypto);
    return same;
}

err hsm_token_master(const struct hsm_token_options *options, const struct hsm_token_pin *pin,
                     enum hsm_token_way way, const struct key *put,
                     struct hsm_token_master *ret_master, struct process_fault *fault)
{
    ENSURE((way == HSM_TOKEN_PUT) == (put != NULL));
    ENSURE(put == NULL || (put->algorithm == KEY_AES256 && put->usage == KEY_USAGE_MASTER));
    CLEANUP(hsm_token_master_wipe) struct hsm_token_master made = {0}, again = {0};
    bool there = false, place = way != HSM_TOKEN_FIND;
    TRY(visit_master(options, pin, place, put, &made, &there, fault));
    if (place && there && (put == NULL || !is_the_same(put, &made)))
        return complain(fault, ERR(EXISTS),
                        "the token %s holds a master key already, of another state directory; "
                        "use that directory, or delete %s with the maker's tool",
                        options->label, master_label);
    if (place) TRY(visit_master(options, pin, false, NULL, &again, &there, fault));
    if (place && !same_master(&made, &again))
        return complain(fault, ERR(CRYPTO),
                        "the token %s does not keep the key that it was given; use another",
                        options->label);
    *ret_master = made;
    return OK;
}

void hsm_token_pin_wipe(struct hsm_token_pin *pin)
{
    secret_wipe_bytes(pin, sizeof *pin);
}

err hsm_token_read_pin(int fd, struct hsm_token_pin *ret_pin, struct process_fault *fault)
{
    CLEANUP(hsm_token_pin_wipe) struct hsm_token_pin pin = {0};
    uint8_t c = 0;
    ssize_t got;
    bool whole;
    while ((got = read(fd, &c, 1)) == 1 && c != '\n' && pin.len < sizeof pin.at)
        pin.at[pin.len++] = c;
    whole = got == 0 || (got == 1 && c == '\n');
    close(fd);
    if (got < 0)
        return complain(fault, ERR(IO), "cannot read the PIN from --pkcs11-pin-fd %d: %s", fd,
                        strerror(errno));
    if (pin.len > 0 && pin.at[pin.len - 1] == '\r') pin.len--;
    if (!whole || pin.len == 0)
        return complain(fault, whole ? ERR(SHORT) : ERR(LENGTH),
                        "the PIN must be one line of 1 to %d characters on --pkcs11-pin-fd",
                        HSM_TOKEN_PIN_MAX);
    *ret_pin = pin;
    return OK;
}
