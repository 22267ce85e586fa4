"""PE3xx: weights, scores and grades."""
