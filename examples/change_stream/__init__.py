"""A table whose changes go through a Kinesis stream to a function: its stack and its code."""
