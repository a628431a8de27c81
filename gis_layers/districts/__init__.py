"""Districts that nobody has borders of: by localities, or by lists of addresses."""
