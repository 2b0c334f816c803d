"""What stands in for a kernel that this machine does not have: first on ``PYTHONPATH`` of a box that is a process."""
