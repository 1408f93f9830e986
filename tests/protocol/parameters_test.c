/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S118, S75: parameters of chip cards over TLS, as a terminal fetches them: published by `tongbao
 * admin` while the acquirer runs, fetched over two connections with a stop of the acquirer between
 * them, verified with the public key that vaults have, and shown to be in force.
 */
#include "lib/auth/policy_document.h"
#include "lib/base/file.h"
#include "lib/emv/parameters.h"
#include "payment/download.h"
#include "tests/protocol/pos.h"

#define DEMO "simulators/parameters/demo.parameters"

static struct host host;
static struct pos pos;
static uint8_t document[PAYMENT_DOCUMENT_MAX];
static size_t document_len;

static int start(void **state)
{
    (void)state;
    host_start(&host);
    pos_make(&pos, &host, "10000017", PAYMENT_PROFILE_TONGBAO);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pos_free(&pos);
    host_stop(&host);
    return 0;
}

/* Field 62 of the answer to this; it must be 00. */
static struct bytes ask(const char *code, uint32_t number, uint32_t offset, const uint8_t *digest)
{
    uint8_t field[64], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct writer w = writer_over(field, sizeof field);
    struct payment_download_ask question = {.number = number, .offset = offset};
    struct payment_sign_in in = {.mid = HOST_MID, .stan = ++pos.stan, .batch = pos.batch};
    struct iso8583_message message;
    if (digest != NULL) memcpy(question.digest, digest, sizeof question.digest);
    payment_download_write_ask(&w, code, &question);
    memcpy(in.tid, pos.tid, sizeof in.tid);
    memcpy(in.code, code, 4);
    in.delivery = writer_view(&w);
    assert_ok(payment_sign_in_request(pos.profile, &in, &arena, &message));
    pos_exchange(&pos, pos_encode(&pos, &message));
    assert_string_equal(pos_code(&pos), "00");
    return iso8583_get(&pos.answer, 62);
}

static struct payment_download_answer ask_for(const char *code, uint32_t number, uint32_t offset)
{
    struct payment_download_answer answer;
    assert_ok(payment_download_read_answer(code, ask(code, number, offset, NULL), &answer));
    return answer;
}

/* The acquirer looks at the registry each second. */
static struct payment_download_answer await_publication(uint32_t above)
{
    struct payment_download_answer answer = {0};
    for (int i = 0; i < 250 && !answer.there; i++) {
        answer = ask_for("372", above, 0);
        if (!answer.there) programs_pause();
    }
    assert_true(answer.there);
    return answer;
}

static bool take_part(uint32_t number)
{
    struct payment_download_answer part = ask_for("370", number, (uint32_t)document_len);
    assert_true(part.there);
    memcpy(document + document_len, part.part.at, part.part.len);
    document_len += part.part.len;
    return part.last;
}

static void a_bad_text_is_not_published(void **state)
{
    (void)state;
    struct said said;
    const char *bad = host_path(host.directory, "bad.parameters");
    assert_ok(file_write(bad, FILE_PUBLIC, BYTES("# nothing\napplication\n  9F06 A0000003\n")));
    programs_run(&host.children, &said, "tongbao", "admin", "parameters", "publish", bad, "--state",
                 host.admin, NULL);
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.complaint, "line 2"));
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    assert_false(ask_for("372", 0, 0).there);
}

static void fetched_over_two_connections(void **state)
{
    (void)state;
    struct said said;
    programs_run(&host.children, &said, "tongbao", "admin", "parameters", "publish", DEMO,
                 "--state", host.admin, NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, "number 1 for every model"));
    struct payment_download_answer status = await_publication(0);
    assert_int_equal(status.number, 1);
    assert_false(take_part(1));
    assert_false(take_part(1));
    host_stop_acquirer(&host);
    host_start_acquirer(&host);
    pos_connect(&pos, &host);
    while (!take_part(1)) continue;
    assert_int_equal(document_len, status.len);
}

static void it_is_what_vaults_take(void **state)
{
    (void)state;
    static struct emv_parameters parsed;
    struct emv_parameters_fault fault;
    uint8_t signer[POLICY_SIGNER_BYTES];
    size_t len;
    struct bytes text;
    assert_ok(file_read(host_path(host.admin, "policy.public"), FILE_PUBLIC, signer, sizeof signer,
                        &len));
    assert_true(policy_signature_verify(bytes_of(document, document_len), signer, &text));
    size_t head = strlen("tongbao-parameters 1\n");
    assert_ok(emv_parameters_parse(bytes_of(text.at + head, text.len - head), &parsed, &fault));
    assert_int_equal(parsed.number, 1);
    assert_int_equal(parsed.applications, 3);
}

static void what_is_in_force_is_known(void **state)
{
    (void)state;
    struct said said;
    uint8_t digest[PAYMENT_DIGEST_BYTES];
    crypto_sha256(bytes_of(document, document_len), digest);
    int64_t before = host_audits(&host, "parameters_in_force", pos.tid);
    assert_int_equal(ask("371", 1, 0, digest).len, 0);
    host_await_audit(&host, "parameters_in_force", pos.tid, before);
    assert_int_equal(host_audits(&host, "parameters_not_ours", NULL), 0);
    programs_run(&host.children, &said, "tongbao", "admin", "terminals", "--state", host.admin,
                 "--acquirer", host.acquirer, NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, "parameters 1\n"));
    programs_run(&host.children, &said, "tongbao", "admin", "parameters", "show", "--state",
                 host.admin, NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, "number 1 for every model"));
    assert_non_null(strstr(said.out, "contactless CVM limit"));
    pos_pays(&pos, 12800);
}

/* For another model: not this terminal's; for its own: newer, and shown with the rest. */
static void for_a_model_alone(void **state)
{
    (void)state;
    struct said said;
    programs_run(&host.children, &said, "tongbao", "admin", "parameters", "publish", DEMO,
                 "--state", host.admin, "--model", "NO-SUCH", NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, "number 2 for NO-SUCH"));
    programs_run(&host.children, &said, "tongbao", "admin", "parameters", "publish", DEMO,
                 "--state", host.admin, NULL);
    assert_non_null(strstr(said.out, "number 3 for every model"));
    assert_int_equal(await_publication(1).number, 3);
    programs_run(&host.children, &said, "tongbao", "admin", "parameters", "show", "--state",
                 host.admin, "--model", "NO-SUCH", NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, "number 2 for NO-SUCH"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_text_is_not_published),
        cmocka_unit_test(fetched_over_two_connections),
        cmocka_unit_test(it_is_what_vaults_take),
        cmocka_unit_test(what_is_in_force_is_known),
        cmocka_unit_test(for_a_model_alone),
    };
    return cmocka_run_group_tests_name("parameters", tests, start, stop);
}
