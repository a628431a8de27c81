"""The demonstration: two gminas with made people, and the main job run on them."""
