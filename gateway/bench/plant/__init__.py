"""A plant to hold load management against: a site's fuses, other loads, stations, cars and meters, in its own time."""
