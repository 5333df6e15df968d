"""What the function runs. It needs nothing but boto3, which AWS Lambda brings along."""
