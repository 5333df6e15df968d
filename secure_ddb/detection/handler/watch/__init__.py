"""What AWS Lambda runs each hour, and when a key changes or a request is denied. Only boto3 has to be there."""
