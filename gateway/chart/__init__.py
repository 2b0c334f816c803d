"""Small charts of load over time: drawn as shapes, and written as SVG or PNG. Nothing but the standard library."""
