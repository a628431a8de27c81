-- Makes final what nobody may send any more though its time has not come: open deliveries in
-- unclaimed batches of messages that were halted or expired, or whose alert is over.
-- running: states of an alert that is told; after_the_end: kinds of message that its end sends;
-- open: codes that are not final; stopped, gave_up: the codes they get (outcomes.py).
-- A batch that is with a sender is passed over: it ends the same way when it comes back.
-- Index: batch_open (priority, id) WHERE state < 2.
WITH ending AS MATERIALIZED (
    SELECT batch.id,
        (CASE WHEN message.halted_reason = '' AND message.expires_at <= now()
            THEN %(gave_up)s ELSE %(stopped)s END)::smallint AS code
    FROM dispatch_batch batch
    JOIN dispatch_message message ON message.id = batch.message_id
    JOIN dispatch_alert alert ON alert.id = message.alert_id
    WHERE batch.state = 0
        AND (message.halted_reason <> ''
            OR message.expires_at <= now()
            OR (alert.state <> ALL (%(running)s) AND message.kind <> ALL (%(after_the_end)s)))
    FOR UPDATE OF batch SKIP LOCKED
), ended AS (
    UPDATE dispatch_batch batch
    SET state = 2,
        codes = (
            SELECT array_agg(
                CASE WHEN each.code = ANY (%(open)s) THEN ending.code ELSE each.code END
                ORDER BY each.pos)
            FROM unnest(batch.codes) WITH ORDINALITY AS each(code, pos)
        ),
        wake_at = NULL,
        not_before = NULL,
        done_at = now()
    FROM ending
    WHERE batch.id = ending.id
    RETURNING batch.message_id, batch.priority, ending.code, batch.codes
), tallied AS (
    INSERT INTO dispatch_tally (at, message_id, priority, code, n)
    SELECT now(), message_id, priority, code, sum(cardinality(array_positions(codes, code)))
    FROM ended
    GROUP BY message_id, priority, code
)
SELECT FROM ended
