"""Names of the table's attributes, which its stack and its clients share."""

from __future__ import annotations

OWNER, RECORD, DEPARTMENT, BY_DEPARTMENT = "identity", "record", "department", "by-department"
# Of their own items, employees read all but pay and appraisal, and write how they can be reached.
WRITTEN_BY_EMPLOYEES = ["phone", "address"]
READ_BY_EMPLOYEES = ["name", "job_title", DEPARTMENT, *WRITTEN_BY_EMPLOYEES]


def require_text(name: str, value: object, longest: int = 2048) -> None:
    """Reject anything but valid text. The value is not shown: it may be a token or personal data.

    Raises:
        ValueError: It is empty, too long or no text; the message names the field.
    """
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        shown = f"a text of {len(value)} characters" if isinstance(value, str) else f"of type {type(value).__name__}"
        raise ValueError(f"{name} is {shown}; allowed: a text of 1 to {longest} characters, not only spaces")
