"""The alerts that stand: kept for the box's page, and told to a broker where the site wants that."""
