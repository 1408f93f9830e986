/* SPDX-License-Identifier: Apache-2.0 */
/* One visit to a PKCS#11 token: load, find, log in, encrypt two blocks, leave. */
#include "hsm/token.h"

#include <dlfcn.h>
#include <errno.h>
#include <p11-kit/pkcs11.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/crypto/secret.h"

enum { SLOTS_MAX = 64, BLOCK = 16, LABEL_BYTES = 32 /* of a token: padded with blanks */ };

static const char key_label[] = "tongbao-hsm";

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

static err find_key(struct visit *v, CK_OBJECT_HANDLE *ret_key, CK_ULONG *ret_count)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_ATTRIBUTE wanted[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_LABEL, (void *)key_label, sizeof key_label - 1},
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
                        v->options->label, key_label);
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
static err check_kept(struct visit *v, CK_OBJECT_HANDLE key)
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
                    key_label, v->options->label);
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
    TRY(find_key(&v, &key, &count));
    if (count == 0 && !make)
        return complain(fault, ERR(NOT_FOUND),
                        "the token %s has no key of an hsm: it is another one; put in the token "
                        "that master.sealed was sealed with",
                        options->label);
    if (count == 0) TRY(make_key(&v, &key));
    TRY(check_kept(&v, key));
    return derive(&v, key, ret_key);
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
