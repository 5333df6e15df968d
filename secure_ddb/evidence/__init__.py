"""Evidence for security: results by control, and the manual evidence that is still needed."""
