"""Classifiers that find LVH."""
