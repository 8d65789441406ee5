"""Displays in scikit-learn's form."""
