"""What responders run during and after an incident, beside the runbooks of `secure_ddb.containment`."""
