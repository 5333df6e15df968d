"""Keeps items that expired. AWS Lambda hands their stream records over; nothing but boto3 is there."""
