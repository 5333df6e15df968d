"""The audit trail of item changes (AUD-1): the wiring here, the Lambda code in `handler`."""
