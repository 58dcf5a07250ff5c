"""The walking engine: the network, how places join it, and everything that is reached over it."""
