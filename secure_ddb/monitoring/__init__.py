"""Metrics, alarms and the topic that carries them (MON-1, MON-2)."""
