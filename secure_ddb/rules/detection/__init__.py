"""Rules on detection: whether somebody is told what happens to tables."""
