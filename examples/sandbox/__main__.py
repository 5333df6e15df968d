"""Runs the command."""

from examples.sandbox.command import main

main()
