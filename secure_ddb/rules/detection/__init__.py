"""Rules on detection: whether changes to tables are reported."""
