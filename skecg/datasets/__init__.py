"""Recordings as arrays: a synthetic cohort, PTB-XL and tables."""
