"""Resources that several tables share (ADO-2)."""
