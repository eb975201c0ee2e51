"""The data panel: source, budget, samples, dropped rows."""
