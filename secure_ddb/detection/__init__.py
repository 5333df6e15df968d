"""Detection: EventBridge rules that tell people what happens to tables and to what protects them (DET-1 to DET-9)."""
