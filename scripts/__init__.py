"""Programs for those who develop the tap."""
