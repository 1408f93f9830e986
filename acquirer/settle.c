/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settlement (结算): a terminal says what its batch adds up to (0500), and is told whether the
 * host's own fold of the journal says the same. If it does, the batch is closed. If not, the
 * terminal uploads its payments (0320), the host makes a work item of each difference, and closes.
 *
 * Every message may come late, twice or not at all: the row that closes a batch is appended once,
 * and from then on every message about it is answered from that row and changes nothing.
 */
#include "acquirer/host.h"
#include "journal/close.h"

static const enum payment_settle_flag flags[JOURNAL_CLOSINGS] = {
    [JOURNAL_CLOSED_EQUAL] = PAYMENT_SETTLE_EQUAL,
    [JOURNAL_CLOSED_UPLOAD] = PAYMENT_SETTLE_DIFFERENT,
    [JOURNAL_CLOSED_LEFT] = PAYMENT_SETTLE_ERROR,
};

static void say(struct payment_settlement *answer, const char *code, enum payment_settle_flag flag)
{
    memcpy(answer->response_code, code, sizeof answer->response_code);
    answer->flag = flag;
}

/* 0500 about the batch that is open. */
static err totals(struct acquirer *a, struct terminal *t, bool left, struct payment_settlement *s)
{
    /* Of a payment that is not decided nobody can say on which side it will be. */
    if (t->undecided > 0) {
        say(s, "96", PAYMENT_SETTLE_ERROR);
        return OK;
    }
    if (payment_totals_equal(&s->totals, &t->totals)) {
        say(s, "00", PAYMENT_SETTLE_EQUAL);
        return batch_close_equal(a, t, left, &s->totals);
    }
    say(s, "00", PAYMENT_SETTLE_DIFFERENT);
    watch_note(a, WATCH_BATCH_DIFFERS, bytes_text(t->tid),
               "batch %06u: the terminal has %lld and %lld, the host %lld and %lld", t->batch,
               (long long)s->totals.side[PAYMENT_SIDE_DEBIT].minor,
               (long long)s->totals.side[PAYMENT_SIDE_CREDIT].minor,
               (long long)t->totals.side[PAYMENT_SIDE_DEBIT].minor,
               (long long)t->totals.side[PAYMENT_SIDE_CREDIT].minor);
    return record_ask(a, t, &s->totals);
}

/* 0320 with rows. */
static err rows(struct acquirer *a, const struct terminal *t, struct payment_settlement *s)
{
    int64_t there = 0;
    TRY(record_uploaded(a, t, &there));
    say(s, there + s->rows > PAYMENT_UPLOAD_MAX ? "30" : "00", PAYMENT_SETTLE_ASKED);
    return s->response_code[0] == '3' ? OK : record_upload(a, t, s->row, s->rows);
}

/* 0320 at the end. 95: what came is not what was sent; the upload begins again. */
static err end(struct acquirer *a, uint32_t place, struct terminal *t, bool left,
               struct payment_settlement *s)
{
    struct payment_totals said;
    int64_t there = 0;
    err asked = record_asked(a, t, &said);
    if (FAILED(asked) && asked.code != ERR_NOT_FOUND) return asked;
    TRY(record_uploaded(a, t, &there));
    say(s, FAILED(asked) ? "12" : there != s->rows ? "95" : "00", PAYMENT_SETTLE_ASKED);
    if (t->undecided > 0) say(s, "96", PAYMENT_SETTLE_ASKED);
    return strcmp(s->response_code, "00") == 0 ? batch_close_upload(a, place, t, left, &said) : OK;
}

/* About a batch that is closed: as it was then. */
static void again(struct acquirer *a, struct payment_settlement *s, uint16_t mti,
                  const struct journal_close *close)
{
    bool other = mti == 0x0500 && close->how != JOURNAL_CLOSED_LEFT &&
                 !payment_totals_equal(&s->totals, &close->terminal);
    say(s, other ? "94" : "00", other ? PAYMENT_SETTLE_ERROR : flags[close->how]);
    if (other)
        watch_note(a, WATCH_CONFLICT, bytes_text(s->tid),
                   "batch %06u is settled again with other totals", s->batch);
}

/* About a batch that is open, or was left so. */
static err of_batch(struct acquirer *a, uint32_t place, uint16_t mti, struct terminal *t, bool left,
                    struct payment_settlement *s)
{
    if (mti == 0x0500) return totals(a, t, left, s);
    return s->end ? end(a, place, t, left, s) : rows(a, t, s);
}

static err judge(struct acquirer *a, uint32_t place, uint16_t mti, struct payment_settlement *s)
{
    struct terminal *t = &a->terminal[place];
    struct journal_close close;
    if (!t->active || strcmp(s->mid, t->mid) != 0) {
        say(s, "03", PAYMENT_SETTLE_ERROR);
        return OK;
    }
    err found = journal_close_find(a->store, t->tid, s->batch, &close);
    if (!FAILED(found)) {
        again(a, s, mti, &close);
        return OK;
    }
    if (found.code != ERR_NOT_FOUND) return found;
    if (s->batch == t->batch) return of_batch(a, place, mti, t, false, s);
    struct terminal before; /* as it was in the batch that it has left */
    err left = record_left_find(a, t, s->batch, &before);
    if (!FAILED(left)) return of_batch(a, place, mti, &before, true, s);
    if (left.code != ERR_NOT_FOUND) return left;
    say(s, "77", PAYMENT_SETTLE_ERROR);
    return OK;
}

err settle_asked(struct acquirer *a, struct session *session,
                 const struct iso8583_frame_header *header, const struct iso8583_message *message)
{
    struct payment_settlement s;
    const struct terminal *t = &a->terminal[session->terminal];
    err parsed = payment_settlement_parse(t->profile, message, &s);
    if (FAILED(parsed)) {
        a->counts.malformed++;
        return reply_refuse(a, session, header, message, "30");
    }
    TRY(judge(a, session->terminal, message->mti, &s));
    if (strcmp(s.response_code, "00") != 0) a->counts.refused++;
    return reply_settlement(a, session, header, (uint16_t)(message->mti | 0x0010), &s);
}
