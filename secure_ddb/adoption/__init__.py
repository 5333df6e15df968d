"""Takes an existing table over: reads it, writes the `SecureTable` that keeps it, and says what differs and how."""
