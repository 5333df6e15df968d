"""Ids of controls, with the names of their catalogues. Those of the company and of NIST CSF stand as they are."""

from __future__ import annotations


def nist(*ids: str) -> tuple[str, ...]:
    """Return controls of NIST SP 800-53, revision 5."""
    return tuple(f"NIST.800-53.r5 {each}" for each in ids)


def security_hub(*ids: str) -> tuple[str, ...]:
    """Return controls of AWS Security Hub."""
    return tuple(f"Security Hub {each}" for each in ids)


def cis(*ids: str) -> tuple[str, ...]:
    """Return controls of the CIS AWS Foundations Benchmark."""
    return tuple(f"CIS AWS Foundations Benchmark v5.0.0/{each}" for each in ids)


def pci(*ids: str) -> tuple[str, ...]:
    """Return requirements of PCI DSS."""
    return tuple(f"PCI DSS v4.0.1/{each}" for each in ids)
