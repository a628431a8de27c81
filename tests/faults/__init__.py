"""Faults against real processes: killed, cut off, stopped, restarted (machine.py)."""
