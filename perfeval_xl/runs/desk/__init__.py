"""The parts of a batch: what was handed in, one submission examined, the processes that do it, what the store says."""
