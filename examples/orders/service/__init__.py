"""What the two functions run. It needs nothing but boto3, which AWS Lambda brings along."""
