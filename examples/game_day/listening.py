"""Listens at the alarm topic, through a queue of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from examples.game_day.game import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.game_day.game import Game

_WAIT_SECONDS = 20


class Listener:
    """A queue that gets what the topic sends."""

    def __init__(self, game: Game, topic_arn: str) -> None:
        """Make the queue and subscribe it."""
        self._queues, topics = game.client("sqs"), game.client("sns")
        self._url = str(self._queues.create_queue(QueueName=NAME)["QueueUrl"])
        game.cleanup.add(f"queue {NAME}", lambda: self._queues.delete_queue(QueueUrl=self._url))
        arn = self._queues.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self._queues.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        subscription = topics.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
        subscribed = str(subscription["SubscriptionArn"])
        game.cleanup.add("subscription", lambda: topics.unsubscribe(SubscriptionArn=subscribed))

    def hear(self) -> Iterator[str]:
        """Return the messages that have come, after a wait of some seconds if there are none."""
        answer = self._queues.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=_WAIT_SECONDS)
        for message in answer.get("Messages", ()):
            self._queues.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            yield str(json.loads(message["Body"])["Message"])
