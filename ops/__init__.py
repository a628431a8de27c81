"""Set-up and supervision: what `make` calls. Standard library only, as it runs before .venv is."""
