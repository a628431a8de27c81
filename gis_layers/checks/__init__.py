"""What may be wrong with a layer as an edition would show it, whatever the edition came from."""
