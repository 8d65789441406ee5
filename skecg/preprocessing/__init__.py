"""Transformers that prepare ECG records for a classifier."""
