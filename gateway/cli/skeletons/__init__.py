"""Skeletons of family files, one for each kind."""
