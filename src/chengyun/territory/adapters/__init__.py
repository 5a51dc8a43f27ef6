"""Foreign file formats: CSV of divisions, GeoJSON."""
