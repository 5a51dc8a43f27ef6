"""Basic geographic data (基础数据资源、地理编码).

Owns divisions, unit grids and their responsibility, code schemes, map features and vector tiles.
"""
