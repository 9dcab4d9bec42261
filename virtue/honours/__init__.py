"""Honours: the eight stars; titles and campaigns; what a household is known for."""
