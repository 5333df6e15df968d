-- The archive of an audit trail in Amazon Athena; docs/archive.md explains it. Athena runs one statement at a time.
-- Put the bucket's name for BUCKET, and the day of the first deployment for 2026-01-01.

-- Each line as it is. Fields are not split here, so that no line is left out, whatever it looks like.
CREATE EXTERNAL TABLE audit_lines (line string)
PARTITIONED BY (day string)
STORED AS TEXTFILE
LOCATION 's3://BUCKET/audit/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2026-01-01,NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://BUCKET/audit/day=${day}/'
);

-- The changes among them, with the fields of secure_ddb/audit_trail/record.schema.json. What is nested stays JSON.
CREATE VIEW audit_changes AS
SELECT
  day,
  try(CAST(json_extract_scalar(line, '$.schema') AS integer)) AS schema,
  json_extract_scalar(line, '$.event_id') AS event_id,
  json_extract_scalar(line, '$.table') AS "table",
  json_extract_scalar(line, '$.region') AS region,
  json_extract_scalar(line, '$.action') AS action,
  json_extract_scalar(line, '$.cause') AS cause,
  json_extract_scalar(line, '$.shard') AS shard,
  json_extract_scalar(line, '$.sequence_number') AS sequence_number,
  try(CAST(json_extract_scalar(line, '$.created') AS double)) AS created,
  json_extract_scalar(line, '$.key') AS key,
  json_format(json_extract(line, '$.keys')) AS keys,
  json_format(json_extract(line, '$.added')) AS added,
  json_format(json_extract(line, '$.removed')) AS removed,
  json_format(json_extract(line, '$.changed')) AS changed,
  json_format(json_extract(line, '$.clear')) AS clear,
  json_format(json_extract(line, '$.batch')) AS batch,
  json_extract_scalar(line, '$.previous') AS previous,
  json_extract_scalar(line, '$.previous_lost') AS previous_lost,
  json_extract_scalar(line, '$.link') AS link,
  json_extract_scalar(line, '$.link_mac') AS link_mac
FROM audit_lines
WHERE json_extract_scalar(line, '$.event_id') IS NOT NULL;

-- The history of one item, by the digest of its key. A change that was logged or archived twice is shown once.
SELECT DISTINCT
  lpad(sequence_number, 40, '0') AS place,
  from_unixtime(created) AS at,
  action, cause, added, removed, changed, clear
FROM audit_changes
WHERE key = 'q1Zt8sVw0mKxT5yBfN2rJ7uHc9LpDgEa4oIiSvXzQbM' AND day >= '2026-01-01'
ORDER BY place;

-- The changes of a day, by action. Their lines reach the archive within minutes, or after failures within two days.
SELECT "table", action, cause, count(DISTINCT event_id) AS changes
FROM audit_changes
WHERE day BETWEEN '2026-11-21' AND '2026-11-23'
  AND date_format(from_unixtime(created), '%Y-%m-%d') = '2026-11-21'
GROUP BY "table", action, cause
ORDER BY "table", action, cause;

-- The records that could not be written, how often that was tried, and whether they were written in the end.
SELECT failed.sequence_number, failed.event_id, failed.error, failed.attempts, changes.event_id IS NOT NULL AS written
FROM (
  SELECT
    json_extract_scalar(line, '$.failure.sequence_number') AS sequence_number,
    json_extract_scalar(line, '$.failure.event_id') AS event_id,
    json_extract_scalar(line, '$.failure.error') AS error,
    count(*) AS attempts
  FROM audit_lines
  WHERE day >= '2026-01-01' AND json_extract_scalar(line, '$.failure.sequence_number') IS NOT NULL
  GROUP BY 1, 2, 3
) AS failed
LEFT JOIN (SELECT DISTINCT event_id FROM audit_changes WHERE day >= '2026-01-01') AS changes
  ON changes.event_id = failed.event_id
ORDER BY failed.sequence_number;
