-- Exports of a table in Amazon Athena; docs/exports.md explains them. Athena runs one statement at a time.
-- Put the bucket's name for BUCKET, the table's name in the bucket for orders, and the first day for 2026-01-01.

-- What was done: a line for each step of each export. It is small, and read as a whole.
CREATE EXTERNAL TABLE orders_journal (line string)
STORED AS TEXTFILE
LOCATION 's3://BUCKET/orders/journal/';

-- What full exports wrote, manifests included, each line as it is.
CREATE EXTERNAL TABLE orders_full (line string)
PARTITIONED BY (day string)
STORED AS TEXTFILE
LOCATION 's3://BUCKET/orders/full/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2026-01-01,NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://BUCKET/orders/full/day=${day}/'
);

-- What incremental exports wrote.
CREATE EXTERNAL TABLE orders_incremental (line string)
PARTITIONED BY (day string)
STORED AS TEXTFILE
LOCATION 's3://BUCKET/orders/incremental/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2026-01-01,NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://BUCKET/orders/incremental/day=${day}/'
);

-- The exports that are complete, and where they are.
CREATE VIEW orders_exports AS
SELECT
  json_extract_scalar(line, '$.kind') AS kind,
  json_extract_scalar(line, '$.from') AS "from",
  json_extract_scalar(line, '$.to') AS "to",
  json_extract_scalar(line, '$.prefix') AS prefix,
  CAST(json_extract_scalar(line, '$.items') AS bigint) AS items
FROM orders_journal
WHERE json_extract_scalar(line, '$.step') = 'completed';

-- The lines of items, full and incremental. A failed attempt may have left lines; they belong to no complete export.
CREATE VIEW orders_lines AS
SELECT exports.kind, exports."from", exports."to", exports.prefix, written.line
FROM (
  SELECT regexp_extract("$path", 's3://[^/]+/(.+)/AWSDynamoDB/.*data/', 1) AS prefix, line FROM orders_full
  UNION ALL
  SELECT regexp_extract("$path", 's3://[^/]+/(.+)/AWSDynamoDB/.*data/', 1) AS prefix, line FROM orders_incremental
) AS written
JOIN orders_exports AS exports ON exports.prefix = written.prefix;

-- Periods that are missing: each begins where the one before ended. No row means that there is no gap.
SELECT previous AS missing_from, "from" AS missing_to
FROM (
  SELECT "from", lag("to") OVER (ORDER BY "from") AS previous FROM orders_exports WHERE kind = 'incremental'
) AS periods
WHERE previous IS NOT NULL AND previous < "from";

-- Exports that have not as many lines as DynamoDB says that it exported. No row means that all are there.
SELECT exports.prefix, exports.items, count(lines.line) AS lines
FROM orders_exports AS exports
LEFT JOIN orders_lines AS lines ON lines.prefix = exports.prefix
GROUP BY exports.prefix, exports.items
HAVING count(lines.line) <> exports.items;

-- The history of one item, by its key in DynamoDB's JSON: one state for each period in which it changed.
SELECT
  "from", "to",
  json_extract_scalar(line, '$.Metadata.WriteTimestampMicros.N') AS written,
  json_format(json_extract(line, '$.OldImage')) AS before,
  json_format(json_extract(line, '$.NewImage')) AS after
FROM orders_lines
WHERE kind = 'incremental' AND json_extract_scalar(line, '$.Keys.pk.S') = 'order-4711'
ORDER BY "from";
