"""Who may use a table: grants, their statements, guardrails."""
