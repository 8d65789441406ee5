"""Class balancing on ECG records."""
