"""Measurements. They print numbers for people to judge; none of them is a test.

Here, because it has to be set before CDK's Node process starts: CDK's own validation of templates takes most of
a synth and the same for every template of a size, so it would only blur what is compared. To measure with it,
set CDK_VALIDATION=true.
"""

import os

os.environ.setdefault("CDK_VALIDATION", "false")
