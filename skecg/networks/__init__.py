"""Network architectures: plain functions that return a Keras model."""
