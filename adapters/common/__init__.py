"""What adapters share: family stations, polled and led by the box itself."""
