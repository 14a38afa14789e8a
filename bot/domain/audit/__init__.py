"""The audit log: its entries in a hash chain, its keys, and its verification. docs/audit.md is its specification."""
