"""Relations between the resources of templates, each looked up once."""
