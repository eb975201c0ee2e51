"""The command line: arguments, headless training, tier reports, encoding and exports."""
