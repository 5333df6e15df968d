"""The code of the token service's functions. It needs boto3 only, which AWS Lambda's Python has."""
