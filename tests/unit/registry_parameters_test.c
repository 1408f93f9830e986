/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The published parameters of chip cards (S118): numbers that only rise, one document a model or
 * for all, read in parts.
 */
#include "registry/parameters.h"
#include "tests/unit/scratch.h"

static struct scratch scratch;
static struct registry *registry;
static const struct registry_actor actor = {{(const uint8_t *)"admin", 5}, 1700000000000};

static int make_registry(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return FAILED(
        registry_open(scratch_path(&scratch, "registry.db"), STORE_CREATE, NULL, &registry));
}

static int drop_registry(void **state)
{
    (void)state;
    registry_close(registry);
    scratch_remove(&scratch);
    return 0;
}

static err publish(const char *model, uint32_t number, const char *document)
{
    struct registry_parameters head = {.number = number, .digest = {(uint8_t)number, 0xAB}};
    memcpy(head.model, model, strlen(model) + 1);
    return registry_publish_parameters(registry, &actor, &head, bytes_text(document));
}

static uint32_t number_for(const char *model)
{
    struct registry_parameters head = {.number = 99};
    err found = registry_find_parameters(registry, bytes_text(model), &head);
    if (found.code == ERR_NOT_FOUND) return 0;
    assert_ok(found);
    return head.number;
}

static void the_models_own_or_that_for_all(void **state)
{
    (void)state;
    uint32_t next = 0;
    assert_int_equal(number_for("TB-1"), 0);
    assert_ok(registry_next_parameters(registry, &next));
    assert_int_equal(next, 1);
    assert_ok(publish("", 1, "for all"));
    assert_ok(publish("TB-2", 2, "of the second"));
    assert_int_equal(number_for("TB-1"), 1);
    assert_int_equal(number_for("TB-2"), 2);
    assert_ok(registry_next_parameters(registry, &next));
    assert_int_equal(next, 3);

    struct registry_parameters head;
    assert_ok(registry_find_parameters(registry, BYTES("TB-2"), &head));
    assert_string_equal(head.model, "TB-2");
    assert_int_equal(head.len, 13);
    assert_int_equal(head.published_ms, actor.at_ms);
    assert_int_equal(head.digest[0], 2);
    assert_int_equal(head.digest[1], 0xAB);
}

/* No terminal is ever given a smaller number than one that was out, whichever model it is of. */
static void numbers_rise_over_all_documents(void **state)
{
    (void)state;
    assert_ok(publish("", 5, "five"));
    assert_err(publish("", 5, "again"), STATE);
    assert_err(publish("", 4, "older"), STATE);
    assert_err(publish("TB-9", 5, "of another model"), STATE);
    assert_int_equal(number_for("TB-9"), 5);
    assert_ok(publish("", 9, "nine"));
    assert_int_equal(number_for("TB-9"), 9);
}

static void what_is_no_document_is_refused(void **state)
{
    (void)state;
    static char much[REGISTRY_PARAMETERS_MAX + 2];
    memset(much, 'x', sizeof much - 1);
    assert_err(publish("", 0, "without a number"), FORMAT);
    assert_err(publish("", 1, ""), FORMAT);
    assert_err(publish("", 1, much), FORMAT);
    much[REGISTRY_PARAMETERS_MAX] = '\0';
    assert_ok(publish("", 1, much));
}

static void read_in_parts(void **state)
{
    (void)state;
    uint8_t block[16];
    struct writer out = writer_over(block, sizeof block);
    assert_ok(publish("", 3, "0123456789"));
    assert_ok(registry_read_parameters(registry, 3, 0, 4, &out));
    assert_ok(registry_read_parameters(registry, 3, 4, 4, &out));
    assert_ok(registry_read_parameters(registry, 3, 8, 4, &out));
    assert_int_equal(out.len, 10);
    assert_memory_equal(block, "0123456789", 10);
    assert_err(registry_read_parameters(registry, 3, 10, 4, &out), RANGE);
    assert_err(registry_read_parameters(registry, 2, 0, 4, &out), NOT_FOUND);
    assert_ok(publish("", 4, "another"));
    assert_err(registry_read_parameters(registry, 3, 0, 4, &out), NOT_FOUND);
    assert_err(registry_read_parameters(registry, 4, 0, 7, &out), FULL);
}

static void a_publication_is_audited(void **state)
{
    (void)state;
    int64_t rows = 0;
    assert_ok(publish("", 1, "x"));
    assert_ok(publish("TB-1", 2, "x"));
    assert_ok(store_query_int(registry_store(registry),
                              "SELECT count(*) FROM audit WHERE event = 'parameters_published'",
                              &rows));
    assert_int_equal(rows, 2);
}

int main(void)
{
#define WITH_REGISTRY(test) cmocka_unit_test_setup_teardown(test, make_registry, drop_registry)
    const struct CMUnitTest tests[] = {
        WITH_REGISTRY(the_models_own_or_that_for_all),
        WITH_REGISTRY(numbers_rise_over_all_documents),
        WITH_REGISTRY(what_is_no_document_is_refused),
        WITH_REGISTRY(read_in_parts),
        WITH_REGISTRY(a_publication_is_audited),
    };
    return cmocka_run_group_tests_name("registry_parameters", tests, NULL, NULL);
}
