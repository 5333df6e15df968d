"""Runs the command."""

from examples.game_day.command import main

main()
