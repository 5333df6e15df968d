"""Payroll items that are encrypted and signed before they leave the application, under a key of each company."""
