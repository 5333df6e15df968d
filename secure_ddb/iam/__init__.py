"""Evaluates IAM policies with three-valued results: true, false, or unknown until deployment."""
