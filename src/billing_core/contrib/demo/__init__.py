"""The main job, playable: fourteen months of renewals of true-to-life customers on SQLite."""
