"""Settings that a company makes once, for all tables of an app or stage."""
