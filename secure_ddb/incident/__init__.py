"""Commands for responders during and after an incident, in addition to the runbooks of `secure_ddb.containment`."""
