"""The algorithms, one a file; the provider takes every ``EngineAlgorithm`` it finds here."""
