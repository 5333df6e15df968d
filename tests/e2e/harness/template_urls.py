"""CloudFormation reads a template by a URL that names the bucket in its host, as the CDK CLI and the sandbox script do.

The emulator's reads only those that name it in the path.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from __future__ import annotations

import re
from urllib.parse import ParseResult, urlparse

from ministack.services.cloudformation import helpers

_HOST = re.compile(r"(?P<bucket>.+)\.s3\.[a-z0-9-]+\.amazonaws\.com")


def install() -> None:
    """Move the bucket into the path before the emulator looks for it there."""
    helpers.urlparse = _with_bucket_in_path


def _with_bucket_in_path(url: str) -> ParseResult:
    parsed = urlparse(url)
    host = _HOST.fullmatch(parsed.netloc)
    return parsed._replace(path=f"/{host['bucket']}{parsed.path}") if host else parsed
