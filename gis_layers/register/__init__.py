"""What TERYT means for a gmina's layers: its changes, and the work they make."""
