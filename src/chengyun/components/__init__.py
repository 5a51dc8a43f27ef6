"""Components (部件): their types, as far as a case needs them."""
