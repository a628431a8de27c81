"""From a file to a staged edition: read, check, repair, match, stage."""
