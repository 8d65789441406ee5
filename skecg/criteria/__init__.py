"""Published ECG criteria of LVH."""
