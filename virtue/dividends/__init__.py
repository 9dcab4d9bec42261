"""The year's dividend: pots, trial sheets, what each household gets, and that it was paid."""
