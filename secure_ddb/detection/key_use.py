"""Requests to keys that fail because of the key itself, or of a quota (MON-4). Denied ones are in `AccessDenied`."""

from __future__ import annotations

from secure_ddb.detection.api_calls import API_CALL, BY, WHO
from secure_ddb.detection.subject import Subject

# How AWS KMS answers if a key is disabled, pending deletion or without its material, or if the quota of requests or
# of grants on a key, 50,000, is used up. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
# https://docs.aws.amazon.com/kms/latest/developerguide/throttling.html
# https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
_ERRORS = ["Disabled", "KMSInvalidState", "KeyUnavailable", "LimitExceeded", "Throttling"]
KEY_FAILED = Subject(
    name="KeyFailed",
    happened="A request to a KMS key failed: the key is unusable, or a quota is exhausted.",
    pattern={
        "source": ["aws.kms"],
        "detail-type": [API_CALL],
        "detail": {"errorCode": [{"prefix": error} for error in _ERRORS]},
    },
    fields={"What": "<event> of key <key> <key-arn>", "Who": BY["Who"], "Why": "<error> <reason>"},
    paths={**WHO, "key": "$.detail.requestParameters.keyId", "key-arn": "$.detail.resources[0].ARN"},
    steps=(
        "Check the state of the key: run EnableKey or CancelKeyDeletion, or import its material again.",
        "A table whose key is unusable for seven days is archived.",
        "For ThrottlingException see the alarm KeyRequests; for LimitExceededException check the key's grants.",
    ),
    # Decrypt and GenerateDataKey only read.
    reads=True,
)
