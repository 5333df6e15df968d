"""All requirements, by service."""

from __future__ import annotations

from tests.acceptance.requirements.backup import BACKUP
from tests.acceptance.requirements.consumers import EXPORTS, OTHER_ACCOUNTS, STREAM_CONSUMERS
from tests.acceptance.requirements.event_source_mapping import EVENT_SOURCE_MAPPING, FUNCTION
from tests.acceptance.requirements.item_copies import EXPIRED_ITEMS, SCHEDULED_EXPORTS
from tests.acceptance.requirements.logs import (
    ENCRYPTED_LOG_GROUP,
    FIREHOSE_DELIVERY,
    TRAIL_DELIVERY,
    TRAIL_TO_LOG_GROUP,
)
from tests.acceptance.requirements.table_key import TABLE_KEY
from tests.acceptance.requirements.topic import TOPIC

REQUIREMENTS = (
    *TABLE_KEY,
    *EVENT_SOURCE_MAPPING,
    *FUNCTION,
    *BACKUP,
    *ENCRYPTED_LOG_GROUP,
    *FIREHOSE_DELIVERY,
    *TRAIL_DELIVERY,
    *TRAIL_TO_LOG_GROUP,
    *TOPIC,
    *STREAM_CONSUMERS,
    *EXPORTS,
    *OTHER_ACCOUNTS,
    *SCHEDULED_EXPORTS,
    *EXPIRED_ITEMS,
)
