-- Which EVSEs may still hold a limit is noted by what gives limits, whatever profiles the box offers.
UPDATE OR REPLACE document SET shelf = 'limits' WHERE shelf = 'smart_charging' AND name = 'limited';
