"""The cost of an app's resources, estimated from AWS's list prices."""
