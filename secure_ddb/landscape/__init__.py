"""Which resource serves which table: keys, alarms, audit trail, backups and network."""
