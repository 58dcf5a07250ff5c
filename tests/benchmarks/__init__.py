"""Speed, memory and error, measured in one run against the floor, the exact answer and the peers."""
