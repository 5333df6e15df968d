"""Profiles of employees, which clients on the internet read and write in DynamoDB themselves, each user their own."""
