"""Rules of components: codes, attributes, access."""
