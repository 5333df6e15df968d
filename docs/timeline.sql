-- CloudTrail in Amazon Athena beside the archive of the audit trail; docs/timeline.md explains it. Run docs/archive.sql
-- first. Athena runs one statement at a time.
-- Put the bucket of the trail's log files for BUCKET, account and Region for theirs, and the first day for 2026/01/01.

-- The records, as AWS documents their table:
-- https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
CREATE EXTERNAL TABLE cloudtrail_records (
  eventversion string,
  useridentity struct<
    type: string, principalid: string, arn: string, accountid: string, invokedby: string, accesskeyid: string,
    username: string,
    sessioncontext: struct<
      attributes: struct<mfaauthenticated: string, creationdate: string>,
      sessionissuer: struct<type: string, principalid: string, arn: string, accountid: string, username: string>>>,
  eventtime string,
  eventsource string,
  eventname string,
  awsregion string,
  sourceipaddress string,
  useragent string,
  errorcode string,
  errormessage string,
  requestparameters string,
  responseelements string,
  eventid string,
  readonly string,
  resources array<struct<arn: string, accountid: string, type: string>>,
  eventtype string,
  recipientaccountid string,
  vpcendpointid string,
  eventcategory string
)
PARTITIONED BY (day string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://BUCKET/AWSLogs/111122223333/CloudTrail/eu-central-1/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy/MM/dd',
  'projection.day.range' = '2026/01/01,NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://BUCKET/AWSLogs/111122223333/CloudTrail/eu-central-1/${day}/'
);

-- The same without structures: who sent which request about what.
CREATE VIEW cloudtrail_calls AS
SELECT
  replace(day, '/', '-') AS day,
  eventtime AS at,
  eventid AS id,
  eventsource AS service,
  eventname AS action,
  coalesce(useridentity.arn, useridentity.invokedby, useridentity.principalid) AS who,
  useridentity.accesskeyid AS access_key,
  useridentity.sessioncontext.sessionissuer.arn AS role,
  sourceipaddress AS address,
  errorcode AS error,
  requestparameters AS request
FROM cloudtrail_records;

-- All that happened to one item: changes by its digest, requests by its key. CloudTrail writes keys without types.
SELECT date_format(from_unixtime(created), '%Y-%m-%dT%H:%i:%sZ') AS at, 'audit log' AS source, action,
  NULL AS who, NULL AS error, coalesce(changed, added, removed) AS about, event_id AS id
FROM audit_changes
WHERE key = 'q1Zt8sVw0mKxT5yBfN2rJ7uHc9LpDgEa4oIiSvXzQbM' AND day >= '2026-11-21'
UNION
SELECT at, 'CloudTrail', action, who, error, request, id
FROM cloudtrail_calls
WHERE service = 'dynamodb.amazonaws.com' AND request LIKE '%"pk":"a"%' AND request LIKE '%"sk":1%'
  AND day >= '2026-11-21'
ORDER BY at, source;

-- All that one role did, who assumed it, and who changed it.
SELECT DISTINCT at, service, action, who, access_key, address, error, request, id
FROM cloudtrail_calls
WHERE day >= '2026-11-21'
  AND (role = 'arn:aws:iam::111122223333:role/orders'
    OR (service IN ('sts.amazonaws.com', 'iam.amazonaws.com')
      AND (request LIKE '%"roleArn":"arn:aws:iam::111122223333:role/orders"%' OR request LIKE '%"roleName":"orders"%')))
ORDER BY at;

-- All that happened to one table on one day. Files and lines come late, so the next day's are read, too.
SELECT date_format(from_unixtime(created), '%Y-%m-%dT%H:%i:%sZ') AS at, 'audit log' AS source, action,
  NULL AS who, NULL AS error, key AS about, event_id AS id
FROM audit_changes
WHERE "table" = 'orders' AND day BETWEEN '2026-11-21' AND '2026-11-22'
  AND date_format(from_unixtime(created), '%Y-%m-%d') = '2026-11-21'
UNION
SELECT at, 'CloudTrail', action, who, error, request, id
FROM cloudtrail_calls
WHERE service = 'dynamodb.amazonaws.com' AND request LIKE '%orders%'
  AND day BETWEEN '2026-11-21' AND '2026-11-22' AND at LIKE '2026-11-21%'
ORDER BY at, source;
