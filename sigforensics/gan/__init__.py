"""The generator and its training: the only user of TensorFlow. Import from the modules: each import of one costs seconds."""
