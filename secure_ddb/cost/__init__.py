"""What the resources of an app cost, as an estimate from AWS's list prices."""
