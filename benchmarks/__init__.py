"""Measurements. They print numbers for people to judge; none of them is a test."""
