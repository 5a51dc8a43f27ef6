"""Files of components: what is read and written, and how columns become fields."""
