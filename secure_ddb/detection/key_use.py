"""Requests to keys that fail because of the key itself, or of a quota (MON-4). Denied ones are in `AccessDenied`."""

from __future__ import annotations

from secure_ddb.detection.api_calls import API_CALL
from secure_ddb.detection.handler.watch import counted
from secure_ddb.detection.subject import Subject

KEY_FAILED = Subject(
    name="KeyFailed",
    happened="A request to a KMS key failed: the key is unusable, or a quota is exhausted.",
    pattern={
        "source": ["aws.kms"],
        "detail-type": [API_CALL],
        "detail": {"errorCode": [{"prefix": error} for error in counted.KEY_ERRORS]},
    },
    # The watch function writes the notice: a busy table whose key is disabled or throttled fails thousands of times.
    fields={},
    steps=(counted.KEY_FAILED.steps,),
    # Decrypt and GenerateDataKey only read.
    reads=True,
    is_counted=True,
)
