"""The command line: arguments, headless training, tier reports and encoding."""
