"""`chengyun check soak`: a platform of its own with the living city, watched for leaks and lags."""
