"""The history that belongs to the filled cases, made by PostgreSQL from the cases and comments themselves."""

_EVENTS = """
INSERT INTO cases_caseevent (case_id, kind, actor_id, comment_id, data, is_internal, created_at)
SELECT case_id, kind, actor_id, comment_id, data, is_internal, created_at FROM (
    SELECT c.id AS case_id, 'opened' AS kind, k.user_id AS actor_id, NULL::bigint AS comment_id,
        jsonb_build_object('origin', c.origin, 'severity', c.severity) AS data, false AS is_internal,
        c.opened_at AS created_at, 0 AS turn
    FROM cases_case c JOIN accounts_contact k ON k.id = c.contact_id
    UNION ALL
    SELECT id, 'assigned', owner_id, NULL, jsonb_build_object('from', NULL, 'to', owner_id), false,
        opened_at + interval '1 minute', 1
    FROM cases_case WHERE owner_id IS NOT NULL
    UNION ALL
    SELECT id, 'status_changed', owner_id, NULL, '{"from": "new", "to": "in_progress"}', false,
        opened_at + interval '1 minute', 2
    FROM cases_case WHERE owner_id IS NOT NULL
    UNION ALL
    SELECT case_id, CASE WHEN is_internal THEN 'noted' ELSE 'commented' END, author_id, id,
        jsonb_build_object('by', CASE WHEN is_internal THEN 'support' ELSE 'customer' END), is_internal, created_at, 3
    FROM cases_comment
    UNION ALL
    SELECT id, 'status_changed', owner_id, NULL, '{"from": "in_progress", "to": "waiting"}', false, updated_at, 4
    FROM cases_case WHERE status = 'waiting'
    UNION ALL
    SELECT id, 'status_changed', owner_id, NULL, '{"from": "in_progress", "to": "solved"}', false, solved_at, 4
    FROM cases_case WHERE solved_at IS NOT NULL
    UNION ALL
    SELECT id, 'status_changed', NULL, NULL, '{"from": "solved", "to": "closed"}', false, closed_at, 5
    FROM cases_case WHERE status = 'closed'
) happened ORDER BY case_id, turn, created_at
"""
_UPLOADS = """
INSERT INTO files_upload (token, owner_id, state, name, content_type, size, sha256, file, created_at)
SELECT 'bench-' || e.id, e.actor_id, 'attached', 'agent-' || e.id || '.log', 'text/plain', 40960,
    repeat('0', 64), 'be/bench-' || e.id, e.created_at
FROM cases_caseevent e WHERE e.kind IN ('opened', 'commented') AND e.id % 20 = 0
"""
_ATTACHMENTS = """
INSERT INTO cases_caseattachment (case_id, event_id, upload_id, is_internal)
SELECT e.case_id, e.id, u.id, false FROM files_upload u
JOIN cases_caseevent e ON 'bench-' || e.id = u.token
"""
_FOLLOWERS = """
INSERT INTO cases_casefollower (case_id, user_id, created_at)
SELECT c.id, k.user_id, c.opened_at FROM cases_case c
JOIN LATERAL (
    SELECT user_id FROM accounts_contact WHERE account_id = c.account_id AND id <> c.contact_id ORDER BY id LIMIT 1
) k ON true
WHERE c.id % 8 = 0
"""
_MESSAGES = """
INSERT INTO notifications_message (kind, event, context, thread, actor_id, created_at)
SELECT 'cases.status_changed', 'case-event:' || e.id,
    jsonb_build_object('case', e.case_id, 'event', e.id, 'from', e.data ->> 'from', 'to', e.data ->> 'to',
        'comment', NULL),
    'case:' || e.case_id, e.actor_id, e.created_at
FROM cases_caseevent e WHERE e.kind = 'status_changed'
"""
_DELIVERIES = """
INSERT INTO notifications_delivery (message_id, channel, user_id, address, dedupe_key, state, attempts, last_error,
    not_before, digest_key, claim, mail_id, subject, text, html, sent_at, read_at, created_at)
SELECT m.id, channel, u.id, CASE channel WHEN 'mail' THEN u.email ELSE '' END,
    m.event || ':' || u.email || ':' || channel, 'sent', 1, '', m.created_at, '', '', '', 'Your case has moved',
    'It has.', '', m.created_at, m.created_at, m.created_at
FROM notifications_message m
JOIN cases_case c ON c.id = (m.context ->> 'case')::bigint
JOIN accounts_contact k ON k.id = c.contact_id JOIN accounts_user u ON u.id = k.user_id
CROSS JOIN unnest(ARRAY['mail', 'site']) AS channel
"""

HISTORY = (
    ("events", _EVENTS),
    ("uploads", _UPLOADS),
    ("attachments", _ATTACHMENTS),
    ("followers", _FOLLOWERS),
    ("messages", _MESSAGES),
    ("deliveries", _DELIVERIES),
)
