"""The tokens of answers: how likely each was, what else could have come, and replays."""
