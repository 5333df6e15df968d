"""The audit trail of item changes (AUD-1): the wiring here, what runs in AWS Lambda in `handler`."""
