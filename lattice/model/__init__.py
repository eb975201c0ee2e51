"""The student: mapper, cell prototype, rollout and extractor."""
