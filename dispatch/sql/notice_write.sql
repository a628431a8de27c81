-- Writes a notice to each user who doesn't have it yet, and what its channels have to send.
-- users bigint[]; gmina, alert (or null) ids; kind, key text; data jsonb; mail: whether e-mail is on.
-- Returns the number of notices written. A user who is no longer active is left out.
WITH written AS (
    INSERT INTO dispatch_staffnotice (user_id, gmina_id, alert_id, kind, key, data, created_at)
    SELECT id, %(gmina)s, %(alert)s, %(kind)s, %(key)s, %(data)s::jsonb, now()
    FROM accounts_user
    WHERE id = ANY(%(users)s::bigint[]) AND is_active
    ON CONFLICT (user_id, key) DO NOTHING
    RETURNING id, user_id
), mailed AS (
    INSERT INTO dispatch_noticedelivery (notice_id, channel, state, attempt, not_before, error)
    SELECT id, 'email', 0, 0, now(), '' FROM written WHERE %(mail)s
), pushed AS (
    INSERT INTO dispatch_noticedelivery (notice_id, channel, phone_id, state, attempt, not_before, error)
    SELECT written.id, 'push', phone.id, 0, 0, now(), ''
    FROM written
    JOIN dispatch_staffphone AS phone USING (user_id)
)
SELECT count(*) AS written FROM written
