"""The compiled loops of the walking engine, over arrays alone; nothing else is compiled."""
